package conformance

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"axbench/conformance/client"
	"axbench/conformance/contract"
)

// choiceCases find out which way the endpoint went where the document leaves it open. They give no verdict, so that a later run can tell what
// changed. A choice that shows by itself while a clause is held is noted in that clause's case.
var choiceCases = []testCase{
	{"choice/answers", nil, nil, (*trial).chooseAnswers},
	{"choice/requests", nil, nil, (*trial).chooseRequests},
	{"choice/expiration", nil, nil, (*trial).chooseExpiration},
	{"choice/out-id", nil, nil, func(t *trial) {
		first := t.send(t.bind().set("OutId", "axbench-again"))
		again := t.send(t.bind().set("OutId", "axbench-again").saying("a bind of another pair with the same OutId"))
		t.chooseIf(first.ok(), "same_out_id", "two binds with one OutId", either(again.ok() && again.subsID == first.subsID, "the same binding", yes(again, "two bindings")), again)
	}},
	{"choice/unknown-binding", nil, []need{needUnbind}, func(t *trial) {
		b := t.bindings.last(t.send(t.bind()))
		if b == nil || !t.unbindOne(b) {
			t.chooseIf(false, "unknown_binding", "the code for a binding that is not there", "", nil)
			return
		}
		x := t.send(t.unbindRequest(b).saying("UnbindSubscription of a binding that was unbound before"))
		t.chooseIf(x.known != nil, "unknown_binding", "the code for a binding that is not there", x.code, x)
	}},
	{"choice/after-isp", nil, nil, (*trial).chooseAfterISP},
	{"choice/order", nil, nil, (*trial).chooseOrder},
}

// chooseIf notes a choice, as unknown where no probe told.
func (t *trial) chooseIf(told bool, id, text, value string, x *exchange) {
	detail := ""
	if x != nil {
		detail = t.words(x) + ": " + x.got()
	}
	if !told || value == "" {
		value = unknownChoice
	}
	t.choose(id, text, value, detail)
}

func either(is bool, a, b string) string {
	if is {
		return a
	}
	return b
}

// yes is what a probe that may be accepted says: accepted as, or refused; "" without an answer.
func yes(x *exchange, accepted string) string {
	switch {
	case x.ok():
		return accepted
	case x.readable() && !x.throttled():
		return "refused"
	}
	return ""
}

// chooseAnswers looks at a binding, a refusal and a failure of authentication.
func (t *trial) chooseAnswers() {
	good := t.send(t.bind())
	t.chooseIf(good.ok(), "ok_message", "Message of OK", either(good.message == "OK", "OK", messageForm(good)), good)
	t.chooseIf(good.ok(), "extension", "SecretBindDTO.Extension", either(part(good, "SecretBindDTO", "Extension") == "", "absent", "sent"), good)
	t.chooseIf(good.id != "", "request_id", "letters of the RequestId", lettersOf(good.id), good)
	t.chooseIf(good.subsID != "", "subs_id", "form of SubsId", idForm(good.subsID), good)
	past := t.dated(t.in(-day).In(t.zone).Format(contract.ExpirationLayout)).saying("a bind with an Expiration of yesterday")
	bad := t.send(past)
	business := bad.known != nil && bad.known.Group == contract.Business
	t.chooseIf(business, "business_status", "HTTP status of business errors", itoa(bad.status), bad)
	t.chooseIf(business, "message", "Message of business errors", messageForm(bad), bad)
	dto := part(bad, "SecretBindDTO")
	t.chooseIf(business, "failure_dto", "SecretBindDTO after a failure", map[string]string{"": "absent", "null": "null", "{}": "empty"}[dto], bad)
	auth := t.send(t.bind().saying("a bind that is signed wrongly").with(spoiled(func(string) string { return wrongSignature })))
	t.chooseIf(auth.gateway(), "auth_status", "HTTP status of failures of authentication", itoa(auth.status), auth)
}

// chooseRequests looks at how a request may be written.
func (t *trial) chooseRequests() {
	x := t.send(t.bind().saying("a bind without Format").with(func(d *client.Draft) { d.Drop = append(d.Drop, "Format") }))
	format := ""
	for _, f := range []string{"json", "xml"} {
		if strings.Contains(strings.ToLower(string(x.typ)), f) {
			format = f
		}
	}
	t.chooseIf(x.readable(), "format", "the format of an answer without Format", format, x)

	r := t.bind()
	a := r.get("PhoneNoA")
	x = t.send(r.drop("PhoneNoA").set("phonenoa", a).saying("a bind with phonenoa for PhoneNoA"))
	t.chooseIf(t.base.works, "param_names", "letters in the names of parameters", map[string]string{"any": "any_case", "refused": "exact"}[yes(x, "any")], x)

	if t.base.form == "Action=Axbbind" {
		t.choose("action", "the name of the operation", "Axbbind", "")
		return
	}
	x = t.send(t.bind().saying("a bind with Action=Axbbind").with(func(d *client.Draft) { d.Action = "Axbbind" }))
	t.chooseIf(t.base.works && x.readable(), "action", "the name of the operation", either(x.ok(), "both", "BindAxb"), x)
}

