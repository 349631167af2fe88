package conformance

import (
	"bytes"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"axbench/conformance/check"
	"axbench/conformance/client"
	"axbench/conformance/contract"
	"axbench/conformance/traffic"
	"axbench/results"
	"axbench/runner"
	"axbench/runner/wire"
)

// loadJudge is the judge of every run of axbench, which shares with the suite what must be unique, and notes beside it what the suite
// needs to know. It is safe for concurrent use.
type loadJudge struct {
	*traffic.Traffic
	source *loadSource
	moved  time.Duration // how far the endpoint's clock is ahead

	all, answered, late, refused, stuck, limited, down int64 // read when the phase is over

	mu   sync.Mutex
	kept []*exchange // to be recorded by the suite's goroutine
}

// maxStuck is how many bindings may refuse to be unbound before no more are made.
const maxStuck = 10

func newLoadJudge(t *trial, source *loadSource, stop func()) *loadJudge {
	profiles, _ := ProfilesOf(t.cfg.Profile) // checked by newSuite
	return &loadJudge{source: source, moved: t.bindings.moved, Traffic: traffic.New(traffic.Config{
		Edition: t.cfg.Edition, Profiles: profiles, Credentials: t.credential(MainCredential), Skew: t.bindings.moved,
		Invariants: t.ids, Redactor: t.redactor, Journal: t.cfg.Bound, Stop: func(string) { stop() },
	})}
}

// Judge implements runner.Judge.
func (j *loadJudge) Judge(req *runner.Request, a *wire.Answer, phase string, out *runner.Outcome) {
	j.Traffic.Judge(req, a, phase, out)
	m := req.Memo.(*traffic.Memo)
	atomic.AddInt64(&j.all, 1)
	switch {
	case a.Failure == wire.None:
		atomic.AddInt64(&j.answered, 1)
	case a.Failure == wire.Timeout && a.Detail != wire.Aborted:
		atomic.AddInt64(&j.late, 1)
	case !a.Started:
		atomic.AddInt64(&j.refused, 1)
	}
	if a.Failure == wire.Refused {
		atomic.AddInt64(&j.down, 1)
	}
	switch {
	case m.Operation == contract.UnbindSubscription:
		j.source.open.Add(-1)
		if out.Class != results.ClassOK && atomic.AddInt64(&j.stuck, 1) > maxStuck {
			j.source.binds.Store(0) // what is bound stays bound
		}
	case len(out.FollowUps) > 0:
		j.source.open.Add(1)
	case out.Code == "isv.FLOW_LIMIT" || out.Code == "FlowLimited" || strings.HasPrefix(out.Code, "Throttling"):
		atomic.AddInt64(&j.limited, 1)
	case out.Code == "isv.NO_AVAILABLE_NUMBER":
		j.source.binds.Store(0) // the pool is too small for more
	}
	if out.Evidence != nil {
		j.keep(req, m, a, out)
	}
}

// keep copies an exchange that is worth keeping: one of the first of its code, or of a clause that it broke.
func (j *loadJudge) keep(req *runner.Request, m *traffic.Memo, a *wire.Answer, out *runner.Outcome) {
	r := &request{op: m.Operation, format: m.Format, expires: m.Expires, words: "a call of the load phase"}
	for _, p := range m.Params {
		r.set(p.Name, p.Value)
	}
	r.ends = m.Operation == contract.UnbindSubscription
	x := &exchange{req: r, built: client.Built{Request: bytes.Clone(req.Bytes)}, stamp: a.Times.Done, judged: a.Times.Done.Add(j.moved)}
	x.take(a)
	x.judgedInLoad(out)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.kept = append(j.kept, x)
}

// judgedInLoad notes what the judge found that the answer alone does not show, and what held: the rest is found again.
func (x *exchange) judgedInLoad(out *runner.Outcome) {
	alone := map[string]bool{}
	for _, c := range check.Clauses() {
		alone[c.ID] = true
	}
	broke := map[string]bool{}
	for _, v := range out.Violations {
		broke[v.Clause] = true
		switch {
		case v.Clause == results.ClauseUnderLoad:
			x.sums = append(x.sums, v.Clause)
		case !alone[v.Clause]:
			x.breaches = append(x.breaches, breach{v.Clause, contract.FindClause(v.Clause).Level, loadedWhy[v.Clause]})
		}
	}
	if x.failure == wire.Timeout && x.started {
		x.breaches = append(x.breaches, breach{"TRN-13", contract.Should, loadedWhy["TRN-13"]})
	}
	if !x.answered() {
		return
	}
	bound := x.req.op == contract.BindAxb && out.Class == results.ClassOK
	for _, id := range []string{"TRN-9", "TRN-13", "RSP-2", "INV-1", "INV-2", "LOD-6"} {
		if !broke[id] && (bound || !strings.HasPrefix(id, "INV-")) {
			x.held = append(x.held, id)
		}
	}
}
