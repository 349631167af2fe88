package results

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var writeSample = flag.Bool("write-sample", false, "write testdata/run-v1 anew: only while the version is not published")

// One sample per version of the format stays readable for ever, whatever the program writes today.
func TestSampleOfVersion1(t *testing.T) {
	if *writeSample {
		sample(t)
	}
	t.Run("finished", func(t *testing.T) {
		rec, err := Open(filepath.Join("testdata", "run-v1", "finished"))
		if err != nil {
			t.Fatal(err)
		}
		run := &rec.Run
		if run.Verdict != VerdictPass || run.ExitCode == nil || *run.ExitCode != 0 || run.Scenario != "sample" || !run.Started.Equal(start) || run.Target.URL != "emulator" {
			t.Errorf("%+v", run)
		}
		checkFigures(t, run)
		rec.Summarise() // from the histograms, with the same result
		checkFigures(t, run)
		if len(run.SLOs) != 1 || run.SLOs[0].Pass == nil || !*run.SLOs[0].Pass || *run.SLOs[0].High != 0.99 {
			t.Errorf("SLOs %+v", run.SLOs)
		}
		evidence, err := rec.Evidence()
		if err != nil || len(evidence) != 1 || evidence[0].Clauses[0] != "RSP-9" || evidence[0].ResponseNS != 5*ms {
			t.Errorf("evidence %+v, %v", evidence, err)
		}
		if seconds, err := rec.Timeline(); err != nil || len(seconds) != 3 || seconds[2].T != 2 || seconds[2].FollowUps.Planned != 2 {
			t.Errorf("timeline %+v, %v", seconds, err)
		}
	})
	t.Run("killed", func(t *testing.T) {
		rec, err := Open(filepath.Join("testdata", "run-v1", "killed"))
		if err != nil {
			t.Fatal(err)
		}
		checkKilled(t, &rec.Run)
		if notes := strings.Join(rec.Run.Notes, "\n"); !strings.Contains(notes, "timeline.ndjson: the last line is not whole") {
			t.Errorf("notes %q", notes)
		}
	})
}

// sample writes the two directories that TestSampleOfVersion1 reads.
func sample(t *testing.T) {
	root := filepath.Join("testdata", "run-v1")
	if err := os.RemoveAll(root); err != nil {
		t.Fatal(err)
	}
	dir, w := write(t, 3)
	if _, err := w.AppendEvidence(&Evidence{Time: start, Phase: "main", Operation: "BindAxb", Code: "OK", Class: ClassOK,
		Clauses: []string{"RSP-9"}, Detail: "no SubsId", Request: "GET /?Action=BindAxb", Answer: `{"Code":"OK"}`, ResponseNS: 5 * ms}); err != nil {
		t.Fatal(err)
	}
	run := finished()
	value, low, high, pass := 0.7, 0.5, 0.99, true
	run.SLOs = []SLO{{Rule: "good >= 50%", Limit: 0.5, Value: &value, Low: &low, High: &high, Unit: "share", Pass: &pass}}
	rec := w.Record(run)
	rec.Summarise()
	if err := w.Finish(&rec.Run); err != nil {
		t.Fatal(err)
	}
	killed, _ := write(t, 3)
	appendTo(t, filepath.Join(killed, TimelineFile), `{"t":3,"phase":"main","pla`)
	for name, from := range map[string]string{"finished": dir, "killed": killed} {
		if err := os.CopyFS(filepath.Join(root, name), os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
}
