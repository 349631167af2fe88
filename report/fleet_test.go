package report

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"axbench/results"
)

// fleetSample is a run of four generators: one left, one was lost, one was too late.
var fleetSample = sample{
	name: "fleet",
	phases: []samplePhase{{name: "main", shape: "constant 500/s", seconds: 4, n: 2000, codes: []sampleCode{codeOK, codeConflict.times(20)}, missed: 87, unknown: 6,
		latency: lognormal(5*time.Millisecond, 25*time.Millisecond)}},
	before: func(run *results.Run) { run.Host.Clock = "" },
	after: func(run *results.Run, _ *results.Record) {
		run.Fleet = sampleFleet()
		const late = "the generator was late in phase main: 3.2% of 531 calls by more than 10ms (p99 14ms), at most 1% is valid: lower the rate, or take a faster machine"
		parts := run.Fleet.Generators
		parts[3].Generator.Valid, parts[3].Generator.Why = false, []string{late}
		parts[2].Generator.Valid = false
		why := []string{
			"generator 2 (load-c) was lost: no report of it was taken for 5.5s",
			"the plan was not kept: 87 of 2,000 arrivals were not offered, at most 1% is valid: in 2 stretches, the largest is arrivals 1,203 to 1,527: 81",
			"nobody knows how 6 calls of lost generators ended",
			"generator 3 (load-d): " + late,
		}
		verdict(run, results.VerdictInvalid, results.ExitInvalid, why...)
		var all []results.Generator
		for i := range parts {
			all = append(all, parts[i].Generator)
		}
		run.Generator = results.WorstGenerator(all)
		run.Generator.Valid, run.Generator.Why = false, why
		run.Violations, run.Unique = keptClauses(1907, 1887), uniques(1907, 1887)
		run.Notes = append(run.Notes, "generator 0 (load-a): this machine's clock is 3s ahead of the server's: set the clock")
	},
}

// sampleFleet is the ledger of that run.
func sampleFleet() *results.Fleet {
	slot := 2
	f := &results.Fleet{ID: "7f3a", Policy: results.LossRedistribute, LeaseNS: 5e9, StartBoundNS: 412_000, MaxSkewNS: 10e6, Allowed: 0.01,
		Decided: 1913, Missing: 87, Unknown: 6, Unreported: 13,
		Gaps: []results.Gap{{From: 1203, To: 1527, Count: 81, Slot: &slot}, {From: 1600, To: 1606, Count: 6}}}
	for i, n := range []int64{549, 531, 302, 531} {
		f.Generators = append(f.Generators, results.Part{Slot: i, Weight: 1, Host: "load-" + string(rune('a'+i)), PID: 4100 + i, State: results.PartEnded,
			Machine: results.Host{OS: "linux", Arch: "amd64", Cores: 4, Go: "go1.26.0", Clock: "timerfd"}, OffsetNS: int64(i-1) * 250_400_000, RTTNS: 180_000 + int64(i)*40_000,
			Ledger: results.Ledger{Planned: n, Done: n}, Sent: n, Decided: n, Windows: 16,
			Generator: results.Generator{CPUPerCallUS: 24.6 + float64(i), CPUCores: 0.02, LateP99NS: 80_000, LateMaxNS: 310_000, GCPauseMaxNS: 180_000, RSSMaxBytes: 41 << 20,
				MaxInFlight: 9, Limit: 125, Connections: 6, Valid: true}})
	}
	left, lost, late := &f.Generators[1], &f.Generators[2], &f.Generators[3]
	left.State, left.Why = results.PartLeft, "it was told to end (SIGTERM)"
	lost.State, lost.Why, lost.Unreported, lost.Late, lost.Withheld = results.PartLost, "no report of it was taken for 5.5s", 13, 2, 81
	lost.Ledger = results.Ledger{Planned: 308, Done: 302, Unfinished: 6}
	lost.Generator.CPUPerCallUS, lost.Generator.Connections = 0, 0
	late.Generator.LateP99NS, late.Generator.LateMaxNS = 14e6, 31e6
	return f
}

