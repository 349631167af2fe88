package cmd

import (
	"fmt"
	"io"
	"sync"
	"time"

	"axbench/runner"
	"axbench/runner/pace"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// plainEvery is the time between two lines of progress where there is no terminal.
const plainEvery = 5 * time.Second

// meter shows how a run goes: a bar for each phase on a terminal, a line every few seconds elsewhere. It is told of each
// second by the runner and closed by the command; the library's goroutines end with close.
type meter struct {
	plan   *pace.Plan
	out    io.Writer
	phases []phaseMeter
	bars   *mpb.Progress // nil without a terminal
	next   time.Duration // when the next plain line is due
}

// phaseMeter is the state of one phase. The bar's goroutine reads it.
type phaseMeter struct {
	mu       sync.Mutex
	bar      *mpb.Bar
	planned  int64
	done     int64
	bad      int64 // done but not good, failed, dropped
	rate     int64 // done in the last second
	p99      time.Duration
	inFlight int64
	elapsed  time.Duration // in the phase
}

func newMeter(plan *pace.Plan, out io.Writer, terminal bool) *meter {
	m := &meter{plan: plan, out: out, phases: make([]phaseMeter, len(plan.Phases())), next: plainEvery}
	if !terminal {
		return m
	}
	m.bars = mpb.New(mpb.WithOutput(out), mpb.WithWidth(24), mpb.WithRefreshRate(250*time.Millisecond))
	for i, ph := range plan.Phases() {
		p := &m.phases[i]
		p.bar = m.bars.AddBar(int64(ph.Duration/time.Millisecond),
			mpb.PrependDecorators(decor.Name(ph.Name, decor.WC{C: decor.DSyncSpaceR})),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return p.text(ph.Duration) })))
	}
	return m
}

// text is what stands behind the bar: planned, done, rate, p99, errors and time left.
func (p *phaseMeter) text(length time.Duration) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.planned == 0 && p.done == 0 {
		return "waiting"
	}
	text := fmt.Sprintf("planned %d, done %d, ", p.planned, p.done)
	if p.elapsed < length || p.rate > 0 {
		p99 := "-"
		if p.p99 > 0 {
			p99 = p.p99.Round(10 * time.Microsecond).String()
		}
		text += fmt.Sprintf("%d/s, p99 %s, %d in flight, ", p.rate, p99, p.inFlight)
	}
	text += fmt.Sprintf("%d errors", p.bad)
	if p.elapsed < length {
		text += ", " + (length - p.elapsed).Round(time.Second).String() + " left"
	}
	return text
}

// second takes in what ended in one second.
func (m *meter) second(s runner.Progress) {
	current := 0
	for i, ph := range m.plan.Phases() {
		p := &m.phases[i]
		if s.Elapsed > m.plan.Start(i) {
			current = i
		}
		p.mu.Lock()
		p.elapsed = max(0, min(s.Elapsed-m.plan.Start(i), ph.Duration))
		p.rate, p.inFlight = 0, s.InFlight
		for _, l := range s.Seconds {
			if l.Phase != ph.Name {
				continue
			}
			p.planned += l.Planned
			p.done += l.Done
			p.bad += l.Done - l.Good + l.Failed + l.Dropped
			p.rate = l.Done
			if l.Good > 0 {
				p.p99 = time.Duration(l.RespP99NS)
			}
		}
		bar, elapsed := p.bar, p.elapsed
		p.mu.Unlock()
		if bar != nil {
			bar.SetCurrent(int64(elapsed / time.Millisecond))
		}
	}
	if m.bars == nil && s.Elapsed >= m.next {
		m.next = s.Elapsed + plainEvery
		p := &m.phases[current]
		fmt.Fprintf(m.out, "axbench: %s of %s, %s: %s\n", s.Elapsed.Round(time.Second), m.plan.Duration().Round(time.Second),
			m.plan.Phases()[current].Name, p.text(m.plan.Phases()[current].Duration))
	}
}

// close ends the bars and leaves their last state on the screen.
func (m *meter) close() {
	if m.bars == nil {
		return
	}
	for i := range m.phases {
		m.phases[i].bar.Abort(false)
	}
	m.bars.Wait()
}
