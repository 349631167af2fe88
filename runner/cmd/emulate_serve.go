package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"axbench/conformance/emulator"
	"axbench/conformance/emulator/admin"
	"axbench/results"
	"axbench/runner/export"
)

// emulation is one emulator with what the command line put around it.
type emulation struct {
	*program
	server      *emulator.Server
	config      *emulator.Config
	caOut       string
	journalName string
	listener    net.Listener
	admin       net.Listener // nil without one
	journal     io.WriteCloser
}

// open binds both addresses and opens the files. After an error nothing is open.
func (e *emulation) open(adminAddress string) (err error) {
	defer func() {
		if err != nil {
			e.close()
		}
	}()
	if e.listener, err = bind("listen", e.config.Listen); err != nil {
		return err
	}
	if adminAddress != "" {
		if e.admin, err = bind("listen for --admin", adminAddress); err != nil {
			return err
		}
	}
	if e.caOut != "" {
		if err := results.WriteFile(e.caOut, e.server.CA(), 0o644); err != nil {
			return usagef("--ca-out: %w", err)
		}
	}
	switch e.journalName {
	case "":
	case "-":
		e.journal = standing{e.stdout}
	default:
		f, err := os.OpenFile(e.journalName, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
		if err != nil {
			return usagef("--journal: %w", err)
		}
		e.journal = f
	}
	return nil
}

// standing is a stream that outlives who writes to it.
type standing struct{ io.Writer }

func (standing) Close() error { return nil }

// close gives back what open took.
func (e *emulation) close() {
	if e.listener != nil {
		e.listener.Close()
	}
	if e.admin != nil {
		e.admin.Close()
	}
	if e.journal != nil {
		e.journal.Close()
	}
}

// serve answers on both listeners until ctx is done or one of them fails, and then waits for the other.
func (e *emulation) serve(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	endJournal := e.writeJournal()
	ended := make(chan error, 1)
	if e.admin == nil {
		ended <- nil
	} else {
		go func() {
			defer cancel()
			ended <- admin.Serve(ctx, e.admin, e.adminHandler())
		}()
	}
	err := e.server.Serve(ctx, e.listener)
	cancel()
	return errors.Join(err, <-ended, endJournal())
}

// adminHandler answers on the admin listener, also by the name that it listens on.
func (e *emulation) adminHandler() http.Handler {
	metrics := export.Handler(func() []export.Sample {
		return emulatorSamples(e.server.Truth(), e.server.ClockOffset())
	})
	host, _, _ := net.SplitHostPort(e.admin.Addr().String())
	return admin.New(e.server, metrics, host)
}

// writeJournal begins to append refusals to the file of --journal. The returned end closes it. A disk that fails is told of
// once; the emulator goes on.
func (e *emulation) writeJournal() (end func() error) {
	if e.journal == nil {
		return func() error { return nil }
	}
	stop := e.server.WriteJournal(e.journal, func(err error) { e.warnf("--journal %s ends here: %v", e.journalName, err) })
	return func() error {
		if missing := stop(); missing > 0 {
			e.warnf("--journal %s: up to %d refusals are missing", e.journalName, missing)
		}
		if err := e.journal.Close(); err != nil {
			return fmt.Errorf("close %s: %w", e.journalName, err)
		}
		return nil
	}
}

// mostCodes is how many codes the summary names.
const mostCodes = 8

// summary says in a line what came of it.
func (e *emulation) summary(after time.Duration) {
	t := e.server.Truth()
	codes := slices.SortedFunc(maps.Keys(t.Codes), func(a, b string) int {
		return cmp.Or(cmp.Compare(t.Codes[b], t.Codes[a]), cmp.Compare(a, b))
	})
	var parts []string
	for _, code := range codes[:min(len(codes), mostCodes)] {
		parts = append(parts, fmt.Sprintf("%s %d", code, t.Codes[code]))
	}
	if more := len(codes) - mostCodes; more > 0 {
		parts = append(parts, fmt.Sprintf("%d other codes", more))
	}
	text := fmt.Sprintf("axbench: %s in %v", counted(t.Arrivals, "call"), after.Round(time.Second))
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	fmt.Fprintf(e.stderr, "%s; %s\n", text, counted(t.Live, "live binding"))
}

// counted is a number of things: 1 call, 2 calls.
func counted(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
