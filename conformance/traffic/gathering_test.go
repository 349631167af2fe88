package traffic

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"axbench/results"

	"pgregory.net/rapid"
)

const tolerance = 10 * time.Millisecond

func foundIn(g *Gathering) string {
	found, _ := g.Result()
	return fmt.Sprint(found["RSP-2"], found["INV-1"], found["INV-2"])
}

// TestConflictsBetweenGenerators plants what must be found, once, and what must not.
func TestConflictsBetweenGenerators(t *testing.T) {
	const hour = 3_600_000
	type told struct {
		slot  int
		facts func(g *generator)
		upTo  int64
	}
	binds := func(from, until int64) func(*generator) {
		return func(g *generator) { g.binds("x", "a", from, until) }
	}
	unbinds := func(ms int64) func(*generator) { return func(g *generator) { g.unbinds("x", "a", ms) } }
	nothing := func(*generator) {}
	over := func(ms int64) func(*generator) { return func(g *generator) { g.now = at(ms); g.Over() } }
	for _, tt := range []struct {
		name string
		told []told
		want int64
	}{
		{"both alive", []told{{0, binds(100, hour), 200}, {1, binds(150, hour), 200}}, 1},
		{"both alive, the later one is told of first", []told{{1, binds(150, hour), 200}, {0, binds(100, hour), 200}}, 1},
		{"unbound before", []told{{0, binds(100, hour), 110}, {0, unbinds(140), 200}, {1, binds(150, hour), 200}}, 0},
		{"unbound before, told of last", []told{{1, binds(150, hour), 500}, {0, binds(100, hour), 110}, {0, unbinds(140), 500}}, 0},
		{"unbound later, within the tolerance", []told{{0, binds(100, hour), 110}, {0, unbinds(159), 200}, {1, binds(150, hour), 200}}, 0},
		{"unbound later, beyond the tolerance", []told{{0, binds(100, hour), 110}, {0, unbinds(161), 200}, {1, binds(150, hour), 200}}, 1},
		{"begun within the tolerance and unbound", []told{{0, binds(100, hour), 200}, {1, binds(105, hour), 106}, {1, unbinds(109), 200}}, 0},
		{"begun within the tolerance and both stay", []told{{0, binds(100, hour), 200}, {1, binds(105, hour), 200}}, 1},
		{"short, in the middle of a long one", []told{{0, binds(100, hour), 300}, {1, binds(150, hour), 151}, {1, unbinds(152), 300}}, 1},
		{"expired before", []told{{0, binds(100, 140), 300}, {1, binds(150, hour), 300}}, 0},
		{"expired within the tolerance", []told{{0, binds(100, 158), 300}, {1, binds(150, hour), 300}}, 0},
		{"expires later", []told{{0, binds(100, 170), 300}, {1, binds(150, hour), 300}}, 1},
		{"never alive", []told{{0, binds(100, 90), 300}, {1, binds(150, hour), 300}}, 0},
		{"bound anew on the other, and on the first again", []told{
			{0, binds(100, hour), 110}, {0, unbinds(120), 130}, {1, binds(150, hour), 160}, {1, unbinds(170), 180}, {0, binds(200, hour), 300}, {1, nothing, 300}}, 0},
		{"three at once: the second and the third are wrong", []told{{0, binds(100, hour), 300}, {1, binds(150, hour), 300}, {2, binds(200, hour), 300}}, 2},
		{"of one generator only, which sees it itself", []told{{0, binds(100, hour), 110}, {0, binds(150, hour), 300}, {1, nothing, 300}}, 0},
		{"cleaned up before", []told{{0, binds(100, hour), 110}, {0, over(140), 200}, {1, binds(150, hour), 300}}, 0},
		{"cleaned up within the tolerance", []told{{0, binds(100, hour), 110}, {0, over(158), 200}, {1, binds(150, hour), 300}}, 0},
		{"cleaned up later", []told{{0, binds(100, hour), 110}, {0, over(170), 200}, {1, binds(150, hour), 300}}, 1},
		{"nobody has told of the time behind the tolerance", []told{{0, binds(100, hour), 155}, {1, binds(150, hour), 300}}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := NewGathering(3, 1<<20, tolerance)
			gens := []*generator{newGenerator("k", at(0)), newGenerator("k", at(0)), newGenerator("k", at(0))}
			for _, s := range tt.told {
				s.facts(gens[s.slot])
				must(t, g.Add(s.slot, gens[s.slot].taken(s.upTo), 0))
			}
			g.Finish()
			if found, unique := g.Result(); found["INV-2"] != tt.want || unique[2].Checked != unique[2].Seen || unique[2].Full {
				t.Errorf("found %v, want %d of INV-2; %+v", found, tt.want, unique[2])
			}
		})
	}
}

