package conformance

import (
	"bytes"
	"strconv"
	"time"

	"axbench/conformance/client"
	"axbench/conformance/contract"
	"axbench/runner/wire"
)

// signatureTimeCases hold nonces and Timestamps: what keeps a call from being sent again (SIG-9 to SIG-12).
var signatureTimeCases = []testCase{
	{"sig/replay", []string{"SIG-9", "SIG-17"}, nil, replays},
	{"sig/replay-at-once", []string{"SIG-9"}, nil, atOnce},
	{"sig/expired", []string{"SIG-10", "SIG-17"}, nil, func(t *trial) {
		for _, off := range []struct {
			words string
			by    time.Duration
		}{{"a day old", -24 * time.Hour}, {"a day ahead", 24 * time.Hour}, {"20 minutes old", -20 * time.Minute}, {"20 minutes ahead", 20 * time.Minute},
			{"a little more than 16 minutes old", -16*time.Minute - 10*time.Second}, {"a little more than 16 minutes ahead", 16*time.Minute + 10*time.Second}} {
			r := t.bind().with(moved(off.by)).saying("a Timestamp that is " + off.words)
			if x := t.send(r.clone()); x.ok() && off.by.Abs() < time.Hour && skew(x) > time.Minute {
				t.unsure("the clocks of this machine and of the endpoint differ by more than a minute", "SIG-10")
				continue
			}
			x := t.refuse(r, unauthenticated, "SIG-10")
			t.gatewayCode(x, "InvalidTimeStamp.Expired")
		}
	}},
	{"sig/skew", []string{"SIG-11"}, nil, func(t *trial) {
		t.accept(t.bind().with(moved(0)).saying("a Timestamp of now, in UTC"), nil, "SIG-11")
		t.accept(t.bind().with(moved(-5*time.Minute)).saying("a Timestamp 5 minutes old"), nil, "SIG-11")
		t.accept(t.bind().with(moved(5*time.Minute)).saying("a Timestamp 5 minutes ahead"), nil, "SIG-11")
	}},
	{"sig/timestamp-form", []string{"SIG-12", "SIG-17"}, nil, func(t *trial) {
		for _, form := range []struct{ words, layout string }{
			{"without T and Z", "2006-01-02 15:04:05"}, {"without Z", "2006-01-02T15:04:05"}, {"with a fraction", "2006-01-02T15:04:05.000Z"},
			{"with an offset", "2006-01-02T15:04:05+00:00"}, {"without hyphens and colons", "20060102T150405Z"}, {"of a mail header", time.RFC1123},
			{"without a time", "2006-01-02"}, {"without T", "2006-01-02 15:04:05Z"}, {"without seconds", "2006-01-02T15:04Z"}, {"in seconds since 1970", ""}, {"with words", "'now'"},
		} {
			stamp := func(d *client.Draft) {
				text := time.Now().UTC().Format(form.layout)
				if form.layout == "" {
					text = strconv.FormatInt(time.Now().Unix(), 10)
				}
				signedWith("Timestamp", text)(d)
			}
			x := t.refuse(t.bind().with(stamp).saying("a Timestamp "+form.words), badTimestamp, "SIG-12")
			t.gatewayCode(x, "InvalidTimeStamp.Format", "InvalidTimeStamp.Expired")
		}
	}},
}

// badTimestamp is what may come of a Timestamp in another form: never an isp code.
var badTimestamp = oneOf(anyGateway, "isv.ILLEGAL_ARGUMENT", "isv.INVALID_PARAMETERS", "isv.FORBIDDEN_ACTION", anyOther).orSkip(anyBusiness).
	worded("a refusal of the call, with no isp code")

// skew is how far the Date of an answer is from when it came; 0 when it says nothing.
func skew(x *exchange) time.Duration {
	for line := range bytes.SplitSeq(x.head, []byte("\r\n")) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		if !bytes.EqualFold(name, []byte("Date")) {
			continue
		}
		if date, err := time.Parse(time.RFC1123, string(bytes.TrimSpace(value))); err == nil {
			return x.done.Round(0).Sub(date).Abs()
		}
	}
	return 0
}

