package conformance

import (
	"strings"

	"axbench/conformance/client"
	"axbench/conformance/traffic"
	"axbench/results"
)

// signatureEffectCases hold what a caller without a good signature can find out or change, and what a parameter that is sent twice can
// smuggle in (SIG-18 to SIG-21).
var signatureEffectCases = []testCase{
	{"sig/secrecy", []string{"SIG-18"}, nil, func(t *trial) {
		for _, change := range []edit{spoiled(otherLast), unsigned, spoiled(func(s string) string { return s[:len(s)/2] }), func(*client.Draft) {}} {
			for _, way := range []edit{asGet, asForm} {
				t.send(t.bind().with(way).with(change).saying("a call whose answer could show a signature"))
			}
			t.send(t.bind().with(change).inXML().saying("a call whose answer could show a signature, in XML"))
		}
	}},
	{"sig/no-effect", []string{"SIG-19"}, []need{needPool("small")}, noEffect},
	{"sig/first", []string{"SIG-20"}, nil, authenticatedFirst},
	{"sig/twice", []string{"SIG-21"}, nil, sentTwice},
}

// noEffect counts what a small pool holds for one A, before and after twenty calls with a bad signature (SIG-19): each X that they took, for
// this A or at all, is missing from the second count.
func noEffect(t *trial) {
	const bad = 20
	size := t.provision.Pool("small").Size
	if size == 0 || size > 64 {
		t.lacking("pools.small.size, at most 64")
		return
	}
	a := t.phones.a()
	before, full := size, true
	if t.provision.Query.Unbind {
		if before, full = t.room(a, size); !full || before == 0 {
			t.unsure("the small pool could not be filled: "+itoa(before)+" binds of one A were accepted", "SIG-19")
			return
		}
		unbound := t.bindings.unbound
		if t.suite.unbind(); t.bindings.unbound-unbound < int64(before) {
			t.unsure("what the first count had bound could not be unbound", "SIG-19")
			return
		}
	}
	var last *exchange
	for range bad {
		last = t.send(t.bind().set("PoolKey", t.poolKey("small")).set("PhoneNoA", a).with(spoiled(otherLast)).saying("20 binds with a bad signature"))
		if last.ok() {
			t.unsure("a call with a bad signature was accepted", "SIG-19")
			return
		}
	}
	after, full := t.room(a, before)
	got := itoa(before) + " before, " + itoa(after) + " after"
	switch {
	case after >= before:
		t.saw(last, true, "as many binds of one A in the small pool as before", got, "SIG-19")
	case full && t.provision.Query.Unbind:
		t.saw(last, false, "as many binds of one A in the small pool as before", got, "SIG-19")
	default:
		t.unsure("the small pool took fewer binds than it has numbers, and what it held before is not known: "+got, "SIG-19")
	}
}

// room counts how many binds of one A the small pool takes, up to most. full says that it had no more, or that there were most.
func (t *trial) room(a string, most int) (n int, full bool) {
	for n < most && t.stopped() == "" && t.bindings.left() > 0 {
		x := t.send(t.bind().set("PoolKey", t.poolKey("small")).set("PhoneNoA", a).saying("a bind in the small pool"))
		switch {
		case x.ok():
			n++
		case x.code == "isv.NO_AVAILABLE_NUMBER" || x.code == "isv.BIND_CONFLICT":
			return n, true
		default:
			return n, false
		}
	}
	return n, n == most
}

// authenticatedFirst holds SIG-20: what is wrong with a number, or which pools there are, is not said to callers that are not known.
func authenticatedFirst(t *trial) {
	unknownPool := "FC" + newNonce()[:8]
	for _, fault := range []struct {
		words string
		edit  edit
	}{{"unsigned", unsigned}, {"wrongly signed", spoiled(otherLast)}} {
		right := t.send(t.bind().with(fault.edit).saying("a bind that is right but " + fault.words))
		if !right.readable() || right.ok() || right.throttled() || !t.base.says(right) {
			continue
		}
		for _, other := range []struct {
			words string
			r     *request
		}{
			{"a number with letters, ", t.bind().set("PhoneNoA", t.lettered())},
			{"an Expiration in the past, ", t.bind().set("Expiration", "2017-09-05 12:00:00")},
			{"an unknown pool, ", t.bind().set("PoolKey", unknownPool)},
			{"a PhoneNoX that no pool has, ", t.bind().set("PhoneNoX", t.phones.b())},
		} {
			x := t.send(other.r.with(fault.edit).saying(other.words + fault.words))
			if !x.readable() || x.throttled() {
				continue
			}
			same := x.code == right.code && x.status == right.status && shape(x.message) == shape(right.message)
			t.saw(x, same && x.gateway() || same && unauthenticated.word(x.code, x.known) == results.ClausePass,
				"the answer to a call that is right but "+fault.words+": "+right.got(), x.got(), "SIG-20")
		}
	}
}

