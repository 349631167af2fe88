package conformance

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"axbench/conformance/check"
	"axbench/conformance/client"
	"axbench/conformance/contract"
	"axbench/runner/wire"
)

// exchange is one call and what came back. It owns all of its bytes.
type exchange struct {
	req      *request
	built    client.Built
	nonce    string
	stamp    time.Time // what Timestamp says unless an edit says otherwise
	forged   bool      // signed by other credentials than those declared, so that nobody knows a valid signature
	sent     time.Time
	done     time.Time
	failure  wire.Failure // why there is no answer
	detail   string
	started  bool
	reused   bool   // on a connection that had served before
	extra    bool   // bytes followed the answer
	partial  []byte // of a body that did not end within the deadline
	status   int
	head     []byte
	body     []byte
	typ      []byte
	coding   []byte
	code     string // as it came; "" without a readable one
	known    *contract.Code
	message  string
	id       string // RequestId
	subsID   string
	secretNo string
	checked  check.Set
	broken   []check.Violation
	held     []string  // clauses of continuous checks that held, beyond those in checked
	breaches []breach  // what continuous checks found
	sums     []string  // clauses that sum others, and are broken with them
	judged   time.Time // by the endpoint's clock
	settled  bool      // breaches are noted
	line     int       // in evidence.ndjson; 0 when it is not kept
	kept     bool

	accidents []*exchange // the tries before, that something behind the endpoint failed
}

// answered reports whether there is a whole answer.
func (x *exchange) answered() bool { return x.failure == wire.None }

// readable reports whether there is an answer with a code.
func (x *exchange) readable() bool { return x.answered() && x.code != "" }

// ok reports whether the call was accepted: OK, or a word that means it and breaks RSP-4.
func (x *exchange) ok() bool { return x.code == "OK" || x.readable() && x.broke("RSP-4") }

// bound reports whether the answer says that a binding was made.
func (x *exchange) bound() bool {
	return x.req.op == contract.BindAxb && x.ok()
}

func (x *exchange) broke(clause string) bool {
	return slices.ContainsFunc(x.broken, func(v check.Violation) bool { return v.Clause.ID == clause })
}

// throttled reports whether a flow limit answered, that of the service or that of the gateway.
func (x *exchange) throttled() bool {
	return x.code == "isv.FLOW_LIMIT" || x.code == "FlowLimited" || strings.HasPrefix(x.code, "Throttling")
}

// faulted reports whether the gateway says that something behind it does not work at the moment.
func (x *exchange) faulted() bool { return x.code == "InternalError" || x.code == "ServiceUnavailable" }

// accident reports whether an answer says that something behind the endpoint failed, which may pass.
func (x *exchange) accident() bool {
	return x.faulted() || x.known != nil && !matches(anyButProviders, x.code, x.known)
}

// codes are those of a call and of the accidents before it, but for the gateway's own.
func (x *exchange) codes() (list []string) {
	for _, e := range append(slices.Clone(x.accidents), x) {
		if !e.faulted() {
			list = append(list, e.code)
		}
	}
	return list
}

// gateway reports whether the gateway answered.
func (x *exchange) gateway() bool { return x.known != nil && x.known.Group == contract.Gateway }

// got words the answer for the report. Codes are escaped by those who print them.
func (x *exchange) got() string {
	switch {
	case x.failure != wire.None:
		return "no answer: " + string(x.failure) + " (" + x.detail + ")"
	case x.code == "":
		return "HTTP " + itoa(x.status) + " without a readable code"
	case x.known == nil:
		return "HTTP " + itoa(x.status) + ", undocumented code " + x.code
	}
	return "HTTP " + itoa(x.status) + ", " + x.code
}

// send sends a request and looks at the answer. A throttled call is repeated later, unless throttling is what it is for; one without an
// answer is repeated once, on a fresh connection. One to which something behind the endpoint failed is repeated until it no longer does, or
// it is clear that this is the answer to such a call. What is returned is the last try.
func (s *suite) send(c *testCase, r *request) *exchange {
	const tries = 6
	var x *exchange
	var accidents []*exchange
	call := c.name + "\x00" + r.words
	for try := range tries {
		x = s.exchange(c, r)
		x.accidents = accidents
		switch {
		case s.stopped() != "":
			return x
		case x.throttled() && !r.burst:
			s.pace.slower(s.ctx, try)
		case !x.answered() && try == 0 && !r.burst:
			r = r.clone().alone()
		case x.accident() && x.code != r.meant && !r.burst && !r.once && !s.faulty[call]:
			if accidents = append(accidents, x); try == tries-1 {
				s.faulty[call] = true
				return x
			}
			s.recover(x, try)
		default:
			s.pace.faster()
			return x
		}
	}
	return x
}

