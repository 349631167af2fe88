package conformance

import (
	"fmt"
	"runtime"
	"slices"
	"strings"

	"axbench/conformance/contract"
	"axbench/results"
)

// trial is a case at work: what it sends and what it saw. It belongs to the goroutine of the suite.
type trial struct {
	*suite
	c      *testCase
	result results.CaseResult
}

func (s *suite) trial(c *testCase) *trial {
	return &trial{suite: s, c: c, result: results.CaseResult{Name: c.name, Clauses: c.clauses}}
}

// guarded runs a case; a panic in it is an ERROR of its clauses, without the panic's value.
func (t *trial) guarded(run func(*trial)) {
	defer func() {
		if v := recover(); v != nil {
			what := fmt.Sprintf("%T", v)
			if err, ok := v.(runtime.Error); ok {
				what = err.Error()
			}
			for _, id := range t.c.clauses {
				t.say(id, results.Observation{Verdict: results.ClauseError, Sent: "the case itself", Got: "panic: " + what})
			}
		}
	}()
	run(t)
}

// send sends a request on behalf of the case.
func (t *trial) send(r *request) *exchange { return t.suite.send(t.c, r) }

// say keeps an observation on a clause that the case names; one of another profile is passed over.
func (t *trial) say(id string, o results.Observation) {
	if !slices.Contains(t.c.clauses, id) && t.c.name != "baseline" && !everyCase[id] {
		panic("conformance: case " + t.c.name + " does not name " + id)
	}
	st := t.clauses[id]
	if st == nil {
		return
	}
	o.Case, o.Got, o.Sent = t.c.name, t.clean(o.Got), t.clean(o.Sent)
	st.note(o)
}

// everyCase are the clauses that every refusal bears on, whichever case sends it.
var everyCase = map[string]bool{"INV-6": true, "INV-7": true, "COD-OK": true}

// holds notes what an exchange says of clauses: PASS, or the word of their level when ok is false.
func (t *trial) holds(x *exchange, ok bool, expected string, clauses ...string) {
	for _, id := range clauses {
		word := results.ClausePass
		if !ok {
			word = broken(contract.FindClause(id).Level)
		}
		t.word(x, word, expected, id)
	}
}

// got notes what was seen in other words than those of the exchange.
func (t *trial) saw(x *exchange, ok bool, expected, got string, clauses ...string) {
	for _, id := range clauses {
		o := results.Observation{Verdict: results.ClausePass, Sent: t.words(x), Expected: expected, Got: got}
		if !ok {
			o.Verdict = broken(contract.FindClause(id).Level)
		}
		o.Evidence = t.record(t.c.name, x, failing(o.Verdict, id)...)
		t.say(id, o)
	}
}

// word notes one exchange for clauses under a verdict.
func (t *trial) word(x *exchange, word results.ClauseWord, expected string, clauses ...string) {
	for _, id := range clauses {
		o := results.Observation{Verdict: word, Sent: t.words(x), Expected: expected, Got: x.got()}
		o.Evidence = t.record(t.c.name, x, failing(word, id)...)
		t.say(id, o)
	}
}

func failing(word results.ClauseWord, id string) []string {
	if word == results.ClauseFail || word == results.ClauseWarn {
		return []string{id}
	}
	return nil
}

func (t *trial) words(x *exchange) string {
	switch {
	case x == nil:
		return ""
	case x.req.words != "":
		return x.req.words
	}
	return "a plain " + x.req.op.Name
}

// unsure notes that clauses could not be judged, and why.
func (t *trial) unsure(why string, clauses ...string) {
	for _, id := range clauses {
		t.say(id, results.Observation{Verdict: results.ClauseInconclusive, Got: why})
	}
}

// unseen notes that what clauses are about was not provoked, and why.
func (t *trial) unseen(why string, clauses ...string) {
	for _, id := range clauses {
		t.say(id, results.Observation{Verdict: results.ClauseNotProvoked, Got: why})
	}
}

// lacking notes what would have to be declared for the case.
func (t *trial) lacking(what string) {
	for _, id := range t.c.clauses {
		if st := t.clauses[id]; st != nil && !slices.Contains(st.lacking, what) {
			st.lacking = append(st.lacking, what)
		}
	}
}

// accept sends a request that must be accepted, and judges clauses by it. A refusal counts only where a plain bind that
// differs in nothing else is accepted right after it, and the refusal is repeated; blame are codes that say by themselves what they refuse.
func (t *trial) accept(r *request, blame []string, clauses ...string) *exchange {
	return t.accepted(t.send(r), r, blame, clauses...)
}

// acceptUnless is accept for a call that may as well be refused for a reason that the clauses have nothing to do with: then
// what they are about was not provoked.
func (t *trial) acceptUnless(r *request, excuse []string, clauses ...string) *exchange {
	x := t.send(r)
	if x.readable() && !x.ok() && slices.ContainsFunc(excuse, func(p string) bool { return matches(p, x.code, x.known) }) {
		t.word(x, results.ClauseNotProvoked, "OK", clauses...)
		return x
	}
	return t.accepted(x, r, nil, clauses...)
}

