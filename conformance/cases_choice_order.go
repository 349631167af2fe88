package conformance

import "axbench/conformance/contract"

// fault is one thing that can be wrong with a bind, to be put beside another one.
type fault struct {
	name string
	make func(t *trial, r *request)
}

// The faults of which pairs are sent.
var (
	faultAuth   = fault{"auth", func(_ *trial, r *request) { r.with(spoiled(func(string) string { return wrongSignature })) }}
	faultNumber = fault{"number", func(_ *trial, r *request) { r.set("PhoneNoB", letters(r.get("PhoneNoB"))) }}
	faultDate   = fault{"date", func(t *trial, r *request) {
		r.set("Expiration", t.in(-day).In(t.zone).Format(contract.ExpirationLayout))
	}}
	faultPool = fault{"pool", func(t *trial, r *request) { r.set("PoolKey", t.unknownPool()) }}
)

// chooseOrder finds out which of two faults in one call is answered (section 3 of the catalogue): all other cases send one.
func (t *trial) chooseOrder() {
	t.choosePair("order_auth_number", "signature and number wrong", faultAuth, faultNumber)
	t.choosePair("order_number_date", "number and Expiration wrong", faultNumber, faultDate)
	t.choosePair("order_pool_number", "pool and number wrong", faultPool, faultNumber)
	first := t.send(t.bind())
	conflict := fault{"conflict", func(_ *trial, r *request) {
		r.set("PhoneNoA", first.req.get("PhoneNoA")).set("PhoneNoX", first.secretNo)
	}}
	if !first.ok() || first.secretNo == "" {
		t.chooseIf(false, "order_number_conflict", "number wrong and X bound", "", first)
		return
	}
	t.choosePair("order_number_conflict", "number wrong and X bound", faultNumber, conflict)
}

// choosePair sends each of two faults by itself, then both: the winner is the one whose code comes.
func (t *trial) choosePair(id, words string, a, b fault) {
	codes := map[string]string{}
	for _, f := range []fault{a, b} {
		r := t.bind()
		f.make(t, r)
		codes[f.name] = t.send(r.saying("a bind with a fault: " + f.name)).code
	}
	r := t.bind()
	a.make(t, r)
	b.make(t, r)
	x := t.send(r.saying("a bind with two faults: " + words))
	value := ""
	switch {
	case codes[a.name] == codes[b.name]:
	case x.code == codes[a.name]:
		value = a.name
	case x.code == codes[b.name]:
		value = b.name
	}
	t.chooseIf(t.base.works && x.readable() && !x.ok(), id, "which fault is answered: "+words, value, x)
}
