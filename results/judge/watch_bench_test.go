package judge

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"axbench/results"
)

// BenchmarkSecond measures what a second of a busy run costs the collector for one rule: on average, and in the second in which the ring of a
// window turns over.
func BenchmarkSecond(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	var seconds []*results.Histogram
	for range 16 {
		h := results.NewHistogram()
		for range 5000 {
			h.Record(int64(2e6 + random.ExpFloat64()*8e6))
		}
		seconds = append(seconds, h)
	}
	phases := []results.Phase{{Name: "main", Recorded: true, DurationNS: int64(31 * 24 * time.Hour)}}
	for _, rule := range []string{"p99 < 1s abort", "p99 < 1s over 10s abort", "p99 < 1s over 60s abort", "p99 < 1s over 3600s abort", "good >= 99% over 60s abort"} {
		b.Run(rule, func(b *testing.B) {
			w := NewWatch(phases, []Rule{MustParseRule(rule)})
			t, longest := int64(0), time.Duration(0)
			for b.Loop() {
				h := seconds[t%16]
				begin := time.Now()
				err := w.Second([]results.Second{{T: t, Phase: "main", Done: h.Count(), Good: h.Count()}},
					[]results.Interval{{Phase: "main", Clock: "response", Code: results.CodeGood, H: h}})
				if missed := w.Missed(); err != nil || len(missed) > 0 {
					b.Fatal(fmt.Sprint(err, missed))
				}
				longest = max(longest, time.Since(begin))
				t++
			}
			b.ReportMetric(float64(longest.Microseconds()), "µs-longest")
		})
	}
}
