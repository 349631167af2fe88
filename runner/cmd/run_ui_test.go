package cmd

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"axbench/conformance/emulator"
	"axbench/report"
	"axbench/results"
)

// plainEmulator serves the emulator on loopback and returns its URL.
func plainEmulator(t *testing.T) string {
	t.Helper()
	server, err := emulator.New(&emulator.Config{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return "http://" + l.Addr().String() + "/"
}

// watched begins a run of 5 s with a page, and returns where the page is and what the run comes to.
func watched(t *testing.T, dir string) (page string, ended chan int) {
	t.Helper()
	scenario := filepath.Join(t.TempDir(), "watched.yaml")
	if err := os.WriteFile(scenario, []byte(strings.Replace(foreignScenario, "name: foreign", "name: watched", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{"run", scenario, "--rate", "20/s", "--duration", "5s", "--slo", "good >= 1%", "--target", plainEmulator(t), "--out", dir, "--ui", "127.0.0.1:0"}
	stderr, told := io.Pipe()
	ended = make(chan int, 1)
	go func() {
		code := Main(args, strings.NewReader(""), io.Discard, told, noEnv)
		told.Close()
		ended <- code
	}()
	lines := bufio.NewScanner(stderr)
	var all []string
	for lines.Scan() {
		all = append(all, lines.Text())
		if _, at, ok := strings.Cut(lines.Text(), "can be watched at "); ok {
			go io.Copy(io.Discard, stderr) // ends with the run
			return at, ended
		}
	}
	t.Fatalf("nobody said where the page is:\n%s", strings.Join(all, "\n"))
	return "", nil
}

// lastEvent reads a stream of events to its end.
func lastEvent(t *testing.T, page string) (states int, data []byte) {
	t.Helper()
	own := &http.Transport{DisableKeepAlives: true}
	req, err := http.NewRequest("GET", page+"events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := own.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	before, end, ok := bytes.Cut(text, []byte("event: end\n"))
	if !ok {
		t.Fatalf("no end in %.300q", text)
	}
	for _, want := range []string{"INV-1", "so far, among the calls", "data-rule="} {
		if !bytes.Contains(before, []byte(want)) {
			t.Errorf("while the run goes on nobody says %q", want)
		}
	}
	_, data, _ = bytes.Cut(end, []byte("data: "))
	return bytes.Count(text, []byte("event: state\n")), data
}

// TestRunUI follows a run to its end: what came last is what the run directory says.
func TestRunUI(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	page, ended := watched(t, dir)
	req, err := http.NewRequest("GET", page, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "page.example"
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("a page of the web by a name of its own: %s", resp.Status)
	}
	states, data := lastEvent(t, page)
	code := <-ended
	if states == 0 {
		t.Error("there was an end and nothing before it")
	}
	rec, err := results.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	var end struct {
		Sections map[string]string
		Series   json.RawMessage
		Verdict  results.Verdict
		ExitCode *int `json:"exit_code"`
		Report   string
	}
	if err := json.Unmarshal(data, &end); err != nil {
		t.Fatal(err)
	}
	if end.Verdict != rec.Run.Verdict || end.ExitCode == nil || *end.ExitCode != code || end.Report != filepath.ToSlash(filepath.Join(dir, reportFile)) {
		t.Errorf("the end says %s, %v, %s; the run ended with %s, %d", end.Verdict, end.ExitCode, end.Report, rec.Run.Verdict, code)
	}
	series, err := report.ReadSeries(rec)
	if err != nil {
		t.Fatal(err)
	}
	want, err := report.RunSections(rec, report.HTMLOptions{Series: series})
	if err != nil {
		t.Fatal(err)
	}
	for name, html := range want {
		if end.Sections[name] != html {
			t.Errorf("section %s is\n%s\nwant\n%s", name, end.Sections[name], html)
		}
	}
	points, err := json.Marshal(series.Points())
	if err != nil || !bytes.Equal(end.Series, points) {
		t.Errorf("the series is\n%s\nwant\n%s", end.Series, points)
	}
	if _, err := http.Get(page); err == nil {
		t.Error("the page is still served")
	}
}