// chooseExpiration looks at what of an Expiration the document does not say.
func (t *trial) chooseExpiration() {
	const low, high = "the least that Expiration is ahead", "the most that Expiration is ahead"
	x := t.send(t.bind().until(t.suite, t.in(30*time.Second)).saying("a bind until 30 seconds ahead"))
	if x.ok() {
		t.chooseIf(true, "min_ahead", low, "none", x)
	} else {
		x = t.send(t.bind().until(t.suite, t.in(2*time.Minute)).saying("a bind until two minutes ahead"))
		t.chooseIf(t.base.works && x.readable(), "min_ahead", low, either(x.ok(), "1m", "more than 2m"), x)
	}
	x = t.send(t.dated(t.in(t.hold()).UTC().Format(contract.TimestampLayout)).saying("a bind with an Expiration in ISO 8601"))
	t.chooseIf(t.base.works, "iso_expiration", "an Expiration in ISO 8601", yes(x, "accepted"), x)
	if !t.mayBindFar() {
		t.chooseIf(false, "unpadded_expiration", "an Expiration as 2099-1-31 23:59:59", "", nil)
		t.chooseIf(false, "max_ahead", high, "", nil)
		return
	}
	x = t.send(t.dated("2099-1-31 23:59:59").saying("a bind until 2099-1-31 23:59:59"))
	t.letGo(x)
	t.chooseIf(t.base.works, "unpadded_expiration", "an Expiration as 2099-1-31 23:59:59", yes(x, "accepted"), x)
	for _, far := range []struct {
		until time.Time
		value string
	}{
		{time.Date(9999, 12, 31, 12, 0, 0, 0, t.zone), "none"}, {t.in(10 * 366 * day), "more than 10 years"}, {t.in(366 * day), "more than a year"},
		{t.in(30 * day), "more than 30 days"}, {t.in(day), "more than a day"},
	} {
		x = t.send(t.bind().until(t.suite, far.until).saying("a bind until far ahead"))
		t.letGo(x)
		if x.ok() {
			t.chooseIf(true, "max_ahead", high, far.value, x)
			return
		}
	}
	t.chooseIf(false, "max_ahead", high, "", x)
}

// chooseAfterISP asks for a bind of which a fault behind the endpoint is declared, and then whether a binding exists all the same
// (gap 29 of the catalogue): its A, or its B where A is the sign, is bound to the same X again.
func (t *trial) chooseAfterISP() {
	const id, text = "after_isp", "whether a binding exists after an isp code"
	for _, code := range slices.Sorted(maps.Keys(t.provision.Codes)) {
		how := t.provision.Codes[code]
		if !strings.HasPrefix(code, "isp.") || how.Unprovocable != "" || how.Credential != "" || how.Pool != "" || how.PhoneX != "" || how.PhoneA != "" && how.PhoneB != "" {
			continue
		}
		x := t.roomyX()
		if x == "" {
			break
		}
		r := t.triggered(&how).set("PhoneNoX", x).saying("a bind with the sign that is declared for " + code)
		fault := t.send(r)
		if !strings.HasPrefix(fault.code, "isp.") {
			continue
		}
		again := t.bind().set("PhoneNoX", x).saying("a bind of the same number and X after " + fault.code)
		if how.PhoneA == "" {
			again.set("PhoneNoA", r.get("PhoneNoA"))
		} else {
			again.set("PhoneNoB", r.get("PhoneNoB"))
		}
		probe := t.send(again)
		if taken(probe) {
			t.bindings.unknown++ // it has no SubsId here by which it could be ended
		}
		t.chooseIf(probe.ok() || taken(probe), id, text, either(taken(probe), "bound", "none"), probe)
		return
	}
	t.chooseIf(false, id, text, "", nil)
}

// roomyX is an X on which another pair can be bound, "" for none.
func (t *trial) roomyX() string {
	first := t.send(t.bind())
	t.letGo(first)
	if !first.ok() || first.secretNo == "" {
		return ""
	}
	second := t.send(t.bind().set("PhoneNoX", first.secretNo).saying("a bind of another pair with the X of the bind before"))
	t.letGo(second)
	if !second.ok() {
		return ""
	}
	return first.secretNo
}

// wrongSignature has the form of a signature.
const wrongSignature = "AAAAAAAAAAAAAAAAAAAAAAAAAAA="

// messageForm says what a Message is by the document's table: its text, the code, or something else.
func messageForm(x *exchange) string {
	ascii := !strings.ContainsFunc(x.message, func(r rune) bool { return r > '~' })
	switch {
	case x.message == "":
		return "empty"
	case x.message == x.code:
		return "code"
	case x.known != nil && x.message == x.known.ZH:
		return "table"
	}
	return either(ascii, "english", "another text")
}

// lettersOf says how an identifier with hexadecimal digits is written.
func lettersOf(id string) string {
	upper, lower := strings.ToUpper(id) == id, strings.ToLower(id) == id
	return either(upper == lower, either(upper, "none", "mixed"), either(upper, "upper", "lower"))
}

// idForm says how long a number of digits is, or that it is a UUID.
func idForm(id string) string {
	switch {
	case strings.Trim(id, "0123456789") == "":
		return itoa(len(id))
	case len(id) == 36 && strings.Count(id, "-") == 4 && strings.Trim(id, "0123456789abcdefABCDEF-") == "":
		return "uuid"
	}
	return "another form"
}

// part is a part of a JSON answer as it came, without white space; "" where it is absent.
func part(x *exchange, path ...string) string {
	raw := json.RawMessage(x.body)
	for _, name := range path {
		var object map[string]json.RawMessage
		if json.Unmarshal(raw, &object) != nil {
			return ""
		}
		raw = object[name]
	}
	return strings.Join(strings.Fields(string(raw)), "")
}