// replays sends what was sent before (SIG-9). A refusal for the number or the pool would not show that the nonce was looked at.
func replays(t *trial) {
	first := t.send(t.bind().saying("a bind to be repeated"))
	if !first.ok() {
		t.unsure("no bind was accepted that could be sent again: "+first.got(), "SIG-9")
		return
	}
	t.remember(first)
	x := t.refuse(t.resent(first).saying("the same call again"), unauthenticated, "SIG-9")
	t.gatewayCode(x, "SignatureNonceUsed")
	t.refuseOnce(t.resent(first).alone().saying("the same call again over a new connection"), unauthenticated, "SIG-9")
	x = t.refuse(t.bind().with(sameNonce(first)).saying("other numbers with a nonce that was used"), unauthenticated, "SIG-9")
	t.gatewayCode(x, "SignatureNonceUsed")
	t.refuseOnce(t.full().with(sameNonce(first)).alone().saying("other parameters with a nonce that was used, over a new connection"), unauthenticated, "SIG-9")
	later := t.bind().with(sameNonce(first)).with(moved(2 * time.Minute))
	t.refuseOnce(later.saying("a nonce that was used, with a later Timestamp"), unauthenticated, "SIG-9")
	if t.usable(asForm) {
		t.refuseOnce(t.bind().with(asForm).with(sameNonce(first)).saying("a nonce that was used, in a form"), unauthenticated, "SIG-9")
	}
	if t.usable(asPost) {
		second := t.send(t.bind().with(asPost).saying("a bind by POST to be repeated"))
		t.remember(second)
		if second.ok() {
			t.refuseOnce(t.resent(second).alone().saying("the same POST again"), unauthenticated, "SIG-9")
		}
	}
	t.nonceOfOther(first)
	t.nonceOfRefused()
}

// nonceOfOther uses the nonce of a bind for a call of another operation, where the endpoint is declared to have one.
func (t *trial) nonceOfOther(first *exchange) {
	b := t.bindings.last(first)
	if b == nil || !t.provision.Query.SubscriptionDetail || !t.detail(b).ok() {
		return
	}
	r := t.detailRequest(b).with(sameNonce(first))
	t.refuseOnce(r.saying("QuerySubscriptionDetail with the nonce of a bind"), unauthenticated, "SIG-9")
}

// nonceOfRefused uses the nonces of calls that were refused once more: of one that was signed well, which has used it up where callers are
// looked at before numbers (SIG-9), and of one that was not, which the document leaves open.
func (t *trial) nonceOfRefused() {
	first := t.send(t.bind().set("PhoneNoA", t.lettered()).with(unsigned).saying("a number with letters, unsigned"))
	x := t.send(t.bind().set("PhoneNoA", t.lettered()).saying("a number with letters"))
	if first.gateway() && x.readable() && !x.ok() && !x.gateway() && x.known != nil && !x.throttled() {
		t.refuseOnce(t.bind().with(sameNonce(x)).saying("a nonce that a refused number had used"), unauthenticated, "SIG-9")
	}
	x = t.send(t.bind().with(spoiled(otherLast)).saying("a wrong signature"))
	if x.readable() && !x.ok() {
		t.spelling("nonce_of_unsigned", "a nonce that a call with a wrong signature had used", t.bind().with(sameNonce(x)))
	}
}

// atOnce sends copies of one call at the same instant over connections of their own: one of them is accepted.
func atOnce(t *trial) {
	const copies = 4
	rounds := 8
	if t.cfg.Foreign {
		rounds = 2
	}
	pools := make([]*wire.Pool, copies)
	for i := range pools {
		pools[i] = wire.NewPool(t.cfg.Target, wire.Limits{MaxIdle: time.Minute})
		defer pools[i].Close()
	}
	for range rounds {
		if t.stopped() != "" || t.bindings.left() < copies {
			return
		}
		t.pace.wait(t.ctx)
		list := []*exchange{t.prepared(t.bind().saying("a call four times at the same instant"))}
		t.build(list[0])
		for len(list) < copies {
			x := t.prepared(t.resent(list[0]))
			t.build(x)
			list = append(list, x)
		}
		t.together(pools, list)
		t.onlyOne(list)
	}
}

// onlyOne judges copies of one call: one is accepted.
func (t *trial) onlyOne(list []*exchange) {
	const want = "one accepted, and the others refused for their nonce"
	accepted, refused := 0, 0
	var last *exchange
	for _, x := range list {
		switch {
		case x.ok():
			accepted++
			last = x
		case x.readable() && !x.throttled() && unauthenticated.word(x.code, x.known) == "PASS":
			refused++
			last = orExchange(last, x)
		}
	}
	if accepted > 1 || accepted == 1 && refused > 0 { // else a flow limit came between, and nothing was seen
		t.saw(last, accepted == 1, want, itoa(accepted)+" accepted, "+itoa(refused)+" refused", "SIG-9")
	}
}

func orExchange(x, other *exchange) *exchange {
	if x != nil {
		return x
	}
	return other
}

// timestamp is an instant in the form of Timestamp.
func timestamp(at time.Time) string { return at.UTC().Format(contract.TimestampLayout) }
