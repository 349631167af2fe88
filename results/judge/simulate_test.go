package judge

import (
	"container/heap"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"axbench/results"
)

// world is a run in virtual time: arrivals, a limit of calls in flight, and a target.
type world struct {
	phases  []simPhase
	limit   int                                                  // of calls in flight; 0 is the default
	service func(rng *rand.Rand, at time.Duration) time.Duration // that a call takes by itself
	servers int                                                  // that the target has; 0 for as many as it takes
	stalls  func(rng *rand.Rand) (from, length time.Duration)    // nothing moves at the target meanwhile; nil for none
	even    bool                                                 // constant arrivals rather than Poisson ones
	tune    func(rng *rand.Rand, w *world)                       // draws what differs from seed to seed
	timeout time.Duration                                        // 0 is 10 s
}

type simPhase struct {
	seconds  float64
	from, to float64 // rate
	warm     bool    // not recorded
}

const simPatience = 10 * time.Second

// simCall is what became of one call.
type simCall struct {
	phase           int
	due, start, end time.Duration
	kind            string // "done", "timeout", "dropped", "unfinished"
	sent            bool
}

// peak is the highest rate of the plan.
func (w *world) peak() float64 {
	most := 0.0
	for _, p := range w.phases {
		most = max(most, p.from, p.to)
	}
	return most
}

// arrivals draws when calls fall due.
func (w *world) arrivals(rng *rand.Rand) (calls []simCall) {
	begin := 0.0
	for i, p := range w.phases {
		next := 0.0
		for t := 0.0; ; {
			rate := p.from + (p.to-p.from)*t/p.seconds
			if w.even {
				next = 1 / rate
			} else {
				next = rng.ExpFloat64() / rate
			}
			if t += next; t >= p.seconds {
				break
			}
			calls = append(calls, simCall{phase: i, due: time.Duration((begin + t) * 1e9)})
		}
		begin += p.seconds
	}
	return calls
}

type instants []time.Duration

func (h instants) Len() int           { return len(h) }
func (h instants) Less(i, j int) bool { return h[i] < h[j] }
func (h instants) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *instants) Push(x any)        { *h = append(*h, x.(time.Duration)) }
func (h *instants) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

// endpoint answers calls in the order in which they are sent.
type endpoint struct {
	w               *world
	rng             *rand.Rand
	free            instants // when each server is, by the target's own clock
	stall, stallEnd time.Duration
}

// own turns an instant into one of the target's clock, which stands still in the stall; back is the reverse.
func (t *endpoint) own(at time.Duration) time.Duration {
	return at - min(max(0, at-t.stall), t.stallEnd-t.stall)
}

func (t *endpoint) back(own time.Duration) time.Duration {
	if own <= t.stall {
		return own
	}
	return own + t.stallEnd - t.stall
}

// answer returns when a call that is sent at an instant is answered.
func (t *endpoint) answer(sent time.Duration) time.Duration {
	begin := t.own(sent)
	took := t.w.service(t.rng, sent)
	if t.w.servers > 0 {
		if len(t.free) < t.w.servers {
			heap.Push(&t.free, time.Duration(0))
		}
		begin = max(begin, t.free[0])
		t.free[0] = begin + took
		heap.Fix(&t.free, 0)
	}
	return t.back(begin + took)
}

// play makes the calls and returns them with the most that were in flight.
func (w *world) play(rng *rand.Rand) (calls []simCall, busiest int) {
	calls = w.arrivals(rng)
	tg := &endpoint{w: w, rng: rng}
	if w.stalls != nil {
		from, length := w.stalls(rng)
		tg.stall, tg.stallEnd = from, from+length
	}
	timeout := w.timeout
	if timeout == 0 {
		timeout = 10 * time.Second
	}
	over := w.length() + timeout // the drain's end
	var slots instants
	for i := range calls {
		c := &calls[i]
		for len(slots) > 0 && slots[0] <= c.due {
			heap.Pop(&slots)
		}
		c.start = c.due
		if len(slots) >= w.limit {
			c.start = slots[0]
			if c.start > c.due+simPatience {
				c.kind, c.end = "dropped", c.due+simPatience
				continue
			}
			heap.Pop(&slots)
		}
		if c.start >= over {
			c.kind, c.end = "unfinished", over
			heap.Push(&slots, c.start)
			continue
		}
		c.sent, c.kind, c.end = true, "done", tg.answer(c.start)
		if c.end > c.start+timeout {
			c.kind, c.end = "timeout", c.start+timeout
		}
		if c.end > over {
			c.kind, c.end = "unfinished", over
		}
		heap.Push(&slots, c.end)
		busiest = max(busiest, len(slots))
	}
	return calls, busiest
}

func (w *world) length() (d time.Duration) {
	for _, p := range w.phases {
		d += time.Duration(p.seconds * 1e9)
	}
	return d
}

// judged plays the world with a seed and returns the judged record.
func (w *world) judged(t *testing.T, seed uint64) *results.Run {
	t.Helper()
	own := *w
	rng := rand.New(rand.NewPCG(seed, 99))
	if own.tune != nil {
		own.tune(rng, &own)
	}
	usual := max(64, int(own.peak()))
	if own.limit == 0 {
		own.limit = usual
	}
	calls, busiest := own.play(rng)
	rec := own.record(t, calls)
	g := &rec.Run.Generator
	g.Limit, g.LimitDefault, g.MaxInFlight = int64(own.limit), int64(usual), int64(busiest)
	Judge(rec, Input{Rules: []Rule{MustParseRule("count(OK) >= 0")}})
	return &rec.Run
}

