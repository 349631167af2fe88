package conformance

import (
	"strconv"
	"strings"

	"axbench/conformance/client"
	"axbench/conformance/traffic"
)

// notBoolean is the outcome of a text that is no Boolean (bindaxb-doc:45,142). The gateway may know the type, too.
var notBoolean = must("isv.ILLEGAL_ARGUMENT", "isv.INVALID_PARAMETERS", "Invalid*")

// optionCases hold IsRecordingEnabled (PRM-REC), OutId (PRM-OUT) and parameters that nobody knows (PRM-UNK).
var optionCases = []testCase{
	{"rec/absent", []string{"PRM-REC-1"}, nil, func(t *trial) {
		t.accept(t.bind().drop("IsRecordingEnabled").saying("a bind without IsRecordingEnabled"), nil, "PRM-REC-1")
	}},
	{"rec/spelling", []string{"PRM-REC-2", "PRM-REC-3"}, nil, (*trial).recordingSpelt},
	{"rec/no-boolean", []string{"PRM-REC-4"}, nil, func(t *trial) {
		for _, value := range []string{"maybe", "2"} {
			t.refuse(t.recording(value), notBoolean, "PRM-REC-4")
		}
		// An empty optional parameter may be taken for an absent one (PRM-X-7).
		r := t.recording("").saying("a bind with an empty IsRecordingEnabled")
		if x := t.send(r); x.ok() {
			t.choose("empty_boolean", "an empty IsRecordingEnabled", "absent", x.got())
			return
		}
		t.choose("empty_boolean", "an empty IsRecordingEnabled", "refused", "")
		t.refuse(r, notBoolean, "PRM-REC-4")
	}},
	{"rec/default", []string{"PRM-REC-5"}, []need{needDetail}, (*trial).recordingKept},
	{"out/absent", []string{"PRM-OUT-1"}, nil, func(t *trial) {
		t.accept(t.bind().drop("OutId").saying("a bind without OutId"), nil, "PRM-OUT-1")
	}},
	{"out/any-text", []string{"PRM-OUT-2"}, nil, func(t *trial) {
		for _, o := range outIDs {
			t.accept(t.bind().set("OutId", o.text).saying("a bind with an OutId of "+o.words), nil, "PRM-OUT-2")
		}
	}},
	{"out/receipt", []string{"PRM-OUT-3"}, []need{needReceipts}, (*trial).outIDComesBack},
	{"out/twice", []string{"PRM-OUT-4"}, nil, func(t *trial) {
		first := t.send(t.bind().set("OutId", "axbench-twice").saying("a bind with an OutId"))
		if !first.ok() {
			t.word(first, "INCONCLUSIVE", "OK", "PRM-OUT-4")
			return
		}
		r := t.bind().set("OutId", "axbench-twice").saying("a bind of another pair with the OutId of the bind before")
		if x := t.accept(r, nil, "PRM-OUT-4"); x.ok() && x.subsID == first.subsID && x.subsID != "" {
			t.saw(x, false, "a binding of its own", "the SubsId of the bind before", "PRM-OUT-4")
		}
	}},
	{"unk/ignored", []string{"PRM-UNK-1"}, nil, func(t *trial) {
		for _, p := range []struct{ name, value, words string }{
			{"AxbenchExtra", "1", "a parameter that nobody knows"},
			{"Extra[key]", "value", "a parameter in bracket form"},
			{"ASRStatus", "false", "a parameter of later clients"},
			{"RingConfig", `{"AXBRing_A":"1"}`, "another parameter of later clients"},
		} {
			extra := traffic.Param{Name: p.name, Value: p.value}
			t.accept(t.bind().saying("a bind with "+p.words).with(func(d *client.Draft) { d.Set = append(d.Set, extra) }), nil, "PRM-UNK-1")
		}
	}},
}

