package cmd

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// interrupted is the cause of a context that a signal ended.
type interrupted struct{ code int }

func (i interrupted) Error() string { return fmt.Sprintf("interrupted (exit code %d)", i.code) }

// exitInterrupted is 128 and the number of the signal.
func exitInterrupted(s os.Signal) int {
	if s == syscall.SIGTERM {
		return 143
	}
	return 130
}

// interruptible does work under a context that the first interrupt ends, so that work can finish in good order. At the
// second one it returns at once and leaves work behind: the process is about to end.
func (p *program) interruptible(work func(ctx context.Context) error) error {
	return p.interruptibleWith("no more calls are made, open ones are waited for and the report is written; again to stop at once", work)
}

// interruptibleWith is interruptible, and says at the first interrupt what happens then.
func (p *program) interruptibleWith(then string, work func(ctx context.Context) error) error {
	return p.signalled(func(os.Signal) (string, bool) { return then, false }, work)
}

// signalled does work under a context that a signal ends. first is asked about the first one what happens then; work that can end by itself then
// is left alone, and the next signal counts as the first. The one behind the signal that ended the context leaves work behind.
func (p *program) signalled(first func(os.Signal) (then string, alone bool), work func(ctx context.Context) error) error {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	done := make(chan error, 1)
	go func() {
		defer func() {
			if v := recover(); v != nil {
				done <- panicError(v)
			}
		}()
		done <- work(ctx)
	}()
	for {
		select {
		case err := <-done:
			return err
		case s := <-signals:
			code := exitInterrupted(s)
			if ctx.Err() != nil {
				return &exitError{code: code, err: fmt.Errorf("stopped at once by a second %s", s)}
			}
			then, alone := first(s)
			p.say("\naxbench: %s: %s\n", s, then)
			if !alone {
				cancel(interrupted{code})
			}
		}
	}
}
