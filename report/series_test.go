package report

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"axbench/results"
)

func openSample(t *testing.T, name string) *results.Record {
	t.Helper()
	rec, err := results.Open(filepath.Join("testdata", "runs", name))
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func sumOf(list []int64) (sum int64) {
	for _, n := range list {
		sum += n
	}
	return sum
}

// checkTotals holds the sums of a series against the account of the run.
func checkTotals(t testing.TB, p *Points, run *results.Run) {
	t.Helper()
	var planned, sent, good, done, failed, unfinished, dropped, notOffered int64
	codes := map[string]int64{}
	for i := range run.Phases {
		ph := &run.Phases[i]
		planned, sent, good, done = planned+ph.Planned, sent+ph.Sent, good+ph.Good, done+ph.Done
		failed, unfinished, dropped, notOffered = failed+ph.Failed, unfinished+ph.Unfinished, dropped+ph.Dropped, notOffered+ph.NotOffered
		for j := range ph.Codes {
			if n := ph.Codes[j].Count; n > 0 {
				codes[ph.Codes[j].Code] += n
			}
		}
	}
	for _, c := range []struct {
		name      string
		got, want int64
	}{
		{"planned", sumOf(p.Planned), planned}, {"sent", sumOf(p.Sent), sent}, {"good", sumOf(p.Good), good}, {"done", sumOf(p.Done), done},
		{"failed", sumOf(p.Failed), failed}, {"unfinished", sumOf(p.Unfinished), unfinished}, {"dropped", sumOf(p.Dropped), dropped},
		{"not offered", sumOf(p.NotOffered), notOffered}, {"heat map", heatSum(&p.Heat), good},
	} {
		if c.got != c.want {
			t.Errorf("%s: the series sums to %d, the run to %d", c.name, c.got, c.want)
		}
	}
	got := map[string]int64{}
	for _, c := range p.Codes {
		got[c.Code] += sumOf(c.V)
	}
	if !reflect.DeepEqual(got, codes) {
		t.Errorf("codes sum to %v, want %v", got, codes)
	}
}

func heatSum(h *HeatMap) (sum int64) {
	for _, c := range h.Columns {
		if len(c) > 0 {
			sum += sumOf(c[1:])
		}
	}
	return sum
}

func TestSeriesOfSamples(t *testing.T) {
	for i := range samples {
		name := samples[i].name
		t.Run(name, func(t *testing.T) {
			rec := openSample(t, name)
			s, err := seriesOf(rec)
			if err != nil {
				t.Fatal(err)
			}
			p := s.Points()
			run := rec.Run
			if run.Verdict == results.VerdictPartial { // what it did not get to is counted as well
				run.Phases = slices.Clone(run.Phases)
				run.Phases[0].Planned, run.Phases[0].NotOffered, run.Phases[0].Unfinished = run.Phases[0].Sent, 0, 0
			}
			checkTotals(t, p, &run)
			checkCurve(t, "response", &p.Curve.Response, rec.Histogram("", "response", results.CodeGood), nil)
			checkCurve(t, "service", &p.Curve.Service, rec.Histogram("", "service", results.CodeAll), nil)
			checkCurve(t, "offered", &p.Curve.Offered, rec.Histogram("", "response", results.CodeGood), rec.Bounds(""))
			if len(p.Phases) != len(run.Phases) || p.Phases[0].From != 0 || p.Phases[0].Name != run.Phases[0].Name || p.Phases[0].Recorded != run.Phases[0].Recorded {
				t.Errorf("phases %+v", p.Phases)
			}
		})
	}
}

// checkCurve holds a curve against the histograms it was made of: right at its ranks, close between them, whole.
func checkCurve(t failer, name string, line *CurveLine, response, bounds *results.Histogram) {
	t.Helper()
	set := results.NewOfferedSet(response, bounds)
	if line.N != set.Count() || line.N == 0 != (len(line.Rank) == 0) || len(line.Rank) != len(line.NS) {
		t.Fatalf("%s: n is %d, want %d; %d ranks, %d values", name, line.N, set.Count(), len(line.Rank), len(line.NS))
	}
	last := int64(0)
	for i, r := range line.Rank {
		if r <= last {
			t.Fatalf("%s: rank %d after %d", name, r, last)
		}
		if v, bound := set.AtRank(r); v != line.NS[i] || bound != (r > line.Certain) {
			t.Fatalf("%s: rank %d is %d ns (certain to rank %d), want %d, bound %v", name, r, line.NS[i], line.Certain, v, bound)
		}
		x := func(rank int64) float64 { return float64(line.N) / math.Max(float64(line.N-rank), 1) }
		if r > last+1 {
			if v, _ := set.AtRank(last + 1); x(r) > 1.03*x(last+1) && float64(line.NS[i]) > 1.02*float64(v) {
				t.Fatalf("%s: between ranks %d and %d the value goes from %d to %d unseen", name, last, r, v, line.NS[i])
			}
		}
		last = r
	}
	if last != line.N {
		t.Fatalf("%s: the curve ends at rank %d of %d", name, last, line.N)
	}
}

// A dist gives what a histogram gives.
func TestDistIsTheHistogram(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(rapid.Int64Range(0, 5_000), rapid.Int64Range(1_000, 50_000_000), rapid.Int64Range(0, 2*results.HighestNS))
		whole := results.NewHistogram()
		var d dist
		for range rapid.IntRange(0, 4).Draw(t, "parts") {
			part := results.NewHistogram()
			for _, v := range rapid.SliceOfN(value, 0, 60).Draw(t, "values") {
				part.Record(v)
			}
			if err := whole.Merge(part); err != nil {
				t.Fatal(err)
			}
			d.merge(distOf(part))
		}
		levels := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 6).Draw(t, "levels")
		slices.Sort(levels)
		levels = append(levels, 1)
		for i, got := range d.quantiles(levels...) {
			want := whole.Quantile(levels[i])
			if whole.Count() == 0 {
				want = absent
			}
			if got != want {
				t.Fatalf("quantile %v is %d, want %d", levels[i], got, want)
			}
		}
		var bins [maxBin]int64
		d.fill(&bins)
		if n := sumOf(bins[:]); n != whole.Count() || d.count != n {
			t.Fatalf("bins hold %d of %d", n, whole.Count())
		}
		checkCurve(t, "curve", ptr(curveLine(whole)), whole, nil)
	})
}

