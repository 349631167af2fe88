package cmd

import (
	"context"

	"axbench/results"
	"axbench/runner/record"
)

// cutShort is the cause of a context that ends a run for which there is no use any more: a sentence.
type cutShort string

func (c cutShort) Error() string { return string(c) }

// probe makes one run of l at a target that is open, without a word to the user, and returns it judged; its run directory is
// whole. looking is told of each second as it ends. When ctx ends with a cutShort as its cause, the run counts as ended early
// and its answers until then are judged.
//
// Errors are faults of axbench, or a run directory that cannot be made; whatever the target does is in the record.
func (p *program) probe(ctx context.Context, c sessionConfig, l *loaded, t *target, looking ...record.Sink) (*results.Record, error) {
	c.quiet = true
	s := &session{loaded: l, target: t, sessionConfig: c, p: p, looking: looking}
	stopCtx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if err := s.open(stop); err != nil {
		return nil, err
	}
	defer s.writer.Close()
	sum, err := s.send(stopCtx)
	if err != nil {
		return nil, err
	}
	return s.finish(ctx, sum)
}
