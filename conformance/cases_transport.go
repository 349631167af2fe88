package conformance

import (
	"axbench/conformance/client"
	"axbench/conformance/contract"
)

// transportCases hold how messages travel (TRN). What one answer may look like is held on every call of the run already, so the first
// case only sees to it that there is every kind of answer.
var transportCases = []testCase{
	{"trn/kinds-of-answers", everyAnswerBears, nil, kindsOfAnswers},
	{"trn/action", []string{"TRN-1"}, nil, func(t *trial) {
		r := t.bind().with(func(d *client.Draft) { d.Action = contract.BindAxb.Name })
		t.accept(r.saying("Action=BindAxb"), []string{"InvalidAction*", "InvalidApi*", "MissingAction"}, "TRN-1")
		unknown := t.bind().with(func(d *client.Draft) { d.Action = "NoSuchAction" })
		t.refuse(unknown.saying("Action=NoSuchAction"), refusedByName, "TRN-1")
		longer := t.bind().with(func(d *client.Draft) { d.Action = contract.BindAxb.Name + "NoSuch" })
		t.refuse(longer.saying("Action=BindAxbNoSuch"), refusedByName, "TRN-1")
		t.spelling("action_case", "letter case of Action", t.bind().with(func(d *client.Draft) { d.Action = "bindaxb" }).saying("Action=bindaxb"))
		t.spelling("action_title", "Action as the title spells it, Axbbind", t.bind().with(func(d *client.Draft) { d.Action = "Axbbind" }).saying("Action=Axbbind"))
	}},
	{"trn/version", []string{"TRN-2"}, nil, func(t *trial) {
		r := t.bind().with(signedWith("Version", contract.Version)).saying("Version=2017-05-25")
		t.accept(r, []string{"InvalidVersion*", "MissingVersion"}, "TRN-2")
		for _, other := range []string{"1999-01-01", "2017-05-26", "2099-12-31"} {
			t.refuse(t.bind().with(signedWith("Version", other)).saying("Version="+other), refusedByName, "TRN-2")
		}
	}},
	{"trn/region", []string{"TRN-3"}, nil, func(t *trial) {
		t.accept(t.bind().with(signedWith("RegionId", "cn-hangzhou")).saying("RegionId=cn-hangzhou"), []string{"InvalidRegion*"}, "TRN-3")
		t.accept(t.bind().with(without("RegionId")).saying("no RegionId"), []string{"MissingRegion*"}, "TRN-3")
	}},
	{"trn/methods", []string{"TRN-4"}, nil, methods},
	{"trn/utf8", []string{"TRN-5"}, nil, func(t *trial) {
		t.accept(t.bind().set("OutId", "订单 中文").saying("a Chinese OutId"), nil, "TRN-5")
		t.acceptUnless(t.bind().set("ExpectCity", "北京").saying("ExpectCity in Chinese"), noNumberThere, "TRN-5")
		if t.usable(asForm) {
			t.accept(t.bind().set("OutId", "订单 中文").with(asForm).saying("a Chinese OutId in a form"), nil, "TRN-5")
		}
	}},
	{"trn/format", []string{"TRN-6"}, nil, formats},
	{"trn/kept-connection", []string{"TRN-9"}, nil, keptConnection},
	{"trn/line-ends", []string{"TRN-9"}, nil, lineEnds},
	{"trn/gateway-errors", []string{"TRN-14", "RSP-1", "RSP-3", "RSP-6"}, nil, gatewayErrors},
}

// everyAnswerBears are the clauses that any answer can break.
var everyAnswerBears = []string{
	"TRN-5", "TRN-6", "TRN-7", "TRN-8", "TRN-9", "TRN-10", "TRN-11", "TRN-12", "TRN-13", "TRN-14", "SIG-18",
	"RSP-1", "RSP-2", "RSP-3", "RSP-4", "RSP-5", "RSP-6", "RSP-7", "RSP-8", "RSP-9", "RSP-10", "RSP-11", "RSP-12", "RSP-13", "RSP-14", "RSP-15", "RSP-16",
	"LOD-6",
}

// refusedByName is what may come of a call that names what there is not: nothing of the numbers or of the provider.
var refusedByName = oneOf(anyGateway, "isv.ILLEGAL_ARGUMENT", "isv.INVALID_PARAMETERS", "isv.FORBIDDEN_ACTION", "isp.GATEWAY_ERROR", anyOther).orSkip(anyRefusal).
	worded("a refusal of what the call names")