// TestClocksAreCorrected: generator 1 is 300 ms ahead, and what it says is moved back.
func TestClocksAreCorrected(t *testing.T) {
	for _, tt := range []struct {
		offset time.Duration
		want   int64
	}{{300 * time.Millisecond, 0}, {0, 1}} {
		g := NewGathering(2, 1<<20, tolerance)
		a, b := newGenerator("k", at(300)), newGenerator("k", at(0))
		a.binds("x", "a", 400, 3_600_000) // on its clock, which is 300 ms ahead: 100
		a.unbinds("x", "a", 440)          // 140
		must(t, g.Add(1, a.taken(600), tt.offset))
		b.binds("x", "a", 200, 3_600_000)
		b.unbinds("x", "a", 420)
		must(t, g.Add(0, b.taken(600), 0))
		g.Finish()
		if got := foundIn(g); got != fmt.Sprint(0, 0, tt.want) {
			t.Errorf("offset %s: %s, want %d of INV-2", tt.offset, got, tt.want)
		}
	}
}

// TestACorrectedOffset: what then seems to have happened before what is decided is not held against anybody until it ends.
func TestACorrectedOffset(t *testing.T) {
	g := NewGathering(2, 1<<20, tolerance)
	a, b := newGenerator("k", at(0)), newGenerator("k", at(0))
	a.binds("x", "a", 150, 3_600_000)
	must(t, g.Add(1, b.taken(200), 0))
	must(t, g.Add(0, a.taken(300), 0))
	b.binds("x", "a", 205, 3_600_000) // 105, as one knows now
	must(t, g.Add(1, b.taken(228), 100*time.Millisecond))
	b.unbinds("x", "a", 230) // 130
	must(t, g.Add(1, b.taken(600), 100*time.Millisecond))
	g.Close(0)
	g.Close(1)
	if got := foundIn(g); got != "0 0 0" {
		t.Errorf("found %s", got)
	}
}

// TestLostGenerators: nobody knows what one unbound after its last word, so it is not held against the target.
func TestLostGenerators(t *testing.T) {
	const hour = 3_600_000
	for _, tt := range []struct {
		name  string
		bound int64 // on the other
		end   func(g *Gathering)
		want  int64
	}{
		{"bound behind its last word", 250, func(g *Gathering) { g.Lost(0) }, 0},
		{"bound just before its last word", 195, func(g *Gathering) { g.Lost(0) }, 0},
		{"bound well before its last word", 150, func(g *Gathering) { g.Lost(0) }, 1},
		{"it ended, and has said all", 250, func(g *Gathering) { g.Close(0) }, 1},
		{"nobody said that it ended", 250, func(*Gathering) {}, 0},
	} {
		g := NewGathering(2, 1<<20, tolerance)
		a, b := newGenerator("k", at(0)), newGenerator("k", at(0))
		a.binds("x", "a", 100, hour)
		must(t, g.Add(0, a.taken(200), 0))
		b.binds("x", "a", tt.bound, hour)
		must(t, g.Add(1, b.taken(400), 0))
		tt.end(g)
		// What the lost one says after all: a binding and the identifiers.
		a.bound(b.prints([]byte(fmt.Sprint("xa", tt.bound)), nil, []byte("y"), "a", ""), 0, at(300), at(hour))
		if err := g.Add(0, a.taken(500), 0); (err != nil) != strings.HasPrefix(tt.name, "it ended") {
			t.Errorf("%s: %v", tt.name, err)
		}
		g.Finish()
		want := fmt.Sprint(1, 0, tt.want)
		if tt.name == "it ended, and has said all" {
			want = fmt.Sprint(0, 0, tt.want)
		}
		if tt.name == "nobody said that it ended" { // then its late word is as good as any
			want = fmt.Sprint(1, 0, 1)
		}
		if got := foundIn(g); got != want {
			t.Errorf("%s: %s, want %s", tt.name, got, want)
		}
	}
}

