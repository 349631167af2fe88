package results

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// StillAfter is how long nothing in a directory without an end must have changed until its run counts as killed: a run writes each second.
const StillAfter = 10 * time.Minute

// prunedPrefix begins the names of directories that are on their way out. Nothing lists them, and the next Prune removes what a kill left.
const prunedPrefix = ".pruned-"

// PruneRule says which directories of a store may go.
type PruneRule struct {
	Want  Want
	Keep  int           // so many of the newest of each kind and scenario stay; negative: the number decides nothing
	Older time.Duration // only what began longer ago goes; 0: age decides nothing
	Now   time.Time

	// Held tells why a directory must stay that the rule would let go, "" if nothing keeps it.
	Held func(*Entry) string
}

// PruneItem is one directory and what becomes of it.
type PruneItem struct {
	Entry
	Remove bool
	Bytes  int64  // of its files
	Why    string // it stays although the rule would let it go; "" where the rule lets it stay
}

// PlanPrune says of every directory that List lists and rule.Want takes, newest first, whether it goes. What bears a tag, what may still
// be running and what rule.Held names never goes. It changes nothing.
func PlanPrune(store string, rule PruneRule) ([]PruneItem, error) {
	entries, err := Entries(store, rule.Want)
	if err != nil {
		return nil, err
	}
	type group struct {
		kind     Kind
		scenario string
	}
	seen := map[group]int{}
	var items []PruneItem
	for e := range entries {
		of := group{e.Kind, e.Scenario}
		seen[of]++
		item := PruneItem{Entry: e}
		if (rule.Keep < 0 || seen[of] > rule.Keep) && (rule.Older == 0 || rule.Now.Sub(e.Started) > rule.Older) {
			item.Why = rule.protected(&item)
			item.Remove = item.Why == ""
		}
		items = append(items, item)
	}
	return items, nil
}

// protected says why a directory stays whatever the rule says, and measures it.
func (r PruneRule) protected(item *PruneItem) string {
	changed, bytes, err := survey(item.Dir)
	item.Bytes = bytes
	switch still := r.Now.Sub(changed); {
	case len(item.Tags) > 0:
		return "it bears the tag " + strings.Join(item.Tags, ", ")
	case err != nil:
		return "it cannot be read: " + err.Error()
	case item.Partial && still < StillAfter:
		return fmt.Sprintf("it may still be running: it changed less than %s ago", StillAfter)
	case r.Held != nil:
		return r.Held(&item.Entry)
	}
	return ""
}

// survey returns when anything below dir changed last, and how many bytes its files have. Links are not followed.
func survey(dir string) (changed time.Time, bytes int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if at := info.ModTime(); at.After(changed) {
			changed = at
		}
		if info.Mode().IsRegular() {
			bytes += info.Size()
		}
		return nil
	})
	return changed, bytes, err
}

// Prune plans as PlanPrune does and removes what the plan lets go, whole directories, while nobody else tags or prunes in the store. Each
// is renamed first, so that a kill leaves none half there, and no symbolic link is followed. What cannot be removed is told in the error
// and has Remove false and Why set; the others go all the same. A store that does not exist is empty.
func Prune(store string, rule PruneRule) (items []PruneItem, err error) {
	if _, err := os.Stat(store); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	err = lockStore(store, func() error {
		root, err := os.OpenRoot(store)
		if err != nil {
			return err
		}
		defer root.Close()
		if items, err = PlanPrune(store, rule); err != nil {
			return err
		}
		errs := []error{removeLeft(root)}
		for i := range items {
			if !items[i].Remove {
				continue
			}
			if err := removeWhole(root, items[i].Name); err != nil {
				items[i].Remove, items[i].Why = false, "it could not be removed: "+err.Error()
				errs = append(errs, fmt.Errorf("remove %s: %w", items[i].Dir, err))
			}
		}
		return errors.Join(errs...)
	})
	return items, err
}

// removeWhole removes a directory of a store by its name.
func removeWhole(root *os.Root, name string) error {
	info, err := root.Lstat(name)
	if err != nil {
		return err
	}
	if !info.IsDir() || !dirName.MatchString(name) {
		return errors.New("it is no run directory any more")
	}
	if err := root.Rename(name, prunedPrefix+name); err != nil {
		return err
	}
	return root.RemoveAll(prunedPrefix + name)
}

// removeLeft removes what an earlier Prune was killed over.
func removeLeft(root *os.Root) error {
	dir, err := root.Open(".")
	if err != nil {
		return err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return err
	}
	slices.Sort(names)
	var errs []error
	for _, name := range names {
		run, ok := strings.CutPrefix(name, prunedPrefix)
		if !ok || !dirName.MatchString(run) {
			continue
		}
		if info, err := root.Lstat(name); err == nil && info.IsDir() {
			errs = append(errs, root.RemoveAll(name))
		}
	}
	return errors.Join(errs...)
}
