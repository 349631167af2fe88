package conformance

import (
	"cmp"
	"context"
	"slices"
	"time"

	"axbench/conformance/contract"
	"axbench/results"
	"axbench/runner"
	"axbench/runner/pace"
	"axbench/runner/wire"
)

// Load says how long and how hard the load phase is. Fields that are zero stand for what the target bears: on this machine
// enough calls to see what happens once in a thousand and what is forgotten after ten thousand, elsewhere few.
type Load struct {
	Calls   int           // in all, those that unbind included: 12,000 on loopback, 300 elsewhere
	Workers int           // in flight at once: 16 on loopback, 4 elsewhere
	Rate    float64       // calls a second at most; as fast as answers come on loopback, the budget's elsewhere
	Time    time.Duration // at most: 10 s on loopback, a minute elsewhere
	Memory  int64         // bytes for identifiers; 0 is 8 MiB, enough for more than the budgets allow
}

func (l Load) memory() int64 { return cmp.Or(l.Memory, 8<<20) }

// loadPlan is Load as it is carried out.
type loadPlan struct {
	calls, workers int
	binds          int64 // that may be made
	rate           float64
	time           time.Duration
}

// planLoad bounds the load phase by what was declared, and by what is left of it.
func (t *trial) planLoad() loadPlan {
	l := t.cfg.Load
	p := loadPlan{calls: cmp.Or(l.Calls, 12_000), workers: cmp.Or(l.Workers, 16), rate: l.Rate, time: cmp.Or(l.Time, 10*time.Second)}
	if t.cfg.Foreign {
		p.calls, p.workers, p.time = cmp.Or(l.Calls, 300), cmp.Or(l.Workers, 4), cmp.Or(l.Time, time.Minute)
	}
	if t.pace.met > 0 && l.Time == 0 {
		p.time = min(p.time, limitedTime) // most calls would be refused for their rate
	}
	if c := t.pace.ceiling; c > 0 && (p.rate == 0 || p.rate > c) {
		p.rate = c
	}
	if left := int(t.callBudget() - t.calls); p.calls > left-keptForLate {
		p.calls = max(0, left-keptForLate)
	}
	p.binds = int64(t.bindings.left() - keptForLate - t.keptForFlow())
	if !t.provision.Query.Unbind {
		p.binds = min(p.binds, t.roomForLoad())
	}
	p.binds = max(0, p.binds)
	return p
}

// limitedTime is how long the load phase is where a flow limit was met.
const limitedTime = 2 * time.Second

// keptForLate is how much of the budget is left to the cases after the load phase.
const keptForLate = 100

// keptForFlow is how many bindings are left to the count behind the flow limit: two counts of the pool, a step between them, and what
// many connections may get through. It is never more than half of what there is.
func (t *trial) keptForFlow() int {
	p := t.flowPool()
	if !t.flow.met || p == nil || p.Size == 0 || p.Size > maxFlowPool {
		return 0
	}
	return min(3*p.Size+2*t.stepSize(), t.bindings.left()/2)
}

// roomForLoad is how many bindings the load phase makes where they stay until they expire, so that the pool still has numbers
// for the cases behind it.
func (t *trial) roomForLoad() int64 {
	const unknown = 1000
	p := t.provision.Pool("main")
	if p == nil || p.Size == 0 {
		return unknown
	}
	return min(unknown, int64(p.Size)*int64(max(1, p.Pairs))/2)
}

// loadPhase is the name of the phase, in evidence.
const loadPhase = "load"

// underLoad sends many calls at once, through the same runner and with the same checks as every run of axbench, and adds what they showed
// to the clauses of this run.
func underLoad(t *trial) {
	p := t.planLoad()
	if p.calls == 0 {
		t.unsure("the budget of calls was spent", "LOD-1")
		return
	}
	plan, err := pace.NewPlan([]pace.Phase{{Name: loadPhase, Record: true, Duration: p.time, Shape: pace.Callers{N: p.workers}}}, t.cfg.Seed, rateOf(p.rate))
	if err != nil {
		t.harness = cmp.Or(t.harness, err)
		return
	}
	ctx, stop := context.WithCancel(t.ctx)
	defer stop()
	source := newLoadSource(t, p, stop)
	judge := newLoadJudge(t, source, stop)
	pool := wire.NewPool(t.cfg.Target, wire.Limits{MaxDials: p.workers})
	defer pool.Close()
	sum, err := runner.Run(ctx, runner.Config{
		Plan: plan, Source: source, Judge: judge, Pool: pool, Sink: nowhere{}, MaxInFlight: p.workers, Timeout: t.deadline(), Seed: uint64(t.cfg.Seed),
	})
	if err = cmp.Or(err, judge.Err()); err != nil {
		t.harness = cmp.Or(t.harness, err)
		return
	}
	t.account(judge, sum)
	if judge.limited > 0 {
		t.flow.at = time.Now()
		sleep(t.ctx, limitMemory)
	}
}

// rateOf is a rate as a plan has it.
func rateOf(perSecond float64) pace.Rate {
	if perSecond <= 0 {
		return pace.Rate{}
	}
	return pace.PerSecond(1).Scale(perSecond)
}

// nowhere is where the seconds of the load phase go: what counts here is whether answers are right, not how fast they are.
type nowhere struct{}

func (nowhere) AppendSecond(_, _ time.Time, _ []results.Second, _ []results.Interval) error {
	return nil
}

