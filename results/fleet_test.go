package results

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestFleetReadsBack writes a run of two generators, each with a directory of its own.
func TestFleetReadsBack(t *testing.T) {
	dir, w := write(t, 2)
	run := finished()
	slot := 1
	run.Fleet = &Fleet{ID: "r", Policy: LossRedistribute, Missing: 3, Gaps: []Gap{{From: 4, To: 10, Count: 3, Slot: &slot}}, Allowed: 0.1,
		Generators: []Part{{Weight: 2, Host: "a", State: PartEnded, Ledger: Ledger{Planned: 5, Done: 5}, Generator: Generator{CPUCores: 1.5}}, {Slot: 1, Weight: 1, State: PartLost}}}
	if err := errors.Join(w.Finish(run), w.Close()); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(GeneratorDir(dir, 1), os.DirFS(filepath.Join("testdata", "run-v1", "finished"))); err != nil {
		t.Fatal(err)
	}
	rec, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(rec.Run.Fleet, run.Fleet) {
		t.Errorf("%+v, want %+v", rec.Run.Fleet, run.Fleet)
	}
	own, err := rec.Generator(1)
	if err != nil || own.Run.Scenario != "sample" {
		t.Errorf("%v", err)
	}
	if _, err := rec.Generator(0); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a generator without a directory: %v", err)
	}
	if data, err := os.ReadFile(filepath.Join(dir, RunFile)); err != nil || !strings.Contains(string(data), `"on_generator_loss": "redistribute"`) {
		t.Errorf("%s, %v", data, err)
	}
	if err := WriteRun(dir, &Run{Fleet: &Fleet{}}); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(filepath.Join(dir, RunFile)); err != nil || strings.Contains(string(data), `"gaps": null`) || strings.Contains(string(data), `"generators": null`) {
		t.Errorf("lists of nothing: %s, %v", data, err)
	}
}

func TestFleetWords(t *testing.T) {
	if got := (&Part{Slot: 2, Host: "load-3"}).ID() + " " + (&Part{Slot: 11}).ID(); got != "2 (load-3) 11" {
		t.Error(got)
	}
	f := &Fleet{Allowed: 0.01, Generators: []Part{{Weight: 2}, {Weight: 3}, {Weight: -1}}}
	if f.Weights() != 5 {
		t.Error(f.Weights())
	}
	for _, c := range []struct {
		n, planned int64
		want       bool
	}{{0, 0, true}, {1, 0, false}, {1, 100, true}, {2, 100, false}, {1, 99, false}, {-1, 0, true}} {
		if f.Within(c.n, c.planned) != c.want {
			t.Errorf("%d of %d: %v", c.n, c.planned, !c.want)
		}
	}
	if (&Fleet{}).Within(1, 1000) {
		t.Error("nothing is allowed, and one may be missing")
	}
}

func TestWorstGenerator(t *testing.T) {
	ns := func(n int64) *int64 { return &n }
	if got := WorstGenerator(nil); !reflect.DeepEqual(got, Generator{}) {
		t.Errorf("%+v", got)
	}
	got := WorstGenerator([]Generator{
		{CPUCores: 1, LateP99NS: 5, MaxInFlight: 7, Limit: 100, LimitDefault: 64, Connections: 3, SkewLowNS: ns(-5), SkewHighNS: ns(5), Valid: true, Overflow: 1},
		{CPUCores: 0.5, CPUOthers: 2, LateMaxNS: 9, MaxInFlight: 9, Limit: 50, LimitDefault: 32, Connections: 4, Unopened: 1, SkewLowNS: ns(-30), SkewHighNS: ns(-20), ClockJumped: true},
		{RSSMaxBytes: 4, StallMaxNS: 3, GCPauseMaxNS: 2, CPUPerCallUS: 8, SkewLowNS: ns(10), SkewHighNS: ns(11)},
	})
	want := Generator{CPUPerCallUS: 8, CPUCores: 1, CPUOthers: 2, LateP99NS: 5, LateMaxNS: 9, StallMaxNS: 3, GCPauseMaxNS: 2, RSSMaxBytes: 4, MaxInFlight: 9, Limit: 50, LimitDefault: 32,
		Connections: 7, Unopened: 1, SkewLowNS: ns(-30), SkewHighNS: ns(-20), ClockJumped: true, Overflow: 1}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s, want %s", asJSON(t, got), asJSON(t, want))
	}
}
