package cmd

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"axbench/report"

	"github.com/urfave/cli/v2"
)

// maxInput bounds what is read from stdin or a file that a user names.
const maxInput = 16 << 20

// jsonFlag is the flag that every command with a result has.
func jsonFlag() cli.Flag {
	return &cli.BoolFlag{Name: "json", Usage: "print the result as JSON"}
}

// printJSON writes v to stdout.
func (p *program) printJSON(v any) error {
	if err := report.JSON(p.stdout, v); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// print writes a finished text to stdout.
func (p *program) print(text string) error {
	if _, err := io.WriteString(p.stdout, text); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// readInput reads the file of that name, or stdin for "-". Its errors are errors of use.
func (p *program) readInput(name string) ([]byte, error) {
	var from io.Reader = p.stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, usagef("%w", err)
		}
		defer f.Close()
		from = f
	}
	data, err := io.ReadAll(io.LimitReader(from, maxInput+1))
	if err != nil {
		return nil, usagef("read %s: %w", name, err)
	}
	if len(data) > maxInput {
		return nil, usagef("%s is longer than %d bytes", name, maxInput)
	}
	return data, nil
}

// textOptions says what stdout can show: colour on a terminal unless NO_COLOR is set, UTF-8 unless the locale says
// something else.
func (p *program) textOptions() report.TextOptions {
	return report.TextOptions{Color: isTerminal(p.stdout) && p.env("NO_COLOR") == "" && p.env("TERM") != "dumb", ASCII: !p.utf8()}
}

// lineStyle says what stderr can show, as textOptions does for stdout.
func (p *program) lineStyle() lineStyle {
	return lineStyle{color: isTerminal(p.stderr) && p.env("NO_COLOR") == "" && p.env("TERM") != "dumb", ascii: !p.utf8()}
}

// overBars is where lines go while bars are drawn: above them, or the next drawing would wipe them out. It is safe for concurrent use;
// nil is of a program that draws none.
type overBars struct {
	mu   sync.Mutex
	bars io.Writer
}

// set says that bars are drawn by w, or with nil that none are.
func (o *overBars) set(w io.Writer) {
	if o != nil {
		o.mu.Lock()
		o.bars = w
		o.mu.Unlock()
	}
}

func (o *overBars) get() io.Writer {
	if o == nil {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.bars
}

// say writes whole lines to stderr, above the bars where some are drawn.
func (p *program) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if bars := p.over.get(); bars != nil {
		if _, err := io.WriteString(bars, text); err == nil { // else they have just ended
			return
		}
	}
	_, _ = io.WriteString(p.stderr, text)
}

// utf8 reads the locale as POSIX orders its variables. Where none is set nothing is known, and most terminals of today
// take UTF-8.
func (p *program) utf8() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(p.env(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return true
}

// isTerminal tells whether w is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// noArguments refuses arguments where a command takes none.
func noArguments(ctx *cli.Context) error {
	if ctx.NArg() > 0 {
		return usagef("unexpected argument %q", ctx.Args().First())
	}
	return nil
}

// oneArgument returns the only argument of a command, named what in the error.
func oneArgument(ctx *cli.Context, what string) (string, error) {
	switch ctx.NArg() {
	case 0:
		return "", usagef("%s is missing", what).withHint(ctx.Command.HelpName + " " + ctx.Command.ArgsUsage)
	case 1:
		return ctx.Args().First(), nil
	}
	return "", usagef("unexpected argument %q", ctx.Args().Get(1))
}
