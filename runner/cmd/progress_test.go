package cmd

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/vbauerster/mpb/v8"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"axbench/results"
	"axbench/runner"
	"axbench/runner/pace"
)

// progressPlan is a plan of a warm-up and a main phase.
func progressPlan(t interface{ Fatal(...any) }) *pace.Plan {
	plan, err := pace.NewPlan([]pace.Phase{
		{Name: "warm-up", Duration: 2 * time.Second, Shape: pace.Constant{Rate: pace.PerSecond(100)}},
		{Name: "main", Record: true, Duration: 30 * time.Second, Shape: pace.Constant{Rate: pace.PerSecond(500)}},
	}, 1, pace.Rate{})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// midway is second 12 of a run in which everything has happened that a line can say.
func midway() []runner.Progress {
	codes := map[string]int64{"OK": 4950, "isv.BIND_CONFLICT": 40, "isv.NEVER_HEARD": 2, "timeout": 3}
	classes := map[string]results.Class{"OK": results.ClassOK, "isv.BIND_CONFLICT": results.ClassBusiness, "isv.NEVER_HEARD": results.ClassUndocumented,
		"timeout": results.ClassTransport}
	return []runner.Progress{
		{Elapsed: 2 * time.Second, Seconds: []results.Second{{T: 1, Phase: "warm-up", Planned: 200, Done: 200, Good: 200}}},
		{Elapsed: 12 * time.Second, InFlight: 1234, Queued: 17, Seconds: []results.Second{
			{T: 11, Phase: "main", Planned: 5000, Sent: 5000, Done: 4992, Good: 4950, Failed: 3, Dropped: 5, Codes: codes, CodeClass: classes,
				RespP50NS: 1_230_000, RespP99NS: 88_400_000, LateP99NS: 51_000}}},
	}
}

// newState returns a meter without any drawing that has been told of those seconds.
func newState(t interface{ Fatal(...any) }, style lineStyle, seconds []runner.Progress) *meter {
	plan := progressPlan(t)
	m := &meter{plan: plan, style: style, next: time.Hour, state: progressState{phases: make([]phaseProgress, 2), codes: map[string]*codeProgress{}}}
	lag := results.NewHistogram()
	lag.Record(2_500_000)
	for _, s := range seconds {
		_ = m.AppendSecond(time.Time{}, time.Time{}, nil, []results.Interval{{Phase: "main", Clock: "lag", Code: results.CodeAll, H: lag}})
		m.second(s)
	}
	return m
}

// text returns the lines that a terminal of that width shows.
func (m *meter) text(width int) []string {
	s := m.snapshot()
	return []string{m.phaseLine(&s, 0, width), m.phaseLine(&s, 1, width), m.secondLine(&s, width), m.codesLine(&s, width)}
}

func TestProgressLines(t *testing.T) {
	for _, tt := range []struct {
		name  string
		width int
		style lineStyle
		want  []string
	}{
		{"wide", 100, lineStyle{}, []string{
			"warm-up ━━━━━━━━━━━━━━━━━━━━━━━━━     2s / 2s       planned 200   done 200   good 200",
			"main    ━━━━━━━━─────────────────    10s / 30s      planned 5,000   done 4,992   good 4,950",
			"4,950 good/s   p50 1.23 ms   p99 88.4 ms   lag 2.50 ms   1,234 in flight   17 queued   20s left",
			"OK 4,950   isv.BIND_CONFLICT 40   isv.NEVER_HEARD 2 (undocumented)   dropped 5",
		}},
		{"ascii", 100, lineStyle{ascii: true}, []string{
			"warm-up #########################     2s / 2s       planned 200   done 200   good 200",
			"main    ########.................    10s / 30s      planned 5,000   done 4,992   good 4,950",
			"4,950 good/s   p50 1.23 ms   p99 88.4 ms   lag 2.50 ms   1,234 in flight   17 queued   20s left",
			"OK 4,950   isv.BIND_CONFLICT 40   isv.NEVER_HEARD 2 (undocumented)   dropped 5",
		}},
		{"narrow", 60, lineStyle{}, []string{
			"warm-up ━━━━━━━━━━━━━━━     2s / 2s       done 200",
			"main    ━━━━━──────────    10s / 30s      done 4,992",
			"4,950 good/s   p50 1.23 ms   p99 88.4 ms   1,234 in flight",
			"OK 4,950   isv.NEVER_HEARD 2 (undocumented)   dropped 5",
		}},
		{"very narrow", 30, lineStyle{}, []string{"warm-up 2s / 2s", "main 10s / 30s", "4,950 good/s   p99 88.4 ms", "dropped 5"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := newState(t, tt.style, midway()).text(tt.width)
			for i := range got {
				if strings.TrimRight(got[i], " ") != tt.want[i] {
					t.Errorf("line %d\n got %q\nwant %q", i, got[i], tt.want[i])
				}
			}
		})
	}
}

// TestProgressLeft: the lines before, between and after what is usual.
func TestProgressLeft(t *testing.T) {
	last := func(width int, seconds ...runner.Progress) string {
		return newState(t, lineStyle{}, seconds).text(width)[2]
	}
	if got := last(100); got != "starting" {
		t.Errorf("before the first second: %q", got)
	}
	draining := runner.Progress{Elapsed: 33 * time.Second, InFlight: 2, Draining: true, Seconds: []results.Second{{T: 32, Phase: "main"}}}
	if got, want := last(100, draining), "0 good/s   p50 -   p99 -   lag 2.50 ms   late -   2 in flight   waiting for open calls"; got != want {
		t.Errorf("in the drain: %q, want %q", got, want)
	}
	m := newState(t, lineStyle{}, midway())
	m.state.ended = true
	if got, want := m.text(100)[2], "planned 5,200   done 5,192   good 5,150   in 12s"; got != want {
		t.Errorf("at the end: %q, want %q", got, want)
	}
	if got := newState(t, lineStyle{}, nil).text(100); got[3] != "" || !strings.HasSuffix(got[1], "waiting") {
		t.Errorf("a run of which nothing is known: %q", got)
	}
}

var escapes = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// TestProgressFits: no line is longer than the terminal is wide, none holds what a terminal acts on but colours that were asked for.
func TestProgressFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		style := lineStyle{color: rapid.Bool().Draw(t, "color"), ascii: rapid.Bool().Draw(t, "ascii")}
		big := rapid.Int64Range(0, 1<<62)
		s := runner.Progress{Elapsed: time.Duration(rapid.Int64Range(1, int64(40*time.Second)).Draw(t, "elapsed")), InFlight: big.Draw(t, "in flight"),
			Queued: big.Draw(t, "queued"), Draining: rapid.Bool().Draw(t, "draining")}
		l := results.Second{Phase: "main", Planned: big.Draw(t, "planned"), Done: big.Draw(t, "done"), Good: big.Draw(t, "good"), Dropped: big.Draw(t, "dropped"),
			RespP50NS: big.Draw(t, "p50"), RespP99NS: big.Draw(t, "p99"), LateP99NS: big.Draw(t, "late"), Codes: map[string]int64{}, CodeClass: map[string]results.Class{}}
		for _, name := range rapid.SliceOfN(rapid.String(), 0, 6).Draw(t, "codes") {
			l.Codes[name] = big.Draw(t, "count")
			l.CodeClass[name] = rapid.SampledFrom(results.Classes).Draw(t, "class")
		}
		s.Seconds = []results.Second{l}
		m := newState(t, style, []runner.Progress{s})
		width := rapid.IntRange(0, 120).Draw(t, "width")
		plain := m.plainLine(&m.state)
		for _, line := range append(m.text(width), plain) {
			bare := escapes.ReplaceAllString(line, "")
			if !style.color && bare != line || strings.ContainsAny(bare, "\x1b\n\r\t") {
				t.Fatalf("%q holds an escape sequence or a line break", line)
			}
			if n := utf8.RuneCountInString(bare); n > width && line != plain {
				t.Fatalf("%q has %d cells, %d are there", bare, n, width)
			}
			if len(l.Codes) == 0 && style.ascii && len(bare) != utf8.RuneCountInString(bare) {
				t.Fatalf("%q is not ASCII", bare)
			}
		}
	})
}

