package conformance

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"axbench/conformance/contract"
	"axbench/conformance/traffic"
	"axbench/results"
)

// binding is one that an answer says was made.
type binding struct {
	subsID, pool, x, a, b string
	as                    string // credential that made it
	expires               time.Time
	made                  time.Time
	prints                traffic.Prints
	gone                  bool // unbound
}

// live reports whether it must still hold at an instant.
func (b *binding) live(now time.Time) bool { return !b.gone && now.Before(b.expires) }

// bindingBook keeps account of the bindings that cases make, of what they have in common, and of the budget.
type bindingBook struct {
	s       *suite
	list    []*binding
	bySubs  map[string]*binding
	unknown int64 // calls without a readable answer that may have bound
	unbound int64
	loaded  []*traffic.Traffic // load phases, which keep account of their own
	moved   time.Duration      // how far the endpoint's clock was moved
}

func newBindingBook(s *suite) bindingBook {
	return bindingBook{s: s, bySubs: map[string]*binding{}}
}

// left is how many bindings the budget still allows.
func (b *bindingBook) left() int {
	budget := b.s.provision.Budget.Bindings
	switch {
	case budget > 0:
	case b.s.cfg.Foreign:
		budget = 400
	default:
		budget = 2000
	}
	for _, l := range b.loaded {
		budget -= int(l.Bindings(b.now()).Created)
	}
	return budget - len(b.list)
}

// now is the time by which bindings expire, at the endpoint.
func (b *bindingBook) now() time.Time { return time.Now().Add(b.moved) }

// made takes note of a binding and holds it against all before it: INV-1 and INV-2. An endpoint that answers the same pair again with
// the binding that it has made none.
func (b *bindingBook) made(c *testCase, x *exchange) {
	s := b.s
	n := &binding{
		subsID: x.subsID, pool: x.req.get("PoolKey"), x: x.secretNo, a: x.req.get("PhoneNoA"), b: x.req.get("PhoneNoB"), as: x.req.as,
		expires: x.req.expires, made: x.sent,
	}
	if x.subsID == "" || x.secretNo == "" {
		b.unknown++
		return
	}
	again, taken, shared := judgeBinding(s.ids, b.bySubs[x.subsID], n, x.judged)
	if again {
		return
	}
	s.verdictOf(c, x, "INV-1", !taken, "this SubsId was given to another binding before")
	s.verdictOf(c, x, "INV-2", !shared, "another binding with the same X and A or B is still alive")
	b.list = append(b.list, n)
	b.bySubs[x.subsID] = n
	if s.cfg.Bound != nil {
		if err := s.cfg.Bound.Bound([]byte(x.subsID), []byte(x.secretNo), n.pool, n.expires); err != nil && s.harness == nil {
			s.harness = err
		}
	}
}

// judgeBinding holds a binding against all before it: again says that it is old, which has the same SubsId, over again; else taken that
// its SubsId was given before, and shared that a live one has its X and its A or B. One without an Expiration that holds is not
// alive: a refusal was due, and how long it lives nobody knows.
func judgeBinding(ids *traffic.Invariants, old, n *binding, now time.Time) (again, taken, shared bool) {
	if old != nil && old.a == n.a && old.b == n.b && old.x == n.x && old.live(now) {
		return true, false, false
	}
	n.prints = ids.Prints(nil, []byte(n.subsID), []byte(n.x), n.a, n.b)
	until := n.expires
	if until.IsZero() {
		until = now
	}
	return false, ids.SubsID(n.prints), ids.Bound(n.prints, now, until)
}

// last returns the binding that an exchange made, nil for none.
func (b *bindingBook) last(x *exchange) *binding { return b.bySubs[x.subsID] }

// unbind ends what the cases so far have bound, where the endpoint is declared to have UnbindSubscription. Calls of other credentials are
// theirs to unbind.
func (s *suite) unbind() {
	if !s.provision.Query.Unbind {
		return
	}
	t := s.trial(&testCase{name: "unbind"})
	for _, b := range s.bindings.list {
		if b.gone || s.stopped() != "" {
			continue
		}
		if !b.expires.IsZero() && !s.bindings.now().Before(b.expires) {
			b.gone = true
			continue
		}
		t.unbindOne(b)
	}
}

