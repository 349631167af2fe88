package conformance

import (
	"slices"
	"strings"
	"time"
)

// invariantCases hold what shows in many answers only (INV); a pool that is used up (INV-3) is among the codes. That identifiers are not given twice and numbers not bound twice is held
// against every answer of the run; these cases send what could show it.
var invariantCases = []testCase{
	{"inv/one-number", []string{"INV-1", "INV-2"}, nil, oneNumber},
	{"inv/one-pair", []string{"INV-1", "INV-2"}, nil, samePair},
	{"inv/together", []string{"INV-1", "INV-2"}, nil, oneATogether},
	{"inv/refused-takes-nothing", []string{"INV-4"}, []need{needPool("small")}, refusedTakesNothing},
	{"inv/own-number", []string{"INV-5"}, nil, ownNumber},
	{"inv/same-code", []string{"INV-6", "INV-7"}, nil, sameCode},
	{"inv/same-order", []string{"INV-6", "INV-7"}, nil, sameOrder},
}

// rows is how many binds share a number.
const rows = 4

// oneNumber binds one A with several B, and one B with several A: no X may come twice.
func oneNumber(t *trial) {
	if t.bindings.left() < 2*rows {
		return
	}
	a, b := t.phones.a(), t.phones.b()
	for range rows {
		t.send(t.bind().set("PhoneNoA", a).saying("binds of one A with different B"))
	}
	for range rows {
		t.send(t.bind().set("PhoneNoB", b).saying("binds of one B with different A"))
	}
}

// samePair binds the same A and B again. Another X, a refusal and the same binding over again are all right; a second binding on the same X is
// not.
func samePair(t *trial) {
	for range rows {
		r := t.bind().saying("the same A and B again")
		for range 3 {
			if t.stopped() != "" || t.bindings.left() < 2 {
				return
			}
			t.send(r)
		}
	}
}

// oneATogether binds one A at the same time, and one B.
func oneATogether(t *trial) {
	const most = 16
	n := min(t.mayCrowd(most), t.bindings.left()/4)
	if n < 2 {
		return
	}
	pool := t.crowdPool(n)
	defer pool.Close()
	for _, side := range []string{"PhoneNoA", "PhoneNoB"} {
		for range 2 {
			one := t.phones.like(side)
			var list []*request
			for range n {
				list = append(list, t.bind().set(side, one).saying("binds of one number at the same time"))
			}
			t.crowd(pool, list)
		}
	}
}

// maxSmall is the largest pool that is filled.
const maxSmall = 64

// smallPool says how many numbers the small pool has; 0, with a note of what is lacking, when it cannot be filled.
func (t *trial) smallPool(fills int, clauses ...string) int {
	size := t.provision.Pool("small").Size
	switch {
	case size == 0 || size > maxSmall:
		t.lacking("pools.small.size, at most " + itoa(maxSmall))
		return 0
	case t.bindings.left() < fills*(size+1):
		t.unsure("the budget of bindings was spent", clauses...)
		return 0
	}
	return size
}

// smallBind is a bind of an A in the small pool.
func (t *trial) smallBind(a string) *request {
	return t.bind().set("PoolKey", t.poolKey("small")).set("PhoneNoA", a)
}

// refusedTakesNothing counts what a small pool holds for one A, before and after refused calls of that A (INV-4). Without UnbindSubscription
// only the second count is made, and what the pool held before is not known.
func refusedTakesNothing(t *trial) {
	size := t.smallPool(2, "INV-4")
	if size == 0 {
		return
	}
	a, before, unbinds := t.phones.a(), size, t.provision.Query.Unbind
	if unbinds {
		n, _, full := t.fill(a, size)
		if !full || n == 0 {
			t.unsure("the small pool could not be filled: "+itoa(n)+" binds of one A were accepted", "INV-4")
			return
		}
		before = n
		if !t.unbindAll() {
			t.unsure("the small pool could not be emptied again", "INV-4")
			return
		}
	}
	refused := t.refusedOf(a)
	if refused == 0 {
		t.unsure("no call was refused", "INV-4")
		return
	}
	after, last, full := t.fill(a, before)
	const want = "as many binds of one A in the small pool as before"
	got := itoa(before) + " before, " + itoa(after) + " after " + itoa(refused) + " refused calls"
	switch {
	case after == before:
		t.saw(last, true, want, got, "INV-4")
	case full && unbinds:
		t.saw(last, false, want, got, "INV-4")
	default:
		t.unsure("what the small pool held before is not known: "+got, "INV-4")
	}
}

