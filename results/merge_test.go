package results

import (
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// drawn is what one generator measured in one second: raw values by phase, clock and code.
type drawn struct {
	values map[tagParts][]int64
	lines  []Second
}

// drawSecond makes the second of a generator. Warm-up is over in second 1 of all of them, and some have nothing to do.
func drawSecond(t *rapid.T, second int64) drawn {
	d := drawn{values: map[tagParts][]int64{}}
	phases := []string{"main"}
	switch {
	case second == 0:
		phases = []string{"warm-up"}
	case second == 1:
		phases = rapid.SampledFrom([][]string{{"warm-up"}, {"warm-up", "main"}, {"main"}}).Draw(t, "phases")
	}
	for _, phase := range phases {
		s := Second{T: second, Phase: phase, CPU: rapid.Float64Range(0, 8).Draw(t, "CPU"), RSSBytes: rapid.Int64Range(0, 1<<30).Draw(t, "RSS"), LateMaxNS: rapid.Int64Range(0, 1e9).Draw(t, "late")}
		count := func(name string) int64 { return rapid.Int64Range(0, 50).Draw(t, name) }
		s.Done, s.Failed, s.Dropped, s.NotOffered = count("done"), count("failed"), count("dropped"), count("not offered")
		s.Planned, s.Sent = s.Done+s.Failed+s.Dropped+s.NotOffered, s.Done+s.Failed
		if n := s.Done; n > 0 {
			s.Codes, s.Classes = map[string]int64{"OK": n}, map[Class]int64{ClassOK: n}
		}
		for _, name := range [][2]string{{"response", CodeGood}, {"service", CodeAll}, {"late", CodeAll}, {ClockBound, CodeDropped}} {
			if list := rapid.SliceOfN(rapid.Int64Range(0, HighestNS+10), 0, 40).Draw(t, name[0]); len(list) > 0 {
				d.values[tagParts{phase, name[0], name[1]}] = list
			}
		}
		d.lines = append(d.lines, s)
	}
	last := &d.lines[len(d.lines)-1]
	last.InFlight, last.Queued = rapid.Int64Range(0, 100).Draw(t, "in flight"), rapid.Int64Range(0, 100).Draw(t, "queued")
	last.FollowUps = Ledger{Planned: rapid.Int64Range(0, 9).Draw(t, "follow-ups")}
	for i := range d.lines {
		d.lines[i].CPU, d.lines[i].RSSBytes = last.CPU, last.RSSBytes
	}
	return d
}

func (d *drawn) intervals() (list []Interval) {
	for tag, values := range d.values {
		list = append(list, Interval{tag.phase, tag.clock, tag.code, recorded(values...)})
	}
	return list
}

type mergeFunc func(t int64, parts []SecondPart) ([]Second, []Interval, error)

// checkMerge holds a merged second against the raw values of all generators.
func checkMerge(merge mergeFunc, second int64, slots []drawn, parts []SecondPart) error {
	lines, intervals, err := merge(second, parts)
	if err != nil {
		return err
	}
	union, want := map[tagParts][]int64{}, map[string]*Second{}
	var whole Second
	for i := range slots {
		for tag, values := range slots[i].values {
			union[tag] = append(union[tag], values...)
		}
		for j := range slots[i].lines {
			s := &slots[i].lines[j]
			if want[s.Phase] == nil {
				want[s.Phase] = &Second{}
			}
			want[s.Phase].merge(s)
			whole.CPU, whole.InFlight, whole.Queued, whole.FollowUps.Planned = max(whole.CPU, s.CPU), whole.InFlight+s.InFlight, whole.Queued+s.Queued, whole.FollowUps.Planned+s.FollowUps.Planned
		}
		whole.RSSBytes += slots[i].lines[0].RSSBytes
	}
	seen := map[tagParts]bool{}
	for _, iv := range intervals {
		tag := tagParts{iv.Phase, iv.Clock, iv.Code}
		if seen[tag] || fmt.Sprint(bucketsOf(iv.H)) != fmt.Sprint(bucketsOf(recorded(union[tag]...))) || !equal(iv.H.Summary(), recorded(union[tag]...).Summary()) {
			return fmt.Errorf("%v is not the histogram of all values, or is there twice", tag)
		}
		seen[tag] = true
	}
	if len(seen) != len(union) {
		return fmt.Errorf("%d histograms, want %d", len(seen), len(union))
	}
	for i := range lines {
		s := &lines[i]
		w := want[s.Phase]
		if w == nil || s.T != second || s.Planned != w.Planned || s.Sent != w.Sent || s.Done != w.Done || s.Failed != w.Failed || s.Dropped != w.Dropped || s.NotOffered != w.NotOffered ||
			!maps.Equal(s.Codes, w.Codes) || s.LateMaxNS != w.LateMaxNS || s.CPU != whole.CPU || s.RSSBytes != whole.RSSBytes {
			return fmt.Errorf("%+v, want %+v", s, w)
		}
		if values := union[tagParts{s.Phase, "response", CodeGood}]; len(values) > 0 && s.RespP99NS != recorded(values...).Quantile(0.99) {
			return fmt.Errorf("p99 %d of phase %s, want %d", s.RespP99NS, s.Phase, recorded(values...).Quantile(0.99))
		}
		delete(want, s.Phase)
	}
	for phase, w := range want {
		if !w.idle() {
			return fmt.Errorf("no line of phase %s", phase)
		}
	}
	last := lines[len(lines)-1]
	if last.InFlight != whole.InFlight || last.Queued != whole.Queued || last.FollowUps.Planned != whole.FollowUps.Planned {
		return fmt.Errorf("on the last line %+v, want %+v", last, whole)
	}
	return nil
}

func bucketsOf(h *Histogram) (list [][3]int64) {
	h.Buckets(func(from, to, n int64) { list = append(list, [3]int64{from, to, n}) })
	return list
}

// drawFragments returns what generators measured, by second, and the fragments of it, by generator. All write into the files of root, which
// nobody reads: a directory for each takes long.
func drawFragments(r *rapid.T, root *Writer, slots, seconds int) (measured [][]drawn, sent [][]Fragment) {
	measured, sent = make([][]drawn, seconds), make([][]Fragment, slots)
	for i := range slots {
		w := &Writer{started: start, encoder: newEncoder(), set: newTagSet(), last: -1, intervals: root.intervals, timeline: root.timeline}
		w.Tap(func(f Fragment) { sent[i] = append(sent[i], f) })
		for s := range seconds {
			d := drawSecond(r, int64(s))
			measured[s] = append(measured[s], d)
			at := start.Add(time.Duration(s) * time.Second)
			if err := w.AppendSecond(at, at.Add(time.Second), d.lines, d.intervals()); err != nil {
				r.Fatal(err)
			}
		}
	}
	return measured, sent
}

// TestMergeOfFragmentsIsTheUnion sends the seconds of several generators through directories and fragments: what is merged is what one would have
// measured that made all of the calls.
func TestMergeOfFragmentsIsTheUnion(t *testing.T) {
	root, err := Create(filepath.Join(t.TempDir(), "run"), newRun())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	rapid.Check(t, func(r *rapid.T) {
		const seconds = 3
		slots := rapid.IntRange(1, 5).Draw(r, "generators")
		root.set = newTagSet()
		measured, sent := drawFragments(r, root, slots, seconds)
		all, total := map[tagParts][]int64{}, map[string]Ledger{}
		for s := range int64(seconds) {
			var parts []SecondPart
			for i := range slots {
				lines, intervals, _, err := travelled(t, sent[i][s]).Read()
				if err != nil {
					r.Fatal(err)
				}
				parts = append(parts, SecondPart{lines, intervals})
				for tag, values := range measured[s][i].values {
					all[tag] = append(all[tag], values...)
				}
				for j := range lines {
					l := total[lines[j].Phase]
					l.Add(&Ledger{Planned: lines[j].Planned, Done: lines[j].Done, Failed: lines[j].Failed, Dropped: lines[j].Dropped, NotOffered: lines[j].NotOffered})
					total[lines[j].Phase] = l
				}
			}
			if err := checkMerge(MergeSecond, s, measured[s], parts); err != nil {
				r.Fatal(err)
			}
			lines, intervals, _ := MergeSecond(s, parts)
			at := start.Add(time.Duration(s) * time.Second)
			if err := root.AppendSecond(at, at.Add(time.Second), lines, intervals); err != nil {
				r.Fatal(err)
			}
			for _, l := range lines {
				left := total[l.Phase]
				left.Add(&Ledger{Planned: -l.Planned, Done: -l.Done, Failed: -l.Failed, Dropped: -l.Dropped, NotOffered: -l.NotOffered})
				total[l.Phase] = left
			}
		}
		rec := root.Record(newRun())
		if len(rec.Tags()) != len(all) {
			r.Fatalf("%d histograms, want %d", len(rec.Tags()), len(all))
		}
		for tag, values := range all {
			got, want := rec.Histogram(tag.phase, tag.clock, tag.code), recorded(values...)
			if fmt.Sprint(bucketsOf(got)) != fmt.Sprint(bucketsOf(want)) || !equal(got.Summary(), want.Summary()) {
				r.Fatalf("%v: %+v, want %+v", tag, got.Summary(), want.Summary())
			}
		}
		for phase, l := range total {
			if l != (Ledger{}) {
				r.Fatalf("phase %s: the merged ledger lacks %+v", phase, l)
			}
		}
	})
}

// TestMeansOfPercentilesAreCaught: the check above refuses the p99 that averaging makes, even weighted, and takes the one of the histograms.
func TestMeansOfPercentilesAreCaught(t *testing.T) {
	fast, slow := drawn{values: map[tagParts][]int64{}}, drawn{values: map[tagParts][]int64{}}
	tag := tagParts{"main", "response", CodeGood}
	for i := range int64(1000) {
		fast.values[tag] = append(fast.values[tag], ms+i*1000)
		slow.values[tag] = append(slow.values[tag], 20*ms+i*10_000)
	}
	fast.lines, slow.lines = []Second{{Phase: "main", Done: 1000}}, []Second{{Phase: "main", Done: 1000}}
	slots := []drawn{fast, slow}
	var parts []SecondPart
	for i := range slots {
		d := &slots[i]
		d.lines[0].RespP99NS = recorded(d.values[tag]...).Quantile(0.99)
		parts = append(parts, SecondPart{d.lines, d.intervals()})
	}
	if err := checkMerge(MergeSecond, 0, slots, parts); err != nil {
		t.Fatal(err)
	}
	mean := func(second int64, parts []SecondPart) ([]Second, []Interval, error) {
		lines, intervals, err := MergeSecond(second, parts)
		sum, calls := int64(0), int64(0)
		for _, p := range parts {
			sum, calls = sum+p.Lines[0].RespP99NS*p.Lines[0].Done, calls+p.Lines[0].Done
		}
		lines[0].RespP99NS = sum / calls
		return lines, intervals, err
	}
	if err := checkMerge(mean, 0, slots, parts); err == nil || !strings.Contains(err.Error(), "p99") {
		t.Errorf("the mean of percentiles passes: %v", err)
	}
	lossy := func(second int64, parts []SecondPart) ([]Second, []Interval, error) {
		lines, intervals, err := MergeSecond(second, parts)
		intervals[0].H = parts[1].Intervals[0].H
		return lines, intervals, err
	}
	if err := checkMerge(lossy, 0, slots, parts); err == nil {
		t.Error("the histogram of one generator passes for that of all")
	}
}

func TestMergeSecond(t *testing.T) {
	if lines, intervals, err := MergeSecond(3, nil); len(lines)+len(intervals) != 0 || err != nil {
		t.Errorf("of nobody: %v %v %v", lines, intervals, err)
	}
	if _, _, err := MergeSecond(3, []SecondPart{{Lines: []Second{{T: 4, Phase: "main"}}}}); err == nil || err.Error() != "merge second 3: a line is of second 4" {
		t.Errorf("another second: %v", err)
	}
	h := recorded(ms, 2*ms)
	parts := []SecondPart{
		{[]Second{{T: 3, Phase: "main", Done: 2, CPU: 1, GCPauseNS: 5, RSSBytes: 10, InFlight: 1, StallMaxNS: 7, AwayNS: 3, CodeClass: map[string]Class{"x": ClassGateway}}}, []Interval{{"main", "response", CodeGood, h}}},
		{[]Second{{T: 3, Phase: "warm-up", Done: 1, CPU: 2, RSSBytes: 20}, {T: 3, Phase: "main", Done: 1, CPU: 2, RSSBytes: 20, InFlight: 2, Queued: 4, StallMaxNS: 6, AwayNS: 4}}, nil},
		{[]Second{{T: 3, Phase: "late", RSSBytes: 30}}, nil},
	}
	lines, intervals, err := MergeSecond(3, parts)
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != 2 || lines[0].Phase != "warm-up" || lines[1].Phase != "main" || lines[1].Done != 3 || lines[0].CPU != 2 || lines[0].RSSBytes != 60 || lines[0].InFlight != 0 ||
		lines[1].InFlight != 3 || lines[1].Queued != 4 || lines[1].StallMaxNS != 7 || lines[1].AwayNS != 4 || lines[0].GCPauseNS != 5 || lines[1].CodeClass["x"] != ClassGateway || lines[1].RespMaxNS != 2*ms {
		t.Errorf("%+v", lines)
	}
	if len(intervals) != 1 || intervals[0].H.Count() != 2 {
		t.Errorf("%+v", intervals)
	}
	if _, _, err := MergeSecond(3, []SecondPart{parts[0], parts[0], parts[0]}); err != nil || h.Count() != 2 {
		t.Errorf("a histogram of a part has %d values now, %v", h.Count(), err)
	}
	late := SecondPart{Lines: append(slices.Clone(parts[0].Lines), parts[0].Lines...)} // what came late stands at a second of its own and another
	if lines, _, _ := MergeSecond(3, []SecondPart{late}); len(lines) != 1 || lines[0].Done != 4 || lines[0].InFlight != 1 || lines[0].RSSBytes != 10 {
		t.Errorf("two lines of one generator make %+v", lines)
	}
	if lines, _, _ := MergeSecond(3, parts[2:]); len(lines) != 1 || lines[0].Phase != "late" {
		t.Errorf("idle generators make %+v", lines)
	}
}

func TestMergePhases(t *testing.T) {
	at := func(s int) *time.Time { v := start.Add(time.Duration(s) * time.Second); return &v }
	into := []Phase{{Name: "main", Recorded: true, Shape: "constant 10/s", DurationNS: 4e9, Codes: []Code{{Code: "OK", TextEN: "fine", Class: ClassOK}}}}
	one := []Phase{{Name: "main", Ledger: Ledger{Planned: 10, Done: 8, Failed: 1, NotOffered: 1}, Sent: 9, Good: 7, DoneInside: 8, GoodInside: 6, ElapsedNS: 3e9,
		Codes: []Code{{Code: "OK", Count: 7, Expected: 7, HTTPStatus: []int{200, 500}, FirstSeen: at(2), LastSeen: at(3)}, {Code: "x", Class: ClassGateway, Count: 1}}}}
	two := []Phase{{Name: "main", Ledger: Ledger{Planned: 5, Done: 3, Dropped: 1, Unfinished: 1}, Sent: 4, Good: 3, DoneInside: 3, GoodInside: 3, ElapsedNS: 4e9,
		Codes: []Code{{Code: "OK", Count: 3, Expected: 3, HTTPStatus: []int{200, 202}, FirstSeen: at(1), LastSeen: at(2)}}}, {Name: "end", Recorded: true, Model: ModelOpen, Ledger: Ledger{Planned: 1, Done: 1}}}
	before := asJSON(t, [][]Phase{one, two})
	MergePhases(&into, one)
	MergePhases(&into, two)
	p := &into[0]
	if len(into) != 2 || p.Ledger != (Ledger{Planned: 15, Done: 11, Failed: 1, Unfinished: 1, Dropped: 1, NotOffered: 1}) || p.Sent != 13 || p.Good != 10 || p.DoneInside != 11 || p.GoodInside != 9 ||
		p.ElapsedNS != 4e9 || p.Shape != "constant 10/s" || p.DurationNS != 4e9 || into[1].Model != ModelOpen || into[1].Done != 1 {
		t.Errorf("%+v", into)
	}
	ok := p.Codes[0]
	if len(p.Codes) != 2 || ok.Count != 10 || ok.Expected != 10 || ok.TextEN != "fine" || !slices.Equal(ok.HTTPStatus, []int{200, 202, 500}) || !ok.FirstSeen.Equal(*at(1)) || !ok.LastSeen.Equal(*at(3)) {
		t.Errorf("codes %+v", p.Codes)
	}
	if after := asJSON(t, [][]Phase{one, two}); after != before {
		t.Errorf("the parts became %s", after)
	}
	p.Settle(20, 2)
	if p.Ledger != (Ledger{Planned: 20, Done: 11, Failed: 1, Unfinished: 3, Dropped: 1, NotOffered: 4}) {
		t.Errorf("settled: %+v", p.Ledger)
	}
	twice := Phase{Ledger: Ledger{Planned: 20, Done: 21}}
	if twice.Settle(20, 0); twice.NotOffered != 0 || twice.Planned == twice.Ended() {
		t.Errorf("a plan that was overfulfilled adds up: %+v", twice.Ledger)
	}
}

// TestMergedTallyIsOneGenerator: who merges the seconds of two halves counts what one generator would have.
func TestMergedTallyIsOneGenerator(t *testing.T) {
	whole, halves := NewTally(newRun()), NewTally(newRun())
	for s := range int64(3) {
		lines, intervals := second(s)
		parts := []SecondPart{{Lines: slices.Clone(lines), Intervals: intervals[:6]}, {Lines: slices.Clone(lines), Intervals: intervals[6:]}}
		l, iv, err := MergeSecond(s, parts)
		if err != nil {
			t.Fatal(err)
		}
		doubled := slices.Clone(lines)
		doubled[0].merge(&lines[0])
		doubled[0].FollowUps.Add(&lines[0].FollowUps)
		doubled[0].Classes, doubled[0].Codes = l[0].Classes, l[0].Codes
		if err := halves.AppendSecond(start, start, l, iv); err != nil {
			t.Fatal(err)
		}
		if err := whole.AppendSecond(start, start, doubled, intervals); err != nil {
			t.Fatal(err)
		}
	}
	got, want := halves.Record(), whole.Record()
	if !reflect.DeepEqual(got.Run.Totals, want.Run.Totals) || !reflect.DeepEqual(got.Tags(), want.Tags()) {
		t.Errorf("%+v\nwant %+v", got.Run.Totals, want.Run.Totals)
	}
}

// BenchmarkMergeSecond merges a second of 500 generators, as it comes in fragments.
func BenchmarkMergeSecond(b *testing.B) {
	_, list := fragments(b, 2)
	var parts []SecondPart
	for range 500 {
		lines, intervals, _, err := travelled(b, list[1]).Read()
		if err != nil {
			b.Fatal(err)
		}
		parts = append(parts, SecondPart{lines, intervals})
	}
	for b.Loop() {
		if _, _, err := MergeSecond(1, parts); err != nil {
			b.Fatal(err)
		}
	}
}
