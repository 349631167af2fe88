package emulator

import (
	"fmt"
	"strings"
	"sync"

	"axbench/conformance/contract"
)

// clausesRSP are the fields of answers. Those that have only a panel are about every answer.
var clausesRSP = map[string]func(*trial){
	"RSP-1": (*trial).panel,
	"RSP-2": func(tr *trial) {
		tr.panel()
		tr.onOneConnection(underRace(100, 1100), func(int) params { return newBind() })
	},
	"RSP-3": (*trial).panel,
	"RSP-4": (*trial).panel,
	"RSP-5": func(tr *trial) {
		tr.panel()
		tr.everyRefusal(func(code string, r reply) { tr.wants(code, r, code) })
	},
	"RSP-6": (*trial).panel,
	"RSP-7": func(tr *trial) {
		tr.panel()
		tr.everyRefusal(func(code string, r reply) {
			if want := contract.Edition2019.Find([]byte(code)).ZH; r.texts["Message"] != want {
				tr.fault("%s says %q, want %q", code, r.texts["Message"], want)
			}
		})
	},
	"RSP-8":  (*trial).panel,
	"RSP-9":  (*trial).panel,
	"RSP-10": (*trial).panel,
	"RSP-11": (*trial).panel,
	"RSP-12": (*trial).panel,
	"RSP-13": func(tr *trial) {
		tr.panel()
		for range 10 {
			if r := tr.bind(); !inPool[BuiltinPool].MatchString(r.x()) {
				tr.fault("X %s is not in the pool", r.x())
			}
		}
	},
	"RSP-14": func(tr *trial) {
		tr.panel()
		p := newBind().with("PhoneNoX", "17000000071")
		tr.call(p.get())
		tr.call(p.with("SignatureNonce", p["SignatureNonce"]+"b").get())
	},
	"RSP-15": (*trial).panel,
	"RSP-16": func(tr *trial) {
		tr.panel()
		p := newBind()
		first, second := tr.call(p.get()), tr.call(p.with("SignatureNonce", p["SignatureNonce"]+"b").get())
		if first.texts["RequestId"] == second.texts["RequestId"] {
			tr.fault("equal requests have one RequestId")
		}
	},
}

// everyRefusal meets each of the 22 codes by its trigger.
func (tr *trial) everyRefusal(look func(code string, r reply)) {
	for _, c := range contract.Edition2019.Codes()[1:] {
		look(c.Name, tr.bind("PhoneNoA", magic(c.Name)))
	}
}

// onOneConnection sends calls over one connection, some at a time, and returns the answers.
func (tr *trial) onOneConnection(n int, make func(i int) params) (replies []reply) {
	const some = 50
	for i := 0; i < n; i += some {
		var requests []string
		for j := range min(some, n-i) {
			requests = append(requests, make(i+j).get())
		}
		replies = append(replies, tr.pipeline(requests...)...)
	}
	return replies
}

// negatives are calls that have one fault each, and that anybody can make.
var negatives = map[string][]string{
	"no pool": {"PoolKey", "-"}, "empty pool": {"PoolKey", ""}, "unknown pool": {"PoolKey", "nowhere"}, "long pool": {"PoolKey", strings.Repeat("F", 100)}, "no A": {"PhoneNoA", "-"},
	"bad A": {"PhoneNoA", "x"}, "no B": {"PhoneNoB", "-"}, "bad B": {"PhoneNoB", "1"}, "A is B": {"PhoneNoA", "15000000000", "PhoneNoB", "15000000000"}, "unknown X": {"PhoneNoX", "17088888888"},
	"bad X": {"PhoneNoX", "x"}, "no end": {"Expiration", "-"}, "past": {"Expiration", "2020-01-01 00:00:00"}, "no date": {"Expiration", "x"}, "recording": {"IsRecordingEnabled", "maybe"},
	"foreign pool": {"PoolKey", "FC999999"}, "foreign X": {"PhoneNoX", "17099999990"}, "no city in a strict pool": {"PoolKey", "FC000003", "ExpectCity", "拉萨"},
	"several faults": {"PhoneNoA", "x", "PhoneNoB", "1", "Expiration", "x"}, "other faults": {"PhoneNoA", "x", "Expiration", "2020-01-01 00:00:00"},
}

