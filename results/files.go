package results

import (
	"fmt"
	"os"
	"path/filepath"
)

// The files of a run directory that this package writes.
const (
	RunFile      = "run.json"
	TimelineFile = "timeline.ndjson"
	IntervalFile = "intervals.hlog"
	EvidenceFile = "evidence.ndjson"
)

// WriteFile puts data under path so that it is there whole or not at all: temporary name in the same directory, sync,
// rename, sync of the directory. A file that was there before is replaced.
func WriteFile(path string, data []byte, mode os.FileMode) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	syncDir(dir)
	return nil
}

// syncDir makes a rename last where the platform can: some file systems refuse to sync a directory, which costs only
// what a power failure right now would cost.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}
