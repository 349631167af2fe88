package cmd

import (
	"fmt"
	"io"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// caseMeter shows how a run of the suite goes: a bar on a terminal, a line every few seconds elsewhere. It belongs to one goroutine.
type caseMeter struct {
	out   io.Writer
	bars  *mpb.Progress // nil without a terminal
	bar   *mpb.Bar
	names chan string // the case at work, read by the bar's goroutine
	next  time.Time
}

func newCaseMeter(out io.Writer, terminal bool) *caseMeter {
	m := &caseMeter{out: out, next: time.Now().Add(plainEvery), names: make(chan string, 1)}
	if terminal {
		m.bars = mpb.New(mpb.WithOutput(out), mpb.WithWidth(40), mpb.WithRefreshRate(150*time.Millisecond))
	}
	return m
}

// note is told of each case before it runs.
func (m *caseMeter) note(done, all int, name string) {
	if m.bars == nil {
		if now := time.Now(); now.After(m.next) {
			m.next = now.Add(plainEvery)
			fmt.Fprintf(m.out, "axbench: case %d of %d: %s\n", done+1, all, name)
		}
		return
	}
	if m.bar == nil {
		current := ""
		m.bar = m.bars.AddBar(int64(all), mpb.PrependDecorators(decor.CountersNoUnit("%d / %d cases")),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string {
				select {
				case current = <-m.names:
				default:
				}
				return current
			})))
	}
	select {
	case <-m.names: // the one before was not shown
	default:
	}
	m.names <- name
	m.bar.SetCurrent(int64(done))
}

// close ends the bar.
func (m *caseMeter) close() {
	if m.bars == nil {
		return
	}
	if m.bar != nil {
		m.bar.Abort(true)
	}
	m.bars.Wait()
}
