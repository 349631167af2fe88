package results

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"time"
)

const dirTime = "20060102T150405Z"

var dirName = regexp.MustCompile(`^[0-9]{8}T[0-9]{6}Z-[A-Za-z0-9._-]{1,64}-[0-9a-f]{4}$`)

// NewDirName returns the name of a new run directory, "<UTC time>-<scenario>-<4 hex>". Bytes of the scenario's name that
// a directory name of this form cannot hold become "-".
func NewDirName(now time.Time, scenario string, random [2]byte) string {
	name := []byte(scenario)
	if len(name) > 64 {
		name = name[:64]
	}
	for i, c := range name {
		if !plain(c) || c == '~' {
			name[i] = '-'
		}
	}
	if len(name) == 0 {
		name = []byte("run")
	}
	return now.UTC().Format(dirTime) + "-" + string(name) + "-" + hex.EncodeToString(random[:])
}

// IsRunDir tells whether path is a run directory that may be listed, tagged and pruned: a directory, no link to one, of
// the form of NewDirName with a run.json or a conform.json of this schema.
func IsRunDir(path string) bool {
	abs, err := filepath.Abs(path)
	if err != nil || !dirName.MatchString(filepath.Base(abs)) {
		return false
	}
	info, err := os.Lstat(abs)
	if err != nil || !info.IsDir() {
		return false
	}
	if _, err = ReadRun(abs); err != nil {
		_, err = ReadConform(abs)
	}
	return err == nil
}

// List returns the directories of runs and conformance runs in store, oldest first. Anything else in store is passed over; a store that does not
// exist is empty.
func List(store string) ([]string, error) {
	entries, err := os.ReadDir(store)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var dirs []string
	for _, e := range entries {
		if path := filepath.Join(store, e.Name()); IsRunDir(path) {
			dirs = append(dirs, path)
		}
	}
	sort.Strings(dirs)
	return dirs, nil
}
