package results

import (
	"testing"
	"time"
)

// BenchmarkOpen reads the directory of a run of ten minutes with six codes.
func BenchmarkOpen(b *testing.B) {
	const seconds = 600
	dir := b.TempDir()
	w, err := Create(dir, newRun())
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	for s := range int64(seconds) {
		lines, intervals := second(1)
		lines[0].T = s
		for i := range intervals { // spread like real ones
			for k := range int64(200) {
				if intervals[i].H.Count() > 0 {
					intervals[i].H.Record((k*k%997 + s%50) * 50_000)
				}
			}
		}
		at := start.Add(time.Duration(s) * time.Second)
		if err := w.AppendSecond(at, at.Add(time.Second), lines, intervals); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if _, err := Open(dir); err != nil {
			b.Fatal(err)
		}
	}
}
