package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"axbench/results"
	"axbench/runner/record"

	service "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"
)

// noted is a sink that writes down who was told what.
type noted struct {
	name  string
	into  *[]string
	fails error
}

func (n noted) AppendSecond(start, end time.Time, lines []results.Second, intervals []results.Interval) error {
	*n.into = append(*n.into, n.name+" "+lines[0].Phase+" "+intervals[0].Clock+" "+end.Sub(start).String())
	return n.fails
}

// TestSinks: the run directory is told first and decides; who looks on can break nothing.
func TestSinks(t *testing.T) {
	broken := errors.New("the disk is full")
	for _, tt := range []struct {
		name              string
		dir, first, other error
		want              []string
	}{
		{"sound", nil, nil, nil, []string{"dir main late 1s", "first main late 1s", "other main late 1s"}},
		{"an onlooker fails", nil, broken, nil, []string{"dir main late 1s", "first main late 1s", "other main late 1s"}},
		{"the directory fails", broken, nil, nil, []string{"dir main late 1s"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var told []string
			s := &sinks{dir: noted{"dir", &told, tt.dir}, looking: []record.Sink{noted{"first", &told, tt.first}, noted{"other", &told, tt.other}}}
			err := s.AppendSecond(time.Unix(0, 0), time.Unix(1, 0), []results.Second{{Phase: "main"}}, []results.Interval{{Clock: "late"}})
			if !errors.Is(err, tt.dir) || !reflect.DeepEqual(told, tt.want) {
				t.Errorf("%v, told %q; want %v, %q", err, told, tt.dir, tt.want)
			}
		})
	}
}

// exportScenario is one with two phases, follow-ups and an answer that is not OK, on a machine that may be slow.
const exportScenario = `schema: axbench.scenario/v1
name: exported
max_late: 20s
late: {p99: 10s, max: 20s}
phases:
  - {name: warm-up, record: false, duration: 200ms, rate: 50/s}
  - {name: main, duration: 1s, rate: 50/s}
requests:
  - weight: 9
    params: {PoolKey: FC123456, PhoneNoA: {mobile: 15000000000-15000099999}, PhoneNoB: {mobile: 15800000000-15800099999}, Expiration: {in: 10m}}
  - weight: 1
    expect: isv.MOBILE_NUMBER_ILLEGAL
    params: {PoolKey: FC123456, PhoneNoA: abc, PhoneNoB: "15800000000", Expiration: {in: 10m}}
bindings: {unbind: after 100ms}
`

// startEmulator serves the API inside of this process until the returned end is called.
func startEmulator(t *testing.T) (target string, end func()) {
	t.Helper()
	return startEmulatorWith(t, "")
}

// startEmulatorWith is startEmulator with settings.
func startEmulatorWith(t *testing.T, config string) (target string, end func()) {
	t.Helper()
	in, parent := io.Pipe()
	child, out := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- Main([]string{"emulate", "--child"}, in, out, io.Discard, noEnv)
		out.Close()
	}()
	fmt.Fprintf(parent, "config %d\n%s", len(config), config)
	line := make([]byte, 4096)
	n, err := child.Read(line)
	m := regexp.MustCompile(`"url":"([^"]+)"`).FindSubmatch(line[:n])
	if err != nil || m == nil {
		t.Fatalf("the emulator says %q, %v", line[:n], err)
	}
	return string(m[1]), func() {
		parent.Close()
		if code := <-ended; code != 0 {
			t.Errorf("the emulator ended with %d", code)
		}
	}
}

// gated is a standard error that does something when a line comes, before who wrote it may go on.
type gated struct {
	mu   sync.Mutex
	text bytes.Buffer
	at   map[string]func(line string)
}

func (g *gated) Write(p []byte) (int, error) {
	g.mu.Lock()
	g.text.Write(p)
	g.mu.Unlock()
	for start, do := range g.at {
		if strings.HasPrefix(string(p), start) {
			do(string(p))
		}
	}
	return len(p), nil
}

// taker takes pushes by HTTP and keeps the last.
type taker struct {
	mu     sync.Mutex
	pushes int
	last   *service.ExportMetricsServiceRequest
	keys   []string
}