// outIDs are texts of a caller (PRM-OUT-2). Only the two lengths are given in bytes.
var outIDs = []struct{ words, text string }{
	{"letters and digits", "Order20170905"},
	{"Chinese", "订单号之一"},
	{"quotes", `it's "so"`},
	{"& and =", "a&b=c&PhoneNoX=1"},
	{"%", "100% %41 %2B"},
	{"blanks, + * ~ / and ?", "a b+c*d~e/f?g"},
	{"all of them", `a b*c~d+e/%&=中"'`},
	{"digits that begin with zeros", "000170905"},
	{"a character of four bytes", "订单🌊"},
	{"angle brackets", "<order id=1>"},
	{"64 bytes", strings.Repeat("axbench-", 8)},
	{"256 bytes", strings.Repeat("axbench-", 32)},
}

// recording is a bind with a value of IsRecordingEnabled.
func (t *trial) recording(value string) *request {
	return t.bind().set("IsRecordingEnabled", value).saying("a bind with IsRecordingEnabled=" + value)
}

// recordingSpelt holds PRM-REC-2 and PRM-REC-3. An endpoint that takes one spelling only does not take both: that is PRM-REC-3 whichever
// it is, and PRM-REC-2 if it is that of the table.
func (t *trial) recordingSpelt() {
	capital := false
	for _, value := range []string{"True", "False"} {
		capital = t.accept(t.recording(value), nil, "PRM-REC-3").ok() || capital
	}
	for _, value := range []string{"true", "false"} {
		x := t.accept(t.recording(value), nil, "PRM-REC-2")
		if !x.ok() && x.readable() && capital && t.send(t.bind()).ok() {
			t.holds(x, false, "OK, as with a capital", "PRM-REC-3")
		}
	}
}

// recordingKept reads through the second channel what a bind made of IsRecordingEnabled (PRM-REC-5).
func (t *trial) recordingKept() {
	seen := false
	plain := func(r *request) *request { return r }
	form := plain
	if t.usable(asForm) {
		form = func(r *request) *request { return r.with(asForm) }
	}
	for _, r := range []struct {
		value string
		want  bool
		way   func(*request) *request
	}{
		{"", false, plain}, {"", false, form}, {"", false, (*request).inXML}, {"false", false, plain}, {"False", false, plain}, {"false", false, form},
		{"True", true, plain}, {"true", true, plain}, {"true", true, form},
	} {
		q := r.way(t.recording(r.value))
		if r.value == "" {
			q = r.way(t.bind().drop("IsRecordingEnabled").saying("a bind without IsRecordingEnabled"))
		}
		b := t.bindings.last(t.send(q))
		if b == nil {
			continue // which values are accepted is for PRM-REC-1 to PRM-REC-3
		}
		x := t.detail(b).renamed("QuerySubscriptionDetail after " + q.words)
		dto, _ := x.subscription()
		got := strings.ToLower(dto["NeedRecord"])
		if got != "true" && got != "false" {
			continue
		}
		seen = true
		t.saw(x, (got == "true") == r.want, "NeedRecord "+strconv.FormatBool(r.want), "NeedRecord "+got, "PRM-REC-5")
	}
	if !seen {
		t.unsure("QuerySubscriptionDetail tells no NeedRecord", "PRM-REC-5")
	}
}

// outIDComesBack rings the X of a binding and compares the OutId of the call record with the one of the bind (PRM-OUT-3).
func (t *trial) outIDComesBack() {
	same, asked := true, 0
	var last *exchange
	got := "the same OutId"
	for _, o := range outIDs {
		x := t.send(t.bind().set("OutId", o.text).saying("a call through the X of a bind with an OutId of " + o.words))
		if !x.ok() || x.secretNo == "" {
			continue // PRM-OUT-2
		}
		back, err := t.call(x.secretNo, x.req.get("PhoneNoA"))
		if err != nil {
			t.unsure(err.Error(), "PRM-OUT-3")
			return
		}
		asked++
		if back != o.text && same {
			same, last, got = false, x, "another OutId in the call record"
		} else if same {
			last = x
		}
	}
	if asked == 0 {
		t.unsure("no bind with an OutId was accepted", "PRM-OUT-3")
		return
	}
	t.saw(last, same, "the OutId of the bind in the call record", got, "PRM-OUT-3")
}
