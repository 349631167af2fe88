package export

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
)

func scrape(t *testing.T, samples ...Sample) (status int, text, kind string) {
	t.Helper()
	w := httptest.NewRecorder()
	Handler(func() []Sample { return samples }).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, string(body), w.Header().Get("Content-Type")
}

// TestHandler shows one sample of each kind as Prometheus reads it.
func TestHandler(t *testing.T) {
	status, text, kind := scrape(t,
		Sample{Name: "x_calls_total", Help: "Calls.", Kind: Counter, Labels: []Label{{"code", "OK"}, {"pool", "FC\"1\n"}}, Value: 12},
		Sample{Name: "x_calls_total", Help: "Calls.", Kind: Counter, Labels: []Label{{"code", "isv.A"}, {"pool", "p"}}, Value: 0},
		Sample{Name: "x_live", Help: "Live ones.", Kind: Gauge, Value: -1.5},
		Sample{Name: "x_service_seconds", Help: "Time.", Kind: Summary, Count: 3, Sum: 0.75, Points: map[float64]float64{0.5: 0.25, 0.99: 0.5}},
		Sample{Name: "x_size_bytes", Help: "Size.", Kind: Histogram, Count: 4, Sum: 10, Points: map[float64]float64{1: 1, 5: 3}},
	)
	const want = `# HELP x_calls_total Calls.
# TYPE x_calls_total counter
x_calls_total{code="OK",pool="FC\"1\n"} 12
x_calls_total{code="isv.A",pool="p"} 0
# HELP x_live Live ones.
# TYPE x_live gauge
x_live -1.5
# HELP x_service_seconds Time.
# TYPE x_service_seconds summary
x_service_seconds{quantile="0.5"} 0.25
x_service_seconds{quantile="0.99"} 0.5
x_service_seconds_sum 0.75
x_service_seconds_count 3
# HELP x_size_bytes Size.
# TYPE x_size_bytes histogram
x_size_bytes_bucket{le="1"} 1
x_size_bytes_bucket{le="5"} 3
x_size_bytes_bucket{le="+Inf"} 4
x_size_bytes_sum 10
x_size_bytes_count 4
`
	if status != 200 || text != want || !strings.HasPrefix(kind, "text/plain; version=0.0.4") {
		t.Errorf("%d %s\n%s", status, kind, text)
	}
	if problems, err := promlint.New(strings.NewReader(text)).Lint(); err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}

// TestWrong: samples that are none, or contradict each other, are an error and nothing else.
func TestWrong(t *testing.T) {
	good := Sample{Name: "x_total", Help: "X.", Kind: Counter, Value: 1}
	with := func(edit func(*Sample)) Sample {
		s := good
		edit(&s)
		return s
	}
	for name, samples := range map[string][]Sample{
		"no kind":          {with(func(s *Sample) { s.Kind = 0 })},
		"twice":            {good, good},
		"no name":          {with(func(s *Sample) { s.Name = "" })},
		"label names":      {with(func(s *Sample) { s.Labels = []Label{{"a", "1"}, {"a", "2"}} })},
		"two kinds":        {with(func(s *Sample) { s.Labels = []Label{{"a", "1"}} }), with(func(s *Sample) { s.Kind, s.Labels = Gauge, []Label{{"a", "2"}} })},
		"two helps":        {with(func(s *Sample) { s.Labels = []Label{{"a", "1"}} }), with(func(s *Sample) { s.Help, s.Labels = "Y.", []Label{{"a", "2"}} })},
		"negative counter": {with(func(s *Sample) { s.Value = -1 })},
		"bucket":           {with(func(s *Sample) { s.Kind, s.Count, s.Points = Histogram, 1, map[float64]float64{1: 2} })},
		"half a bucket":    {with(func(s *Sample) { s.Kind, s.Count, s.Points = Histogram, 1, map[float64]float64{1: 0.5} })},
		"not UTF-8":        {with(func(s *Sample) { s.Labels = []Label{{"a", "\xff"}} })},
	} {
		t.Run(name, func(t *testing.T) {
			if status, text, _ := scrape(t, append(samples, Sample{Name: "y", Help: "Y.", Kind: Gauge})...); status != 500 || strings.Contains(text, "\ny 0") {
				t.Errorf("%d\n%s", status, text)
			}
		})
	}
	if status, text, _ := scrape(t, good); status != 200 || !strings.Contains(text, "x_total 1\n") {
		t.Errorf("the sample that the others were made from: %d\n%s", status, text)
	}
}

// TestFresh asks at each scrape, from many at once.
func TestFresh(t *testing.T) {
	var mu sync.Mutex
	asked := 0
	h := Handler(func() []Sample {
		mu.Lock()
		defer mu.Unlock()
		asked++
		return []Sample{{Name: "x_total", Help: "X.", Kind: Counter, Value: float64(asked)}}
	})
	for range 3 {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	}
	var all sync.WaitGroup
	for range scrapes {
		all.Go(func() {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
			if w.Code != 200 {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
	all.Wait()
	if asked != 3+scrapes {
		t.Errorf("asked %d times, want %d", asked, 3+scrapes)
	}
}
