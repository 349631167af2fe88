package traffic

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"time"
	"unsafe"

	"axbench/conformance/check"
	"axbench/conformance/client"
	"axbench/conformance/contract"
	"axbench/results"
	"axbench/runner"
	"axbench/runner/wire"
)

// Config says how answers are judged and what is kept of them. The zero value judges by the document of 2019-01 and its
// profiles seed and pop, and keeps no evidence and no journal.
type Config struct {
	Edition     contract.Edition
	Profiles    []string           // of clauses that count: seed, pop, doc2019, strict; nil is seed and pop
	Credentials client.Credentials // never to be seen in an answer, nor in what is recorded
	MemoryIDs   int64              // bytes for identifiers; 0 is DefaultMemoryIDs
	Margin      time.Duration      // how long before its Expiration a binding counts as dead; 0 is 5 s
	Skew        time.Duration      // how far the clock that bindings expire by is ahead of this one

	// What this run shares with others, so that identifiers are unique over all of them and a number has one pseudonym; nil
	// for its own. With Invariants MemoryIDs and Margin are theirs.
	Invariants *Invariants
	Redactor   *Redactor

	Journal *Journal // of bindings; nil for none
	Breaker *Breaker // nil for none
	Facts   *Facts   // what the answers of other generators are held against; nil for a run of one

	// Evidence, if set, keeps a redacted exchange and returns its line in evidence.ndjson (results.Writer.AppendEvidence).
	// Otherwise Outcome.Evidence carries it, and Recorded is to be told of its line.
	Evidence func(*results.Evidence) (line int, err error)
	// Stop, if set, is called once when the run cannot go on because its bindings or its evidence cannot be written down.
	Stop func(reason string)
}

// Traffic is the runner.Judge of this API: it checks every answer, keeps what only many answers together can show, and knows
// what bindings the run has made. Its methods are safe for concurrent use.
type Traffic struct {
	cfg      Config
	checker  *check.Checker
	codes    *codeBook
	tally    *tally
	ids      *Invariants
	redactor *Redactor
	bindings ledger
	clock    clock
	before   []results.Unique // what others had counted in shared Invariants

	failed sync.Once
	mu     sync.Mutex
	err    error
}

var _ runner.Judge = (*Traffic)(nil)

// New makes the Judge of one run.
func New(cfg Config) *Traffic {
	if cfg.Profiles == nil {
		cfg.Profiles = []string{"seed", "pop"}
	}
	checker := check.New(cfg.Edition)
	if slices.Contains(cfg.Profiles, "strict") {
		checker = check.NewStrict(cfg.Edition)
	}
	t := &Traffic{
		cfg: cfg, checker: checker,
		redactor: cfg.Redactor,
		codes:    newCodeBook(cfg.Edition),
		tally:    newTally(cfg.Profiles),
		ids:      cfg.Invariants,
	}
	if t.redactor == nil {
		c := cfg.Credentials
		t.redactor = NewRedactor(c.ID, c.Secret, c.Token)
	}
	if t.ids == nil {
		t.ids = NewInvariants(cfg.MemoryIDs, cfg.Margin)
	}
	t.before = t.ids.Unique()
	return t
}

// Redactor returns what makes this run's records fit to be kept, for callers that record more of it.
func (t *Traffic) Redactor() *Redactor { return t.redactor }

// Err returns the first error of journal or evidence, or nil.
func (t *Traffic) Err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

func (t *Traffic) fail(err error) {
	t.failed.Do(func() {
		t.mu.Lock()
		t.err = err
		t.mu.Unlock()
		if t.cfg.Stop != nil {
			t.cfg.Stop(err.Error())
		}
	})
}

// Sending ends the life of the binding that req unbinds: from now on the numbers may be bound again.
func (t *Traffic) Sending(req *runner.Request, now time.Time) {
	m, ok := req.Memo.(*Memo)
	if !ok {
		return
	}
	if m.live != [2]uint64{} {
		t.ids.Unbound(m.live)
	}
	if m.shared != [2]uint64{} {
		t.cfg.Facts.unbound(m.shared, now)
	}
}

// Judge implements runner.Judge. In the good case it allocates nothing, a follow-up aside.
func (t *Traffic) Judge(req *runner.Request, a *wire.Answer, phase string, out *runner.Outcome) {
	m := req.Memo.(*Memo)
	now := a.Times.Done
	if now.IsZero() {
		now = time.Now()
	}
	var code *codeEntry
	if a.Failure != wire.None {
		code = t.noAnswer(m, a, out)
	} else {
		code = t.answered(req, m, a, now, out)
	}
	if t.cfg.Breaker != nil {
		t.cfg.Breaker.Observe(now, out.Code, out.Expected)
	}
	t.keep(req, m, a, phase, code, now, out)
}

// noAnswer judges a call without an answer.
func (t *Traffic) noAnswer(m *Memo, a *wire.Answer, out *runner.Outcome) *codeEntry {
	code := t.codes.failure(a.Failure)
	out.Code, out.Class = code.name, results.ClassTransport
	if a.Started {
		t.bindings.lost(m.Operation)
	}
	if a.Failure == wire.Framing {
		t.tally.framed.Add(1)
		t.violate(out, t.tally.trn9, true)
	}
	t.ended(a, out)
	t.underLoad(out)
	return code
}