// drawRun draws the seconds of a run in two phases, with gaps, and feeds them one by one.
type drawnSecond struct {
	lines     []results.Second
	intervals []results.Interval
}

func drawSeconds(t *rapid.T, most int) []drawnSecond {
	var list []drawnSecond
	second := int64(0)
	for range rapid.IntRange(0, most).Draw(t, "seconds") {
		var d drawnSecond
		for _, phase := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"warm", "main"}), 1, 2, rapid.ID[string]).Draw(t, "phases") {
			good := rapid.Int64Range(0, 3).Draw(t, "good")
			lost := rapid.Int64Range(0, 1).Draw(t, "lost")
			l := results.Second{T: second, Phase: phase, Planned: good + lost + 1, Sent: good + lost, Done: good, Good: good, Dropped: 1, Failed: lost, CPU: 0.25,
				InFlight: rapid.Int64Range(0, 9).Draw(t, "in flight"), Codes: map[string]int64{}, CodeClass: map[string]results.Class{}}
			if good > 0 {
				l.Codes["OK"], l.CodeClass["OK"] = good, results.ClassOK
			}
			h, bound := results.NewHistogram(), results.NewHistogram()
			for range good {
				h.Record(rapid.Int64Range(1_000, 1e10).Draw(t, "ns"))
			}
			if lost > 0 {
				l.Codes["timeout"], l.CodeClass["timeout"] = lost, results.ClassTransport
				bound.Record(1e10)
			}
			d.lines = append(d.lines, l)
			d.intervals = append(d.intervals, results.Interval{Phase: phase, Clock: "response", Code: results.CodeGood, H: h},
				results.Interval{Phase: phase, Clock: "late", Code: results.CodeAll, H: h},
				results.Interval{Phase: phase, Clock: results.ClockBound, Code: results.CodeTimeout, H: bound})
		}
		list = append(list, d)
		second += rapid.SampledFrom([]int64{1, 1, 1, 1, 2, 40, 900}).Draw(t, "gap")
	}
	return list
}

func feed(t failer, s *Series, d *drawnSecond) {
	t.Helper()
	start := sampleStart.Add(time.Duration(d.lines[0].T) * time.Second)
	if err := s.AppendSecond(start, start.Add(time.Second), d.lines, d.intervals); err != nil {
		t.Fatalf("%v", err)
	}
}

func drawnRun() *results.Run {
	return &results.Run{Started: sampleStart, Phases: []results.Phase{{Name: "warm", DurationNS: 20e9}, {Name: "main", Recorded: true, DurationNS: 1e12}}}
}

