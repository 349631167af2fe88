package report

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"axbench/results"
)

// metric is one sample as a reader of OpenMetrics sees it.
type metric struct {
	name   string
	labels map[string]string
	value  float64
}

var (
	metricLine = regexp.MustCompile(`^([a-z0-9_]+)(?:\{(.*)\})? (\S+)$`)
	labelPair  = regexp.MustCompile(`^([a-z0-9_]+)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)`)
	labelText  = strings.NewReplacer(`\"`, `"`, `\\`, `\`, `\n`, "\n")
	metaLine   = regexp.MustCompile(`^# (HELP|TYPE|UNIT) (axbench_[a-z0-9_]+) (.+)$`)
)

// checkOpenMetrics reads text as OpenMetrics 1.0: families one after the other with their type before their samples, suffixes by
// type, no series twice, cumulative buckets that end with the count in +Inf, one "# EOF" at the end.
func checkOpenMetrics(t failer, text string) []metric {
	t.Helper()
	body, ok := strings.CutSuffix(text, "\n# EOF\n")
	if !ok || strings.Contains(body, "# EOF") {
		t.Fatalf("OpenMetrics: no one # EOF at the end")
	}
	var list []metric
	family, kind := "", ""
	families, series := map[string]bool{}, map[string]bool{}
	last := map[string]float64{}
	for _, line := range strings.Split(body, "\n") {
		if m := metaLine.FindStringSubmatch(line); m != nil {
			if m[2] != family {
				if families[m[2]] {
					t.Fatalf("OpenMetrics: family %s stands twice", m[2])
				}
				families[m[2]], family, kind = true, m[2], ""
			}
			switch {
			case m[1] == "TYPE":
				kind = m[3]
			case m[1] == "UNIT" && !strings.HasSuffix(family, "_"+m[3]):
				t.Fatalf("OpenMetrics: %s has the unit %s", family, m[3])
			}
			continue
		}
		s := parseMetric(t, line)
		list = append(list, s)
		suffix, ok := strings.CutPrefix(s.name, family)
		fits := map[string]string{"gauge": " ", "counter": " _total ", "histogram": " _bucket _sum _count "}[kind]
		if !ok || !strings.Contains(fits, " "+suffix+" ") && !(kind == "gauge" && suffix == "") {
			t.Fatalf("OpenMetrics: %q in family %s of type %s", line, family, kind)
		}
		key := line[:strings.LastIndexByte(line, ' ')]
		if series[key] || kind != "gauge" && (math.IsNaN(s.value) || s.value < 0) {
			t.Fatalf("OpenMetrics: %q twice, or with no count", line)
		}
		series[key] = true
		group := fmt.Sprint(family, s.labels["phase"], "\n", s.labels["clock"], "\n", s.labels["code"], "\n", s.labels["end"])
		switch suffix {
		case "_bucket":
			if s.value < last[group] {
				t.Fatalf("OpenMetrics: %q is below the bucket before it", line)
			}
			last[group] = s.value
		case "_count":
			if s.value != last[group] || !series[strings.Replace(key, "_count{", "_sum{", 1)] {
				t.Fatalf("OpenMetrics: %q after %v in +Inf, or without its sum", line, last[group])
			}
		}
	}
	return list
}

func parseMetric(t failer, line string) metric {
	t.Helper()
	m := metricLine.FindStringSubmatch(line)
	if m == nil {
		t.Fatalf("OpenMetrics: %q", line)
	}
	s := metric{name: m[1], labels: map[string]string{}}
	for rest := m[2]; rest != ""; {
		pair := labelPair.FindStringSubmatch(rest)
		if pair == nil {
			t.Fatalf("OpenMetrics: labels %q", rest)
		}
		s.labels[pair[1]] = labelText.Replace(pair[2])
		rest = rest[len(pair[0]):]
	}
	var err error
	if s.value, err = strconv.ParseFloat(m[3], 64); err != nil {
		t.Fatalf("OpenMetrics: value %q", m[3])
	}
	return s
}

// TestOpenMetricsAgree: what a reader finds is what the record holds.
func TestOpenMetricsAgree(t *testing.T) {
	for i := range samples {
		rec := sampleRun(t, samples[i].name)
		list := checkOpenMetrics(t, rendered(t, rec, "openmetrics"))
		find := func(name string, labels ...string) (sum float64) {
			found := false
			for _, m := range list {
				fits := m.name == "axbench_"+name
				for k := 0; k < len(labels); k += 2 {
					fits = fits && m.labels[labels[k]] == labels[k+1]
				}
				if fits {
					sum, found = sum+m.value, true
				}
			}
			if !found {
				t.Errorf("%s: no %s with %q", samples[i].name, name, labels)
			}
			return sum
		}
		run := &rec.Run
		if planned := find("calls_planned_total"); int64(planned) != run.Totals.Planned+run.FollowUps.Planned || planned != find("calls_ended_total") {
			t.Errorf("%s: %v planned", samples[i].name, planned)
		}
		for k := range run.Phases {
			p := &run.Phases[k]
			for _, c := range p.Codes {
				if got := find("codes_total", "phase", p.Name, "code", c.Code); int64(got) != c.Count {
					t.Errorf("%s, %s: %v %s, want %d", samples[i].name, p.Name, got, c.Code, c.Count)
				}
			}
			if q := p.Latency["service"]; q.Count > 0 {
				if got := find("latency_quantile_seconds", "phase", p.Name, "clock", "service", "q", "0.99"); got != float64(q.P99)/1e9 {
					t.Errorf("%s, %s: p99 %v", samples[i].name, p.Name, got)
				}
			}
		}
		checkHistograms(t, rec, list)
	}
}

// checkHistograms counts every histogram anew, value by value at the ends of buckets, and finds it in the list.
func checkHistograms(t *testing.T, rec *results.Record, list []metric) {
	t.Helper()
	found := 0
	for _, tag := range rec.Tags() {
		phase, clock, code, err := results.ParseTag(tag)
		if err != nil {
			t.Fatal(err)
		}
		family, third, value := "latency_seconds", "", ""
		switch {
		case clock == results.ClockBound:
			family, third, value, clock = "unanswered_seconds", "end", code, ""
		case code != results.CodeAll && code != results.CodeGood:
			family, third, value = "code_latency_seconds", "code", code
		}
		h := rec.Histogram(phase, map[bool]string{true: results.ClockBound, false: clock}[clock == ""], code)
		for _, m := range list {
			if !strings.HasPrefix(m.name, "axbench_"+family+"_") || m.labels["phase"] != phase || m.labels["clock"] != clock || m.labels[third] != value {
				continue
			}
			found++
			switch suffix := strings.TrimPrefix(m.name, "axbench_"+family); suffix {
			case "_count":
				if int64(m.value) != h.Count() {
					t.Errorf("%s: %v values, want %d", tag, m.value, h.Count())
				}
			case "_sum":
				if mean := m.value * 1e9 / float64(h.Count()); math.Abs(mean-h.Mean()) > 1 {
					t.Errorf("%s: mean %v ns, want %v", tag, mean, h.Mean())
				}
			case "_bucket":
				le, err := strconv.ParseFloat(m.labels["le"], 64)
				if err != nil {
					t.Fatal(err)
				}
				edge, want := math.Round(le*1e9), h.Count()
				if !math.IsInf(le, 1) {
					want = 0
					h.Buckets(func(from, to, n int64) {
						if float64(to-1) <= edge {
							want += n
						} else if float64(from) <= edge {
							t.Errorf("%s: le %v lies inside of the bucket from %d to %d", tag, le, from, to)
						}
					})
				}
				if int64(m.value) != want {
					t.Errorf("%s: %v up to %v, want %d", tag, m.value, le, want)
				}
			}
		}
	}
	if want := len(rec.Tags()) * (len(cumulativeEdges) + 3); found != want {
		t.Errorf("%d samples of histograms, want %d", found, want)
	}
}

// TestCumulativeEdges: they rise, lie at the ends of buckets and near to what a person would have chosen.
func TestCumulativeEdges(t *testing.T) {
	nominal, step := 10*time.Microsecond, []time.Duration{2, 5, 10}
	for i, edge := range cumulativeEdges {
		want := nominal
		if i == len(cumulativeEdges)-1 {
			want = time.Hour
		}
		if _, to := results.BucketOf(edge); to != edge+1 {
			t.Errorf("edge %d is not the end of its bucket, which is %d", edge, to)
		}
		if off := math.Abs(float64(edge)/float64(want) - 1); off > 0.03 || want >= time.Millisecond && off > 0.001 {
			t.Errorf("edge %d is %.4f off %s", edge, off, want)
		}
		if i > 0 && edge <= cumulativeEdges[i-1] {
			t.Errorf("edge %d after %d", edge, cumulativeEdges[i-1])
		}
		nominal = nominal / []time.Duration{1, 2, 5}[i%3] * step[i%3]
	}
}

// TestCumulativeExact: values on both sides of an edge, and beyond the range, are on their side of it.
func TestCumulativeExact(t *testing.T) {
	h := results.NewHistogram()
	edge := cumulativeEdges[6]
	for _, ns := range []int64{0, edge - 1, edge, edge + 1, results.HighestNS, 2 * results.HighestNS} {
		h.Record(ns)
	}
	d := cumulative(h)
	if got := d.Bucket[6]; got.GetCumulativeCount() != 3 || got.GetUpperBound() != float64(edge)/1e9 {
		t.Errorf("bucket %v, want 3 up to %d ns", got, edge)
	}
	last := d.Bucket[len(d.Bucket)-1].GetCumulativeCount()
	if last != 4 || d.GetSampleCount() != 6 || d.GetSampleSum() != float64(h.Sum())/1e9 {
		t.Errorf("%d in the last bucket of %d, sum %v; want 4 of 6", last, d.GetSampleCount(), d.GetSampleSum())
	}
}
