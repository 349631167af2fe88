package conformance

import (
	"maps"
	"slices"
	"time"

	"axbench/conformance/check"
	"axbench/conformance/contract"
	"axbench/results"
	"axbench/runner/wire"
)

// flowStep is what the cases about the flow limit know of each other.
type flowStep struct {
	met    bool      // the limit was met over one connection
	at     time.Time // of the last call near the limit
	passed int       // calls before it was met
	a      string    // of every bind
	taken  int       // bindings made with it
	over   int       // calls that were refused for the rate
	lost   int       // calls in a row that had no answer, at the end of a step
}

// The bounds of a step above the limit: calls at most, and how many of them are to be refused.
const (
	maxStep   = 3000
	wantLimit = 8
)

// maxFlowPool is up to which size the pool of the account with the flow limit is counted.
const maxFlowPool = 200

// flowBind is a bind of the account that has the declared limit, in the smallest pool of that account.
func (t *trial) flowBind() *request {
	cred := t.provision.FlowCredential()
	r := t.bind()
	if cred != MainCredential {
		r.signedBy(cred)
	}
	if p := t.flowPool(); p != nil {
		r.set("PoolKey", p.Key)
	}
	r.burst = true
	return r
}

// flowPool is the smallest pool that the account with the declared limit is known to have, nil when no size is declared.
func (t *trial) flowPool() *PoolFacts {
	cred := t.provision.FlowCredential()
	var small *PoolFacts
	for _, name := range slices.Sorted(maps.Keys(t.provision.Pools)) {
		p := t.provision.Pool(name)
		own := p.Of == cred || p.Of == "" && cred == MainCredential
		if own && !p.Strict && (small == nil || small.Size == 0 || p.Size > 0 && p.Size < small.Size) {
			small = p
		}
	}
	return small
}

// stepSize is how many calls go over the limit for certain, were it to let two seconds' worth through at once. It is 0 when that is more
// than may be sent, or is not to be sent that fast.
func (t *trial) stepSize() int {
	n := int(3*t.provision.Target.FlowLimitRPS) + 2*wantLimit
	if n > maxStep || n > t.bindings.left() || int64(n) > t.callBudget()-t.calls || t.pace.ceiling > 0 && t.pace.ceiling <= 2*t.provision.Target.FlowLimitRPS {
		return 0
	}
	return n
}

// overLimit sends binds one after the other over one connection until some are refused for their rate (LOD-2).
func overLimit(t *trial) {
	n := t.stepSize()
	if n == 0 {
		t.unseen("the declared flow limit cannot be exceeded within the budget", t.c.clauses...)
		return
	}
	f := &t.flow
	f.a = t.phones.a()
	plain := t.flowBind().set("PhoneNoA", f.a).saying("a plain bind of the account with the flow limit")
	plain.burst = false
	if x := t.send(plain); !x.ok() {
		t.unsure("a plain bind of the account with the flow limit was not accepted: "+x.got(), t.c.clauses...)
		return
	}
	f.taken++
	began := time.Now()
	limited, last := t.step(n, f)
	if more := farAbove*n - n; limited == 0 && f.lost < wantLimit && n+more < maxStep && more < t.bindings.left() && int64(more) < t.callBudget()-t.calls {
		n += more
		limited, last = t.step(more, f)
	}
	f.at, f.met = time.Now(), limited > 0
	if f.met {
		t.otherAccount()
		return
	}
	if t.dropsAbove(f) {
		t.unseen("the flow limit was met by calls without an answer only", "LOD-3", "LOD-4", "COD-FLOW_LIMIT")
		return
	}
	took := time.Since(began)
	got := itoa(n) + " calls in " + took.Round(time.Millisecond).String() + ", and none was refused for its rate"
	if last != nil && last.answered() && float64(n) > farAbove*3*t.provision.Target.FlowLimitRPS && float64(n) > farAbove*t.provision.Target.FlowLimitRPS*took.Seconds() {
		t.saw(last, false, flowLimitTable.String(), got, "LOD-2", "COD-FLOW_LIMIT")
		t.unseen(got, "LOD-3", "LOD-4")
		return
	}
	t.unseen("the declared flow limit was not met: "+got, t.c.clauses...)
}

// otherAccount holds LOD-4 on the main account at the moment at which another one has met its limit: the limit is not shared.
func (t *trial) otherAccount() {
	if t.provision.FlowCredential() == MainCredential {
		return
	}
	limited := 0
	var x *exchange
	for range 3 {
		r := t.bind().saying("a bind of the main account while another one is above its limit")
		if x = t.suite.exchange(t.c, r); !x.readable() {
			return
		}
		if x.code == "isv.FLOW_LIMIT" {
			limited++
		}
	}
	t.saw(x, limited < 3, "no flow limit for an account that is below it", x.got(), "LOD-4")
	t.flow.at = time.Now()
}

