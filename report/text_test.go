package report

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path"
	"strings"
	"testing"

	"axbench/results"
)

var update = flag.Bool("update", false, "make the sample run directories and golden texts anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := "testdata/" + name
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs:\n%s", file, firstDifference(string(got), string(want)))
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		a, b := "", ""
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			return "got  " + a + "\nwant " + b
		}
	}
	return ""
}

func text(t *testing.T, rec *results.Record, o TextOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := Text(&b, rec, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTextGolden(t *testing.T) {
	for i := range samples {
		s := &samples[i]
		t.Run(s.name, func(t *testing.T) {
			if *update {
				s.build(t, "testdata/runs")
			}
			rec, err := results.Open(path.Join("testdata/runs", s.name))
			if err != nil {
				t.Fatal(err)
			}
			golden(t, s.name+".txt", []byte(text(t, rec, TextOptions{})))
			for n, line := range strings.Split(text(t, rec, TextOptions{}), "\n") {
				if w := width(line); w > defaultWidth {
					t.Errorf("line %d has %d cells: %s", n+1, w, line)
				}
			}
			if s.name == "nonconformant" {
				golden(t, s.name+".ascii.txt", []byte(text(t, rec, TextOptions{ASCII: true, Width: 80})))
				golden(t, s.name+".color.txt", []byte(text(t, rec, TextOptions{Color: true, Width: 120})))
			}
		})
	}
}

// TestTextSays holds what no report may leave out, sample by sample, whatever the layout.
func TestTextSays(t *testing.T) {
	cases := map[string]struct{ says, not []string }{
		"pass":       {[]string{"PASS", "exit code 0", "p99(offered) < 50ms", "below 0.14 % with 99 % confidence", "unique over all 3,200"}, []string{"FAIL", closedSentence, "axbench cleanup"}},
		"slo-missed": {[]string{"FAIL", "exit code 3", "> 10.0 s", "no data", "axbench cleanup testdata/runs/slo-missed", "1,868 bindings are still live"}, []string{"PASS", "PARTIAL"}},
		"nonconformant": {[]string{"NOT CONFORMANT", "exit code 4", "UNDOCUMENTED", "isv.MYSTERY_ERROR", "RSP-9", "SecretBindDTO: expected an object",
			"over the first 500 of 600", "documented, never seen (3)"}, []string{"\x1b", "\u202e"}},
		"closed":  {[]string{"closed model: callers that wait do not call, so response time", "PASS", "proxy proxy.test:3128", "runtime timer (up to 1 ms late)"}, nil},
		"invalid": {[]string{"INVALID", "exit code 6", "NOT VALID", "p99 14.0 ms, max 31.0 ms"}, []string{"PASS"}},
		"partial": {[]string{"PARTIAL", "no exit code yet", "not ended; on disk up to 3s"}, []string{"PASS", "exit code 0"}},
		"no-data": {[]string{"NO DATA", "exit code 7", "refused", "no call was measured"}, []string{"100 %\n"}},
		"bounds":  {[]string{"INTERRUPTED", "exit code 130", "> 10.0 s", "░", "all recorded phases"}, nil},
	}
	for name, c := range cases {
		rec, err := results.Open(path.Join("testdata/runs", name))
		if err != nil {
			t.Fatal(err)
		}
		got := text(t, rec, TextOptions{})
		flat := strings.Join(strings.Fields(got), " ")
		for _, s := range c.says {
			if !strings.Contains(flat, s) {
				t.Errorf("%s does not say %q", name, s)
			}
		}
		for _, s := range c.not {
			if strings.Contains(flat, s) {
				t.Errorf("%s says %q", name, s)
			}
		}
	}
}

// TestUndocumentedFirst: what nobody documented stands before everything else in the code table.
func TestUndocumentedFirst(t *testing.T) {
	rec, err := results.Open("testdata/runs/nonconformant")
	if err != nil {
		t.Fatal(err)
	}
	got := text(t, rec, TextOptions{})
	got = got[strings.Index(got, "Codes, all phases"):]
	mystery, ok := strings.Index(got, "isv.MYSTERY_ERROR"), strings.Index(got, "  OK ")
	if mystery < 0 || ok < 0 || mystery > ok {
		t.Errorf("isv.MYSTERY_ERROR at %d, OK at %d", mystery, ok)
	}
}

// TestLedger: an account that does not add up is said, one that does is not.
func TestLedger(t *testing.T) {
	rec, err := results.Open("testdata/runs/pass")
	if err != nil {
		t.Fatal(err)
	}
	const says = "does not add up"
	if strings.Contains(text(t, rec, TextOptions{}), says) {
		t.Error("a right ledger is called wrong")
	}
	rec.Run.Phases[1].Done--
	if got := text(t, rec, TextOptions{}); !strings.Contains(got, "the ledger of phase main does not add up: 3,000 planned, 2,999 accounted for") {
		t.Errorf("a wrong ledger is not called so:\n%s", got)
	}
}

// TestNotUnique: a repeated identifier turns the statement round.
func TestNotUnique(t *testing.T) {
	rec, err := results.Open("testdata/runs/pass")
	if err != nil {
		t.Fatal(err)
	}
	rec.Run.Violations[1] = clause("RSP-2", "MUST", "RequestId is unique.", 2, 3200, 0)
	got := text(t, rec, TextOptions{})
	if !strings.Contains(got, "RequestId: NOT unique, 2 repeated over all 3,200 (RSP-2)") || !strings.Contains(got, "SubsId: unique over all 3,170") {
		t.Errorf("uniqueness is not told:\n%s", got)
	}
}

type brokenWriter struct{}

var errBroken = errors.New("broken")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestTextWriteError(t *testing.T) {
	if err := Text(brokenWriter{}, &results.Record{}, TextOptions{}); !errors.Is(err, errBroken) {
		t.Errorf("got %v, want the writer's error", err)
	}
}
