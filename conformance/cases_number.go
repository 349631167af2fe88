package conformance

import "slices"

// numberCases hold the number X (PRM-X).
var numberCases = slices.Concat([]testCase{
	{"number/absent", []string{"PRM-X-1"}, nil, func(t *trial) {
		t.accept(t.bind().drop("PhoneNoX").saying("a bind without PhoneNoX"), nil, "PRM-X-1")
	}},
	{"number/given", []string{"PRM-X-2"}, nil, (*trial).givenX},
	{"number/stranger", []string{"PRM-X-3"}, nil, (*trial).strangeX},
	{"number/other-pool", []string{"PRM-X-3"}, []need{needX("second")}, func(t *trial) {
		r := t.bind().set("PhoneNoX", t.someX("second")).saying("a PhoneNoX of another pool of the account")
		t.chooseCode("x_other_pool", "the code for a PhoneNoX of another pool of the account", t.refuse(r, notInPool, "PRM-X-3"))
	}},
	{"number/other-account", []string{"PRM-X-3"}, []need{needX("foreign")}, func(t *trial) {
		want := oneOf(append(slices.Clone(notInPool.pass), "isv.NO_USED_BY_OTHERS")...).orWarn(notInPool.warn...)
		r := t.bind().set("PhoneNoX", t.someX("foreign")).saying("a PhoneNoX of another account")
		t.chooseCode("x_other_account", "the code for a PhoneNoX of another account", t.refuse(r, want, "PRM-X-3"))
	}},
	{"number/malformed", []string{"PRM-X-4"}, nil, (*trial).malformedX},
	{"number/conflict", []string{"PRM-X-5"}, nil, (*trial).conflict},
}, numberChoices)

// needX wants an X of a pool to be declared.
func needX(name string) need {
	return func(s *suite) string {
		if p := s.provision.Pool(name); p != nil && len(p.All(1)) > 0 {
			return ""
		}
		return "pools." + name + ".numbers"
	}
}

// someX is one of the declared X of a pool.
func (t *trial) someX(name string) string {
	all := t.provision.Pool(name).All(1000)
	return all[t.random.IntN(len(all))]
}

// notInPool is the table for a PhoneNoX that the pool does not have: the document has three codes that may mean it.
var notInPool = oneOf("isv.NO_NOT_EXIST", "isv.FORBIDDEN_ACTION").orWarn(anyBusiness, anyGateway)

// occupied are the codes of an X that cannot take a pair, whatever is right or wrong with the call.
var occupied = []string{"isv.BIND_CONFLICT", "isv.NO_AVAILABLE_NUMBER", "isv.NO_USED_BY_OTHERS"}

