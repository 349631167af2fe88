package record

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"axbench/results"
)

// kept is a sink that adds up what it is given.
type kept struct {
	lines []results.Second
	hists map[string]*results.Histogram
	fails error
}

func (k *kept) AppendSecond(_, _ time.Time, lines []results.Second, intervals []results.Interval) error {
	k.lines = append(k.lines, lines...)
	for _, iv := range intervals {
		tag := results.TagOf(iv.Phase, iv.Clock, iv.Code)
		if k.hists[tag] == nil {
			k.hists[tag] = results.NewHistogram()
		}
		if err := k.hists[tag].Merge(iv.H); err != nil {
			return err
		}
	}
	return k.fails
}

func (k *kept) count(phase, clock, code string) int64 {
	if h := k.hists[results.TagOf(phase, clock, code)]; h != nil {
		return h.Count()
	}
	return 0
}

func newBook(phases ...string) (*Collector, *Gauges, *kept) {
	var spans []PhaseSpan
	for i, name := range phases {
		spans = append(spans, PhaseSpan{name, time.Duration(i) * time.Second, time.Duration(i+1) * time.Second})
	}
	gauges, sink := NewGauges(len(phases)), &kept{hists: map[string]*results.Histogram{}}
	return NewCollector(time.Unix(0, 0), spans, 3, gauges, sink), gauges, sink
}

// sample is a call that was sent, took 1 ms and ended at end.
func sample(phase int, kind Kind, code string, end time.Duration) *Sample {
	s := &Sample{Phase: phase, Kind: kind, Code: code, Class: results.ClassOK, N: 1, End: end, WasSent: kind == Done || kind == Failed || kind == Unfinished}
	s.Good, s.Expected = kind == Done && code == "OK", kind == Done && code == "OK"
	for i := range s.Clocks {
		s.Clocks[i] = 1e6
	}
	return s
}

func TestWhichClocksAKindHas(t *testing.T) {
	for _, tt := range []struct {
		name    string
		s       *Sample
		clocks  []string // clock/code with one value
		without []string
	}{
		{"good", sample(0, Done, "OK", 1), []string{"response/good", "service/all", "late/all", "read/all", "response/OK", "service/OK"}, []string{"bound/timeout", "tls/all"}},
		{"not good", sample(0, Done, "isv.BIND_CONFLICT", 1), []string{"service/all", "lag/all", "response/isv.BIND_CONFLICT"}, []string{"response/good"}},
		{"timeout", sample(0, Failed, results.CodeTimeout, 1), []string{"bound/timeout", "lag/all", "response/timeout"}, []string{"response/good", "service/all"}},
		{"refused", sample(0, Failed, results.CodeRefused, 1), []string{"response/refused"}, []string{"bound/timeout", "response/good"}},
		{"unfinished", sample(0, Unfinished, results.CodeTimeout, 1), []string{"bound/unfinished", "late/all"}, []string{"response/timeout", "bound/timeout"}},
		{"dropped", sample(0, Dropped, "", 1), []string{"bound/dropped"}, []string{"late/all", "response/good"}},
		{"not offered", sample(0, NotOffered, "", 1), nil, []string{"bound/dropped", "late/all"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			book, _, sink := newBook("main")
			book.Shard(0).Put(tt.s)
			book.Fold(time.Second)
			if _, err := book.Close(0, time.Second, Health{}); err != nil {
				t.Fatal(err)
			}
			has := func(name string) int64 {
				clock, code, _ := strings.Cut(name, "/")
				return sink.count("main", clock, code)
			}
			for _, c := range tt.clocks {
				if has(c) != 1 {
					t.Errorf("%s has %d values, want 1", c, has(c))
				}
			}
			for _, c := range tt.without {
				if has(c) != 0 {
					t.Errorf("%s has %d values, want none", c, has(c))
				}
			}
		})
	}
}

func TestASampleWaitsForItsSecond(t *testing.T) {
	book, _, sink := newBook("main")
	book.Shard(1).Put(sample(0, Done, "OK", 1500*time.Millisecond))
	book.Shard(2).Put(sample(0, Done, "OK", 500*time.Millisecond))
	for second := range int64(2) {
		end := time.Duration(second+1) * time.Second
		book.Fold(end)
		if _, err := book.Close(second, end, Health{}); err != nil {
			t.Fatal(err)
		}
	}
	if len(sink.lines) != 2 || sink.lines[0].Done != 1 || sink.lines[1].Done != 1 || sink.lines[1].T != 1 {
		t.Errorf("lines %+v: want one call in each second", sink.lines)
	}
}

