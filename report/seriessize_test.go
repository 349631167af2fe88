package report

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"axbench/results"
)

// A page of one hour and ten codes is to weigh less than 3 MB: a quarter of an hour, with calls in every second, a quarter of what is left
// beside the scripts and half a megabyte for everything else.
func TestSeriesIsSmall(t *testing.T) {
	const (
		limit   = 3_000_000
		rest    = 500_000
		seconds = 900
	)
	assets := 0
	for _, name := range append(pageStyles, pageScripts...) {
		text, err := asset(name)
		if err != nil {
			t.Fatal(err)
		}
		assets += len(text)
	}
	s := NewSeries(&results.Run{Phases: []results.Phase{{Name: "main", Recorded: true, DurationNS: seconds * 1e9}}})
	random := rand.New(rand.NewPCG(3, 4))
	h := results.NewHistogram()
	for second := range int64(seconds) {
		h.Reset()
		l := results.Second{T: second, Phase: "main", Codes: map[string]int64{}, CPU: random.Float64(), InFlight: random.Int64N(1000), Queued: random.Int64N(1000),
			GCPauseNS: random.Int64N(1e6), Planned: 10_000, Sent: 10_000, Done: 9_000 + random.Int64N(1000), Failed: random.Int64N(1000), Dropped: random.Int64N(1000)}
		for code := range 10 {
			l.Codes[fmt.Sprintf("isv.CODE_NUMBER_%d", code)] = 500 + random.Int64N(1000)
		}
		for range 200 {
			h.Record(int64(20e6 * math.Exp(random.NormFloat64())))
		}
		intervals := []results.Interval{{Phase: "main", Clock: "response", Code: results.CodeGood, H: h}, {Phase: "main", Clock: "late", Code: results.CodeAll, H: h}}
		if err := s.AppendSecond(time.Time{}, time.Time{}, []results.Second{l}, intervals); err != nil {
			t.Fatal(err)
		}
	}
	js, err := s.Points().JS()
	if err != nil {
		t.Fatal(err)
	}
	if most := (limit - rest - assets) * seconds / 3600; len(js) > most || len(js) < most/20 {
		t.Errorf("%d s take %d bytes, at most %d are left beside %d of scripts", seconds, len(js), most, assets)
	}
}
