package numbers

import (
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
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
	if _, refusal := p.Query(r.Expires, b.SubsID, x); refusal != Unknown {
		t.Errorf("query at its end: %q", refusal)
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

// TestFallbackIsUniform holds the numbers chosen against a chi-square bound, once for random tries and once for the exact way.
func TestFallbackIsUniform(t *testing.T) {
	const free, draws = 40, 8000
	for _, bound := range []int{0, 4000} {
		p := single(t, PoolConfig{Key: "P", Cities: []City{
			{"拉萨", nil}, {"北京", []Range{NewRange(must(t, "17000000000"), free/2+bound)}},
			{"上海", []Range{NewRange(must(t, "17100000000"), free/2)}}}})
		a := must(t, "15000000000")
		for i := range bound {
			r := Request{A: a, B: must(t, "15800000000") + Number(i), X: must(t, "17000000000") + Number(i), Expires: start.Add(time.Hour)}
			if _, refusal := p.Bind(start, r); refusal != None {
				t.Fatal(refusal)
			}
		}
		count := map[Number]int{}
		for i := range draws {
			b, refusal := p.Bind(start, Request{A: a, B: must(t, "139") + Number(i), City: "拉萨", Expires: start.Add(time.Hour)})
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
			t.Errorf("%d bound before: %d different numbers of %d, chi-square %.0f", bound, len(count), free, chi)
		}
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

// TestManyCallers has 64 callers bind and unbind on 8 numbers and watches who holds what.
func TestManyCallers(t *testing.T) {
	x := must(t, "17000000000")
	p := single(t, PoolConfig{Key: "P", Cities: []City{{"北京", []Range{NewRange(x, 8)}}}})
	var mu sync.Mutex
	held := map[pairOf]bool{}
	ids := map[SubsID]bool{}
	bound := 0
	var wg sync.WaitGroup
	for caller := range 64 {
		wg.Go(func() {
			for i := range 200 {
				r := Request{A: must(t, "150") + Number(i%3), B: must(t, "160") + Number(caller%5), Expires: start.Add(time.Hour)}
				if i%2 == 0 {
					r.X = x + Number(i%8)
				}
				b, refusal := p.Bind(start, r)
				if refusal != None {
					continue
				}
				mu.Lock()
				bound++
				for _, n := range []Number{b.A, b.B} {
					if held[pairOf{n, b.X}] {
						t.Errorf("%v stands twice on %v", n, b.X)
					}
					held[pairOf{n, b.X}] = true
				}
				if ids[b.SubsID] {
					t.Errorf("%v was given twice", b.SubsID)
				}
				ids[b.SubsID] = true
				delete(held, pairOf{b.A, b.X})
				delete(held, pairOf{b.B, b.X})
				if _, refusal := p.Unbind(start, b.SubsID, b.X); refusal != None {
					t.Errorf("unbind: %q", refusal)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if bound == 0 || p.Live(start) != 0 {
		t.Errorf("%d bound, %d live at the end", bound, p.Live(start))
	}
}

type pairOf struct{ phone, x Number }

// naive is the model written down as the document says it.
type naive struct {
	strict bool
	limit  int
	city   map[Number]string
	live   map[SubsID]Binding
}

func (n *naive) fits(now time.Time, a, b, x Number) Refusal {
	used := 0
	for _, l := range n.live {
		if l.X != x || !now.Before(l.Expires) {
			continue
		}
		used++
		if l.A == a || l.A == b || l.B == a || l.B == b {
			return Conflict
		}
	}
	if used >= n.limit {
		return Full
	}
	return None
}

// allowed returns every X the request may get, or why it gets none.
func (n *naive) allowed(now time.Time, r Request) (map[Number]bool, Refusal) {
	if r.A == r.B || r.X == r.A || r.X == r.B {
		return nil, SameNumber
	}
	if r.X != 0 {
		if _, ok := n.city[r.X]; !ok {
			return nil, NotInPool
		}
		return map[Number]bool{r.X: true}, n.fits(now, r.A, r.B, r.X)
	}
	here, elsewhere := map[Number]bool{}, map[Number]bool{}
	for x, city := range n.city {
		if x == r.A || x == r.B || n.fits(now, r.A, r.B, x) != None {
			continue
		}
		if r.City == "" || city == r.City {
			here[x] = true
		} else {
			elsewhere[x] = true
		}
	}
	switch {
	case len(here) > 0:
		return here, None
	case len(elsewhere) > 0 && !n.strict:
		return elsewhere, None
	}
	return nil, NoAvailable
}

// drawPool makes a small pool and its naive twin.
func drawPool(t *rapid.T) (*Model, *naive) {
	n := &naive{strict: rapid.Bool().Draw(t, "strict"), limit: rapid.IntRange(1, 4).Draw(t, "limit"), city: map[Number]string{}, live: map[SubsID]Binding{}}
	config := PoolConfig{Key: "P", Strict: n.strict, MaxPairs: n.limit}
	first, _ := Parse("100")
	for _, name := range []string{"北京", "上海", "拉萨"} {
		c := City{Name: name}
		if size := rapid.IntRange(0, 70).Draw(t, name); size > 0 {
			c.Ranges = []Range{NewRange(first, size)}
			for i := range size {
				n.city[first+Number(i)] = name
			}
			first += Number(size) + 5
		}
		config.Cities = append(config.Cities, c)
	}
	if len(n.city) == 0 {
		t.Skip("no numbers")
	}
	m, err := New(rapid.Uint64().Draw(t, "seed"), []PoolConfig{config})
	if err != nil {
		t.Fatal(err)
	}
	m.Pool("P").tune = rapid.SampledFrom([]tuning{tuned, {many: 3, few: 2, step: 1}}).Draw(t, "tuning")
	return m, n
}

func TestAgainstNaiveModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, n := drawPool(t)
		p, now := m.Pool("P"), start
		number := rapid.Custom(func(t *rapid.T) Number { // among the X as well
			v, _ := Parse(fmt.Sprint(rapid.IntRange(95, 110).Draw(t, "n")))
			return v
		})
		var ids []Binding
		t.Repeat(map[string]func(*rapid.T){
			"bind": func(t *rapid.T) {
				r := Request{A: number.Draw(t, "A"), B: number.Draw(t, "B"), City: rapid.SampledFrom([]string{"", "北京", "上海", "拉萨", "无"}).Draw(t, "city"),
					Expires: now.Add(time.Duration(rapid.IntRange(1, 90).Draw(t, "for")) * time.Second).Truncate(time.Second)}
				if rapid.IntRange(0, 3).Draw(t, "explicit") == 0 {
					r.X = number.Draw(t, "X")
				}
				if !r.Expires.After(now) {
					return
				}
				may, want := n.allowed(now, r)
				got, refusal := p.Bind(now, r)
				if refusal != want || want == None && !may[got.X] {
					t.Fatalf("%+v: %v %q, want one of %v %q", r, got.X, refusal, may, want)
				}
				if refusal != None {
					return
				}
				if _, twice := n.live[got.SubsID]; twice {
					t.Fatalf("SubsID %d twice", got.SubsID)
				}
				n.live[got.SubsID] = got
				ids = append(ids, got)
			},
			"unbind": func(t *rapid.T) {
				if len(ids) == 0 {
					return
				}
				b := rapid.SampledFrom(ids).Draw(t, "binding")
				_, live := n.live[b.SubsID]
				live = live && now.Before(b.Expires)
				if _, refusal := p.Unbind(now, b.SubsID, b.X); live != (refusal == None) {
					t.Fatalf("unbind of %+v: %q", b, refusal)
				}
				delete(n.live, b.SubsID)
			},
			"wait": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(1, 90_000).Draw(t, "ms")) * time.Millisecond)
			},
			"wait long": func(t *rapid.T) { now = now.Add(3 * time.Hour) },
			"": func(t *rapid.T) {
				want := 0
				for _, b := range n.live {
					if now.Before(b.Expires) {
						want++
					}
				}
				if rapid.IntRange(0, 3).Draw(t, "count") == 0 {
					if got := m.Live(now); got != want {
						t.Fatalf("%d live, want %d", got, want)
					}
				}
			},
		})
	})
}
