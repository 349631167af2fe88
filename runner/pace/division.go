package pace

import (
	"errors"
	"fmt"
	"slices"
)

// maxSlots bounds a division, and with maxWeight the length of its cycle.
const (
	maxSlots  = 10_000
	maxWeight = 1_000
	maxCycle  = 1_000_000
)

// Division says which of several slots each arrival of a plan is for. It divides the index and not the rate, so that the slots together
// have every arrival exactly once, whatever the shape and the weights. It is a value: WithoutSlots returns another one.
//
// The zero Division gives every arrival to slot 0.
type Division struct {
	// Cycle is which slot arrival k is for, by k modulo its length.
	Cycle []int `json:"cycle,omitempty"`
	// Epochs take slots out, the earlier ones first.
	Epochs []Epoch `json:"epochs,omitempty"`
}

// Epoch deals the arrivals of lost slots over others, from an index on. Nothing that a slot which is left had before is taken from it: so
// one that hears late of an epoch misses arrivals, and no arrival is ever made twice.
type Epoch struct {
	From int64 `json:"from"` // the first arrival that is dealt anew
	Lost []int `json:"lost"` // in ascending order
	Over []int `json:"over"` // who gets them, in turn: each slot as often as its weight says
}

// Divide deals arrivals over len(weights) slots in proportion to their weights, each slot's as evenly spaced as that allows.
func Divide(weights []int) (Division, error) {
	if len(weights) == 0 || len(weights) > maxSlots {
		return Division{}, fmt.Errorf("%d slots, accepted: 1 to %d", len(weights), maxSlots)
	}
	for i, w := range weights {
		if w < 1 || w > maxWeight {
			return Division{}, fmt.Errorf("weight %d of slot %d, accepted: 1 to %d", w, i, maxWeight)
		}
	}
	slots := make([]int, len(weights))
	for i := range slots {
		slots[i] = i
	}
	cycle, err := interleave(slots, weights)
	return Division{Cycle: cycle}, err
}

// interleave returns a cycle in which each slot stands as often as its weight says, divided by what all weights have in common. It is
// smooth weighted round robin: at each place the slot that is most behind its share.
func interleave(slots, weights []int) ([]int, error) {
	common := 0
	for _, w := range weights {
		common = gcd(common, w)
	}
	length := 0
	for _, w := range weights {
		length += w / common
	}
	if length > maxCycle {
		return nil, fmt.Errorf("the weights make a cycle of %d arrivals, at most %d are accepted: round them", length, maxCycle)
	}
	cycle := make([]int, 0, length)
	if length == len(slots) { // all alike
		return append(cycle, slots...), nil
	}
	credit := make([]int, len(slots))
	for range length {
		best := 0
		for i, w := range weights {
			if credit[i] += w / common; credit[i] > credit[best] {
				best = i
			}
		}
		credit[best] -= length
		cycle = append(cycle, slots[best])
	}
	return cycle, nil
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// Slots returns how many slots there are, lost ones among them.
func (d Division) Slots() int {
	n := 1
	for _, s := range d.Cycle {
		n = max(n, s+1)
	}
	return n
}

// Owner returns the slot that arrival k is for.
func (d Division) Owner(k int64) int { return d.OwnerIn(k, len(d.Epochs)) }

// OwnerIn returns the slot that arrival k was for when only the first n epochs were known.
func (d Division) OwnerIn(k int64, n int) int {
	if len(d.Cycle) == 0 {
		return 0
	}
	length := int64(len(d.Cycle))
	place, turn := k%length, k/length
	owner := d.Cycle[place]
	for i := range n {
		e := &d.Epochs[i]
		if k < e.From {
			continue
		}
		if _, lost := slices.BinarySearch(e.Lost, owner); !lost {
			continue
		}
		over := int64(len(e.Over))
		owner = e.Over[(turn+place)%over]
		turn /= over // what is dealt anew once more is again dealt evenly
	}
	return owner
}

// Lost returns which slots have nothing any more from the last epoch on, in ascending order.
func (d Division) Lost() []int {
	var list []int
	for _, e := range d.Epochs {
		list = append(list, e.Lost...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// WithoutSlots returns the division that deals the arrivals of lost from index from on over the slots that are left, in proportion to their
// weights. The epochs of d stay, and may begin later than this one: a slot that leaves says so well ahead. It is an error to lose a slot twice or
// all of them.
func (d Division) WithoutSlots(lost []int, from int64, weights []int) (Division, error) {
	gone := d.Lost()
	lost = slices.Clone(lost)
	slices.Sort(lost)
	if len(lost) == 0 {
		return d, errors.New("no slot to take out")
	}
	for i, s := range lost {
		_, twice := slices.BinarySearch(gone, s)
		if s < 0 || s >= len(weights) || twice || i > 0 && lost[i-1] == s {
			return d, fmt.Errorf("slot %d cannot be taken out of %d, or was before", s, len(weights))
		}
	}
	var left, shares []int
	for s, w := range weights {
		if !slices.Contains(gone, s) && !slices.Contains(lost, s) {
			left, shares = append(left, s), append(shares, w)
		}
	}
	if len(left) == 0 {
		return d, errors.New("no slot is left")
	}
	over, err := interleave(left, shares)
	if err != nil {
		return d, err
	}
	epochs := append(slices.Clone(d.Epochs), Epoch{From: from, Lost: lost, Over: over})
	return Division{Cycle: d.Cycle, Epochs: epochs}, nil
}

// Mine counts the arrivals of slot s from index a up to b, that not among them.
func (d Division) Mine(s int, a, b int64) (n int64) {
	if len(d.Cycle) == 0 {
		if s == 0 {
			n = max(0, b-a)
		}
		return n
	}
	if !slices.ContainsFunc(d.Epochs, func(e Epoch) bool { return e.From < b }) {
		return d.inCycle(s, b) - d.inCycle(s, a)
	}
	for k := a; k < b; k++ {
		if d.Owner(k) == s {
			n++
		}
	}
	return n
}

// inCycle counts the arrivals of slot s before index k in a division without epochs.
func (d Division) inCycle(s int, k int64) int64 {
	length := int64(len(d.Cycle))
	whole, part := k/length, k%length
	n := int64(0)
	for i, owner := range d.Cycle {
		if owner == s {
			n += whole
			if int64(i) < part {
				n++
			}
		}
	}
	return n
}