// answered judges an answer.
func (t *Traffic) answered(req *runner.Request, m *Memo, a *wire.Answer, now time.Time, out *runner.Outcome) *codeEntry {
	res := t.check(req, m, a)
	code := t.codes.find(res, t.redactor, req.Bytes, m)
	out.Code, out.Class, out.Status = code.name, code.class, a.Status
	out.Expected = expected(m.Expect, out.Code)

	t.clock.observe(a)
	t.tally.framed.Add(1)
	t.tally.ended.Add(1)
	t.tally.checked(res.Checked)
	for i := range res.Violations {
		v := &res.Violations[i]
		t.violate(out, t.tally.find(v.Clause), v.Clause.Level == contract.Must)
	}
	if a.Extra {
		t.violate(out, t.tally.trn9, true)
	}
	bound := m.Operation == contract.BindAxb && code.class == results.ClassOK && len(res.SubsID) > 0 && len(res.SecretNo) > 0
	var prints Prints
	if bound {
		prints = t.ids.Prints(res.RequestID, res.SubsID, res.SecretNo, m.A, m.B)
	} else {
		prints = t.ids.Prints(res.RequestID, nil, nil, "", "")
	}
	if t.ids.RequestID(prints) {
		t.violate(out, t.tally.rsp2, true)
	}
	switch {
	case bound:
		t.bound(req, m, prints, now, out)
	case code.class == results.ClassOK || code.class == results.ClassMalformed: // a binding that nobody can unbind, maybe
		t.bindings.lost(m.Operation)
	}
	if m.Operation == contract.UnbindSubscription {
		t.unbindAnswered(m, now)
	}
	t.underLoad(out)
	if t.cfg.Facts != nil {
		t.export(m, bound, now, out)
	}
	out.Good = out.Expected
	for _, v := range out.Violations {
		if v.Must {
			out.Good = false
		}
	}
	return code
}

// ended judges LOD-6 of a call without an answer: it timed out, or was refused before anything was written. A connection that
// ends without an answer is none of these, unless it had served before: then its end may have crossed the request, which HTTP
// allows and nobody can tell from a fault.
func (t *Traffic) ended(a *wire.Answer, out *runner.Outcome) {
	if a.Failure == wire.Reset && a.Reused {
		return
	}
	t.tally.ended.Add(1)
	if a.Failure == wire.Framing || a.Failure == wire.Reset && a.Started {
		t.violate(out, t.tally.lod6, true)
	}
}

// underLoad judges LOD-1: no MUST clause of TRN and RSP is broken, decisions of this project aside.
func (t *Traffic) underLoad(out *runner.Outcome) {
	for _, v := range out.Violations {
		if c := t.tally.byID[v.Clause]; v.Must && c.everyAnswer {
			t.violate(out, t.tally.lod1, true)
			return
		}
	}
}

// check runs the checker over one answer. All it needs is in the Memo, so nothing is allocated.
func (t *Traffic) check(req *runner.Request, m *Memo, a *wire.Answer) *check.Result {
	m.sent = check.Sent{Operation: m.Operation, Format: m.Format, Secret: t.cfg.Credentials.Secret}
	if m.Operation != contract.UnbindSubscription {
		m.sent.A, m.sent.B, m.sent.X = m.A, m.B, m.X
	}
	if m.Fault == client.NoFault {
		m.sent.Signature = m.signature(req.Bytes)
	}
	m.answer = check.Answer{
		Status: a.Status, ContentType: a.ContentType, ContentEncoding: a.ContentEncoding, Head: a.Head, Body: a.Body,
	}
	t.checker.Check(&m.res, &m.sent, &m.answer)
	m.sent.Signature = ""
	return &m.res
}

// violate notes a broken clause; nil stands for one outside the profiles.
func (t *Traffic) violate(out *runner.Outcome, c *clauseEntry, must bool) {
	if c == nil {
		return
	}
	for _, v := range out.Violations {
		if v.Clause == c.clause.ID {
			return
		}
	}
	c.count.Add(1)
	if must {
		c.must.Store(true)
	}
	out.Violations = append(out.Violations, runner.Violation{Clause: c.clause.ID, Must: must})
}

// expected reports whether code is what the request asked for: OK unless it says otherwise.
func expected(want, code string) bool {
	if want == "" {
		want = "OK"
	}
	for {
		i := strings.IndexByte(want, '|')
		if i < 0 {
			return want == code
		}
		if want[:i] == code {
			return true
		}
		want = want[i+1:]
	}
}

// signature finds the signature in a request, decoded. It is valid until the next use of the Memo; "" when there is none.
func (m *Memo) signature(request []byte) string {
	for at := 0; ; {
		i := bytes.Index(request[at:], signatureField)
		if i < 0 {
			return ""
		}
		at += i + len(signatureField)
		before := byte('\n') // the first parameter of a form
		if from := at - len(signatureField); from > 0 {
			before = request[from-1]
		}
		if before == '&' || before == '?' || before == ',' || before == '\n' {
			request = request[at:]
			break
		}
	}
	m.scratch = m.scratch[:0]
	for i := 0; i < len(request); i++ {
		c := request[i]
		if c == '&' || c == ' ' || c == '\r' {
			break
		}
		if c == '%' && i+2 < len(request) {
			if v, ok := hexValue(request[i+1 : i+3]); ok {
				c = byte(v)
				i += 2
			}
		}
		m.scratch = append(m.scratch, c)
	}
	return unsafe.String(unsafe.SliceData(m.scratch), len(m.scratch))
}

var signatureField = []byte("Signature=")
