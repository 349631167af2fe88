package record

import (
	"testing"
	"time"
)

// TestStalls: a stall counts whole in every second that it touches, for the phases that were on and those whose calls ended then.
func TestStalls(t *testing.T) {
	const millis = time.Millisecond
	for _, tt := range []struct {
		name       string
		stall      Stall
		ends       []time.Duration // of calls of the first phase
		one, two   []time.Duration // by second
		away       []time.Duration // of the phase that was on
		oneAtLeast time.Duration
	}{
		{"in the middle of a second", Stall{200 * millis, 600 * millis}, nil, []time.Duration{400 * millis, 0}, []time.Duration{0, 0}, []time.Duration{390 * millis, 0}, 400 * millis},
		{"across phases", Stall{900 * millis, 1300 * millis}, nil, []time.Duration{400 * millis, 0}, []time.Duration{0, 400 * millis}, []time.Duration{100 * millis, 290 * millis}, 400 * millis},
		{"in the second phase, while a call of the first came to its end", Stall{1200 * millis, 1600 * millis}, []time.Duration{1700 * millis},
			[]time.Duration{0, 400 * millis}, []time.Duration{0, 400 * millis}, []time.Duration{0, 390 * millis}, 400 * millis},
		{"in the second phase alone", Stall{1200 * millis, 1600 * millis}, nil, []time.Duration{0, 0}, []time.Duration{0, 400 * millis}, []time.Duration{0, 390 * millis}, 0},
		{"too short to make a call late", Stall{200 * millis, 208 * millis}, nil, []time.Duration{8 * millis, 0}, []time.Duration{0, 0}, []time.Duration{0, 0}, 8 * millis},
	} {
		t.Run(tt.name, func(t *testing.T) {
			book, _, sink := newBook("one", "two")
			for _, end := range tt.ends {
				book.Shard(0).Put(sample(0, Done, "OK", end))
			}
			for second := range int64(2) {
				end := time.Duration(second+1) * time.Second
				book.Fold(end)
				var health Health
				if tt.stall.From < end && tt.stall.To > end-time.Second {
					health.Stalls = []Stall{tt.stall}
				}
				if _, err := book.Close(second, end, health); err != nil {
					t.Fatal(err)
				}
			}
			got := map[string][]time.Duration{"one": {0, 0}, "two": {0, 0}}
			away := []time.Duration{0, 0}
			for _, line := range sink.lines {
				got[line.Phase][line.T] = time.Duration(line.StallMaxNS)
				away[line.T] = max(away[line.T], time.Duration(line.AwayNS))
			}
			for second := range 2 {
				if got["one"][second] != tt.one[second] || got["two"][second] != tt.two[second] || away[second] != tt.away[second] {
					t.Errorf("second %d: %s and %s, away %s; want %s, %s, %s", second, got["one"][second], got["two"][second], away[second], tt.one[second], tt.two[second], tt.away[second])
				}
			}
			if max := book.StallMax(0); max != tt.oneAtLeast {
				t.Errorf("longest of the first phase %s, want %s", max, tt.oneAtLeast)
			}
		})
	}
}