// account adds the load phase to the run: its clauses, the evidence, its bindings and its ledger.
func (t *trial) account(j *loadJudge, sum *runner.Summary) {
	at := map[string]*exchange{}
	violations := j.Violations()
	wentDown := t.wentDown(j, violations)
	for _, x := range j.kept {
		if wentDown {
			x.breaches = slices.DeleteFunc(x.breaches, func(b breach) bool { return b.id == "LOD-6" })
		}
		t.keepLoaded(x, at)
	}
	for _, v := range violations {
		if wentDown && v.Clause == "LOD-6" {
			continue
		}
		t.addLoaded(v, at[v.Clause])
	}
	t.timely(j, at["TRN-13"])
	var ledger results.Ledger
	var sent int64
	for _, p := range append(sum.Phases, sum.FollowUps) {
		sent += p.Sent
		ledger.Planned, ledger.Done, ledger.Failed = ledger.Planned+p.Planned, ledger.Done+p.Done, ledger.Failed+p.Failed
		ledger.Unfinished, ledger.Dropped, ledger.NotOffered = ledger.Unfinished+p.Unfinished, ledger.Dropped+p.Dropped, ledger.NotOffered+p.NotOffered
		for _, c := range p.Codes {
			if known := t.cfg.Edition.Find([]byte(c.Code)); known != nil && c.Count > 0 {
				t.codes.observed[known.Name] = true
			}
		}
	}
	t.calls += sent
	t.bindings.loaded = append(t.bindings.loaded, j.Traffic)
	t.oneOutcomeEach(j, ledger)
}

// wentDown reports whether a target refused connections under load, and no more calls were cut off than are in flight when it stops
// and when it starts again: that says nothing of LOD-6.
func (t *trial) wentDown(j *loadJudge, violations []results.Violation) bool {
	i := slices.IndexFunc(violations, func(v results.Violation) bool { return v.Clause == "LOD-6" && v.Count > 0 })
	if i < 0 || j.down == 0 || violations[i].Count > int64(2*t.planLoad().workers) {
		return false
	}
	t.unsure("the target refused connections under load, and cut "+itoa(int(violations[i].Count))+" calls off before", "LOD-6")
	return true
}

// oneOutcomeEach holds the ledger of the runner against what was judged: every call that was begun has one outcome, and the judge has seen
// it. Where that does not add up the suite is wrong, not the target.
func (t *trial) oneOutcomeEach(j *loadJudge, l results.Ledger) {
	const sent = "calls of the load phase"
	got := itoa(int(j.answered)) + " answered, " + itoa(int(j.late)) + " timed out, " + itoa(int(j.refused)) + " refused, of " + itoa(int(l.Planned-l.Dropped-l.NotOffered))
	switch {
	case l.Planned != l.Ended() || l.Done+l.Failed+l.Unfinished != j.all:
		t.say("LOD-6", results.Observation{Verdict: results.ClauseError, Sent: sent, Got: itoa(int(j.all)) + " were judged; " + got})
	case j.answered > 0 && j.answered+j.late+j.refused == j.all:
		t.say("LOD-6", results.Observation{Verdict: results.ClausePass, Sent: sent, Expected: "one outcome each", Got: got})
	}
}

// addLoaded adds the account of one clause. x is an exchange that broke it, nil for none.
func (t *trial) addLoaded(v results.Violation, x *exchange) {
	st := t.clauses[v.Clause]
	if st == nil {
		return
	}
	st.checked += v.Checked
	st.failed += v.Count
	if v.Count == 0 {
		return
	}
	level := contract.Should
	if v.Level == contract.Must.String() {
		level = contract.Must
	}
	o := results.Observation{Case: t.c.name, Verdict: broken(level), Sent: continuousWords, Expected: st.clause.Sentence, Times: int(v.Count)}
	if x != nil {
		o.Got, o.Evidence = t.clean(x.why(v.Clause)), x.line
	}
	o.Got = cmp.Or(o.Got, st.clause.Sentence)
	st.note(o)
}

// timely counts TRN-13: answers that were complete within the deadline.
func (t *trial) timely(j *loadJudge, x *exchange) {
	t.addLoaded(results.Violation{Clause: "TRN-13", Level: contract.Should.String(), Count: j.late, Checked: j.answered + j.late}, x)
}

// keepLoaded keeps an exchange of the load phase as evidence, and notes it as the first of the clauses that it broke.
func (t *trial) keepLoaded(x *exchange, first map[string]*exchange) {
	if x.answered() {
		t.read(x)
	}
	for _, v := range x.broken {
		x.breaches = append(x.breaches, breach{v.Clause.ID, v.Clause.Level, v.Detail})
	}
	x.settled = true
	t.record(t.c.name, x, x.sums...)
	for _, b := range x.breaches {
		if first[b.id] == nil {
			first[b.id] = x
		}
	}
	for _, id := range x.sums {
		if first[id] == nil {
			first[id] = x
		}
	}
}

// loadedWhy says what is wrong where the answer alone does not.
var loadedWhy = map[string]string{
	"TRN-9":  "no complete, honestly framed answer",
	"TRN-13": "no complete answer within the deadline",
	"RSP-2":  "this RequestId was seen before in this run",
	"INV-1":  "this SubsId was given to another binding before",
	"INV-2":  "another binding with the same X and A or B is still alive",
	"LOD-6":  "the connection ended without a complete answer",
}

// why says what is wrong about one clause.
func (x *exchange) why(id string) string {
	for _, b := range x.breaches {
		if b.id == id {
			return b.detail
		}
	}
	if id == results.ClauseUnderLoad && len(x.breaches) > 0 {
		return x.breaches[0].id + ": " + x.breaches[0].detail
	}
	return loadedWhy[id]
}
