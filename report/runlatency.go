package report

import (
	"axbench/results"
)

// latencyView is what callers waited for, and where the time went.
type latencyView struct {
	Tables   []latencyTable // a recorded phase each; all of them together where there are several
	Parts    []partLatency  // of all recorded phases, in the order of a call
	Mean     []partView     // what of the mean call each part was
	Sum      string
	Overflow []string
	None     string // why there is nothing
}

type latencyTable struct {
	Title string
	Rows  []latencyRow
}

type latencyRow struct {
	Name, Meaning string
	Count         string
	Cells         []string // mean, p50 … max
}

// partLatency is one part of a call.
type partLatency struct {
	Class, Name, Meaning string
	P50, P90, P99, Max   string
	Width50, Width99     float64 // of the widest p99
	Inside               bool    // a part of the part before
}

// latencyColumns are the quantiles of the tables.
var latencyColumns = []string{"p50", "p90", "p95", "p99", "p99.9", "p99.99", "max"}

// mainClocks are what callers and targets care for.
var mainClocks = []struct{ name, meaning string }{
	{results.Offered, "response of good answers; timeouts, unfinished and dropped calls as lower bounds (>)"},
	{"response", "from due to done, of good answers"},
	{"service", "from sent to done, of every answer"},
	{"lag", "from due to sent"},
}

// partClocks are the parts of a call in their order. The inside ones are part of the one before, and the last is in no latency.
var partClocks = []struct {
	name, label, meaning string
	inside               bool
}{
	{"queued", "queued", "waited for a free slot", false},
	{"connect", "connect", "dialled for this call, TLS included", false},
	{"tls", "TLS", "the handshake", true},
	{"late", "late", "our own lateness", false},
	{"write", "send", "first to last byte written", false},
	{"wait", "wait", "for the first byte of the answer", false},
	{"read", "read", "first to last byte read", false},
	{"sign", "sign", "building and signing the request, ahead of due: in none of the latencies", false},
}

func latencyOf(rec *results.Record, l language) latencyView {
	run := &rec.Run
	v := latencyView{}
	recorded := 0
	for i := range run.Phases {
		ph := &run.Phases[i]
		if !ph.Recorded {
			continue
		}
		recorded++
		v.add(l.t("phase %s", Escape(ph.Name)), ph.Latency, l)
	}
	all := together(rec)
	if recorded > 1 {
		v.add(l.t("all recorded phases"), all, l)
	}
	switch {
	case recorded == 0:
		v.None = l.t("no phase was recorded")
	case len(v.Tables) == 0:
		v.None = l.t("no call was measured")
	}
	v.breakdown(all, l)
	for _, c := range append(mainClockNames(), results.Clocks[:]...) {
		if q := all[c]; q.Overflow > 0 {
			v.Overflow = append(v.Overflow, l.t("%s: %s values beyond the histogram's range count in max only", c, count(q.Overflow)))
		}
	}
	return v
}

func mainClockNames() []string { return []string{results.Offered} }

func (v *latencyView) add(title string, l results.Latency, lang language) {
	t := latencyTable{Title: title}
	for _, c := range mainClocks {
		q, ok := l[c.name]
		if !ok || q.Count == 0 {
			continue
		}
		row := latencyRow{Name: lang.t(c.name), Meaning: lang.t(c.meaning), Count: count(q.Count), Cells: []string{marked(&q, "mean", durationF(q.Mean))}}
		for _, name := range latencyColumns {
			row.Cells = append(row.Cells, quantile(&q, name))
		}
		t.Rows = append(t.Rows, row)
	}
	if len(t.Rows) > 0 {
		v.Tables = append(v.Tables, t)
	}
}

// breakdown says what of the time each part of a call took.
func (v *latencyView) breakdown(all results.Latency, l language) {
	widest, mean := 0.0, 0.0
	for _, p := range partClocks {
		q := all[p.name]
		widest = max(widest, float64(q.P99))
		if !p.inside && p.name != "sign" && q.Count > 0 && q.Mean > 0 {
			mean += q.Mean
		}
	}
	for _, p := range partClocks {
		q, ok := all[p.name]
		if !ok || q.Count == 0 {
			continue
		}
		v.Parts = append(v.Parts, partLatency{Class: "part-" + p.name, Name: l.t(p.label), Meaning: l.t(p.meaning), Inside: p.inside,
			P50: quantile(&q, "p50"), P90: quantile(&q, "p90"), P99: quantile(&q, "p99"), Max: quantile(&q, "max"),
			Width50: barWidth(float64(q.P50), widest), Width99: barWidth(float64(q.P99), widest)})
		if part := q.Mean / mean; !p.inside && p.name != "sign" && part > 0 {
			v.Mean = append(v.Mean, partView{"part-" + p.name, l.t(p.label), durationF(q.Mean), percent(part), barWidth(q.Mean, mean)})
		}
	}
	if mean > 0 {
		v.Sum = durationF(mean)
	}
}
