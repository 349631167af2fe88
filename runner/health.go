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
	pauses         []metrics.Sample
	pausesBefore   []uint64
	pauseMax, rssM int64
}

func newHealth() *health {
	h := &health{began: time.Now(), pauses: []metrics.Sample{{Name: "/sched/pauses/total/gc:seconds"}}}
	h.last, h.cpu0 = h.began, cpuTime()
	h.cpu = h.cpu0
	h.gcPause()
	h.pauseMax = 0
	return h
}

// second returns what happened since it was last called.
func (h *health) second() record.Health {
	now, cpu := time.Now(), cpuTime()
	r := record.Health{GCPauseNS: h.gcPause(), RSSBytes: residentBytes()}
	if d := now.Sub(h.last); d > 0 {
		r.CPU = float64(cpu-h.cpu) / float64(d)
	}
	h.last, h.cpu = now, cpu
	h.rssM = max(h.rssM, r.RSSBytes)
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
	now, cpu := time.Now(), cpuTime()-h.cpu0
	return results.Generator{
		CPUPerCallUS: float64(cpu) / 1e3, CPUCores: float64(cpu) / float64(max(1, now.Sub(h.began))),
		GCPauseMaxNS: h.pauseMax, RSSMaxBytes: max(h.rssM, residentBytes()),
	}
}
