package conformance

import (
	"slices"
	"strconv"
	"time"

	"axbench/conformance/contract"
	"axbench/results"
	"axbench/runner/wire"
)

// crowdSize is how many calls are in flight at once in the cases about concurrency (LOD-7).
const crowdSize = 64

// mayCrowd says how many calls may be made at once: what the ceiling of the rate allows in a second.
func (t *trial) mayCrowd(n int) int {
	if t.pace.ceiling > 0 {
		n = min(n, int(t.pace.ceiling))
	}
	return min(n, int(t.callBudget()-t.calls))
}

// crowd sends requests at the same time, each over a connection of its own out of pool, and counts LOD-1 of each: it is under load
// as well. A rest behind it keeps the rate where that has a ceiling, and lets a flow limit that was met forget.
func (t *trial) crowd(pool *wire.Pool, list []*request) []*exchange {
	calls := make([]*exchange, len(list))
	for i, r := range list {
		r.burst = true
		calls[i] = t.prepared(r)
		t.build(calls[i])
	}
	t.together([]*wire.Pool{pool}, calls)
	for _, x := range calls {
		t.countUnderLoad(x)
	}
	switch {
	case t.pace.ceiling > 0:
		sleep(t.ctx, time.Duration(float64(len(list))/t.pace.ceiling*float64(time.Second)))
	case slices.ContainsFunc(calls, (*exchange).throttled):
		sleep(t.ctx, limitMemory)
	}
	return calls
}

// limitMemory is how long a flow limit that counts by the second remembers.
const limitMemory = 1100 * time.Millisecond

// crowdPool has room for as many connections at once as calls are made.
func (t *trial) crowdPool(n int) *wire.Pool {
	return wire.NewPool(t.cfg.Target, wire.Limits{MaxDials: n, MaxIdle: time.Minute})
}

// countUnderLoad counts LOD-1 of an exchange that has been judged: no MUST clause of TRN and RSP is broken, decisions of this project
// aside.
func (t *trial) countUnderLoad(x *exchange) {
	if !x.answered() && x.failure != wire.Framing {
		return
	}
	i := slices.IndexFunc(x.breaches, func(b breach) bool {
		c := contract.FindClause(b.id)
		return b.level == contract.Must && (c.Chapter() == "TRN" || c.Chapter() == "RSP") && decides(c)
	})
	if i < 0 {
		t.held(results.ClauseUnderLoad)
		return
	}
	t.breach(t.c, x, results.ClauseUnderLoad, contract.Must, x.breaches[i].id+": "+x.breaches[i].detail)
}

// fresh draws n different numbers for a parameter, fewer when there are not so many.
func (t *trial) fresh(param string, n int) []string {
	var list []string
	for range 2 * n {
		if p := t.phones.like(param); len(list) < n && !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	return list
}

// tried counts answers by what they say, for a report: "8 OK, 56 isv.NO_AVAILABLE_NUMBER".
func tried(list []*exchange) string {
	var words []string
	counts := map[string]int{}
	for _, x := range list {
		word := x.code
		if word == "" {
			word = x.got()
		}
		if counts[word] == 0 {
			words = append(words, word)
		}
		counts[word]++
	}
	slices.Sort(words)
	text := ""
	for i, w := range words {
		if i > 0 {
			text += ", "
		}
		text += strconv.Itoa(counts[w]) + " " + w
	}
	return text
}
