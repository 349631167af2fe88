package report

import (
	"math/rand/v2"
	"time"

	"axbench/results"
)

func ptr[T any](v T) *T { return &v }

// verdict ends a run.
func verdict(run *results.Run, v results.Verdict, code int, reasons ...string) {
	run.Verdict, run.ExitCode, run.Reasons = v, &code, reasons
}

// clause makes the account of one clause.
func clause(id, level, sentence string, n, checked int64, evidence int) results.Violation {
	v := results.Violation{Clause: id, Level: level, Sentence: sentence, Count: n, Checked: checked, FirstEvidence: evidence}
	if n == 0 && checked > 0 {
		v.Bound99 = 4.61 / float64(checked)
	}
	return v
}

func keptClauses(checked, ok int64) []results.Violation {
	return []results.Violation{
		clause("RSP-1", "MUST", "An answer is one JSON object.", 0, checked, 0),
		clause("RSP-2", "MUST", "RequestId is a non-empty string, unique over all answers.", 0, checked, 0),
		clause("RSP-9", "MUST", "SecretBindDTO is present if and only if Code is OK.", 0, checked, 0),
		clause("INV-1", "MUST", "SubsId is unique over all bindings.", 0, ok, 0),
	}
}

func uniques(n, subs int64) []results.Unique {
	return []results.Unique{
		{What: "RequestId", Clause: "RSP-2", Checked: n, Seen: n},
		{What: "SubsId", Clause: "INV-1", Checked: subs, Seen: subs},
		{What: "live (X,A) and (X,B)", Clause: "INV-2", Checked: subs, Seen: subs},
	}
}

