package numbers

import (
	"fmt"
	"maps"
	"math/bits"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// lowered makes a small pool change its ways often.
var lowered = tuning{many: 3, few: 2, step: 1, idle: 2, tries: 1}

// twins are a small pool and its naive twin, which get the same calls.
type twins struct {
	m   *Model
	p   *Pool
	n   *naive
	now time.Time
	ids []Binding // all that were made
}

// small draws one with the flags of c.
func small(t *rapid.T, c PoolConfig) *twins {
	c.Key, c.Strict = "P", rapid.Bool().Draw(t, "strict")
	c.MaxPairs, c.Remember = rapid.IntRange(1, 4).Draw(t, "limit"), rapid.IntRange(-1, 4).Draw(t, "remember")
	first, _ := Parse("100")
	for _, name := range []string{"北京", "上海", "拉萨"} {
		city := City{Name: name}
		for range rapid.IntRange(0, 2).Draw(t, name) { // the higher range first
			r := NewRange(first, rapid.IntRange(1, 40).Draw(t, "size"))
			city.Ranges = slices.Insert(city.Ranges, 0, r)
			first = r.Last + 6
		}
		c.Cities = append(c.Cities, city)
	}
	if first.value() == 100 {
		t.Skip("no numbers")
	}
	m, err := New(rapid.Uint64().Draw(t, "seed"), []PoolConfig{c})
	if err != nil {
		t.Fatal(err)
	}
	w := &twins{m: m, p: m.Pool("P"), n: newNaive(c), now: start}
	w.p.tune = rapid.SampledFrom([]tuning{tuned, lowered}).Draw(t, "tuning")
	return w
}

// number draws one of few, X among them, three of them more often.
func number(t *rapid.T, label string) Number {
	n, _ := Parse(fmt.Sprint(rapid.SampledFrom([]int{97, 98, 101, 97, 98, 101, 96, 99, 100, 102, 103, 104}).Draw(t, label)))
	return n
}

// end draws a time of Expires, about one in ten past or at the edge.
func (w *twins) end(t *rapid.T) time.Time {
	return w.now.Add(time.Duration(rapid.IntRange(-1000, 30_000).Draw(t, "for")) * time.Millisecond)
}

// pick draws a binding that was made, live or not, and now and then another X.
func (w *twins) pick(t *rapid.T) (SubsID, Number) {
	if len(w.ids) == 0 {
		t.Skip("none made")
	}
	b := w.ids[len(w.ids)-1-rapid.IntRange(0, min(len(w.ids), 12)-1).Draw(t, "binding")]
	if rapid.IntRange(0, 9).Draw(t, "other x") == 0 {
		b.X++
	}
	return b.SubsID, b.X
}

func (w *twins) bind(t *rapid.T) {
	r := Request{A: number(t, "A"), B: number(t, "B"), Expires: w.end(t), Note: rapid.Uint32().Draw(t, "note"),
		City:  rapid.SampledFrom([]string{"", "北京", "上海", "拉萨", "无"}).Draw(t, "city"),
		Label: rapid.SampledFrom([]string{"", "order", "中"}).Draw(t, "label")}
	if rapid.IntRange(0, 2).Draw(t, "explicit") == 0 {
		r.X = number(t, "X")
	}
	may, want := w.n.allowed(w.now, r)
	got, refusal := w.p.Bind(w.now, r)
	if refusal != want || want == None && !slices.Contains(may, got.X) {
		t.Fatalf("%+v: %v %q, want one of %v %q", r, got.X, refusal, may, want)
	}
	if refusal != None {
		if got != (Binding{}) {
			t.Fatalf("%q with %+v", refusal, got)
		}
		return
	}
	if n := len(w.ids); n > 0 && got.SubsID <= w.ids[n-1].SubsID {
		t.Fatalf("SubsID %d after %d", got.SubsID, w.ids[n-1].SubsID)
	}
	want2 := Binding{got.SubsID, r.A, r.B, got.X, time.Unix(w.now.Unix(), 0), time.Unix(r.Expires.Unix(), 0), r.Note, false, r.Label}
	if got != want2 {
		t.Fatalf("%+v, want %+v", got, want2)
	}
	w.n.bound(got)
	w.ids = append(w.ids, got)
}

func (w *twins) unbind(t *rapid.T) {
	id, x := w.pick(t)
	got, refusal := w.p.Unbind(w.now, id, x)
	if want, why := w.n.unbind(w.now, id, x); got != want || refusal != why {
		t.Fatalf("unbind: %+v %q, want %+v %q", got, refusal, want, why)
	}
}

func (w *twins) query(t *rapid.T) {
	id, x := w.pick(t)
	got, refusal := w.p.Query(w.now, id, x)
	if want, why := w.n.query(w.now, id, x); got != want || refusal != why {
		t.Fatalf("query: %+v %q, want %+v %q", got, refusal, want, why)
	}
}

func (w *twins) update(t *rapid.T) {
	id, x := w.pick(t)
	var c Change
	parts := rapid.IntRange(0, 31).Draw(t, "parts")
	if parts&1 != 0 {
		c.A = number(t, "A")
	}
	if parts&2 != 0 {
		c.B = number(t, "B")
	}
	if parts&4 != 0 {
		c.Expires = w.end(t)
	}
	if parts&8 != 0 {
		c.Label = rapid.Ptr(rapid.SampledFrom([]string{"", "new"}), false).Draw(t, "label")
	}
	if parts&16 != 0 {
		c.Note, c.NoteMask = rapid.Uint32().Draw(t, "note"), rapid.Uint32().Draw(t, "mask")
	}
	got, refusal := w.p.Update(w.now, id, x, c)
	if want, why := w.n.update(w.now, id, x, c); got != want || refusal != why {
		t.Fatalf("update %+v: %+v %q, want %+v %q", c, got, refusal, want, why)
	}
}

func (w *twins) on(t *rapid.T) {
	x := number(t, "X")
	w.n.enter(w.now)
	var want []Binding
	if _, ok := w.n.city[x]; ok {
		want = w.n.on(x)
	}
	if got := w.p.On(w.now, x); !reflect.DeepEqual(got, want) {
		t.Fatalf("on %v: %+v, want %+v", x, got, want)
	}
}

func (w *twins) reach(t *rapid.T) {
	x, from := number(t, "X"), number(t, "from")
	w.n.enter(w.now)
	to, b, ok := w.p.Reach(w.now, x, from)
	if want, by, found := w.n.reach(x, from); to != want || b != by || ok != found {
		t.Fatalf("%v dials %v: %v %+v %v, want %v %+v %v", from, x, to, b, ok, want, by, found)
	}
}

func (w *twins) pair(t *rapid.T) {
	a, b := number(t, "A"), number(t, "B")
	w.n.enter(w.now)
	got, ok := w.p.Pair(w.now, a, b)
	may := slices.DeleteFunc(slices.Clone(w.n.live), func(e entry) bool { return e.A != a || e.B != b })
	if ok != (len(may) > 0) || ok && !slices.ContainsFunc(may, func(e entry) bool { return e.Binding == got }) {
		t.Fatalf("pair of %v and %v: %+v %v, want one of %+v", a, b, got, ok, may)
	}
}

func (w *twins) count(t *rapid.T) {
	if got, want := w.p.Stock(w.now), w.n.stock(w.now); !slices.Equal(got, want) {
		t.Fatalf("stock %+v, want %+v", got, want)
	}
	if got := w.m.Live(w.now); got != len(w.n.live) {
		t.Fatalf("%d live, want %d", got, len(w.n.live))
	}
}

func (w *twins) reset(t *rapid.T) {
	if rapid.IntRange(0, 9).Draw(t, "reset") == 0 {
		w.m.Reset()
		w.n.live, w.n.ended = nil, nil
	}
}

// wait moves the clock: to a second's edge, on, or far, forward and back.
func (w *twins) wait(t *rapid.T) {
	switch rapid.IntRange(0, 15).Draw(t, "how") {
	case 0:
		w.now = w.now.Truncate(time.Second).Add(time.Second)
	case 1:
		w.now = w.now.Truncate(time.Second).Add(time.Second - 1)
	case 2:
		w.now = w.now.Add(time.Duration(rapid.IntRange(-3000, 0).Draw(t, "ms")) * time.Millisecond)
	case 3:
		w.now = w.now.Add(time.Duration(rapid.IntRange(-5, 5).Draw(t, "hours")) * time.Hour)
	default:
		w.now = w.now.Add(time.Duration(rapid.IntRange(1, 4000).Draw(t, "ms")) * time.Millisecond)
	}
}

// TestAgainstNaiveModel makes every call in any order, once for each setting of the flags.
func TestAgainstNaiveModel(t *testing.T) {
	for flags := range 16 {
		c := PoolConfig{SameRole: flags&1 != 0, AllowSame: flags&2 != 0, Packed: flags&4 != 0, Inclusive: flags&8 != 0}
		t.Run(fmt.Sprintf("%04b", flags), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				w := small(t, c)
				t.Repeat(map[string]func(*rapid.T){
					"bind": w.bind, "bind again": w.bind, "bind more": w.bind, "unbind": w.unbind, "query": w.query, "update": w.update,
					"on": w.on, "reach": w.reach, "pair": w.pair, "count": w.count, "reset": w.reset, "wait": w.wait,
					"": func(t *rapid.T) {
						if problem := audit(w.p); problem != "" {
							t.Fatal(problem)
						}
					},
				})
			})
		})
	}
}

