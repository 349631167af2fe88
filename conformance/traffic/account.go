package traffic

import (
	"cmp"
	"slices"
	"time"

	"axbench/conformance/contract"
	"axbench/results"
)

// Account is all that a Traffic has counted so far. It travels as JSON.
type Account struct {
	Violations []results.Violation `json:"violations"`
	Unique     []results.Unique    `json:"unique"`
	Bindings   results.Bindings    `json:"bindings"`
	Skew       *Skew               `json:"skew,omitempty"` // nil when no answer had a Date

	Error   string `json:"error,omitempty"`   // the first of journal or evidence
	Breaker string `json:"breaker,omitempty"` // why the circuit opened
}

// Account returns what was counted until now.
func (t *Traffic) Account(now time.Time) Account {
	a := Account{Violations: t.Violations(), Unique: t.Unique(), Bindings: t.Bindings(now)}
	if s, ok := t.Skew(); ok {
		a.Skew = &s
	}
	if err := t.Err(); err != nil {
		a.Error = err.Error()
	}
	if t.cfg.Breaker != nil {
		a.Breaker = t.cfg.Breaker.Reason()
	}
	return a
}

// From returns the account of one generator as one of the whole run: its clock is ahead of the controller's by offset, and line says
// which line of the run's evidence one of its own has become, 0 for none.
func (a Account) From(offset time.Duration, line func(int) int) Account {
	a.Violations = slices.Clone(a.Violations)
	for i := range a.Violations {
		if v := &a.Violations[i]; v.FirstEvidence != 0 {
			v.FirstEvidence = line(v.FirstEvidence)
		}
	}
	if a.Skew != nil {
		a.Skew = &Skew{a.Skew.Low + offset, a.Skew.High + offset, a.Skew.Jumped}
	}
	return a
}

// Cleaned adds what a clean-up has unbound, as Traffic.Cleaned does.
func (a *Account) Cleaned(r CleanupResult) {
	cleaned := min(r.Unbound+r.Gone, a.Bindings.Left)
	a.Bindings.Unbound += cleaned
	a.Bindings.Left -= cleaned
}

// MergeAccounts adds up the accounts of the generators of one run, each as From returns it, and what was found between them; gathering
// may be nil.
func MergeAccounts(list []Account, gathering *Gathering) Account {
	sum := Account{Violations: []results.Violation{}, Unique: []results.Unique{}}
	for i := range list {
		a := &list[i]
		sum.violations(a.Violations)
		sum.unique(a.Unique)
		sum.Bindings.Created += a.Bindings.Created
		sum.Bindings.Unbound += a.Bindings.Unbound
		sum.Bindings.Expired += a.Bindings.Expired
		sum.Bindings.Unknown += a.Bindings.Unknown
		sum.Bindings.Left += a.Bindings.Left
		if a.Skew != nil {
			sum.skew(*a.Skew)
		}
		sum.Error, sum.Breaker = cmp.Or(sum.Error, a.Error), cmp.Or(sum.Breaker, a.Breaker)
	}
	if sum.Skew != nil { // bounds that crossed within what a stale Date explains
		s := *sum.Skew
		sum.Skew = &Skew{min(s.Low, s.High), max(s.Low, s.High), s.Jumped}
	}
	if gathering != nil {
		sum.gather(gathering.Result())
	}
	for i := range sum.Violations {
		v := &sum.Violations[i]
		if v.Checked = max(v.Checked, v.Count); v.Count == 0 && v.Checked > 0 {
			v.Bound99 = 4.61 / float64(v.Checked)
		} else {
			v.Bound99 = 0
		}
	}
	slices.SortStableFunc(sum.Violations, func(a, b results.Violation) int { return cmp.Compare(clausePlace(a.Clause), clausePlace(b.Clause)) })
	return sum
}

// placeOf is where a clause stands in the catalogue.
var placeOf = func() map[string]int {
	m := map[string]int{}
	for i, c := range contract.Catalogue {
		m[c.ID] = i
	}
	return m
}()

func clausePlace(id string) int {
	if i, ok := placeOf[id]; ok {
		return i
	}
	return len(placeOf)
}

// violations adds those of one account.
func (a *Account) violations(list []results.Violation) {
	for _, v := range list {
		i := slices.IndexFunc(a.Violations, func(x results.Violation) bool { return x.Clause == v.Clause })
		if i < 0 {
			a.Violations = append(a.Violations, v)
			continue
		}
		s := &a.Violations[i]
		s.Count += v.Count
		s.Checked += v.Checked
		if v.Level == contract.Must.String() {
			s.Level = v.Level
		}
		if v.FirstEvidence != 0 && (s.FirstEvidence == 0 || v.FirstEvidence < s.FirstEvidence) {
			s.FirstEvidence = v.FirstEvidence
		}
	}
}

// unique adds what one generator held against each other.
func (a *Account) unique(list []results.Unique) {
	for _, u := range list {
		i := slices.IndexFunc(a.Unique, func(x results.Unique) bool { return x.Clause == u.Clause })
		if i < 0 {
			a.Unique = append(a.Unique, u)
			continue
		}
		s := &a.Unique[i]
		s.Checked += u.Checked
		s.Seen += u.Seen
		s.Full = s.Full || u.Full
	}
}

// skew takes in by how much the server's clock is ahead in the eyes of one more generator. What cannot both be so leaves the wider
// bounds.
func (a *Account) skew(s Skew) {
	if a.Skew == nil {
		a.Skew = &s
		return
	}
	b := a.Skew
	b.Jumped = b.Jumped || s.Jumped
	if s.Low > b.High+dateStale || s.High < b.Low-dateStale {
		b.Low, b.High, b.Jumped = min(b.Low, s.Low), max(b.High, s.High), true
		return
	}
	b.Low, b.High = max(b.Low, s.Low), min(b.High, s.High)
}

// gather adds what was found between generators, and says what was held against each other over all of them.
func (a *Account) gather(found map[string]int64, whole []results.Unique) {
	for _, u := range whole {
		i := slices.IndexFunc(a.Unique, func(x results.Unique) bool { return x.Clause == u.Clause })
		if i < 0 {
			a.Unique = append(a.Unique, u)
			continue
		}
		if s := &a.Unique[i]; u.Clause == "INV-2" { // within a generator only that one could tell
			u.Checked = max(0, u.Checked-max(0, s.Seen-s.Checked))
			u.Full = u.Full || s.Full
		}
		a.Unique[i] = u
	}
	for i := range a.Violations {
		v := &a.Violations[i]
		if n := found[v.Clause]; n > 0 {
			v.Count += n
			v.Level = contract.Must.String()
		}
		if at := slices.IndexFunc(whole, func(u results.Unique) bool { return u.Clause == v.Clause }); at >= 0 {
			v.Checked = a.Unique[slices.IndexFunc(a.Unique, func(u results.Unique) bool { return u.Clause == v.Clause })].Checked
		}
	}
}
