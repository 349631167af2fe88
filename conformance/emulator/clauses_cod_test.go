package emulator

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"axbench/conformance/contract"
)

// clausesLOD are what holds under load.
var clausesLOD = map[string]func(*trial){
	"LOD-1": func(tr *trial) {
		atOnce(64, func(i int) {
			for range 4 {
				tr.call(newBind().get())
				tr.bind("PhoneNoA", "x")
			}
		})
		for _, clause := range contract.Clauses {
			for _, fault := range tr.of(clause.ID) {
				tr.fault("%s", fault)
			}
		}
	},
	"LOD-2": func(tr *trial) {
		for i := range 8 {
			want := "OK"
			if i >= 3 { // three at once and one a minute
				want = "isv.FLOW_LIMIT"
			}
			if r := tr.as("limited", "PoolKey", "FC-limited"); r.code() != want || r.status != 200 || r.texts["RequestId"] == "" || r.texts["Message"] == "" {
				tr.fault("call %d: %d %s", i, r.status, r.body)
			}
		}
	},
	"LOD-3": func(tr *trial) {
		const pool = "FC-limited"
		before := tr.e.Truth().Live
		bound := int64(0)
		for range 30 {
			if tr.as("limited", "PoolKey", pool).code() == "OK" {
				bound++
			}
		}
		if live := tr.e.Truth().Live - before; live != bound || bound != 3 {
			tr.fault("%d bindings of %d that went well, want 3 of 3", live, bound)
		}
	},
	"LOD-4": func(tr *trial) {
		codes := map[string]int{}
		var mu sync.Mutex
		atOnce(8, func(int) {
			for range 5 { // a connection each
				r := tr.as("brisk", "PoolKey", "FC-brisk")
				mu.Lock()
				codes[r.code()]++
				mu.Unlock()
			}
		})
		if codes["OK"] > 20 || codes["OK"]+codes["isv.FLOW_LIMIT"] != 40 {
			tr.fault("40 calls over as many connections, of which two at once and one a second may pass: %v", codes)
		}
		tr.wants("another account", tr.as("other", "PoolKey", "FC999999"), "OK")
		lifted := false
		for range 60 {
			if len(tr.of("LOD-4")) > 0 {
				return
			}
			time.Sleep(50 * time.Millisecond)
			if r := tr.as("brisk", "PoolKey", "FC-brisk"); r.code() == "OK" {
				lifted = true
				break
			}
		}
		if !lifted {
			tr.fault("the limit does not lift")
		}
	},
	"LOD-5": func(tr *trial) {
		var passed atomic.Int64
		first := newBind()
		tr.ok("a call", tr.call(first.get()))
		atOnce(16, func(int) {
			p := newBind()
			for range 4 {
				r := tr.call(p.get())
				if r.code() == "OK" {
					passed.Add(1)
				} else if r.code() != "SignatureNonceUsed" {
					tr.fault("a replay: %s", r.code())
				}
			}
			tr.gateway("an old Timestamp", tr.bind("Timestamp", stamp(-time.Hour)), "InvalidTimeStamp.Expired")
		})
		if n := passed.Load(); n != 16 {
			tr.fault("%d of 16 nonces passed once", n)
		}
		tr.onOneConnection(underRace(200, 10_200), func(int) params { return newParams("QuerySubsId").with("PhoneNoX", "17000000000") })
		tr.gateway("a replay behind ten thousand calls", tr.call(first.get()), "SignatureNonceUsed")
	},
	"LOD-6": func(tr *trial) {
		var answered atomic.Int64
		before := tr.e.Truth().Arrivals
		atOnce(32, func(int) {
			for range 5 {
				if r := tr.call(newBind().get()); r.broken == "" {
					answered.Add(1)
				}
			}
		})
		if n := answered.Load(); n != 160 {
			tr.fault("160 calls were sent and %d answered", n)
		}
		truth := tr.e.Truth()
		for i := 0; i < 200 && truth.Answered+truth.Unwritten < before+160; i++ { // an answer is counted after the client has it
			time.Sleep(5 * time.Millisecond)
			truth = tr.e.Truth()
		}
		sum := int64(0)
		for _, n := range truth.Codes {
			sum += n
		}
		if truth.Arrivals != before+160 || truth.Answered != before+160 || sum != before+160 {
			tr.fault("%d arrived, %d answered, %d by code, want %d", truth.Arrivals, truth.Answered, sum, before+160)
		}
		tr.idle()
	},
	"LOD-7": func(tr *trial) {
		var mu sync.Mutex
		var xs []string
		atOnce(64, func(int) {
			for range 3 {
				if r := tr.bind("PoolKey", "FC000005", "PhoneNoA", "15012390000"); r.code() == "OK" {
					mu.Lock()
					xs = append(xs, r.x())
					mu.Unlock()
				} else if r.code() != "isv.NO_AVAILABLE_NUMBER" {
					tr.fault("one A from many: %s", r.code())
				}
			}
		})
		if slices.Sort(xs); len(xs) != 11 || len(slices.Compact(xs)) != 11 {
			tr.fault("one A in a pool of eleven has %d bindings on %d X", len(xs), len(slices.Compact(xs)))
		}
		atOnce(16, func(int) { tr.onOneConnection(40, func(int) params { return newBind() }) })
		for _, clause := range []string{"INV-1", "RSP-2"} {
			for _, fault := range tr.of(clause) {
				tr.fault("%s", fault)
			}
		}
	},
}

