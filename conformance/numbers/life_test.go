package numbers

import (
	"reflect"
	"testing"
	"time"
)

// TestSecondOfExpiry asks everything around the end of a binding: it is live to the end of the second before Expires, of an
// inclusive pool to the end of that second.
func TestSecondOfExpiry(t *testing.T) {
	x, a, b := must(t, "17000000000"), must(t, "15000000000"), must(t, "15800000000")
	expires := start.Add(time.Minute)
	for _, inclusive := range []bool{false, true} {
		for _, after := range []time.Duration{-time.Hour, -time.Second, -1, 0, time.Second - 1, time.Second, 2 * time.Second, time.Hour} {
			now, live := expires.Add(after), after < 0 || inclusive && after < time.Second
			made := func() (*Pool, Binding) {
				p := single(t, PoolConfig{Key: "P", Inclusive: inclusive, MaxPairs: 1, Cities: []City{{"北京", []Range{{x, x}}}}})
				got, refusal := p.Bind(expires.Add(-2*time.Hour), Request{A: a, B: b, Expires: expires})
				if refusal != None {
					t.Fatal(refusal)
				}
				return p, got
			}
			check := func(what string, got, want any) {
				if !reflect.DeepEqual(got, want) {
					t.Errorf("inclusive %v, %v after: %s is %v, want %v", inclusive, after, what, got, want)
				}
			}
			count := map[bool]int{true: 1}[live]
			p, made1 := made()
			check("the count", p.Live(now), count)
			p, _ = made()
			check("the count on x", len(p.On(now, x)), count)
			p, _ = made()
			_, ok := p.Pair(now, a, b)
			check("the pair", ok, live)
			p, _ = made()
			_, _, ok = p.Reach(now, x, b)
			check("reaching", ok, live)
			p, _ = made()
			check("the stock", p.Stock(now), []CityStock{{"北京", 1, count}})
			p, made1 = made()
			got, refusal := p.Query(now, made1.SubsID, x)
			check("what is asked for", got, Binding{SubsID: made1.SubsID, A: a, B: b, X: x, Created: made1.Created, Expires: made1.Expires, Ended: !live})
			check("refusal of a query", refusal, None)
			p, made1 = made()
			_, refusal = p.Update(now, made1.SubsID, x, Change{Note: 1, NoteMask: 1, Expires: now.Add(time.Hour)})
			check("refusal of an update", refusal, map[bool]Refusal{true: None, false: Ended}[live])
			p, made1 = made()
			_, refusal = p.Unbind(now, made1.SubsID, x)
			check("refusal of unbind", refusal, map[bool]Refusal{true: None, false: Unknown}[live])
			p, _ = made()
			_, refusal = p.Bind(now, Request{A: a, B: b, X: x, Expires: now.Add(time.Hour)})
			check("refusal of bind", refusal, map[bool]Refusal{true: Conflict, false: None}[live])
		}
	}
}

// TestPastIsNotLive binds until the last second that a binding would not be live in, and the one behind it.
func TestPastIsNotLive(t *testing.T) {
	for _, inclusive := range []bool{false, true} {
		p := single(t, PoolConfig{Key: "P", Inclusive: inclusive, Cities: []City{{"北京", []Range{NewRange(must(t, "170"), 2)}}}})
		over, now := start, start.Add(time.Second/2)
		if inclusive {
			over = start.Add(-time.Second)
		}
		r := Request{A: must(t, "150"), B: must(t, "151"), Expires: over}
		if _, refusal := p.Bind(now, r); refusal != Past {
			t.Errorf("inclusive %v: bound until now: %q", inclusive, refusal)
		}
		r.Expires = over.Add(time.Second)
		b, refusal := p.Bind(now, r)
		if refusal != None || p.Live(now) != 1 {
			t.Errorf("inclusive %v: %q, %d live, want one", inclusive, refusal, p.Live(now))
		}
		if _, refusal := p.Update(now, b.SubsID, b.X, Change{Expires: over}); refusal != Past {
			t.Errorf("inclusive %v: updated until now: %q", inclusive, refusal)
		}
	}
}

// crowd binds n pairs that end together, on one X.
func crowd(t *testing.T, p *Pool, n int, x Number, expires time.Time) []Binding {
	var out []Binding
	for i := range n {
		b, refusal := p.Bind(start, Request{A: must(t, "15000000000") + Number(i), B: must(t, "15800000000") + Number(i), X: x, Expires: expires})
		if refusal != None {
			t.Fatal(refusal)
		}
		out = append(out, b)
	}
	return out
}

