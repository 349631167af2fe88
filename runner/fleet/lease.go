package fleet

import (
	"sync"
	"sync/atomic"
	"time"

	"axbench/runner"
	"axbench/runner/pace"
)

// Lease is one slot's part of the plan with its permission to send: the runner.Share of an agent. The permission ends by itself unless
// records keep reaching the stream.
//
// Taken, Divide and Leave are for the goroutine that talks to the stream, the rest for the engine; all are safe for concurrent use.
type Lease struct {
	slot  int
	slots int
	ttl   time.Duration
	boot  func() time.Duration // since the machine was started, suspended times included

	until    atomic.Int64 // boot time at which the permission ends for want of records
	heard    atomic.Int64 // and for want of beats
	leave    atomic.Int64 // the first arrival that is not offered any more
	leaveAt  atomic.Int64 // when it is due, since the start of the run
	division atomic.Pointer[pace.Division]
	asked    int // epochs that Mine went by last; the preparer's own

	mu       sync.Mutex
	marks    []mark // from which arrival on Mine went by how many epochs, for arrivals that are not due yet
	epochs   int    // by which the last arrival that was due is this slot's
	open     Claim  // the last claim, which may still grow
	claims   []Claim
	withheld int64 // since Take
	total    int64 // withheld since the start
}

// mark says that arrivals from K on were dealt by so many epochs.
type mark struct {
	k      int64
	epochs int
}

var _ runner.Share = (*Lease)(nil)

// noLeave is the index of no arrival.
const noLeave = 1 << 62

// newLease returns the lease of a slot whose permission begins with a record that was sent at the boot time sent.
func newLease(slot int, division pace.Division, ttl, sent time.Duration, boot func() time.Duration) *Lease {
	l := &Lease{slot: slot, slots: division.Slots(), ttl: ttl, boot: boot}
	l.leave.Store(noLeave)
	l.leaveAt.Store(noLeave)
	l.division.Store(&division)
	l.Taken(sent)
	l.Heard()
	return l
}

// Taken is told that the stream took a record that was sent at that boot time: the permission lasts from then.
func (l *Lease) Taken(sent time.Duration) { l.until.Store(int64(sent + l.ttl)) }

// Heard is told that the controller was heard just now: without it, too, the permission ends.
func (l *Lease) Heard() { l.heard.Store(int64(l.boot() + l.ttl)) }

// End ends the permission for good.
func (l *Lease) End() { l.until.Store(0) }

// Divide puts a later division into force.
func (l *Lease) Divide(d pace.Division) { l.division.Store(&d) }

// Leave keeps every arrival from index k on, which is due at that time of the run, from being offered here.
func (l *Lease) Leave(k int64, due time.Duration) {
	l.leave.Store(k)
	l.leaveAt.Store(int64(due))
}

// Over implements runner.Share.
func (l *Lease) Over(at time.Duration) bool { return int64(at) >= l.leaveAt.Load() }

// Permit implements runner.Share.
func (l *Lease) Permit() bool { return int64(l.boot()) < min(l.until.Load(), l.heard.Load()) }

// Mine implements runner.Share.
func (l *Lease) Mine(k int64) bool {
	d := l.division.Load()
	if n := len(d.Epochs); n != l.asked {
		l.asked = n
		l.mu.Lock()
		l.marks = append(l.marks, mark{k, n})
		l.mu.Unlock()
	}
	return k < l.leave.Load() && d.Owner(k) == l.slot
}

// Count implements runner.Share.
func (l *Lease) Count(a, b int64) int64 {
	return l.division.Load().Mine(l.slot, a, max(a, min(b, l.leave.Load())))
}

// Index implements runner.Share: the calls of a closed plan are dealt in turn.
func (l *Lease) Index(n int64) int64 { return n*int64(l.slots) + int64(l.slot) }

// Offer implements runner.Share. What was withheld is a hole between two claims; the arrivals of others are none.
func (l *Lease) Offer(k int64) bool {
	may := l.Permit() && k < l.leave.Load()
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.marks) > 0 && l.marks[0].k <= k {
		l.epochs, l.marks = l.marks[0].epochs, l.marks[1:]
	}
	switch {
	case !may:
		l.withheld++
		l.total++
		l.shut()
	case l.open.To > 0 && l.open.Epochs == l.epochs:
		l.open.To = k + 1
	default:
		l.shut()
		l.open = Claim{From: k, To: k + 1, Epochs: l.epochs}
	}
	return may
}

// shut ends the claim that is growing. The caller holds mu.
func (l *Lease) shut() {
	if l.open.To > 0 {
		l.claims = append(l.claims, l.open)
	}
	l.open = Claim{}
}

// Take returns what was claimed and how many arrivals were withheld since it was last called. The first claim of the next call may go on
// where the last one of this ended.
func (l *Lease) Take() (claims []Claim, withheld int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shut()
	claims, withheld = l.claims, l.withheld
	l.claims, l.withheld = nil, 0
	return claims, withheld
}

// Withheld returns how many arrivals fell due without permission since the start.
func (l *Lease) Withheld() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.total
}