// TestFleetSays holds what no report of several generators may leave out.
func TestFleetSays(t *testing.T) {
	rec := sampleRun(t, "fleet")
	flat := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	for _, says := range []string{"INVALID", "exit code 6", "all 4", "2 of 4", "LOST", "handed over", "+501 ms ± 150 µs", "-250 ms ± 90.0 µs", "14.0 ms", "27.6 µs",
		"generator 2 (load-c) was lost: between 302 and 315 of its calls were sent; 2 of its reports came after that: no report of it was taken for 5.5s",
		"generator 1 (load-b) left, and the others took over what was still its own: it was told to end (SIGTERM)",
		"1,913 of 2,000 arrivals", "87 arrivals by nobody, 1 % allowed", "arrivals 1,203 to 1,527: 81 of generator 2", "arrivals 1,600 to 1,606: 6", "6 calls of lost generators: nobody knows how they ended",
		"between 1,913 and 1,926 calls", "within 412 µs of each other for certain, 10.0 ms allowed; a lease of 5.00 s"} {
		for name, got := range map[string]string{"text": flat(text(t, rec, TextOptions{})), "HTML": pageText(t, runHTML(t, rec, HTMLOptions{})),
			"Markdown": strings.ReplaceAll(flat(rendered(t, rec, "markdown")), "`", ""), "JUnit": flat(strings.ReplaceAll(rendered(t, rec, "junit"), "&#39;", "'"))} {
			inTable := name == "JUnit" && (says == "all 4" || says == "2 of 4")
			if !strings.Contains(got, says) && !inTable {
				t.Errorf("%s does not say %q", name, says)
			}
		}
	}
	zh := pageText(t, runHTML(t, rec, HTMLOptions{Lang: "zh"}))
	for _, says := range []string{"各压测端", "压测端 2 (load-c) 失联：已发出其 302 至 315 个请求；其中 2 份报告在此之后才到", "未按计划执行：2,000 个到达中有 87 个未发起，最多允许 1%：分 2 段，最大一段为到达 1,203 至 1,527：81 个",
		"压测端 3 (load-d)：压测端在阶段 main 发压迟滞：531 个请求中 3.2% 迟发超过 10ms", "到达 1,203 至 1,527：81 个，属压测端 2", "压测端 0 (load-a)：本机时钟比服务端快 3s"} {
		if !strings.Contains(zh, says) {
			t.Errorf("the Chinese page does not say %q", says)
		}
	}
	if got := text(t, sampleRun(t, "pass"), TextOptions{}); strings.Contains(got, "Generators") {
		t.Error("a run of one generator has several")
	}
}

// TestFleetInOrder: of a run in which all went well nothing is marked.
func TestFleetInOrder(t *testing.T) {
	rec := sampleRun(t, "pass")
	f := sampleFleet()
	f.Decided, f.Missing, f.Unknown, f.Unreported, f.Gaps = rec.Run.Totals.Planned, 0, 0, 0, nil
	for i := range f.Generators {
		f.Generators[i].State, f.Generators[i].Why, f.Generators[i].Generator.Valid = results.PartEnded, "", true
	}
	rec.Run.Fleet = f
	page := runHTML(t, rec, HTMLOptions{})
	if !strings.Contains(page, "3,200 of 3,200 arrivals") || strings.Contains(page, `class="problem"`) {
		t.Error("a run in order has a problem, or does not say what was decided")
	}
	if got := rendered(t, rec, "junit"); strings.Contains(got, "<error") || strings.Contains(got, "<failure") || strings.Count(got, `classname="axbench.generators"`) != 5 {
		t.Errorf("JUnit is red, or has not a test for each generator:\n%s", got)
	}
}

// TestFleetOfHundreds: the reports stay readable, whoever was worst has a row, and no figure is lost.
func TestFleetOfHundreds(t *testing.T) {
	rec := sampleRun(t, "pass")
	f := sampleFleet()
	one := f.Generators[0]
	f.Generators, f.Gaps = nil, nil
	for i := range 500 {
		p := one
		p.Slot, p.Host, p.Generator.Valid = i, fmt.Sprintf("node-%d", i), true
		p.Generator.LateP99NS = int64(i%97) * 1000
		f.Generators = append(f.Generators, p)
		f.Gaps = append(f.Gaps, results.Gap{From: int64(i) * 100, To: int64(i)*100 + 10, Count: 1 + int64(i)%9})
	}
	f.Generators[233].State, f.Generators[401].Generator.Valid = results.PartLost, false
	f.Gaps[300].Count = 10
	rec.Run.Fleet = f
	got := text(t, rec, TextOptions{})
	section := got[strings.Index(got, "\nGenerators\n"):]
	for _, says := range []string{"node-0 ", "node-3 ", "node-233", "node-401", "node-96 ", "all 500", "499 of 500", "488 generators in better order are left out", "arrivals 30,000 to 30,010: 10", "and 492 shorter stretches: "} {
		if !strings.Contains(section, says) {
			t.Errorf("the text does not say %q:\n%s", says, section)
		}
	}
	if lines := strings.Count(section, "\n"); lines > 60 || strings.Contains(section, "node-4 ") {
		t.Errorf("%d lines", lines)
	}
	if md := rendered(t, rec, "markdown"); strings.Count(md, "node-") > 20 || !strings.Contains(md, "`node-233`") {
		t.Errorf("%d generators in Markdown", strings.Count(md, "node-"))
	}
	page := runHTML(t, rec, HTMLOptions{})
	if !strings.Contains(page, "<td class=\"left\">node-4</td>") || strings.Count(page, "<td class=\"left\">node-0</td>") != 2 {
		t.Error("the page does not have every generator")
	}
	checkRunHTML(t, rec, Languages...)
	checkFormats(t, rec)
}

// TestFleetOfHostileTexts: a host, a state or a reason from anywhere is text in every format.
func TestFleetOfHostileTexts(t *testing.T) {
	for n, s := range append(markdownTexts, hostileTexts...) {
		rec := sampleRun(t, "fleet")
		for i := range rec.Run.Fleet.Generators {
			p := &rec.Run.Fleet.Generators[i]
			p.Host, p.Why, p.Generator.Why = s, s, []string{s}
			if i == n%4 {
				p.State = results.PartState(s)
			}
		}
		rec.Run.Fleet.ID, rec.Run.Fleet.Policy = s, s
		checkText(t, rec)
		checkFormats(t, rec)
		checkRunHTML(t, rec, Languages[n%len(Languages)])
	}
}