// Whatever a page has seen, what Since gives it makes it equal to the whole.
func TestSinceAppendedIsTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := NewSeries(drawnRun())
		var page Points
		for _, d := range drawSeconds(t, 12) {
			feed(t, s, &d)
			if rapid.Bool().Draw(t, "look") {
				page.take(s.Since(page.Seconds))
				samePoints(t, &page, s.Points())
			}
		}
		page.take(s.Since(page.Seconds))
		samePoints(t, &page, s.Points())
	})
}

// take does what charts.js does with a delta.
func (p *Points) take(d *Points) {
	counts := func(p *Points) []*[]int64 {
		return []*[]int64{&p.Planned, &p.Sent, &p.Good, &p.Done, &p.Failed, &p.Unfinished, &p.Dropped, &p.NotOffered, &p.InFlight, &p.Queued,
			(*[]int64)(&p.P50), (*[]int64)(&p.P90), (*[]int64)(&p.P99), (*[]int64)(&p.Max), (*[]int64)(&p.Late), &p.CPU, &p.GC}
	}
	n := d.From + len(d.Planned)
	join := func(mine, theirs []int64) []int64 {
		v := append(make([]int64, 0, n), mine[:min(d.From, len(mine))]...)
		v = append(append(v, make([]int64, d.From-len(v))...), theirs...)
		return append(v, make([]int64, n-len(v))...)
	}
	theirs := counts(d)
	for i, mine := range counts(p) {
		*mine = join(*mine, *theirs[i])
	}
	for i := range d.Codes {
		if i == len(p.Codes) {
			p.Codes = append(p.Codes, CodePoints{Code: d.Codes[i].Code, Class: d.Codes[i].Class})
		}
		p.Codes[i].V = join(p.Codes[i].V, d.Codes[i].V)
	}
	open := append(slices.Clone(p.Heat.Open), make([]int64, len(p.Heat.Columns)-len(p.Heat.Open))...)[:d.Heat.From]
	open = append(open, append(slices.Clone(d.Heat.Open), make([]int64, len(d.Heat.Columns)-len(d.Heat.Open))...)...)
	p.Heat = HeatMap{Per: d.Heat.Per, Columns: append(p.Heat.Columns[:d.Heat.From:d.Heat.From], d.Heat.Columns...), Open: open}
	p.Seconds, p.Step, p.Phases, p.Curve = d.Seconds, d.Step, d.Phases, d.Curve
}

// samePoints compares two series; counts that are missing are zeros.
func samePoints(t *rapid.T, got, want *Points) {
	var full Points
	full.take(want)
	if !reflect.DeepEqual(got, &full) {
		a, _ := json.Marshal(got)
		b, _ := json.Marshal(&full)
		t.Fatalf("put together\n%s\nwant\n%s", a, b)
	}
}

