package results

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"
)

// TestTallyCountsWhatOpenWould holds the record of each second against that of a directory which was killed there.
func TestTallyCountsWhatOpenWould(t *testing.T) {
	tally := NewTally(newRun())
	if rec := tally.Record(); rec.Run.Verdict != VerdictPartial || rec.Run.Totals.Planned != 0 || len(rec.Run.Phases) != 2 {
		t.Fatalf("before the first second: %+v", rec.Run.Totals)
	}
	for s := range int64(4) {
		lines, intervals := second(s)
		if err := tally.AppendSecond(start, start, lines, intervals); err != nil {
			t.Fatal(err)
		}
		for _, iv := range intervals {
			iv.H.Reset()
		}
		dir, _ := write(t, s+1)
		want, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		got := tally.Record()
		if !reflect.DeepEqual(got.Tags(), want.Tags()) {
			t.Fatalf("tags %v, want %v", got.Tags(), want.Tags())
		}
		for i := range want.Run.Phases {
			g, w := &got.Run.Phases[i], &want.Run.Phases[i]
			if g.Planned != w.Planned-w.NotOffered || g.Done != w.Done || g.Failed != w.Failed || g.ElapsedNS != w.ElapsedNS ||
				!reflect.DeepEqual(g.Codes, w.Codes) || !reflect.DeepEqual(g.Latency, w.Latency) {
				t.Errorf("after %d seconds, phase %s: %+v, want %+v", s+1, g.Name, g, w)
			}
			if g.ElapsedNS > 0 && *g.Rate.Planned != 10 {
				t.Errorf("planned rate of %s is %v", g.Name, *g.Rate.Planned)
			}
		}
		f, w := &got.Run.FollowUps, &want.Run.FollowUps
		if f.Planned != w.Planned || f.Done != w.Done || f.Unfinished != 0 || !reflect.DeepEqual(f.Codes, w.Codes) {
			t.Errorf("after %d seconds: follow-ups %+v, want %+v", s+1, f, w)
		}
	}
	if err := tally.AppendSecond(start, start, []Second{{T: 1, Phase: "main"}}, nil); err == nil {
		t.Error("a second that is over was taken")
	}
}

// TestRecordsOfATallyAreTheirOwn reads a record while the run goes on.
func TestRecordsOfATallyAreTheirOwn(t *testing.T) {
	run := newRun()
	tally := NewTally(run)
	var group sync.WaitGroup
	for s := range int64(4) {
		lines, intervals := second(s)
		if err := tally.AppendSecond(start, start, lines, intervals); err != nil {
			t.Fatal(err)
		}
		rec := tally.Record()
		before := fmt.Sprint(rec.Run.Totals.Latency["response"], rec.Run.Totals.Ledger)
		group.Go(func() {
			rec.Run.Phases[0].Codes[0].Count += 1000
			for range 20 {
				rec.Summarise()
				_ = rec.Offered(AllPhases).Summary()
			}
			if after := fmt.Sprint(rec.Run.Totals.Latency["response"], rec.Run.Totals.Ledger); after != before {
				t.Errorf("a record changed from %s to %s", before, after)
			}
		})
	}
	group.Wait()
	if rec := tally.Record(); rec.Run.Totals.Done != 36 || rec.Run.Totals.Codes[0].Count != 28 || run.Phases[0].Codes[0].Count != 0 {
		t.Errorf("totals %+v", rec.Run.Totals)
	}
}

// TestIntervalsBySecond merges the intervals again and compares with what Open merged.
func TestIntervalsBySecond(t *testing.T) {
	dir, _ := write(t, 4)
	rec, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	merged, last := map[string]*Histogram{}, int64(0)
	good := map[int64]int64{}
	err = rec.EachInterval(nil, func(second int64, phase, clock, code string, h *Histogram) error {
		if second < last {
			t.Errorf("second %d after %d", second, last)
		}
		last = second
		if clock == "response" && code == CodeGood && phase != FollowUpPhase {
			good[second] += h.Count()
		}
		tag := TagOf(phase, clock, code)
		if merged[tag] == nil {
			merged[tag] = NewHistogram()
		}
		return merged[tag].Merge(h)
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := map[int64]int64{0: 7, 1: 7, 2: 7, 3: 7}; !reflect.DeepEqual(good, want) {
		t.Errorf("good answers by second %v, want %v", good, want)
	}
	if len(merged) != len(rec.Tags()) {
		t.Errorf("%d tags, want %d", len(merged), len(rec.Tags()))
	}
	for _, tag := range rec.Tags() {
		if got, want := merged[tag].Summary(), rec.tags[tag].Summary(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", tag, got, want)
		}
	}
	stop := fmt.Errorf("enough")
	calls := 0
	if err := rec.EachInterval(nil, func(int64, string, string, string, *Histogram) error { calls++; return stop }); err == nil || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

// Intervals that are not wanted are left out, even those that nobody could decode.
func TestIntervalsOfSomeTags(t *testing.T) {
	dir, _ := write(t, 3)
	rec, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, IntervalFile)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	broken := bytes.ReplaceAll(data, []byte(",HISTFAAA"), []byte(",HISTFBBB"))
	if err := os.WriteFile(path, append(data, "Tag=main|service|odd,0.000,1.000,1.000000,nothing\n"...), 0o644); err != nil || bytes.Equal(broken, data) {
		t.Fatalf("nothing to break, %v", err)
	}
	seen := map[string]int64{}
	count := func(_ int64, phase, clock, code string, h *Histogram) error {
		seen[TagOf(phase, clock, code)] += h.Count()
		return nil
	}
	err = rec.EachInterval(func(phase, clock, code string) bool { return clock == "late" && phase == "main" }, count)
	if want := map[string]int64{"main|late|all": 8}; err != nil || !reflect.DeepEqual(seen, want) {
		t.Errorf("late: %v, %v; want %v", seen, err, want)
	}
	if err := rec.EachInterval(nil, count); err == nil {
		t.Error("what cannot be decoded was taken")
	}
	if err := os.WriteFile(path, broken, 0o644); err != nil {
		t.Fatal(err)
	}
	clear(seen)
	if err := rec.EachInterval(func(string, string, string) bool { return false }, count); err != nil || len(seen) != 0 {
		t.Errorf("none: %v, %v", seen, err)
	}
}

// BenchmarkTallySnapshot is one second of a live page: a second more of a long run, and a record of it.
func BenchmarkTallySnapshot(b *testing.B) {
	tally := NewTally(newRun())
	at := int64(0)
	for b.Loop() {
		lines, intervals := second(1)
		lines[0].T = at
		at++
		if err := tally.AppendSecond(start, start.Add(time.Second), lines, intervals); err != nil {
			b.Fatal(err)
		}
		tally.Record()
	}
}
