package fleet

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"axbench/runner/pace"
)

// TestLogsTellTheRun leads a run once more from what its agents have written down: the ledger is the same, with all of them and without one.
func TestLogsTellTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 3, 300, 3*time.Second)
		outcome := w.lead(false)
		for i := range 3 {
			w.join(i, func(p *player) { p.log = &bytes.Buffer{} })
		}
		first := w.end(outcome)
		for kept := 3; kept >= 1; kept-- {
			var logs [][]LogEntry
			for _, p := range w.agents[:kept] {
				log, err := ReadLog("log", bytes.NewReader(p.log.Bytes()))
				if err != nil {
					t.Fatal(err)
				}
				logs = append(logs, log)
			}
			stream, spec, err := Past(logs...)
			if err != nil {
				t.Fatal(err)
			}
			o, err := Control(t.Context(), ControlConfig{Stream: stream, Spec: *spec, Plan: w.plan, Digest: "d", Name: "later", Resume: true, Past: true,
				OnWindow: func(int, *Window) error { return nil }, boot: fakeBoot()})
			if err != nil {
				t.Fatal(err)
			}
			lost := int64(0)
			for i := kept; i < 3; i++ {
				lost += first.Decided[i]
				if o.Slots[i].Lost == "" {
					t.Errorf("slot %d has no log and is not lost", i)
				}
			}
			if o.Missing != first.Missing+lost || o.Double != 0 || !o.Start.Equal(first.Start) {
				t.Errorf("of %d logs: %+v, was %+v", kept, o.Settlement, first.Settlement)
			}
		}
	})
}

func TestLogErrors(t *testing.T) {
	spec := `{"spec":{"schema":"axbench.fleet/v1","id":"r","weights":[1]},"slot":0}` + "\n"
	for name, c := range map[string]struct{ text, want string }{
		"empty":   {"", "is no log of an agent"},
		"foreign": {`{"a":1}` + "\n", "is no log of an agent"},
		"schema":  {strings.Replace(spec, "v1", "v9", 1), "is no log of an agent"},
		"broken":  {spec + "{\n" + spec, "log:2: no line of a log"},
	} {
		if _, err := ReadLog("log", strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	list, err := ReadLog("log", strings.NewReader(spec+`{"slot":0,"rec`))
	if err != nil || len(list) != 1 {
		t.Errorf("a line that was cut off: %d entries, %v", len(list), err)
	}
	other := []LogEntry{{Spec: &Spec{ID: "other"}}}
	if _, _, err := Past(list, other); err == nil || !strings.Contains(err.Error(), "two runs") {
		t.Errorf("logs of two runs: %v", err)
	}
	if _, _, err := Past(list); err == nil {
		t.Error("a log without a plan makes a run")
	}
	plan := LogEntry{Plan: &Plan{State: Armed, Division: pace.Division{Cycle: []int{0}}}, Revision: 2}
	two := []LogEntry{{Slot: 0, Record: &SlotRecord{Kind: KindClaim}}, {Slot: 1, Record: &SlotRecord{Kind: KindClaim}}}
	if _, _, err := Past(append(list, plan), two); err == nil || !strings.Contains(err.Error(), "two slots") {
		t.Errorf("a log of two slots: %v", err)
	}
}

func FuzzReadLog(f *testing.F) {
	f.Add([]byte(`{"spec":{"schema":"axbench.fleet/v1","id":"r","weights":[1]},"slot":0}` + "\n" + `{"plan":{"state":"armed","start":1,"division":{"cycle":[0]}},"revision":2,"slot":0}` + "\n" +
		`{"slot":0,"record":{"kind":"window","window":{"seq":0,"claims":[{"from":0,"to":5}]}}}` + "\n"))
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		log, err := ReadLog("log", bytes.NewReader(data))
		if err != nil {
			return
		}
		if _, spec, err := Past(log); err == nil && spec == nil {
			t.Error("a run of nothing")
		}
	})
}
