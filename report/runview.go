package report

import (
	"cmp"
	"strings"

	"axbench/results"
)

// runView is a run as its page tells it, in its order. All texts from outside are escaped for control characters; HTML is the
// template's.
type runView struct {
	Running   bool   // the run goes on
	Version   string // of axbench
	Verdict   bannerView
	Funnel    funnelView
	SLOs      []sloView
	Codes     codesView
	Times     timesView
	Latency   latencyView
	Clauses   clausesView
	Generator generatorView
	Facts     []fact
	Redaction string
	Again     string // the command line that makes the run again, "" where nobody wrote it down
	Notes     []said
	Bindings  bindingsView
	Missing   string // why there are no charts
}

// said is a sentence, and whether it stayed English in a page of another language.
type said struct {
	Text    string
	Foreign bool
}

// bannerView is the end of a run at a glance.
type bannerView struct {
	Word, Mark, Tone, Sentence string
	Exit                       string
	Scenario, Target, When     string
	Closed                     string // what qualifies a closed model
	Reasons                    []said
	Tiles                      []tileView
	Verdict                    string // as run.json has it
	ExitCode                   string // likewise, "" for null
}

// tileView is one figure of those that people look for first.
type tileView struct {
	Name, Value, Small string
	Alarm              bool // more than there should be
}

// newRunView draws the report up. A record without a directory is of a run that goes on: what stands in files only is left out.
func newRunView(rec *results.Record, l language) *runView {
	run := &rec.Run
	v := &runView{Version: Escape(run.Version), Verdict: bannerOf(rec, l), Funnel: funnelOf(run, l), Codes: codesOf(rec, l), Latency: latencyOf(rec, l),
		Clauses: clausesOf(run, l), Generator: generatorOf(run, l), Facts: factsOf(rec, l), Bindings: bindingsOf(rec, l)}
	for i := range run.SLOs {
		v.SLOs = append(v.SLOs, sloOf(&run.SLOs[i], l))
	}
	v.Redaction = l.t("Phone numbers are pseudonyms: as long as the real ones, with their first three digits, made with a random key of this run " +
		"that is stored nowhere. Access key id, signature, nonce and token were taken out before anything was written.")
	if len(run.Command) > 0 {
		words := make([]string, len(run.Command))
		for i, w := range run.Command {
			words[i] = shellWord(Escape(w))
		}
		v.Again = strings.Join(words, " ")
	}
	for _, n := range run.Notes {
		v.Notes = append(v.Notes, l.say(n))
	}
	return v
}

// name is what the page is called.
func (v *runView) name() string {
	return v.Verdict.Word + " · " + v.Verdict.Scenario + " · axbench"
}

// exitMeanings says what an exit code of a run stands for.
var exitMeanings = map[int]string{
	results.ExitPass:          "every rule held",
	results.ExitInternal:      "axbench itself failed",
	results.ExitUsage:         "bad use or an invalid file",
	results.ExitSLO:           "an SLO was missed",
	results.ExitNonconformant: "the target broke the document",
	results.ExitRegression:    "worse than the baseline",
	results.ExitInvalid:       "the run is not valid: it measured its generator",
	results.ExitNoData:        "nothing measured, incomplete or inconclusive",
	results.ExitRefused:       "refused by a safety guard",
	130:                       "interrupted (SIGINT)",
	143:                       "ended from outside (SIGTERM)",
}

// toneOf is the colour and the shape of a verdict.
func toneOf(v results.Verdict) (tone, mark string) {
	switch v {
	case results.VerdictPass:
		return "good", "✓"
	case results.VerdictFail, results.VerdictNonconformant, results.VerdictWorse:
		return "bad", "✕"
	}
	return "open", "▲"
}

func bannerOf(rec *results.Record, l language) bannerView {
	run := &rec.Run
	b := bannerView{Scenario: Escape(run.Scenario), Target: Escape(run.Target.URL), Verdict: Escape(string(run.Verdict))}
	if b.Target == "emulator" {
		b.Target = l.t("the embedded emulator")
	}
	b.Tone, b.Mark = toneOf(run.Verdict)
	if w, ok := verdictWords[run.Verdict]; ok {
		b.Word, b.Sentence = l.t(w.word), l.t(w.sentence)
	} else {
		b.Word, b.Sentence = cmp.Or(Escape(strings.ToUpper(string(run.Verdict))), l.t("NO VERDICT")), l.t("a verdict this version does not know")
	}
	b.Exit = l.t("no exit code yet")
	if run.ExitCode != nil {
		code := *run.ExitCode
		b.ExitCode = number(float64(code), 0)
		b.Exit = l.t("exit code %s", b.ExitCode)
		if meaning, ok := exitMeanings[code]; ok {
			b.Exit = l.t("exit code %s: %s", b.ExitCode, l.t(meaning))
		}
	}
	b.When = run.Started.UTC().Format("2006-01-02 15:04:05 UTC")
	for _, r := range run.Reasons {
		b.Reasons = append(b.Reasons, l.say(r))
	}
	if closed(run) {
		b.Closed = l.t(closedSentence)
	}
	b.Tiles = tilesOf(rec, l)
	return b
}

// tilesOf picks the figures of the recorded phases that people look for first.
func tilesOf(rec *results.Record, l language) []tileView {
	run := &rec.Run
	var planned, good, inside, elapsed, recorded int64
	for i := range run.Phases {
		if ph := &run.Phases[i]; ph.Recorded {
			recorded++
			planned, good, inside, elapsed = planned+ph.Planned, good+ph.Good, inside+ph.GoodInside, elapsed+ph.ElapsedNS
		}
	}
	if recorded == 0 {
		return nil
	}
	tiles := []tileView{{Name: l.t("good"), Value: share(good, planned), Small: l.t("%s of %s planned", count(good), count(planned))}}
	goodput := tileView{Name: l.t("goodput"), Value: "-", Small: l.t("good answers a second")}
	if elapsed > 0 {
		goodput.Value = rate(float64(inside) / (float64(elapsed) / 1e9))
	}
	tiles = append(tiles, goodput)
	offered := rec.Offered("").Summary()
	for _, name := range []string{"p50", "p99"} {
		tiles = append(tiles, tileView{Name: name, Value: quantile(&offered, name), Small: l.t("response time as offered")})
	}
	var undocumented, broken int64
	for _, ph := range []*results.Phase{&run.Totals, &run.FollowUps} {
		for i := range ph.Codes {
			if ph.Codes[i].Class == results.ClassUndocumented {
				undocumented += ph.Codes[i].Count
			}
		}
	}
	for i := range run.Violations {
		if v := &run.Violations[i]; v.Clause != results.ClauseUnderLoad {
			broken += v.Count
		}
	}
	return append(tiles, tileView{l.t("undocumented"), count(undocumented), l.t("answers with a code of no list"), undocumented > 0},
		tileView{l.t("violations"), count(broken), l.t("broken clauses, warm-up included"), broken > 0})
}
