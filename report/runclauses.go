package report

import (
	"axbench/results"
)

// clausesView says what the clauses that no answer broke prove.
type clausesView struct {
	Broken  string // how many were broken, which the codes tell at length
	Kept    []keptView
	Unique  []uniqueView
	Nothing string
}

// keptView are clauses that were checked equally often and never broken.
type keptView struct {
	Checked, Bound string
	Clauses        []string
}

func clausesOf(run *results.Run, l language) clausesView {
	v := clausesView{}
	broken := int64(0)
	for i := range run.Violations {
		if run.Violations[i].Count > 0 {
			broken++
		}
	}
	for _, g := range keptGroups(run) {
		k := keptView{Checked: l.t("0 of %s", count(g.checked)), Bound: l.t("no bound: too few answers"), Clauses: each(g.clauses, Escape)}
		if g.bound > 0 && g.bound < 1 {
			k.Bound = l.t("below %s with 99 %% confidence", percent(g.bound))
		}
		v.Kept = append(v.Kept, k)
	}
	switch {
	case broken > 0:
		v.Broken = l.n("%s clause was broken: see the codes.", "%s clauses were broken: see the codes.", broken)
	case len(run.Violations) > 0:
		v.Broken = l.t("no answer broke a clause")
	case len(run.Unique) == 0:
		v.Nothing = l.t("no clause was checked")
	}
	for i := range run.Unique {
		u := &run.Unique[i]
		repeated := int64(0)
		for k := range run.Violations {
			if x := &run.Violations[k]; x.Clause == u.Clause && x.Count > 0 {
				repeated = x.Count
				break
			}
		}
		v.Unique = append(v.Unique, uniqueOf(u, repeated, l))
	}
	return v
}

// uniqueOf says over how many answers an identifier was held against each other.
func uniqueOf(u *results.Unique, repeated int64, l language) uniqueView {
	what, clause := l.say(u.What).Text, Escape(u.Clause)
	if u.Seen <= 0 {
		return uniqueView{Text: l.t("%s: none seen (%s)", what, clause)}
	}
	over := overOf(u, l)
	if repeated > 0 {
		return uniqueView{l.t("%s: NOT unique, %s repeated %s (%s)", what, count(repeated), over, clause), true}
	}
	return uniqueView{Text: l.t("%s: unique %s (%s)", what, over, clause)}
}

// overOf says how many were held against each other.
func overOf(u *results.Unique, l language) string {
	over := l.t("over all %s", count(u.Seen))
	if u.Checked < u.Seen {
		over = l.t("over the first %s of %s", count(u.Checked), count(u.Seen))
	}
	if u.Full {
		over += l.t(" (the memory set aside for ids was full)")
	}
	return over
}
