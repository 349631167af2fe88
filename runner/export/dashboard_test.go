package export

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"axbench/results"
)

// board is what of a dashboard is looked at here.
type board struct {
	SchemaVersion int
	Title, UID    string
	Templating    struct{ List []variable }
	Panels        []struct {
		ID                 int
		Type, Title        string
		Description        string
		GridPos            struct{ X, Y, W, H int }
		Targets            []struct{ RefID, Expr, LegendFormat string }
		Datasource         struct{ Type, UID string }
		FieldConfig        struct{ Defaults struct{ Unit string } }
		PluginVersion, Why string
	}
}

type variable struct {
	Name, Type string
	Query      any
}

func readBoard(t *testing.T) *board {
	t.Helper()
	b := &board{}
	if err := json.Unmarshal([]byte(Dashboard()), b); err != nil {
		t.Fatal(err)
	}
	return b
}

// own are labels that Prometheus itself gives or reads.
var own = []string{"instance", "job", "le"}

var (
	selector  = regexp.MustCompile(`(axbench_[a-z0-9_]+)(?:\{([^}]*)\})?`)
	matcher   = regexp.MustCompile(`([a-z_]+)\s*(?:=~|!=|!~|=)\s*"[^"]*"`)
	grouping  = regexp.MustCompile(`\b(?:by|without) \(([^)]*)\)`)
	reference = regexp.MustCompile(`\{\{([a-z_]+)\}\}`)
	byValue   = regexp.MustCompile(`"\$([a-z_]+)"`)
)

// wrongQuery finds in a query what no snapshot has: metrics, labels of theirs, quantiles of what is no histogram, and rates
// of what is no counter. labels holds the labels of each metric, kinds its kind.
func wrongQuery(expr, legend string, labels map[string][]string, kinds map[string]Kind) (wrong []string) {
	var known []string
	found := selector.FindAllStringSubmatch(expr, -1)
	if len(found) == 0 {
		return []string{"queries nothing"}
	}
	for _, m := range found {
		has, ok := labels[m[1]]
		if !ok {
			wrong = append(wrong, "no metric "+m[1])
			continue
		}
		known = append(known, has...)
		for _, l := range matcher.FindAllStringSubmatch(m[2], -1) {
			if !slices.Contains(has, l[1]) && !slices.Contains(own, l[1]) {
				wrong = append(wrong, m[1]+" has no label "+l[1])
			}
		}
		counts := kinds[m[1]] == Counter || kinds[m[1]] == Histogram
		if rated := strings.Contains(expr, "rate("+m[0]+"["); rated && !counts {
			wrong = append(wrong, m[1]+" is a gauge and has no rate")
		}
		if strings.Contains(expr, "histogram_") != (kinds[m[1]] == Histogram) && !strings.HasPrefix(expr, "sum(rate("+m[0]) {
			wrong = append(wrong, m[1]+" is queried as what it is not")
		}
	}
	var used []string
	for _, m := range grouping.FindAllStringSubmatch(expr, -1) {
		used = append(used, strings.Split(strings.ReplaceAll(m[1], " ", ""), ",")...)
	}
	for _, m := range reference.FindAllStringSubmatch(legend, -1) {
		used = append(used, m[1])
	}
	for _, l := range used {
		if !slices.Contains(known, l) && !slices.Contains(own, l) {
			wrong = append(wrong, "no label "+l)
		}
	}
	return wrong
}

// shown is what a snapshot has.
func shown(t *testing.T) (labels map[string][]string, kinds map[string]Kind) {
	labels, kinds = map[string][]string{}, map[string]Kind{}
	run := filled(t, 1)
	run.Finish(results.VerdictPass, 0)
	for _, s := range run.Samples() {
		labels[s.Name], kinds[s.Name] = []string{}, s.Kind
		for _, l := range s.Labels {
			labels[s.Name] = append(labels[s.Name], l.Name)
		}
	}
	return labels, kinds
}

