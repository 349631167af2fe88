package conformance

import (
	"bytes"
	"time"

	"axbench/conformance/client"
	"axbench/runner/wire"
)

// keptConnection sends calls of different kinds one after the other on one connection (TRN-9): each must get its own answer, and nothing
// else may come. Calls with a body that is refused come before others: what is left of it must not be taken for a call.
func keptConnection(t *trial) {
	pool := wire.NewPool(t.cfg.Target, wire.Limits{MaxIdle: time.Minute})
	defer pool.Close()
	var earlier []*exchange
	for i, r := range t.mixed() {
		if t.stopped() != "" {
			break
		}
		if i > 0 && i%4 == 0 {
			sleep(t.ctx, 20*time.Millisecond) // for bytes that come late
		}
		t.pace.wait(t.ctx)
		x := t.prepared(r)
		t.build(x)
		t.over(t.c, pool, x)
		if !x.answered() {
			earlier = nil // what comes next is on another connection
			continue
		}
		if x.reused {
			what := crossed(x, earlier)
			t.saw(x, what == "" || !t.apart(), "its own answer on a kept connection", orElse(what, x.got()), "TRN-9")
		} else {
			earlier = nil
		}
		earlier = append(earlier, x)
	}
	if n := pool.Stray(); n > 0 && len(earlier) > 0 {
		last := earlier[len(earlier)-1]
		t.saw(last, false, "nothing but answers on a kept connection", "bytes that no call was waiting for", "TRN-9")
	}
}

// lineEnds sends parameters with the end of a line and what looks like a field of a head behind it (TRN-9). Whether such a call is accepted is
// left open: what the caller wrote must not become part of the head of the answer.
func lineEnds(t *trial) {
	const name = "Axbench-Split"
	const value = "axbench\r\n" + name + ": 1"
	for _, param := range []string{"OutId", "ExpectCity", "PoolKey", "PhoneNoA", "PhoneNoX", "Expiration"} {
		r := t.bind().set(param, value).saying(param + " with the end of a line in it")
		if param == "Expiration" {
			r = t.dated(value).saying(r.words)
		}
		if t.stopped() != "" {
			return
		}
		x := t.send(r)
		switch {
		case !x.answered():
		case headerOf(x.head, name) != nil:
			t.saw(x, false, "no header that the caller wrote", "a header that the caller wrote", "TRN-9")
		default:
			t.holds(x, true, "no header that the caller wrote", "TRN-9")
		}
	}
}

// mixed are calls of which no two in a row get the same answer.
func (t *trial) mixed() []*request {
	numbers := []string{}
	if p := t.provision.Pool("main"); p != nil {
		numbers = p.All(64)
	}
	var list []*request
	for i := range 4 {
		bind := t.bind().saying("a bind on a kept connection")
		if len(numbers) >= 8 {
			bind.set("PhoneNoX", numbers[i*2])
		}
		list = append(list, bind,
			t.bind().set("PhoneNoA", t.lettered()).saying("a number with letters on a kept connection"),
			t.bind().set("OutId", newNonce()).saying("a bind with an OutId on a kept connection"),
			t.bind().with(asForm).with(spoiled(otherLast)).saying("a form with a wrong signature on a kept connection"))
	}
	return list
}

// crossed says what of an answer belongs to an earlier call on the same connection, "" for nothing.
func crossed(x *exchange, earlier []*exchange) string {
	for _, e := range earlier {
		switch {
		case len(x.body) > 0 && bytes.Equal(x.body, e.body):
			return "the body of an earlier answer"
		case x.bound() && e.bound() && x.subsID != "" && x.subsID == e.subsID:
			return "the SubsId of an earlier answer"
		}
	}
	return ""
}

// apart reports whether two such calls over connections of their own get different answers: otherwise the endpoint answers all in
// the same way, and the connection is not to blame.
func (t *trial) apart() bool {
	first := t.send(t.bind().alone().saying("a bind on a new connection"))
	second := t.send(t.bind().set("OutId", newNonce()).alone().saying("a bind on a new connection"))
	return first.answered() && second.answered() && crossed(second, []*exchange{first}) == ""
}

func orElse(text, other string) string {
	if text != "" {
		return text
	}
	return other
}

// gatewayErrors provokes every refusal of the gateway, in each format and by each method, and holds TRN-14.
func gatewayErrors(t *trial) {
	refusals := []struct {
		words string
		edit  edit
	}{
		{"a wrong signature", spoiled(otherLast)},
		{"no signature", unsigned},
		{"an unknown access key", func(d *client.Draft) {
			d.Credentials = client.Credentials{ID: "LTAI" + newNonce()[:12], Secret: newNonce()}
		}},
		{"an old Timestamp", moved(-24 * time.Hour)},
		{"a Timestamp without form", signedWith("Timestamp", "yesterday")},
		{"no SignatureNonce", without("SignatureNonce")},
		{"no AccessKeyId", without("AccessKeyId")},
		{"no Version", without("Version")},
		{"another Version", signedWith("Version", "1999-01-01")},
		{"an unknown Action", func(d *client.Draft) { d.Action = "NoSuchAction" }},
		{"another SignatureMethod", signedWith("SignatureMethod", "none")},
	}
	for _, refusal := range refusals {
		t.envelope(t.bind().with(refusal.edit).saying("a bind with " + refusal.words))
		t.envelope(t.bind().with(refusal.edit).with(asForm).alone().saying("a form with " + refusal.words))
		t.envelope(t.bind().with(refusal.edit).inXML().saying("a bind for XML with " + refusal.words))
	}
	x := t.send(t.bind().saying("a bind to be repeated"))
	t.envelope(t.resent(x).saying("a call that was sent before"))
}

// envelope judges TRN-14 by a call that the gateway has to refuse. An answer of the service has the form of the service.
func (t *trial) envelope(r *request) {
	const want = "Code, Message and RequestId with HTTP 4xx or 5xx"
	if t.stopped() != "" {
		return
	}
	x := t.send(r)
	switch {
	case x.ok(), x.throttled(), x.status/100 == 3:
	case x.failure == wire.Reset:
		again := t.send(r.clone().alone())
		if again.failure == wire.Reset && t.send(t.bind().saying("a plain bind for comparison")).ok() {
			t.saw(again, false, want, "the connection is closed without an answer, each time", "TRN-14")
		}
	case !x.answered():
	case !x.readable():
		t.holds(x, false, want, "TRN-14")
	case x.gateway():
		t.holds(x, !x.broke("TRN-14") && !x.broke("RSP-1") && !x.broke("RSP-6"), want, "TRN-14")
	}
}
