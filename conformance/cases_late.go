package conformance

import (
	"time"

	"axbench/conformance/client"
)

// lateCases come back to what was done long before: calls that are sent again after very many others, and connections that were
// left alone.
var lateCases = []testCase{
	{"late/flow-limit", []string{"LOD-2", "LOD-3", "COD-FLOW_LIMIT"}, []need{needFlowLimit}, limitTakesNothing},
	{"late/idle", []string{"LOD-6"}, nil, wake},
	{"late/replay", []string{"SIG-9", "LOD-5"}, nil, replayLate},
	{"late/clock", []string{"LOD-5"}, nil, clockLate},
}

// wake uses the connections again that have rested since lod/rest. When none is answered, others are made and left alone.
func wake(t *trial) {
	var list []*exchange
	for _, r := range t.resting {
		list = append(list, t.afterIdle(r))
		if list[len(list)-1].answered() {
			break
		}
	}
	if len(list) < gaps || list[len(list)-1].answered() {
		t.woken(list)
		return
	}
	for range gaps {
		pool := t.crowdPool(1)
		defer pool.Close()
		x := t.prepared(t.wakeUp("a call before its connection is left alone"))
		t.build(x)
		t.over(t.c, pool, x)
		list = append(list, t.afterIdle(resting{pool, time.Now()}))
		if list[len(list)-1].answered() {
			break
		}
	}
	t.woken(list)
}

// nodes is how many connections a late call is made over: another one may lead to another node.
const nodes = 4

// replayLate sends calls again that were accepted long before (SIG-9, LOD-5), over several connections: the nonce is still known there, or
// the Timestamp too old.
func replayLate(t *trial) {
	t.replayed = time.Now()
	sent := 0
	for _, p := range t.resends {
		r, ok := p.request()
		if !ok {
			continue
		}
		for range nodes {
			sent++
			t.refuseOnce(r.clone().alone().saying("an accepted call again at the end of the run"), unauthenticated, "SIG-9", "LOD-5")
		}
	}
	if sent == 0 {
		t.unsure("no call was accepted that could be sent again", "SIG-9", "LOD-5")
	}
}

// replayWaited is replayLate once more, where the cases before have waited for time to pass: a nonce is remembered longer than that.
func replayWaited(t *trial) {
	const waited = 30 * time.Second
	if time.Since(t.replayed) > waited {
		replayLate(t)
	}
}

// clockLate sends an old Timestamp over several connections (LOD-5): the rule about the clock holds on every node.
func clockLate(t *trial) {
	for range nodes {
		r := t.bind().alone().saying("a Timestamp of an hour before over several connections")
		t.refuseOnce(r.with(func(d *client.Draft) { d.Time = d.Time.Add(-time.Hour) }), unauthenticated, "LOD-5")
	}
}
