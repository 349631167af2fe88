package emulator

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// cycles are periods that all repeat together within 5,040, so that any five of them can be laid out and counted through.
var cycles = []int64{14, 15, 16, 18, 20, 21, 24, 28, 30}

// drawIntervals makes a few short windows, single ones and such that come again, which may overlap.
func drawIntervals(t *rapid.T) (list []interval) {
	for range rapid.IntRange(1, 5).Draw(t, "windows") {
		w := interval{after: rapid.Int64Range(0, 40).Draw(t, "after"), length: rapid.Int64Range(1, 12).Draw(t, "for")}
		if rapid.Bool().Draw(t, "again") {
			w.every = rapid.SampledFrom(cycles).Draw(t, "every")
		}
		list = append(list, w)
	}
	return list
}

func anyOpen(list []interval, at int64) bool {
	for _, w := range list {
		if w.open(at) {
			return true
		}
	}
	return false
}

// anyShut looks through one cycle for an instant in no window.
func anyShut(list []interval, from, length int64) bool {
	for at := from; at < from+length; at++ {
		if !anyOpen(list, at) {
			return true
		}
	}
	return false
}

// TestTimeline steps through time one by one, and holds the arithmetic against counting.
func TestTimeline(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := drawIntervals(t)
		line := newTimeline(list)
		if line == nil {
			t.Fatal("not laid out")
		}
		if line.frozen() {
			if anyShut(list, line.from, line.length) {
				t.Fatal("frozen, and it is not")
			}
			return
		}
		end := line.from + 3*line.length + 5
		if end > 20_000 {
			end = 20_000
		}
		moved, last := int64(0), map[int64]int64{} // time without the windows, and the last instant that has it
		for at := int64(0); at <= end; at++ {
			if got := line.moving(at); got != moved {
				t.Fatalf("moving(%d) is %d, want %d", at, got, moved)
			}
			last[moved] = at
			open := anyOpen(list, at)
			from, to, ok := line.next(at)
			if open != (ok && from <= at && at < to) {
				t.Fatalf("at %d: open is %v, next window %d to %d (%v)", at, open, from, to, ok)
			}
			if ok && (anyOpen(list, to) || to <= at || !open && !anyOpen(list, from)) {
				t.Fatalf("at %d: the next window is %d to %d", at, from, to)
			}
			if !open {
				moved++
			}
		}
		for v, at := range last {
			if got := line.standing(v); v < moved && got != at {
				t.Fatalf("standing(%d) is %d, want %d", v, got, at)
			}
		}
	})
}

// TestTimelineIsBounded has lists that would stand for more windows than anybody has memory for, and one that is just large.
func TestTimelineIsBounded(t *testing.T) {
	const s = int64(time.Second)
	for name, list := range map[string][]interval{
		"primes":          {{0, 1, 1_000_003}, {0, 1, 1_000_033}},
		"overflow":        {{0, 1, math.MaxInt64 / 5}, {0, 1, math.MaxInt64/5 - 1}},
		"a year of ticks": {{0, s / 1000, s}, {365 * 86400 * s, s, 0}},
	} {
		if newTimeline(list) != nil {
			t.Errorf("%s: laid out", name)
		}
	}
	line := newTimeline([]interval{{0, s / 10, s}, {0, s, 60 * s}, {3630 * s, s, 0}})
	if line == nil {
		t.Fatal("an hour of seconds and minutes is not laid out")
	}
	if got := line.moving(7200 * s); got != 7200*s-120*s-7080*s/10-9*s/10 {
		t.Errorf("two hours are %v without the windows", time.Duration(got))
	}
	if line.frozen() || !newTimeline([]interval{{0, 6, 10}, {5, 6, 10}}).frozen() {
		t.Error("frozen is wrong")
	}
}

func TestInterval(t *testing.T) {
	always := Window{}
	from := Window{After: 10}
	once := Window{After: 10, For: 5}
	again := Window{After: 10, For: 5, Every: 20}
	for _, c := range []struct {
		w    Window
		open []int64
		shut []int64
	}{
		{always, []int64{0, 1, math.MaxInt64 - 1}, nil},
		{from, []int64{10, math.MaxInt64}, []int64{0, 9}},
		{once, []int64{10, 14}, []int64{0, 9, 15, 34}},
		{again, []int64{10, 14, 30, 34, 1010}, []int64{0, 9, 15, 29, 35, 1015}},
	} {
		w := c.w.interval()
		for _, at := range c.open {
			if !w.open(at) {
				t.Errorf("%+v: shut at %d", c.w, at)
			}
		}
		for _, at := range c.shut {
			if w.open(at) {
				t.Errorf("%+v: open at %d", c.w, at)
			}
		}
		if w.always() != (c.shut == nil) {
			t.Errorf("%+v: always is %v", c.w, w.always())
		}
	}
}
