package results

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// TagsFile holds the tags of a directory, a name a line, sorted; a directory without tags has none. It lies in the directory, so that a
// copy of the directory has them too.
const TagsFile = "tags"

// lockFile, in a store, is locked while tags in it change and directories go. It is empty and stays.
const lockFile = ".lock"

var (
	tagName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._-]{0,63}$`)
	hexEnd  = regexp.MustCompile(`^[0-9a-f]{4}$`)
)

// CheckTag tells why name cannot be a tag, nil if it can. A tag is never the beginning of a directory's name, "latest", or the four hex
// digits that such a name ends in.
func CheckTag(name string) error {
	switch {
	case !tagName.MatchString(name):
		return fmt.Errorf("%q is no name of a tag: a letter, then up to 63 letters, digits, dots, underscores and dashes", name)
	case strings.EqualFold(name, latest):
		return fmt.Errorf("%q is no name of a tag: it names the newest run", name)
	case hexEnd.MatchString(name):
		return fmt.Errorf("%q is no name of a tag: it could be the end of a directory's name", name)
	}
	return nil
}

// ReadTags reads the tags of a directory, sorted, none where it has no such file. An error is a *RecordError with the line.
func ReadTags(dir string) ([]string, error) {
	path := filepath.Join(dir, TagsFile)
	data, err := readHead(path)
	if errors.Is(err, fs.ErrNotExist) {
		return []string{}, nil
	}
	if err != nil {
		return nil, &RecordError{File: path, Err: err}
	}
	tags := []string{}
	for i, line := range strings.Split(string(data), "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if err := CheckTag(line); err != nil {
			return nil, &RecordError{File: path, Line: i + 1, Err: err}
		}
		tags = append(tags, line)
	}
	slices.Sort(tags)
	return slices.Compact(tags), nil
}

// SetTag gives the directory dir, one that IsRunDir is true for, a tag. The folder around it is its store, in which a tag names at most
// one directory of each kind and scenario: from says which others bore it, and do no longer. Several processes may tag in one store at
// the same time; after a kill in the middle two directories may bear the tag, until it is set again.
func SetTag(dir, name string) (from []string, err error) {
	if err := CheckTag(name); err != nil {
		return nil, err
	}
	err = lockAround(dir, func(store string) error {
		e, err := ReadStored(dir)
		if err != nil {
			return err
		}
		bearers, err := Entries(store, Want{Tag: name})
		if err != nil {
			return err
		}
		others := slices.Collect(bearers)
		if err := writeTags(dir, append(e.Tags, name)); err != nil {
			return err
		}
		for i := range others {
			if o := &others[i]; o.Name != e.Name && o.Kind == e.Kind && o.Scenario == e.Scenario {
				if err := writeTags(o.Dir, without(o.Tags, name)); err != nil {
					return err
				}
				from = append(from, filepath.Join(filepath.Dir(filepath.Clean(dir)), o.Name))
			}
		}
		return nil
	})
	return from, err
}

// ClearTag takes a tag from the directory dir and tells whether dir had it.
func ClearTag(dir, name string) (had bool, err error) {
	err = lockAround(dir, func(string) error {
		e, err := ReadStored(dir)
		if err != nil {
			return err
		}
		if had = slices.Contains(e.Tags, name); !had {
			return nil
		}
		return writeTags(dir, without(e.Tags, name))
	})
	return had, err
}

// lockAround is lockStore of the store that dir is in.
func lockAround(dir string, work func(store string) error) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	store := filepath.Dir(abs)
	return lockStore(store, func() error { return work(store) })
}

// lockStore does work while no other process tags or prunes in the store.
func lockStore(store string, work func() error) error {
	unlock, err := lockedfile.MutexAt(filepath.Join(store, lockFile)).Lock()
	if err != nil {
		return fmt.Errorf("the store %s cannot be changed: %w", store, err)
	}
	defer unlock()
	return work()
}

func without(tags []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(tags), func(t string) bool { return t == name })
}

// writeTags replaces the tags of a directory.
func writeTags(dir string, tags []string) error {
	path := filepath.Join(dir, TagsFile)
	if len(tags) == 0 {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		syncDir(dir)
		return nil
	}
	slices.Sort(tags)
	return WriteFile(path, []byte(strings.Join(slices.Compact(tags), "\n")+"\n"), 0o644)
}
