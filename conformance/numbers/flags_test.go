package numbers

import (
	"testing"
	"time"
)

// TestRoles binds on one X in the way of a pair: what conflicts differs by the flags.
func TestRoles(t *testing.T) {
	a, b, c, d, x := must(t, "150"), must(t, "151"), must(t, "152"), must(t, "153"), must(t, "170")
	for name, s := range map[string]struct {
		a, b                  Number
		both, role, same, all Refusal // by default, SameRole, AllowSame, and with both
	}{
		"another pair":  {c, d, None, None, None, None},
		"the same pair": {a, b, Conflict, Conflict, Conflict, Conflict},
		"A again":       {a, c, Conflict, Conflict, Conflict, Conflict},
		"B again":       {c, b, Conflict, Conflict, Conflict, Conflict},
		"swapped":       {b, a, Conflict, None, Conflict, None},
		"B as A":        {b, c, Conflict, None, Conflict, None},
		"A as B":        {c, a, Conflict, None, Conflict, None},
		"A twice":       {a, a, SameNumber, SameNumber, Conflict, Conflict},
		"another twice": {c, c, SameNumber, SameNumber, None, None},
		"X as A":        {x, c, SameNumber, SameNumber, None, None},
		"X as B":        {c, x, SameNumber, SameNumber, None, None},
		"no A":          {0, c, SameNumber, SameNumber, SameNumber, SameNumber},
	} {
		for i, want := range []Refusal{s.both, s.role, s.same, s.all} {
			p := single(t, PoolConfig{Key: "P", SameRole: i&1 != 0, AllowSame: i&2 != 0, Cities: []City{{"北京", []Range{{x, x}}}}})
			if _, refusal := p.Bind(start, Request{A: a, B: b, X: x, Expires: start.Add(time.Hour)}); refusal != None {
				t.Fatal(refusal)
			}
			got, refusal := p.Bind(start, Request{A: s.a, B: s.b, X: x, Expires: start.Add(time.Hour)})
			if refusal != want {
				t.Errorf("%s, flags %02b: %q, want %q", name, i, refusal, want)
			}
			if want != None {
				continue
			}
			if n := len(p.On(start, x)); n != 2 {
				t.Errorf("%s, flags %02b: %d on x", name, i, n)
			}
			if p.Unbind(start, got.SubsID, x); audit(p) != "" || len(p.On(start, x)) != 1 {
				t.Errorf("%s, flags %02b: unbound: %s", name, i, audit(p))
			}
			if _, refusal := p.Bind(start, Request{A: a, B: c, X: x, Expires: start.Add(time.Hour)}); refusal != Conflict {
				t.Errorf("%s, flags %02b: A again after an unbind: %q", name, i, refusal)
			}
		}
	}
}

// TestXMayBeA draws a number for A that is itself one of two X.
func TestXMayBeA(t *testing.T) {
	x := must(t, "17000000000")
	for _, same := range []bool{false, true} {
		p := single(t, PoolConfig{Key: "P", AllowSame: same, Cities: []City{{"北京", []Range{NewRange(x, 2)}}}})
		took := map[Number]int{}
		for range 100 {
			b, refusal := p.Bind(start, Request{A: x, B: must(t, "150"), Expires: start.Add(time.Hour)})
			if refusal != None {
				t.Fatal(refusal)
			}
			took[b.X]++
			p.Unbind(start, b.SubsID, b.X)
		}
		if (took[x] > 20) != same || took[x+1] < 20 {
			t.Errorf("allow same %v: %v", same, took)
		}
	}
}

// TestSameNumberOnMany binds a number to itself on so many X that it gets a bitmap, and back.
func TestSameNumberOnMany(t *testing.T) {
	const size = 3000
	x, a := must(t, "17000000000"), must(t, "15000000000")
	for _, role := range []bool{false, true} {
		p := single(t, PoolConfig{Key: "P", SameRole: role, AllowSame: true, Cities: []City{{"北京", []Range{NewRange(x, size)}}}})
		var made []Binding
		for range size {
			b, refusal := p.Bind(start, Request{A: a, B: a, Expires: start.Add(time.Hour)})
			if refusal != None {
				t.Fatal(refusal)
			}
			made = append(made, b)
		}
		if p.phones.find(a).bitmap() == nil {
			t.Fatal("no bitmap: nothing tested")
		}
		if _, refusal := p.Bind(start, Request{A: a, B: a, Expires: start.Add(time.Hour)}); refusal != NoAvailable {
			t.Errorf("one more: %q", refusal)
		}
		for i, b := range made {
			if i%100 == 0 {
				if got, ok := p.Pair(start, a, a); !ok || got.A != a || got.B != a {
					t.Errorf("pair: %+v %v", got, ok)
				}
				if _, refusal := p.Update(start, b.SubsID, b.X, Change{B: a + 1}); refusal != None {
					t.Errorf("update: %q", refusal)
				}
			}
			if _, refusal := p.Unbind(start, b.SubsID, b.X); refusal != None {
				t.Fatal(refusal)
			}
		}
		if problem := audit(p); problem != "" || len(p.phones.at) != 0 {
			t.Errorf("%d phones left: %s", len(p.phones.at), problem)
		}
	}
}

