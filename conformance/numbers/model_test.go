package numbers

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"
)

func must(t testing.TB, s string) Number {
	n, ok := Parse(s)
	if !ok {
		t.Fatalf("no number: %q", s)
	}
	return n
}

func single(t testing.TB, c PoolConfig) *Pool {
	m, err := New(1, []PoolConfig{c})
	if err != nil {
		t.Fatal(err)
	}
	return m.Pools()[0]
}

var start = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

func TestNumber(t *testing.T) {
	for _, s := range []string{"0", "057188992688", "15000000000", "00", "9999999999999999"} {
		if got := must(t, s).String(); got != s {
			t.Errorf("%s came back as %s", s, got)
		}
	}
	for _, s := range []string{"", "1-2", "１", "+86", "12345678901234567", "1 "} {
		if n, ok := Parse(s); ok {
			t.Errorf("%q was read as %s", s, n)
		}
	}
	if must(t, "0571") == must(t, "571") {
		t.Error("a leading zero was lost")
	}
	if r := (Range{must(t, "0571"), must(t, "1571")}); r.Size() != 1001 {
		t.Errorf("size of %s: %d", r, r.Size())
	}
	if r := (Range{must(t, "571"), must(t, "1571")}); r.Size() != 0 {
		t.Errorf("size of %s: %d, want 0: two lengths", r, r.Size())
	}
}

