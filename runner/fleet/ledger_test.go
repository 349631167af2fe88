package fleet

import (
	"testing"
	"time"

	"axbench/runner/pace"

	"pgregory.net/rapid"
)

func divide(t testing.TB, weights ...int) pace.Division {
	t.Helper()
	d, err := pace.Divide(weights)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// walk lets a lease decide the arrivals from a up to b as an engine would, and enters what it claims.
func walk(l *Lease, ledger *Ledger, a, b int64) (offered []int64) {
	for k := a; k < b; k++ {
		if l.Mine(k) && l.Offer(k) {
			offered = append(offered, k)
		}
	}
	claims, _ := l.Take()
	ledger.Claim(l.slot, claims)
	return offered
}

// lease returns a lease whose clock the test owns.
func lease(slot int, d pace.Division, now *int64) *Lease {
	l := newLease(slot, d, 1000, 0, func() time.Duration { return time.Duration(*now) })
	l.heard.Store(1 << 62)
	return l
}

func TestLedgerOfALostSlot(t *testing.T) {
	weights := []int{1, 1, 1, 1}
	d, now, ledger := divide(t, weights...), int64(0), NewLedger(4)
	var leases []*Lease
	for s := range weights {
		leases = append(leases, lease(s, d, &now))
	}
	for _, l := range leases {
		walk(l, ledger, 0, 400)
	}
	for _, l := range leases[1:] { // slot 0 is killed
		walk(l, ledger, 400, 600)
	}
	later, err := d.WithoutSlots([]int{0}, 600, weights)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range leases[1:] {
		l.Divide(later)
		walk(l, ledger, 600, 1000)
	}
	s := ledger.Settle(later, 1000)
	if s.Double != 0 || s.Missing != 50 || len(s.Gaps) != 1 || s.Gaps[0].From != 400 || s.Gaps[0].To != 597 || s.Gaps[0].Count != 50 || *s.Gaps[0].Slot != 0 {
		t.Errorf("%+v", s)
	}
	if s.Decided[0] != 100 || s.Decided[1]+s.Decided[2]+s.Decided[3] != 850 {
		t.Errorf("decided %v", s.Decided)
	}
}

// A lease that goes on although the slot was given up decides arrivals a second time: the ledger sees it.
func TestLedgerSeesADoubleDecision(t *testing.T) {
	weights := []int{1, 1}
	d, now, ledger := divide(t, weights...), int64(0), NewLedger(2)
	zombie, other := lease(0, d, &now), lease(1, d, &now)
	later, err := d.WithoutSlots([]int{0}, 100, weights)
	if err != nil {
		t.Fatal(err)
	}
	walk(zombie, ledger, 0, 300)
	walk(other, ledger, 0, 100)
	other.Divide(later)
	walk(other, ledger, 100, 300)
	if s := ledger.Settle(later, 300); s.Double != 100 || s.Missing != 0 {
		t.Errorf("%+v, want 100 decided twice", s)
	}
}

func TestLeaseWithholds(t *testing.T) {
	d, now, ledger := divide(t, 1, 1), int64(0), NewLedger(2)
	l := lease(0, d, &now)
	walk(l, ledger, 0, 100)
	now = 1000 // the permission has ended
	if l.Permit() || len(walk(l, ledger, 100, 150)) != 0 {
		t.Error("it offers without permission")
	}
	l.Taken(900)
	l.Leave(180, 0)
	if got := walk(l, ledger, 150, 300); len(got) != 15 || got[14] != 178 {
		t.Errorf("it offers %v, told to leave at 180", got)
	}
	s := ledger.Settle(d, 200)
	if s.Decided[0] != 50+15 || s.Decided[1] != 0 {
		t.Errorf("%+v", s)
	}
}

// Whatever leases withhold, lose and hear late: what the ledger says was decided is what was offered.
func TestLedgerIsWhatWasOffered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.IntRange(1, 3), 2, 5).Draw(t, "weights")
		d, err := pace.Divide(weights)
		if err != nil {
			t.Fatal(err)
		}
		const total = 400
		now, ledger := int64(0), NewLedger(len(weights))
		var leases []*Lease
		for s := range weights {
			leases = append(leases, lease(s, d, &now))
		}
		lost, from := rapid.IntRange(0, len(weights)-1).Draw(t, "lost"), rapid.Int64Range(0, total).Draw(t, "from")
		later, err := d.WithoutSlots([]int{lost}, from, weights)
		if err != nil {
			t.Fatal(err)
		}
		offered := map[int64]int{}
		for s, l := range leases {
			hears := rapid.Int64Range(0, total).Draw(t, "hears") // a slot that is left may hear of the epoch late, or early
			stops := rapid.Int64Range(0, from).Draw(t, "stops")
			gap := rapid.Int64Range(0, total).Draw(t, "gap")
			for k := range int64(total) {
				if k == hears && s != lost {
					l.Divide(later)
				}
				now = 0
				if k >= gap && k < gap+20 || s == lost && k >= stops {
					now = 5000
				}
				if l.Mine(k) && l.Offer(k) {
					offered[k]++
				}
				if k%37 == 0 {
					claims, _ := l.Take()
					ledger.Claim(s, claims)
				}
			}
			claims, _ := l.Take()
			ledger.Claim(s, claims)
		}
		got := ledger.Settle(later, total)
		double, gaps := int64(0), int64(0)
		for _, n := range offered {
			double += int64(n - 1)
		}
		for _, g := range got.Gaps {
			gaps += g.Count
		}
		if got.Missing != int64(total-len(offered)) || got.Double != double || double != 0 || gaps != got.Missing {
			t.Fatalf("%+v, but %d of %d were offered, %d twice", got, len(offered), total, double)
		}
	})
}
