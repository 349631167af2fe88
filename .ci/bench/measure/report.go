package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"axbench/report/browser"
	"axbench/results"
)

// The hour that bigReport makes up: ten codes, of which all come in each of its seconds.
const (
	hour        = 3600
	callsSecond = 500
	rounds      = 5
)

// bigReport renders the report of a run of one hour and ten codes, and opens it in a browser.
func bigReport() {
	dir := filepath.Join(work, "hour")
	makeHour(dir)
	file := filepath.Join(work, "hour.html")
	began := time.Now()
	if out, err := exec.Command(axbench, "report", dir, "--format", "html", "--output", file).CombinedOutput(); err != nil {
		fail(fmt.Errorf("report: %w\n%s", err, out))
	}
	took := time.Since(began)
	info, err := os.Stat(file)
	if err != nil {
		fail(err)
	}
	row("report of 3600 s and 10 codes: size", "< 3 MB", "%.2f MB", float64(info.Size())/1e6)
	row("  time to render it", "-", "%.1f s", took.Seconds())
	times := openings(file)
	row("  from navigation until all charts are drawn", "< 2 s", "median %.2f s of %.2f", times[len(times)/2], times)
}

// makeHour writes a run directory through the writer of results.
func makeHour(dir string) {
	started := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	classes := map[string]results.Class{"OK": results.ClassOK, "isv.MYSTERY": results.ClassUndocumented, "Throttling.User": results.ClassGateway,
		results.CodeTimeout: results.ClassTransport}
	names := []string{"OK", "isv.BIND_CONFLICT", "isv.FLOW_LIMIT", "isv.MOBILE_NUMBER_ILLEGAL", "isv.NO_AVAILABLE_NUMBER", "isp.SYSTEM_ERROR",
		"isv.DAO_EXCEPTION", "isv.MYSTERY", "Throttling.User", results.CodeTimeout}
	main := results.Phase{Name: "main", Recorded: true, Model: results.ModelOpen, Shape: "constant 500/s", DurationNS: hour * 1e9, ElapsedNS: hour * 1e9}
	run := &results.Run{Version: "measure", Scenario: "hour", Seed: 1, Model: results.ModelOpen, Started: started, Target: results.Target{URL: "emulator"}, Phases: []results.Phase{main}}
	w, err := results.Create(dir, run)
	if err != nil {
		fail(err)
	}
	defer w.Close()
	ph, random := &run.Phases[0], rand.New(rand.NewPCG(1, 2))
	intervals := intervalsOf(names)
	for t := range int64(hour) {
		l := second(t, names, classes, intervals, random)
		ph.Planned, ph.Sent, ph.Done, ph.Good, ph.Failed = ph.Planned+l.Planned, ph.Sent+l.Sent, ph.Done+l.Done, ph.Good+l.Good, ph.Failed+l.Failed
		at := started.Add(time.Duration(t) * time.Second)
		if err := w.AppendSecond(at, at.Add(time.Second), []results.Second{l}, intervals); err != nil {
			fail(err)
		}
		for _, iv := range intervals {
			iv.H.Reset()
		}
	}
	for _, name := range names {
		ph.Codes = append(ph.Codes, results.Code{Code: name, Class: classes[name]})
	}
	ph.DoneInside, ph.GoodInside = ph.Done, ph.Good
	rec := w.Record(run)
	rec.Summarise()
	ended, exit := started.Add(hour*time.Second), results.ExitPass
	rec.Run.Ended, rec.Run.ExitCode, rec.Run.Verdict = &ended, &exit, results.VerdictPass
	if err := w.Finish(&rec.Run); err != nil {
		fail(err)
	}
}

// intervalsOf makes the histograms of a second: those of each code first, two each, then good, then the clocks over all calls.
func intervalsOf(names []string) (list []results.Interval) {
	for _, name := range names {
		for _, clock := range []results.Clock{results.ClockResponse, results.ClockService} {
			list = append(list, results.Interval{Phase: "main", Clock: clock.String(), Code: name, H: results.NewHistogram()})
		}
	}
	list = append(list, results.Interval{Phase: "main", Clock: results.ClockResponse.String(), Code: results.CodeGood, H: results.NewHistogram()})
	for clock := results.ClockService; clock < results.NumClocks; clock++ {
		list = append(list, results.Interval{Phase: "main", Clock: clock.String(), Code: results.CodeAll, H: results.NewHistogram()})
	}
	return append(list, results.Interval{Phase: "main", Clock: results.ClockBound, Code: results.CodeTimeout, H: results.NewHistogram()})
}

// second makes the calls of one second: a tide of latencies around 20 ms, one call in twenty with another code than OK.
func second(t int64, names []string, classes map[string]results.Class, intervals []results.Interval, random *rand.Rand) results.Second {
	l := results.Second{T: t, Phase: "main", Codes: map[string]int64{}, CodeClass: map[string]results.Class{}, CPU: 0.2 + 0.1*random.Float64(),
		InFlight: 8 + random.Int64N(30), GCPauseNS: 30_000 + random.Int64N(300_000)}
	median := 20e6 * (1 + 0.4*math.Sin(float64(t)/300))
	good := 2 * len(names)
	for i := range callsSecond {
		k := 0
		if i%20 == 0 {
			k = 1 + i/20%(len(names)-1)
		}
		ns := int64(median * math.Exp(0.6*random.NormFloat64()))
		l.Planned++
		l.Sent++
		l.Codes[names[k]]++
		if l.CodeClass[names[k]] = classes[names[k]]; classes[names[k]] == "" {
			l.CodeClass[names[k]] = results.ClassBusiness
		}
		if names[k] == results.CodeTimeout {
			l.Failed++
			intervals[len(intervals)-1].H.Record(10e9)
			continue
		}
		l.Done++
		intervals[2*k].H.Record(ns)
		intervals[2*k+1].H.Record(ns)
		if k == 0 {
			l.Good++
			intervals[good].H.Record(ns)
		}
		for _, iv := range intervals[good+1 : len(intervals)-1] {
			iv.H.Record(ns / 4)
		}
	}
	return l
}

// openings opens a page several times and returns how many seconds each took from the start of the navigation until the last chart was
// drawn, ascending.
func openings(file string) (times []float64) {
	chromium, stop, err := browser.Launch(os.Getenv(browser.Variable))
	if err != nil {
		fail(err)
	}
	defer stop()
	if err := chromedp.Do(chromium, chromedp.EmulateViewport(1200, 900)); err != nil {
		fail(err)
	}
	const watch = `new MutationObserver(() => {
		if (!window.drawnAfter && document.querySelectorAll('figure[data-drawn]').length === 7) window.drawnAfter = performance.now();
	}).observe(document, {subtree: true, childList: true, attributes: true, attributeFilter: ['data-drawn']})`
	if _, err := chromedp.Call(chromium, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watch}); err != nil {
		fail(err)
	}
	for range rounds {
		if err := chromedp.Do(chromium, chromedp.Navigate("file://"+filepath.ToSlash(file))); err != nil {
			fail(err)
		}
		ms := 0.0
		for end := time.Now().Add(time.Minute); ms == 0; time.Sleep(20 * time.Millisecond) {
			var err error
			if ms, err = chromedp.Run(chromium, chromedp.Evaluate[float64]("window.drawnAfter || 0")); err != nil {
				fail(err)
			}
			if time.Now().After(end) {
				fail(fmt.Errorf("the charts of %s were not drawn within a minute", file))
			}
		}
		times = append(times, ms/1e3)
	}
	slices.Sort(times)
	return times
}
