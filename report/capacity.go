package report

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"axbench/results"
)

// capacityView is a search for capacity as every report tells it, in its order. All texts from outside are escaped.
type capacityView struct {
	Version                    string
	Word, Mark, Tone, Sentence string
	Verdict, ExitCode, Exit    string
	Scenario, Target, When     string
	Answer                     string // in one sentence
	Reasons, Notes             []said
	Tiles                      []tileView
	Limit                      limitView
	Knee                       string
	Rules                      []string
	Probes                     []probeView // in the order of the search
	ByRate                     []probeView // by their rates
	Key                        []codeKey   // of the codes
	Facts                      []fact
	Again                      string // the command line that searches again
	Dir                        string
	style                      style
	lang                       language
	esc                        func(string) string
}

// limitView says what kept the next rate from being held; no Word is for no limit.
type limitView struct{ Word, Meaning, Advice string }

// probeView is one probe.
type probeView struct {
	Step                     int
	Stage, Rate              string
	Word, Mark, Class        string
	Limit                    string
	P50, P99                 string
	Goodput, OK              string // good a second; the share of OK among the planned
	Planned, Lost, CPU, Late string
	Codes                    []probeCode
	CodeText                 string // what came beside OK
	Reasons                  []said
	Link, Dir                string // from the directory of the search; "" for none
	state                    int
	rate                     float64
}

// newCapacityView draws the report up with texts escaped by esc.
func newCapacityView(rec *results.CapacityRecord, esc func(string) string, l language) *capacityView {
	c := &rec.Capacity
	w := capacityVerdict(c.Verdict, esc, l)
	v := &capacityView{Version: esc(c.Version), Word: w.word, Sentence: w.sentence, Verdict: esc(string(c.Verdict)), Scenario: esc(c.Scenario),
		Target: esc(c.Target.URL), When: c.Started.UTC().Format("2006-01-02 15:04:05 UTC"), Dir: esc(rec.Dir), style: w.style, lang: l, esc: esc}
	v.Tone, v.Mark = toneOf(c.Verdict)
	if c.Verdict == results.VerdictPass && c.Rate.High == nil {
		v.Sentence = l.t("the target held every rate up to the highest that was tried")
	}
	if c.Target.URL == "emulator" {
		v.Target = l.t("the embedded emulator")
	}
	v.Exit = l.t("no exit code yet")
	if c.ExitCode != nil {
		v.ExitCode = strconv.Itoa(*c.ExitCode)
		v.Exit = l.t("exit code %s", v.ExitCode)
	}
	limit := limitOf(c.LimitedBy, l)
	v.Limit = limitView{limit.word, limit.meaning, limit.advice}
	v.Answer = v.answer(c)
	v.Reasons, v.Notes = v.say(c.Reasons), v.say(c.Notes)
	for _, r := range c.Rules {
		v.Rules = append(v.Rules, esc(r))
	}
	if k := c.Knee; k != nil {
		v.Knee = l.t("The curve bends at %s, where p99 is %s: beyond it, latency grows faster than throughput.", perS(k.Rate), duration(k.P99NS))
	}
	v.probes(rec)
	v.Tiles = v.tiles(c)
	v.facts(c)
	return v
}

// say puts the sentences of capacity.json into the language.
func (v *capacityView) say(list []string) []said {
	var out []said
	for _, s := range list {
		if v.lang == english {
			out = append(out, said{Text: v.esc(s)})
		} else {
			out = append(out, v.lang.say(s))
		}
	}
	return out
}

// rateText writes a rate with the digits that a search can know.
func rateText(f float64) string {
	decimals := 2
	switch abs := math.Abs(f); {
	case abs >= 99.95:
		decimals = 0
	case abs >= 9.995:
		decimals = 1
	}
	s := number(f, decimals)
	if decimals > 0 && strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

func perS(f float64) string { return rateText(f) + "/s" }

// wholePercent writes a share as it was meant: 95 % and not 95.00 %.
func wholePercent(f float64) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "-"
	}
	return strconv.FormatFloat(f*100, 'g', 6, 64) + " %"
}

