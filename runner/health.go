package runner

import (
	"runtime/metrics"
	"time"

	"axbench/results"
	"axbench/runner/record"
)

// health samples what the generator itself costs. It is for the goroutine that keeps the accounts.
type health struct {
	began, last    time.Time
	cpu0, cpu      time.Duration
	busy0, busy    time.Duration // of all processes
	known          bool          // busy is
	before         record.Health
	pauses         []metrics.Sample
	pausesBefore   []uint64
	pauseMax, rssM int64
}

// shortest is the shortest time over which a share of the cores is worth saying: the system counts in hundredths of a second.
const shortest = 200 * time.Millisecond

func newHealth() *health {
	h := &health{began: time.Now(), pauses: []metrics.Sample{{Name: "/sched/pauses/total/gc:seconds"}}}
	h.last, h.cpu0 = h.began, cpuTime()
	h.cpu = h.cpu0
	h.busy0, h.known = machineTime()
	h.busy = h.busy0
	h.gcPause()
	h.pauseMax = 0
	return h
}

// second returns what happened since it was last called. Over too short a time the use of cores is that of the second before.
func (h *health) second() record.Health {
	now := time.Now()
	r := record.Health{GCPauseNS: h.gcPause(), RSSBytes: residentBytes(), CPU: h.before.CPU, CPUOthers: h.before.CPUOthers}
	if d := now.Sub(h.last); d >= shortest {
		cpu := cpuTime()
		r.CPU = float64(cpu-h.cpu) / float64(d)
		if busy, ok := machineTime(); ok && h.known {
			r.CPUOthers = max(0, float64(busy-h.busy)/float64(d)-r.CPU)
			h.busy = busy
		}
		h.last, h.cpu = now, cpu
	}
	h.rssM = max(h.rssM, r.RSSBytes)
	h.before = r
	return r
}

// gcPause returns the longest pause of the garbage collector since it was last called, to the width of the runtime's buckets.
func (h *health) gcPause() int64 {
	metrics.Read(h.pauses)
	if h.pauses[0].Value.Kind() != metrics.KindFloat64Histogram {
		return 0
	}
	hist := h.pauses[0].Value.Float64Histogram()
	longest := int64(0)
	for i, n := range hist.Counts {
		if h.pausesBefore != nil && n > h.pausesBefore[i] {
			longest = int64(hist.Buckets[i] * 1e9)
		}
	}
	h.pausesBefore = append(h.pausesBefore[:0], hist.Counts...)
	h.pauseMax = max(h.pauseMax, longest)
	return longest
}

// total returns the health of the whole run; CPUPerCallUS is all of the CPU time in microseconds, not yet per call.
func (h *health) total() results.Generator {
	cpu, d := cpuTime()-h.cpu0, float64(max(1, time.Since(h.began)))
	g := results.Generator{
		CPUPerCallUS: float64(cpu) / 1e3, CPUCores: float64(cpu) / d, GCPauseMaxNS: h.pauseMax, RSSMaxBytes: max(h.rssM, residentBytes()),
	}
	if busy, ok := machineTime(); ok && h.known {
		g.CPUOthers = max(0, float64(busy-h.busy0)/d-g.CPUCores)
	}
	return g
}