// TestProgressColor: what no list has is red, and nothing is where NO_COLOR is set.
func TestProgressColor(t *testing.T) {
	if got := newState(t, lineStyle{color: true}, midway()).text(100)[3]; !strings.Contains(got, "\x1b[31m   isv.NEVER_HEARD 2 (undocumented)\x1b[0m") ||
		!strings.Contains(got, "\x1b[32mOK 4,950\x1b[0m") {
		t.Errorf("coloured: %q", got)
	}
	for _, tt := range []struct {
		env  map[string]string
		want lineStyle
	}{{nil, lineStyle{}}, {map[string]string{"LANG": "C"}, lineStyle{ascii: true}}} {
		p := &program{stderr: io.Discard, env: func(name string) string { return tt.env[name] }}
		if got := p.lineStyle(); got != tt.want {
			t.Errorf("%v: %+v, want %+v", tt.env, got, tt.want)
		}
	}
}

// TestPlainProgress: without a terminal there is a line each five seconds of the run, with the same facts.
func TestPlainProgress(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	var out bytes.Buffer
	m := newMeter(progressPlan(t), &out, false, lineStyle{})
	for _, s := range midway() {
		m.second(s)
	}
	m.close()
	want := "axbench: 12s of 32s, main: planned 5000, done 4992, good 4950, 4,950 good/s, p50 1.23 ms, p99 88.4 ms, lag -, late 51.0 µs, " +
		"1,234 in flight, 17 queued, 20s left, OK 4,950, isv.BIND_CONFLICT 40, timeout 3 (no answer), isv.NEVER_HEARD 2 (undocumented), 1 more codes\n"
	if out.String() != want {
		t.Errorf("got  %q\nwant %q", out.String(), want)
	}
}

// stuck is a terminal that takes nothing until it is let go.
type stuck struct {
	begun sync.Once
	held  chan struct{} // closed when something was written
	free  chan struct{}
}

func (s *stuck) Write(p []byte) (int, error) {
	s.begun.Do(func() { close(s.held) })
	<-s.free
	return len(p), nil
}

// TestProgressHoldsUpNothing: the runner tells of its seconds although nothing can be written.
func TestProgressHoldsUpNothing(t *testing.T) {
	for _, terminal := range []bool{false, true} {
		t.Run(fmt.Sprint("terminal ", terminal), func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			out := &stuck{held: make(chan struct{}), free: make(chan struct{})}
			m := newState(t, lineStyle{}, nil)
			m.out, m.next = out, plainEvery
			if terminal {
				m.draw(mpb.WithOutput(out), mpb.WithAutoRefresh())
			} else {
				m.due, m.ended = make(chan struct{}, 1), make(chan struct{})
				go m.writePlain()
			}
			m.second(runner.Progress{Elapsed: 6 * time.Second})
			<-out.held // from here on nothing is written
			for i := range 1000 {
				m.second(runner.Progress{Elapsed: time.Duration(i) * time.Second, Seconds: midway()[1].Seconds})
			}
			close(out.free)
			m.close()
			if s := m.snapshot(); s.phases[1].done != 1000*4992 {
				t.Errorf("%d calls are counted", s.phases[1].done)
			}
		})
	}
}
