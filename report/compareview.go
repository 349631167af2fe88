package report

import (
	"fmt"
	"math"
	"slices"

	"axbench/results"
)

// compareView is a comparison as its page shows it.
type compareView struct {
	Version                  string
	Word, Tone, Mark         string
	Verdict, ExitCode        string
	Scenario, Exit, Sentence string
	Reasons, Notes           []said
	Tiles                    []tileView
	Runs                     []comparedRunView
	Differences              []differenceView
	Metrics                  []metricView
	Phased                   bool
	Level                    string
	Codes                    []codeChangeView
	Clauses                  []clauseChangeView
	Generator                []ownView
	Missing                  string // why there are no charts
}

type comparedRunView struct{ Side, Started, Calls, Length, Verdict, Target, Version, Dir string }

type differenceView struct {
	What      said
	Base, New string
	Decides   bool
}

// metricView is one metric. Gauge shows its change: shaded is what does not matter, the line is no change.
type metricView struct {
	Name, Phase, Base, New    string
	Change, Interval, Matters string
	Word, Mark, Class, Needs  string
	Reason                    said
	Gauge                     *gaugeView
}

type codeChangeView struct{ Code, Class, Base, New, Word, Tone string }

type clauseChangeView struct{ Clause, Level, Base, New, Word, Tone, Sentence string }

type ownView struct{ Name, Base, New string }

// changeTones are the class and the mark of the verdict of a metric, never told by colour alone.
var changeTones = map[results.Change][2]string{
	results.ChangeWorse: {"fail", "✕"}, results.ChangeBetter: {"pass", "▲"}, results.ChangeSame: {"pass", "✓"}, results.ChangeInconclusive: {"unsure", "?"},
}

func newCompareView(c *results.Comparison, l language) *compareView {
	w := changeWord(c, Escape)
	v := &compareView{Version: Escape(c.Version), Word: l.t(w.word), Sentence: l.t(w.sentence), Verdict: Escape(string(c.Verdict)), ExitCode: number(float64(c.ExitCode), 0),
		Scenario: Escape(c.Scenario), Phased: phased(c), Tone: "open", Mark: "▲"}
	switch w.style {
	case red:
		v.Tone, v.Mark = "bad", "✕"
	case green:
		v.Tone, v.Mark = "good", "✓"
	}
	v.Exit = l.t("exit code %s", v.ExitCode)
	if meaning, ok := compareExits[c.ExitCode]; ok {
		v.Exit = l.t("exit code %s: %s", v.ExitCode, l.t(meaning))
	}
	for _, r := range c.Reasons {
		v.Reasons = append(v.Reasons, l.say(r))
	}
	for _, n := range c.Notes {
		v.Notes = append(v.Notes, l.say(n))
	}
	v.Level = l.t("Intervals are of the change and hold for all %s metrics together: where nothing changed, the chance that any reads worse is at most %s. Same is what a 95 %% interval shows.",
		count(int64(c.Judged)), percent0(c.Level))
	v.runs(c, l)
	for i := range c.Metrics {
		m := &c.Metrics[i]
		v.Metrics = append(v.Metrics, metricViewOf(m, l))
		if m.Main {
			v.Tiles = append(v.Tiles, tileView{Name: Escape(m.Name), Value: delta(m), Small: changeWordOf(m.Verdict, l), Alarm: m.Verdict == results.ChangeWorse})
		}
	}
	v.changes(c, l)
	return v
}

// compareExits says what an exit code of a comparison stands for.
var compareExits = map[int]string{
	results.ExitPass:       "nothing is worse",
	results.ExitRegression: "worse than the baseline",
	results.ExitInvalid:    "the new run is not valid",
	results.ExitNoData:     "nothing measured, incomplete or inconclusive",
}

func (v *compareView) runs(c *results.Comparison, l language) {
	for i, runs := range [2][]results.ComparedRun{c.Base, c.New} {
		side := l.t("baseline")
		if i == 1 {
			side = l.t("new")
		}
		for _, r := range runs {
			v.Runs = append(v.Runs, comparedRunView{Side: side, Started: r.Started.UTC().Format("2006-01-02 15:04:05 UTC"), Calls: count(r.Planned), Length: durationF(r.Seconds * 1e9),
				Verdict: runWord(r.Verdict, l), Target: Escape(r.Target), Version: Escape(r.Version), Dir: Escape(r.Dir)})
		}
	}
	for _, d := range c.Differences {
		v.Differences = append(v.Differences, differenceView{What: l.say(d.What), Base: Escape(d.Base), New: Escape(d.New), Decides: d.Decides})
	}
	for i := range c.Generator {
		f := &c.Generator[i]
		name := Escape(f.Name)
		if known, ok := ownNames[f.Name]; ok {
			name = l.t(known)
		}
		v.Generator = append(v.Generator, ownView{Name: name, Base: ownValue(f.Base, f.Unit), New: ownValue(f.New, f.Unit)})
	}
}

