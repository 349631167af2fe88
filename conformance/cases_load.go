package conformance

import (
	"slices"
	"time"

	"axbench/results"
	"axbench/runner/wire"
)

// loadCases hold what shows under load only (LOD).
var loadCases = []testCase{
	{"lod/before", []string{"LOD-5", "SIG-9"}, nil, func(t *trial) {
		t.remember(t.send(t.bind().saying("a bind that is sent again at the end of the run")))
	}},
	{"lod/rest", []string{"LOD-6"}, nil, layToRest},
	{"lod/crowd", []string{"LOD-1", "INV-5"}, nil, crowded},
	{"lod/cities", []string{"PRM-CITY-2"}, []need{needNumbers("main")}, crowdOfCities},
	{"lod/one-a", []string{"LOD-7", "INV-1", "INV-2"}, []need{needPool("small")}, crowdOfOneA},
	{"lod/flow-limit", []string{"LOD-2", "LOD-3", "LOD-4", "COD-FLOW_LIMIT"}, []need{needFlowLimit}, overLimit},
	{"lod/load", []string{"LOD-1", "LOD-5", "LOD-6", "RSP-2", "INV-1", "INV-2", "INV-5"}, nil, underLoad},
	{"lod/flow-connections", []string{"LOD-2", "LOD-4", "COD-FLOW_LIMIT"}, []need{needFlowLimit}, overManyConnections},
}

// crowded sends calls of every kind at the same time, twice: over connections that are being opened, and over the same ones.
func crowded(t *trial) {
	n := t.mayCrowd(crowdSize)
	if n < 2 {
		return
	}
	pool := t.crowdPool(n)
	defer pool.Close()
	own := t.ownNumbers(n)
	for range 2 {
		var list []*request
		for i := range n {
			r := t.bind().saying("calls of every kind at the same time")
			r.sampled = true
			switch {
			case i%4 == 3 || t.bindings.left() < 2*n:
				r.set("PhoneNoB", letters(r.get("PhoneNoB")))
			case i < len(own):
				r.set("PhoneNoX", own[i])
			}
			list = append(list, r)
		}
		t.crowd(pool, list)
	}
}

// crowdOfCities asks for numbers of several cities at the same time (PRM-CITY-2), where each has one for every call.
func crowdOfCities(t *trial) {
	p := t.provision.Pool("main")
	cities := p.Cities()
	cities = cities[:min(4, len(cities))]
	n := min(t.mayCrowd(crowdSize), t.bindings.left()/2)
	for _, city := range cities {
		n = min(n, len(cities)*t.freeIn(p, city)/2) // of two rounds
	}
	if n < 2 || len(cities) < 2 || t.bind().get("PhoneNoX") != "" {
		return
	}
	pool := t.crowdPool(n)
	defer pool.Close()
	for range 2 {
		var list []*request
		for i := range n {
			list = append(list, t.bind().set("ExpectCity", cities[i%len(cities)]).saying("binds for several cities at the same time"))
		}
		for _, x := range t.crowd(pool, list) {
			if x.ok() {
				t.inCity(x, p, x.req.get("ExpectCity"), "PRM-CITY-2")
				t.letGo(x)
			}
		}
	}
}

// crowdOfOneA binds one A as often as there are workers at the same time in a pool with fewer numbers (LOD-7): each X is given once, to one
// binding with an identifier of its own.
func crowdOfOneA(t *trial) {
	size := t.provision.Pool("small").Size
	n := min(t.mayCrowd(crowdSize), t.bindings.left(), max(crowdSize, 2*size))
	if n < 2 {
		t.unseen("the ceiling of the rate or the budget leaves no room for calls at the same time", "LOD-7")
		return
	}
	pool := t.crowdPool(n)
	defer pool.Close()
	for range 2 {
		a := t.phones.a()
		var list []*request
		for _, b := range t.fresh("PhoneNoB", n) {
			list = append(list, t.bind().set("PoolKey", t.poolKey("small")).set("PhoneNoA", a).set("PhoneNoB", b).
				saying(itoa(n)+" binds of one A at the same time in a small pool"))
		}
		t.exclusive(t.crowd(pool, list), size)
		t.suite.unbind()
		if t.stopped() != "" || t.bindings.left() < n {
			return
		}
	}
}