// refusedOf sends calls with one fault each for an A in the small pool and returns how many were refused. What is bound by one that was
// accepted is unbound, so that it does not count.
func (t *trial) refusedOf(a string) (refused int) {
	for range 3 {
		for _, spoil := range []func(r *request){
			func(r *request) { r.set("PhoneNoB", letters(r.get("PhoneNoB"))) },
			func(r *request) { r.set("PhoneNoX", letters(r.get("PhoneNoA"))) },
			func(r *request) { r.drop("PhoneNoB") },
			func(r *request) { r.set("Expiration", "2019-13-45 10:00:00").expires = time.Time{} },
			func(r *request) { r.set("Expiration", "2019-01-02 10:00:00").expires = time.Time{} },
			func(r *request) { r.set("IsRecordingEnabled", "maybe") },
		} {
			r := t.smallBind(a).saying("refused binds of one A in a small pool")
			spoil(r)
			if x := t.send(r); x.readable() && !x.ok() {
				refused++
			}
		}
	}
	if t.provision.Query.Unbind {
		refused += t.conflictsOf()
	}
	t.suite.unbind()
	return refused
}

// conflictsOf has a bind refused in the small pool for the number that another one holds, and returns how many were.
func (t *trial) conflictsOf() (refused int) {
	for range 3 {
		first := t.send(t.smallBind(t.phones.a()).saying("a bind in a small pool"))
		if !first.ok() || first.secretNo == "" {
			return refused
		}
		r := t.smallBind(first.req.get("PhoneNoA")).set("PhoneNoX", first.secretNo).saying("a bind of the A and X of the one before")
		if x := t.send(r); x.readable() && !x.ok() {
			refused++
		}
		t.suite.unbind()
	}
	return refused
}

// fill counts how many binds of one A the small pool takes, up to most. full says that it had no more, or that there were most.
func (t *trial) fill(a string, most int) (n int, last *exchange, full bool) {
	for n < most && t.stopped() == "" {
		x := t.send(t.smallBind(a).saying("binds of one A in a small pool"))
		switch {
		case x.ok():
			n, last = n+1, x
		case x.code == "isv.NO_AVAILABLE_NUMBER" || x.code == "isv.BIND_CONFLICT":
			return n, orExchange(last, x), true
		default:
			return n, orExchange(last, x), false
		}
	}
	return n, last, n == most
}

// ownNumber binds at the same time, each call with a PhoneNoX of its own, and compares what each gets (INV-5).
func ownNumber(t *trial) {
	const most, rounds = 16, 4
	own := t.ownNumbers(maxOwnNumbers)
	n := min(t.mayCrowd(most), t.bindings.left()/rounds, len(own))
	if n < 2 {
		t.lacking("pools.main.numbers, two of them")
		return
	}
	pool := t.crowdPool(n)
	defer pool.Close()
	for round := range rounds {
		var list []*request
		for i := range n {
			list = append(list, t.bind().set("PhoneNoX", own[(round*n+i)%len(own)]).saying("binds at the same time, each with a PhoneNoX of its own"))
		}
		t.crowd(pool, list)
		t.suite.unbind()
	}
}

// sameCode sends plain mistakes of a caller: each gets one code, however often it is sent (INV-6), and none of the provider's (INV-7).
func sameCode(t *trial) {
	lettersInA, lettersInX := t.bind(), t.bind()
	for _, r := range []*request{
		lettersInA.set("PhoneNoA", letters(lettersInA.get("PhoneNoA"))).saying("letters in PhoneNoA"),
		lettersInX.set("PhoneNoX", letters(lettersInX.get("PhoneNoA"))).saying("letters in PhoneNoX"),
		t.past().saying("an Expiration that is over"),
		t.bind().set("PoolKey", t.unknownPool()).saying("a PoolKey that is no pool"),
		t.bind().drop("PhoneNoB").saying("no PhoneNoB"),
	} {
		t.refuse(r, oneOf(anyRefusal))
	}
}

// past is a bind with an Expiration that is over in every zone.
func (t *trial) past() *request {
	r := t.bind().until(t.suite, t.bindings.now().AddDate(0, 0, -3))
	r.expires = time.Time{}
	return r
}

// sameOrder sends calls with two faults: which of them is named is left open, but it is the same one each time (INV-6).
func sameOrder(t *trial) {
	const times = 10
	for _, c := range []struct {
		words string
		spoil func(r *request)
	}{
		{"letters in PhoneNoA, and an Expiration that is over", func(r *request) { r.set("PhoneNoA", letters(r.get("PhoneNoA"))) }},
		{"a PoolKey that is no pool, and an Expiration that is over", func(r *request) { r.set("PoolKey", t.unknownPool()) }},
		{"letters in PhoneNoB, and an Expiration that is over", func(r *request) { r.set("PhoneNoB", letters(r.get("PhoneNoB"))) }},
	} {
		r := t.past().saying(c.words)
		c.spoil(r)
		var codes []string
		var last *exchange
		for range times {
			x := t.send(r.clone().alone())
			if !x.readable() || x.ok() || x.throttled() {
				continue
			}
			codes, last = append(codes, x.codes()...), x
		}
		if len(codes) < 2 {
			continue
		}
		slices.Sort(codes)
		different := strings.Join(slices.Compact(slices.Clone(codes)), ", ")
		t.saw(last, codes[0] == codes[len(codes)-1], "the same code for the same request, "+itoa(len(codes))+" times", different, "INV-6")
	}
}