// runWord is the verdict of a run.
func runWord(verdict results.Verdict, l language) string {
	if w, ok := verdictWords[verdict]; ok {
		return l.t(w.word)
	}
	return Escape(string(verdict))
}

// changeWordOf is the verdict of a metric in words.
func changeWordOf(v results.Change, l language) string {
	switch v {
	case results.ChangeWorse:
		return l.t("worse")
	case results.ChangeBetter:
		return l.t("better")
	case results.ChangeSame:
		return l.t("same")
	case results.ChangeInconclusive:
		return l.t("inconclusive")
	}
	return Escape(string(v))
}

func metricViewOf(m *results.MetricChange, l language) metricView {
	v := metricView{Name: Escape(m.Name), Phase: Escape(m.Phase), Base: sideValue(m.Base, m.BaseBound, m.Unit), New: sideValue(m.New, m.NewBound, m.Unit), Change: delta(m),
		Interval: deltaInterval(m.Low, m.High, m, " – "), Matters: leastEffect(m), Word: changeWordOf(m.Verdict, l), Class: "unsure", Mark: "?", Reason: l.say(m.Reason),
		Gauge: changeGauge(m)}
	if v.Phase == "" {
		v.Phase = l.t("all recorded")
	}
	if tone, ok := changeTones[m.Verdict]; ok {
		v.Class, v.Mark = tone[0], tone[1]
	}
	if m.Verdict == results.ChangeInconclusive && m.Needs > 1 {
		v.Needs = l.t("it takes about %s times as many calls", significantPlain(m.Needs))
	}
	return v
}

// changeGauge lays out the change of a metric; nil where it is not known.
func changeGauge(m *results.MetricChange) *gaugeView {
	if m.Delta == nil {
		return nil
	}
	points := []float64{0, *m.Delta, -m.MinEffect, m.MinEffect}
	for _, p := range []*float64{m.Low, m.High} {
		if p != nil {
			points = append(points, *p)
		}
	}
	if slices.ContainsFunc(points, func(p float64) bool { return math.IsNaN(p) || math.Abs(p) > 1e18 }) {
		return nil
	}
	low, high := slices.Min(points), slices.Max(points)
	room := math.Max((high-low)*0.05, 1e-9)
	low, high = low-room, high+room
	at := func(p float64) float64 { return barWidth(p-low, high-low) }
	g := &gaugeView{Limit: at(0), Value: at(*m.Delta), OKFrom: at(-m.MinEffect), OKWidth: barWidth(at(m.MinEffect)-at(-m.MinEffect), 100)}
	if m.Low == nil && m.High == nil {
		return g
	}
	from, to := 0.0, 100.0
	if m.Low != nil {
		from = at(*m.Low)
	}
	if m.High != nil {
		to = at(*m.High)
	}
	g.HasInterval, g.From, g.IntervalWidth, g.Open = true, from, barWidth(to-from, 100), m.High == nil
	return g
}

// changes fills codes and clauses.
func (v *compareView) changes(c *results.Comparison, l language) {
	of := func(n, all int64) string { return l.t("%s of %s", count(n), count(all)) }
	tone := func(change results.Change) string {
		if change == results.ChangeWorse {
			return "lost"
		}
		return ""
	}
	for i := range c.Codes {
		x := &c.Codes[i]
		word := l.t("vanished")
		if x.Appeared {
			word = l.t("appeared")
		}
		switch {
		case x.Verdict != "":
			word = l.t("%s: %s", word, changeWordOf(x.Verdict, l))
		case x.Significant:
			word = l.t("%s, no chance", word)
		default:
			word = l.t("%s, may be chance", word)
		}
		v.Codes = append(v.Codes, codeChangeView{Code: Escape(x.Code), Class: className(x.Class, l), Base: of(x.Base, x.BaseOf), New: of(x.New, x.NewOf), Word: word, Tone: tone(x.Verdict)})
	}
	for i := range c.Clauses {
		x := &c.Clauses[i]
		word := l.t("holds again")
		if x.Broken {
			word = l.t("newly broken")
		}
		if x.Verdict != "" {
			word = l.t("%s: %s", word, changeWordOf(x.Verdict, l))
		}
		v.Clauses = append(v.Clauses, clauseChangeView{Clause: Escape(x.Clause), Level: Escape(x.Level), Base: of(x.Base, x.BaseChecked), New: of(x.New, x.NewChecked),
			Word: word, Tone: tone(x.Verdict), Sentence: Escape(x.Sentence)})
	}
}

// className is a class in words.
func className(class results.Class, l language) string {
	if w, ok := classWords[class]; ok {
		return l.t(w)
	}
	return Escape(fmt.Sprint(class))
}
