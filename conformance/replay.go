package conformance

import (
	"bytes"
	"slices"
	"strings"

	"axbench/conformance/check"
	"axbench/conformance/contract"
	"axbench/conformance/traffic"
	"axbench/results"
	"axbench/runner/wire"
)

// replay judges recorded exchanges again, in their order. The suite does so while it records, and whoever verifies a bundle
// comes to the same, since nothing else goes into it: no secret, no nonce, no clock, no network.
type replay struct {
	checker *check.Checker
	ids     *traffic.Invariants
	bySubs  map[string]*binding
	res     check.Result
}

// replayMemory holds the identifiers of as many exchanges as evidence.ndjson has room for.
const replayMemory = 8 << 20

func newReplay(edition contract.Edition) *replay {
	return &replay{checker: check.NewStrict(edition), ids: traffic.NewInvariants(replayMemory, 0), bySubs: map[string]*binding{}}
}

// unrepeated are the checks of single answers that need what no record may hold, and why.
var unrepeated = map[string]string{
	"SIG-18": "needs the secret and the signature of the call",
	"RSP-16": "needs the nonce of the call",
	"LOD-1":  "sums what single calls under load break",
}

// rejudges reports whether a clause is one of those that every recorded answer is judged by, and nothing else counts for.
func rejudges(id string) bool {
	switch id {
	case "TRN-9", "TRN-13", "RSP-2", "INV-1", "INV-2", "LOD-6":
		return true
	}
	return slices.ContainsFunc(check.Clauses(), func(c *contract.Clause) bool { return c.ID == id })
}

// replayed is what one exchange says when it is judged again.
type replayed struct {
	whole           bool // there is an answer, and all of it
	code            string
	known           *contract.Code
	id              string
	checked, broken []string
	levels          map[string]contract.Level // of what is broken
}

func (v *replayed) breach(id string, level contract.Level) {
	v.broken = append(v.broken, id)
	v.checked = append(v.checked, id)
	v.levels[id] = level
}

func (v *replayed) verdict(id string, holds bool) {
	if holds {
		v.checked = append(v.checked, id)
		return
	}
	v.breach(id, contract.FindClause(id).Level)
}

// next judges the next exchange.
func (r *replay) next(e *results.Exchange) *replayed {
	v := &replayed{levels: map[string]contract.Level{}}
	if b := r.bySubs[e.SubsID]; e.Ends && b != nil {
		r.ids.Unbound(b.prints.Pairs)
		b.gone = true
	}
	answered := e.Failure == ""
	if answered || e.Failure == string(wire.Framing) {
		v.verdict("TRN-9", answered && !e.Extra)
	}
	if !answered {
		return v
	}
	v.checked = append(v.checked, "TRN-13", "LOD-6")
	if e.Cut {
		return v
	}
	v.whole = true
	sent := r.check(e)
	for i, c := range check.Clauses() {
		if r.res.Checked.Has(i) && unrepeated[c.ID] == "" {
			v.checked = append(v.checked, c.ID)
		}
	}
	for _, b := range r.res.Violations {
		v.breach(b.Clause.ID, b.Clause.Level)
	}
	v.code, v.known, v.id = string(r.res.Code), r.res.Known, string(r.res.RequestID)
	if v.id != "" {
		v.verdict("RSP-2", !r.ids.RequestID(r.ids.Prints(r.res.RequestID, nil, nil, "", "")))
	}
	if sent.Operation == contract.BindAxb && v.ok() {
		r.bound(v, e)
	}
	return v
}

// check holds the answer against all that a single answer can break, and returns what was asked.
func (r *replay) check(e *results.Exchange) *check.Sent {
	sent := &check.Sent{Operation: contract.FindOperation(e.Operation), X: e.X, SubsID: e.SubsID}
	sent.Format, _ = contract.ParseFormat(e.Format)
	if sent.Operation == contract.BindAxb {
		sent.A, sent.B, sent.SubsID = e.A, e.B, ""
	}
	r.checker.Check(&r.res, sent, &check.Answer{
		Status: e.Status, ContentType: headerOf(e.Head, "Content-Type"), ContentEncoding: headerOf(e.Head, "Content-Encoding"), Head: e.Head, Body: e.Body,
	})
	return sent
}

// bound holds a binding against those before it.
func (r *replay) bound(v *replayed, e *results.Exchange) {
	n := &binding{subsID: string(r.res.SubsID), x: string(r.res.SecretNo), a: e.A, b: e.B, expires: e.Until}
	if n.subsID == "" || n.x == "" {
		return
	}
	again, taken, shared := judgeBinding(r.ids, r.bySubs[n.subsID], n, e.Judged)
	if again {
		return
	}
	v.verdict("INV-1", !taken)
	v.verdict("INV-2", !shared)
	r.bySubs[n.subsID] = n
}

// ok reports whether the call was accepted, as exchange.ok does.
func (v *replayed) ok() bool { return v.code == "OK" || v.code != "" && v.broke("RSP-4") }

func (v *replayed) broke(id string) bool { _, ok := v.levels[id]; return ok }

// codeHidden stands among hidden clauses for the code itself.
const codeHidden = "Code"

// hidden lists, of what an exchange is recorded to have shown, that which it does not show again, or shows otherwise. code is
// the one that came.
func (v *replayed) hidden(e *results.Exchange, code string) string {
	var ids []string
	for _, d := range v.differences(e) {
		ids = append(ids, d.id)
	}
	if v.whole && v.code != code {
		ids = append(ids, codeHidden)
	}
	return joinIDs(ids)
}

// difference is a clause that an exchange is recorded to have checked or broken and does not when it is judged again, or the
// other way round.
type difference struct {
	id              string
	recorded, again string // what became of it
}

// differences compares what is recorded of an exchange with what it shows again. Of a part of an answer nothing is
// compared but how it was framed.
func (v *replayed) differences(e *results.Exchange) []difference {
	checked, broken := strings.Fields(e.Checked), strings.Fields(e.Broken)
	ids := slices.Concat(checked, broken, v.checked, v.broken)
	slices.Sort(ids)
	var list []difference
	for _, id := range slices.Compact(ids) {
		if unrepeated[id] != "" || e.Cut && !slices.Contains(v.checked, id) {
			continue
		}
		was, is := became(id, checked, broken), became(id, v.checked, v.broken)
		if was != is {
			list = append(list, difference{id, was, is})
		}
	}
	return list
}

func became(id string, checked, broken []string) string {
	switch {
	case slices.Contains(broken, id):
		return "broken"
	case slices.Contains(checked, id):
		return "held"
	}
	return "not touched"
}

// headerOf returns the first value of a header field, trimmed; nil without one.
func headerOf(head []byte, name string) []byte {
	for line := range bytes.Lines(head) {
		field, value, ok := bytes.Cut(line, []byte(":"))
		if ok && strings.EqualFold(string(field), name) {
			return bytes.Trim(value, " \t\r\n")
		}
	}
	return nil
}
