package search

import (
	"strings"
	"testing"
	"time"

	"axbench/results"
)

// probed is a run as a probe leaves it: a second to settle and four recorded ones, all of them kept up with.
func probed(rate float64) (*results.Record, *Step, []results.Second) {
	st := &Step{Rate: rate, Settle: time.Second, Record: 4 * time.Second}
	started := time.Unix(1_700_000_000, 0)
	yes := true
	phase := func(name string, d time.Duration) results.Phase {
		n := int64(rate * d.Seconds())
		open := int64(rate * 0.02)
		return results.Phase{Name: name, Recorded: name == PhaseProbe, Ledger: results.Ledger{Planned: n, Done: n}, Sent: n, Good: n, DoneInside: n - open,
			GoodInside: n - open, DurationNS: int64(d), ElapsedNS: int64(d), Codes: []results.Code{{Code: "OK", Class: results.ClassOK, Count: n, Expected: n}},
			Latency: results.Latency{results.Offered: {Count: n, P50: 20e6, P99: 25e6}, results.ClockService.String(): {Count: n, P50: 20e6, P99: 25e6}}}
	}
	rec := &results.Record{Run: results.Run{Started: started, Phases: []results.Phase{phase(PhaseSettle, st.Settle), phase(PhaseProbe, st.Record)},
		Totals: results.Phase{Ledger: results.Ledger{Done: 1}}, Generator: results.Generator{Valid: true},
		SLOs: []results.SLO{{Rule: "p99(offered) < 50ms", Pass: &yes}}, Reasons: []string{}}}
	var seconds []results.Second
	for i := range int64(5) {
		name := PhaseProbe
		if i == 0 {
			name = PhaseSettle
		}
		seconds = append(seconds, results.Second{T: i, Phase: name, Planned: int64(rate), Done: int64(rate), Good: int64(rate)})
	}
	return rec, st, seconds
}

// refuse turns a share of the recorded answers into refusals that first came at an instant.
func refuse(rec *results.Record, seconds []results.Second, share float64, code string, first time.Duration) {
	no := false
	p := &rec.Run.Phases[1]
	n := int64(share * float64(p.Planned))
	at := rec.Run.Started.Add(first)
	p.Good -= n
	p.Codes[0].Count -= n
	p.Codes = append(p.Codes, results.Code{Code: code, Class: results.ClassBusiness, Count: n, FirstSeen: &at})
	for i := range seconds {
		if seconds[i].T >= int64(first.Seconds()) {
			seconds[i].Good -= int64(share * float64(seconds[i].Planned))
		}
	}
	rec.Run.SLOs[0] = results.SLO{Rule: "good >= 99%", Pass: &no}
	rec.Run.Reasons = []string{"good >= 99% was missed: it is 80%"}
}

func TestJudge(t *testing.T) {
	no := false
	cases := []struct {
		name    string
		spoil   func(rec *results.Record, st *Step, s []results.Second)
		cut     string
		verdict Verdict
		limit   results.Limit
		steady  float64 // about
		says    string
	}{
		{"held", func(*results.Record, *Step, []results.Second) {}, "", Held, "", 0, ""},
		{"a rule missed", func(rec *results.Record, _ *Step, _ []results.Second) {
			rec.Run.SLOs[0].Pass = &no
			rec.Run.Reasons = []string{"p99(offered) < 50ms was missed: it is 70ms"}
		}, "", Lost, results.LimitSaturation, 0, "it is 70ms"},
		{"answers fall behind although every rule passes", func(rec *results.Record, _ *Step, s []results.Second) {
			rec.Run.Phases[1].DoneInside -= 100
			for i := range s {
				s[i].Done, s[i].Good = s[i].Done-25, s[i].Good-25
			}
		}, "", Lost, results.LimitSaturation, 475, "answers fall behind: 100 of 2,000 calls more"},
		{"a few more are open at the end", func(rec *results.Record, _ *Step, _ []results.Second) { rec.Run.Phases[1].DoneInside -= 12 }, "", Held, "", 0, ""},
		{"as many are open as at the begin", func(rec *results.Record, _ *Step, _ []results.Second) {
			rec.Run.Phases[0].DoneInside -= 300
			rec.Run.Phases[1].DoneInside -= 300
		}, "", Held, "", 0, ""},
		{"slower than the settle phase", func(rec *results.Record, _ *Step, _ []results.Second) {
			rec.Run.Phases[0].DoneInside = 0
			rec.Run.Phases[1].DoneInside -= 900
			rec.Run.Phases[1].Latency[results.ClockService.String()] = results.Quantiles{P50: 1.8e9}
		}, "", Unknown, "", 0, "nobody can tell"},
		{"cut short", func(rec *results.Record, _ *Step, s []results.Second) {
			for i := range s {
				s[i].Good = 300
			}
		}, "answers fall behind: x", Lost, results.LimitSaturation, 300, "answers fall behind: x"},
		{"throttled", func(rec *results.Record, _ *Step, s []results.Second) {
			refuse(rec, s, 0.2, "isv.FLOW_LIMIT", 1200*time.Millisecond)
		}, "",
			Lost, results.LimitThrottle, 400, "it is 80%"},
		{"throttled by the gateway", func(rec *results.Record, _ *Step, s []results.Second) {
			refuse(rec, s, 0.2, "Throttling.Api", 500*time.Millisecond)
		}, "",
			Lost, results.LimitThrottle, 400, ""},
		{"out of numbers", func(rec *results.Record, _ *Step, s []results.Second) {
			refuse(rec, s, 0.1, "isv.NO_AVAILABLE_NUMBER", 1500*time.Millisecond)
		}, "", Lost, results.LimitExhaustion, 450, ""},
		{"errors", func(rec *results.Record, _ *Step, s []results.Second) {
			refuse(rec, s, 0.1, "isp.SYSTEM_ERROR", time.Second)
		}, "", Lost, results.LimitErrors, 0, ""},
		{"invalid", func(rec *results.Record, _ *Step, s []results.Second) {
			refuse(rec, s, 0.1, "isp.SYSTEM_ERROR", time.Second)
			rec.Run.Generator.Valid, rec.Run.Generator.Why = false, []string{"late"}
		}, "", Unknown, results.LimitGenerator, 0, "late"},
		{"too few calls", func(rec *results.Record, _ *Step, _ []results.Second) {
			rec.Run.SLOs[0].Pass, rec.Run.SLOs[0].Reason = nil, "p99 needs 368 samples, there are 200"
		}, "", Unknown, "", 0, "needs 368"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			rec, st, seconds := probed(500)
			c.spoil(rec, st, seconds)
			o, reasons := Judge(rec, seconds, st, 2*time.Second, c.cut)
			if o.Verdict != c.verdict || o.Limit != c.limit || o.Dead {
				t.Errorf("verdict %d, limit %q, dead %t; want %d, %q", o.Verdict, o.Limit, o.Dead, c.verdict, c.limit)
			}
			if o.Steady < c.steady-1 || o.Steady > c.steady+1 {
				t.Errorf("steady %v, want %v", o.Steady, c.steady)
			}
			if sum := seconds[1].Good + seconds[2].Good + seconds[3].Good + seconds[4].Good; o.Goodput == nil || *o.Goodput != float64(sum)/4 {
				t.Errorf("goodput %v, want %d in 4s", o.Goodput, sum)
			}
			if all := strings.Join(reasons, "\n"); !strings.Contains(all, c.says) || (c.says == "" && c.verdict == Held && all != "") {
				t.Errorf("it says %q, want %q", all, c.says)
			}
		})
	}
}

