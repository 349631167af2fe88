package results

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// latest names the newest run of a store.
const latest = "latest"

// RefForms says what a reference to a run may be, for messages.
const RefForms = "a run directory, the name of one in the store or the beginning or end of it, a tag, latest, latest:SCENARIO, latest~2"

// ErrNoRun is what NoRunError is to errors.Is: nothing is called so.
var ErrNoRun = errors.New("no such run")

// NoRunError says that a reference names nothing.
type NoRunError struct {
	Ref string
	Why string // a phrase whose subject is the reference
}

// Error returns the reference, quoted, and why it names nothing.
func (e *NoRunError) Error() string { return fmt.Sprintf("%q %s", e.Ref, e.Why) }

// Is makes it an ErrNoRun.
func (e *NoRunError) Is(err error) bool { return err == ErrNoRun }

// AmbiguousError says that a reference that is to name one directory names several.
type AmbiguousError struct {
	Ref        string
	Candidates []string // directories
}

// shownCandidates is how many directories a message lists.
const shownCandidates = 8

// Error lists the candidates, the first few of many.
func (e *AmbiguousError) Error() string {
	shown, rest := e.Candidates, ""
	if n := len(shown) - shownCandidates; n > 0 {
		shown, rest = shown[:shownCandidates], fmt.Sprintf(" and %d more", n)
	}
	return fmt.Sprintf("%q names %d directories: %s%s", e.Ref, len(e.Candidates), strings.Join(shown, ", "), rest)
}

// Resolve returns the directories that ref names. The first of these that applies:
//
//	the path of the directory of a run, a conformance run or a search for capacity, wherever it is
//	the name of such a directory in store
//	latest, the newest in store by its start; latest~2, the second before it
//	a tag: one directory of each kind and scenario that bears it
//	the beginning or the end of one directory's name, four characters at least
//
// latest and a tag may be followed by ":SCENARIO", and want narrows both of them. Only a tag can name several directories. An error
// is ErrNoRun where nothing is called so, also where there is no store, and *AmbiguousError where several are.
func Resolve(store, ref string, want Want) ([]string, error) {
	if info, err := os.Stat(ref); err == nil && info.IsDir() {
		if _, err := ReadEntry(ref); err == nil {
			return []string{filepath.Clean(ref)}, nil
		} else if isPath(ref) || !errors.Is(err, ErrNoRun) { // a file that cannot be read is no other run's tag
			return nil, err
		}
	} else if isPath(ref) {
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		return nil, &NoRunError{ref, "does not exist, or is no directory"}
	}
	names, err := storedNames(store)
	if err != nil {
		return nil, err
	}
	if slices.Contains(names, ref) {
		dir := filepath.Join(store, ref)
		_, err := ReadEntry(dir)
		return []string{dir}, err
	}
	base, scenario, back, err := splitRef(ref)
	if err != nil {
		return nil, err
	}
	if scenario != "" {
		if want.Scenario != "" && want.Scenario != scenario {
			return nil, &NoRunError{ref, "is of another scenario than " + want.Scenario}
		}
		want.Scenario = scenario
	}
	if base == latest {
		return resolveLatest(store, names, ref, want, back)
	}
	if dirs, err := resolveTag(store, base, ref, want); len(dirs) > 0 || err != nil {
		return dirs, err
	}
	return resolvePart(store, names, ref)
}

// ResolveOne is Resolve of what is to be one directory: a tag that several bear is an *AmbiguousError.
func ResolveOne(store, ref string, want Want) (string, error) {
	dirs, err := Resolve(store, ref, want)
	if err != nil {
		return "", err
	}
	if len(dirs) > 1 {
		return "", &AmbiguousError{ref, dirs}
	}
	return dirs[0], nil
}

// isPath tells whether ref can only be a path: no name of a directory in a store and no tag has a separator.
func isPath(ref string) bool {
	return ref == "" || ref == "." || ref == ".." || strings.ContainsRune(ref, '/') || strings.ContainsRune(ref, filepath.Separator)
}

var refBack = regexp.MustCompile(`~([0-9]{1,6})$`)

// splitRef parts latest:SCENARIO~2 and baseline:SCENARIO.
func splitRef(ref string) (base, scenario string, back int, err error) {
	base, scenario, named := strings.Cut(ref, ":")
	last := &base
	if named {
		last = &scenario
	}
	if m := refBack.FindStringSubmatch(*last); m != nil {
		*last = strings.TrimSuffix(*last, m[0])
		back, _ = strconv.Atoi(m[1])
		if base != latest {
			return "", "", 0, &NoRunError{ref, "names nothing: only latest counts back"}
		}
	}
	if named && scenario == "" {
		return "", "", 0, &NoRunError{ref, "names no scenario behind the colon"}
	}
	return base, scenario, back, nil
}

func resolveLatest(store string, names []string, ref string, want Want, back int) ([]string, error) {
	found := 0
	for e := range readNames(store, names, want) {
		if found == back {
			return []string{e.Dir}, nil
		}
		found++
	}
	why := fmt.Sprintf("names nothing: %s holds no run", store)
	if what := want.words(); what != "" || found > 0 {
		why = fmt.Sprintf("names nothing: %s holds %d runs%s", store, found, what)
	}
	return nil, &NoRunError{ref, why}
}

// resolveTag returns the newest first. Several of one kind and scenario can come from copies of directories, or from a kill.
func resolveTag(store, tag, ref string, want Want) ([]string, error) {
	if CheckTag(tag) != nil {
		return nil, nil
	}
	bearers, err := Entries(store, Want{Tag: tag})
	if err != nil {
		return nil, err
	}
	all := slices.Collect(bearers)
	if len(all) == 0 {
		return nil, nil
	}
	kept := slices.DeleteFunc(slices.Clone(all), func(e Entry) bool { return !want.has(&e) })
	if len(kept) == 0 {
		return nil, &NoRunError{ref, fmt.Sprintf("names nothing%s: %s bears the tag", want.words(), all[0].Dir)}
	}
	var dirs []string
	for i := range kept {
		var same []string
		for _, e := range kept {
			if e.Kind == kept[i].Kind && e.Scenario == kept[i].Scenario {
				same = append(same, e.Dir)
			}
		}
		if len(same) > 1 {
			return nil, &AmbiguousError{ref, same}
		}
		dirs = append(dirs, kept[i].Dir)
	}
	return dirs, nil
}

// leastPart is how much of a directory's name stands for it: the four hex digits at its end do.
const leastPart = 4

func resolvePart(store string, names []string, ref string) ([]string, error) {
	var dirs []string
	for _, name := range names {
		if len(ref) >= leastPart && (strings.HasPrefix(name, ref) || strings.HasSuffix(name, ref)) {
			if dir := filepath.Join(store, name); IsRunDir(dir) {
				dirs = append(dirs, dir)
			}
		}
	}
	switch len(dirs) {
	case 0:
		return nil, &NoRunError{ref, fmt.Sprintf("names nothing in %s, which holds %d directories of that form", store, len(names))}
	case 1:
		return dirs, nil
	}
	return nil, &AmbiguousError{ref, dirs}
}