var samples = []sample{
	{
		name: "pass",
		phases: []samplePhase{
			{name: "warmup", warmup: true, shape: "constant 100/s", seconds: 2, n: 200, codes: []sampleCode{codeOK}, latency: lognormal(4*time.Millisecond, 20*time.Millisecond)},
			{name: "main", shape: "constant 500/s", seconds: 6, n: 3000, codes: []sampleCode{codeOK, codeNumber.times(30).asked()}, latency: lognormal(3*time.Millisecond, 12*time.Millisecond)},
		},
		after: func(run *results.Run, _ *results.Record) {
			verdict(run, results.VerdictPass, results.ExitPass, "all 3 rules held")
			run.SLOs = []results.SLO{
				{Rule: "p99(offered) < 50ms", Limit: 50e6, Value: ptr(12.1e6), Low: ptr(11.4e6), High: ptr(13.0e6), Unit: "ns", Pass: ptr(true)},
				{Rule: "good >= 99% in main", Phase: "main", Limit: 0.99, Value: ptr(1.0), Low: ptr(0.9985), High: ptr(1.0), Unit: "share", Pass: ptr(true)},
				{Rule: "goodput > 450", Limit: 450, Value: ptr(500.0), Unit: "per_s", Pass: ptr(true)},
			}
			run.Violations, run.Unique = keptClauses(3200, 3170), uniques(3200, 3170)
			run.Bindings = results.Bindings{Created: 3170, Unbound: 3170}
			run.FollowUps = results.Phase{Name: results.FollowUpPhase, Model: results.ModelOpen, Sent: 3170, Good: 3170,
				Ledger: results.Ledger{Planned: 3170, Done: 3170},
				Codes: []results.Code{{Code: "OK", Class: results.ClassOK, Documented: true, TextZH: "请求成功", TextEN: "request succeeded",
					HTTPStatus: []int{200}, Count: 3170, Share: 1, Response: results.Quantiles{Count: 3170, P50: 1_200_000, P99: 4_100_000}}}}
		},
	},
	{
		name: "slo-missed",
		phases: []samplePhase{
			{name: "main", shape: "constant 400/s", seconds: 5, n: 2000, codes: []sampleCode{codeOK, codeFlow.times(120)},
				latency: lognormal(20*time.Millisecond, 80*time.Millisecond), timeouts: 12},
		},
		after: func(run *results.Run, _ *results.Record) {
			verdict(run, results.VerdictFail, results.ExitSLO, "p99(offered) < 100ms was missed: more than 10.0 s", "good >= 99% was missed: 93.40 %",
				"p99.99(service) < 1s could not be judged: p99.99 needs 36,887 samples, there are 1,988")
			run.SLOs = []results.SLO{
				{Rule: "p99(offered) < 100ms", Limit: 100e6, Value: ptr(10.001e9), Low: ptr(95e6), Unit: "ns", Bound: true, Pass: ptr(false)},
				{Rule: "good >= 99%", Limit: 0.99, Value: ptr(0.934), Low: ptr(0.922), High: ptr(0.944), Unit: "share", Pass: ptr(false)},
				{Rule: "count(isv.FLOW_LIMIT) <= 0", Limit: 0, Value: ptr(120.0), Unit: "count", Pass: ptr(false)},
				{Rule: "p99.99(service) < 1s", Limit: 1e9, Unit: "ns", Reason: "p99.99 needs 36,887 samples, there are 1,988"},
			}
			run.Violations, run.Unique = keptClauses(1988, 1868), uniques(1988, 1868)
			run.Bindings = results.Bindings{Created: 1868, Unknown: 12, Left: 1868}
		},
	},
	{
		name: "aborted",
		phases: []samplePhase{
			{name: "ramp", shape: "ramp 100/s to 400/s", seconds: 3, n: 750, codes: []sampleCode{codeOK}, latency: lognormal(10*time.Millisecond, 40*time.Millisecond)},
			{name: "main", shape: "constant 400/s", seconds: 5, n: 2000, cut: 6000, codes: []sampleCode{codeOK}, latency: func(r *rand.Rand, i int) time.Duration {
				return lognormal(10*time.Millisecond, 40*time.Millisecond)(r, i) + time.Duration(i)*100*time.Microsecond
			}},
		},
		before: func(run *results.Run) { run.Phases[1].DurationNS = 20e9 },
		after: func(run *results.Run, _ *results.Record) {
			const stopped = "the run was stopped by p99(offered) < 200ms over 2s in ramp, main"
			verdict(run, results.VerdictFail, results.ExitSLO, "p99(offered) < 200ms over 2s in ramp, main was missed at 8s: it is 223ms, from 6s to 8s; the run was stopped",
				"good >= 99% could not be judged: "+stopped, "p99.9(offered) < 1s over 5s could not be judged: p99.9 needs 3,688 samples, in no window of 5s are there more than 2,000")
			run.SLOs = []results.SLO{
				{Rule: "p99(offered) < 200ms over 2s in ramp, main abort after 4s", Phase: "ramp, main", Limit: 200e6, Value: ptr(223e6), Low: ptr(219e6), High: ptr(231e6), Unit: "ns",
					Pass: ptr(false), Window: &results.SLOWindow{Seconds: 2, Worst: 6, Judged: 6, Missed: 1, Thin: 1}, AbortedNS: 8e9},
				{Rule: "good >= 99%", Limit: 0.99, Value: ptr(0.3143), Low: ptr(0.3046), High: ptr(0.3241), Unit: "share", Reason: stopped},
				{Rule: "good >= 90% over 3s", Limit: 0.9, Value: ptr(1.0), Low: ptr(0.9951), High: ptr(1.0), Unit: "share", Pass: ptr(true),
					Window: &results.SLOWindow{Seconds: 3, Judged: 6}},
				{Rule: "p99.9(offered) < 1s over 5s", Limit: 1e9, Unit: "ns", Reason: "p99.9 needs 3,688 samples, in no window of 5s are there more than 2,000",
					Window: &results.SLOWindow{Seconds: 5, Thin: 4}},
				{Rule: "p99(offered) < 1s over 1s in main", Phase: "main", Limit: 1e9, Value: ptr(240e6), Low: ptr(221e6), Unit: "ns", Pass: ptr(true),
					Window: &results.SLOWindow{Seconds: 1, Worst: 7, Judged: 5}},
			}
			run.Violations, run.Unique = keptClauses(2750, 2750), uniques(2750, 2750)
			run.Bindings = results.Bindings{Created: 2750, Unbound: 2750}
		},
	},
	{
		name: "nonconformant",
		phases: []samplePhase{
			{name: "main", shape: "constant 200/s", seconds: 3, n: 600, latency: lognormal(6*time.Millisecond, 30*time.Millisecond),
				codes: []sampleCode{codeOK, codeConflict.times(25), {code: "isv.MYSTERY_ERROR", class: results.ClassUndocumented, status: 200, n: 7},
					{code: results.CodeMalformed, class: results.ClassMalformed, en: "an HTTP answer without a readable code", status: 502, n: 2}}},
		},
		samples: []results.Evidence{
			{Time: sampleStart, Phase: "main", Operation: "BindAxb", Code: "isv.MYSTERY_ERROR", Class: results.ClassUndocumented, ResponseNS: 5_100_000,
				Request: "GET /?Action=BindAxb&PhoneNoA=15077123018 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n",
				Answer:  "HTTP/1.1 200 OK\r\n\r\n{\"Code\":\"isv.MYSTERY_ERROR\",\"Message\":\"\x1b[31m神秘\u202e\"}"},
			{Time: sampleStart, Phase: "main", Operation: "BindAxb", Code: "OK", Class: results.ClassOK, ResponseNS: 6_300_000,
				Clauses: []string{"RSP-9"}, Detail: "SecretBindDTO: expected an object, got null",
				Request: "GET /?Action=BindAxb&Expiration=2026-03-01%2017%3A00%3A00&ExpectCity=%E5%8C%97%E4%BA%AC&PhoneNoA=15077123018&PhoneNoB=15088412277&PoolKey=FC123456 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUser-Agent: axbench\r\n\r\n",
				Answer:  "HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=utf-8\r\n\r\n{\"Code\":\"OK\",\"Message\":\"请求成功\",\"RequestId\":\"0D7F0A41-0000-4000-8000-000000000001\",\"SecretBindDTO\":null}"},
		},
		after: func(run *results.Run, _ *results.Record) {
			verdict(run, results.VerdictNonconformant, results.ExitNonconformant, "7 answers with an undocumented code: isv.MYSTERY_ERROR",
				"3 MUST violations of RSP-9", "good >= 99% was missed: 94.33 %")
			run.SLOs = []results.SLO{{Rule: "good >= 99%", Limit: 0.99, Value: ptr(0.9433), Low: ptr(0.92), High: ptr(0.96), Unit: "share", Pass: ptr(false)}}
			run.Violations = append(keptClauses(600, 566)[:2],
				clause("RSP-9", "MUST", "SecretBindDTO is present if and only if Code is OK.", 3, 600, 2),
				clause("RSP-5", "SHOULD", "Message describes the code in words.", 7, 600, 1))
			run.Unique = []results.Unique{{What: "RequestId", Clause: "RSP-2", Checked: 500, Seen: 600, Full: true}, {What: "SubsId", Clause: "INV-1"}}
			run.Notes = []string{"the clock of the target is 3 s ahead"}
		},
	},
	{
		name: "closed",
		before: func(run *results.Run) {
			run.Model = results.ModelClosed
			run.Target = results.Target{URL: "http://127.0.0.1:8080/", Method: "POST", Signature: "v3", Format: "JSON", Document: "current", Proxy: "proxy.test:3128"}
			run.Host.Clock = "runtime timer (up to 1 ms late)"
		},
		phases: []samplePhase{
			{name: "main", model: results.ModelClosed, shape: "50 callers", seconds: 4, n: 1800, codes: []sampleCode{codeOK},
				latency: func(_ *rand.Rand, i int) time.Duration {
					if i%450 < 50 && i >= 450 && i < 900 {
						return 2 * time.Second
					}
					return 5*time.Millisecond + time.Duration(i%100)*time.Microsecond
				}},
		},
		after: func(run *results.Run, _ *results.Record) {
			verdict(run, results.VerdictPass, results.ExitPass, "the only rule held")
			run.SLOs = []results.SLO{{Rule: "good >= 99%", Limit: 0.99, Value: ptr(1.0), Low: ptr(0.998), High: ptr(1.0), Unit: "share", Pass: ptr(true)}}
			run.Violations, run.Unique = keptClauses(1800, 1800), uniques(1800, 1800)
		},
	},
	{
		name: "partial",
		phases: []samplePhase{
			{name: "main", shape: "constant 300/s", seconds: 3, n: 900, codes: []sampleCode{codeOK, codeSystem.times(4)}, latency: lognormal(8*time.Millisecond, 40*time.Millisecond)},
		},
		before: func(run *results.Run) { run.Phases[0].Planned, run.Phases[0].DurationNS = 3000, 10e9 },
	},
	{
		name: "no-data",
		phases: []samplePhase{
			{name: "main", shape: "constant 100/s", seconds: 1, n: 100, missed: 90, latency: lognormal(time.Millisecond, 2*time.Millisecond),
				codes: []sampleCode{{code: results.CodeRefused, class: results.ClassTransport, en: "no connection: refused, unreachable, name not found"}}},
		},
		after: func(run *results.Run, _ *results.Record) {
			verdict(run, results.VerdictNoData, results.ExitNoData, "no call was answered: no rule was judged")
			run.SLOs = []results.SLO{{Rule: "good >= 99%", Limit: 0.99, Unit: "share", Reason: "no call was answered"}}
		},
	},
	{
		name: "invalid",
		phases: []samplePhase{
			{name: "main", shape: "constant 250/s", seconds: 2, n: 500, codes: []sampleCode{codeOK}, latency: lognormal(3*time.Millisecond, 9*time.Millisecond)},
		},
		after: func(run *results.Run, _ *results.Record) {
			why := []string{
				"the generator was late in phase main: 3.2% of 500 calls by more than 10ms (p99 14ms), at most 1% is valid: it used 0.41 of 2 cores while other processes kept 1.52 busy: keep them off this machine, or lower the rate",
				"the generator stood still for 401ms in second 1 of the run, phase main, at most 200ms is valid: keep the process and the machine running, and the cores free",
			}
			verdict(run, results.VerdictInvalid, results.ExitInvalid, why...)
			g := &run.Generator
			g.LateP99NS, g.LateMaxNS, g.StallMaxNS, g.CPUOthers = 14e6, 31e6, 401e6, 1.52
			g.SkewLowNS, g.SkewHighNS, g.ClockJumped = ptr(int64(-3_410_000_000)), ptr(int64(-2_500_000_000)), true
			g.Valid, g.Why = false, why
			run.Notes = append(run.Notes, "this machine's clock is 3s ahead of the server's: set the clock")
			run.Violations, run.Unique = keptClauses(500, 500), uniques(500, 500)
		},
	},
	{
		name: "bounds",
		phases: []samplePhase{
			{name: "step-1", shape: "constant 200/s", seconds: 2, n: 400, codes: []sampleCode{codeOK}, latency: lognormal(20*time.Millisecond, 70*time.Millisecond)},
			{name: "step-2", shape: "constant 600/s", seconds: 2, n: 1200, codes: []sampleCode{codeOK}, latency: lognormal(60*time.Millisecond, 400*time.Millisecond),
				queued: func(i int) time.Duration { return time.Duration(i) * 3 * time.Millisecond }, dropped: 150, timeouts: 40},
		},
		after: func(run *results.Run, _ *results.Record) {
			verdict(run, results.VerdictInterrupted, 130, "interrupted by SIGINT")
			run.SLOs = []results.SLO{
				{Rule: "p50(offered) < 5s", Limit: 5e9, Value: ptr(1.4e9), Low: ptr(1.3e9), High: ptr(1.5e9), Unit: "ns", Pass: ptr(true)},
				{Rule: "p90(offered) < 5s", Limit: 5e9, Value: ptr(10.0e9), Low: ptr(3.5e9), Unit: "ns", Bound: true, Pass: ptr(false)},
			}
			run.Violations, run.Unique = keptClauses(1410, 1410), uniques(1410, 1410)
			run.Bindings = results.Bindings{Created: 1410, Unbound: 1400, Expired: 3, Unknown: 40, Left: 7}
		},
	},
	fleetSample,
}