// TestFactsThatAreMissingOrComeTwice: a gap may hide unbinds, a repetition counts nothing twice.
func TestFactsThatAreMissingOrComeTwice(t *testing.T) {
	const hour = 3_600_000
	g := NewGathering(2, 1<<20, tolerance)
	a, b := newGenerator("k", at(0)), newGenerator("k", at(0))
	a.binds("x", "a", 100, hour)
	one := a.taken(200)
	a.unbinds("x", "a", 210)
	a.taken(300) // does not arrive
	a.binds("x", "c", 310, hour)
	three := a.taken(600)
	for range 2 {
		must(t, g.Add(0, one, 0))
	}
	for range 2 {
		must(t, g.Add(0, three, 0))
	}
	must(t, g.Add(0, one, 0))
	b.binds("x", "a", 250, hour)
	b.binds("x", "c", 400, hour)
	must(t, g.Add(1, b.taken(600), 0))
	g.Close(0)
	g.Close(1)
	if got := foundIn(g); got != fmt.Sprint(0, 0, 1) { // (x, c) only
		t.Error(got)
	}
	if _, unique := g.Result(); unique[0].Seen != 4 || unique[0].Checked != 4 {
		t.Errorf("%+v", unique[0])
	}
}

// TestFirstOfN: when the memory is full the account says so, and what it still holds is found.
func TestFirstOfN(t *testing.T) {
	g := NewGathering(2, 1<<13, 0) // 256 identifiers each, 224 of them in use
	a, b := newGenerator("k", at(0)), newGenerator("k", at(0))
	r := rand.New(rand.NewPCG(1, 2))
	var ids []uint64
	for i := range 1000 {
		id := r.Uint64()
		ids = append(ids, id)
		a.bound(Prints{id, id, [2]uint64{id}}, 0, at(int64(i)), at(100_000))
		must(t, g.Add(0, a.taken(int64(i)), 0))
		must(t, g.Add(1, b.taken(int64(i)), 0))
	}
	b.bound(Prints{ids[0], ids[0], [2]uint64{ids[0]}}, 0, at(1500), at(100_000))
	b.bound(Prints{ids[999], ids[999], [2]uint64{ids[999]}}, 0, at(1600), at(100_000))
	must(t, g.Add(1, b.taken(2000), 0))
	g.Close(0)
	g.Close(1)
	_, unique := g.Result()
	for i, most := range []int64{224, 224, 64} {
		if u := unique[i]; !u.Full || u.Seen != 1002 || u.Checked != most {
			t.Errorf("%+v, want the first %d of 1002", u, most)
		}
	}
	found, _ := g.Result()
	if found["RSP-2"] != 1 || found["INV-1"] != 1 {
		t.Errorf("found %v", found)
	}
}

// TestASilentGeneratorDoesNotFillTheMemory: what waits for it is given up at last, and nothing is invented because of it.
func TestASilentGeneratorDoesNotFillTheMemory(t *testing.T) {
	g := NewGathering(2, 1<<16, tolerance) // 256 events
	a, b := newGenerator("k", at(0)), newGenerator("k", at(0))
	a.binds("x", "a", 100, 3_600_000)
	must(t, g.Add(0, a.taken(200), 0))
	for i := range int64(2000) {
		b.binds("x", "a", 1000+10*i, 3_600_000)
		b.unbinds("x", "a", 1005+10*i)
		must(t, g.Add(1, b.taken(1009+10*i), 0))
	}
	if len(g.queue) > g.room {
		t.Errorf("%d events wait, room for %d", len(g.queue), g.room)
	}
	a.unbinds("x", "a", 500) // and that it said so late
	a.binds("x", "b", 40_000, 3_600_000)
	must(t, g.Add(0, a.taken(50_000), 0))
	b.binds("x", "b", 40_100, 3_600_000)
	must(t, g.Add(1, b.taken(50_000), 0))
	g.Finish()
	found, unique := g.Result()
	if found["INV-2"] != 1 || !unique[2].Full || unique[2].Checked >= unique[2].Seen || unique[2].Seen != 2003 {
		t.Errorf("found %v, %+v", found, unique[2])
	}
}

// life is a binding in a model of a run: times in milliseconds on the one true clock.
type life struct {
	slot, pair     int
	from           int64
	unbound        int64 // far away if nobody unbinds it
	expires, early int64 // on the true clock, and on the one that says so first
}

// meets reports whether two bindings that end at these times are alive together for longer than clocks explain that differ by ms.
func meets(l, o life, end, oEnd, ms int64) bool {
	return l.slot != o.slot && l.pair == o.pair && l.from < end && o.from < oEnd && end > o.from+ms && oEnd > l.from+ms
}

// model is a run of several generators on one true clock.
type model struct {
	slots        int
	tolerance    int64
	ahead, wrong []int64 // each generator's clock, and by how much more the controller thinks it is
	gens         []*generator
	sent         [][][]byte
	lives        []life
}

