//go:build unix

package cmd

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/creack/pty"
	"go.uber.org/goleak"
)

// TestProgressOnATerminal draws on a real terminal of 80 columns and reads what came there.
func TestProgressOnATerminal(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	screen, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo terminal: %v", err)
	}
	if err := pty.Setsize(tty, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	if !isTerminal(tty) {
		t.Fatal("a pseudo terminal is taken for none")
	}
	text := make(chan []byte, 1)
	go func() {
		all, _ := io.ReadAll(screen) // ends with an error when the other side is closed
		text <- all
	}()
	m := newMeter(progressPlan(t), tty, true, lineStyle{})
	for _, s := range midway() {
		m.second(s)
	}
	m.close()
	tty.Close()
	all := <-text
	screen.Close()
	frames := bytes.Split(all, []byte("\x1b[J"))
	last := string(frames[len(frames)-1])
	var lines []string
	for line := range strings.Lines(last) {
		lines = append(lines, strings.TrimRight(line, "\r\n "))
	}
	want := []string{
		"warm-up ━━━━━━━━━━━━━━━━━━━     2s / 2s       planned 200   done 200   good 200",
		"main    ━━━━━━─────────────    10s / 30s      planned 5,000   done 4,992",
		"planned 5,200   done 5,192   good 5,150   in 12s",
		"OK 4,950   isv.BIND_CONFLICT 40   isv.NEVER_HEARD 2 (undocumented)   dropped 5",
	}
	if got := strings.Join(lines, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("the last picture is\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}
