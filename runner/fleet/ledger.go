package fleet

import (
	"slices"

	"axbench/results"
	"axbench/runner/pace"
)

// Ledger is who decided which arrival of a plan. It is for one goroutine.
type Ledger struct {
	claims [][]Claim // by slot
}

// NewLedger returns the ledger of so many slots.
func NewLedger(slots int) *Ledger { return &Ledger{claims: make([][]Claim, slots)} }

// Claim enters what a slot decided. Claims of one slot may come in any order; the one that goes on where the last ended is joined to it.
func (l *Ledger) Claim(slot int, claims []Claim) {
	list := l.claims[slot]
	for _, c := range claims {
		if c.To <= c.From {
			continue
		}
		list = append(list, c)
	}
	l.claims[slot] = list
}

// Next returns the index behind the last arrival that a slot decided, 0 for none.
func (l *Ledger) Next(slot int) (k int64) {
	for _, c := range l.claims[slot] {
		k = max(k, c.To)
	}
	return k
}

// Settlement is the ledger of a run that has ended.
type Settlement struct {
	Decided []int64 // by slot; an arrival that two decided counts for both
	Next    []int64 // by slot: the index behind the last arrival that it decided
	Double  int64   // arrivals that more than one decided
	Missing int64   // arrivals that none did
	Gaps    []results.Gap
}

// Settle goes through all arrivals of the plan, from 0 up to total, that not among them.
func (l *Ledger) Settle(d pace.Division, total int64) Settlement {
	s := Settlement{Decided: make([]int64, len(l.claims))}
	for i, list := range l.claims {
		s.Next = append(s.Next, l.Next(i))
		slices.SortFunc(list, func(a, b Claim) int {
			if a.From != b.From {
				return int(max(-1, min(1, a.From-b.From)))
			}
			return a.Epochs - b.Epochs
		})
	}
	at := make([]int, len(l.claims)) // claims before this one end before k
	gaps := make(map[int]*results.Gap)
	var owners []int
	for k := range total {
		owners = owners[:0]
		for n := range len(d.Epochs) + 1 {
			if o := d.OwnerIn(k, n); !slices.Contains(owners, o) {
				owners = append(owners, o)
			}
		}
		deciders := 0
		for _, o := range owners {
			if l.decided(o, k, d, at) {
				s.Decided[o]++
				deciders++
			}
		}
		owner := owners[len(owners)-1]
		gap := gaps[owner]
		if deciders > 1 {
			s.Double++
		}
		if deciders > 0 {
			if gap != nil { // it ends before this arrival
				s.Gaps = append(s.Gaps, *gap)
				delete(gaps, owner)
			}
			continue
		}
		s.Missing++
		if gap == nil {
			gap = &results.Gap{From: k, Slot: &owner}
			gaps[owner] = gap
		}
		gap.To = k + 1
		gap.Count++
	}
	for _, gap := range gaps {
		s.Gaps = append(s.Gaps, *gap)
	}
	s.Gaps = joined(s.Gaps)
	return s
}

// decided tells whether a slot has a claim on arrival k. Arrivals are asked for in order; at remembers how far the claims of each slot
// are done with.
func (l *Ledger) decided(slot int, k int64, d pace.Division, at []int) bool {
	list := l.claims[slot]
	for at[slot] < len(list) && list[at[slot]].To <= k {
		at[slot]++
	}
	for i := at[slot]; i < len(list) && list[i].From <= k; i++ {
		if k < list[i].To && d.OwnerIn(k, min(list[i].Epochs, len(d.Epochs))) == slot {
			return true
		}
	}
	return false
}

// joined makes one gap of those of several slots that lie over each other and leave out next to nothing, and sorts them.
func joined(gaps []results.Gap) []results.Gap {
	slices.SortFunc(gaps, func(a, b results.Gap) int { return int(max(-1, min(1, a.From-b.From))) })
	var out []results.Gap
	for i := 0; i < len(gaps); {
		j, to, count := i+1, gaps[i].To, gaps[i].Count
		for j < len(gaps) && gaps[j].From < to {
			to, count = max(to, gaps[j].To), count+gaps[j].Count
			j++
		}
		if j-i > 1 && 10*count >= 9*(to-gaps[i].From) {
			out = append(out, results.Gap{From: gaps[i].From, To: to, Count: count})
		} else {
			out = append(out, gaps[i:j]...)
		}
		i = j
	}
	return out
}
