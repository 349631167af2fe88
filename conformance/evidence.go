package conformance

import (
	"slices"
	"strings"

	"axbench/conformance/check"
	"axbench/conformance/contract"
	"axbench/conformance/traffic"
	"axbench/results"
)

// record keeps a redacted exchange once, and returns its line; 0 when it is not kept. clauses are those that a case sees broken by it.
func (s *suite) record(c string, x *exchange, clauses ...string) int {
	switch {
	case x == nil:
		return 0
	case s.cfg.Keep == nil || x.kept || !x.settled: // one that was not sent is none
		return x.line
	}
	x.kept = true
	e := s.evidence(c, x)
	for _, id := range clauses {
		if !slices.Contains(e.Clauses, id) {
			e.Clauses = append(e.Clauses, id)
		}
	}
	line, err := s.cfg.Keep(e)
	if err != nil && s.harness == nil {
		s.harness = err
	}
	x.line = line
	return line
}

// evidence makes the redacted record of an exchange. It is judged again as whoever verifies it will do, so that what redaction
// hides is known.
func (s *suite) evidence(c string, x *exchange) *results.Exchange {
	r := s.redactor
	numbers := []string{x.req.get("PhoneNoA"), x.req.get("PhoneNoB"), x.req.get("PhoneNoX"), x.req.get("SecretNo"), x.secretNo}
	if b := s.bindings.bySubs[x.req.get("SubsId")]; b != nil {
		numbers = append(numbers, b.a, b.b, b.x) // an identifier may be made of them
	}
	e := &results.Exchange{
		Case: c, Format: x.req.format.String(), Failure: string(x.failure), Extra: x.extra, Status: x.status,
		A: r.Number(numbers[0]), B: r.Number(numbers[1]), X: r.Number(numbers[2]), SubsID: strings.ToValidUTF8(r.Value(x.req.get("SubsId"), numbers...), "\uFFFD"),
		Judged: x.judged.Round(0).UTC(), Until: x.req.expires.UTC(), Ends: x.req.ends,
	}
	e.Time, e.Phase, e.Operation, e.Class = x.stamp.Round(0).UTC(), c, x.req.op.Name, classOf(x.answered(), x.code, x.known)
	e.Head, e.Body, e.Cut = r.Raw(x.built.Request, x.head, x.body, numbers...)
	if e.Cut {
		e.Request, e.Answer = r.Exchange(x.built.Request, x.head, x.body, numbers...)
	} else {
		e.Request, _ = r.Exchange(x.built.Request, nil, nil, numbers...)
	}
	var broken, details []string
	for _, b := range x.breaches {
		broken = append(broken, b.id)
		details = append(details, b.id+": "+s.clean(b.detail))
	}
	e.Detail = strings.Join(details, "; ")
	e.Broken, e.Checked = joinIDs(broken), joinIDs(slices.Concat(x.heldAlone(), x.held, broken))
	e.Clauses = slices.Compact(strings.Fields(e.Broken))
	if !x.sent.IsZero() {
		e.ResponseNS = int64(x.done.Sub(x.sent))
	}
	again := s.replay.next(e)
	e.Code, e.RequestID = evidenceWord(s.clean(x.code)), evidenceWord(s.clean(x.id))
	if again.whole {
		e.Code, e.RequestID = evidenceWord(again.code), evidenceWord(again.id)
	}
	e.Hidden = again.hidden(e, x.code)
	return e
}

// classOf is what kind of answer a code makes, or none.
func classOf(answered bool, code string, known *contract.Code) results.Class {
	switch {
	case !answered:
		return results.ClassTransport
	case code == "":
		return results.ClassMalformed
	case known == nil:
		return results.ClassUndocumented
	}
	return traffic.ClassOf(known.Group)
}

// maxCode is how many bytes of a code are kept.
const maxCode = 64

// codeWord is a code as evidence has it.
func evidenceWord(code string) string {
	return strings.ToValidUTF8(code[:min(len(code), maxCode)], "\uFFFD")
}

// heldAlone lists the clauses that the answer by itself could have broken and did not.
func (x *exchange) heldAlone() []string {
	var ids []string
	for i, c := range check.Clauses() {
		if x.checked.Has(i) && !x.broke(c.ID) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// joinIDs is a list of clauses as evidence has it: sorted, each as often as it was checked or broken.
func joinIDs(ids []string) string {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return strings.Join(ids, " ")
}