func (k *taker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(r.Body)
	push := &service.ExportMetricsServiceRequest{}
	if err == nil {
		err = proto.Unmarshal(data, push)
	}
	if err != nil || r.URL.Path != "/v1/metrics" {
		http.Error(w, "no push", http.StatusBadRequest)
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.pushes++
	k.last, k.keys = push, append(k.keys, r.Header.Get("api-key"))
}

// values are the last push's numbers as a scrape would show them: name{label="value",…}, labels in order, _count for histograms.
func (k *taker) values() map[string]float64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	values := map[string]float64{}
	for _, m := range k.last.ResourceMetrics[0].ScopeMetrics[0].Metrics {
		for _, p := range m.GetSum().GetDataPoints() {
			var labels []string
			for _, a := range p.Attributes {
				labels = append(labels, fmt.Sprintf("%s=%q", a.Key, a.Value.GetStringValue()))
			}
			values[m.Name+"{"+strings.Join(labels, ",")+"}"] = float64(p.GetAsInt())
		}
		for _, p := range m.GetExponentialHistogram().GetDataPoints() {
			var labels []string
			for _, a := range p.Attributes {
				labels = append(labels, fmt.Sprintf("%s=%q", a.Key, a.Value.GetStringValue()))
			}
			values[m.Name+"_count{"+strings.Join(labels, ",")+"}"] = float64(p.Count)
		}
	}
	return values
}

// scrapeAll reads a page of metrics.
func scrapeAll(url string) (map[string]float64, error) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
	resp, err := client.Get(url)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		return nil, fmt.Errorf("%d %v", resp.StatusCode, err)
	}
	values := map[string]float64{}
	for _, m := range regexp.MustCompile(`(?m)^(axbench_\S+) (\S+)$`).FindAllStringSubmatch(string(text), -1) {
		if values[m[1]], err = strconv.ParseFloat(m[2], 64); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// compare holds metrics against the account of a phase.
func compare(t *testing.T, how string, got map[string]float64, p *results.Phase) {
	t.Helper()
	want := map[string]float64{}
	of := fmt.Sprintf("phase=%q", p.Name)
	for name, n := range map[string]int64{"planned": p.Planned, "sent": p.Sent, "done": p.Done, "good": p.Good, "unfinished": p.Unfinished, "dropped": p.Dropped, "not_offered": p.NotOffered} {
		want["axbench_"+name+"_calls_total{"+of+"}"] = float64(n)
	}
	for _, c := range p.Codes {
		if c.Count > 0 || p.Name != results.FollowUpPhase {
			want[fmt.Sprintf("axbench_calls_total{class=%q,code=%q,%s}", c.Class, c.Code, of)] = float64(c.Count)
		}
		if c.Count > 0 {
			want[fmt.Sprintf("axbench_code_response_seconds_count{code=%q,%s}", c.Code, of)] = float64(c.Response.Count)
		}
	}
	for clock, q := range p.Latency {
		want["axbench_"+clock+"_seconds_count{"+of+"}"] = float64(q.Count)
	}
	if len(want) < 20 {
		t.Errorf("%s, phase %s: only %d numbers to hold against", how, p.Name, len(want))
	}
	for name, n := range want {
		if v, ok := got[name]; !ok || v != n {
			t.Errorf("%s: %s is %v (there: %v), run.json has %v", how, name, v, ok, n)
		}
	}
}

// exportRun makes a run of the scenario above.
func exportRun(t *testing.T, stderr io.Writer, env map[string]string, args ...string) (code int, dir string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "exported.yaml")
	if err := os.WriteFile(file, []byte(exportScenario), 0o600); err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(t.TempDir(), "out")
	code = Main(append([]string{"run", file, "--out", dir}, args...), strings.NewReader(""), io.Discard, stderr, func(name string) string { return env[name] })
	return code, dir
}

