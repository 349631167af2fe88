package numbers

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// referee is an independent table of who holds what on which X.
type referee struct {
	clock    atomic.Int64 // seconds; it only moves forward
	role     bool
	held     map[Number]*[2][fewPhones]atomic.Pointer[hold] // by X, role and phone
	twice    atomic.Int64                                   // how often one was held twice
	bound    atomic.Int64
	updated  atomic.Int64
	conflict atomic.Int64
}

// hold is a claim of one binding until a second.
type hold struct{ expires int64 }

const (
	fewX      = 8
	fewPhones = 6
	firstX    = Number(11<<lengthShift | 17000000000)
	firstA    = Number(11<<lengthShift | 15000000000)
)

func newReferee(role bool) *referee {
	r := &referee{role: role, held: map[Number]*[2][fewPhones]atomic.Pointer[hold]{}}
	r.clock.Store(start.Unix())
	for i := range Number(fewX) {
		r.held[firstX+i] = new([2][fewPhones]atomic.Pointer[hold])
	}
	return r
}

func (r *referee) now() time.Time { return time.Unix(r.clock.Load(), 0) }

// places are where the numbers of a binding stand in the table.
func (r *referee) places(b Binding) [2]*atomic.Pointer[hold] {
	roleB := 0
	if r.role {
		roleB = 1
	}
	return [2]*atomic.Pointer[hold]{&r.held[b.X][0][b.A-firstA], &r.held[b.X][roleB][b.B-firstA]}
}

// claim enters a live binding. Whoever stands there and has not ended when the clock is looked at later lives at the same time.
func (r *referee) claim(b Binding) *hold {
	h := &hold{b.Expires.Unix()}
	for _, at := range r.places(b) {
		for {
			other := at.Load()
			if now := r.clock.Load(); h.expires <= now {
				break
			} else if other != nil && other.expires > now {
				r.twice.Add(1)
				break
			}
			if at.CompareAndSwap(other, h) {
				break
			}
		}
	}
	return h
}

// waive takes a claim back. It comes before the call that ends the binding.
func (r *referee) waive(b Binding, h *hold) {
	for _, at := range r.places(b) {
		at.CompareAndSwap(h, nil)
	}
}

// caller binds, updates and unbinds at random: what it has made it alone ends.
func (r *referee) caller(p *Pool, seed uint64, calls int) {
	rng := rand.New(rand.NewPCG(seed, 0))
	phone := func() Number { return firstA + Number(rng.IntN(fewPhones)) }
	type owned struct {
		Binding
		*hold
	}
	var mine []owned
	for range calls {
		now := r.now()
		if len(mine) == 0 || len(mine) < 3 && rng.IntN(2) == 0 {
			q := Request{A: phone(), B: phone(), Expires: now.Add(time.Duration(1+rng.IntN(20)) * time.Second)}
			if rng.IntN(2) == 0 {
				q.X = firstX + Number(rng.IntN(fewX))
			}
			if b, refusal := p.Bind(now, q); refusal == None {
				r.bound.Add(1)
				mine = append(mine, owned{b, r.claim(b)})
			}
			continue
		}
		i := rng.IntN(len(mine))
		o := mine[i]
		r.waive(o.Binding, o.hold)
		if rng.IntN(2) == 0 {
			p.Unbind(now, o.SubsID, o.X)
			mine = append(mine[:i], mine[i+1:]...)
			continue
		}
		b, refusal := p.Update(now, o.SubsID, o.X, Change{A: phone(), B: phone(), Expires: now.Add(time.Duration(1+rng.IntN(20)) * time.Second)})
		switch refusal {
		case None:
			r.updated.Add(1)
			mine[i] = owned{b, r.claim(b)}
		case Unknown, Ended:
			mine = append(mine[:i], mine[i+1:]...)
		default:
			r.conflict.Add(1)
			mine[i].hold = r.claim(o.Binding)
		}
	}
}

// run has 64 callers at the pools, caller i at pool i%len(pools), while the clock moves on.
func (r *referee) run(pools []*Pool, calls int) {
	var callers, clock sync.WaitGroup
	done := make(chan struct{})
	clock.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(2 * time.Millisecond):
				r.clock.Add(1)
			}
		}
	})
	for i := range 64 {
		callers.Go(func() { r.caller(pools[i%len(pools)], uint64(i), calls) })
	}
	callers.Wait()
	close(done)
	clock.Wait()
}

// TestNeverTwoAtOnce has 64 callers bind, update and unbind on 8 X with few A and B: no number is ever bound twice on one X. Two
// pools that do not know of each other are caught at it.
func TestNeverTwoAtOnce(t *testing.T) {
	made := func(role bool) *Pool {
		return single(t, PoolConfig{Key: "P", SameRole: role, Cities: []City{{"北京", []Range{NewRange(firstX, fewX)}}}})
	}
	for _, role := range []bool{false, true} {
		p, r := made(role), newReferee(role)
		r.run([]*Pool{p}, 1000)
		if n := r.twice.Load(); n != 0 {
			t.Errorf("same role %v: %d times two live bindings shared a number on one X", role, n)
		}
		if r.bound.Load() == 0 || r.updated.Load() == 0 || r.conflict.Load() == 0 {
			t.Errorf("same role %v: %d bound, %d updated, %d conflicts", role, r.bound.Load(), r.updated.Load(), r.conflict.Load())
		}
		if problem := audit(p); problem != "" {
			t.Error(problem)
		}
	}
	r := newReferee(false)
	r.run([]*Pool{made(false), made(false)}, 200)
	if r.twice.Load() == 0 {
		t.Error("two pools on the same X were not caught")
	}
}

// TestEveryCallAtOnce has many callers make every call, resets and a clock that goes both ways among them.
func TestEveryCallAtOnce(t *testing.T) {
	m, err := New(1, []PoolConfig{{Key: "P", Remember: 50, Cities: []City{{"北京", []Range{NewRange(firstX, fewX)}}}}})
	if err != nil {
		t.Fatal(err)
	}
	p := m.Pool("P")
	var wg sync.WaitGroup
	var seen sync.Map
	for caller := range 32 {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(caller), 1))
			var last Binding
			for range 300 {
				now := start.Add(time.Duration(rng.IntN(20)-rng.IntN(4)*rng.IntN(3600)) * time.Second)
				a, b, x := firstA+Number(rng.IntN(9)), firstA+Number(rng.IntN(9)), firstX+Number(rng.IntN(fewX))
				switch rng.IntN(12) {
				case 0:
					p.On(now, x)
				case 1:
					p.Pair(now, a, b)
				case 2:
					p.Reach(now, x, a)
				case 3:
					p.Stock(now)
				case 4:
					if rng.IntN(20) == 0 {
						m.Reset()
					}
				case 5:
					p.Query(now, last.SubsID, last.X)
				case 6:
					p.Unbind(now, last.SubsID, last.X)
				case 7:
					p.Update(now, last.SubsID, last.X, Change{A: a, Label: new(string), Expires: now.Add(time.Minute)})
				case 8:
					m.Live(now)
				default:
					got, refusal := p.Bind(now, Request{A: a, B: b, Expires: now.Add(10 * time.Second), Label: "order"})
					if refusal != None {
						continue
					}
					if _, twice := seen.LoadOrStore(got.SubsID, true); twice || m.Owner(got.X) != p {
						t.Errorf("%+v was given twice", got)
					}
					last = got
				}
			}
		})
	}
	wg.Wait()
	if problem := audit(p); problem != "" {
		t.Error(problem)
	}
}
