package conformance

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"axbench/conformance/contract"
	"axbench/results"
	"axbench/runner/wire"
)

// clauseState is what a run knows of one clause until its verdict is due.
type clauseState struct {
	clause       *contract.Clause
	observations []results.Observation
	lacking      []string // what was not declared, so that cases did not run
	declared     string   // the reason it was declared unprovocable
	checked      int64    // answers under a continuous check that could have broken it
	failed       int64    // and that did
}

// breach is the most observations of one clause that are kept from continuous checks: the rest is only counted.
const maxBreaches = 8

// continuous counts an answer for every clause that it could have broken.
func (s *suite) continuous(c *testCase, x *exchange) {
	for _, id := range x.heldAlone() {
		s.held(id)
	}
	for _, v := range x.broken {
		s.breach(c, x, v.Clause.ID, v.Clause.Level, v.Detail)
	}
	s.framing(c, x)
	s.complete(c, x)
	if !x.answered() {
		return
	}
	if x.id != "" {
		s.verdictOf(c, x, "RSP-2", !s.ids.RequestID(s.ids.Prints([]byte(x.id), nil, nil, "", "")), "this RequestId was seen before in this run")
	}
}

// verdictOf counts one answer for a clause.
func (s *suite) verdictOf(c *testCase, x *exchange, id string, holds bool, detail string) {
	if holds {
		s.heldBy(x, id)
		return
	}
	clause := contract.FindClause(id)
	s.breach(c, x, id, clause.Level, detail)
}

// heldBy notes that an answer could have broken a clause and did not.
func (s *suite) heldBy(x *exchange, id string) {
	if !x.settled {
		x.held = append(x.held, id)
	}
	s.held(id)
}

func (s *suite) held(id string) {
	if st := s.clauses[id]; st != nil {
		st.checked++
	}
}

// breach is a clause that an answer broke. level is that of this breach, which may be higher than the clause's.
type breach struct {
	id     string
	level  contract.Level
	detail string
}

// breach notes that an answer broke a clause; while it is still being judged, when that is over.
func (s *suite) breach(c *testCase, x *exchange, id string, level contract.Level, detail string) {
	b := breach{id, level, detail}
	if x.settled {
		s.noteBreach(c, x, b)
		return
	}
	x.breaches = append(x.breaches, b)
}

// settle keeps an exchange that has been judged, and notes what it broke. One of very many is kept only with a breach.
func (s *suite) settle(c *testCase, x *exchange) {
	x.settled = true
	if !x.req.sampled || len(x.breaches) > 0 {
		s.record(c.name, x)
	}
	for _, b := range x.breaches {
		s.noteBreach(c, x, b)
	}
}

func (s *suite) noteBreach(c *testCase, x *exchange, b breach) {
	st := s.clauses[b.id]
	if st == nil {
		return
	}
	st.checked++
	st.failed++
	word, got := broken(b.level), s.clean(b.detail)
	for i := range st.observations {
		o := &st.observations[i]
		if o.Sent == continuousWords && o.Got == got && o.Verdict == word {
			o.Times++
			return
		}
	}
	if len(st.observations) >= maxBreaches && st.failed > maxBreaches {
		return
	}
	o := results.Observation{Case: c.name, Verdict: word, Sent: continuousWords, Expected: st.clause.Sentence, Got: got, Times: 1}
	o.Evidence = s.record(c.name, x, b.id)
	st.note(o)
}

// continuousWords is what an observation of a continuous check says was sent.
const continuousWords = "every call"

// framing counts TRN-9: what came was an honestly framed HTTP answer.
func (s *suite) framing(c *testCase, x *exchange) {
	switch {
	case x.failure == wire.Framing:
		s.breach(c, x, "TRN-9", contract.Must, x.detail)
	case x.extra:
		s.breach(c, x, "TRN-9", contract.Must, "bytes behind the end of the answer")
	case x.failure == wire.Timeout && whole(x.partial):
		s.breach(c, x, "TRN-9", contract.Must, "the body came whole, and the framing says that there is more of it")
	case x.answered():
		s.heldBy(x, "TRN-9")
	}
}

// whole reports whether bytes are a JSON object or an XML document to its end.
func whole(body []byte) bool {
	body = bytes.TrimPrefix(bytes.TrimSpace(body), []byte("\xef\xbb\xbf"))
	if bytes.HasPrefix(body, []byte("{")) {
		return json.Valid(body)
	}
	if !bytes.HasPrefix(body, []byte("<")) {
		return false
	}
	d := xml.NewDecoder(bytes.NewReader(body))
	for elements := 0; ; {
		switch t, err := d.Token(); {
		case err != nil:
			return errors.Is(err, io.EOF) && elements > 0 // an element that is open is another error
		default:
			if _, ok := t.(xml.StartElement); ok {
				elements++
			}
		}
	}
}

// complete counts TRN-13 (inside the deadline) and LOD-6 (one outcome): a call that was sent is answered, or runs into the deadline. A connection
// that had served before may end in the moment it is used again, which HTTP allows; a fresh one may not.
func (s *suite) complete(c *testCase, x *exchange) {
	switch {
	case x.answered():
		s.heldBy(x, "TRN-13")
		s.heldBy(x, "LOD-6")
	case x.failure == wire.Timeout && (strings.HasSuffix(x.detail, "in the body") || len(x.partial) > 0): // there is an endpoint, and this is its answer
		s.halves = true
		s.breach(c, x, "TRN-13", contract.Should, "an answer begins and does not end within the deadline")
	case s.dead != "" || !x.started:
	case x.failure == wire.Timeout:
		s.breach(c, x, "TRN-13", contract.Should, "no complete answer within the deadline")
	case x.failure == wire.Reset && s.calls == int64(s.silent): // nothing has answered yet: no target, no verdict
	case x.failure == wire.Reset && !x.reused && !s.reachable(): // it goes down
	case x.failure == wire.Reset && !x.reused, x.failure == wire.Framing:
		s.breach(c, x, "LOD-6", contract.Must, "the connection ended without a complete answer ("+x.detail+")")
	}
}

// note keeps an observation; equal ones in a row are counted together.
func (st *clauseState) note(o results.Observation) {
	o.Times = max(o.Times, 1)
	for i := range st.observations {
		have := &st.observations[i]
		if have.Case == o.Case && have.Verdict == o.Verdict && have.Sent == o.Sent && have.Got == o.Got && have.Expected == o.Expected {
			have.Times += o.Times
			if have.Evidence == 0 {
				have.Evidence = o.Evidence
			}
			return
		}
	}
	st.observations = append(st.observations, o)
}

// broken is the word for a clause that is broken at a level.
func broken(level contract.Level) results.ClauseWord {
	switch level {
	case contract.Must:
		return results.ClauseFail
	case contract.Should:
		return results.ClauseWarn
	}
	return results.ClauseInfo
}
