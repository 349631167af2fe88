package emulator

import "time"

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
