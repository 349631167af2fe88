package traffic

import (
	"sync"
	"time"

	"axbench/conformance/contract"
	"axbench/results"
	"axbench/runner"
)

// ledger counts what became of the bindings of a run. It remembers when the living ones expire by the second only, so its
// size depends on how long they live and not on how long the run is.
type ledger struct {
	mu                              sync.Mutex
	created, unbound, unknown, gone int64
	expired                         int64           // taken out of expiry
	expiry                          map[int64]int64 // bindings alive by the Unix second in which they expire
	noExpiry                        int64
	pruneAt                         int
}

// second is the first whole second at which a binding is dead.
func second(expires time.Time) int64 {
	s := expires.Unix()
	if expires.Nanosecond() > 0 {
		s++
	}
	return s
}

func (l *ledger) made(expires, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.created++
	if expires.IsZero() {
		l.noExpiry++
		return
	}
	if l.expiry == nil {
		l.expiry, l.pruneAt = map[int64]int64{}, 1024
	}
	l.expiry[second(expires)]++
	if len(l.expiry) >= l.pruneAt {
		l.prune(now)
		l.pruneAt = 2*len(l.expiry) + 1024
	}
}

// prune takes out the seconds that are over.
func (l *ledger) prune(now time.Time) {
	for s, n := range l.expiry {
		if s <= now.Unix() {
			l.expired += n
			delete(l.expiry, s)
		}
	}
}

// ended notes that a binding is gone, through an unbind or before it.
func (l *ledger) ended(expires, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch s := second(expires); {
	case expires.IsZero():
		if l.noExpiry > 0 {
			l.noExpiry--
			l.unbound++
		}
	case s > now.Unix() && l.expiry[s] > 0:
		if l.expiry[s]--; l.expiry[s] == 0 {
			delete(l.expiry, s)
		}
		l.unbound++
	}
}

// lost notes a call that may have bound: bytes of it were written and no answer says what became of it.
func (l *ledger) lost(op *contract.Operation) {
	if op != contract.BindAxb {
		return
	}
	l.mu.Lock()
	l.unknown++
	l.mu.Unlock()
}

func (l *ledger) report(now time.Time) results.Bindings {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.prune(now)
	left := l.noExpiry
	for _, n := range l.expiry {
		left += n
	}
	b := results.Bindings{Created: l.created, Unbound: l.unbound, Expired: l.expired, Unknown: l.unknown, Left: left}
	cleaned := min(l.gone, b.Left)
	b.Unbound += cleaned
	b.Left -= cleaned
	return b
}

// Bindings counts what the run has made and what of it is left at now: created = unbound + expired + left.
func (t *Traffic) Bindings(now time.Time) results.Bindings { return t.bindings.report(now) }

// Cleaned adds what a clean-up has unbound to the account.
func (t *Traffic) Cleaned(r CleanupResult) {
	t.bindings.mu.Lock()
	t.bindings.gone += r.Unbound + r.Gone
	t.bindings.mu.Unlock()
}

// bound takes note of the binding that an answer says was made, whatever the request expected.
func (t *Traffic) bound(req *runner.Request, m *Memo, prints Prints, now time.Time, out *runner.Outcome) {
	if t.ids.SubsID(prints) {
		t.violate(out, t.tally.inv1, true)
	}
	if t.ids.Bound(prints, now, m.Expires) {
		t.violate(out, t.tally.inv2, true)
	}
	t.bindings.made(m.Expires, now)
	if t.cfg.Journal != nil {
		if err := t.cfg.Journal.Bound(m.res.SubsID, m.res.SecretNo, m.PoolKey, m.Expires); err != nil {
			t.fail(err)
		}
	}
	if m.Then == UnbindAfter && (m.Expires.IsZero() || now.Add(m.Hold).Before(m.Expires.Add(-time.Second))) {
		out.FollowUps = append(out.FollowUps, runner.FollowUp{Delay: m.Hold, Request: newUnbind(req, m, prints.Pairs)})
	}
}

// unbindCall is a follow-up in one piece of memory.
type unbindCall struct {
	req    runner.Request
	memo   Memo
	params [3]Param
	text   [96]byte
}

// newUnbind makes the call that unbinds what m has bound. Its bytes are the Source's to make.
func newUnbind(of *runner.Request, m *Memo, pairs [2]uint64) *runner.Request {
	u := &unbindCall{}
	n := &u.memo
	n.Operation, n.Format, n.Expires, n.live = contract.UnbindSubscription, m.Format, m.Expires, pairs
	n.Text, n.Params = u.text[:0], u.params[:0]
	n.PoolKey = n.copy(m.PoolKey)
	n.subsID = n.copy(string(m.res.SubsID))
	n.X = n.copy(string(m.res.SecretNo))
	UnbindParams(n, n.PoolKey, n.subsID, n.X)
	u.req = runner.Request{K: -1, After: of.K, Phase: of.Phase, Operation: contract.UnbindSubscription.Name, Memo: n}
	return &u.req
}

// UnbindParams sets the parameters of UnbindSubscription.
func UnbindParams(m *Memo, poolKey, subsID, secretNo string) {
	m.Params = m.Params[:0]
	m.Add("PoolKey", poolKey)
	m.Add("SecretNo", secretNo)
	m.Add("SubsId", subsID)
}

func (m *Memo) copy(s string) string {
	n := len(m.Text)
	m.Text = append(m.Text, s...)
	return m.Cut(n)
}

// unbindAnswered takes note of an unbind: the binding is gone when the answer says so, or that there is none.
func (t *Traffic) unbindAnswered(m *Memo, now time.Time) {
	if m.subsID == "" || !isGone(&m.res) {
		return
	}
	t.bindings.ended(m.Expires, now)
	if t.cfg.Journal != nil {
		if err := t.cfg.Journal.Unbound(m.subsID); err != nil {
			t.fail(err)
		}
	}
}
