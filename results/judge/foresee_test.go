package judge

import (
	"slices"
	"strings"
	"testing"

	"axbench/results"
)

func TestForesee(t *testing.T) {
	phase := func(name string, recorded bool, seconds, rate float64) results.Phase {
		return results.Phase{Name: name, Recorded: recorded, Model: results.ModelOpen, DurationNS: int64(seconds * 1e9), Ledger: results.Ledger{Planned: int64(seconds * rate)}}
	}
	due := func(from, to, rate int) []int64 {
		return slices.Concat(make([]int64, from), slices.Repeat([]int64{int64(rate)}, to-from))
	}
	open := Ahead{Phases: []results.Phase{phase("warm-up", false, 2, 100), phase("main", true, 10, 100), phase("rest", false, 3, 100), phase("peak", true, 5, 400)},
		Due: [][]int64{due(0, 2, 100), due(2, 12, 100), due(12, 15, 100), due(15, 20, 400)}}
	closed := Ahead{Phases: []results.Phase{{Name: "main", Recorded: true, Model: results.ModelClosed, DurationNS: 10e9}}}
	cases := []struct {
		ahead Ahead
		rule  string
		want  string // "" for nothing
	}{
		{open, "p99 < 1s", ""},
		{open, "p99 < 1s in main", ""},
		{open, "p99.9 < 1s in main", "p99.9 needs 3,688 samples, at most 1,000 calls fall due"},
		{open, "p99.9 < 1s", "p99.9 needs 3,688 samples, at most 3,000 calls fall due"},
		{open, "p99.9 < 1s over 5s", "p99.9 needs 3,688 samples, at most 2,000 calls fall due in any 5s"},
		{open, "p99.9(offered) < 1s over 5s in main", "p99.9 needs 3,688 samples, at most 500 calls fall due in any 5s"},
		{open, "p99 < 1s over 3s in main", "p99 needs 368 samples, at most 300 calls fall due in any 3s"},
		{open, "p99 < 1s over 4s in main", ""},
		{open, "p99 < 1s over 1s", ""}, // in peak
		{open, "p50 < 1s over 10s in main, peak", ""},
		{open, "p50 < 1s over 11s in main, peak", "no window of 11s lies within its phases: the longest stretch of whole seconds has 10s"},
		{open, "good >= 99% over 6s in peak", "the longest stretch of whole seconds has 5s"},
		{open, "good >= 99% over 5s in peak", ""},
		{open, "max < 1s over 1s in peak", ""},
		{open, "good >= 99% in main abort after 9s", ""},
		{open, "good >= 99% in main abort after 10s", "it cannot end the run: its grace time ends at 12s, and its last phase at 12s"},
		{open, "good >= 99% in peak abort", "its grace time ends at 20s"},
		{closed, "p99.99 < 1s", ""},
		{closed, "p99.99 < 1s over 2s", ""},
		{closed, "p99.99 < 1s over 12s", "no window of 12s"},
	}
	for _, c := range cases {
		if got := MustParseRule(c.rule).Foresee(c.ahead); c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.rule, got, c.want)
		}
	}
}
