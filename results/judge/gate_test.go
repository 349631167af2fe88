package judge

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"axbench/results"
)

// timeline gives the fixture n seconds of its phase main, and lets change change them.
func (f *fixture) timeline(n int, change func(s *results.Second)) {
	f.run.Host.Cores = 2
	f.lines = nil
	for t := range n {
		s := results.Second{T: int64(t), Phase: "main", Planned: 100, Done: 100, CPU: 0.5, CPUOthers: 0.1, LateP99NS: ms / 10, LateMaxNS: ms / 10}
		change(&s)
		f.lines = append(f.lines, s)
	}
}

// in lets change change second t alone.
func in(t int64, change func(s *results.Second)) func(*results.Second) {
	return func(s *results.Second) {
		if s.T == t {
			change(s)
		}
	}
}

func TestGate(t *testing.T) {
	skipped := func(f *fixture) { f.lose(1, &f.main().NotOffered, results.CodeUnfinished, ms) }
	skew := func(f *fixture, low, high time.Duration, refused, expected int64) {
		l, h := int64(low), int64(high)
		f.run.Generator.SkewLowNS, f.run.Generator.SkewHighNS = &l, &h
		f.main().Codes = append(f.main().Codes, results.Code{Code: "InvalidTimeStamp.Expired", Class: results.ClassGateway, Documented: true, Count: refused, Expected: expected})
	}
	lateSeconds := func(f *fixture, change func(*results.Second)) {
		f.late("main", 20, 30*ms)
		f.timeline(10, func(s *results.Second) {
			s.LateP99NS, s.LateMaxNS = 30*ms, 40*ms
			change(s)
		})
	}
	cases := []struct {
		name string
		make func(*fixture, *Input)
		why  string // "" for valid
	}{
		{"punctual", func(*fixture, *Input) {}, ""},
		{"two per cent late", func(f *fixture, _ *Input) { f.late("main", 20, 11*ms) }, "the generator was late in phase main: 1.96% of 1,020 calls by more than 10ms (p99 11ms), at most 1% is valid: lower the rate, or take a faster machine"},
		{"just above the limit", func(f *fixture, _ *Input) { f.late("main", 20, 10*ms+20_000) }, "by more than 10ms (p99 10.0"},
		{"late within the limit", func(f *fixture, _ *Input) { f.late("main", 20, 9*ms) }, ""},
		{"one per cent late", func(f *fixture, _ *Input) { f.late("main", 10, 200*ms) }, ""},
		{"late once", func(f *fixture, _ *Input) { f.late("main", 1, 251*ms) }, ""},
		{"own limits", func(f *fixture, in *Input) {
			f.late("main", 20, 11*ms)
			in.LateP99, in.LateMax = 20*time.Millisecond, time.Second
		}, ""},
		{"narrower limits", func(_ *fixture, in *Input) { in.LateP99 = 50 * time.Microsecond }, "100% of 1,000 calls by more than 50µs"},
		{"late in the warm-up", func(f *fixture, _ *Input) { f.late("warm-up", 50, 400*ms) }, ""},
		{"late in a closed phase", func(f *fixture, _ *Input) { f.late("main", 50, 400*ms); f.main().Model = results.ModelClosed }, "4.76% of 1,050 calls"},
		{"lateness unknown", func(f *fixture, _ *Input) { f.clear("main", "late", results.CodeAll) }, "nobody recorded how late the 1,000 calls of phase main were sent"},

		{"a late second", func(f *fixture, _ *Input) { f.timeline(10, in(3, func(s *results.Second) { s.LateP99NS = 201 * ms })) },
			"the generator was late in second 3 of the run, phase main: p99 201ms, at most 200ms is valid: "},
		{"a second just in time", func(f *fixture, _ *Input) { f.timeline(10, in(3, func(s *results.Second) { s.LateP99NS = 200 * ms })) }, ""},
		{"a late second with its own limit", func(f *fixture, in2 *Input) {
			f.timeline(10, in(3, func(s *results.Second) { s.LateP99NS = 201 * ms }))
			in2.LateMax = 300 * time.Millisecond
		}, ""},
		{"a late second of the warm-up", func(f *fixture, _ *Input) {
			f.timeline(10, in(0, func(s *results.Second) {
				s.Phase, s.LateP99NS, s.StallMaxNS, s.GCPauseNS = "warm-up", 400*ms, 400*ms, 400*ms
			}))
		}, ""},
		{"a stall that no call saw", func(f *fixture, _ *Input) { f.timeline(10, in(7, func(s *results.Second) { s.StallMaxNS = 402 * ms })) },
			"the generator stood still for 402ms in second 7 of the run, phase main, at most 200ms is valid: keep the process"},
		{"a short stall", func(f *fixture, _ *Input) { f.timeline(10, in(7, func(s *results.Second) { s.StallMaxNS = 199 * ms })) }, ""},
		{"callers kept from calling", func(f *fixture, _ *Input) {
			f.main().Model = results.ModelClosed
			f.timeline(10, func(s *results.Second) { s.AwayNS, s.CPUOthers = 11*ms, 1.6 })
		}, "the generator was away for 1.1% of phase main, for longer than 10ms each time, at most 1% is valid: it used 0.50 of 2 cores while other processes kept 1.60 busy"},
		{"callers kept from calling, and that was allowed", func(f *fixture, in *Input) {
			f.main().Model, in.LateP99 = results.ModelClosed, 20*time.Millisecond
			f.timeline(10, func(s *results.Second) { s.AwayNS = 500 * ms })
		}, ""},
		{"callers hardly kept from calling", func(f *fixture, _ *Input) {
			f.main().Model = results.ModelClosed
			f.timeline(10, func(s *results.Second) { s.AwayNS = 10 * ms })
		}, ""},
		{"a pause", func(f *fixture, _ *Input) { f.timeline(10, in(7, func(s *results.Second) { s.GCPauseNS = 250 * ms })) },
			"garbage collection stopped the generator for 250ms in second 7 of the run, phase main, at most 200ms is valid: raise GOGC"},
		{"two seconds without a core left", func(f *fixture, _ *Input) {
			f.timeline(10, func(s *results.Second) {
				if s.T > 7 {
					s.CPU = 1.93
				}
			})
		}, "the generator used all of its CPU in 2 of 10 seconds: up to 1.93 of 2 cores: lower the rate, or give it more cores"},
		{"one second without a core left", func(f *fixture, _ *Input) { f.timeline(10, in(7, func(s *results.Second) { s.CPU = 2 })) }, ""},
		{"five of a hundred", func(f *fixture, _ *Input) {
			f.timeline(100, func(s *results.Second) {
				if s.T%20 == 0 {
					s.CPU = 2
				}
			})
		}, ""},
		{"nearly all cores", func(f *fixture, _ *Input) { f.timeline(10, func(s *results.Second) { s.CPU = 1.89 }) }, ""},

		{"late for want of CPU", func(f *fixture, _ *Input) { lateSeconds(f, func(s *results.Second) { s.CPU = 1.85 }) }, "valid: it used 1.85 of 2 cores: lower the rate"},
		{"late because of others", func(f *fixture, _ *Input) { lateSeconds(f, func(s *results.Second) { s.CPU, s.CPUOthers = 0.4, 1.5 }) },
			"valid: it used 0.40 of 2 cores while other processes kept 1.50 busy: keep them off this machine"},
		{"late for a pause", func(f *fixture, _ *Input) { lateSeconds(f, func(s *results.Second) { s.GCPauseNS = 30 * ms }) }, "valid: garbage collection stopped it for 30ms: raise GOGC"},
		{"late for a stall", func(f *fixture, _ *Input) { lateSeconds(f, func(s *results.Second) { s.StallMaxNS = 300 * ms }) }, "valid: it stood still for 300ms: "},

		{"plan not kept", func(f *fixture, _ *Input) { skipped(f) }, "the plan was not kept in phase main: 1 of 1,000 calls were never offered: lower the rate"},
		{"plan not kept because of an interrupt", func(f *fixture, in *Input) { skipped(f); in.Interrupted = 130 }, ""},
		{"plan not kept because the circuit opened", func(f *fixture, in *Input) { skipped(f); in.EndedEarly = "x" }, ""},
		{"no file for a connection", func(f *fixture, _ *Input) { f.run.Generator.Unopened = 3 }, "3 connections could not be opened because this machine had no file"},
		{"overflow", func(f *fixture, _ *Input) { f.record("main", "response", results.CodeGood, 2*results.HighestNS) }, "1 durations were above the range of the histograms (1h0m0s)"},
		{"ledger", func(f *fixture, _ *Input) { f.main().Planned++ }, "phase main does not add up: 1,001 calls were planned and 1,000 accounted for"},
		{"ledger of the warm-up", func(f *fixture, _ *Input) { f.run.Phases[0].Done++ }, "phase warm-up does not add up"},
		{"ledger of follow-ups", func(f *fixture, _ *Input) { f.run.FollowUps.Planned = 3 }, "the account of follow-up calls does not add up: 3 calls were planned and 0"},

		{"a clock behind, with calls refused", func(f *fixture, _ *Input) { skew(f, 20*time.Minute, 20*time.Minute+time.Second, 900, 0) },
			"this machine's clock is 20m0s behind the server's, and 900 calls were refused for their timestamp: set the clock"},
		{"a clock ahead, with calls refused", func(f *fixture, _ *Input) { skew(f, -17*time.Minute-time.Second, -17*time.Minute, 900, 0) },
			"this machine's clock is 17m0s ahead of the server's, and 900 calls"},
		{"a clock behind, and no call refused for it", func(f *fixture, _ *Input) { skew(f, 20*time.Minute, 20*time.Minute+time.Second, 5, 5) }, ""},
		{"calls refused, and the clock is right", func(f *fixture, _ *Input) { skew(f, -time.Second, time.Second, 900, 0) }, ""},
		{"calls refused, and nobody knows the clock", func(f *fixture, _ *Input) {
			skew(f, 0, 0, 900, 0)
			f.run.Generator.SkewLowNS, f.run.Generator.SkewHighNS = nil, nil
		}, ""},
	}
	for _, c := range cases {
		f, in := newFixture(), Input{}
		c.make(f, &in)
		rec := f.summarised(t)
		Judge(rec, in)
		g := rec.Run.Generator
		why := strings.Join(g.Why, "\n")
		if g.Valid != (c.why == "") || !strings.Contains(why, c.why) || c.why == "" && why != "" {
			t.Errorf("%s: valid %v, why %q; want %q", c.name, g.Valid, why, c.why)
		}
		if exit := *rec.Run.ExitCode; c.why != "" && exit != results.ExitInvalid {
			t.Errorf("%s: exit %d", c.name, exit)
		}
	}
}

