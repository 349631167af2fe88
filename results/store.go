package results

import (
	"encoding/hex"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

const dirTime = "20060102T150405Z"

var dirName = regexp.MustCompile(`^[0-9]{8}T[0-9]{6}Z-[A-Za-z0-9._-]{1,64}-[0-9a-f]{4}$`)

// NewDirName returns the name of a new run directory, "<UTC time>-<scenario>-<4 hex>". Bytes of the scenario's name that
// a directory name of this form cannot hold become "-".
func NewDirName(now time.Time, scenario string, random [2]byte) string {
	return now.UTC().Format(dirTime) + "-" + nameInDir(scenario) + "-" + hex.EncodeToString(random[:])
}

// IsDirName tells whether name is of the form of NewDirName.
func IsDirName(name string) bool { return dirName.MatchString(name) }

// nameInDir is the name of a scenario as the name of a directory holds it.
func nameInDir(scenario string) string {
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
		return "run"
	}
	return string(name)
}

// IsRunDir tells whether path is a run directory that may be listed, tagged and pruned: a directory, no link to one, of
// the form of NewDirName with a run.json, a conform.json or a capacity.json of this schema.
func IsRunDir(path string) bool {
	_, err := ReadStored(path)
	return err == nil
}

// ReadStored is ReadEntry of a directory that may be listed, tagged and pruned, and an error that says why it may not for any other.
func ReadStored(path string) (*Entry, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if !dirName.MatchString(filepath.Base(abs)) {
		return nil, fmt.Errorf("%s has no name of the form <UTC time>-<scenario>-<4 hex>, which runs in a store have", path)
	}
	info, err := os.Lstat(abs)
	switch {
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, fmt.Errorf("%s is no directory", path)
	}
	return ReadEntry(path)
}

// List returns the directories of runs, conformance runs and searches for capacity in store, oldest first. Anything else in store is
// passed over; a store that does not exist is empty.
func List(store string) ([]string, error) {
	entries, err := Entries(store, Want{})
	if err != nil {
		return nil, err
	}
	var dirs []string
	for e := range entries {
		dirs = append(dirs, e.Dir)
	}
	slices.Sort(dirs)
	return dirs, nil
}

// Want narrows what is listed, or what a reference may name: "" takes any.
type Want struct {
	Kind     Kind
	Scenario string
	Tag      string
}

func (w Want) has(e *Entry) bool {
	return (w.Kind == "" || w.Kind == e.Kind) && (w.Scenario == "" || w.Scenario == e.Scenario) && (w.Tag == "" || slices.Contains(e.Tags, w.Tag))
}

// words says what is wanted.
func (w Want) words() (s string) {
	for _, part := range []struct{ before, what string }{{" of kind ", string(w.Kind)}, {" of scenario ", w.Scenario}, {" with the tag ", w.Tag}} {
		if part.what != "" {
			s += part.before + part.what
		}
	}
	return s
}

// Entries gives out the heads of what List lists, as far as want takes them, newest first by Entry.Started. Each is read when it is asked
// for, with the others whose directories bear the same second: the first few of thousands are there at once.
func Entries(store string, want Want) (iter.Seq[Entry], error) {
	names, err := storedNames(store)
	if err != nil {
		return nil, err
	}
	return readNames(store, names, want), nil
}

// storedNames lists what in store has the name of a run directory and is a directory, newest first.
func storedNames(store string) ([]string, error) {
	found, err := os.ReadDir(store)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range found {
		if e.IsDir() && dirName.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	slices.Reverse(names)
	return names, nil
}

// readNames reads the heads of names, which are newest first, by second: within a second the names say nothing of the order.
func readNames(store string, names []string, want Want) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for rest := names; len(rest) > 0; {
			second := rest[0][:len(dirTime)]
			var read []Entry
			for len(rest) > 0 && rest[0][:len(dirTime)] == second {
				if e := readWanted(store, rest[0], want); e != nil {
					read = append(read, *e)
				}
				rest = rest[1:]
			}
			slices.SortStableFunc(read, func(a, b Entry) int { return b.Started.Compare(a.Started) })
			for _, e := range read {
				if !yield(e) {
					return
				}
			}
		}
	}
}

// readWanted returns nil for what is not wanted, of which it reads no more than it has to.
func readWanted(store, name string, want Want) *Entry {
	if !maybeOf(name, want.Scenario) {
		return nil
	}
	dir := filepath.Join(store, name)
	if want.Tag != "" {
		if tags, err := ReadTags(dir); err != nil || !slices.Contains(tags, want.Tag) {
			return nil
		}
	}
	e, err := ReadEntry(dir)
	if err != nil || !want.has(e) {
		return nil
	}
	return e
}

// maybeOf tells whether a directory of that name can be of a scenario, as far as the name says.
func maybeOf(name, scenario string) bool {
	of := nameInDir(scenario)
	return scenario == "" || strings.Contains(name, "-"+of[:min(len(of), shortName)])
}

// shortName is how much of a scenario's name the name of its directory holds at least, also where something stands before it.
const shortName = 40