// TestPairOfMany looks for the one pair among numbers with lists and with bitmaps.
func TestPairOfMany(t *testing.T) {
	const size = 4000
	x, a, b := must(t, "17000000000"), must(t, "15000000000"), must(t, "15800000000")
	for name, n := range map[string][2]int{"lists": {10, 20}, "A on many": {1500, 10}, "B on many": {10, 1500}, "both": {1500, 1500}} {
		p := single(t, PoolConfig{Key: "P", Cities: []City{{"北京", []Range{NewRange(x, size)}}}})
		bind := func(a, b Number, i int) Binding {
			got, refusal := p.Bind(start, Request{A: a, B: b, X: x + Number(i), Expires: start.Add(time.Hour)})
			if refusal != None {
				t.Fatal(refusal)
			}
			return got
		}
		for i := range n[0] {
			bind(a, must(t, "139")+Number(i), i)
		}
		for i := range n[1] {
			bind(must(t, "138")+Number(i), b, i+5) // both are on some X, in two bindings
		}
		if _, ok := p.Pair(start, a, b); ok {
			t.Errorf("%s: found before it was bound", name)
		}
		want := bind(a, b, size-1)
		if got, ok := p.Pair(start, a, b); !ok || got != want {
			t.Errorf("%s: %+v %v, want %+v", name, got, ok, want)
		}
		if _, ok := p.Pair(start, b, a); ok {
			t.Errorf("%s: found with the roles swapped", name)
		}
	}
}

// TestPackedTakesTheFirst fills a large pool in order, and then the holes.
func TestPackedTakesTheFirst(t *testing.T) {
	const size = 20_000
	x, y := must(t, "17000000000"), must(t, "16000000000")
	p := single(t, PoolConfig{Key: "P", MaxPairs: 2, Packed: true, Cities: []City{{"北京", []Range{NewRange(x, size)}}, {"上海", []Range{NewRange(y, 2)}}}})
	pairs := 0
	bind := func(city string) Binding {
		pairs++
		b, refusal := p.Bind(start, Request{A: must(t, "15000000000") + Number(pairs), B: must(t, "15800000000") + Number(pairs), City: city, Expires: start.Add(time.Hour)})
		if refusal != None {
			t.Fatal(refusal)
		}
		return b
	}
	made := map[Number]Binding{}
	for i := range 2 * size {
		b := bind("")
		if b.X != x+Number(i/2) {
			t.Fatalf("bind %d took %v", i, b.X)
		}
		made[b.X] = b
	}
	if b := bind("北京"); b.X != y {
		t.Errorf("with 北京 full: %v", b.X)
	}
	for _, i := range []int{19_999, 5000, 4095, 64, 7} {
		b := made[x+Number(i)]
		p.Unbind(start, b.SubsID, b.X)
	}
	for _, i := range []int{7, 64, 4095, 5000, 19_999} {
		if b := bind(""); b.X != x+Number(i) {
			t.Errorf("took %v, want %v", b.X, x+Number(i))
		}
	}
	again := Request{A: must(t, "15000000001"), B: must(t, "139"), City: "上海", Expires: start.Add(time.Hour)}
	for _, want := range []Number{y, y + 1} {
		if b, refusal := p.Bind(start, again); refusal != None || b.X != want {
			t.Errorf("A again: %v %q, want %v", b.X, refusal, want)
		}
		again.B++
	}
}

func TestLabels(t *testing.T) {
	x := must(t, "17000000000")
	p := single(t, PoolConfig{Key: "P", Cities: []City{{"北京", []Range{NewRange(x, 1)}}}})
	text := []byte("order 1")
	r := Request{A: must(t, "150"), B: must(t, "151"), Expires: start.Add(time.Minute), Label: string(text)}
	b, _ := p.Bind(start, r)
	if got, _ := p.Query(start.Add(time.Hour), b.SubsID, x); got.Label != "order 1" || !got.Ended {
		t.Errorf("of one that has ended: %+v", got)
	}
	b, _ = p.Bind(start, Request{A: r.A, B: r.B, Expires: start.Add(2 * time.Hour)})
	if got, _ := p.Query(start, b.SubsID, x); got.Label != "" {
		t.Errorf("the label of another: %+v", got)
	}
	for _, label := range []string{"new", ""} {
		if got, refusal := p.Update(start, b.SubsID, x, Change{Label: &label}); refusal != None || got.Label != label {
			t.Errorf("update: %+v %q", got, refusal)
		}
	}
}

func TestRefusals(t *testing.T) {
	if Ended.Code() != "isv.FORBIDDEN_ACTION" || Ended.String() != "the binding has ended" || Conflict.Code() != Full.Code() {
		t.Errorf("%q %q", Ended.Code(), Ended)
	}
	seen := map[string]bool{}
	for r := None; r <= Past; r++ {
		if seen[r.String()] || r.Code() == "" {
			t.Errorf("%d: %q", r, r)
		}
		seen[r.String()] = true
	}
}