// TestJudgeBurst: what passed before the first refusal is what the bucket held, and a refusal before the recorded part says that it was
// empty there.
func TestJudgeBurst(t *testing.T) {
	rec, st, seconds := probed(500)
	refuse(rec, seconds, 0.2, "isv.FLOW_LIMIT", 1500*time.Millisecond)
	o, _ := Judge(rec, seconds, st, 0, "")
	if !o.Throttled || o.Flushed || o.Passed != 750 || o.PassedIn != 1500*time.Millisecond { // at 500/s
		t.Errorf("throttled %t, flushed %t, %v passed in %s; want 750 in 1.5s", o.Throttled, o.Flushed, o.Passed, o.PassedIn)
	}
	unknown := &searcher{passed: []passing{{o.Passed, o.PassedIn}}}
	known := &searcher{passed: unknown.passed, level: 400}
	if unknown.burst() != 750 || known.burst() != 150 { // (500-400)/s for 1.5 s
		t.Errorf("a burst of %v, and of %v once the steady rate is known; want 750 and 150", unknown.burst(), known.burst())
	}
	rec, st, seconds = probed(500)
	refuse(rec, seconds, 0.2, "isv.FLOW_LIMIT", 600*time.Millisecond)
	if o, _ = Judge(rec, seconds, st, 0, ""); !o.Flushed || o.Steady != 400 {
		t.Errorf("a refusal in the settle phase: flushed %t, steady %v; want 1600 in 4s", o.Flushed, o.Steady)
	}
}

// TestJudgeDead: a run without an answer, and one that the breaker ended for who sent it, are no facts about a rate.
func TestJudgeDead(t *testing.T) {
	rec, st, seconds := probed(500)
	rec.Run.Totals.Done, rec.Run.Reasons = 0, []string{"no call was answered"}
	if o, reasons := Judge(rec, seconds, st, 0, ""); !o.Dead || len(reasons) != 1 {
		t.Errorf("%+v, %q", o, reasons)
	}
	rec, st, seconds = probed(500)
	rec.Run.Phases[1].NotOffered, rec.Run.SLOs[0].Pass = 500, nil
	if o, _ := Judge(rec, seconds, st, 0, ""); !o.Dead {
		t.Errorf("%+v", o)
	}
}

func TestLagging(t *testing.T) {
	second := func(t, planned, ended, open int64) []results.Second {
		return []results.Second{{T: t, Phase: PhaseSettle, Done: ended / 2, InFlight: open}, {T: t, Phase: PhaseProbe, Planned: planned, Done: ended - ended/2, InFlight: open}}
	}
	l := Lagging{Step: &Step{Rate: 800, Settle: time.Second, Record: 5 * time.Second}}
	cases := []struct {
		name  string
		lines []results.Second
		lost  bool
	}{
		{"half of them", second(1, 800, 400, 700), true},
		{"in the settle phase", second(0, 800, 400, 400), false},
		{"nearly all", second(1, 800, 780, 700), false},
		{"nothing ended: it may be slow", second(1, 800, 0, 1600), false},
		{"few calls", second(1, 20, 10, 20), false},
		{"nothing is open", second(1, 800, 400, 3), false},
		{"no lines", nil, false},
	}
	for _, c := range cases {
		if got := l.Second(c.lines); (got != "") != c.lost {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}