// TestNotPurgedYet has more bindings end at once than one call purges: to every call they have all ended.
func TestNotPurgedYet(t *testing.T) {
	const n = 100
	x, end := must(t, "17000000000"), start.Add(time.Minute)
	pool := func() (*Pool, Binding, []Binding) {
		p := single(t, PoolConfig{Key: "P", Remember: n / 2, Cities: []City{{"北京", []Range{NewRange(x, 1)}}}})
		stays, refusal := p.Bind(start, Request{A: must(t, "139"), B: must(t, "138"), X: x, Expires: end.Add(time.Hour)})
		if refusal != None {
			t.Fatal(refusal)
		}
		return p, stays, crowd(t, p, n, x, end)
	}
	p, stays, ended := pool()
	if p.Query(end, stays.SubsID, x); p.live <= n/2 {
		t.Fatalf("%d left: nothing tested", p.live)
	}
	last := ended[n-1]
	if got := p.On(end, x); len(got) != 1 || got[0] != stays {
		t.Errorf("on x: %+v", got)
	}
	p, _, _ = pool()
	if _, ok := p.Pair(end, last.A, last.B); ok {
		t.Error("a pair that has ended was found")
	}
	p, _, _ = pool()
	if _, _, ok := p.Reach(end, x, last.A); ok {
		t.Error("a pair that has ended was reached")
	}
	p, _, _ = pool()
	if _, refusal := p.Update(end, stays.SubsID, x, Change{A: last.A, B: last.B}); refusal != None {
		t.Errorf("update to what has ended: %q", refusal)
	}
	p, _, _ = pool()
	for i, b := range ended {
		got, refusal := p.Query(end, b.SubsID, x)
		if want := map[bool]Refusal{true: Unknown, false: None}[i < n/2]; refusal != want || refusal == None && !got.Ended {
			t.Fatalf("binding %d of %d, %d remembered: %+v %q, want %q", i, n, n/2, got, refusal, want)
		}
	}
}

// TestPackedNotPurgedYet has the first X be full of what has ended.
func TestPackedNotPurgedYet(t *testing.T) {
	x, end := must(t, "17000000000"), start.Add(time.Minute)
	p := single(t, PoolConfig{Key: "P", Packed: true, MaxPairs: 100, Cities: []City{{"北京", []Range{NewRange(x, 2)}}}})
	made := crowd(t, p, 100, x, end)
	for i := range Number(50) {
		b, refusal := p.Bind(end, Request{A: made[0].A + i, B: made[99].B - i, Expires: end.Add(time.Hour)})
		if refusal != None || b.X != x {
			t.Fatalf("bind %d took %v %q", i, b.X, refusal)
		}
	}
}

func TestRemembered(t *testing.T) {
	x := must(t, "17000000000")
	for remember, want := range map[int]int{-1: 0, 0: 200, 1: 1, 7: 7} {
		p := single(t, PoolConfig{Key: "P", Remember: remember, Cities: []City{{"北京", []Range{NewRange(x, 1)}}}})
		made := crowd(t, p, 200, x, start.Add(time.Minute))
		now, got := start.Add(time.Hour), 0
		for i, b := range made {
			_, asked := p.Query(now, b.SubsID, x)
			_, updated := p.Update(now, b.SubsID, x, Change{})
			if (asked == None) != (updated == Ended) || (asked == None) != (i >= 200-want) {
				t.Errorf("%d remembered, binding %d: %q and %q", remember, i, asked, updated)
			}
			if asked == None {
				got++
			}
		}
		if got != want {
			t.Errorf("%d remembered: %d can be asked for, want %d", remember, got, want)
		}
	}
}

// TestClockOfTheAdministrator moves the clock by hours, forward and back.
func TestClockOfTheAdministrator(t *testing.T) {
	x := must(t, "17000000000")
	p := single(t, PoolConfig{Key: "P", Cities: []City{{"北京", []Range{NewRange(x, 1)}}}})
	made := crowd(t, p, 100, x, start.Add(time.Hour))
	if p.Query(start.Add(5*time.Hour), 1, x); p.live == 0 {
		t.Fatal("all purged by one call: nothing tested")
	}
	for i, b := range made {
		if got, refusal := p.Query(start, b.SubsID, x); refusal != None || !got.Ended {
			t.Fatalf("forward and back, binding %d: %+v %q", i, got, refusal)
		}
	}
	if _, refusal := p.Bind(start.Add(5*time.Hour), Request{A: made[99].A, B: made[99].B, X: x, Expires: start.Add(6 * time.Hour)}); refusal != None {
		t.Fatalf("five hours on, what had ended was in the way: %q", refusal)
	}
	for _, back := range []time.Duration{5 * time.Hour, 30 * 24 * time.Hour} {
		now := start.Add(5*time.Hour - back)
		for i, b := range made {
			if got, refusal := p.Query(now, b.SubsID, x); refusal != None || !got.Ended {
				t.Fatalf("%v back, binding %d: %+v %q", back, i, got, refusal)
			}
		}
		if n := p.Live(now); n != 1 {
			t.Errorf("%v back: %d live, want the one that ends later", back, n)
		}
	}
	now := start.Add(-30 * 24 * time.Hour)
	b, refusal := p.Bind(now, Request{A: made[0].A, B: made[0].B, X: x, Expires: now.Add(time.Minute)})
	if refusal != None || p.Live(now) != 2 || p.Live(now.Add(time.Minute)) != 1 {
		t.Errorf("made in the past: %+v %q", b, refusal)
	}
	if problem := audit(p); problem != "" {
		t.Error(problem)
	}
}