// recover gives what failed behind the endpoint a moment. Who says that it is a temporary failure is believed longer.
func (s *suite) recover(x *exchange, try int) {
	if x.code == "ServiceUnavailable" {
		sleep(s.ctx, time.Duration(25<<try)*time.Millisecond)
	} else {
		sleep(s.ctx, time.Duration(try)*time.Millisecond)
	}
}

// exchange makes one call.
func (s *suite) exchange(c *testCase, r *request) *exchange {
	x := s.prepared(r)
	if s.stopped() != "" {
		x.failure, x.detail = wire.Timeout, s.stopped()
		return x
	}
	if !r.burst {
		s.pace.wait(s.ctx)
	}
	s.build(x)
	pool := s.pool
	if r.fresh {
		pool = wire.NewPool(s.cfg.Target, wire.Limits{})
		defer pool.Close()
	}
	s.over(c, pool, x)
	return x
}

// prepared is a call that is about to be made, with a nonce of its own.
func (s *suite) prepared(r *request) *exchange {
	return &exchange{req: r.clone(), nonce: newNonce(), stamp: time.Now()}
}

// build makes the bytes of a call. The instant of the call is now: waiting for a turn must not age it.
func (s *suite) build(x *exchange) {
	r := x.req
	x.stamp = time.Now()
	d := client.Draft{Action: r.op.Name, Params: r.params, Credentials: s.credential(r.as), Nonce: x.nonce, Time: x.stamp}
	for _, edit := range r.edits {
		edit(&d)
	}
	x.nonce, x.forged = d.Nonce, d.Credentials != s.credential(r.as)
	x.built = d.Build(s.cfg.Host, s.cfg.Path)
}

// over sends a call over the connections of a pool, and judges what comes back.
func (s *suite) over(c *testCase, pool *wire.Pool, x *exchange) {
	var a wire.Answer
	s.calls++
	pool.Do(x.built.Request, s.deadline(), &a, nil)
	x.take(&a)
	a.Release()
	s.judge(c, x)
}

func (s *suite) credential(name string) client.Credentials {
	if name == "" {
		name = "main"
	}
	return s.credentials[name]
}

func newNonce() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// take copies the answer.
func (x *exchange) take(a *wire.Answer) {
	x.failure, x.detail, x.started, x.extra = a.Failure, a.Detail, a.Started, a.Extra
	x.status, x.head, x.body = a.Status, bytes.Clone(a.Head), bytes.Clone(a.Body)
	x.typ, x.coding = bytes.Clone(a.ContentType), bytes.Clone(a.ContentEncoding)
	x.reused, x.partial = a.Reused, a.Partial
	x.sent, x.done = a.Times.Sent, a.Times.Done
}

// judge holds one answer against every clause that a single answer can break, and against all answers before it, and keeps the
// exchange.
func (s *suite) judge(c *testCase, x *exchange) {
	x.judged = s.bindings.now()
	if !s.alive(x) {
		return
	}
	if x.answered() {
		s.read(x)
	}
	s.continuous(c, x)
	s.codes.seen(x)
	if x.bound() {
		s.ofPool(c, x)
		s.bindings.made(c, x)
	} else if x.started && (!x.answered() || x.code == "") && x.req.op == contract.BindAxb {
		s.bindings.unknown++
	}
	s.settle(c, x)
}

// read checks an answer.
func (s *suite) read(x *exchange) {
	var res check.Result
	sent := check.Sent{
		Operation: x.req.op, Format: x.req.format, Secret: s.credential(x.req.as).Secret, Signature: x.built.Valid, Nonce: x.nonce,
		SubsID: x.req.get("SubsId"), X: x.req.get("PhoneNoX"),
	}
	if x.forged || x.built.Sent != x.built.Valid && strings.Contains(x.built.Sent, x.built.Valid) {
		sent.Signature = "" // nobody knows it, or it comes back with what was sent around it
	}
	if x.req.op == contract.BindAxb {
		sent.A, sent.B, sent.SubsID = x.req.get("PhoneNoA"), x.req.get("PhoneNoB"), ""
	}
	s.checker.Check(&res, &sent, &check.Answer{Status: x.status, ContentType: x.typ, ContentEncoding: x.coding, Head: x.head, Body: x.body})
	x.code, x.known, x.message = string(res.Code), res.Known, string(res.Message)
	x.id, x.subsID, x.secretNo = string(res.RequestID), string(res.SubsID), string(res.SecretNo)
	x.checked, x.broken = res.Checked, slices.Clone(res.Violations)
}
