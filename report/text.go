package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"axbench/results"
)

// TextOptions says what the terminal can show.
type TextOptions struct {
	Color   bool // escape sequences for colour; never without being asked
	ASCII   bool // the terminal does not take UTF-8: no block characters, no Chinese texts
	Width   int  // cells in a line; 0 for 100
	Verbose bool // also what is as it should be: clauses that passed
}

// closedSentence qualifies every response time of a closed model (DESIGN.md "Time").
const closedSentence = "closed model: callers that wait do not call, so response time leaves out the waiting of users who would have come"

// Text writes the report of rec for a terminal: verdict, what was run, funnel, SLOs, codes, latencies, histograms,
// violated clauses, generator health, the generators where there were several, and what is left to do. It reads only the run directory and prints what that
// cannot give as a warning in its place; the error is w's alone.
func Text(w io.Writer, rec *results.Record, o TextOptions) error {
	p := newPage(o)
	run := &rec.Run
	p.verdict(rec)
	p.what(rec)
	p.funnel(run)
	p.slos(run)
	p.codes(run)
	p.latencies(rec)
	p.histograms(rec)
	p.violations(rec)
	p.health(run)
	p.fleet(run)
	p.bindings(rec)
	p.notes(run)
	_, err := io.WriteString(w, p.out.String())
	return err
}

// verdictWord is how a verdict is shown and said.
type verdictWord struct {
	word     string
	style    style
	sentence string
}

var verdictWords = map[results.Verdict]verdictWord{
	results.VerdictPass:          {"PASS", green, "every rule held, every code is documented, no answer broke a MUST clause, and the generator kept the plan"},
	results.VerdictFail:          {"FAIL", red, "a rule was missed"},
	results.VerdictNonconformant: {"NOT CONFORMANT", red, "answers broke the document"},
	results.VerdictWorse:         {"WORSE", red, "a regression against the baseline"},
	results.VerdictInvalid:       {"INVALID", yellow, "the generator did not keep the plan: the numbers do not describe the target"},
	results.VerdictNoData:        {"NO DATA", yellow, "nothing was measured, or too little to judge"},
	results.VerdictInterrupted:   {"INTERRUPTED", yellow, "the run was stopped from outside: what follows is what it had until then"},
	results.VerdictPartial: {"PARTIAL", yellow, "the run is still going on or was killed: what follows is what had reached the disk, " +
		"and nothing was judged"},
}

// verdictOf returns how the verdict of a run is told.
func verdictOf(run *results.Run, esc func(string) string) verdictWord {
	if v, ok := verdictWords[run.Verdict]; ok {
		return v
	}
	return verdictWord{esc(strings.ToUpper(string(run.Verdict))), yellow, "a verdict this version does not know"}
}

// exitWords tells the exit code.
func exitWords(run *results.Run) string {
	if run.ExitCode == nil {
		return "no exit code yet"
	}
	return fmt.Sprintf("exit code %d", *run.ExitCode)
}

func (p *page) verdict(rec *results.Record) {
	run := &rec.Run
	v := verdictOf(run, p.safe)
	p.line(cell{v.word, v.style}, cell{" · " + exitWords(run) + " · ", normal}, cell{p.safe(run.Scenario), bold},
		cell{" against " + p.safe(run.Target.URL), normal})
	p.para("  ", v.sentence, normal)
	for _, r := range run.Reasons {
		p.item(p.safe(r), normal)
	}
	if closed(run) {
		p.line()
		p.para("  ", closedSentence, bold)
	}
}

// closed tells whether any part of the run followed the closed model.
func closed(run *results.Run) bool {
	if run.Model == results.ModelClosed {
		return true
	}
	for i := range run.Phases {
		if run.Phases[i].Model == results.ModelClosed {
			return true
		}
	}
	return false
}

func (p *page) what(rec *results.Record) {
	run := &rec.Run
	p.heading("Run")
	seed := fmt.Sprintf("seed %d", run.Seed)
	if run.Offset != 0 {
		seed += fmt.Sprintf(", offset %d", run.Offset)
	}
	p.pair("scenario", p.list(run.Scenario, seed, run.Model+" model"))
	t := run.Target
	p.pair("target", p.list(t.URL, t.Method, prefixed("signature ", t.Signature), t.Format, prefixed("document ", t.Document),
		prefixed("TLS ", t.TLS), prefixed("proxy ", t.Proxy)))
	h := run.Host
	cores := ""
	if h.Cores > 0 {
		cores = fmt.Sprintf("%d cores", h.Cores)
	}
	machine := "generator"
	if run.Fleet != nil {
		machine = "controller"
	}
	p.pair(machine, p.list(h.OS+"/"+h.Arch, cores, h.Go, prefixed("axbench ", run.Version)))
	p.plan(run)
	p.pair("time", p.when(rec))
	p.pair("digest", p.safe(run.Digest))
	p.pair("directory", p.safe(rec.Dir))
}

// plan lists the phases as they were planned, a line each.
func (p *page) plan(run *results.Run) {
	name := "phases"
	for i := range run.Phases {
		ph := &run.Phases[i]
		s := p.safe(ph.Name) + ": " + p.safe(ph.Shape)
		if ph.DurationNS > 0 {
			s += " for " + duration(ph.DurationNS)
		}
		if !ph.Recorded {
			s += " (not recorded)"
		}
		p.pair(name, s)
		name = ""
	}
}

// when says start and length of the run, as far as they are known.
func (p *page) when(rec *results.Record) string {
	run := &rec.Run
	s := run.Started.UTC().Format("2006-01-02 15:04:05 UTC")
	if run.Ended != nil {
		return s + ", " + duration(int64(run.Ended.Sub(run.Started)))
	}
	seconds, err := rec.Timeline()
	if err != nil || len(seconds) == 0 {
		return s + ", not ended"
	}
	last := int64(0)
	for i := range seconds {
		last = max(last, seconds[i].T+1)
	}
	return s + ", not ended; on disk up to " + (time.Duration(min(last, 1<<32)) * time.Second).String()
}

// list joins what is there of some outside texts.
func (p *page) list(parts ...string) string {
	var kept []string
	for _, s := range parts {
		if s != "" {
			kept = append(kept, p.safe(s))
		}
	}
	return strings.Join(kept, ", ")
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}