// A run too long for one point a second keeps its sums, and its quantiles are those of the histograms of the longer points.
func TestWidening(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seconds := drawSeconds(t, 25)
		if len(seconds) == 0 {
			return
		}
		last := seconds[len(seconds)-1].lines[0].T
		s := NewSeries(drawnRun())
		merged := map[int64]*results.Histogram{}
		var planned, good, lost int64
		for i := range seconds {
			feed(t, s, &seconds[i])
		}
		p := s.Points()
		if n := int64(len(p.Planned)); n > maxPoints || n != last/p.Step+1 || p.Step > 1 && 2*n < maxPoints {
			t.Fatalf("%d points of %d s for %d s", n, p.Step, last+1)
		}
		for _, d := range seconds {
			for _, l := range d.lines {
				planned, good, lost = planned+l.Planned, good+l.Good, lost+l.Failed
			}
			i := d.lines[0].T / p.Step
			if merged[i] == nil {
				merged[i] = results.NewHistogram()
			}
			for _, iv := range d.intervals {
				if iv.Clock == "response" {
					if err := merged[i].Merge(iv.H); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		ended := int64(0)
		for _, c := range p.Codes {
			ended += sumOf(c.V)
		}
		if sumOf(p.Planned) != planned || sumOf(p.Good) != good || heatSum(&p.Heat) != good || sumOf(p.Heat.Open) != lost || ended != good+lost {
			t.Fatalf("planned %d, good %d, heat %d, open %d; want %d, %d, %d, %d", sumOf(p.Planned), sumOf(p.Good), heatSum(&p.Heat), sumOf(p.Heat.Open), planned, good, good, lost)
		}
		for i := range p.Planned {
			h := merged[int64(i)]
			if h == nil || h.Count() == 0 {
				if p.P50[i] != absent || p.Max[i] != absent {
					t.Fatalf("point %d has quantiles of nothing", i)
				}
				continue
			}
			if p.P50[i] != h.Quantile(0.5) || p.P90[i] != h.Quantile(0.9) || p.P99[i] != h.Quantile(0.99) || p.Max[i] != h.Max() {
				t.Fatalf("point %d: %d %d %d %d, want %+v", i, p.P50[i], p.P90[i], p.P99[i], p.Max[i], h.Summary())
			}
		}
	})
}

func TestRows(t *testing.T) {
	rec := openSample(t, "bounds")
	s, err := seriesOf(rec)
	if err != nil {
		t.Fatal(err)
	}
	rows := s.rows(2)
	if len(rows) != 2 || rows[0].From != 0 || rows[0].To != 2 || rows[1].To != 4 || rows[0].Planned != 200 || rows[1].Planned != 600 || rows[0].Failed != 0 || rows[1].Failed != 190 {
		t.Errorf("rows %+v", rows)
	}
	if h := rec.Histogram("step-2", "response", results.CodeGood); rows[1].P99 != h.Quantile(0.99) || rows[1].Max != h.Max() {
		t.Errorf("p99 %d, max %d, want %+v", rows[1].P99, rows[1].Max, h.Summary())
	}
	if rows := s.rows(60); len(rows) != 4 || s.rows(0) != nil {
		t.Errorf("%d rows, want one a second", len(rows))
	}
	if s, err = seriesOf(openSample(t, "closed")); err != nil || !s.rows(1)[0].Closed || s.rows(1)[0].Planned != 0 || !s.Points().Phases[0].Closed {
		t.Errorf("closed: %+v, %v", s.rows(1), err)
	}
}

// A run directory comes from anywhere: names are escaped, seconds and codes are bounded, what cannot be is an error.
func TestHostileSeries(t *testing.T) {
	line := results.Second{Phase: "</script>\x1b[31m", Planned: 1, Sent: 1, CPU: math.MaxFloat64, Codes: map[string]int64{"\u202e<!--": 1}, CodeClass: map[string]results.Class{"\u202e<!--": "odd"}}
	for i := range 2 * maxCodes {
		line.Codes["code-"+strings.Repeat("x", i)] = 1
	}
	s := NewSeries(&results.Run{Phases: []results.Phase{{Name: "a", DurationNS: math.MaxInt64}, {Name: "b", ElapsedNS: math.MaxInt64}, {Name: "c", DurationNS: -1}}})
	for _, t0 := range []int64{0, 1, 1 << 60} {
		line.T = t0
		if err := s.AppendSecond(time.Time{}, time.Time{}, []results.Second{line}, nil); err != nil {
			t.Fatal(err)
		}
	}
	js, err := s.Points().JS()
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<", "\x1b", "\u202e"} {
		if strings.Contains(string(js), bad) {
			t.Errorf("%q stands in the page as it is", bad)
		}
	}
	p := s.Points()
	if n := len(p.Codes); n > maxCodes || len(p.Planned) > maxPoints || sumOf(p.Planned) != 3 {
		t.Errorf("%d codes, %d points, %d planned", n, len(p.Planned), sumOf(p.Planned))
	}
	total := int64(0)
	for _, c := range p.Codes {
		total += sumOf(c.V)
	}
	if want := int64(3 * len(line.Codes)); total != want {
		t.Errorf("codes sum to %d, want %d", total, want)
	}
	for _, t0 := range []int64{-1, 0, math.MaxInt64} {
		line.T = t0
		if err := s.AppendSecond(time.Time{}, time.Time{}, []results.Second{line}, nil); err == nil {
			t.Errorf("second %d was taken", t0)
		}
	}
	var back Points
	if err := json.Unmarshal([]byte(js), &back); err != nil || !reflect.DeepEqual(back.P50, p.P50) || back.Seconds != p.Seconds {
		t.Errorf("reads back as %+v, %v", back.P50, err)
	}
}

func TestBrokenDirectoryHasNoSeries(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "runs", "pass"))); err != nil {
		t.Fatal(err)
	}
	rec, err := results.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, results.TimelineFile), []byte(`{"t":3}`+"\n"+`{"t":1}`+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := seriesOf(rec); err == nil || !strings.Contains(err.Error(), "second 1 after second 3") {
		t.Errorf("error %v", err)
	}
	if err := os.Remove(filepath.Join(dir, results.IntervalFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := seriesOf(rec); err == nil {
		t.Error("no error without files")
	}
}