// audit looks whether what a pool knows twice agrees, and says what does not.
func audit(p *Pool) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	on, held, live := make([]uint8, len(p.load)), map[Number]int{}, 0
	for sec, hub := range p.agenda.hubs {
		for i := p.slab.at(hub).links[byTime].next; i != hub; i = p.slab.at(i).links[byTime].next {
			r := p.slab.at(i)
			if r.expires != sec || p.bySubs.find(r.subs) != i || r.ended() {
				return fmt.Sprintf("record %d stands under second %d: %+v", i, sec, *r)
			}
			live++
			on[r.x]++
			held[r.a]++
			if r.a != r.b|p.roleB {
				held[r.b|p.roleB]++
			}
		}
	}
	if heap := slices.Sorted(slices.Values(p.agenda.heap)); !slices.Equal(heap, slices.Sorted(maps.Keys(p.agenda.hubs))) {
		return fmt.Sprintf("heap %v, hubs %v", heap, p.agenda.hubs)
	}
	for i, sec := range p.agenda.heap {
		if p.agenda.heap[(i-1)/2] > sec {
			return fmt.Sprintf("heap %v", p.agenda.heap)
		}
	}
	if live != p.live || !slices.Equal(on, p.load) || len(held) != len(p.phones.at) {
		return fmt.Sprintf("%d of %d live, %d of %d phones", live, p.live, len(held), len(p.phones.at))
	}
	for n, count := range held {
		if f := p.phones.find(n); f == nil || int(f.count) != count {
			return fmt.Sprintf("phone %v: %+v, want %d", n&^asB, f, count)
		}
	}
	open := 0
	for _, w := range p.open.words {
		open += bits.OnesCount64(w)
	}
	for _, s := range p.spans {
		for x := s.base; x < s.base+s.size; x++ {
			if p.open.has(x) {
				open--
			}
			if p.open.has(x) != (p.load[x] < p.limit) {
				return fmt.Sprintf("%d bindings on %d, open: %v", p.load[x], x, p.open.has(x))
			}
		}
	}
	if open != 0 || p.remembered > p.remember {
		return fmt.Sprintf("%d open too many, %d remembered", open, p.remembered)
	}
	return ""
}

func TestRankedAgainstAList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SampledFrom([]int{1, 15, 16, 17, 256, 257, 4096, 9000}).Draw(t, "words")
		s, in := newRanked(uint32(words)), map[uint32]bool{}
		for _, x := range rapid.SliceOfN(rapid.Uint32Range(0, uint32(words*64-1)), 0, 200).Draw(t, "x") {
			if in[x] {
				s.remove(x)
				delete(in, x)
			} else {
				s.add(x)
				in[x] = true
			}
		}
		for r, x := range slices.Sorted(maps.Keys(in)) {
			if got := s.nth(r); got != x || !s.has(x) {
				t.Fatalf("number %d is %d, want %d", r, got, x)
			}
		}
		seen := 0
		for i := 0; i < words; {
			if i%16 == 0 {
				i = s.skip(i)
			}
			for end := min(i|15+1, words); i < end; i++ {
				seen += bits.OnesCount64(s.words[i])
			}
		}
		if seen != len(in) {
			t.Fatalf("skipping saw %d of %d", seen, len(in))
		}
	})
}