// newModel makes one whose clocks are known exactly, or within the tolerance.
func newModel(t *rapid.T, exact bool) *model {
	m := &model{slots: rapid.IntRange(2, 4).Draw(t, "slots"), tolerance: rapid.Int64Range(0, 30).Draw(t, "tolerance")}
	m.sent = make([][][]byte, m.slots)
	for range m.slots {
		ahead, wrong := rapid.Int64Range(-500, 500).Draw(t, "ahead"), int64(0)
		if !exact {
			wrong = rapid.Int64Range(-m.tolerance/2, m.tolerance/2).Draw(t, "wrong")
		}
		m.ahead, m.wrong = append(m.ahead, ahead), append(m.wrong, wrong)
		m.gens = append(m.gens, newGenerator("k", at(ahead)))
	}
	return m
}

// run lets the generators bind and unbind a few pairs.
func (m *model) run(t *rapid.T) {
	held := map[[2]int]int{} // slot and pair → index of lives
	now := int64(0)
	for range rapid.IntRange(1, 60).Draw(t, "steps") {
		now += rapid.Int64Range(1, 40).Draw(t, "pass")
		slot, pair := rapid.IntRange(0, m.slots-1).Draw(t, "slot"), rapid.IntRange(0, 2).Draw(t, "pair")
		f, name, own := m.gens[slot], fmt.Sprint(pair), now+m.ahead[slot]
		key := [2]int{slot, pair}
		n, ok := held[key]
		ok = ok && m.lives[n].expires > now
		switch what := rapid.IntRange(0, 3).Draw(t, "what"); {
		case what == 0:
			m.sent[slot] = append(m.sent[slot], f.taken(own))
		case ok && what == 1:
			f.unbinds("x", name, own)
			m.lives[n].unbound = now
			delete(held, key)
		case !ok:
			until := now + rapid.Int64Range(1, 400).Draw(t, "life")
			f.binds("x", name, own, until+m.ahead[slot])
			held[key] = len(m.lives)
			m.lives = append(m.lives, life{slot, pair, now, 1 << 40, until, min(until, until+m.ahead[slot])})
		}
	}
	for i, f := range m.gens {
		m.sent[i] = append(m.sent[i], f.taken(now+1000+m.ahead[i]))
	}
}

// gather gives what was sent to a Gathering, slots in any order.
func (m *model) gather(t *rapid.T) *Gathering {
	g := NewGathering(m.slots, 1<<20, time.Duration(m.tolerance)*time.Millisecond)
	for left := m.slots; left > 0; {
		slot := rapid.IntRange(0, m.slots-1).Draw(t, "arrives")
		if m.sent[slot] == nil {
			continue
		}
		if err := g.Add(slot, m.sent[slot][0], time.Duration(m.ahead[slot]+m.wrong[slot])*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		if m.sent[slot] = m.sent[slot][1:]; len(m.sent[slot]) == 0 {
			m.sent[slot] = nil
			g.Close(slot)
			left--
		}
	}
	return g
}

// compare compares all bindings with all: how many may have been in conflict with one of another slot, how many surely were, and how
// many are found by clocks that are right.
func (m *model) compare() (might, sure, exact int64) {
	most := func(l life) int64 { return min(l.unbound, l.expires) }
	least := func(l life) int64 { return min(l.unbound, l.early-m.tolerance) }
	end := func(l life) int64 { return min(l.unbound, l.early) }
	for i, l := range m.lives {
		var a, b, c bool
		for j, o := range m.lives {
			a = a || meets(l, o, most(l), most(o), 0)
			b = b || meets(l, o, least(l), least(o), 2*m.tolerance)
			c = c || meets(l, o, end(l), end(o), m.tolerance) && (o.from < l.from || o.from == l.from && j < i)
		}
		might, sure, exact = might+one(a), sure+one(b), exact+one(c)
	}
	return might, sure, exact
}

// TestGatheringAgainstAModel: with clocks that are right it finds what a comparison of all with all finds; with clocks that are wrong
// within the tolerance it finds nothing that was not there, and something where something is beyond doubt.
func TestGatheringAgainstAModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		exact := rapid.Bool().Draw(t, "exact")
		m := newModel(t, exact)
		m.run(t)
		found, unique := m.gather(t).Result()
		might, sure, want := m.compare()
		switch got := found["INV-2"]; {
		case exact && got != want:
			t.Fatalf("found %d of INV-2, want %d: %+v", got, want, m.lives)
		case got > might, sure > 0 && got == 0:
			t.Fatalf("found %d of INV-2, of %d that may have been and %d beyond doubt: %+v", got, might, sure, m.lives)
		}
		if u := unique[2]; u.Seen != int64(len(m.lives)) || u.Checked != u.Seen || u.Full {
			t.Fatalf("%+v of %d", u, len(m.lives))
		}
	})
}

