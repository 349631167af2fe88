package report

import (
	"math"
	"strings"

	"axbench/results"
)

// sloView is one rule and what became of it.
type sloView struct {
	Word, Mark, Class              string
	Rule, Phase                    string
	Limit, Value, Interval, Margin string
	Reason                         said   // why it was not judged
	Story                          string // of its windows, and of the run that it stopped
	Gauge                          *gaugeView
	Missed                         bool
}

// gaugeView shows where a value and its interval lie beside the limit, in per cent of the gauge's width.
type gaugeView struct {
	OKFrom, OKWidth     float64 // the side that passes
	Limit, Value        float64
	HasInterval         bool
	From, IntervalWidth float64
	Open                bool // the interval has no upper end
}

func sloOf(s *results.SLO, l language) sloView {
	v := sloView{Rule: Escape(s.Rule), Phase: Escape(s.Phase), Limit: sloLimit(s), Value: sloValue(s), Margin: l.margin(sloMargin(s)), Gauge: gaugeOf(s)}
	if v.Phase == "" {
		v.Phase = l.t("all recorded")
	}
	v.Interval = "-"
	if s.Low != nil || s.High != nil {
		low, high := l.t("no lower end"), l.t("no upper end")
		if s.Low != nil {
			low = sloNumber(*s.Low, s.Unit, false)
		}
		if s.High != nil {
			high = sloNumber(*s.High, s.Unit, false)
		}
		v.Interval = low + " – " + high
	}
	switch {
	case s.Pass == nil:
		v.Word, v.Mark, v.Class = l.t("no data"), "?", "unsure"
	case *s.Pass:
		v.Word, v.Mark, v.Class = l.t("pass"), "✓", "pass"
	default:
		v.Word, v.Mark, v.Class, v.Missed = l.t("missed"), "✕", "fail", true
	}
	if s.Reason != "" {
		v.Reason = l.say(s.Reason)
	}
	v.Story = strings.Join(sloStory(s, l), l.t("; "))
	return v
}

// margin puts the words of a margin into the language.
func (l language) margin(s string) string {
	if head, ok := strings.CutSuffix(s, " or worse"); ok {
		return l.t("%s or worse", head)
	}
	return s
}

// gaugeOf lays out a rule with a value; nil without one.
func gaugeOf(s *results.SLO) *gaugeView {
	if s.Value == nil {
		return nil
	}
	points := []float64{s.Limit, *s.Value}
	for _, p := range []*float64{s.Low, s.High} {
		if p != nil {
			points = append(points, *p)
		}
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, p := range points {
		if math.IsNaN(p) || math.Abs(p) > 1e18 {
			return nil
		}
		low, high = math.Min(low, p), math.Max(high, p)
	}
	room := (high - low) * 0.15
	if room == 0 {
		room = math.Max(math.Abs(low)*0.1, 1e-9)
	}
	low, high = low-room, high+room
	at := func(p float64) float64 { return barWidth(p-low, high-low) }
	g := &gaugeView{Limit: at(s.Limit), Value: at(*s.Value), OKWidth: at(s.Limit)}
	if !strings.Contains(s.Rule, "<") {
		g.OKFrom, g.OKWidth = g.Limit, barWidth(100-g.Limit, 100)
	}
	if s.Low == nil && s.High == nil {
		return g
	}
	from, to := 0.0, 100.0
	if s.Low != nil {
		from = at(*s.Low)
	}
	if s.High != nil {
		to = at(*s.High)
	}
	g.HasInterval, g.From, g.IntervalWidth, g.Open = true, from, barWidth(to-from, 100), s.High == nil
	return g
}
