package report

import (
	"slices"
	"strings"

	"axbench/results"
	"axbench/results/judge"
)

// clockRows is the order of the latency table: what a caller sees, what the target needs, then the parts.
var clockRows = []struct{ name, label string }{
	{results.Offered, "offered"}, {"response", "response"}, {"service", "service"},
	{"write", "  write"}, {"wait", "  wait"}, {"read", "  read"},
	{"lag", "lag"}, {"queued", "  queued"}, {"connect", "  connect"}, {"tls", "    tls"}, {"late", "  late"}, {"sign", "sign"},
}

var quantileNames = []string{"p50", "p90", "p95", "p99", "p99.9", "p99.99", "max"}

// latencies prints a table for each recorded phase, and a fuller one for all of them together where there are several.
func (p *page) latencies(rec *results.Record) {
	run := &rec.Run
	p.heading("Latency")
	p.para("  ", "offered = response of good answers, and every timeout, unfinished and dropped call as a lower bound (>); "+
		"response = from due, service = from sent, lag = sent - due = queued + connect + late (ours)", dim)
	recorded := 0
	for i := range run.Phases {
		if run.Phases[i].Recorded {
			recorded++
		}
	}
	for i := range run.Phases {
		if ph := &run.Phases[i]; ph.Recorded {
			p.latencyTable("phase "+p.safe(ph.Name), ph.Latency, recorded == 1)
		}
	}
	if recorded > 1 {
		p.latencyTable("all recorded phases", together(rec), true)
	}
	if recorded == 0 {
		p.para("  ", "no phase was recorded", normal)
	}
}

// latencyTable prints one row a clock; the parts of service and lag only if asked for, and where they took any time.
func (p *page) latencyTable(title string, l results.Latency, parts bool) {
	t := newTable(append([]string{title, ">count", ">min", ">mean"}, prefixAll(">", quantileNames)...)...)
	for _, c := range clockRows {
		q, ok := l[c.name]
		part := c.label[0] == ' '
		if !ok || q.Count == 0 || part && (!parts || q.Max == 0) {
			continue
		}
		row := []string{c.label, count(q.Count), marked(&q, "min", duration(q.Min)), marked(&q, "mean", durationF(q.Mean))}
		for _, name := range quantileNames {
			row = append(row, quantile(&q, name))
		}
		t.row(normal, row...)
	}
	if len(t.rows) == 0 {
		p.para("  ", title+": no call was measured", normal)
		return
	}
	t.drop()
	p.line()
	p.table(t)
	for _, c := range clockRows {
		if q := l[c.name]; q.Overflow > 0 {
			p.item(c.name+": "+count(q.Overflow)+" values beyond the histogram's range count in max only", yellow)
		}
	}
}

func prefixAll(prefix string, list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = prefix + s
	}
	return out
}

// quantile writes one value of q, as a bound where it is one, and "-" beyond p99 where q has fewer samples than a rule would take.
func quantile(q *results.Quantiles, name string) string {
	if q.Count == 0 {
		return "-"
	}
	var v, need int64
	switch name {
	case "p50":
		v = q.P50
	case "p90":
		v = q.P90
	case "p95":
		v = q.P95
	case "p99":
		v = q.P99
	case "p99.9":
		v, need = q.P999, judge.Enough(0.999)
	case "p99.99":
		v, need = q.P9999, judge.Enough(0.9999)
	default:
		v = q.Max
	}
	if q.Count < need {
		return "-"
	}
	return marked(q, name, duration(v))
}

// marked puts the sign of a lower bound before the text of the named value, where it is one.
func marked(q *results.Quantiles, name, text string) string {
	if bound(q, name) {
		return "> " + text
	}
	return text
}

// bound tells whether the named value of q is a lower bound.
func bound(q *results.Quantiles, name string) bool {
	if !q.Bound {
		return false
	}
	return len(q.Bounds) == 0 || slices.Contains(q.Bounds, name) || slices.Contains(q.Bounds, strings.ReplaceAll(name, ".", "_"))
}
