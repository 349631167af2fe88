package report

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"axbench/results"
)

// TestPileIsAMerge: many distributions at a time come to what one after the other does.
func TestPileIsAMerge(t *testing.T) {
	var p pile
	rapid.Check(t, func(t *rapid.T) {
		var want dist
		for range rapid.IntRange(0, 5).Draw(t, "distributions") {
			h := results.NewHistogram()
			for _, ns := range rapid.SliceOfN(rapid.Int64Range(0, results.HighestNS+results.HighestNS/2), 0, 20).Draw(t, "values") {
				h.Record(ns)
			}
			d := distOf(h)
			p.add(&d)
			want.merge(d)
		}
		got := p.take()
		if len(got.packed) == 0 {
			got.packed = want.packed // nil or empty
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v, want %+v", got, want)
		}
	})
}

// TestRowsOfASeriesThatGrows: rows that were kept are those of a series that is summed up for the first time.
func TestRowsOfASeriesThatGrows(t *testing.T) {
	run := &results.Run{Phases: []results.Phase{{Name: "main", Recorded: true}}}
	grown := NewSeries(run)
	h := results.NewHistogram()
	for second := range int64(150) {
		once := NewSeries(run)
		h.Reset()
		for i := range second%7 + 1 {
			h.Record((i + second) * 1_000_000)
		}
		lines := []results.Second{{T: second, Phase: "main", Planned: second, Sent: second / 2, Good: second / 3, Failed: second % 3}}
		intervals := []results.Interval{{Phase: "main", Clock: "response", Code: results.CodeGood, H: h}}
		if err := grown.AppendSecond(run.Started, run.Started, lines, intervals); err != nil {
			t.Fatal(err)
		}
		once.points, once.step, once.seconds, once.phases = grown.points, grown.step, grown.seconds, grown.phases
		if got, want := grown.rows(7), once.rows(7); !reflect.DeepEqual(got, want) {
			t.Fatalf("after %d seconds: %+v, want %+v", second+1, got, want)
		}
	}
}
