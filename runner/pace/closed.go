package pace

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Callers is the closed model: N callers, each of which thinks, calls, and waits for the answer. It has no arrival plan.
type Callers struct {
	N     int
	Think Think
}

// Think is the time between an answer and the caller's next call: uniform from Min to Max, or exponential with Mean.
type Think struct {
	Min, Max time.Duration
	Mean     time.Duration
}

// Draw returns a think time for u in [0, 1). Exponential ones end at ten times the mean.
func (t Think) Draw(u float64) time.Duration {
	if t.Mean > 0 {
		return time.Duration(min(10, -math.Log(1-u)) * float64(t.Mean))
	}
	return t.Min + time.Duration(u*float64(t.Max-t.Min))
}

func (t Think) String() string {
	switch {
	case t.Mean > 0:
		return fmt.Sprintf("think %s on average", t.Mean)
	case t.Max > t.Min:
		return fmt.Sprintf("think %s to %s", t.Min, t.Max)
	case t.Min > 0:
		return fmt.Sprintf("think %s", t.Min)
	}
	return "no think time"
}

func (s Callers) String() string {
	if s.N == 1 {
		return "1 caller, " + s.Think.String()
	}
	return fmt.Sprintf("%d callers, %s", s.N, s.Think)
}

func (s Callers) check(time.Duration) error {
	if s.N < 1 || s.N > 100_000 {
		return errors.New("the number of callers must be from 1 to 100000")
	}
	if s.Think.Min < 0 || s.Think.Max < s.Think.Min || s.Think.Mean < 0 {
		return errors.New("a think time must not be negative, and its max not below its min")
	}
	return nil
}

func (s Callers) count(time.Duration, uint64) int64 { return 0 }

func (s Callers) arrivals(time.Duration, uint64) func() (time.Duration, bool) {
	return func() (time.Duration, bool) { return 0, false }
}
