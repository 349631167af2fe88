package conformance

import (
	"slices"
	"strings"
)

// phoneCases hold the numbers A and B (PRM-A, PRM-B, PRM-AB).
var phoneCases = slices.Concat([]testCase{
	{"phone/missing-a", []string{"PRM-A-1"}, nil, func(t *trial) { t.missingPhone("PhoneNoA", "PRM-A-1") }},
	{"phone/missing-b", []string{"PRM-B-1"}, nil, func(t *trial) { t.missingPhone("PhoneNoB", "PRM-B-1") }},
	{"phone/malformed-a", []string{"PRM-A-5"}, nil, func(t *trial) { t.malformedPhones("PhoneNoA", "PRM-A-5") }},
	{"phone/malformed-b", []string{"PRM-B-3"}, nil, func(t *trial) { t.malformedPhones("PhoneNoB", "PRM-B-3") }},
	{"phone/mobile", []string{"PRM-A-2", "PRM-B-2"}, nil, (*trial).mobiles},
	{"phone/landline", []string{"PRM-A-3", "PRM-B-2"}, []need{needLandline}, (*trial).landlines},
	{"phone/hyphen-a", []string{"PRM-A-4"}, []need{needLandline}, func(t *trial) { t.hyphen("PhoneNoA", "PRM-A-4") }},
	{"phone/hyphen-b", []string{"PRM-B-2"}, []need{needLandline}, func(t *trial) { t.hyphen("PhoneNoB", "PRM-B-2") }},
	{"phone/zeros", []string{"PRM-A-6"}, nil, (*trial).zeros},
	{"phone/roles", []string{"PRM-AB-2"}, []need{needDetail}, (*trial).roles},
}, phoneChoices)

// needLandline wants landlines that may be bound. On loopback nobody can be rung.
func needLandline(s *suite) string {
	if !s.cfg.Foreign || s.phones.sides[2].size > 0 {
		return ""
	}
	return "phones.landline"
}

func (t *trial) missingPhone(param, clause string) {
	want := missing(param)
	want.pass = append(want.pass, "isv.MOBILE_NUMBER_ILLEGAL")
	t.refuse(t.bind().drop(param).saying("a bind without "+param), want, clause)
	t.refuse(t.bind().set(param, "").saying("a bind with an empty "+param), want, clause)
}

// malformedPhones sends what is no number, derived from one that may be bound.
func (t *trial) malformedPhones(param, clause string) {
	want := must("isv.MOBILE_NUMBER_ILLEGAL", "isv.ILLEGAL_ARGUMENT", "isv.INVALID_PARAMETERS", "Invalid"+param+"*", "InvalidParameter*")
	n := t.phones.like(param)
	for _, m := range malformed(n) {
		if m.value == "-"+n && t.hyphenGone(param, n, clause) {
			continue
		}
		t.refuse(t.bind().set(param, m.value).saying(param+" "+m.what), want, clause)
	}
}

// hyphenGone reports whether a hyphen before a number is taken off like one behind an area code, which PRM-A-4 lets an endpoint do: that is
// worth a warning and no more.
func (t *trial) hyphenGone(param, number, clause string) bool {
	x := t.send(t.bind().set(param, "-"+number).saying(param + " with a minus sign"))
	if !x.ok() {
		return false
	}
	if same, known := t.conflicts(x, param, number); !same || !known {
		return false
	}
	t.word(x, "WARN", "isv.MOBILE_NUMBER_ILLEGAL", clause)
	return true
}

// wide writes digits in full width, which is no form of a telephone number.
var wide = strings.NewReplacer("0", "０", "1", "１", "2", "２", "3", "３", "4", "４", "5", "５", "6", "６", "7", "７", "8", "８", "9", "９")

// arabic writes digits that are digits to many a library, and to no telephone.
var arabic = strings.NewReplacer("0", "٠", "1", "١", "2", "٢", "3", "٣", "4", "٤", "5", "٥", "6", "٦", "7", "٧", "8", "٨", "9", "٩")

