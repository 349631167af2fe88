package conformance

import (
	"slices"
	"strings"

	"axbench/results"
)

// plainBinds holds COD-OK: what has nothing wrong is accepted, each time. A single refusal may be an accident behind the endpoint, and so may
// some that say so; one with which a pool says that it is full, or a limit that it is reached, is none at all.
func (t *trial) plainBinds() {
	const clause = "COD-OK"
	most, refused, accidents := 24, 0, 0
	if t.cfg.Foreign {
		most = 12
	}
	var odd *exchange
	for range min(most, t.bindings.left()) {
		r := t.bind()
		r.once = true
		switch x := t.send(r); {
		case x.ok():
			t.provoked(x, "OK")
			t.holds(x, true, "OK", clause)
		case t.stopped() != "":
			t.unsure(t.stopped(), clause)
			return
		case !x.readable(), x.throttled(), x.code == "isv.NO_AVAILABLE_NUMBER", x.code == "isv.BIND_CONFLICT":
			t.word(x, results.ClauseInconclusive, "OK", clause)
			return
		default:
			refused++
			odd = x
			if x.accident() {
				accidents++
			}
		}
		if refused > 0 && !t.base.works {
			t.word(odd, results.ClauseInconclusive, "OK", clause)
			return
		}
	}
	switch {
	case refused > 1 && accidents == refused && 2*refused <= most:
		t.word(odd, results.ClauseWarn, "OK for each of "+itoa(most)+" plain binds (for "+itoa(refused)+" something failed behind the endpoint)", clause)
	case refused > 1 && odd.faulted():
		t.word(odd, results.ClauseInconclusive, "OK for each of "+itoa(most)+" plain binds ("+itoa(refused)+" were refused)", clause)
	case refused > 1:
		t.holds(odd, false, "OK for each of "+itoa(most)+" plain binds ("+itoa(refused)+" were refused)", clause)
	case refused == 1:
		t.word(odd, results.ClauseWarn, "OK for each of "+itoa(most)+" plain binds (one was refused)", clause)
	}
}

// maxExhausted is the most X that are bound to one A so that none is left.
const maxExhausted = 300

// exhaust binds one A on every X of a pool of known size, and then once more (COD-NO_AVAILABLE_NUMBER, INV-3).
func (t *trial) exhaust(name string) {
	both := []string{"COD-NO_AVAILABLE_NUMBER", "INV-3"}
	p := t.provision.Pool(name)
	size := max(p.Size, p.Count())
	if size > maxExhausted || size >= t.bindings.left() {
		t.unsure("the pool "+name+" has too many numbers to bind them all", both...)
		return
	}
	a := t.phones.a()
	again := func() *request { return t.bind().set("PoolKey", p.Key).set("PhoneNoA", a) }
	var given []string
	for range size {
		x := t.send(again().saying("a bind of one A in a pool of " + itoa(size) + " numbers"))
		if !x.ok() {
			t.word(x, results.ClauseInconclusive, "OK "+itoa(size)+" times, so that every X is bound to A", both...)
			return
		}
		given = append(given, x.secretNo)
	}
	r := again().saying("one more bind of an A that is bound on every X of the pool")
	want := must("isv.NO_AVAILABLE_NUMBER", "isv.BIND_CONFLICT")
	switch x := t.send(r.clone()); {
	case x.ok() && !slices.Contains(given, x.secretNo) && !p.Complete():
		t.unsure("the pool "+name+" has more numbers than are declared", both...)
	case x.ok():
		t.holds(x, false, want.String(), both...)
	default:
		t.provoked(t.refuse(r, want, both...), "isv.NO_AVAILABLE_NUMBER")
	}
}

// nobodysX is a number of the form of this endpoint's X that is in no pool that is known.
func (t *trial) nobodysX() string {
	form := "17000000000"
	if n := len(t.bindings.list); n > 0 && strings.Trim(t.bindings.list[n-1].x, "0123456789") == "" && len(t.bindings.list[n-1].x) > 7 {
		form = t.bindings.list[n-1].x
	}
	for range 100 {
		x := form[:3] + t.digits(len(form)-3)
		if !t.declaredX(x) && !t.provision.magic(x) && !slices.ContainsFunc(t.bindings.list, func(b *binding) bool { return b.x == x }) {
			return x
		}
	}
	return form[:len(form)-4] + "9999"
}
