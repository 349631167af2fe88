package live

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"axbench/report"
	"axbench/results"
)

// replay is a run directory of package report's samples, second by second.
type replay struct {
	rec     *results.Record
	seconds []second
}

func sample(t *testing.T, name string) *replay {
	t.Helper()
	rec, err := results.Open("../testdata/runs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := rec.Timeline()
	if err != nil {
		t.Fatal(err)
	}
	r := &replay{rec: rec}
	at := map[int64]*second{}
	for _, l := range lines {
		if n := len(r.seconds); n == 0 || r.seconds[n-1].lines[0].T != l.T {
			r.seconds = append(r.seconds, second{})
		}
		x := &r.seconds[len(r.seconds)-1]
		x.lines = append(x.lines, l)
	}
	for i := range r.seconds {
		at[r.seconds[i].lines[0].T] = &r.seconds[i]
	}
	err = rec.EachInterval(nil, func(s int64, phase, clock, code string, h *results.Histogram) error {
		own := results.NewHistogram()
		if x := at[s]; x != nil {
			x.intervals = append(x.intervals, results.Interval{Phase: phase, Clock: clock, Code: code, H: own})
		}
		return own.Merge(h)
	})
	if err != nil || len(r.seconds) == 0 {
		t.Fatalf("%s: %d seconds, %v", name, len(r.seconds), err)
	}
	return r
}

// begun is the run as it stood before its first second.
func (r *replay) begun() *results.Run {
	run := r.rec.Run
	run.Ended, run.ExitCode, run.Verdict, run.Reasons, run.SLOs = nil, nil, results.VerdictPartial, nil, nil
	run.Phases = slices.Clone(run.Phases)
	for i := range run.Phases {
		p := &run.Phases[i]
		*p = results.Phase{Name: p.Name, Recorded: p.Recorded, Model: p.Model, Shape: p.Shape, DurationNS: p.DurationNS,
			Ledger: results.Ledger{Planned: p.Planned}, Codes: slices.Clone(p.Codes)}
		for j := range p.Codes {
			c := &p.Codes[j]
			*c = results.Code{Code: c.Code, Class: c.Class, Documented: c.Documented, TextZH: c.TextZH, TextEN: c.TextEN, HTTPStatus: []int{}}
		}
	}
	return &run
}

// tell passes second i to s, and then takes away what was passed, as a run does.
func (r *replay) tell(t *testing.T, s *Server, i int) {
	t.Helper()
	x, err := copySecond(time.Time{}, time.Time{}, r.seconds[i].lines, r.seconds[i].intervals)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.AppendSecond(r.rec.Run.Started, r.rec.Run.Started, x.lines, x.intervals); err != nil {
		t.Fatal(err)
	}
	for _, iv := range x.intervals {
		iv.H.Reset()
	}
	for i := range x.lines {
		clear(x.lines[i].Codes)
		x.lines[i] = results.Second{}
	}
}

// noLeaks finds goroutines that a test leaves behind, after all of its clean-ups. It is to be called first.
func noLeaks(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
}

// serving returns a server of r on loopback that renders without a pause, and its address.
func serving(t *testing.T, r *replay, change func(*Server)) (*Server, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(Config{Run: r.begun(), Dir: r.rec.Dir})
	s.every = time.Millisecond
	if change != nil {
		change(s)
	}
	s.start(l)
	t.Cleanup(s.Close)
	return s, "http://" + l.Addr().String()
}

// stream reads events strictly as this server writes them.
type stream struct {
	body io.ReadCloser
	in   *bufio.Reader
}

// event is one of a stream.
type event struct {
	name string
	id   uint64
	data update
}

// follow asks for the events. A client of its own, so that no connection is shared.
func follow(t *testing.T, address string, head http.Header) *stream {
	t.Helper()
	req, err := http.NewRequest("GET", address+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range head {
		req.Header[name] = values
	}
	own := &http.Transport{}
	resp, err := own.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close(); own.CloseIdleConnections() })
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%s, %v", resp.Status, resp.Header)
	}
	return &stream{resp.Body, bufio.NewReader(resp.Body)}
}

// next returns the next event, or io.EOF.
func (s *stream) next() (e event, err error) {
	line := func() string {
		text, failed := s.in.ReadString('\n')
		if failed != nil {
			err = failed
		}
		return strings.TrimSuffix(text, "\n")
	}
	first := line()
	for err == nil && first != "" && strings.HasPrefix(first, "retry: ") {
		if line() != "" {
			return e, errors.New("retry with more lines")
		}
		first = line()
	}
	if err != nil {
		return e, err
	}
	name, ok := strings.CutPrefix(first, "event: ")
	id, isID := strings.CutPrefix(line(), "id: ")
	data, isData := strings.CutPrefix(line(), "data: ")
	if !ok || !isID || !isData || line() != "" || err != nil {
		return e, fmt.Errorf("no event: %q, %w", first, err)
	}
	e.name = name
	if e.id, err = strconv.ParseUint(id, 10, 64); err != nil {
		return e, err
	}
	in := json.NewDecoder(strings.NewReader(data))
	in.DisallowUnknownFields()
	return e, in.Decode(&e.data)
}