// exclusive judges LOD-7 on binds of one A that were made at the same time. size is how many numbers the pool has, 0 when that is
// not declared.
func (t *trial) exclusive(list []*exchange, size int) {
	const want = "as many bindings as the pool has numbers at most, each with an X and a SubsId of its own"
	var x, subs []string
	var last, lost *exchange
	for _, e := range list {
		switch {
		case e.ok() && e.secretNo != "" && e.subsID != "":
			last, x, subs = e, append(x, e.secretNo), append(subs, e.subsID)
		case !e.readable():
			lost = e
		}
	}
	got := tried(list) + "; " + itoa(distinct(x)) + " different X, " + itoa(distinct(subs)) + " different SubsId"
	switch {
	case distinct(x) < len(x) || distinct(subs) < len(subs):
		t.saw(last, false, want, got, "LOD-7")
	case size > 0 && len(x) > size:
		t.unsure("the pool has more numbers than are declared: "+got, "LOD-7")
	case len(x) < 2:
		t.unsure("fewer than two binds at the same time were accepted: "+got, "LOD-7")
	case lost != nil && !lost.answered():
		t.unsure("not all calls at the same time were answered: "+got, "LOD-7")
	default:
		t.saw(last, true, want, got, "LOD-7")
	}
}

// distinct counts different texts.
func distinct(list []string) int {
	list = slices.Clone(list)
	slices.Sort(list)
	return len(slices.Compact(list))
}

// resting is a connection that has served and is left alone.
type resting struct {
	pool  *wire.Pool
	since time.Time
}

// gaps is how many connections are left alone, and idleFor the shortest time for which they are.
const (
	gaps    = 3
	idleFor = 1200 * time.Millisecond
)

// layToRest makes connections that are used again much later, at the end of the run (late/idle).
func layToRest(t *trial) {
	for range gaps {
		r := t.wakeUp("a call before its connection is left alone")
		pool := t.crowdPool(1)
		x := t.prepared(r)
		t.build(x)
		t.pace.wait(t.ctx)
		t.over(t.c, pool, x)
		t.resting = append(t.resting, resting{pool, time.Now()})
	}
}

// wakeUp is a call that takes no number.
func (t *trial) wakeUp(words string) *request {
	r := t.bind().saying(words)
	return r.set("PhoneNoB", letters(r.get("PhoneNoB")))
}

// afterIdle sends one call over a connection that was left alone for a while. An endpoint may have closed it: then the call goes
// over a new one. It is not repeated.
func (t *trial) afterIdle(r resting) *exchange {
	sleep(t.ctx, time.Until(r.since.Add(idleFor)))
	t.pace.wait(t.ctx)
	x := t.prepared(t.wakeUp("a call over a connection that was idle for a while"))
	t.build(x)
	t.over(t.c, r.pool, x)
	return x
}

// woken judges LOD-6 on connections that were idle. One that ends in the moment it is used again may have crossed the request; that
// all of them do, and those of a second trial too, is no chance.
func (t *trial) woken(list []*exchange) {
	const want = "an answer, over the same connection or a new one"
	i := slices.IndexFunc(list, func(x *exchange) bool { return x.answered() })
	switch {
	case t.stopped() != "":
		t.unsure(t.stopped(), "LOD-6")
	case i >= 0:
		t.word(list[i], results.ClausePass, want, "LOD-6")
	case len(list) == 0:
	case slices.ContainsFunc(list, func(x *exchange) bool { return x.failure == wire.Refused }):
		t.unsure("the target is not there any more: "+list[len(list)-1].got(), "LOD-6")
	default:
		t.saw(list[0], false, want, itoa(len(list))+" of "+itoa(len(list))+": "+list[0].got(), "LOD-6")
	}
}
