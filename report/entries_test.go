package report

import (
	"strings"
	"testing"
	"time"

	"axbench/results"
)

func TestEntriesText(t *testing.T) {
	pass, p50, p99, rate := 0, int64(1_500_000), int64(20_000_000), 99.96
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	list := []results.Entry{
		{Name: "20260304T050607Z-smoke-00ff", Kind: results.KindRun, Verdict: "pass", ExitCode: &pass, Started: at, Target: "emulator", Tags: []string{"baseline", "v1"},
			Figures: results.Figures{Rate: &rate, P50NS: &p50, P99NS: &p99, Bound: true}},
		{Name: "mine", Kind: results.KindConform, Verdict: "no failure found, incomplete (3 MUST clauses not provoked)", ExitCode: &pass, Started: at, Target: "emulator"},
		{Name: "20260304T050607Z-x\x1b[2J-00ff", Kind: results.KindRun, Verdict: "\u202egood\n", Started: at, Target: "http://\x1b]0;x\a/µ"},
		{Name: "20260304T050607Z-smoke-00aa", Kind: results.KindRun, Verdict: "pass", ExitCode: &pass, Partial: true, Started: at, Target: "emulator"},
	}
	for _, o := range []TextOptions{{}, {ASCII: true}, {Color: true}, {Width: 80}, {ASCII: true, Width: 100}} {
		var b strings.Builder
		if err := EntriesText(&b, list, o); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		plain := strings.NewReplacer("\x1b[0m", "", "\x1b[2m", "", "\x1b[33m", "", "\x1b[1;32m", "", "\x1b[1;31m", "").Replace(text)
		for _, r := range plain {
			if r != '\n' && !printable(r, o.ASCII) {
				t.Fatalf("%+v: %q in\n%s", o, r, plain)
			}
		}
		for line := range strings.Lines(plain) {
			if limit := o.Width; limit > 0 && width(strings.TrimRight(line, "\n")) > limit {
				t.Errorf("%+v: %q is wider than %d", o, line, limit)
			}
		}
		if o == (TextOptions{}) {
			for _, want := range []string{"against emulator where no other target is named", "smoke-00ff  ", "> 20.0 ms", "1.50 ms", "100.0/s", "incomplete", "partial", "baseline, v1", `\x1b[2J`, `\u202egood`} {
				if !strings.Contains(plain, want) {
					t.Errorf("no %q in\n%s", want, plain)
				}
			}
		}
	}
	var b strings.Builder
	if err := EntriesText(&b, list[:2], TextOptions{}); err != nil || !strings.Contains(b.String(), "all against emulator\n") {
		t.Errorf("%v\n%s", err, b.String())
	}
}
