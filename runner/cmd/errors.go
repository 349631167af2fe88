package cmd

import (
	"errors"
	"fmt"
	"path"
	"runtime"
	"strings"

	"axbench/conformance/traffic"
	"axbench/report"
	"axbench/results"
	"axbench/scenarios/strict"

	"github.com/urfave/cli/v2"
)

// exitError is an error that carries the exit code of the command, and the next step for the user where it is known.
// Without err nothing is printed: the command has told its result already and only the code is left.
type exitError struct {
	code int
	err  error
	hint string
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// withHint sets the next step; an empty one is none.
func (e *exitError) withHint(hint string) *exitError {
	e.hint = hint
	return e
}

// usagef is an error of bad use: exit code 2.
func usagef(format string, args ...any) *exitError {
	return &exitError{code: results.ExitUsage, err: fmt.Errorf(format, args...)}
}

// refusedf is the refusal of a safety guard: exit code 8.
func refusedf(format string, args ...any) *exitError {
	return &exitError{code: results.ExitRefused, err: fmt.Errorf(format, args...)}
}

// exit ends the command with a code after it has printed its result.
func exit(code int) error {
	if code == results.ExitPass {
		return nil
	}
	return &exitError{code: code}
}

// codeOf maps the error types of the rooms to exit codes.
func codeOf(err error) int {
	var (
		exit    *exitError
		file    *strict.Error
		target  *traffic.UsageError
		refused *traffic.Refused
		several *results.AmbiguousError
	)
	switch {
	case err == nil:
		return results.ExitPass
	case errors.As(err, &exit):
		return exit.code
	case errors.As(err, &file), errors.As(err, &target):
		return results.ExitUsage
	case errors.As(err, &refused):
		return results.ExitRefused
	case errors.As(err, &several):
		return results.ExitUsage
	case errors.Is(err, results.ErrNoRun):
		return results.ExitNoData
	default:
		return results.ExitInternal
	}
}

// fail prints err for a person and returns its exit code.
func (p *program) fail(err error) int {
	code := codeOf(err)
	if err == nil {
		return code
	}
	var exit *exitError
	if errors.As(err, &exit) && exit.err == nil {
		return code
	}
	var refused *traffic.Refused
	if errors.As(err, &refused) {
		return p.refuse(refused)
	}
	for _, line := range strings.Split(strings.TrimRight(err.Error(), "\n"), "\n") {
		fmt.Fprintf(p.stderr, "axbench: error: %s\n", report.Escape(line))
	}
	if exit != nil && exit.hint != "" {
		fmt.Fprintf(p.stderr, "axbench: hint: %s\n", report.Escape(exit.hint))
	}
	return code
}

// refuse prints what the guard misses, a line each.
func (p *program) refuse(r *traffic.Refused) int {
	fmt.Fprintf(p.stderr, "axbench: error: refused to send to %s\n", report.Escape(r.Endpoint.Host))
	for _, m := range r.Missing {
		fmt.Fprintf(p.stderr, "axbench: hint: %s\n", report.Escape(m))
	}
	return results.ExitRefused
}

// warnf tells the user something that qualifies the result but does not stop the command.
func (p *program) warnf(format string, args ...any) {
	p.say("axbench: warning: %s\n", report.Escape(fmt.Sprintf(format, args...)))
}

// onUsageError replaces the library's help text by one line.
func onUsageError(_ *cli.Context, err error, _ bool) error {
	text := err.Error()
	text = strings.Replace(text, "for flag -", "for flag --", 1)
	return usagef("%s", text)
}

// panicError describes a panic without its value, which may hold anything, unless the runtime made it.
func panicError(v any) error {
	what := fmt.Sprintf("%T", v)
	var re runtime.Error
	if err, ok := v.(error); ok && errors.As(err, &re) {
		what = re.Error()
	}
	return fmt.Errorf("internal error: panic (%s) in %s", what, panicSite())
}

// panicSite names the innermost functions of this project on the stack.
func panicSite() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	var sites []string
	for {
		f, more := frames.Next()
		if strings.HasPrefix(f.Function, "axbench/") && len(sites) < 4 {
			sites = append(sites, fmt.Sprintf("%s (%s:%d)", path.Base(f.Function), path.Base(f.File), f.Line))
		}
		if !more {
			break
		}
	}
	return strings.Join(sites, ", ")
}