// answer is what people ask a search for, in one sentence.
func (v *capacityView) answer(c *results.Capacity) string {
	l, s := v.lang, v.holds(c)
	if v.Limit.Word != "" {
		s = l.t("%s, limited by %s", s, v.Limit.Word)
	}
	if c.Plan.Rate != nil {
		s = l.t("%s; plan for %s with %s headroom", s, perS(*c.Plan.Rate), wholePercent(c.Plan.Headroom))
	}
	if c.Verdict == results.VerdictPartial || c.Verdict == results.VerdictInterrupted {
		s = l.t("so far: %s", s)
	}
	return s
}

// holds tells the rate, as far as it is known.
func (v *capacityView) holds(c *results.Capacity) string {
	l, r := v.lang, c.Rate
	switch {
	case r.Low != nil && r.High != nil && r.Value != nil:
		return l.t("holds %s (between %s and %s, %s)", perS(*r.Value), rateText(*r.Low), rateText(*r.High), wholePercent(r.Confidence))
	case r.Low != nil && r.High != nil:
		return l.t("holds between %s and %s (%s)", perS(*r.Low), perS(*r.High), wholePercent(r.Confidence))
	case r.Low != nil:
		return l.t("holds at least %s", perS(*r.Low))
	case r.High != nil:
		return l.t("holds less than %s", perS(*r.High))
	case r.Value != nil:
		return l.t("holds about %s", perS(*r.Value))
	}
	return l.t("no rate was found that is held")
}

// tiles are the figures that people look for first.
func (v *capacityView) tiles(c *results.Capacity) []tileView {
	l, r := v.lang, c.Rate
	holds := tileView{Name: l.t("rate held"), Value: "-", Small: l.t("no rate was found that is held")}
	switch {
	case r.Value != nil && r.Low != nil && r.High != nil:
		holds.Value, holds.Small = perS(*r.Value), l.t("%s to %s, %s", rateText(*r.Low), rateText(*r.High), wholePercent(r.Confidence))
	case r.Low != nil:
		holds.Value, holds.Small = "≥ "+perS(*r.Low), l.t("no upper end")
	case r.High != nil:
		holds.Value, holds.Small = "< "+perS(*r.High), l.t("no lower end")
	}
	list := []tileView{holds}
	if c.Plan.Rate != nil {
		list = append(list, tileView{Name: l.t("plan for"), Value: perS(*c.Plan.Rate), Small: l.t("%s headroom", wholePercent(c.Plan.Headroom))})
	}
	if v.Limit.Word != "" {
		list = append(list, tileView{Name: l.t("limited by"), Value: v.Limit.Word})
	}
	if k := c.Knee; k != nil {
		list = append(list, tileView{Name: l.t("knee"), Value: perS(k.Rate), Small: "p99 " + duration(k.P99NS)})
	}
	counts := [3]int{}
	for i := range v.Probes {
		counts[v.Probes[i].state]++
	}
	small := l.t("%s held, %s missed", count(int64(counts[probeHeld])), count(int64(counts[probeMissed])))
	if n := counts[probeUnsure]; n > 0 {
		small = l.t("%s held, %s missed, %s cannot tell", count(int64(counts[probeHeld])), count(int64(counts[probeMissed])), count(int64(n)))
	}
	return append(list, tileView{Name: l.t("probes"), Value: count(int64(len(v.Probes))), Small: small})
}