// shape is what of a message does not depend on the values of the call: its beginning, up to what is echoed, without digits.
func shape(message string) string {
	message, _, _ = strings.Cut(message, ":")
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return -1
		}
		return r
	}, message)
}

// sentTwice sends parameters twice, of which one is signed (SIG-21): the call is refused, or the signed value is the one used.
func sentTwice(t *trial) {
	for _, place := range []struct {
		words string
		put   func(name, value string) edit
	}{{"in front", added}, {"behind", addedBehind}, {"in a form beside the query", beside}} {
		t.wrongSigned(place.words, place.put)
		t.otherX(place.words, place.put)
	}
	// A Signature that is wrong beside one that is right: whichever of the two counts, it counts in both orders.
	front := t.send(t.bind().with(rearranged(signatureFirst)).with(added("Signature", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")).saying("a wrong Signature before the right one"))
	behind := t.send(t.bind().with(rearranged(signatureFirst)).with(addedBehind("Signature", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")).saying("a wrong Signature behind the right one"))
	if front.readable() && behind.readable() && !front.throttled() && !behind.throttled() {
		t.saw(behind, !front.ok() || !behind.ok(), "one of both orders refused", "before: "+front.got()+"; behind: "+behind.got(), "SIG-21")
	}
}

// beside sends a parameter in a body that nobody signed.
func beside(name, value string) edit {
	return func(d *client.Draft) {
		d.Method, d.Form = "POST", false
		d.Beside = append(d.Beside, traffic.Param{Name: name, Value: value})
	}
}

// wrongSigned signs a number that is none, and sends a right one beside it that is not signed: it must not be bound.
func (t *trial) wrongSigned(words string, put func(name, value string) edit) {
	for _, p := range []traffic.Param{{Name: "PhoneNoA", Value: t.lettered()}, {Name: "PoolKey", Value: "FC" + newNonce()[:8]}} {
		r := t.bind()
		r.with(signedWith(p.Name, p.Value)).with(put(p.Name, r.get(p.Name))).saying(p.Name + " once more, " + words + ", not signed; the signed one is wrong")
		x := t.send(r)
		if x.readable() && !x.throttled() {
			t.saw(x, !x.ok(), "a refusal", x.got(), "SIG-21")
		}
	}
}

// otherX signs one X of the pool and sends another beside it that is not signed.
func (t *trial) otherX(words string, put func(name, value string) edit) {
	signed, other := t.twoX()
	if signed == "" {
		return
	}
	x := t.send(t.bind().set("PhoneNoX", signed).with(put("PhoneNoX", other)).saying("another PhoneNoX, " + words + ", not signed"))
	if x.readable() && !x.throttled() {
		t.saw(x, !x.ok() || x.secretNo != other, "a refusal, or the signed PhoneNoX", orElse(map[bool]string{true: "the one that was not signed"}[x.ok() && x.secretNo == other], x.got()), "SIG-21")
	}
}

// twoX are two X of the main pool, "" when two are not known.
func (t *trial) twoX() (one, other string) {
	if p := t.provision.Pool("main"); p != nil {
		if all := p.All(64); len(all) > 1 {
			return all[0], all[1]
		}
	}
	for range 6 {
		x := t.send(t.bind().saying("a bind that shows an X of the pool"))
		switch {
		case !x.ok() || x.secretNo == "":
			return "", ""
		case one == "":
			one = x.secretNo
		case x.secretNo != one:
			return one, x.secretNo
		}
	}
	return "", ""
}
