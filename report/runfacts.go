package report

import (
	"fmt"
	"strings"
	"time"

	"axbench/results"
)

// generatorView says whether the generator itself was in order.
type generatorView struct {
	Word, Mark, Class string
	Why               []said
	Facts             []fact
	Overflow          string
	Fleet             *fleetView // of several
}

func generatorOf(run *results.Run, l language) generatorView {
	g := &run.Generator
	v := generatorView{}
	switch {
	case g.Valid:
		v.Word, v.Mark, v.Class = l.t("valid: the generator kept the plan"), "✓", "pass"
	case run.Verdict == results.VerdictPartial:
		v.Word, v.Mark, v.Class = l.t("not judged"), "?", "unsure"
	default:
		v.Word, v.Mark, v.Class = l.t("not valid: the numbers do not describe the target"), "✕", "fail"
	}
	for _, w := range g.Why {
		v.Why = append(v.Why, l.say(w))
	}
	add := func(name, value string) { v.Facts = append(v.Facts, fact{name, value}) }
	add(l.t("lateness"), l.t("p99 %s, max %s (our own share of lag)", duration(g.LateP99NS), duration(g.LateMaxNS)))
	if g.StallMaxNS > 0 {
		add(l.t("stood still"), l.t("%s at most", duration(g.StallMaxNS)))
	}
	if run.Host.Clock != "" {
		add(l.t("clock"), l.say(run.Host.Clock).Text)
	}
	if skew := skewOf(g, l); skew != "" {
		add(l.t("server clock"), skew)
	}
	if g.CPUCores > 0 {
		busy := l.t("%s cores busy of %s", number(g.CPUCores, 2), count(int64(run.Host.Cores)))
		if run.Fleet != nil {
			busy = l.t("%s cores busy", number(g.CPUCores, 2))
		}
		add(l.t("CPU"), busy)
	}
	if g.CPUOthers > 0 {
		add(l.t("other processes"), l.t("%s cores busy", number(g.CPUOthers, 2)))
	}
	if g.CPUPerCallUS > 0 {
		add(l.t("CPU per call"), number(g.CPUPerCallUS, 1)+" µs")
	}
	if g.RSSMaxBytes > 0 {
		add(l.t("memory"), l.t("%s at most", size(g.RSSMaxBytes)))
		add(l.t("longest GC pause"), duration(g.GCPauseMaxNS))
	}
	if g.MaxInFlight > 0 || g.Limit > 0 {
		flight := l.t("%s at most", count(g.MaxInFlight))
		if g.Limit > 0 {
			flight = l.t("%s at most of %s allowed", count(g.MaxInFlight), count(g.Limit))
		}
		add(l.t("in flight"), flight)
		add(l.t("connections opened"), count(g.Connections))
	}
	if g.Overflow > 0 {
		v.Overflow = l.t("%s values lay beyond the histograms' range", count(g.Overflow))
	}
	v.Fleet = fleetOf(run, l)
	return v
}

// bindingsView says what the run left behind at the target.
type bindingsView struct {
	Counts  []fact
	Left    []string
	Command string // the clean-up's
}

func bindingsOf(rec *results.Record, l language) bindingsView {
	b := &rec.Run.Bindings
	v := bindingsView{}
	if *b == (results.Bindings{}) {
		return v
	}
	v.Counts = []fact{{l.t("created"), count(b.Created)}, {l.t("unbound"), count(b.Unbound)}, {l.t("expired"), count(b.Expired)},
		{l.t("unknown"), count(b.Unknown)}, {l.t("left"), count(b.Left)}}
	if b.Left > 0 {
		v.Left = append(v.Left, l.n("%s binding is still live. This unbinds it:", "%s bindings are still live. This unbinds them:", b.Left))
		if rec.Dir != "" {
			v.Command = "axbench cleanup " + shellQuote(Escape(rec.Dir))
		}
	}
	if b.Unknown > 0 {
		v.Left = append(v.Left, l.n("%s call without an answer may have bound: nobody here knows its SubsId, so only expiry ends it.",
			"%s calls without an answer may have bound: nobody here knows their SubsId, so only expiry ends them.", b.Unknown))
	}
	return v
}

// factsOf says what was run, where and against what.
func factsOf(rec *results.Record, l language) []fact {
	run := &rec.Run
	t, h := &run.Target, &run.Host
	var facts []fact
	add := func(name, value string) {
		if strings.Trim(value, " /") != "" {
			facts = append(facts, fact{name, Escape(value)})
		}
	}
	add(l.t("scenario"), run.Scenario)
	if m, ok := modelWords[run.Model]; ok {
		add(l.t("model"), l.t(m))
	} else {
		add(l.t("model"), run.Model)
	}
	for i, s := range shapes(run, l) {
		if i == 0 {
			add(l.t("phases"), s)
		} else {
			facts = append(facts, fact{"", s})
		}
	}
	add(l.t("started"), run.Started.UTC().Format("2006-01-02 15:04:05 UTC"))
	add(l.t("length"), lengthOf(rec, l))
	add(l.t("seed"), fmt.Sprint(run.Seed))
	if run.Offset != 0 {
		add(l.t("offset"), fmt.Sprint(run.Offset))
	}
	add(l.t("digest of the plan"), run.Digest)
	add(l.t("endpoint"), t.URL)
	add(l.t("method"), joined(t.Method, t.Format))
	add(l.t("signature"), t.Signature)
	add(l.t("document"), t.Document)
	if t.TLS != "" {
		add(l.t("TLS"), l.say(t.TLS).Text)
	} else {
		add(l.t("TLS"), l.t("none"))
	}
	add(l.t("proxy"), t.Proxy)
	machine := l.t("generator")
	if run.Fleet != nil {
		machine = l.t("controller")
	}
	add(machine, joined(h.OS+"/"+h.Arch, h.Go))
	if h.Cores > 0 {
		add(l.t("cores"), count(int64(h.Cores)))
	}
	add(l.t("axbench"), run.Version)
	add(l.t("run directory"), rec.Dir)
	return facts
}

// modelWords says what the models of arrival mean.
var modelWords = map[string]string{
	results.ModelOpen:   "open: calls do not wait for answers",
	results.ModelClosed: "closed: callers wait for answers",
	results.ModelMixed:  "phases of the open and of the closed model",
}

// lengthOf says how long the run took, as far as that is known.
func lengthOf(rec *results.Record, l language) string {
	run := &rec.Run
	if run.Ended != nil {
		return duration(int64(run.Ended.Sub(run.Started)))
	}
	if rec.Dir == "" {
		return l.t("not ended")
	}
	seconds, err := rec.Timeline()
	if err != nil || len(seconds) == 0 {
		return l.t("not ended")
	}
	last := int64(0)
	for i := range seconds {
		last = max(last, seconds[i].T+1)
	}
	return l.t("not ended; on disk up to %s", (time.Duration(min(last, 1<<32)) * time.Second).String())
}