// farAbove is how many times as many calls as must be over the limit for certain leave no doubt that there is none.
const farAbove = 4

// step sends binds of one A as fast as they are answered until enough of them are refused for their rate, and judges LOD-2 on these. It
// returns how many there were, and the last call. What fails behind the endpoint, or is not answered, is the limit's doing only where
// it is so many times in a row.
func (t *trial) step(n int, f *flowStep) (limited int, last *exchange) {
	var list, failed []*exchange
	f.lost = 0
	for range n {
		if t.stopped() != "" || limited >= wantLimit || f.lost >= wantLimit {
			break
		}
		r := t.flowBind().set("PhoneNoA", f.a).saying("binds above the declared flow limit")
		r.sampled = true
		x := t.suite.exchange(t.c, r)
		last = x
		switch {
		case x.accident():
			if failed = append(failed, x); len(failed) == wantLimit {
				list, limited, f.over = append(list, failed...), limited+len(failed), f.over+len(failed)
			}
			continue
		case !x.answered():
			if x.failure != wire.Refused && x.failure != wire.Timeout {
				f.lost++
			}
			continue
		case within(x):
			f.passed++
			if x.ok() {
				f.taken++
			}
		default:
			limited++
			f.over++
			list = append(list, x)
		}
		failed, f.lost = nil, 0
	}
	if len(list) < wantLimit && !slices.ContainsFunc(list, (*exchange).throttled) {
		return 0, last // a few refusals for some other reason
	}
	for _, x := range list {
		t.limitWord(x)
	}
	return limited, last
}

// dropsAbove judges LOD-2 where so many calls in a row above the limit had no answer, after as many as the limit allows had one: when that
// happens again after a rest in which a bind is answered, it is no accident of the network.
func (t *trial) dropsAbove(f *flowStep) bool {
	if f.lost < wantLimit || float64(f.passed) < t.provision.Target.FlowLimitRPS {
		return false
	}
	f.at = time.Now()
	t.restFlow()
	if x := t.send(t.flowBind().saying("a bind some time after the calls above the limit")); !x.answered() {
		return false
	}
	_, last := t.step(t.stepSize(), f)
	if f.at = time.Now(); f.lost < wantLimit {
		return false
	}
	t.saw(last, false, "isv.FLOW_LIMIT in the normal envelope", last.got()+", "+itoa(f.lost)+" times in a row", "LOD-2")
	t.restFlow()
	return true
}

// within reports whether a bind got as far as the pool: nothing refused it for its rate.
func within(x *exchange) bool {
	return x.ok() || x.code == "isv.NO_AVAILABLE_NUMBER" || x.code == "isv.BIND_CONFLICT"
}

// limitWord judges one answer above the limit (LOD-2, COD-FLOW_LIMIT): isv.FLOW_LIMIT in the envelope of every business answer. The gateway has limits of
// its own, which say nothing of this one.
func (t *trial) limitWord(x *exchange) {
	const want = "isv.FLOW_LIMIT in the normal envelope"
	word := flowLimitTable.word(x.code, x.known)
	t.word(x, word, want, "COD-FLOW_LIMIT")
	if i := slices.IndexFunc(x.broken, ofEnvelope); i >= 0 && word == results.ClausePass {
		t.saw(x, false, want, x.broken[i].Clause.ID+": "+x.broken[i].Detail, "LOD-2")
	} else {
		t.word(x, word, want, "LOD-2")
	}
	t.provoked(x, "isv.FLOW_LIMIT")
	if x.throttled() {
		t.choose("flow_limit", "what a call above the flow limit gets", x.code, x.got())
	}
}

// ofEnvelope reports whether a violation is one of what every answer consists of.
func ofEnvelope(v check.Violation) bool {
	return v.Clause.Level == contract.Must && slices.Contains([]string{"TRN-8", "RSP-1", "RSP-3", "RSP-6", "RSP-9", "RSP-12"}, v.Clause.ID)
}

// restFlow waits until the limit has forgotten what was sent before.
func (t *trial) restFlow() { sleep(t.ctx, time.Until(t.flow.at.Add(limitMemory))) }

