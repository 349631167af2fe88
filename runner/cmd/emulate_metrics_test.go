package cmd

import (
	"net/http/httptest"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"axbench/conformance/emulator"
	"axbench/runner/export"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
)

func scraped(t *testing.T, truth emulator.Truth, clauses map[string]int64, offset time.Duration) string {
	t.Helper()
	w := httptest.NewRecorder()
	export.Handler(func() []export.Sample { return emulatorSamples(truth, clauses, offset) }).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return w.Body.String()
}

// TestEmulatorMetrics: everything that the truth holds is shown, by names that Prometheus' own checker likes and that are
// listed for people.
func TestEmulatorMetrics(t *testing.T) {
	truth := emulator.Truth{Codes: map[string]int64{"OK": 5}, Deviation: map[string]int64{"N48": 2},
		Service: emulator.Quantiles{Count: 4, Min: 1e6, Mean: 2.5e6, P50: 2e6, P90: 4e6, P95: 4e6, P99: 4e6, P999: 4e6, P9999: 4e6, Max: 4e6}}
	clauses := map[string]int64{"PRM-A-5": 3}
	text := scraped(t, truth, clauses, time.Minute)
	for _, line := range []string{
		`axbench_emulator_calls_total{code="OK"} 5`, `axbench_emulator_refusals_total{clause="PRM-A-5"} 3`, `axbench_emulator_deviation_hits_total{id="N48"} 2`,
		`axbench_emulator_service_seconds{quantile="0.5"} 0.002`, `axbench_emulator_service_seconds{quantile="1"} 0.004`,
		`axbench_emulator_service_seconds_sum 0.01`, `axbench_emulator_service_seconds_count 4`, `axbench_emulator_clock_offset_seconds 60`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no line %s in\n%s", line, text)
		}
	}
	if problems, err := promlint.New(strings.NewReader(text)).Lint(); err != nil || len(problems) > 0 {
		t.Errorf("%v %+v", err, problems)
	}
	source, err := os.ReadFile("emulate_metrics.go")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^//\s+(axbench_emulator_[a-z_]+)`).FindAllSubmatch(source, -1) {
		listed[string(m[1])] = true
	}
	shown := regexp.MustCompile(`(?m)^# TYPE (\S+)`).FindAllStringSubmatch(text, -1)
	for _, m := range shown {
		if !listed[m[1]] {
			t.Errorf("%s is not in the list of the comment", m[1])
		}
	}
	if len(shown) < 10 || len(shown) != len(listed) {
		t.Errorf("%d metrics shown, %d listed", len(shown), len(listed))
	}
}

// TestEveryTruthIsShown changes one field of the truth at a time.
func TestEveryTruthIsShown(t *testing.T) {
	before := scraped(t, emulator.Truth{}, nil, 0)
	var walk func(v reflect.Value, name string, truth *emulator.Truth)
	fields := 0
	walk = func(v reflect.Value, name string, truth *emulator.Truth) {
		for i := range v.NumField() {
			f, at := v.Field(i), name+"."+v.Type().Field(i).Name
			switch f.Kind() {
			case reflect.Struct:
				walk(f, at, truth)
				continue
			case reflect.Map:
				f.Set(reflect.MakeMap(f.Type()))
				f.SetMapIndex(reflect.ValueOf("x"), reflect.New(f.Type().Elem()).Elem())
			case reflect.Int64:
				f.SetInt(7)
			case reflect.Float64:
				f.SetFloat(0.5)
				if strings.HasSuffix(at, ".Mean") { // shown as the sum
					v.FieldByName("Count").SetInt(1)
				}
			default:
				t.Errorf("%s is a %s", at, f.Kind())
			}
			fields++
			if strings.HasSuffix(at, ".Mean") {
				if !strings.Contains(scraped(t, *truth, nil, 0), "_sum 5e-10\n") {
					t.Errorf("%s is not shown", at)
				}
			} else if scraped(t, *truth, nil, 0) == before {
				t.Errorf("%s is not shown", at)
			}
			*truth = emulator.Truth{}
		}
	}
	var truth emulator.Truth
	walk(reflect.ValueOf(&truth).Elem(), "Truth", &truth)
	if fields < 25 {
		t.Errorf("only %d fields looked at", fields)
	}
}