// probeDir is the form of a probe's directory that a page may link to: below the directory of the search, and nothing else.
var probeDir = regexp.MustCompile(`^` + results.ProbesDir + `/[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// runPageFile is the page that a run directory may hold.
const runPageFile = "report.html"

// probes draws the probes up, in the order of the search and by rate.
func (v *capacityView) probes(rec *results.CapacityRecord) {
	c := &rec.Capacity
	v.Key = codeKeys(c, v.esc, v.lang)
	for i := range c.Curve {
		p := &c.Curve[i]
		w := probeWords[probeState(p)]
		view := probeView{Step: p.Step, Stage: stageOf(p.Stage, v.esc, v.lang), Rate: rateText(p.Rate), Word: v.lang.t(w.word), Mark: w.mark, Class: w.class,
			P50: quantile(&p.Offered, "p50"), P99: quantile(&p.Offered, "p99"), Goodput: rateText(p.GoodPerSecond()), Planned: count(p.Planned),
			OK: okShare(p), Lost: count(p.Failed + p.Unfinished + p.Dropped + p.NotOffered), CPU: number(p.CPUCores, 2), Late: duration(p.LateP99NS),
			Reasons: v.say(p.Reasons), state: probeState(p), rate: p.Rate}
		if p.Limit != "" {
			view.Limit = limitOf(p.Limit, v.lang).word
		}
		view.Codes, view.CodeText = v.codesOf(p)
		if probeDir.MatchString(p.Dir) {
			view.Dir, view.Link = v.esc(p.Dir), p.Dir+"/"
			if rec.Dir != "" {
				if info, err := os.Stat(filepath.Join(rec.Dir, filepath.FromSlash(p.Dir), runPageFile)); err == nil && info.Mode().IsRegular() {
					view.Link += runPageFile
				}
			}
		}
		v.Probes = append(v.Probes, view)
	}
	v.ByRate = slices.Clone(v.Probes)
	slices.SortStableFunc(v.ByRate, func(a, b probeView) int { return cmp.Compare(a.rate, b.rate) })
}

// okShare is the share of a probe's planned calls that ended with the code of success.
func okShare(p *results.Probe) string {
	for i := range p.Codes {
		if p.Codes[i].Class == results.ClassOK {
			return share(min(p.Codes[i].Count, p.Planned), p.Planned)
		}
	}
	return share(0, p.Planned)
}

// facts says what was searched, where and against what.
func (v *capacityView) facts(c *results.Capacity) {
	l, t, h := v.lang, &c.Target, &c.Host
	add := func(name, value string) {
		if strings.Trim(value, " /") != "" {
			v.Facts = append(v.Facts, fact{name, value})
		}
	}
	add(l.t("scenario"), v.Scenario)
	add(l.t("started"), v.When)
	if c.Ended != nil {
		add(l.t("length"), duration(int64(c.Ended.Sub(c.Started))))
	} else {
		add(l.t("length"), l.t("not ended"))
	}
	add(l.t("probes"), v.spent(c))
	add(l.t("seed"), fmt.Sprint(c.Seed))
	add(l.t("endpoint"), v.esc(t.URL))
	add(l.t("method"), v.esc(joined(t.Method, t.Format)))
	add(l.t("signature"), v.esc(t.Signature))
	add(l.t("document"), v.esc(t.Document))
	add(l.t("TLS"), v.esc(t.TLS))
	add(l.t("proxy"), v.esc(t.Proxy))
	add(l.t("generator"), v.esc(joined(h.OS+"/"+h.Arch, h.Go)))
	if h.Cores > 0 {
		add(l.t("cores"), count(int64(h.Cores)))
	}
	add(l.t("axbench"), v.Version)
	add(l.t("directory"), v.Dir)
	if len(c.Command) > 0 {
		words := make([]string, len(c.Command))
		for i, w := range c.Command {
			words[i] = shellWord(v.esc(w))
		}
		v.Again = strings.Join(words, " ")
	}
}

// spent says how many calls the probes made, and how long what they recorded took.
func (v *capacityView) spent(c *results.Capacity) string {
	var calls, elapsed int64
	for i := range c.Curve {
		calls += max(c.Curve[i].Planned, 0)
		elapsed += max(c.Curve[i].ElapsedNS, 0)
	}
	return v.lang.t("%s, %s calls recorded in %s", count(int64(len(c.Curve))), count(calls), time.Duration(max(elapsed, 0)).Round(100*time.Millisecond).String())
}
