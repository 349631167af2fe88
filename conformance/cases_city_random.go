package conformance

import (
	"fmt"
	"slices"
	"time"

	"axbench/results/judge"
)

// The numbers of PRM-CITY-7: how many times another city's number is asked for, how many of them a part of the pool is due on average,
// and how improbable the outcome of an even choice may be.
const (
	fallbackCalls  = 200
	fallbackDue    = 8
	fallbackChance = 1e-6
	fallbackFew    = 20 // what shows at least that it is not always one number
)

// fallbacks asks many times for a city that has no number and holds the X that are given against an even choice. Each binding is ended
// where that is declared: the pool does not fill, and each choice is made among all numbers.
func (t *trial) fallbacks() {
	if t.namesX("PRM-CITY-7") {
		return
	}
	p := t.provision.Pool("main")
	calls := fallbackCalls
	roomy := t.provision.Query.Unbind || p.Size >= 10*fallbackCalls
	if t.bindings.left() < fallbackCalls+100 || !roomy || t.long(2*fallbackCalls) {
		calls = min(fallbackFew, t.bindings.left())
	}
	var given []string
	var last *exchange
	for range calls {
		x := t.send(t.bind().set("ExpectCity", p.EmptyCity).saying("a city of which the pool has no number, many times"))
		if !x.ok() || x.secretNo == "" {
			t.accept(t.renew(x.req), nil, "PRM-CITY-3")
			break
		}
		given, last = append(given, x.secretNo), x
		if b := t.bindings.last(x); b != nil && t.provision.Query.Unbind {
			t.unbindOne(b)
		}
	}
	t.evenly(p, given, last)
}

// long reports whether so many calls would take more than a quarter of the time that is left, at the rate that is kept here.
func (t *trial) long(calls int) bool {
	end, bounded := t.ctx.Deadline()
	return bounded && t.pace.rate > 0 && float64(calls)/t.pace.rate > time.Until(end).Seconds()/4
}

// evenly judges PRM-CITY-7 by the X that were given.
func (t *trial) evenly(p *PoolFacts, given []string, last *exchange) {
	const expected = "numbers of the pool at random"
	distinct := slices.Clone(given)
	slices.Sort(distinct)
	distinct = slices.Compact(distinct)
	switch {
	case len(given) < fallbackFew || max(p.Size, p.Count()) < 2:
		t.unsure(fmt.Sprintf("only %d numbers were given instead of those of a city without one", len(given)), "PRM-CITY-7")
		return
	case len(distinct) == 1:
		t.saw(last, false, expected, fmt.Sprintf("the same number %d times", len(given)), "PRM-CITY-7")
		return
	case len(given) < fallbackCalls:
		t.unsure(fmt.Sprintf("the budget, the pool or the time allowed %d bindings of %d", len(given), fallbackCalls), "PRM-CITY-7")
		return
	case !p.Complete():
		t.saw(last, true, "not one number only", fmt.Sprintf("%d numbers in %d bindings", len(distinct), len(given)), "PRM-CITY-7")
		return
	}
	chance := evenChance(p.All(p.Size), given)
	got := fmt.Sprintf("%d numbers in %d bindings, probability %.2g under an even choice", len(distinct), len(given), chance)
	t.saw(last, chance > fallbackChance, expected, got, "PRM-CITY-7")
}

// evenChance is how probable it is that an even choice among the numbers of a pool, in order, is at least as uneven over equal parts of
// it as the given ones are. An endpoint that takes turns is more even than chance, which is no fault.
func evenChance(all, given []string) float64 {
	parts := min(len(all), len(given)/fallbackDue)
	if parts < 2 {
		return 1
	}
	size, count := make([]float64, parts), make([]float64, parts)
	part := make(map[string]int, len(all))
	for i, x := range all {
		part[x] = i * parts / len(all)
		size[part[x]]++
	}
	n := 0.0
	for _, x := range given {
		if i, ok := part[x]; ok {
			count[i]++
			n++
		}
	}
	if n == 0 {
		return 1
	}
	chi := 0.0
	for i := range parts {
		due := n * size[i] / float64(len(all))
		chi += (count[i] - due) * (count[i] - due) / due
	}
	return judge.ChiSquareTail(chi, parts-1)
}