// malformed lists what a mobile number of eleven digits becomes none by.
func malformed(n string) []struct{ what, value string } {
	return []struct{ what, value string }{
		{"of letters", "abcdefghijk"},
		{"with a letter in it", n[:5] + "a" + n[6:]},
		{"of ten digits", n[:len(n)-1]},
		{"of twelve digits that begins like a mobile", n + "0"},
		{"of two digits", n[:2]},
		{"of forty digits", strings.Repeat(n, 4)[:40]},
		{"in full-width digits", wide.Replace(n)},
		{"with spaces in it", n[:3] + " " + n[3:7] + " " + n[7:]},
		{"with a space behind it", n + " "},
		{"with a space before it", " " + n},
		{"with a line feed behind it", n + "\n"},
		{"in Arabic digits", arabic.Replace(n)},
		{"with an exponent", "1.5e10"},
		{"in hexadecimal", "0x37e11d600"},
		{"with a minus sign", "-" + n},
		{"with a plus sign", "+" + n},
		{"with a fraction", n + ".0"},
		{"twice with a comma", n + "," + n},
	}
}

// mobilePrefixes are of each kind that has been in use for long; which of the others count as mobile numbers is left open.
var mobilePrefixes = []string{
	"130", "131", "132", "133", "134", "135", "136", "137", "138", "139", "147", "150", "151", "152", "153", "155", "156", "157", "158", "159",
	"166", "176", "177", "178", "180", "181", "182", "183", "184", "185", "186", "187", "188", "189", "198", "199",
}

// mobiles binds mobile numbers of many prefixes as A, and of a few as B. Elsewhere than on loopback only declared ones may be rung.
func (t *trial) mobiles() {
	blame := []string{"isv.MOBILE_NUMBER_ILLEGAL"}
	for i, prefix := range mobilePrefixes {
		if t.cfg.Foreign || t.bindings.left() < 20 {
			break
		}
		t.accept(t.bind().set("PhoneNoA", t.number(prefix, 11)).saying("a bind with an A of "+prefix), blame, "PRM-A-2")
		if i%5 == 0 {
			t.accept(t.bind().set("PhoneNoB", t.number(prefix, 11)).saying("a bind with a B of "+prefix), blame, "PRM-B-2")
		}
	}
	for range 4 {
		t.accept(t.bind().saying("a bind of declared numbers"), blame, "PRM-A-2", "PRM-B-2")
	}
}

// number is a random number of so many digits that begins so. It is none that means something else here.
func (t *trial) number(prefix string, digits int) string {
	n := ""
	for range 20 {
		n = prefix + t.digits(digits-len(prefix))
		if !t.declaredX(n) && !t.provision.magic(n) {
			break
		}
	}
	return n
}

// areas are area codes with the digits of a whole number there.
var areas = []struct {
	code   string
	digits int
}{{"010", 11}, {"021", 11}, {"0351", 11}, {"0571", 12}, {"0755", 12}}

// landlineNumbers are landlines that may be bound, of several lengths.
func (t *trial) landlineNumbers() (list []string) {
	if n := t.phones.landline(); n != "" {
		list = append(list, n)
	}
	if !t.cfg.Foreign {
		for _, a := range areas {
			list = append(list, t.number(a.code+"6", a.digits))
		}
		return list
	}
	for range 20 {
		n := t.phones.landline()
		if !slices.ContainsFunc(list, func(o string) bool { return len(o) == len(n) }) {
			list = append(list, n)
		}
	}
	return list
}

func (t *trial) landlines() {
	blame := []string{"isv.MOBILE_NUMBER_ILLEGAL"}
	for _, n := range t.landlineNumbers() {
		words := " is a landline of " + itoa(len(n)) + " digits"
		if len(n) < 11 { // within the document's words, but no such number exists today
			t.shortLandline(n, words)
			continue
		}
		t.accept(t.bind().set("PhoneNoA", n).saying("a bind whose A"+words), blame, "PRM-A-3")
		t.accept(t.bind().set("PhoneNoB", n).saying("a bind whose B"+words), blame, "PRM-B-2")
	}
	t.zeroShown("PhoneNoB", "PRM-B-2")
	if !t.cfg.Foreign {
		t.shortLandline(t.number("0106", 10), " is a landline of 10 digits")
	}
}