// clausesINV are what holds over many answers.
var clausesINV = map[string]func(*trial){
	"INV-1": func(tr *trial) {
		tr.panel()
		tr.onOneConnection(100, func(int) params { return newBind() })
		atOnce(16, func(int) { tr.onOneConnection(20, func(int) params { return newBind() }) })
	},
	"INV-2": func(tr *trial) {
		m := model{live: map[string]string{}}
		for i := range 120 { // five As and seven Bs: they meet again and again
			p := newBind().with("PhoneNoA", fmt.Sprint(15012350000+i%5), "PhoneNoB", fmt.Sprint(15012350000+i%7+3))
			if p["PhoneNoA"] != p["PhoneNoB"] {
				m.bound(tr, p, tr.call(p.get()))
			}
		}
		for range 2 { // another pair on the one X of a pool, then always the same A
			p, q := newBind().with("PoolKey", "FC000004"), newBind().with("PhoneNoA", "15012365000")
			m.bound(tr, p, tr.call(p.get()))
			m.bound(tr, q, tr.call(q.get()))
		}
		atOnce(32, func(i int) {
			p := newBind().with("PoolKey", "FC000005", "PhoneNoA", "15012360000")
			m.bound(tr, p, tr.call(p.get()))
		})
	},
	"INV-3": func(tr *trial) {
		for i, want := range []string{"OK", "OK", "OK", "isv.NO_AVAILABLE_NUMBER", "isv.NO_AVAILABLE_NUMBER"} {
			tr.wants(fmt.Sprint("bind ", i, " of one A in a pool of three"), tr.bind("PoolKey", "FC000002", "PhoneNoA", "15012370000"), want)
		}
		tr.ok("another A", tr.bind("PoolKey", "FC000002"))
	},
	"INV-4": func(tr *trial) {
		const a = "15012380000"
		for range 3 {
			for _, pairs := range negatives {
				tr.bind(append([]string{"PoolKey", "FC000002", "PhoneNoA", a}, pairs...)...)
			}
		}
		tr.everyRefusal(func(code string, r reply) {})
		if n := tr.capacity(BuiltinID, BuiltinSecret, "FC000002", a, 5); n != 3 {
			tr.fault("a pool of three took %d binds after refused ones", n)
		}
	},
	"INV-5": func(tr *trial) {
		tr.pair(newBind().with("PhoneNoX", "17000000081").get(), newBind().with("PhoneNoX", "17000000082").get())
		atOnce(16, func(i int) {
			for n := range 10 {
				x := fmt.Sprint(17000030000 + 100*i + n)
				if r := tr.bind("PhoneNoX", x); r.x() != x {
					tr.fault("%s was asked for, %s came", x, r.x())
				}
			}
		})
	},
	"INV-6": func(tr *trial) {
		for name, pairs := range negatives {
			first := tr.bind(pairs...)
			for range 9 {
				if r := tr.bind(pairs...); r.code() != first.code() || r.status != first.status {
					tr.fault("%s: %d %s, before %d %s", name, r.status, r.code(), first.status, first.code())
				}
			}
		}
	},
	"INV-7": func(tr *trial) {
		for name, pairs := range negatives {
			if r := tr.bind(pairs...); strings.HasPrefix(r.code(), "isp.") || r.code() == "OK" {
				tr.fault("%s: %s", name, r.code())
			}
		}
	},
}

// model keeps the live bindings: which subscription has each number on each X.
type model struct {
	mu   sync.Mutex
	live map[string]string
}

func (m *model) bound(tr *trial, p params, r reply) {
	if r.code() != "OK" {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, n := range []string{p["PhoneNoA"], p["PhoneNoB"]} {
		if before := m.live[r.x()+" "+n]; before != "" {
			tr.fault("%s and %s are live on one X with one number", before, r.subs())
		}
		m.live[r.x()+" "+n] = r.subs()
	}
}
