package conformance

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"axbench/conformance/client"
	"axbench/conformance/contract"
	"axbench/conformance/traffic"
	"axbench/runner"
)

// loadSource makes the calls of the load phase: binds of fresh A and B, some of them with a PhoneNoX of the pool, and calls that must be
// refused. It draws from the suite's numbers, which nobody else uses while the phase runs. It is safe for concurrent use.
type loadSource struct {
	t     *trial
	stop  func()
	calls int64
	edits []edit   // of every bind
	x     []string // numbers for PhoneNoX

	binds atomic.Int64 // that may still be made
	open  atomic.Int64 // bindings that are to be unbound
	made  atomic.Int64 // calls so far, those that unbind included

	mu    sync.Mutex
	pairs map[[2]string]bool // A and B that are bound, or were in this phase
	wrong int                // refused calls so far
}

func newLoadSource(t *trial, p loadPlan, stop func()) *loadSource {
	s := &loadSource{t: t, stop: stop, calls: int64(p.calls), pairs: map[[2]string]bool{}, x: t.ownNumbers(maxOwnNumbers)}
	s.binds.Store(p.binds)
	s.edits = t.bind().edits
	for _, b := range t.bindings.list {
		s.pairs[[2]string{b.a, b.b}] = true
	}
	return s
}

// maxOwnNumbers is how many X the load phase asks for by name: more than calls are in flight, so that each has another.
const maxOwnNumbers = 64

// ownNumbers returns X of the main pool: declared ones, or those that this run was given.
func (t *trial) ownNumbers(most int) []string {
	if p := t.provision.Pool("main"); p != nil {
		if list := p.All(most); len(list) > 0 {
			return list
		}
	}
	var list []string
	for _, b := range t.bindings.list {
		if b.pool == t.poolKey("main") && !slices.Contains(list, b.x) && len(list) < most {
			list = append(list, b.x)
		}
	}
	return list
}

// NewMemo implements runner.Source.
func (s *loadSource) NewMemo() any { return &traffic.Memo{} }

// Prepare implements runner.Source. Of eight calls three bind, as long as there is room.
func (s *loadSource) Prepare(dst *runner.Request, k int64, now time.Time) {
	if s.made.Add(1) > s.calls {
		s.end()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m := dst.Memo.(*traffic.Memo)
	m.Reset()
	r := s.request(k, m)
	m.Operation, m.Format, m.Expires, m.PoolKey = r.op, r.format, r.expires, r.get("PoolKey")
	m.Params = append(m.Params, r.params...)
	m.A, m.B, m.X = r.get("PhoneNoA"), r.get("PhoneNoB"), r.get("PhoneNoX")
	dst.Operation = r.op.Name
	s.sign(dst, m, now)
}

// request makes call k. Numbers go to the binding of a pair once only: what an endpoint makes of the same pair again is left open.
func (s *loadSource) request(k int64, m *traffic.Memo) *request {
	r := s.t.bind()
	pair := [2]string{r.get("PhoneNoA"), r.get("PhoneNoB")}
	if k%8 >= 3 || s.pairs[pair] || s.binds.Add(-1) < 0 {
		return s.refused(r)
	}
	s.pairs[pair] = true
	if k%8 == 1 && len(s.x) > 0 {
		r.set("PhoneNoX", s.x[k/8%int64(len(s.x))])
	}
	if s.t.provision.Query.Unbind {
		m.Then = traffic.UnbindAfter
	}
	return r
}

// refused spoils a bind so that it takes no number.
func (s *loadSource) refused(r *request) *request {
	s.wrong++
	switch s.wrong % 3 {
	case 0:
		r.set("PhoneNoA", letters(r.get("PhoneNoA")))
	case 1:
		r.until(s.t.suite, s.t.bindings.now().Add(-24*time.Hour))
		r.expires = time.Time{}
	default:
		r.set("PhoneNoB", letters(r.get("PhoneNoB")))
	}
	return r
}

// Refresh implements runner.Source.
func (s *loadSource) Refresh(dst *runner.Request, now time.Time) {
	m := dst.Memo.(*traffic.Memo)
	if m.Operation == contract.UnbindSubscription {
		s.made.Add(1)
	}
	s.sign(dst, m, now)
}

// sign makes the bytes of a call.
func (s *loadSource) sign(dst *runner.Request, m *traffic.Memo, now time.Time) {
	d := client.Draft{Action: m.Operation.Name, Params: m.Params, Credentials: s.t.credential(MainCredential), Nonce: newNonce(), Time: now}
	if m.Operation == contract.BindAxb {
		for _, edit := range s.edits {
			edit(&d)
		}
	}
	dst.Bytes = append(dst.Bytes[:0], d.Build(s.t.cfg.Host, s.t.cfg.Path).Request...)
}

// end ends the phase, once what was bound has been unbound.
func (s *loadSource) end() {
	const patience, glance = 500 * time.Millisecond, time.Millisecond
	for range patience / glance {
		if s.open.Load() <= 0 || s.t.ctx.Err() != nil {
			break
		}
		sleep(s.t.ctx, glance)
	}
	s.stop()
}
