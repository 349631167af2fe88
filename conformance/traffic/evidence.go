package traffic

import (
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"axbench/results"
	"axbench/runner"
	"axbench/runner/wire"
)

// maxEvidence is how many exchanges of every code and of every violated clause are kept.
const maxEvidence = 3

// take reports whether another exchange may be kept under a counter.
func take(n *atomic.Int32) bool {
	return n.Load() < maxEvidence && n.Add(1) <= maxEvidence
}

// keep records the exchange if it is one of the first of its code or of a clause it broke. Only then it costs anything.
func (t *Traffic) keep(req *runner.Request, m *Memo, a *wire.Answer, phase string, code *codeEntry, now time.Time, out *runner.Outcome) {
	wanted := take(&code.evidence)
	for _, v := range out.Violations {
		if e := t.tally.byID[v.Clause]; e != nil && take(&e.evidence) {
			wanted = true
		}
	}
	if !wanted {
		return
	}
	e := t.evidence(req, m, a, now, out)
	e.Phase = phase
	if t.cfg.Evidence == nil {
		out.Evidence = e
		return
	}
	line, err := t.cfg.Evidence(e)
	if err != nil {
		t.fail(fmt.Errorf("evidence cannot be written: %w", err))
		return
	}
	t.Recorded(e, line)
}

// Recorded is told in which line of evidence.ndjson, from 1, an Outcome's evidence went.
func (t *Traffic) Recorded(e *results.Evidence, line int) {
	for _, id := range e.Clauses {
		if c := t.tally.byID[id]; c != nil {
			for {
				old := c.first.Load()
				if old != 0 && old <= int64(line) || c.first.CompareAndSwap(old, int64(line)) {
					break
				}
			}
		}
	}
}

// evidence makes the redacted record of one exchange. ResponseNS is the service time, which is all that is known here.
func (t *Traffic) evidence(req *runner.Request, m *Memo, a *wire.Answer, now time.Time, out *runner.Outcome) *results.Evidence {
	e := &results.Evidence{Time: now.Round(0).UTC(), Operation: req.Operation, Code: out.Code, Class: out.Class}
	if !a.Times.Sent.IsZero() {
		e.ResponseNS = int64(now.Sub(a.Times.Sent))
	}
	var details []string
	for _, v := range out.Violations {
		e.Clauses = append(e.Clauses, v.Clause)
		details = append(details, v.Clause+": "+t.detail(m, a, v.Clause))
	}
	if a.Failure != wire.None {
		details = append(details, t.redactor.Text([]byte(a.Detail)))
	} else if !out.Expected {
		details = append(details, "expected "+wanted(m.Expect)+", got "+out.Code)
	}
	e.Detail = strings.Join(details, "; ")
	var x []byte
	if a.Failure == wire.None {
		x = m.res.SecretNo
	}
	e.Request, e.Answer = t.redactor.Exchange(req.Bytes, a.Head, a.Body, m.A, m.B, m.X, string(x))
	return e
}

func wanted(expect string) string {
	if expect == "" {
		return "OK"
	}
	return strings.ReplaceAll(expect, "|", " or ")
}

// detail says what was wrong about one clause.
func (t *Traffic) detail(m *Memo, a *wire.Answer, clause string) string {
	switch clause {
	case "TRN-9":
		if a.Extra {
			return "bytes behind the end of the answer"
		}
		return "no complete, honestly framed answer"
	case "RSP-2":
		return "this RequestId was seen before in this run"
	case "INV-1":
		return "this SubsId was seen before in this run"
	case "INV-2":
		return "another binding of this run with the same X and A or B is still alive"
	case "LOD-1":
		return "a MUST clause of TRN or RSP is broken under load"
	case "LOD-6":
		return "the connection ended without a complete answer"
	}
	for _, v := range m.res.Violations {
		if v.Clause.ID == clause {
			return v.Detail
		}
	}
	return ""
}
