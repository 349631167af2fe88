package emulator

import (
	"strings"
	"testing"
	"time"
)

// bound binds and returns the parameters with the X and the SubsId.
func (e *endpoint) bound(t testing.TB, pairs ...string) (p params, x, id string) {
	t.Helper()
	p = newBind().with(pairs...)
	a := e.raw(t, p.get())
	if a.fields["Code"] != "OK" {
		t.Fatal(a.body)
	}
	return p, a.fields["SecretBindDTO.SecretNo"], a.fields["SecretBindDTO.SubsId"]
}

// TestRing dials an X in both directions, and in all the ways that reach nobody.
func TestRing(t *testing.T) {
	e := serve(t, config(t, ""), fixed)
	const out = `your Out*Id~+/= 号码`
	p, x, id := e.bound(t, "OutId", out)
	a, b := p["PhoneNoA"], p["PhoneNoB"]
	base := Receipt{PoolKey: BuiltinPool, SubID: id, OutID: out, PhoneNo: a, SecretNo: x, PeerNo: b,
		CallTime: "2026-11-23 16:30:00", RingTime: "2026-11-23 16:30:00", StartTime: "2026-11-23 16:30:00", ReleaseTime: "2026-11-23 16:31:00", ReleaseDir: 1}
	back := base
	back.CallType = 1
	missed := base
	missed.ReleaseTime = missed.StartTime
	calls := map[string]bool{}
	for _, c := range []struct {
		from    string
		talk    time.Duration
		reached string
		reason  string
		receipt Receipt
	}{
		{a, time.Minute, b, "", base}, {b, time.Minute, a, "", back}, {a, 0, "", NoAnswer, missed},
	} {
		got, ok := e.Ring(x, c.from, c.talk)
		if !ok || got.Receipt == nil || got.Reached != c.reached || got.Reason != c.reason || got.Connected != (c.reason == "") {
			t.Fatalf("from %s: %+v %v", c.from, got, ok)
		}
		if calls[got.Receipt.CallID] || got.Receipt.CallID == "" {
			t.Errorf("call_id %q came before", got.Receipt.CallID)
		}
		calls[got.Receipt.CallID] = true
		if c.receipt.CallID = got.Receipt.CallID; *got.Receipt != c.receipt {
			t.Errorf("receipt\n%+v, want\n%+v", *got.Receipt, c.receipt)
		}
	}
	for _, c := range []struct{ x, from, reason string }{{x, "13000000000", NoBinding}, {"17099999999", a, NoNumber}, {x, x, NoBinding}} {
		if got, ok := e.Ring(c.x, c.from, time.Minute); !ok || got.Connected || got.Reason != c.reason || got.Receipt != nil {
			t.Errorf("%s from %s: %+v %v", c.x, c.from, got, ok)
		}
	}
	for _, c := range []struct {
		x, from string
		talk    time.Duration
	}{{"", a, 0}, {x, "", 0}, {x, "+86", 0}, {x, a, -1}, {x, a, MaxTalk + 1}} {
		if got, ok := e.Ring(c.x, c.from, c.talk); ok {
			t.Errorf("%q from %q for %v: %+v", c.x, c.from, c.talk, got)
		}
	}
	e.MoveClock(24 * time.Hour)
	if got, _ := e.Ring(x, a, time.Minute); got.Reason != NoBinding {
		t.Errorf("after the end of the binding: %+v", got)
	}
}

// TestRingRestricted holds CallRestrict: one direction is closed and the other is not.
func TestRingRestricted(t *testing.T) {
	e := serve(t, config(t, ""), fixed)
	for restrict, closed := range map[string]string{"CONTROL_AX_DISABLE": "PhoneNoA", "CONTROL_BX_DISABLE": "PhoneNoB", "": ""} {
		p, x, _ := e.bound(t, "CallRestrict", restrict)
		for _, from := range []string{"PhoneNoA", "PhoneNoB"} {
			got, ok := e.Ring(x, p[from], time.Minute)
			if !ok || got.Connected != (from != closed) || (got.Reason == Restricted) != (from == closed) || got.Receipt == nil {
				t.Fatalf("%q from %s: %+v", restrict, from, got)
			}
			if r := got.Receipt; from == closed && (r.StartTime != r.ReleaseTime || r.ReleaseDir != releasedByPlatform || got.Reached != "") {
				t.Errorf("%q from %s: %+v", restrict, from, *r)
			}
		}
	}
}