// idle calls, says nothing for a while, and calls again over the same connection.
func (tr *trial) idle() {
	c, err := net.Dial("tcp", tr.e.addr)
	if err != nil {
		tr.t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(tr.patience + 2*time.Second))
	r := bufio.NewReader(c)
	for i := range 2 {
		time.Sleep(time.Duration(i) * 1100 * time.Millisecond)
		fmt.Fprint(c, newBind().get())
		res, err := http.ReadResponse(r, nil)
		if err != nil {
			tr.fault("call %d of a connection that was idle: %v", i, err)
			return
		}
		_, _ = io.Copy(io.Discard, res.Body)
	}
}

// clausesCOD are the codes: each is met by its rule or by a state where there is one, else by its trigger.
var clausesCOD = func() map[string]func(*trial) {
	cases := map[string]func(*trial){}
	for _, c := range contract.Edition2019.Codes() {
		cases["COD-"+c.Name[strings.IndexByte(c.Name, '.')+1:]] = func(tr *trial) {
			for i := range 10 {
				r := tr.provoke(c.Name, i)
				if r.code() != c.Name || r.status != 200 {
					tr.fault("call %d: %d %s, want %s", i, r.status, r.code(), c.Name)
				}
				if m := r.texts["Message"]; c.Name != "OK" && m != c.ZH {
					tr.fault("%s says %q, want %q", c.Name, m, c.ZH)
				}
			}
		}
	}
	return cases
}()

// provoke meets a code by its rule, the i-th time.
func (tr *trial) provoke(code string, i int) reply {
	for state, c := range stateCodes {
		if c == code {
			return tr.as(state, "PoolKey", "FC-"+state)
		}
	}
	switch code {
	case "OK":
		return tr.bind()
	case "isp.RAM_PERMISSION_DENY":
		return tr.as("denied")
	case "isv.ILLEGAL_ARGUMENT":
		return tr.bind("IsRecordingEnabled", "maybe")
	case "isv.EXPIRE_DATE_ILLEGAL":
		return tr.bind("Expiration", later(-time.Hour))
	case "isv.MOBILE_NUMBER_ILLEGAL":
		return tr.bind("PhoneNoA", "x")
	case "isv.NO_NOT_EXIST":
		return tr.bind("PhoneNoX", "17088888888")
	case "isv.FORBIDDEN_ACTION":
		return tr.bind("PoolKey", "FC999999")
	case "isv.NO_USED_BY_OTHERS":
		return tr.bind("PhoneNoX", "17099999990")
	case "isv.NO_AVAILABLE_NUMBER":
		return tr.bind("PoolKey", "FC000003", "ExpectCity", "拉萨")
	case "isv.BIND_CONFLICT":
		p := newBind().with("PhoneNoX", fmt.Sprint(17000000090+i))
		tr.call(p.get())
		return tr.call(p.with("SignatureNonce", p["SignatureNonce"]+"b").get())
	case "isv.FLOW_LIMIT":
		for range 3 {
			tr.as("limited", "PoolKey", "FC-limited")
		}
		return tr.as("limited", "PoolKey", "FC-limited")
	}
	return tr.bind("PhoneNoA", magic(code))
}
