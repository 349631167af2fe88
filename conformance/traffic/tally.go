package traffic

import (
	"slices"
	"sync/atomic"

	"axbench/conformance/check"
	"axbench/conformance/contract"
	"axbench/results"
)

// clauseEntry is what a run knows of one clause.
type clauseEntry struct {
	clause *contract.Clause
	bit    int // in check.Set; -1 for a clause of the run or of the connection

	everyAnswer bool // of TRN or RSP, and none that is only a decision of this project: LOD-1 sums them

	count    atomic.Int64 // answers that broke it
	must     atomic.Bool  // it bound as a MUST at least once
	evidence atomic.Int32 // exchanges kept
	first    atomic.Int64 // line of the first evidence; 0 for none yet
}

// tally counts, for every clause that can be broken in a run, how many answers could have broken it and how many did. Counting
// an answer is one addition: which clauses were checked differs little from answer to answer, so whole sets are counted.
type tally struct {
	entries []*clauseEntry // in the order of the catalogue
	byID    map[string]*clauseEntry
	trn9    *clauseEntry // nil when no profile has it, like the next ones
	rsp2    *clauseEntry
	inv1    *clauseEntry
	inv2    *clauseEntry
	lod1    *clauseEntry
	lod6    *clauseEntry
	framed  atomic.Int64 // answers whose framing could be judged
	ended   atomic.Int64 // calls of which it could be told how they ended
	sets    [256]setCount
	rest    [32]atomic.Int64 // by bit, for sets that found no place
}

type setCount struct {
	set   atomic.Uint32 // 0 for free; a set has at least one member
	count atomic.Int64
}

func newTally(profiles []string) *tally {
	t := &tally{byID: map[string]*clauseEntry{}}
	bits := map[string]int{"TRN-9": -1, "RSP-2": -1, "INV-1": -1, "INV-2": -1, "LOD-1": -1, "LOD-6": -1}
	for i, c := range check.Clauses() {
		bits[c.ID] = i
	}
	for _, c := range contract.Catalogue {
		bit, ok := bits[c.ID]
		if !ok || !slices.Contains(profiles, c.Profile) {
			continue
		}
		e := &clauseEntry{clause: c, bit: bit}
		e.everyAnswer = (c.Chapter() == "TRN" || c.Chapter() == "RSP") && (c.Source != "project" || c.Profile == "seed")
		t.entries = append(t.entries, e)
		t.byID[c.ID] = e
	}
	t.trn9, t.rsp2, t.inv1, t.inv2 = t.byID["TRN-9"], t.byID["RSP-2"], t.byID["INV-1"], t.byID["INV-2"]
	t.lod1, t.lod6 = t.byID["LOD-1"], t.byID["LOD-6"]
	return t
}

// find returns the entry of a clause, nil when it is in no profile.
func (t *tally) find(c *contract.Clause) *clauseEntry { return t.byID[c.ID] }

// checked counts one answer that could have broken the clauses of set.
func (t *tally) checked(set check.Set) {
	if set == 0 {
		return
	}
	i := uint32(set) * 0x9e3779b1 >> 24
	for range 16 {
		s := &t.sets[i]
		have := s.set.Load()
		if have == 0 && s.set.CompareAndSwap(0, uint32(set)) {
			have = uint32(set)
		} else if have == 0 {
			have = s.set.Load()
		}
		if have == uint32(set) {
			s.count.Add(1)
			return
		}
		i = (i + 1) % uint32(len(t.sets))
	}
	for bit := range t.rest {
		if set.Has(bit) {
			t.rest[bit].Add(1)
		}
	}
}

// times returns how many answers could have broken the clause of a bit.
func (t *tally) times(bit int) int64 {
	n := t.rest[bit].Load()
	for i := range t.sets {
		if check.Set(t.sets[i].set.Load()).Has(bit) {
			n += t.sets[i].count.Load()
		}
	}
	return n
}

// Violations returns the account of every clause of the profiles that at least one answer could have broken, in the order of
// the catalogue: also those that none did, as "0 of n".
func (t *Traffic) Violations() []results.Violation {
	unique := map[string]int64{}
	for i, u := range t.ids.Unique() {
		unique[u.Clause] = u.Checked - t.before[i].Checked
	}
	list := []results.Violation{}
	for _, e := range t.tally.entries {
		v := results.Violation{
			Clause: e.clause.ID, Level: e.clause.Level.String(), Sentence: e.clause.Sentence,
			Count: e.count.Load(), FirstEvidence: int(e.first.Load()),
		}
		switch {
		case e.bit >= 0:
			v.Checked = t.tally.times(e.bit)
		case e == t.tally.trn9, e == t.tally.lod1:
			v.Checked = t.tally.framed.Load()
		case e == t.tally.lod6:
			v.Checked = t.tally.ended.Load()
		default:
			v.Checked = unique[e.clause.ID]
		}
		v.Checked = max(v.Checked, v.Count)
		if v.Checked == 0 {
			continue
		}
		if e.must.Load() {
			v.Level = contract.Must.String()
		}
		if v.Count == 0 {
			v.Bound99 = 4.61 / float64(v.Checked)
		}
		list = append(list, v)
	}
	return list
}

// Unique states over how many answers each identifier was held against all earlier ones.
func (t *Traffic) Unique() []results.Unique { return t.ids.Unique() }
