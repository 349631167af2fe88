package live

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"axbench/results"
)

// long is second t of a run with ten codes.
func long(t int64, random *rand.Rand) ([]results.Second, []results.Interval) {
	l := results.Second{T: t, Phase: "main", Planned: 2000, Sent: 2000, Done: 2000, Good: 1800, Codes: map[string]int64{}, CodeClass: map[string]results.Class{},
		Classes: map[results.Class]int64{results.ClassOK: 1800, results.ClassBusiness: 200}, DoneInside: 2000, GoodInside: 1800, InFlight: 20, CPU: 0.3}
	spread := func(n int) *results.Histogram {
		h := results.NewHistogram()
		for range n {
			h.Record(int64(2e6 + random.ExpFloat64()*3e6))
		}
		return h
	}
	all := spread(1000)
	var intervals []results.Interval
	for c := range results.NumClocks {
		code := results.CodeAll
		if c == results.ClockResponse {
			code = results.CodeGood
		}
		intervals = append(intervals, results.Interval{Phase: "main", Clock: c.String(), Code: code, H: all})
	}
	for i := range 10 {
		name := fmt.Sprint("isv.CODE_", i)
		l.Codes[name], l.CodeClass[name] = 200, results.ClassBusiness
		h := spread(100)
		intervals = append(intervals, results.Interval{Phase: "main", Clock: "response", Code: name, H: h}, results.Interval{Phase: "main", Clock: "service", Code: name, H: h})
	}
	return []results.Second{l}, intervals
}

func longRun() *results.Run {
	run := &results.Run{Schema: results.Schema, Scenario: "long", Model: results.ModelOpen, Started: time.Unix(1_700_000_000, 0).UTC(), Host: results.Host{Cores: 2},
		Phases: []results.Phase{{Name: "main", Recorded: true, Model: results.ModelOpen, DurationNS: 3600e9, Ledger: results.Ledger{Planned: 7_200_000}}}}
	for i := range 10 {
		run.Phases[0].Codes = append(run.Phases[0].Codes, results.Code{Code: fmt.Sprint("isv.CODE_", i), Class: results.ClassBusiness, Documented: true, TextEN: "a text", HTTPStatus: []int{}})
	}
	return run
}

// BenchmarkHour measures, at the end of an hour with ten codes, what a second costs: telling the server, which the run waits for, and
// counting, rendering and encoding, which it does not.
func BenchmarkHour(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	s := newServer(Config{Run: longRun()})
	k := newBook(s.config.Run)
	lines, intervals := long(0, random)
	for t := range int64(3600) {
		lines[0].T = t
		own, _ := copySecond(time.Time{}, time.Time{}, lines, intervals)
		k.count(own)
	}
	own, _ := copySecond(time.Time{}, time.Time{}, lines, intervals)
	b.Run("append", func(b *testing.B) {
		for b.Loop() {
			s.waiting = nil
			if err := s.AppendSecond(time.Time{}, time.Time{}, lines, intervals); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("count", func(b *testing.B) {
		for b.Loop() {
			k.count(own)
		}
	})
	b.Run("record", func(b *testing.B) {
		for b.Loop() {
			k.tally.Record()
		}
	})
	b.Run("state", func(b *testing.B) {
		for b.Loop() {
			k.next(s)
		}
	})
	st := k.next(s)
	for _, have := range []seen{{}, {1, 3599}} {
		b.Run(fmt.Sprint("message after ", have.seconds), func(b *testing.B) {
			for b.Loop() {
				clear(st.messages)
				m, err := st.message(have)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(len(m.text)), "bytes")
			}
		})
	}
	b.Run("page", func(b *testing.B) {
		for b.Loop() {
			st.html = nil
			if _, err := st.wholePage(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