// overManyConnections holds LOD-4: a call some time after the step is served, and many connections together have no higher limit than
// one had.
func overManyConnections(t *trial) {
	f := &t.flow
	if !f.met {
		t.unseen("the declared flow limit was not met", "LOD-4")
		return
	}
	const tries = 5
	var x *exchange
	for range tries {
		t.restFlow()
		x = t.suite.exchange(t.c, t.flowBind().saying("a bind some time after the calls above the limit"))
		if f.at = time.Now(); t.stopped() != "" || !x.throttled() {
			break
		}
	}
	if t.stopped() != "" || !x.readable() {
		t.unsure(x.got(), "LOD-4")
		return
	}
	t.saw(x, !x.throttled(), "no flow limit once the rate has fallen", x.got(), "LOD-4")
	if !x.throttled() {
		t.restFlow()
		t.manyConnections(f)
	}
}

// manyConnections sends binds over many connections at once until the limit is met, or clearly more have passed than over one.
func (t *trial) manyConnections(f *flowStep) {
	const conns = 16
	limit := t.provision.Target.FlowLimitRPS
	pool := t.crowdPool(conns)
	defer pool.Close()
	began, passed, limited, failed := time.Now(), 0, 0, 0
	bound := func() int { return 3*(max(f.passed, int(limit))+int(limit*time.Since(began).Seconds())) + 2*conns }
	var last *exchange
	for t.stopped() == "" && limited == 0 && failed <= 4*conns && passed <= bound() && passed < maxStep && t.bindings.left() > conns {
		var list []*request
		for range conns {
			r := t.flowBind().saying("binds above the declared flow limit over many connections")
			r.sampled = true
			list = append(list, r)
		}
		for _, x := range t.crowd(pool, list) {
			switch {
			case within(x):
				passed++
				last = x
			case x.throttled(), x.answered() && !x.accident():
				limited++
				t.limitWord(x)
			case x.answered():
				failed++ // behind the endpoint
			}
		}
	}
	f.at = time.Now()
	got := itoa(passed) + " passed over " + itoa(conns) + " connections, " + itoa(f.passed) + " over one"
	switch {
	case passed > bound():
		t.saw(last, false, "no more calls than over one connection", got, "LOD-4")
	case limited > 0:
		t.saw(last, true, "no more calls than over one connection", got, "LOD-4")
	}
}

// limitTakesNothing counts what the pool holds for the A of the step (LOD-3): a call that was refused for its rate has taken no number. A
// count that falls short is held against another one behind a second step, since the pool may hold less than is declared.
func limitTakesNothing(t *trial) {
	f, p := &t.flow, t.flowPool()
	switch {
	case !f.met:
		t.unseen("the declared flow limit was not met", "LOD-3")
		return
	case p == nil || p.Size == 0 || p.Size > maxFlowPool:
		t.lacking("the size of a pool of the account with the flow limit, at most 200")
		return
	case t.bindings.left() < 3*p.Size:
		t.unsure("the budget of bindings was spent", "LOD-3")
		return
	}
	want, unbinds := p.Size, t.provision.Query.Unbind
	if !unbinds {
		want -= f.taken
	}
	first, x, full := t.countFlow(want + 1)
	const expected = "as many binds of one A as the pool has numbers"
	got := itoa(first) + " of " + itoa(want) + " after " + itoa(f.over) + " calls above the limit"
	switch {
	case first == want:
		t.saw(x, true, expected, got, "LOD-3")
		return
	case first > want || !full || !unbinds:
		t.unsure("the numbers of the pool cannot be counted: "+got, "LOD-3")
		return
	}
	emptied := t.unbindAll()
	t.restFlow()
	over := f.over
	t.step(t.stepSize(), f)
	f.at = time.Now()
	emptied = t.unbindAll() && emptied
	second, x, full := t.countFlow(first + 1)
	got = itoa(first) + " before, " + itoa(second) + " after " + itoa(f.over-over) + " calls above the limit"
	switch {
	case !emptied || !full || second > first || f.over == over:
		t.unsure("the numbers of the pool cannot be counted: "+got, "LOD-3")
	default:
		t.saw(x, second == first, "as many binds of one A as before", got, "LOD-3")
	}
}

// countFlow counts how many binds of the step's A the pool takes, up to most. full says that it had no more.
func (t *trial) countFlow(most int) (n int, last *exchange, full bool) {
	t.restFlow()
	defer func() { t.flow.at = time.Now() }()
	patience := 100 // pauses
	for n < most && t.stopped() == "" && patience > 0 {
		r := t.flowBind().set("PhoneNoA", t.flow.a).saying("binds of one A after calls above the flow limit")
		r.sampled = true
		x := t.suite.exchange(t.c, r)
		switch {
		case x.ok():
			n, last = n+1, x
		case x.throttled(), x.accident():
			patience--
			sleep(t.ctx, 50*time.Millisecond)
		case within(x):
			return n, orExchange(last, x), true
		default:
			return n, orExchange(last, x), false
		}
	}
	return n, last, false
}