// TestReceiptPoint lets a deviation change call records, and counts it.
func TestReceiptPoint(t *testing.T) {
	e := serve(t, config(t, ""), fixed)
	p, x, _ := e.bound(t, "OutId", "12345678")
	cut := &active{Deviation: &Deviation{ID: "test", at: onReceipt(func(r *Receipt) bool {
		before := r.OutID
		r.OutID = before[:min(4, len(before))]
		return r.OutID != before
	})}}
	cut.points = cut.Deviation.at.make(e.Server)
	e.deviations = &deviations{list: []*active{cut}}
	if got, _ := e.Ring(x, p["PhoneNoA"], time.Minute); got.Receipt.OutID != "1234" || e.Hits()["test"] != 1 || cut.Point() != "receipt" {
		t.Errorf("%+v, hits %v, point %s", *got.Receipt, e.Hits(), cut.Point())
	}
	if _, x, _ := e.bound(t, "PhoneNoA", "13100000001"); true {
		if got, _ := e.Ring(x, "13100000001", time.Minute); got.Receipt.OutID != "" || e.Hits()["test"] != 1 {
			t.Errorf("%+v, hits %v", *got.Receipt, e.Hits())
		}
	}
}

// TestReset ends bindings, and nonces only when it is told to.
func TestReset(t *testing.T) {
	e := serve(t, config(t, ""), fixed)
	p, x, _ := e.bound(t)
	again := func() string { return e.raw(t, p.get()).fields["Code"] }
	if list, _, ok := e.Bindings(x); !ok || len(list) != 1 || e.Truth().Live != 1 || again() != "SignatureNonceUsed" {
		t.Fatalf("before the reset: %v %v", list, e.Truth())
	}
	e.Reset(false)
	if list, _, ok := e.Bindings(x); !ok || len(list) != 0 || e.Truth().Live != 0 || again() != "SignatureNonceUsed" {
		t.Errorf("after a reset: %v %v", list, e.Truth())
	}
	if e.Reset(true); again() != "OK" || again() != "SignatureNonceUsed" {
		t.Error("after a reset with nonces a request cannot be sent again, or twice")
	}
}

// TestInspect looks at pools and bindings.
func TestInspect(t *testing.T) {
	e := serve(t, config(t, `
pools: [{key: S, mode: strict, pairs: 1, numbers: {杭州市: ["17100000000"], 北京: ["17100000001-17100000002"]}}]
accounts: [{name: other, credentials: [{id: o, secret: s}], pools: [{key: O, size: 10, first: "17200000000"}]}]
`), fixed)
	p, x, id := e.bound(t, "PoolKey", "S", "ExpectCity", "杭州", "OutId", "mine", "IsRecordingEnabled", "true", "CallRestrict", "CONTROL_BX_DISABLE")
	pools := e.Pools()
	if len(pools) != 3 || pools[0].Key != "S" || pools[0].Account != MainAccount || pools[0].Mode != "strict" || pools[0].Size != 3 || pools[0].Live != 1 ||
		pools[1].Key != "O" || pools[1].Account != "other" || pools[1].Mode != "default" || pools[2].Key != BuiltinPool || pools[2].Size != 50_000 {
		t.Errorf("%+v", pools)
	}
	open := map[string][2]int{}
	for _, c := range pools[0].Cities {
		open[c.Name] = [2]int{c.Numbers, c.Open}
	}
	if open["杭州"] != [2]int{1, 0} || open["北京"] != [2]int{2, 2} {
		t.Errorf("cities %v", open)
	}
	want := BindingState{PoolKey: "S", SubsID: id, PhoneNoA: p["PhoneNoA"], PhoneNoB: p["PhoneNoB"], PhoneNoX: x, OutID: "mine", Created: "2026-11-23 16:30:00",
		Expiration: "2026-11-24 00:00:00", Recording: true, CallRestrict: "CONTROL_BX_DISABLE"}
	if list, _, ok := e.Bindings(x); !ok || len(list) != 1 || list[0] != want {
		t.Errorf("%+v, want %+v", list, want)
	}
	for _, none := range []string{"17199999999", "", "x", strings.Repeat("1", 40)} {
		if list, _, ok := e.Bindings(none); ok {
			t.Errorf("%q: %v", none, list)
		}
	}
	if d := e.Deviations(); d == nil || len(d) != 0 {
		t.Errorf("a correct server deviates: %v", d)
	}
}