// ledger is what a run directory has of simulated calls.
type ledger struct {
	run   results.Run
	lines map[[2]int64]*results.Second // by second and phase
	hists map[[2]int64]map[string]*results.Histogram
}

func (l *ledger) at(t time.Duration, phase int) (*results.Second, func(clock, code string, ns time.Duration)) {
	key := [2]int64{int64(t / time.Second), int64(phase)}
	if l.lines[key] == nil {
		l.lines[key] = &results.Second{T: key[0], Phase: l.run.Phases[phase].Name, LateP99NS: ms / 10}
		l.hists[key] = map[string]*results.Histogram{}
	}
	return l.lines[key], func(clock, code string, ns time.Duration) {
		tag := clock + "|" + code
		if l.hists[key][tag] == nil {
			l.hists[key][tag] = results.NewHistogram()
		}
		l.hists[key][tag].Record(int64(ns))
	}
}

// record writes the calls into a run directory as a runner does.
func (w *world) record(t *testing.T, calls []simCall) *results.Record {
	l := &ledger{lines: map[[2]int64]*results.Second{}, hists: map[[2]int64]map[string]*results.Histogram{}}
	started := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	ended := started.Add(time.Minute)
	l.run = results.Run{Schema: results.Schema, Model: results.ModelOpen, Started: started, Ended: &ended, Host: results.Host{Cores: 2}}
	for i, p := range w.phases {
		ns := int64(p.seconds * 1e9)
		l.run.Phases = append(l.run.Phases, results.Phase{Name: string(rune('a' + i)), Recorded: !p.warm, Model: results.ModelOpen, DurationNS: ns, ElapsedNS: ns,
			Codes: []results.Code{{Code: "OK", Class: results.ClassOK, Documented: true}}})
	}
	last := int64(0)
	for i := range calls {
		c := &calls[i]
		p := &l.run.Phases[c.phase]
		p.Planned++
		due, _ := l.at(c.due, c.phase)
		due.Planned++
		last = max(last, int64(c.end/time.Second))
		s, record := l.at(c.end, c.phase)
		if c.sent {
			p.Sent++
			s.Sent++
			record("late", results.CodeAll, 100*time.Microsecond)
			record("queued", results.CodeAll, c.start-c.due)
		}
		switch c.kind {
		case "done":
			p.Done, p.DoneInside, p.Good, p.GoodInside = p.Done+1, p.DoneInside+1, p.Good+1, p.GoodInside+1
			p.Codes[0].Count++
			s.Done++
			s.Good++
			record("service", results.CodeAll, c.end-c.start)
			record("response", results.CodeGood, c.end-c.due)
		case "timeout":
			p.Failed++
			s.Failed++
			record("service", results.CodeTimeout, c.end-c.start)
			record(results.ClockBound, results.CodeTimeout, c.end-c.due)
		case "dropped":
			p.Dropped++
			s.Dropped++
			record(results.ClockBound, results.CodeDropped, c.end-c.due)
		default:
			p.Unfinished++
			s.Unfinished++
			record(results.ClockBound, results.CodeUnfinished, c.end-c.due)
			if c.sent {
				record("service", results.CodeUnfinished, c.end-c.start)
			}
		}
		for at := c.due.Truncate(time.Second) + time.Second; at <= c.start || c.kind == "dropped" && at < c.end; at += time.Second {
			waiting, _ := l.at(at-1, c.phase)
			waiting.Queued++
		}
	}
	return l.write(t, last)
}

func (l *ledger) write(t *testing.T, last int64) *results.Record {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	w, err := results.Create(dir, &l.run)
	if err != nil {
		t.Fatal(err)
	}
	for second := range last + 1 {
		lines := []results.Second{}
		var intervals []results.Interval
		for i := range l.run.Phases {
			key := [2]int64{second, int64(i)}
			if s := l.lines[key]; s != nil {
				lines = append(lines, *s)
			}
			for tag, h := range l.hists[key] {
				clock, code := tag[:len(tag)-len(tagCode(tag))-1], tagCode(tag)
				intervals = append(intervals, results.Interval{Phase: l.run.Phases[i].Name, Clock: clock, Code: code, H: h})
			}
		}
		if len(lines) == 0 {
			lines = append(lines, results.Second{T: second, Phase: l.run.Phases[0].Name})
		}
		begin := l.run.Started.Add(time.Duration(second) * time.Second)
		if err := w.AppendSecond(begin, begin.Add(time.Second), lines, intervals); err != nil {
			t.Fatal(err)
		}
	}
	rec := w.Record(&l.run)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	rec.Summarise()
	return rec
}

func tagCode(tag string) string {
	for i := range tag {
		if tag[i] == '|' {
			return tag[i+1:]
		}
	}
	return ""
}

// The service times of targets.

func constantly(d time.Duration) func(*rand.Rand, time.Duration) time.Duration {
	return func(*rand.Rand, time.Duration) time.Duration { return d }
}

// lognormally has the given median and 99th percentile.
func lognormally(median, p99 time.Duration) func(*rand.Rand, time.Duration) time.Duration {
	sigma := math.Log(float64(p99)/float64(median)) / 2.3263
	return func(rng *rand.Rand, _ time.Duration) time.Duration {
		return time.Duration(float64(median) * math.Exp(sigma*rng.NormFloat64()))
	}
}

// either takes one of two times, the longer one with the given share.
func either(short, long time.Duration, share float64) func(*rand.Rand, time.Duration) time.Duration {
	return func(rng *rand.Rand, _ time.Duration) time.Duration {
		if rng.Float64() < share {
			return long
		}
		return short
	}
}