// must is next where there must be one.
func (s *stream) must(t *testing.T) event {
	t.Helper()
	e, err := s.next()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// shown is what a page shows that has applied events.
type shown struct {
	sections map[string]string
	series   report.Points
	number   uint64
}

// apply does what live.js and charts.js do.
func (p *shown) apply(e event) {
	if p.sections == nil || e.data.Full {
		p.sections = map[string]string{}
	}
	p.number = e.id
	for name, html := range e.data.Sections {
		p.sections[name] = html
	}
	old, d := &p.series, e.data.Series
	if d.From == 0 {
		p.series = *d
		return
	}
	o, n := reflect.ValueOf(old).Elem(), reflect.ValueOf(d).Elem()
	for i := range n.NumField() { // arrays of the points
		f := o.Field(i)
		if f.Kind() != reflect.Slice || f.Type().Elem().Kind() != reflect.Int64 {
			continue
		}
		f.Set(joined(f, n.Field(i), d.From, len(d.Planned)))
	}
	codes := slices.Clone(d.Codes)
	for i := range codes {
		v := make([]int64, d.From)
		if i < len(old.Codes) {
			copy(v, old.Codes[i].V)
		}
		codes[i].V = append(v, codes[i].V...)
	}
	heat := d.Heat
	heat.From, heat.Columns = 0, append(slices.Clone(old.Heat.Columns[:d.Heat.From]), d.Heat.Columns...)
	if old.Heat.Open != nil || d.Heat.Open != nil {
		heat.Open = joined(reflect.ValueOf(old.Heat.Open), reflect.ValueOf(d.Heat.Open), d.Heat.From, len(d.Heat.Columns)).Interface().([]int64)
	}
	old.Seconds, old.Step, old.Codes, old.Phases, old.Heat, old.Curve = d.Seconds, d.Step, codes, d.Phases, heat, d.Curve
}

// joined is the first from of old with the n of add behind them; an array that is missing is all zeros.
func joined(old, add reflect.Value, from, n int) reflect.Value {
	if old.Len() == 0 && add.Len() == 0 {
		return old
	}
	out := reflect.MakeSlice(old.Type(), from+n, from+n)
	reflect.Copy(out, old.Slice(0, min(from, old.Len())))
	reflect.Copy(out.Slice(from, from+n), add)
	return out
}

// TestEventsComeToThePage: whoever applies all events has what a page has that is loaded then, at each instant; and after the
// end what the page on disk says.
func TestEventsComeToThePage(t *testing.T) {
	noLeaks(t)
	for _, name := range []string{"pass", "slo-missed", "nonconformant", "bounds", "closed"} {
		t.Run(name, func(t *testing.T) {
			r := sample(t, name)
			s, address := serving(t, r, nil)
			one := follow(t, address, nil)
			var page shown
			for i := range r.seconds {
				r.tell(t, s, i)
				for page.series.Seconds < r.seconds[i].lines[0].T+1 {
					e := one.must(t)
					if e.name != "state" || e.data.Full != (page.number == 0) || e.id <= page.number {
						t.Fatalf("event %s %d, full %v, behind %d", e.name, e.id, e.data.Full, page.number)
					}
					page.apply(e)
				}
				var fresh shown
				late := follow(t, address, http.Header{"Last-Event-Id": {"1"}})
				for fresh.series.Seconds < page.series.Seconds || fresh.number < page.number {
					e := late.must(t)
					if !e.data.Full && fresh.number == 0 {
						t.Fatal("a page that comes back does not get everything")
					}
					fresh.apply(e)
				}
				for page.number < fresh.number {
					page.apply(one.must(t))
				}
				late.body.Close()
				page.same(t, fresh.sections, &fresh.series)
			}
			s.Finish(r.rec, "there/report.html")
			e := one.must(t)
			if e.name != "end" || !e.data.Full || e.data.Verdict != r.rec.Run.Verdict || *e.data.ExitCode != *r.rec.Run.ExitCode || e.data.Report != "there/report.html" {
				t.Errorf("the end: %s %+v", e.name, e.data)
			}
			page.apply(e)
			if _, err := one.next(); err != io.EOF {
				t.Errorf("behind the end: %v, want the end of the stream", err)
			}
			series, err := report.ReadSeries(r.rec)
			if err != nil {
				t.Fatal(err)
			}
			want, err := report.RunSections(r.rec, report.HTMLOptions{Series: series})
			if err != nil {
				t.Fatal(err)
			}
			page.same(t, want, series.Points())
			s.Close()
		})
	}
}

// same holds what a page shows against what it must.
func (p *shown) same(t *testing.T, sections map[string]string, series *report.Points) {
	t.Helper()
	if len(p.sections) < 8 {
		t.Errorf("only %d sections", len(p.sections))
	}
	for name, html := range sections {
		if p.sections[name] != html {
			t.Errorf("section %s is\n%s\nwant\n%s", name, p.sections[name], html)
		}
	}
	got, err1 := json.Marshal(&p.series)
	want, err2 := json.Marshal(series)
	if err1 != nil || err2 != nil || !bytes.Equal(got, want) {
		t.Errorf("the series is\n%s\nwant\n%s", got, want)
	}
}

// TestPage: the page has the state of now, loads its script, and is the report with its verdict after the end.
func TestPage(t *testing.T) {
	noLeaks(t)
	r := sample(t, "slo-missed")
	s, address := serving(t, r, func(s *Server) {
		s.config.Add = func(rec *results.Record) {
			rec.Run.Violations = []results.Violation{{Clause: "RSP-9", Level: "MUST", Sentence: "so it is", Count: 2, Checked: 7}}
		}
	})
	for i := range r.seconds {
		r.tell(t, s, i)
	}
	// A page may be of the state before the last second.
	text := page(t, address+"/", `id="series">{"seconds":`+fmt.Sprint(r.seconds[len(r.seconds)-1].lines[0].T+1)+",")
	if !strings.Contains(text, "RSP-9") || !strings.Contains(text, "so it is") {
		t.Error("the page does not say what the seconds do not tell")
	}
	for _, want := range []string{"RUNNING", `data-verdict="partial"`, `<script src="live.js"></script>`, "connect-src &#39;self&#39;"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	s.Finish(r.rec, "x")
	text = page(t, address+"/", `data-verdict="fail"`)
	if !strings.Contains(text, `data-verdict="fail" data-exit-code="3"`) || strings.Contains(text, "RUNNING") {
		t.Error("the page after the end does not say how the run ended")
	}
	s.Close()
	if _, err := http.Get(address + "/"); err == nil {
		t.Error("a closed server answers")
	}
}

// page loads a page until it has a text.
func page(t *testing.T, url, text string) string {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if body := get(t, url, 200); strings.Contains(body, text) {
			return body
		}
	}
	t.Fatalf("within a minute no page had %s", text)
	return ""
}

// get returns the body of an answer with that status.
func get(t *testing.T, url string, status int) string {
	t.Helper()
	own := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := own.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != status {
		t.Fatalf("%s: %s, %v", url, resp.Status, err)
	}
	return string(text)
}

// TestNobodyLooks: a run that nobody follows is not rendered, not even at its end, and its close waits for nothing.
func TestNobodyLooks(t *testing.T) {
	noLeaks(t)
	r := sample(t, "pass")
	s, _ := serving(t, r, nil)
	for i := range r.seconds {
		r.tell(t, s, i)
	}
	s.Finish(r.rec, "x")
	s.Close()
	if s.state != nil {
		t.Error("somebody rendered a state")
	}
}

// TestBehind: a server whose renderer stands still takes so many seconds and no more, says so, and shows the end all the same.
func TestBehind(t *testing.T) {
	noLeaks(t)
	r := sample(t, "pass")
	s := newServer(Config{Run: r.begun(), Dir: r.rec.Dir})
	for range maxBehind {
		r.tell(t, s, 0)
	}
	if err := s.AppendSecond(time.Time{}, time.Time{}, r.seconds[0].lines, nil); err == nil || s.waiting != nil {
		t.Errorf("%v, %d seconds wait", err, len(s.waiting))
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.start(l)
	defer s.Close()
	s.Finish(r.rec, "x")
	e := follow(t, "http://"+l.Addr().String(), nil).must(t)
	series, err := report.ReadSeries(r.rec)
	if err != nil {
		t.Fatal(err)
	}
	if e.name != "end" || !reflect.DeepEqual(e.data.Series.Good, series.Points().Good) {
		t.Errorf("%s: good %v, want %v", e.name, e.data.Series.Good, series.Points().Good)
	}
}

// TestCloseWithoutAnEnd: when axbench itself failed, the streams end without an end.
func TestCloseWithoutAnEnd(t *testing.T) {
	noLeaks(t)
	r := sample(t, "pass")
	s, address := serving(t, r, nil)
	one := follow(t, address, nil)
	one.must(t)
	ended := make(chan struct{})
	go func() { s.Close(); close(ended) }()
	for {
		e, err := one.next()
		if err != nil {
			break
		}
		if e.name == "end" {
			t.Error("there was an end")
		}
	}
	<-ended
	s.Close() // again
}
