package emulator

import (
	"math"
	"sync/atomic"
	"time"

	"axbench/scenarios/strict"
)

// Window is a time counted from the first call, once or again and again. The zero Window is always.
type Window struct {
	After time.Duration `yaml:"after" jsonschema:"description=begins so long after the first call (0s)"`
	For   time.Duration `yaml:"for" jsonschema:"description=lasts so long; to the end without it"`
	Every time.Duration `yaml:"every" jsonschema:"description=comes again each time so much later"`
}

// given reports whether a window was set.
func (w *Window) given() bool { return w.After > 0 || w.For > 0 || w.Every > 0 }

// maxTime bounds every duration of a window, so that no sum overflows.
const maxTime = 366 * 24 * time.Hour

// check says what is wrong with a window whose keys stand in the struct of pos.
func (w *Window) check(pos *strict.Pos) *strict.Error {
	switch {
	case w.After < 0 || w.After > maxTime:
		return pos.Error("after", "out of range", "0s to 8784h")
	case w.For < 0 || w.For > maxTime:
		return pos.Error("for", "out of range", "0s to 8784h")
	case w.Every < 0 || w.Every > maxTime:
		return pos.Error("every", "out of range", "0s to 8784h")
	case pos.Has("for") && w.For == 0:
		return pos.Error("for", "not a positive time", "for example 2s")
	case pos.Has("every") && w.Every == 0:
		return pos.Error("every", "not a positive time", "for example 10s")
	case w.Every > 0 && w.For == 0:
		return pos.Error("for", "no value is given", "how long each of the windows lasts, less than every")
	case w.Every > 0 && w.For >= w.Every:
		return pos.Error("every", "not more than for", "a longer time than for, or no every for a window without an end")
	}
	return nil
}

// interval is a Window in nanoseconds.
type interval struct {
	after, length int64 // length is math.MaxInt64 for one without an end
	every         int64 // 0: once
}

func (w *Window) interval() interval {
	out := interval{int64(w.After), int64(w.For), int64(w.Every)}
	if w.For == 0 {
		out.length = math.MaxInt64
	}
	return out
}

// always reports whether the window never begins nor ends.
func (w *interval) always() bool { return w.after == 0 && w.length == math.MaxInt64 }

// open reports whether a time since the first call lies in the window. Its begin does, its end does not.
func (w *interval) open(at int64) bool {
	at -= w.after
	if at < 0 {
		return false
	}
	if w.every > 0 {
		at %= w.every
	}
	return at < w.length
}

// end is where a window that comes once is over.
func (w *interval) end() int64 {
	if w.length == math.MaxInt64 {
		return w.after
	}
	return w.after + w.length
}

// origin is the instant of the first call. It is safe for concurrent use.
type origin struct {
	at    atomic.Int64  // 0 before it
	begun chan struct{} // closed at the first call
}

func newOrigin() *origin { return &origin{begun: make(chan struct{})} }

// mark notes a call that was read at an instant.
func (o *origin) mark(read int64) {
	if o.at.Load() == 0 && o.at.CompareAndSwap(0, max(read, 1)) {
		close(o.begun)
	}
}

// since is the time from the first call to an instant; -1 before there was one.
func (o *origin) since(now int64) int64 {
	first := o.at.Load()
	if first == 0 {
		return -1
	}
	return max(0, now-first)
}

// maxWindows bounds how many windows a list may stand for until it repeats itself.
const maxWindows = 100_000

// What a list of windows is refused with when it stands for more.
const (
	tooManyWindows  = "the windows do not repeat themselves soon enough to be laid out"
	periodsAccepted = "values of every that divide one another, and no single window far behind many short ones"
)

// period returns from when on a list of windows repeats itself, and after how long; 0 if none of them comes again. It returns
// false when that is more windows than maxWindows.
func period(list []interval) (from, length int64, ok bool) {
	for _, w := range list {
		if w.every == 0 {
			from = max(from, w.end())
			continue
		}
		from = max(from, w.after)
		if length == 0 {
			length = w.every
			continue
		}
		step := w.every / gcd(length, w.every)
		if length > math.MaxInt64/4/step {
			return 0, 0, false
		}
		length *= step
	}
	count := int64(0)
	for _, w := range list {
		count++
		if w.every > 0 {
			count += (from + length - w.after) / w.every
		}
		if count > maxWindows {
			return 0, 0, false
		}
	}
	return from, length, true
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// starts calls f with each beginning of a window of the list up to the end of the first repetition.
func starts(list []interval, f func(w interval, at int64)) (ok bool) {
	from, length, ok := period(list)
	if !ok {
		return false
	}
	for _, w := range list {
		f(w, w.after)
		for at := w.after + w.every; w.every > 0 && at < from+length; at += w.every {
			f(w, at)
		}
	}
	return true
}