// TestCallsOutOfOrder has a call come with a time just before that of the call before it: the pool's clock stands still.
func TestCallsOutOfOrder(t *testing.T) {
	x := must(t, "17000000000")
	p := single(t, PoolConfig{Key: "P", Cities: []City{{"北京", []Range{NewRange(x, 1)}}}})
	end := start.Add(time.Minute)
	made := crowd(t, p, 100, x, end)
	p.Query(end, 1, x)
	left := p.live
	if n := len(p.On(end.Add(-time.Second), x)); n != 0 {
		t.Errorf("%d bindings live again", n)
	}
	if left == 0 || p.live < left-p.tune.step {
		t.Errorf("one late call purged %d of %d", left-p.live, left)
	}
	if _, refusal := p.Bind(end.Add(-time.Second), Request{A: made[0].A, B: made[0].B, X: x, Expires: end}); refusal != Past {
		t.Errorf("bound until what is past to others: %q", refusal)
	}
}

func TestReset(t *testing.T) {
	x := must(t, "17000000000")
	m, err := New(1, []PoolConfig{{Key: "P", Cities: []City{{"北京", []Range{NewRange(x, 1)}}}}, {Key: "Q", Cities: []City{{"北京", []Range{NewRange(x+1, 1)}}}}})
	if err != nil {
		t.Fatal(err)
	}
	p, q := m.Pool("P"), m.Pool("Q")
	ended, other := crowd(t, p, 3, x, start.Add(time.Minute)), crowd(t, q, 200, x+1, start.Add(time.Hour))
	p.Live(start.Add(time.Minute))
	live := crowd(t, p, 200, x, start.Add(time.Hour))
	p.Reset()
	now := start.Add(time.Minute)
	for _, b := range append(ended, live...) {
		if _, refusal := p.Query(now, b.SubsID, x); refusal != Unknown {
			t.Fatalf("after a reset: %q", refusal)
		}
	}
	if p.Live(now) != 0 || q.Live(now) != 200 || len(p.On(now, x)) != 0 || p.Stock(now)[0].Full != 0 {
		t.Errorf("%d and %d live, want 0 and 200", p.Live(now), q.Live(now))
	}
	again := crowd(t, p, 200, x, start.Add(time.Hour))
	if again[0].SubsID <= other[199].SubsID || again[0].SubsID <= live[199].SubsID {
		t.Errorf("SubsID %d again", again[0].SubsID)
	}
	if m.Reset(); m.Live(now) != 0 {
		t.Errorf("%d live after a reset of all", m.Live(now))
	}
}

// TestSecondsFarAhead binds until ever another second and unbinds: what the pool knows of seconds does not grow.
func TestSecondsFarAhead(t *testing.T) {
	p := single(t, PoolConfig{Key: "P", Cities: []City{{"北京", []Range{NewRange(must(t, "170"), 2)}}}})
	stays, _ := p.Bind(start, Request{A: must(t, "139"), B: must(t, "138"), Expires: start.Add(1e6 * time.Second)})
	for i := range 20_000 {
		b, refusal := p.Bind(start, Request{A: must(t, "150"), B: must(t, "151"), Expires: start.Add(time.Duration(2e6-i) * time.Second)})
		if refusal != None {
			t.Fatal(refusal)
		}
		p.Unbind(start, b.SubsID, b.X)
	}
	if n := len(p.agenda.heap); n > 2*tuned.idle {
		t.Errorf("%d seconds are kept for one binding", n)
	}
	if problem := audit(p); problem != "" {
		t.Error(problem)
	}
	if n := p.Live(stays.Expires); n != 0 {
		t.Errorf("%d live at the end", n)
	}
}