func TestRefusedConfigurations(t *testing.T) {
	r := func(first string, n int) []Range { return []Range{NewRange(must(t, first), n)} }
	for name, configs := range map[string][]PoolConfig{
		"no number":         {{Key: "P"}},
		"empty city only":   {{Key: "P", Cities: []City{{Name: "北京"}}}},
		"city twice":        {{Key: "P", Cities: []City{{"北京", r("170", 1)}, {"北京市", r("180", 1)}}}},
		"number twice":      {{Key: "P", Cities: []City{{"北京", r("170", 9)}, {"上海", r("178", 1)}}}},
		"number in 2 pools": {{Key: "P", Cities: []City{{"北京", r("170", 9)}}}, {Key: "Q", Cities: []City{{"北京", r("178", 9)}}}},
		"pool twice":        {{Key: "P", Cities: []City{{"北京", r("170", 9)}}}, {Key: "P", Cities: []City{{"北京", r("270", 9)}}}},
		"backwards":         {{Key: "P", Cities: []City{{"北京", []Range{{must(t, "171"), must(t, "170")}}}}}},
		"too many pairs":    {{Key: "P", MaxPairs: 201, Cities: []City{{"北京", r("170", 9)}}}},
		"too many numbers":  {{Key: "P", Cities: []City{{"北京", r("1700000000", MaxNumbers+1)}}}},
	} {
		if _, err := New(1, configs); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestBind(t *testing.T) {
	a, b, c := must(t, "15000000000"), must(t, "15800000000"), must(t, "13900000000")
	x0, x1 := must(t, "17000000000"), must(t, "17000000001")
	config := PoolConfig{Key: "P", Cities: []City{{"北京", []Range{{x0, x0}}}, {"杭州", []Range{{x1, x1}}}, {"拉萨", nil}}}
	expires := start.Add(time.Hour)
	type step struct {
		name   string
		r      Request
		x      Number
		refuse Refusal
	}
	for _, strict := range []bool{false, true} {
		config.Strict = strict
		other := func(n Number, r Refusal) (Number, Refusal) {
			if strict {
				return 0, NoAvailable
			}
			return n, r
		}
		second, secondRefusal := other(x1, None)
		p := single(t, config)
		steps := []step{
			{"city", Request{A: a, B: b, City: "北京"}, x0, None},
			{"city full for a", Request{A: a, B: c, City: "北京市"}, second, secondRefusal},
			{"explicit, a bound", Request{A: a, B: must(t, "139"), X: x0}, 0, Conflict},
			{"explicit, b bound", Request{A: c, B: b, X: x0}, 0, Conflict},
			{"explicit, roles swapped", Request{A: b, B: a, X: x0}, 0, Conflict},
			{"explicit, foreign", Request{A: a, B: b, X: must(t, "17000000002")}, 0, NotInPool},
			{"explicit beats city", Request{A: must(t, "131"), B: must(t, "132"), X: x0, City: "杭州"}, x0, None},
			{"a is b", Request{A: a, B: a}, 0, SameNumber},
			{"x is a", Request{A: x0, B: b, X: x0}, 0, SameNumber},
			{"x is never a", Request{A: x0, B: must(t, "133")}, x1, None},
			{"x is never b", Request{A: must(t, "134"), B: x1}, x0, None},
		}
		for _, s := range steps {
			s.r.Expires = expires
			got, refusal := p.Bind(start, s.r)
			if refusal != s.refuse || got.X != s.x {
				t.Fatalf("strict %v: %s: %v %q, want %v %q", strict, s.name, got.X, refusal, s.x, s.refuse)
			}
		}
		_, refusal := p.Bind(start, Request{A: must(t, "135"), B: must(t, "136"), City: "拉萨", Expires: expires})
		if strict != (refusal == NoAvailable) {
			t.Errorf("strict %v, city without numbers: %q", strict, refusal)
		}
		if _, refusal := p.Bind(start, Request{A: must(t, "137"), B: must(t, "138"), Expires: expires}); refusal != None {
			t.Errorf("strict %v, no city: %q", strict, refusal)
		}
		if _, refusal := p.Bind(start, Request{A: a, B: b, Expires: start}); refusal != Past {
			t.Errorf("ends now: %q", refusal)
		}
	}
}

func TestLifeOfABinding(t *testing.T) {
	x := must(t, "17000000000")
	p := single(t, PoolConfig{Key: "P", Cities: []City{{"北京", []Range{{x, x}}}}})
	r := Request{A: must(t, "0571"), B: must(t, "571"), Expires: start.Add(10 * time.Second), Note: 7}
	b, refusal := p.Bind(start, r)
	if refusal != None {
		t.Fatal(refusal)
	}
	if got, _ := p.Query(start, b.SubsID, x); got != b || got.A != r.A || got.B != r.B || got.Note != 7 || !got.Expires.Equal(r.Expires) {
		t.Errorf("query: %+v, want %+v", got, b)
	}
	if _, refusal := p.Query(start, b.SubsID, must(t, "17000000001")); refusal != Unknown {
		t.Errorf("query with another x: %q", refusal)
	}
	last := r.Expires.Add(-time.Nanosecond)
	if _, refusal := p.Bind(last, Request{A: r.A, B: must(t, "1"), X: x, Expires: last.Add(time.Hour)}); refusal != Conflict {
		t.Errorf("just before its end: %q", refusal)
	}
	b.Ended = true
	if got, refusal := p.Query(r.Expires, b.SubsID, x); refusal != None || got != b {
		t.Errorf("query at its end: %+v %q, want %+v", got, refusal, b)
	}
	if p.Live(r.Expires) != 0 {
		t.Error("live at its end")
	}
	b, _ = p.Bind(r.Expires, Request{A: r.A, B: r.B, Expires: r.Expires.Add(time.Hour)})
	if _, refusal := p.Unbind(r.Expires, b.SubsID, 1); refusal != Unknown {
		t.Errorf("unbind with another x: %q", refusal)
	}
	if _, refusal := p.Unbind(r.Expires, b.SubsID, x); refusal != None {
		t.Errorf("unbind: %q", refusal)
	}
	if _, refusal := p.Unbind(r.Expires, b.SubsID, x); refusal != Unknown {
		t.Errorf("unbind twice: %q", refusal)
	}
}

func TestClockSetBack(t *testing.T) {
	p := single(t, PoolConfig{Key: "P", Cities: []City{{"北京", []Range{NewRange(must(t, "17000000000"), 1)}}}})
	p.Live(start.Add(time.Hour))
	r := Request{A: must(t, "150"), B: must(t, "151"), Expires: start.Add(2 * time.Minute)}
	if _, refusal := p.Bind(start, r); refusal != None {
		t.Fatal(refusal)
	}
	if n := p.Live(start); n != 1 {
		t.Errorf("%d live, want 1", n)
	}
	if n := p.Live(start.Add(2 * time.Minute)); n != 0 {
		t.Errorf("%d live after the end, want 0", n)
	}
}

func TestOneNumberServesManyPairs(t *testing.T) {
	p := single(t, PoolConfig{Key: "P", Cities: []City{{"北京", []Range{NewRange(must(t, "17000000000"), 2)}}}})
	phone := must(t, "15000000000")
	for i := range 2*MaxPairs + 1 {
		_, refusal := p.Bind(start, Request{A: phone + Number(2*i), B: phone + Number(2*i+1), Expires: start.Add(time.Hour)})
		if want := i >= 2*MaxPairs; want != (refusal == NoAvailable) {
			t.Fatalf("pair %d: %q", i, refusal)
		}
	}
	if _, refusal := p.Bind(start, Request{A: phone - 1, B: phone - 2, X: must(t, "17000000000"), Expires: start.Add(time.Hour)}); refusal != Full {
		t.Errorf("explicit full number: %q", refusal)
	}
}

func TestBound(t *testing.T) {
	a, b, c := must(t, "15000000000"), must(t, "15800000000"), must(t, "13900000000")
	for _, sameRole := range []bool{false, true} {
		p := single(t, PoolConfig{Key: "P", SameRole: sameRole, Cities: []City{{"北京", []Range{NewRange(must(t, "17000000000"), 9)}}}})
		for i, r := range []Request{{A: a, B: b}, {A: a, B: c}, {A: b, B: c}} {
			r.Expires = start.Add(time.Duration(i+1) * time.Minute)
			if _, refusal := p.Bind(start, r); refusal != None {
				t.Fatal(refusal)
			}
		}
		want := [2]int{2, 2}
		if sameRole {
			want[1] = 1
		}
		onA, onB := p.Bound(start, a, b)
		if onA != want[0] || onB != want[1] {
			t.Errorf("same role %v: %d and %d, want %v", sameRole, onA, onB, want)
		}
		if onA, onB := p.Bound(start.Add(time.Minute), a, c); onA != 1 || onB != 2 {
			t.Errorf("same role %v, when one has ended: %d and %d, want 1 and 2", sameRole, onA, onB)
		}
		if onA, onB := p.Bound(start, must(t, "1"), must(t, "2")); onA != 0 || onB != 0 {
			t.Errorf("strangers are bound on %d and %d", onA, onB)
		}
	}
}

// TestEveryNumberOnce walks one A through pools of several sizes, past the threshold of the bitmap, over two rounds.
func TestEveryNumberOnce(t *testing.T) {
	for _, n := range []int{1, 2, 63, 64, 65, 130, 5000} {
		p := single(t, PoolConfig{Key: "P", Cities: []City{
			{"北京", []Range{NewRange(must(t, "17000000000"), (n+1)/2)}},
			{"上海", []Range{NewRange(must(t, "17100000000"), n/2)}},
		}[:min(n, 2)]})
		a, b := must(t, "15000000000"), must(t, "15800000000")
		now := start
		for range 2 {
			seen := map[Number]bool{}
			for i := range n {
				got, refusal := p.Bind(now, Request{A: a, B: b + Number(i), City: []string{"", "上海"}[i%2], Expires: now.Add(time.Hour)})
				if refusal != None || seen[got.X] {
					t.Fatalf("%d numbers, bind %d: %v %q, seen %v", n, i, got.X, refusal, seen[got.X])
				}
				seen[got.X] = true
			}
			if _, refusal := p.Bind(now, Request{A: must(t, "159"), B: a, Expires: now.Add(time.Hour)}); refusal != NoAvailable {
				t.Fatalf("%d numbers, all bound to a: %q", n, refusal)
			}
			now = now.Add(time.Hour)
		}
	}
}

// TestChoiceIsUniform holds the numbers chosen against a chi-square bound, once for each of the ways to choose: blindly, by rank
// when few are open, by looking at all when most are bound to A; and in another city, and in all cities but a full one.
func TestChoiceIsUniform(t *testing.T) {
	const free, draws = 40, 8000
	x, a := must(t, "17000000000"), must(t, "15000000000")
	for name, c := range map[string]struct {
		bound, pairs int // how many of 北京 are bound before, and how many pairs one serves
		city         string
	}{
		"blind": {0, 1, "拉萨"}, "ranked": {4000, 1, "拉萨"}, "exact": {4000, 2, "拉萨"}, "here": {4000, 1, ""},
		"all but": {4000, 2, "北京"}, "all but a full one": {4000, 1, "北京"},
	} {
		here, there := c.bound+free/2, free/2
		if c.city == "北京" {
			here, there = c.bound, free
		}
		p := single(t, PoolConfig{Key: "P", MaxPairs: c.pairs, Cities: []City{
			{"拉萨", nil}, {"北京", []Range{NewRange(x, here)}}, {"上海", []Range{NewRange(must(t, "17100000000"), there)}}}})
		for i := range c.bound {
			r := Request{A: a, B: must(t, "15800000000") + Number(i), X: x + Number(i), Expires: start.Add(time.Hour)}
			if _, refusal := p.Bind(start, r); refusal != None {
				t.Fatal(refusal)
			}
		}
		count := map[Number]int{}
		for i := range draws {
			b, refusal := p.Bind(start, Request{A: a, B: must(t, "139") + Number(i), City: c.city, Expires: start.Add(time.Hour)})
			if refusal != None {
				t.Fatal(refusal)
			}
			count[b.X]++
			p.Unbind(start, b.SubsID, b.X)
		}
		chi := 0.0
		for _, n := range count {
			chi += math.Pow(float64(n)-draws/free, 2) / (draws / free)
		}
		if len(count) != free || chi > 100 { // 39 degrees of freedom: p = 3e-7
			t.Errorf("%s: %d different numbers of %d, chi-square %.0f", name, len(count), free, chi)
		}
	}
}

// TestPickKeepsToTheScope shuts X until few are open, and picks from runs of cities all the while.
func TestPickKeepsToTheScope(t *testing.T) {
	p := single(t, PoolConfig{Key: "P", Cities: []City{
		{"北京", []Range{NewRange(must(t, "170"), 300)}}, {"上海", []Range{NewRange(must(t, "1700"), 30)}}, {"拉萨", nil}, {"杭州", []Range{NewRange(must(t, "17000"), 70)}}}})
	last := uint32(0)
	for x := range uint32(len(p.load)) {
		if x%64 == 63 || !p.open.has(x) {
			continue // one of each word stays
		}
		if last++; last%5 == 0 {
			for _, s := range []scope{{0, 4, -1}, {0, 4, 0}, {0, 4, 1}, {0, 4, 3}, {1, 2, -1}, {0, 1, -1}, {3, 4, -1}} {
				total, seen := 0, map[uint32]bool{}
				for i := s.from; i < s.to; i++ {
					if i != s.but {
						total += p.cities[i].open
					}
				}
				for range 20 * total {
					x := p.pick(s, total)
					at := slices.IndexFunc(p.cities, func(c city) bool { return x/64 >= c.from && x/64 < c.to })
					if seen[x] = true; !p.open.has(x) || at < s.from || at >= s.to || at == s.but {
						t.Fatalf("of %+v: %d in city %d", s, x, at)
					}
				}
				if len(seen) != total {
					t.Fatalf("of %+v: %d of %d", s, len(seen), total)
				}
			}
		}
		p.shut(x)
	}
}

func TestSameSeedSameChoices(t *testing.T) {
	run := func(seed uint64) (out string) {
		m, err := New(seed, []PoolConfig{{Key: "P", Cities: []City{{"北京", []Range{NewRange(must(t, "17000000000"), 1000)}}}}})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 20 {
			b, _ := m.Pool("P").Bind(start, Request{A: must(t, "150"), B: must(t, "160") + Number(i), Expires: start.Add(time.Hour)})
			out += fmt.Sprint(b.X, b.SubsID, " ")
		}
		return out
	}
	if first := run(1); first != run(1) || first == run(2) {
		t.Error("choices do not follow the seed")
	}
}