func one(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// TestDuplicatesBetweenGenerators: each repetition counts once over all, whoever saw it.
func TestDuplicatesBetweenGenerators(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const slots = 3
		g := NewGathering(slots, 1<<20, 0)
		var gens [slots]*generator
		var own [slots]map[uint64]bool
		for i := range gens {
			gens[i], own[i] = newGenerator("k", at(0)), map[uint64]bool{}
		}
		all, counted, total := map[uint64]bool{}, int64(0), int64(0)
		for range rapid.IntRange(1, 100).Draw(t, "answers") {
			slot, id := rapid.IntRange(0, slots-1).Draw(t, "slot"), rapid.Uint64Range(1, 40).Draw(t, "id")
			flags := byte(0)
			if own[slot][id] {
				flags, counted = factCounted<<atRSP2|factCounted<<atLOD1, counted+1
			}
			if all[id] {
				total++
			}
			own[slot][id], all[id] = true, true
			gens[slot].answer(Prints{Request: id}, flags)
			if rapid.Bool().Draw(t, "take") {
				if err := g.Add(slot, gens[slot].taken(1), 0); err != nil {
					t.Fatal(err)
				}
			}
		}
		for i, f := range gens {
			if err := g.Add(i, f.taken(2), 0); err != nil {
				t.Fatal(err)
			}
		}
		if found, _ := g.Result(); counted+found["RSP-2"] != total || found["LOD-1"] != found["RSP-2"] {
			t.Fatalf("%d counted by generators, %v between them, want %d in all", counted, found, total)
		}
	})
}

func TestFactsThatAreNone(t *testing.T) {
	a := newGenerator("k", at(0))
	a.binds("x", "a", 1, 1000)
	good := a.taken(2)
	with := func(at int, b byte) []byte {
		c := slices.Clone(good)
		c[at] = b
		return c
	}
	for name, b := range map[string][]byte{
		"nothing": nil, "another version": with(0, 9), "a head cut short": good[:10], "a chunk cut short": good[:len(good)-1],
		"something behind": append(slices.Clone(good), 0), "an unknown record": with(chunkHead, 7), "from behind to": with(13+6, 0),
		"a time behind its chunk": with(chunkHead+4, 0xff), "before 1970": with(5+7, 0xff),
	} {
		g := NewGathering(2, 1<<20, 0)
		if err := g.Add(0, b, 0); err == nil {
			t.Errorf("%s: accepted", name)
		}
		if _, unique := g.Result(); slices.ContainsFunc(unique, func(u results.Unique) bool { return u.Seen != 0 }) {
			t.Errorf("%s: counted all the same", name)
		}
	}
	g := NewGathering(2, 1<<20, 0)
	if g.Add(2, good, 0) == nil || g.Add(-1, good, 0) == nil {
		t.Error("a slot that is none was accepted")
	}
	g.Close(7)
	must(t, g.Add(1, good, 0))
	g.Close(1)
	must(t, g.Add(1, good, 0)) // once more
	a.binds("x", "a", 5, 1000)
	if g.Add(1, a.taken(6), 0) == nil {
		t.Error("facts behind the last ones were accepted")
	}
}

// FuzzGathering: whatever the bytes, an error or an account that adds up.
func FuzzGathering(f *testing.F) {
	a := newGenerator("k", at(0))
	a.answer(Prints{Request: 3}, 0)
	a.binds("x", "a", 1, 1000)
	a.unbinds("x", "a", 3)
	one := a.taken(4)
	f.Add(one, int64(0))
	a.binds("x", "a", 5, 1000)
	f.Add(append(slices.Clone(one), a.taken(9)...), int64(300_000_000))
	f.Fuzz(func(t *testing.T, data []byte, offset int64) {
		g := NewGathering(2, 1<<12, tolerance)
		b := newGenerator("k", at(0))
		b.binds("x", "a", 2, 1000)
		must(t, g.Add(1, b.taken(6), 0))
		err := g.Add(0, data, time.Duration(offset))
		g.Finish()
		_, unique := g.Result()
		for i, u := range unique {
			if u.Checked > u.Seen || u.Checked < 0 || err != nil && u.Seen != []int64{1, 0, 1}[i] {
				t.Errorf("%+v after %v", u, err)
			}
		}
	})
}
