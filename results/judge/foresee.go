package judge

import (
	"fmt"
	"time"

	"axbench/results"
)

// Ahead is what is known of a run before it begins.
type Ahead struct {
	Phases []results.Phase // Name, Recorded, Model, DurationNS and, in the open model, Planned
	Due    [][]int64       // by phase and second of the run: how many calls fall due; asked for rules over windows alone, nil in the closed model
}

// Foresee says why a rule is not going to decide anything, "" where nothing speaks against it. It holds the calls that fall due against
// the number that a percentile needs, as if each of them were in the rule's latency.
func (r Rule) Foresee(a Ahead) string {
	k := newTrack(r, a.Phases, spansOf(a.Phases, true))
	if len(k.spans) == 0 {
		return ""
	}
	longest, end := time.Duration(0), time.Duration(0)
	for _, s := range k.spans {
		first := (s.start + time.Second - 1).Truncate(time.Second) // windows are of whole seconds
		longest, end = max(longest, s.end.Truncate(time.Second)-first), s.end
	}
	if r.Window > longest {
		return fmt.Sprintf("no window of %s lies within its phases: the longest stretch of whole seconds has %s", seconds(r.Window), seconds(max(0, longest)))
	}
	if grace := k.first + r.grace(); r.Abort && grace >= end {
		return fmt.Sprintf("it cannot end the run: its grace time ends at %s, and its last phase at %s", grace, end)
	}
	most, where := k.planned(a.Phases), ""
	if r.Window > 0 {
		most, where = k.fullestDue(a), " in any "+seconds(r.Window)
	}
	if most < 0 || most >= r.Enough() {
		return ""
	}
	return fmt.Sprintf("p%s needs %s samples, at most %s calls fall due%s", r.Percent, Thousands(r.Enough()), Thousands(most), where)
}

// planned counts the calls of the rule's phases, -1 where the answers decide that.
func (k *track) planned(phases []results.Phase) (n int64) {
	for i := range phases {
		if _, ok := k.begins[phases[i].Name]; ok {
			if phases[i].Model == results.ModelClosed {
				return -1
			}
			n += phases[i].Planned
		}
	}
	return n
}

// fullestDue returns how many calls fall due in the window with most of them, -1 where that is not known.
func (k *track) fullestDue(a Ahead) (most int64) {
	if a.Due == nil || k.planned(a.Phases) < 0 {
		return -1
	}
	length := int64(k.rule.Window / time.Second)
	end := int64(k.spans[len(k.spans)-1].end / time.Second)
	inside, stretch := int64(0), int64(0)
	for t := range end {
		if !k.owns(t) {
			inside, stretch = 0, 0
			continue
		}
		inside, stretch = inside+k.dueIn(a, t), stretch+1
		if stretch > length {
			inside, stretch = inside-k.dueIn(a, t-length), length
		}
		if stretch == length {
			most = max(most, inside)
		}
	}
	return most
}

func (k *track) dueIn(a Ahead, t int64) (n int64) {
	for i := range a.Phases {
		if _, ok := k.begins[a.Phases[i].Name]; ok && t < int64(len(a.Due[i])) {
			n += a.Due[i][t]
		}
	}
	return n
}