// unbindAll ends what is still bound and reports whether all of it is gone.
func (t *trial) unbindAll() bool {
	open, before := int64(0), t.bindings.unbound
	for _, b := range t.bindings.list {
		if !b.gone && (b.expires.IsZero() || t.bindings.now().Before(b.expires)) {
			open++
		}
	}
	t.suite.unbind()
	return t.provision.Query.Unbind && t.bindings.unbound-before == open
}

// unbindOne ends one binding and reports whether it is gone.
func (t *trial) unbindOne(b *binding) bool {
	t.ids.Unbound(b.prints.Pairs)
	r := t.unbindRequest(b)
	r.ends = true
	x := t.send(r)
	b.gone = true // asked once; what is left is the clean-up's
	if x.code == "OK" {
		t.bindings.unbound++
		if t.cfg.Bound != nil {
			if err := t.cfg.Bound.Unbound(b.subsID); err != nil && t.harness == nil {
				t.harness = err
			}
		}
	}
	return x.code == "OK"
}

// unbindRequest is the call that ends a binding.
func (t *trial) unbindRequest(b *binding) *request {
	r := &request{op: contract.UnbindSubscription, as: b.as, words: "UnbindSubscription"}
	return t.base.dress(r).set("PoolKey", b.pool).set("SubsId", b.subsID).set("SecretNo", b.x)
}

// detail asks for a binding through the second channel.
func (t *trial) detail(b *binding) *exchange { return t.send(t.detailRequest(b)) }

func (t *trial) detailRequest(b *binding) *request {
	r := &request{op: contract.QuerySubscriptionDetail, as: b.as, words: "QuerySubscriptionDetail"}
	return t.base.dress(r).set("PoolKey", b.pool).set("SubsId", b.subsID).set("PhoneNoX", b.x)
}

// leave is the end of the cases: what is still bound is left to expire, or to the clean-up.
func (s *suite) leave() {
	s.unbind()
	for _, r := range s.resting {
		r.pool.Close()
	}
}

// report accounts for the bindings.
func (b *bindingBook) report(now time.Time) results.Bindings {
	r := results.Bindings{Created: int64(len(b.list)), Unbound: b.unbound, Unknown: b.unknown}
	for _, n := range b.list {
		if !n.expires.IsZero() && now.Add(b.moved).After(n.expires) && !n.gone {
			r.Expired++
		}
	}
	r.Left = r.Created - r.Unbound - r.Expired
	for _, l := range b.loaded {
		more := l.Bindings(now.Add(b.moved))
		r.Created, r.Unbound, r.Expired = r.Created+more.Created, r.Unbound+more.Unbound, r.Expired+more.Expired
		r.Unknown, r.Left = r.Unknown+more.Unknown, r.Left+more.Left
	}
	return r
}

// bind is a plain bind in the form that works here: fresh A and B, the main pool, an Expiration a little ahead.
func (t *trial) bind() *request {
	r := &request{op: contract.BindAxb}
	r.set("PoolKey", t.poolKey("main")).set("PhoneNoA", t.phones.a()).set("PhoneNoB", t.phones.b())
	r.until(t.suite, t.bindings.now().Add(t.hold()))
	t.base.shape(r)
	return r
}

// hold is how long a binding lives where no case needs another time.
func (s *suite) hold() time.Duration { return cmp.Or(s.provision.Budget.Expiration, 3*time.Minute) }

// bindAs is a plain bind signed by another credential, in the pool that is declared as its own: with somebody else's there would be two
// faults in one call.
func (t *trial) bindAs(credential string) *request {
	r := t.bind().signedBy(credential)
	for _, name := range slices.Sorted(maps.Keys(t.provision.Pools)) {
		if p := t.provision.Pools[name]; p.Of == credential {
			return r.set("PoolKey", p.Key)
		}
	}
	return r
}

// poolKey is the key of a declared pool; of main it is that of the API's sample where none is declared.
func (s *suite) poolKey(name string) string {
	if p := s.provision.Pool(name); p != nil && p.Key != "" {
		return p.Key
	}
	return contract.BindAxb.FindParam("PoolKey").Sample
}
