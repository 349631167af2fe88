package results

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// courseRun writes a run of a warm-up of 1.5 s and a main phase of 3 s, ten calls in each second of a phase, and what ended behind.
func courseRun(t *testing.T) *Record {
	t.Helper()
	started := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	run := &Run{Schema: Schema, Scenario: "course", Model: ModelOpen, Started: started, Phases: []Phase{
		{Name: "warm-up", Model: ModelOpen, ElapsedNS: 1.5e9}, {Name: "main", Recorded: true, Model: ModelOpen, ElapsedNS: 3e9}}}
	w, err := Create(filepath.Join(t.TempDir(), "run"), run)
	if err != nil {
		t.Fatal(err)
	}
	histogram := func(values ...int64) *Histogram {
		h := NewHistogram()
		for _, v := range values {
			h.Record(v)
		}
		return h
	}
	for second := range int64(7) {
		line := Second{T: second, Phase: "main", Done: 8, Good: 7, GoodInside: 6, Dropped: 1, Failed: 1, Classes: map[Class]int64{ClassOK: 8, ClassTransport: 1}, Codes: map[string]int64{"OK": 8, CodeTimeout: 1}}
		if second == 0 {
			line.Phase = "warm-up"
		}
		at := started.Add(time.Duration(second) * time.Second)
		err := w.AppendSecond(at, at.Add(time.Second), []Second{line}, []Interval{
			{Phase: line.Phase, Clock: "response", Code: CodeGood, H: histogram(2e6, 1e6, 2e6)}, {Phase: line.Phase, Clock: "response", Code: "OK", H: histogram(9e6)},
			{Phase: line.Phase, Clock: "service", Code: CodeAll, H: histogram(1e6)}, {Phase: line.Phase, Clock: ClockBound, Code: CodeTimeout, H: histogram(5e9)},
			{Phase: line.Phase, Clock: ClockBound, Code: CodeDropped, H: histogram(5e9)}, {Phase: FollowUpPhase, Clock: "service", Code: CodeAll, H: histogram(7e6)}})
		if err != nil {
			t.Fatal(err)
		}
	}
	ended := started.Add(7 * time.Second)
	run.Ended = &ended
	if err := w.Finish(run); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	rec, err := Open(w.Dir())
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func TestCourse(t *testing.T) {
	c, err := courseRun(t).Course()
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Phases) != 1 || c.Phases[0].Phase.Name != "main" {
		t.Fatalf("%d phases", len(c.Phases))
	}
	// main lasts from 1.5 s to 4.5 s: seconds 1 to 4, half of the first and the last; what ended in 5 and 6 counts in the last.
	p := c.Phases[0]
	var exposures []float64
	var ended []int64
	for i := range p.Seconds {
		exposures, ended = append(exposures, p.Seconds[i].Exposure), append(ended, p.Seconds[i].Ended)
	}
	if !slices.Equal(exposures, []float64{0.5, 1, 1, 0.5}) || !slices.Equal(ended, []int64{10, 10, 10, 30}) {
		t.Errorf("exposures %v, ended %v", exposures, ended)
	}
	s := p.Seconds[1]
	if s.Answered != 9 || s.Good != 7 || s.GoodInside != 6 || s.Classes[ClassTransport] != 1 || s.Codes["OK"] != 8 {
		t.Errorf("%+v", s)
	}
	near := func(list []Counted, want ...Counted) bool {
		return slices.EqualFunc(list, want, func(a, b Counted) bool {
			return a.Count == b.Count && a.Value >= b.Value && float64(a.Value) <= 1.001*float64(b.Value)
		})
	}
	if !near(s.Response, Counted{1e6, 1}, Counted{2e6, 2}) || !near(s.Service, Counted{1e6, 1}) || !near(s.Bounds, Counted{5e9, 2}) {
		t.Errorf("response %v, service %v, bounds %v", s.Response, s.Service, s.Bounds)
	}
	if last := p.Seconds[3].Response; !near(last, Counted{1e6, 3}, Counted{2e6, 6}) {
		t.Errorf("behind the end: %v", last)
	}
}

// A step that hardly belongs to the phase counts with its neighbour, and a long phase has no more steps than allowed.
func TestCourseSteps(t *testing.T) {
	for _, c := range []struct {
		name     string
		from, to time.Duration
		steps    int
		start    int64
		step     int64
	}{
		{"whole", 0, 3 * time.Second, 3, 0, 1},
		{"a sliver behind", 0, 3*time.Second + 3*time.Millisecond, 3, 0, 1},
		{"a sliver ahead", 1990 * time.Millisecond, 5 * time.Second, 3, 2, 1},
		{"short", 200 * time.Millisecond, 300 * time.Millisecond, 1, 0, 1},
		{"nothing", time.Second, time.Second, 1, 1, 1},
		{"a day", 0, 24 * time.Hour, 1964, 0, 44},
	} {
		p, start := layOut(&Phase{Name: "main"}, c.from, c.to)
		sum := 0.0
		for i := range p.Seconds {
			sum += p.Seconds[i].Exposure
		}
		if len(p.Seconds) != c.steps || start != c.start || p.Step != c.step || sum < (c.to-c.from).Seconds()-1e-6 || sum > (c.to-c.from).Seconds()+1e-6 {
			t.Errorf("%s: %d steps of %d s from %d on, %v s in all", c.name, len(p.Seconds), p.Step, start, sum)
		}
	}
}

func TestMergeCounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := map[int64]int64{}
		draw := func(name string) (list []Counted) {
			values := rapid.SliceOfDistinct(rapid.Int64Range(0, 20), rapid.ID).Draw(t, name)
			slices.Sort(values)
			for _, v := range values {
				list = append(list, Counted{v, 1 + v%3})
				want[v] += 1 + v%3
			}
			return list
		}
		got := MergeCounted(draw("a"), draw("b"))
		if len(got) != len(want) || !slices.IsSortedFunc(got, func(a, b Counted) int { return int(a.Value - b.Value) }) {
			t.Fatalf("%v, want %v", got, want)
		}
		for _, c := range got {
			if want[c.Value] != c.Count {
				t.Fatalf("%v, want %v", got, want)
			}
		}
	})
}