// TestDashboard: every query of the dashboard finds something in a real snapshot, and panels do not lie on each other.
func TestDashboard(t *testing.T) {
	b := readBoard(t)
	if b.SchemaVersion < 39 || b.Title == "" || b.UID == "" || len(b.Panels) < 12 {
		t.Fatalf("schema %d, %q, %d panels", b.SchemaVersion, b.Title, len(b.Panels))
	}
	labels, kinds := shown(t)
	var variables []string
	for _, v := range b.Templating.List {
		variables = append(variables, v.Name)
	}
	ids, queried := map[int]bool{}, map[string]bool{}
	cells := map[[2]int]string{}
	for _, p := range b.Panels {
		if ids[p.ID] || p.ID == 0 || p.Title == "" || p.Description == "" || p.Datasource.UID != "${datasource}" || p.FieldConfig.Defaults.Unit == "" || len(p.Targets) == 0 {
			t.Errorf("panel %d: %+v", p.ID, p)
		}
		ids[p.ID] = true
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := cells[[2]int{x, y}]; other != "" || x >= 24 {
					t.Fatalf("%s lies on %q or beside the page", p.Title, other)
				}
				cells[[2]int{x, y}] = p.Title
			}
		}
		refs := map[string]bool{}
		for _, q := range p.Targets {
			if refs[q.RefID] || q.RefID == "" {
				t.Errorf("%s: query %q stands twice", p.Title, q.RefID)
			}
			refs[q.RefID] = true
			for _, wrong := range wrongQuery(q.Expr, q.LegendFormat, labels, kinds) {
				t.Errorf("%s: %s: %s", p.Title, q.Expr, wrong)
			}
			for _, m := range byValue.FindAllStringSubmatch(q.Expr, -1) {
				if !slices.Contains(variables, m[1]) {
					t.Errorf("%s: no variable %s", p.Title, m[1])
				}
			}
			for _, m := range selector.FindAllStringSubmatch(q.Expr, -1) {
				queried[m[1]] = true
			}
		}
	}
	for _, name := range []string{"planned_calls_total", "sent_calls_total", "good_calls_total", "calls_total", "response_seconds", "offered_seconds", "in_flight_calls",
		"late_seconds", "cpu_cores", "dropped_calls_total", "not_offered_calls_total", "violations_total", "failed_calls_total"} {
		if !queried[prefix+name] {
			t.Errorf("nothing shows %s", name)
		}
	}
}

// TestDashboardVariables: they are found in a snapshot as well.
func TestDashboardVariables(t *testing.T) {
	b := readBoard(t)
	labels, kinds := shown(t)
	queries := 0
	for _, v := range b.Templating.List {
		if v.Type == "datasource" {
			continue
		}
		queries++
		text, _ := json.Marshal(v.Query)
		m := regexp.MustCompile(`label_values\((.*), ([a-z_]+)\)`).FindSubmatch([]byte(strings.ReplaceAll(string(text), `\"`, `"`)))
		if m == nil {
			t.Errorf("%s: %s", v.Name, text)
			continue
		}
		for _, wrong := range wrongQuery(string(m[1]), "{{"+string(m[2])+"}}", labels, kinds) {
			t.Errorf("%s: %s: %s", v.Name, text, wrong)
		}
	}
	if b.Templating.List[0].Type != "datasource" || queries != 2 {
		t.Errorf("%+v", b.Templating.List)
	}
}

// TestWrongQuery: what the test of the dashboard looks for would be found.
func TestWrongQuery(t *testing.T) {
	labels, kinds := shown(t)
	for expr, want := range map[string]int{
		`sum(rate(axbench_sent_calls_total{phase=~"$phase"}[1m]))`:                    0,
		`sum by (code, class) (rate(axbench_calls_total{instance="x"}[1m]))`:          0,
		`histogram_quantile(0.5, sum(rate(axbench_response_seconds{phase="x"}[1m])))`: 0,
		`max(axbench_cpu_cores)`:                                                      0,
		`sum(rate(axbench_sent_total{phase=~"$phase"}[1m]))`:                          1,
		`sum(rate(axbench_sent_calls_total{code="x"}[1m]))`:                           1,
		`sum by (class) (rate(axbench_sent_calls_total[1m]))`:                         1,
		`sum(rate(axbench_cpu_cores[1m]))`:                                            1,
		`histogram_quantile(0.5, sum(rate(axbench_sent_calls_total{phase="x"}[1m])))`: 1,
		`max(axbench_response_seconds)`:                                               1,
		`up`:                                                                          1,
	} {
		if got := wrongQuery(expr, "", labels, kinds); len(got) != want {
			t.Errorf("%s: %q, want %d", expr, got, want)
		}
	}
	if got := wrongQuery("axbench_calls_total", "{{code}} {{clas}}", labels, kinds); len(got) != 1 {
		t.Errorf("a legend: %q", got)
	}
}