func TestInsideThePhase(t *testing.T) {
	book, _, _ := newBook("main")
	book.Shard(0).Put(sample(0, Done, "OK", 900*time.Millisecond))
	book.Shard(0).Put(sample(0, Done, "OK", 1100*time.Millisecond))
	book.Fold(1 << 62)
	phases, _ := book.Result(time.Second)
	if p := phases[0]; p.Done != 2 || p.DoneInside != 1 || p.GoodInside != 1 || p.ElapsedNS != 1e9 {
		t.Errorf("%+v: want two calls done, one of them inside the phase", p)
	}
}

func TestUnreachable(t *testing.T) {
	for _, tt := range []struct {
		name string
		code string
		sent int64
		want string
	}{
		{"nothing ended", "", 0, ""},
		{"refused", results.CodeRefused, 0, results.CodeRefused},
		{"no handshake", results.CodeTLS, 0, results.CodeTLS},
		{"refused, but another call is on its way", results.CodeRefused, 1, ""},
		{"timeout", results.CodeTimeout, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			book, gauges, _ := newBook("main")
			gauges.Sent[0].Add(tt.sent)
			if tt.code != "" {
				book.Shard(0).Put(sample(0, Failed, tt.code, 1))
			}
			book.Fold(time.Second)
			if got := book.Unreachable(); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestSinkErrorIsPassedOn(t *testing.T) {
	book, _, sink := newBook("main")
	sink.fails = errors.New("disk full")
	if _, err := book.Close(0, time.Second, Health{}); !errors.Is(err, sink.fails) {
		t.Errorf("error %v", err)
	}
}

// TestNothingIsLost puts random samples in random order and holds ledgers, timeline and histograms against each other.
func TestNothingIsLost(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		book, gauges, sink := newBook("one", "two")
		n := rapid.IntRange(0, 200).Draw(rt, "samples")
		var want [3]results.Ledger
		codes := []string{"OK", "isv.FLOW_LIMIT", results.CodeTimeout}
		for range n {
			phase := rapid.IntRange(FollowUps, 1).Draw(rt, "phase")
			kind := Kind(rapid.IntRange(0, 4).Draw(rt, "kind"))
			s := sample(phase, kind, rapid.SampledFrom(codes).Draw(rt, "code"), time.Duration(rapid.IntRange(0, 4000).Draw(rt, "ms"))*time.Millisecond)
			book.Shard(rapid.IntRange(0, 9).Draw(rt, "shard")).Put(s)
			l := &want[phase+1]
			l.Planned++
			if phase == FollowUps {
				gauges.Follows.Add(1)
			} else {
				gauges.Planned[phase].Add(1)
			}
			*[...]*int64{&l.Done, &l.Failed, &l.Unfinished, &l.Dropped, &l.NotOffered}[kind]++
		}
		for second := range int64(5) {
			end := time.Duration(second+1) * time.Second
			book.Fold(end)
			if _, err := book.Close(second, end, Health{}); err != nil {
				rt.Fatal(err)
			}
		}
		phases, follow := book.Result(2 * time.Second)
		got := [3]results.Ledger{follow.Ledger, phases[0].Ledger, phases[1].Ledger}
		if got != want {
			rt.Fatalf("ledgers %+v, want %+v", got, want)
		}
		var lines [3]results.Ledger
		for _, line := range sink.lines {
			i := map[string]int{"one": 1, "two": 2}[line.Phase]
			add(&lines[i], results.Ledger{Planned: line.Planned, Done: line.Done, Failed: line.Failed, Unfinished: line.Unfinished, Dropped: line.Dropped, NotOffered: line.NotOffered})
			add(&lines[0], line.FollowUps)
		}
		if lines != want {
			rt.Fatalf("the timeline adds up to %+v, want %+v", lines, want)
		}
		for i, name := range []string{results.FollowUpPhase, "one", "two"} {
			if n := sink.count(name, "service", "all"); n != want[i].Done {
				rt.Fatalf("phase %s: %d service times of %d calls done", name, n, want[i].Done)
			}
			if n := sink.count(name, "bound", "dropped"); n != want[i].Dropped {
				rt.Fatalf("phase %s: %d bounds of %d dropped calls", name, n, want[i].Dropped)
			}
		}
	})
}

func add(into *results.Ledger, l results.Ledger) {
	into.Planned, into.Done, into.Failed = into.Planned+l.Planned, into.Done+l.Done, into.Failed+l.Failed
	into.Unfinished, into.Dropped, into.NotOffered = into.Unfinished+l.Unfinished, into.Dropped+l.Dropped, into.NotOffered+l.NotOffered
}

func BenchmarkRecord(b *testing.B) {
	book, _, _ := newBook("main")
	s := sample(0, Done, "OK", 1)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		book.Shard(i).Put(s)
		if i%2000 == 1999 {
			book.Fold(time.Second)
		}
	}
}