// accepted judges the answer to a request that must be accepted, as accept says.
func (t *trial) accepted(x *exchange, r *request, blame []string, clauses ...string) *exchange {
	const expected = "OK"
	switch {
	case x.ok():
		t.decided(x, oneOf("OK"), expected, clauses...)
		return x
	case x.readable() && slices.ContainsFunc(blame, func(p string) bool { return matches(p, x.code, x.known) }):
		t.decided(x, oneOf("OK"), expected, clauses...)
		return x
	case t.stopped() != "":
		t.unsure(t.stopped(), clauses...)
		return x
	}
	plain := t.send(t.bind().saying("a plain bind for comparison"))
	if !plain.ok() {
		t.word(x, results.ClauseInconclusive, expected+" (and a plain bind was not accepted either: "+plain.got()+")", clauses...)
		return x
	}
	again := t.send(t.renew(r))
	switch {
	case again.ok():
		t.word(x, results.ClauseInconclusive, expected+" (and the same call was accepted when it was repeated)", clauses...)
		return again
	case !x.answered() || !again.answered() || again.throttled():
		t.word(again, results.ClauseInconclusive, expected, clauses...)
	default:
		t.decided(again, oneOf("OK"), expected+" (a plain bind was accepted in between)", clauses...)
	}
	return again
}

// renew returns a request with other A and B where they were drawn.
func (t *trial) renew(r *request) *request {
	c := r.clone()
	if c.op == contract.BindAxb {
		for _, name := range []string{"PhoneNoA", "PhoneNoB"} {
			if t.phones.drawn(c.get(name)) {
				c.set(name, t.phones.like(name))
			}
		}
	}
	return c
}

// repeats is how often a refusal is provoked, over fresh connections, so that a code that changes is seen (INV-6).
const repeats = 5

// refuse sends a request that must be refused, several times, and judges clauses by the table. Every refusal also bears on
// INV-6 (the same code each time) and, unless blameless, on INV-7 (no isp code for a caller's mistake).
func (t *trial) refuse(r *request, want outcomes, clauses ...string) *exchange {
	x := t.refuseOnce(r, want, clauses...)
	if !x.readable() || x.ok() || x.throttled() || t.stopped() != "" {
		return x
	}
	codes := x.codes()
	for range repeats - 1 {
		again := t.refuseOnce(r.clone().alone(), want, clauses...)
		if !again.readable() || t.stopped() != "" {
			return x
		}
		if again.throttled() {
			continue
		}
		codes = append(codes, again.codes()...)
	}
	if len(codes) == 0 {
		return x
	}
	slices.Sort(codes)
	different := slices.Compact(slices.Clone(codes))
	t.saw(x, len(different) == 1, "the same code for the same request, "+itoa(len(codes))+" times", strings.Join(different, ", "), "INV-6")
	return x
}

// refuseOnce sends a request that must be refused once.
func (t *trial) refuseOnce(r *request, want outcomes, clauses ...string) *exchange {
	x := t.send(r)
	if !x.readable() && t.stopped() != "" {
		t.unsure(t.stopped(), clauses...)
		return x
	}
	t.refused(x, want, clauses...)
	return x
}

// refused judges the answer to a request that must be refused.
func (t *trial) refused(x *exchange, want outcomes, clauses ...string) {
	word := t.refusal(x, want)
	for _, id := range clauses {
		w := word
		if w == results.ClauseFail {
			w = broken(contract.FindClause(id).Level)
		}
		o := results.Observation{Verdict: w, Sent: t.words(x), Expected: want.String(), Got: x.got(), Pass: want.pass, Warn: want.warn, Skip: want.skip}
		o.Evidence = t.record(t.c.name, x, failing(w, id)...)
		t.say(id, o)
	}
	if x.req.providers() {
		return
	}
	for _, e := range append(slices.Clone(x.accidents), x) {
		if !e.readable() || e.ok() {
			continue
		}
		t.decided(e, oneOf(anyButProviders), "no isp code, since the mistake is the caller's", "INV-7")
	}
}

// decided judges clauses by nothing but the code of an answer: PASS where the table has it, else the word of their level.
func (t *trial) decided(x *exchange, want outcomes, expected string, clauses ...string) {
	for _, id := range clauses {
		o := results.Observation{Verdict: results.ClausePass, Sent: t.words(x), Expected: expected, Got: x.got(), Pass: want.pass}
		if want.of(x.code, x.known, x.ok()) != results.ClausePass {
			o.Verdict = broken(contract.FindClause(id).Level)
		}
		o.Evidence = t.record(t.c.name, x, failing(o.Verdict, id)...)
		t.say(id, o)
	}
}

// refusal is what an answer says under a table: PASS, WARN, NOT_PROVOKED, FAIL, or INCONCLUSIVE where it tells nothing of the request.
func (t *trial) refusal(x *exchange, want outcomes) results.ClauseWord {
	if !x.readable() {
		return results.ClauseInconclusive
	}
	open := slices.Contains(want.pass, "OK") // the document lets an endpoint accept it as well
	switch {
	case x.ok() && open:
		return results.ClausePass
	case x.ok():
		return results.ClauseFail
	}
	word := want.word(x.code, x.known)
	busy := (x.throttled() || x.faulted()) && !x.req.burst && !want.names(x.code)
	switch {
	case busy && (word != results.ClauseFail || !t.send(t.bind().saying("a plain bind for comparison")).ok()):
		return results.ClauseInconclusive
	case !t.base.says(x) && (word != results.ClauseFail || x.known != nil):
		return results.ClauseInconclusive // what it says may be about the plain bind, such as its pool
	case word == results.ClauseFail && open && !t.send(t.bind().saying("a plain bind for comparison")).ok():
		return results.ClauseInconclusive
	}
	return word
}

// providers reports whether an isp code may be the right answer: the request carries a trigger for a fault behind the endpoint.
func (r *request) providers() bool { return r.trigger }

// choose notes which way an open choice of the document went.
func (t *trial) choose(id, text, value, detail string) {
	for i := range t.choices {
		if t.choices[i].ID == id {
			return
		}
	}
	t.choices = append(t.choices, results.Choice{ID: id, Text: text, Value: value, Detail: t.clean(detail)})
}