// shortLandline binds a landline of ten digits. That it is refused is worth a warning and no more.
func (t *trial) shortLandline(n, words string) {
	x := t.send(t.bind().set("PhoneNoA", n).saying("a bind whose A" + words))
	switch {
	case x.ok():
		t.holds(x, true, "OK", "PRM-A-3")
	case x.readable() && !x.throttled() && t.send(t.bind().saying("a plain bind for comparison")).ok():
		t.word(x, "WARN", "OK", "PRM-A-3")
	}
}

// hyphen sends a landline with a hyphen behind its area code: it is refused, or is the number without it.
func (t *trial) hyphen(param, clause string) {
	plain, dashed := t.hyphenated()
	r := t.bind().set(param, dashed).saying(param + " is a landline with a hyphen")
	x := t.send(r)
	if !x.ok() {
		x = t.refuse(r, oneOf("OK", anyBusiness, anyGateway), clause)
		t.chooseRefusal("hyphen", "a landline with a hyphen", x)
		return
	}
	went := "another number"
	switch same, known := t.sameNumber(x, param, plain, clause); {
	case !known:
		went = "accepted"
		if clause == "PRM-A-4" { // PRM-B-2 is about more
			t.unseen("whether it is the number without the hyphen cannot be seen", clause)
		}
	case same:
		went = "the number without it"
	}
	t.choose("hyphen", "a landline with a hyphen", went, x.got())
}

// hyphenated returns a landline without and with a hyphen.
func (t *trial) hyphenated() (plain, dashed string) {
	plain = t.number("05716", 12)
	if t.cfg.Foreign {
		plain = t.phones.landline()
	}
	code := 4
	if strings.HasPrefix(plain, "01") || strings.HasPrefix(plain, "02") {
		code = 3 // Beijing, and the cities of 02x
	}
	return plain, plain[:code] + "-" + plain[code:]
}

// sameNumber finds out whether the number that was bound is one that is written otherwise: then that conflicts on the same X, and
// a query shows it. It judges clause by what it finds.
func (t *trial) sameNumber(bound *exchange, param, number, clause string) (same, known bool) {
	if same, known = t.conflicts(bound, param, number); known {
		got := "two numbers: both were bound on one X"
		if same {
			got = "one number: a conflict on one X"
		}
		t.saw(bound, same, "the same number as without the hyphen", got, clause)
		return same, true
	}
	shown, known := t.stored(bound, param)
	if !known {
		return false, false
	}
	same = shows(strings.ReplaceAll(shown, "-", ""), number)
	got := "the same digits in QuerySubscriptionDetail"
	if !same {
		got = "other digits in QuerySubscriptionDetail"
	}
	t.saw(bound, same, "the same number as without the hyphen", got, clause)
	return same, true
}

// conflicts binds a number on the X of a binding, in the same role. known is false where the answer says nothing of it: another refusal, or an
// X that takes no second pair at all.
func (t *trial) conflicts(bound *exchange, param, number string) (same, known bool) {
	r := t.bind().set(param, number).set("PhoneNoX", bound.secretNo)
	x := t.send(r.saying(param + " in the other form on the same X"))
	switch {
	case x.ok():
		return false, x.secretNo == bound.secretNo
	case x.code != "isv.BIND_CONFLICT" && x.code != "isv.NO_AVAILABLE_NUMBER":
		return false, false
	}
	other := t.send(t.bind().set("PhoneNoX", bound.secretNo).saying("another pair on the same X"))
	return true, other.ok() && other.secretNo == bound.secretNo
}

// stored is how a query shows a number of a binding, where queries are declared.
func (t *trial) stored(bound *exchange, param string) (shown string, known bool) {
	b := t.bindings.last(bound)
	if b == nil || !t.provision.Query.SubscriptionDetail {
		return "", false
	}
	fields, ok := t.detail(b).subscription()
	return fields[param], ok && fields[param] != ""
}

// zeros looks whether a zero in front is part of a number (PRM-A-6): in a query, and by two numbers that differ in nothing else.
func (t *trial) zeros() {
	sure := t.zeroShown("PhoneNoA", "PRM-A-6")
	if t.cfg.Foreign {
		if !sure {
			t.lacking("phones.landline with query.subscription_detail")
		}
		return
	}
	sure = t.zeroMissing() || sure
	bare := t.number("139", 11)
	first := t.send(t.bind().set("PhoneNoA", "0"+bare).saying("a bind whose A has a zero before a mobile number"))
	if !first.ok() { // no such area code: the number is not clearly one
		if !sure {
			t.unseen("no two numbers that differ in a zero are accepted here: "+first.got(), "PRM-A-6")
		}
		return
	}
	if !t.zeroCounts(first, bare) && !sure {
		t.unseen("an X takes one pair only, so that two numbers cannot be told apart", "PRM-A-6")
	}
}

