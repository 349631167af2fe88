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
	p := &program{stderr: tty, over: &overBars{}}
	p.over.set(m.bars)
	p.say("axbench: %s\n", "a word in between")
	m.close()
	p.say("axbench: %s\n", "a word behind") // the bars have ended
	tty.Close()
	all := <-text
	screen.Close()
	all, behind, _ := bytes.Cut(all, []byte("dropped 5\r\naxbench: a word"))
	if string(behind) != " behind\r\n" {
		t.Errorf("behind the last picture stands %q", behind)
	}
	frames := bytes.Split(append(all, "dropped 5\r\n"...), []byte("\x1b[J"))
	said := 0
	for i := range frames { // above the lines of a picture, and not counted among them when the next one wipes it out
		if rest, ok := bytes.CutPrefix(frames[i], []byte("axbench: a word in between\r\n")); ok {
			frames[i] = rest
			said++
		}
		if i < len(frames)-1 && !bytes.HasSuffix(frames[i], []byte("\x1b[4A")) {
			t.Errorf("picture %d of %d is not wiped out whole: %q", i, len(frames), frames[i])
		}
	}
	if said != 1 {
		t.Errorf("a word in between stands above %d pictures of %q, want 1", said, all)
	}
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