// givenX asks for X of the pool: declared ones that nothing is bound on, and one that a bind before got.
func (t *trial) givenX() {
	main, busy := t.provision.Pool("main"), t.busy(t.poolKey("main"))
	var list []string
	if main != nil {
		list = slices.DeleteFunc(main.All(10_000), func(x string) bool { return busy[x] })
		t.random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	bound := false
	for i, x := range list[:min(8, len(list))] {
		r := t.waysOf(i)(t.bind().set("PhoneNoX", x).saying("a bind with a PhoneNoX of the pool"))
		bound = t.askFor(r, x).ok() || bound
	}
	first := t.send(t.bind())
	if !first.ok() || first.secretNo == "" {
		return
	}
	x := t.send(t.bind().set("PhoneNoX", first.secretNo).saying("another pair on the X that a bind before got"))
	if x.ok() {
		t.holds(x, x.secretNo == first.secretNo, "SecretNo is PhoneNoX", "PRM-X-2")
	}
	value := "one"
	switch {
	case x.ok():
		value = "several"
	case !slices.Contains(occupied, x.code):
		value = unknownChoice
	}
	t.choose("pairs_per_x", "how many disjoint pairs an X serves at once", value, x.got())
	switch {
	case bound || x.ok():
	case len(list) == 0:
		t.lacking("pools.main.numbers")
	default:
		t.unsure("no PhoneNoX that was asked for was free", "PRM-X-2")
	}
}

// askFor binds on one X of the pool. That it is bound already by others is no mistake.
func (t *trial) askFor(r *request, number string) *exchange {
	x := t.send(r)
	switch {
	case x.ok():
		t.holds(x, x.secretNo == number, "SecretNo is PhoneNoX", "PRM-X-2")
	case !slices.Contains(occupied, x.code):
		if x = t.accept(t.renew(r), nil, "PRM-X-2"); x.ok() {
			t.holds(x, x.secretNo == number, "SecretNo is PhoneNoX", "PRM-X-2")
		}
	}
	return x
}

// strangeX asks for numbers in the form of an X that no pool is declared to have. One of them might be the account's by chance, where
// not all of its numbers are declared: an endpoint that binds it says nothing, unless it binds the next one too.
func (t *trial) strangeX() {
	const words = "a PhoneNoX that is not of the pool"
	form := t.send(t.bind()).secretNo
	if form == "" {
		form = "17000000000"
	}
	for try := range 3 {
		n := t.number(form[:min(3, len(form))], len(form))
		r := t.bind().set("PhoneNoX", n).saying(words)
		if try < 2 {
			if x := t.send(r); x.ok() && x.secretNo == n && !t.complete("main") {
				continue
			}
			r = t.renew(r)
		}
		t.chooseCode("x_unknown", "the code for a PhoneNoX that the account does not have", t.refuse(r, notInPool, "PRM-X-3"))
		return
	}
}

// complete reports whether all numbers of a pool are declared.
func (t *trial) complete(name string) bool {
	p := t.provision.Pool(name)
	return p != nil && p.Complete()
}

// malformedX sends what is no number. Some of it is an X of the pool but for what stands beside it.
func (t *trial) malformedX() {
	want := oneOf("isv.MOBILE_NUMBER_ILLEGAL", "isv.ILLEGAL_ARGUMENT", "InvalidPhoneNoX*", "InvalidParameter*").orWarn(anyBusiness, anyGateway)
	list := []struct{ what, value string }{
		{"of letters", "abcdefghijk"}, {"of five digits", "12345"}, {"with a letter in it", "1700000000a"}, {"of forty digits", "1700000000170000000017000000001700000000"},
	}
	if x := t.send(t.bind()).secretNo; x != "" {
		list = append(list, []struct{ what, value string }{
			{"of the pool with a space behind it", x + " "}, {"of the pool with a letter behind it", x + "a"}, {"of the pool in full-width digits", wide.Replace(x)},
		}...)
	}
	for _, m := range list {
		t.refuse(t.bind().set("PhoneNoX", m.value).saying("PhoneNoX "+m.what), want, "PRM-X-4")
	}
}

// conflict binds (A, B, X) and then pairs that share a number with it on the same X.
func (t *trial) conflict() {
	first := t.send(t.bind().saying("a bind whose X is asked for again"))
	if !first.ok() || first.secretNo == "" {
		t.unsure("no bind was accepted: "+first.got(), "PRM-X-5")
		return
	}
	a, b := first.req.get("PhoneNoA"), first.req.get("PhoneNoB")
	want := must("isv.BIND_CONFLICT", "isv.NO_AVAILABLE_NUMBER")
	for _, again := range []struct {
		words string
		pair  func(r *request)
	}{
		{"the same A with another B on the same X", func(r *request) { r.set("PhoneNoA", a) }},
		{"another A with the same B on the same X", func(r *request) { r.set("PhoneNoB", b) }},
		{"its A as the B of another A on the same X", func(r *request) { r.set("PhoneNoB", a) }},
		{"its B as the A of another B on the same X", func(r *request) { r.set("PhoneNoA", b) }},
		{"A and B swapped on the same X", func(r *request) { r.set("PhoneNoA", b).set("PhoneNoB", a) }},
	} {
		r := t.bind().set("PhoneNoX", first.secretNo).saying(again.words)
		again.pair(r)
		t.refuse(r, want, "PRM-X-5")
	}
	// A further pair on the X, where it takes one, changes nothing for the first.
	if more := t.send(t.bind().set("PhoneNoX", first.secretNo).saying("another pair on the same X")); more.ok() {
		for _, side := range [][2]string{{"PhoneNoA", a}, {"PhoneNoB", b}} {
			r := t.bind().set("PhoneNoX", first.secretNo).set(side[0], side[1])
			t.refuse(r.saying("the same "+side[0]+" on the same X, behind another pair"), want, "PRM-X-5")
		}
	}
	t.landlineConflict(want)
}

// landlineConflict is conflict for landlines, where there are some that may be bound and are served.
func (t *trial) landlineConflict(want outcomes) {
	if needLandline(t.suite) != "" {
		return
	}
	list := t.landlineNumbers()
	if len(list) < 2 {
		return
	}
	first := t.send(t.bind().set("PhoneNoA", list[0]).saying("a bind of a landline whose X is asked for again"))
	if !first.ok() || first.secretNo == "" {
		return
	}
	r := t.bind().set("PhoneNoA", list[0]).set("PhoneNoX", first.secretNo).saying("the same landline as A with another B on the same X")
	t.refuse(r, want, "PRM-X-5")
}