// TestExportedRun scrapes a run when it begins and when it has been judged, and takes its pushes: the numbers are those of run.json.
func TestExportedRun(t *testing.T) {
	leaks := goleak.IgnoreCurrent()
	target, end := startEmulator(t)
	pushed := &taker{}
	receiver := httptest.NewServer(pushed)
	var url string
	var first, last map[string]float64
	stderr := &gated{at: map[string]func(string){
		"axbench: metrics at ": func(line string) {
			url = strings.TrimSpace(strings.TrimPrefix(line, "axbench: metrics at "))
			var err error
			if first, err = scrapeAll(url); err != nil {
				t.Errorf("scrape at the start: %v", err)
			}
		},
		"axbench: run directory ": func(string) {
			var err error
			if last, err = scrapeAll(url); err != nil {
				t.Errorf("scrape at the end: %v", err)
			}
		},
	}}
	code, dir := exportRun(t, stderr, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.URL, "OTEL_EXPORTER_OTLP_HEADERS": "api-key=sentinelSECRET",
		"OTEL_METRIC_EXPORT_INTERVAL": "100"}, "--target", target, "--metrics", "127.0.0.1:0")
	if code != 0 {
		t.Fatalf("exit code %d\n%s", code, stderr.text.String())
	}
	rec, err := results.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if v, ok := first[`axbench_planned_calls_total{phase="main"}`]; !ok || v != 0 {
		t.Errorf("before the first second %v calls were planned (there: %v)", v, ok)
	}
	values := pushed.values()
	for i := range rec.Run.Phases {
		compare(t, "scrape", last, &rec.Run.Phases[i])
		compare(t, "push", values, &rec.Run.Phases[i])
	}
	compare(t, "scrape", last, &rec.Run.FollowUps)
	compare(t, "push", values, &rec.Run.FollowUps)
	if rec.Run.Totals.Planned != 60 || rec.Run.FollowUps.Done == 0 || last[`axbench_verdict_info{exit_code="0",verdict="pass"}`] != 1 {
		t.Errorf("%+v, follow-ups %+v", rec.Run.Totals.Ledger, rec.Run.FollowUps.Ledger)
	}
	for _, v := range rec.Run.Violations {
		if name := fmt.Sprintf("axbench_checked_total{clause=%q,level=%q}", v.Clause, v.Level); last[name] != float64(v.Checked) || values[name] != float64(v.Checked) {
			t.Errorf("%s: %v and %v, want %d", name, last[name], values[name], v.Checked)
		}
	}
	if pushed.pushes < 2 || pushed.keys[0] != "sentinelSECRET" || strings.Contains(stderr.text.String(), "SECRET") || strings.Contains(stderr.text.String(), "warning") {
		t.Errorf("%d pushes, keys %q\n%s", pushed.pushes, pushed.keys, stderr.text.String())
	}
	if _, err := scrapeAll(url); err == nil {
		t.Error("the metrics outlive the run")
	}
	end()
	receiver.Close()
	goleak.VerifyNone(t, leaks, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"), // these two of the emulator sleep first
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}

// TestDeadReceiver: nobody takes the pushes, which is told at the first one and at the end and changes nothing else.
func TestDeadReceiver(t *testing.T) {
	t.Parallel()
	target, end := startEmulator(t)
	defer end()
	const receiver = "http://127.0.0.1:1" // a port that no program is given
	for _, rule := range []struct {
		slo  string
		want int
	}{{"good >= 1%", results.ExitPass}, {"good > 100%", results.ExitSLO}} {
		stderr := &gated{}
		code, dir := exportRun(t, stderr, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": receiver, "OTEL_METRIC_EXPORT_INTERVAL": "50"}, "--target", target, "--slo", rule.slo)
		rec, err := results.Open(dir)
		if err != nil || code != rule.want || rec.Run.Totals.Planned != 60 {
			t.Errorf("%s: exit code %d, %v, want %d", rule.slo, code, err, rule.want)
		}
		text := stderr.text.String()
		if strings.Count(text, "axbench: warning: metrics were not taken by "+receiver) != 1 || !regexp.MustCompile(`warning: \d+ of \d+ pushes to \S+ failed: the receiver does not know how the run ended`).MatchString(text) {
			t.Errorf("%s:\n%s", rule.slo, text)
		}
	}
}

// TestExportRefused: what cannot be done is refused before anything is sent or written.
func TestExportRefused(t *testing.T) {
	var calls atomic.Int64
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls.Add(1) }))
	defer target.Close()
	taken := target.Listener.Addr().String()
	const endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT"
	for _, tt := range []struct {
		name string
		args []string
		env  map[string]string
		code int
		want string
	}{
		{"taken", []string{"--metrics", taken}, nil, results.ExitInternal, "error: listen for --metrics on " + taken + ": "},
		{"no address", []string{"--metrics", "9090"}, nil, results.ExitUsage, `error: --metrics "9090" is no address`},
		{"every interface", []string{"--metrics", "0.0.0.0:0"}, nil, results.ExitRefused, "hint: listen on 127.0.0.1, or give --any-interface"},
		{"no protocol", nil, map[string]string{endpoint: "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"}, results.ExitUsage, `error: OTEL_EXPORTER_OTLP_PROTOCOL: "http/json"`},
		{"no receiver", nil, map[string]string{endpoint: "collector"}, results.ExitUsage, "error: OTEL_EXPORTER_OTLP_ENDPOINT: is no URL"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			stderr := &gated{}
			code, dir := exportRun(t, stderr, tt.env, append(tt.args, "--target", target.URL)...)
			if code != tt.code || !strings.Contains(stderr.text.String(), tt.want) {
				t.Errorf("exit code %d, want %d and %q in\n%s", code, tt.code, tt.want, stderr.text.String())
			}
			if _, err := os.Stat(dir); !os.IsNotExist(err) || calls.Load() > 0 {
				t.Errorf("%v, %d calls were sent", err, calls.Load())
			}
		})
	}
}
