package conformance

// phoneChoices find out which numbers count as telephone numbers where the document leaves it open.
var phoneChoices = []testCase{
	{"phone/same", []string{"PRM-AB-1", "INV-7"}, nil, func(t *trial) {
		r := t.bind()
		r.set("PhoneNoB", r.get("PhoneNoA")).saying("a bind of a number with itself")
		x := t.refuse(r, oneOf(anyBusiness).orWarn(anyGateway), "PRM-AB-1")
		t.chooseRefusal("same_number", "A equal to B", x)
	}},
	{"phone/country-code", []string{"INV-7"}, nil, func(t *trial) {
		r := t.bind()
		r.set("PhoneNoA", "+86"+r.get("PhoneNoA")).saying("PhoneNoA with +86 before it")
		t.chooseRefusal("country_code", "a number with +86 before it", t.refuse(r, oneOf("OK", anyRefusal)))
	}},
	{"phone/service-numbers", []string{"INV-7"}, nil, func(t *trial) {
		for _, n := range []struct{ id, text, number string }{
			{"service_numbers_95", "a 95 number as A", t.number("95168", 10)}, {"service_numbers_400", "a 400 number as A", t.number("4006", 10)},
		} {
			if !t.phones.mayUse(t.suite, n.number) {
				continue
			}
			t.chooseRefusal(n.id, n.text, t.refuse(t.bind().set("PhoneNoA", n.number).saying(n.text), oneOf("OK", anyRefusal)))
		}
	}},
}
