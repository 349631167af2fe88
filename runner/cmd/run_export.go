package cmd

import (
	"time"

	"axbench/results"
	"axbench/runner/record"
)

// sinks takes the seconds of a run: the run directory first, then those that look on. What a run does and how it ends
// depends on the directory alone, so the errors of the others are dropped; what they have to say they say themselves. They may
// keep nothing of what they are passed, and must not block.
type sinks struct {
	dir     record.Sink
	looking []record.Sink
}

// AppendSecond is part of record.Sink. A second that the directory did not take is shown to nobody.
func (s *sinks) AppendSecond(start, end time.Time, lines []results.Second, intervals []results.Interval) error {
	if err := s.dir.AppendSecond(start, end, lines, intervals); err != nil {
		return err
	}
	for _, l := range s.looking {
		_ = l.AppendSecond(start, end, lines, intervals)
	}
	return nil
}
