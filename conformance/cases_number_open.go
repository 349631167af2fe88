package conformance

import "slices"

// numberChoices find out what becomes of an X where the document leaves it open.
var numberChoices = []testCase{
	{"number/and-city", []string{"PRM-X-6", "INV-7"}, []need{needTwoCities}, (*trial).xAndCity},
	{"number/empty", []string{"PRM-X-7", "INV-7"}, nil, (*trial).emptyOptional},
	{"number/same-pair", []string{"INV-1", "INV-2"}, nil, (*trial).samePair},
	{"number/is-a", []string{"INV-7"}, nil, (*trial).xIsA},
}

// needTwoCities wants X of two cities to be declared.
func needTwoCities(s *suite) string {
	if p := s.provision.Pool("main"); p != nil && len(p.Cities()) > 1 {
		return ""
	}
	return "pools.main.numbers of two cities"
}

// xAndCity asks for an X of one city and for another city (PRM-X-6).
func (t *trial) xAndCity() {
	const id, text = "x_and_city", "PhoneNoX together with ExpectCity"
	p := t.provision.Pool("main")
	cities, busy := p.Cities(), t.busy(p.Key)
	free := slices.DeleteFunc(p.In(cities[0], 1000), func(x string) bool { return busy[x] })
	for i, x := range free[:min(3, len(free))] {
		words := "a PhoneNoX and the ExpectCity of another"
		r := t.bind().set("PhoneNoX", x).set("ExpectCity", cities[1+i%(len(cities)-1)]).saying(words)
		e := t.send(r)
		switch {
		case e.ok():
			t.holds(e, e.secretNo == x, "OK with the X that was asked for", "PRM-X-6")
			t.choose(id, text, map[bool]string{true: "x", false: "city"}[e.secretNo == x], e.got())
			continue
		case !slices.Contains(occupied, e.code):
			t.accept(t.renew(r), nil, "PRM-X-6")
			t.chooseRefusal(id, text, e)
		}
		return
	}
}

// emptyOptional sends optional parameters without a value: each is treated as absent or refused.
func (t *trial) emptyOptional() {
	for _, e := range [][2]string{{"PhoneNoX", "empty_x"}, {"ExpectCity", "empty_city"}, {"OutId", "empty_out_id"}} {
		param, id := e[0], e[1]
		want := oneOf("OK", "isv.ILLEGAL_ARGUMENT", "isv.INVALID_PARAMETERS", anyGateway)
		if param == "PhoneNoX" {
			want.pass = append(want.pass, "isv.MOBILE_NUMBER_ILLEGAL")
		}
		x := t.refuse(t.bind().set(param, "").saying("an empty "+param), want, "PRM-X-7")
		t.chooseRefusal(id, "an empty "+param, x)
		if x.ok() {
			t.saw(x, x.secretNo != "", "an X of the pool", "an empty SecretNo", "PRM-X-7")
		}
	}
}

// samePair binds a pair again without naming an X.
func (t *trial) samePair() {
	const id, text = "same_pair", "the same A and B again without PhoneNoX"
	first := t.send(t.bind().drop("PhoneNoX"))
	if !first.ok() {
		return
	}
	x := t.send(first.req.clone().saying(text))
	value := unknownChoice
	switch {
	case x.ok() && x.subsID == first.subsID:
		value = "the same binding"
	case x.ok() && x.secretNo == first.secretNo:
		value = "another binding on the same X"
	case x.ok():
		value = "another X"
	case x.readable() && !x.throttled():
		value = x.code
	}
	t.choose(id, text, value, x.got())
}

// xIsA asks for the X that A is itself. On a foreign endpoint an X is nobody's phone that may be bound.
func (t *trial) xIsA() {
	x := t.send(t.bind()).secretNo
	if x == "" || !t.phones.mayUse(t.suite, x) {
		return
	}
	r := t.bind().set("PhoneNoA", x).set("PhoneNoX", x).saying("a PhoneNoX that is A itself")
	t.chooseRefusal("x_is_a", "PhoneNoX equal to A", t.refuse(r, oneOf("OK", anyRefusal)))
}
