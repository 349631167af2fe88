package emulator

import (
	"net/http"
	"time"

	"axbench/scenarios/strict"
)

// ClockOff is by how much a clock is off: ahead of the machine's, or behind it.
type ClockOff struct {
	Pos    strict.Pos    `yaml:"-" json:"-"`
	Ahead  time.Duration `yaml:"ahead" jsonschema:"example=20m"`
	Behind time.Duration `yaml:"behind" jsonschema:"example=20m"`
}

// maxClockOff bounds it, either way.
const maxClockOff = 24 * time.Hour

func (c *Config) checkClock() *strict.Error {
	for _, side := range []struct {
		key string
		d   time.Duration
	}{{"ahead", c.Clock.Ahead}, {"behind", c.Clock.Behind}} {
		if side.d < 0 || side.d > maxClockOff {
			return c.Clock.Pos.Error(side.key, "out of range", "0s to 24h")
		}
	}
	return nil
}

// offset is by how much it is ahead.
func (o *ClockOff) offset() time.Duration { return o.Ahead - o.Behind }

// aheadOf returns a clock that is ahead of another by d.
func aheadOf(clock func() time.Time, d time.Duration) func() time.Time {
	if d == 0 {
		return clock
	}
	return func() time.Time { return clock().Add(d) }
}

// redate puts the time of a clock that is off into the Date of an answer: the HTTP server knows the machine's alone.
func (s *Server) redate(answer []byte) {
	if s.skew == 0 {
		return
	}
	if from, to := headerValue(answer[:headLength(answer)], "Date"); to-from == len(http.TimeFormat) {
		s.clock().UTC().AppendFormat(answer[from:from:to], http.TimeFormat)
	}
}

// MaxOffset is the farthest that the business clock may be moved, either way.
const MaxOffset = 50 * 365 * 24 * time.Hour

// MoveClock sets the business clock to the real one plus offset, which is cut to MaxOffset either way. Bindings and Expiration
// follow the business clock. Timestamp and nonces follow the real one: clients sign with theirs, and would all be refused.
// A binding that has ended stays ended when the clock is moved back. MoveClock is safe for concurrent use; calls that are
// being answered keep the time that they came at.
func (s *Server) MoveClock(offset time.Duration) {
	s.offset.Store(int64(min(max(offset, -MaxOffset), MaxOffset)))
}

// AdvanceClock moves the business clock on by d, or back by a negative one, and returns the new offset. It is safe for
// concurrent use: no step is lost.
func (s *Server) AdvanceClock(d time.Duration) time.Duration {
	for {
		old := s.offset.Load()
		step := min(max(d, -2*MaxOffset), 2*MaxOffset) // so that the sum fits
		moved := min(max(time.Duration(old)+step, -MaxOffset), MaxOffset)
		if s.offset.CompareAndSwap(old, int64(moved)) {
			return moved
		}
	}
}

// ClockOffset says by how much the business clock is ahead of the real one.
func (s *Server) ClockOffset() time.Duration { return time.Duration(s.offset.Load()) }

// Now is the business time.
func (s *Server) Now() time.Time { return s.business(s.clock()) }

// business is the business time at a real one.
func (s *Server) business(real time.Time) time.Time {
	return real.Add(time.Duration(s.offset.Load()))
}
