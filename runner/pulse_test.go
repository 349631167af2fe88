package runner

import (
	"slices"
	"testing"
	"time"

	"axbench/runner/record"
)

// TestPulse: what the dispatcher slept of its own will is no stall, what comes on top is, and none is forgotten before it is over.
func TestPulse(t *testing.T) {
	const millis = time.Millisecond
	p := newPulse(0)
	p.beat(100 * time.Microsecond)
	p.rest(2 * millis)
	p.beat(2200 * time.Microsecond) // a timer that was a little late
	p.rest(2 * millis)
	p.beat(604200 * time.Microsecond) // stopped for 600 ms
	if !p.knows(604*millis) || p.knows(605*millis) {
		t.Error("it knows more or less than until its last beat")
	}
	p.rest(2 * millis)
	p.beat(1300 * millis)
	want := []record.Stall{{From: 4200 * time.Microsecond, To: 604200 * time.Microsecond}, {From: 606200 * time.Microsecond, To: 1300 * millis}}
	if got := p.take(time.Second); !slices.Equal(got, want) {
		t.Errorf("in the first second %v, want %v", got, want)
	}
	if got := p.take(2 * time.Second); !slices.Equal(got, want[1:]) {
		t.Errorf("in the next %v, want %v", got, want[1:])
	}
	if got := p.take(3 * time.Second); len(got) > 0 {
		t.Errorf("and then %v", got)
	}
}