// zeroMissing binds a landline, and what is left of it without its zero on the same X. That is no number, or another one: it reports whether it
// saw which.
func (t *trial) zeroMissing() bool {
	n := t.number("05716", 12)
	first := t.send(t.bind().set("PhoneNoA", n).saying("a bind whose A is a landline"))
	bare := t.bind().set("PhoneNoA", n[1:]).saying("a bind whose A is a landline without its zero")
	return first.ok() && t.send(bare).ok() && t.zeroCounts(first, n[1:])
}

// zeroCounts judges PRM-A-6 by a number without its zero on the X where the one with it is bound, and reports whether it could.
func (t *trial) zeroCounts(first *exchange, bare string) bool {
	same, known := t.conflicts(first, "PhoneNoA", bare)
	switch {
	case known && same:
		t.saw(first, false, "two numbers", "one number: without its zero it conflicts on the same X", "PRM-A-6")
	case known:
		t.saw(first, true, "two numbers", "two numbers: both were bound on one X", "PRM-A-6")
	}
	return known
}

// zeroShown judges a clause by a query that shows a landline, and reports whether it could.
func (t *trial) zeroShown(param, clause string) bool {
	n := t.phones.landline()
	if n == "" && !t.cfg.Foreign {
		n = t.number("05716", 12)
	}
	if n == "" || !t.provision.Query.SubscriptionDetail {
		return false
	}
	x := t.send(t.bind().set(param, n).saying("a bind whose " + param + " is a landline"))
	shown, known := "", false
	if x.ok() {
		shown, known = t.stored(x, param)
	}
	expected := param + " with its zero in QuerySubscriptionDetail"
	switch {
	case !known:
		return false
	case shows(shown, n):
		t.saw(x, true, expected, param+" with its zero", clause)
	case shows(shown, strings.TrimLeft(n, "0")):
		t.saw(x, false, expected, param+" without its zero", clause)
	default:
		return false
	}
	return true
}

// roles looks whether A and B stay what they are (PRM-AB-2), whichever is the greater number and whatever kind it is of.
func (t *trial) roles() {
	list := []*request{t.bind(), t.bind(), t.bind()}
	if n := t.phones.landline(); n != "" {
		list = append(list, t.bind().set("PhoneNoA", n), t.bind().set("PhoneNoB", t.phones.landline()))
	}
	if !t.cfg.Foreign {
		list = append(list, t.bind().set("PhoneNoA", t.number("189", 11)).set("PhoneNoB", t.number("131", 11)),
			t.bind().set("PhoneNoA", t.number("131", 11)).set("PhoneNoB", t.number("189", 11)))
	}
	for i, r := range list {
		x := t.send(r)
		b := t.bindings.last(x)
		switch {
		case x.ok() && b != nil:
			t.rolesKept(b)
		case i < 3:
			t.unsure("no bind was accepted", "PRM-AB-2")
			return
		}
	}
}

// rolesKept judges PRM-AB-2 by what a query shows of a binding.
func (t *trial) rolesKept(b *binding) {
	q := t.detail(b)
	fields, ok := q.subscription()
	shownA, shownB := fields["PhoneNoA"], fields["PhoneNoB"]
	switch {
	case ok && shows(shownA, b.a) && shows(shownB, b.b) && !shows(shownA, b.b):
		t.saw(q, true, "A and B as they were bound", "A and B as they were bound", "PRM-AB-2")
	case ok && shows(shownA, b.b) && !shows(shownA, b.a), ok && shows(shownB, b.a) && !shows(shownB, b.b):
		t.saw(q, false, "A and B as they were bound", "one in the place of the other", "PRM-AB-2")
	default:
		t.unsure("QuerySubscriptionDetail does not show A and B: "+q.got(), "PRM-AB-2")
	}
}