// noNumberThere is what a pool may say that never gives a number of another city.
var noNumberThere = []string{"isv.NO_AVAILABLE_NUMBER"}

// kindsOfAnswers sends calls of which each gets another kind of answer: of the service and of the gateway, in every format, by every method.
func kindsOfAnswers(t *trial) {
	kinds := []struct {
		words string
		make  func(*request) *request
	}{
		{"a bind", func(r *request) *request { return r }},
		{"a bind of a number with letters", func(r *request) *request { return r.set("PhoneNoA", t.lettered()) }},
		{"a bind with an Expiration in the past", func(r *request) *request { return r.set("Expiration", "2017-09-05 12:00:00") }},
		{"a bind without PhoneNoB", func(r *request) *request { return r.drop("PhoneNoB") }},
		{"a bind with a wrong signature", func(r *request) *request { return r.with(spoiled(otherLast)) }},
		{"a call of an unknown Action", func(r *request) *request { return r.with(func(d *client.Draft) { d.Action = "NoSuchAction" }) }},
	}
	type way struct {
		words string
		make  func(*request) *request
	}
	ways := []way{
		{"by GET", func(r *request) *request { return r.with(asGet) }},
		{"by POST, on a new connection", func(r *request) *request { return r.with(asPost).alone() }},
		{"in a form", func(r *request) *request { return r.with(asForm) }},
		{"for XML, on a new connection", func(r *request) *request { return r.inXML().alone() }},
	}
	if t.usable(asForm) { // where forms are not read, nobody knows that XML is asked for
		ways = append(ways, way{"in a form, for XML", func(r *request) *request { return r.with(asForm).inXML() }})
	}
	for _, way := range ways {
		for _, kind := range kinds {
			if t.stopped() != "" {
				return
			}
			t.send(way.make(kind.make(t.bind())).saying(kind.words + " " + way.words))
		}
	}
}

// inXML asks for XML.
func (r *request) inXML() *request {
	r.format = contract.XML
	return r.with(signedWith("Format", "XML"))
}

// spelling notes whether another spelling of something works.
func (t *trial) spelling(id, what string, r *request) {
	x := t.send(r)
	switch {
	case x.ok():
		t.choose(id, what, "accepted", x.got())
	case x.readable() && !x.throttled() && t.base.works:
		t.choose(id, what, "refused", x.got())
	}
}

// methods holds TRN-4: GET MUST work; POST, with a query and with a form, SHOULD (the catalogue's note).
func methods(t *trial) {
	t.accept(t.bind().with(asGet).saying("a bind by GET"), []string{"UnsupportedHTTPMethod"}, "TRN-4")
	for _, way := range []struct {
		words string
		edit  edit
	}{{"a bind by POST with a query", asPost}, {"a bind by POST with a form", asForm}} {
		x := t.send(t.bind().with(way.edit).saying(way.words))
		if x.ok() {
			t.holds(x, true, "OK", "TRN-4")
			continue
		}
		control := t.send(t.bind().saying("a plain bind for comparison"))
		again := t.send(t.bind().with(way.edit).saying(way.words))
		switch {
		case again.ok():
			t.holds(again, true, "OK", "TRN-4")
		case !control.ok() || !again.answered() || again.throttled():
			t.word(again, "INCONCLUSIVE", "OK", "TRN-4")
		default:
			t.word(again, "WARN", "OK (POST is what a client should be able to use, too)", "TRN-4")
		}
	}
}

// formats holds TRN-6 by binds and by refusals in each format; that an answer is in the format asked for is looked at on every call.
func formats(t *trial) {
	json := func(r *request) *request { return r.with(signedWith("Format", "JSON")) }
	none := func(r *request) *request { return r.with(without("Format")) }
	for _, f := range []struct {
		words string
		make  func(*request) *request
	}{{"Format=JSON", json}, {"Format=XML", (*request).inXML}, {"no Format", none}} {
		t.accept(f.make(t.bind()).saying("a bind with "+f.words), []string{"InvalidParameter.Format", "InvalidFormat*", "MissingFormat"}, "TRN-6")
		t.send(f.make(t.bind()).set("PhoneNoA", t.lettered()).saying("a number with letters and " + f.words))
		t.send(f.make(t.bind()).with(spoiled(otherLast)).saying("a wrong signature and " + f.words))
	}
	t.spelling("format_case", "letter case of Format", t.bind().with(signedWith("Format", "json")).saying("Format=json"))
}
