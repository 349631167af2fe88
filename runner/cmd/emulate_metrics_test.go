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

func scraped(t *testing.T, truth emulator.Truth, offset time.Duration) string {
	t.Helper()
	w := httptest.NewRecorder()
	export.Handler(func() []export.Sample { return emulatorSamples(truth, offset) }).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return w.Body.String()
}

// TestEmulatorMetrics: everything that the truth holds is shown, by names that Prometheus' own checker likes and that are
// listed for people.
func TestEmulatorMetrics(t *testing.T) {
	service := emulator.Quantiles{Count: 4, Min: 1e6, Mean: 2.5e6, P50: 2e6, P90: 4e6, P95: 4e6, P99: 4e6, P999: 4e6, P9999: 4e6, Max: 4e6}
	truth := emulator.Truth{CodesByOperation: map[string]map[string]int64{"BindAxb": {"OK": 5}, "": {"MissingAction": 1}}, Deviation: map[string]int64{"N48": 2},
		Service: service, ServiceByCode: map[string]emulator.Quantiles{"OK": service}, Clauses: map[string]int64{"PRM-A-5": 3},
		LiveByPool: map[string]int64{"FC123456": 9}, Faults: map[string]int64{"hang": 1}, Injected: map[string]int64{"isp.SYSTEM_ERROR": 2},
		Queue: &emulator.QueueTruth{Servers: 8, Service: 5e6}}
	text := scraped(t, truth, time.Minute)
	for _, line := range []string{
		`axbench_emulator_calls_total{code="OK",operation="BindAxb"} 5`, `axbench_emulator_calls_total{code="MissingAction",operation=""} 1`,
		`axbench_emulator_code_service_seconds_count{code="OK"} 4`, `axbench_emulator_live_bindings{pool="FC123456"} 9`, `axbench_emulator_queue_service_time_seconds 0.005`,
		`axbench_emulator_faults_total{kind="hang"} 1`, `axbench_emulator_injected_total{code="isp.SYSTEM_ERROR"} 2`, `axbench_emulator_refusals_total{clause="PRM-A-5"} 3`, `axbench_emulator_deviation_hits_total{id="N48"} 2`,
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
	if len(shown) < 20 || len(shown) != len(listed) {
		t.Errorf("%d metrics shown, %d listed", len(shown), len(listed))
	}
}

// sums are fields that other fields add up to.
var sums = map[string]bool{"Truth.Codes": true, "Truth.Live": true, "Truth.Queue.Utilisation": true}

// TestEveryTruthIsShown changes one field of the truth at a time.
func TestEveryTruthIsShown(t *testing.T) {
	truth := emulator.Truth{Queue: &emulator.QueueTruth{}}
	before := scraped(t, truth, 0)
	fields := 0
	var walk func(v reflect.Value, name string)
	walk = func(v reflect.Value, name string) {
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		for i := range v.NumField() {
			f, at := v.Field(i), name+"."+v.Type().Field(i).Name
			if f.Kind() == reflect.Struct || f.Kind() == reflect.Pointer {
				walk(f, at)
				continue
			}
			old := reflect.New(v.Type()).Elem()
			old.Set(v)
			if !change(f) {
				t.Errorf("%s is a %s", at, f.Kind())
			}
			if strings.HasSuffix(at, ".Mean") { // is shown as the sum
				v.FieldByName("Count").SetInt(1)
			}
			text := scraped(t, truth, 0)
			if fields++; !sums[at] && text == before || strings.HasSuffix(at, ".Mean") && !strings.Contains(text, "_sum 5e-10\n") {
				t.Errorf("%s is not shown", at)
			}
			v.Set(old)
		}
	}
	walk(reflect.ValueOf(&truth), "Truth")
	if fields < 40 {
		t.Errorf("only %d fields looked at", fields)
	}
}

// change sets a value to another one.
func change(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Float64:
		v.SetFloat(0.5)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		inner := reflect.New(v.Type().Elem()).Elem()
		v.SetMapIndex(reflect.ValueOf("x"), inner)
		if inner.Kind() == reflect.Map {
			change(inner)
			v.SetMapIndex(reflect.ValueOf("x"), inner)
		}
	default:
		return false
	}
	return true
}