func TestSkewIsNoted(t *testing.T) {
	for _, tt := range []struct {
		low, high time.Duration
		want      string
	}{
		{-time.Second, time.Second, ""},
		{1500 * time.Millisecond, 2500 * time.Millisecond, ""},
		{3 * time.Second, 4 * time.Second, "this machine's clock is 3s behind the server's: set the clock"},
		{-5 * time.Second, -4 * time.Second, "this machine's clock is 4s ahead of the server's: set the clock"},
	} {
		f := newFixture()
		low, high := int64(tt.low), int64(tt.high)
		f.run.Generator.SkewLowNS, f.run.Generator.SkewHighNS = &low, &high
		rec := f.summarised(t)
		Judge(rec, Input{})
		Judge(rec, Input{})
		var want []string
		if tt.want != "" {
			want = []string{tt.want}
		}
		if !rec.Run.Generator.Valid || !slices.Equal(rec.Run.Notes, want) {
			t.Errorf("%s to %s: valid %v, notes %q, want %q", tt.low, tt.high, rec.Run.Generator.Valid, rec.Run.Notes, want)
		}
	}
}

// What the gate is to look at and cannot read is no pass.
func TestGateReadsOrFails(t *testing.T) {
	rec := newFixture().summarised(t)
	if err := os.Remove(filepath.Join(rec.Dir, results.TimelineFile)); err != nil {
		t.Fatal(err)
	}
	Judge(rec, Input{})
	if why := strings.Join(rec.Run.Generator.Why, ""); rec.Run.Generator.Valid || !strings.Contains(why, "the seconds of the run cannot be read: ") {
		t.Errorf("why %q without a timeline", why)
	}
}
