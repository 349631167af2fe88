package traffic

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"axbench/conformance/client"
	"axbench/results"
	"axbench/runner"
)

// generator is the facts of one generator and its clock.
type generator struct {
	*Facts
	now time.Time
}

func newGenerator(key string, at time.Time) *generator {
	g := &generator{now: at}
	g.Facts = newFacts([]byte(key), func() time.Time { return g.now })
	return g
}

// at returns the time so many milliseconds after testNow.
func at(ms int64) time.Time { return testNow.Add(time.Duration(ms) * time.Millisecond) }

// binds notes a binding of (x, a) that is made at a time and lives up to another one.
func (g *generator) binds(x, a string, from, until int64) [2]uint64 {
	p := g.prints([]byte(x+a+strconv.FormatInt(from, 10)), nil, []byte(x), a, "")
	g.now = at(from)
	g.bound(p, 0, at(from), at(until))
	return p.Pairs
}

// unbinds notes that the unbind of (x, a) is sent.
func (g *generator) unbinds(x, a string, ms int64) {
	g.now = at(ms)
	g.unbound(g.prints(nil, nil, []byte(x), a, "").Pairs, at(ms))
}

// taken returns all that was collected up to a time.
func (g *generator) taken(ms int64) []byte {
	g.now = at(ms)
	return g.Take()
}

func decodeFacts(t testing.TB, b []byte) (list []fact, lost lostFacts, to int64) {
	t.Helper()
	for len(b) > 0 {
		c, rest, err := parseChunk(b)
		must(t, err)
		for i, n := range c.lost {
			lost[i] += n
		}
		for records := c.records; len(records) > 0; {
			var f fact
			f, records = c.next(records)
			list = append(list, f)
		}
		b, to = rest, c.to
	}
	return list, lost, to
}

func TestFactsSayWhatTheyWereTold(t *testing.T) {
	g := newGenerator("key", at(0))
	p := g.prints([]byte("r"), []byte("s"), []byte("x"), "a", "b")
	g.answer(Prints{Request: 7}, factCounted)
	g.bound(p, factCounted<<atINV2, at(3), at(3_600_000))
	g.unbound(p.Pairs, at(5))
	got, lost, to := decodeFacts(t, g.taken(9))
	us := func(ms int64) int64 { return at(ms).UnixMicro() }
	want := []fact{
		{kind: factAnswer, counted: 1, Prints: Prints{Request: 7}},
		{kind: factBound, counted: 1 << atINV2, at: us(3), until: us(3_600_000), Prints: p},
		{kind: factUnbound, at: us(5), Prints: Prints{Pairs: p.Pairs}},
	}
	if !reflect.DeepEqual(got, want) || lost != (lostFacts{}) || to != us(9) {
		t.Errorf("got %+v, lost %v, up to %d", got, lost, to)
	}
	if got, _, to := decodeFacts(t, g.taken(10)); len(got) != 0 || to != us(10) {
		t.Errorf("taken twice: %+v, up to %d", got, to)
	}
	// What was under way when the last was taken does not go back behind it; what is dead is not alive for a moment.
	g.bound(p, 0, at(4), at(6))
	g.unbound(p.Pairs, at(8))
	for _, f := range slices.Concat(onlyFacts(decodeFacts(t, g.taken(12)))) {
		if f.at != us(10) || f.kind == factBound && f.until > f.at {
			t.Errorf("an earlier fact than was promised: %+v", f)
		}
	}
	// Times that lie far from each other.
	g.unbound(p.Pairs, at(20*3_600_000))
	g.unbound(p.Pairs, at(21*3_600_000))
	if got, _, _ := decodeFacts(t, g.taken(21*3_600_000)); len(got) != 2 || got[0].at != us(20*3_600_000) || got[1].at != us(21*3_600_000) {
		t.Errorf("far apart: %+v", got)
	}
}

func onlyFacts(list []fact, _ lostFacts, _ int64) []fact { return list }

func TestFingerprintsNeedTheKey(t *testing.T) {
	a, b, c := newGenerator("key", at(0)), newGenerator("key", at(0)), newGenerator("other", at(0))
	of := func(g *generator) Prints {
		return g.prints([]byte("9297B722"), []byte("9297B722"), []byte(testX), testA, testB)
	}
	if of(a) != of(b) {
		t.Error("two generators with one key do not agree")
	}
	p, q := of(a), of(c)
	seen := map[uint64]bool{}
	for _, fp := range []uint64{p.Request, p.Subs, p.Pairs[0], p.Pairs[1], q.Request, q.Subs, q.Pairs[0], q.Pairs[1]} {
		seen[fp] = true
	}
	if len(seen) != 8 {
		t.Errorf("%d fingerprints of 8", len(seen))
	}
	if x, y := a.prints(nil, nil, []byte("12"), "3", ""), a.prints(nil, nil, []byte("1"), "23", ""); x == y {
		t.Error("(12, 3) is (1, 23)")
	}
	if p := a.prints(nil, nil, []byte("x"), "a", "a"); p.Pairs[1] != 0 || p.Request != 0 || p.Subs != 0 {
		t.Errorf("absent: %+v", p)
	}
	a.bound(of(a), 0, at(0), at(1000))
	if taken := a.taken(1); bytes.Contains(taken, []byte("key")) || bytes.Contains(taken, a.key[:]) {
		t.Error("the key travels")
	}
	long := bytes.Repeat([]byte("r"), 4096)
	if x, y := a.prints(long, nil, nil, "", ""), a.prints(long[1:], nil, nil, "", ""); x == y || x.Request == 0 {
		t.Errorf("long: %+v %+v", x, y)
	}
}

// TestFactsThatNobodyTakes: memory is bounded, what was lost is told, and goes on when somebody takes again.
func TestFactsThatNobodyTakes(t *testing.T) {
	g, whole := newGenerator("key", at(0)), NewGathering(1, 64<<20, 0)
	const calls = 300_000
	spread := func(i uint64) uint64 { return i * 0x9e3779b97f4a7c15 }
	for i := range uint64(calls) {
		fp := spread(i + 1)
		g.bound(Prints{Request: fp, Subs: fp, Pairs: [2]uint64{fp}}, 0, at(1), at(1000))
	}
	g.unbound([2]uint64{spread(1)}, at(2))
	if g.kept > maxFacts+chunkRoom {
		t.Errorf("%d bytes are kept", g.kept)
	}
	kept, takes := 0, 0
	for more := true; more; more = g.More() {
		b := g.taken(3)
		if len(b) > maxTake {
			t.Fatalf("%d bytes at once", len(b))
		}
		list, _, _ := decodeFacts(t, b)
		kept += len(list)
		takes++
		must(t, whole.Add(0, b, 0))
	}
	g.bound(Prints{Request: 1, Subs: 1}, 0, at(4), at(1000))
	must(t, whole.Add(0, g.taken(5), 0))
	found, unique := whole.Result()
	if kept == 0 || kept >= calls || takes < 2 || found["RSP-2"]+found["INV-1"]+found["INV-2"] != 0 {
		t.Errorf("%d of %d kept in %d pieces, found %v", kept, calls, takes, found)
	}
	for _, u := range unique {
		if u.Checked != int64(kept+1) || u.Seen != calls+1 || u.Full {
			t.Errorf("%+v, want %d of %d", u, kept+1, calls+1)
		}
	}
}

// twoOf returns the judges of two generators of one run.
func twoOf(t testing.TB) (judges []*Traffic, take func(g *Gathering)) {
	for range 2 {
		judges = append(judges, New(Config{Credentials: testCreds, MemoryIDs: 1 << 20, Facts: NewFacts([]byte("key"))}))
	}
	return judges, func(g *Gathering) {
		t.Helper()
		for slot, j := range judges {
			must(t, g.Add(slot, j.cfg.Facts.Take(), 0))
		}
	}
}

// TestTwoGeneratorsSeeWhatOneWouldHaveSeen gives the same answers to one judge and to two, and compares their accounts.
func TestTwoGeneratorsSeeWhatOneWouldHaveSeen(t *testing.T) {
	signer := newSigner(t, client.Config{})
	for name, answers := range map[string][][2]int{ // slot, number of the answer
		"all different":                       {{0, 1}, {1, 2}, {0, 3}},
		"one twice, on both":                  {{0, 1}, {1, 1}},
		"one twice, on one":                   {{0, 1}, {0, 1}, {1, 2}},
		"three times on two":                  {{0, 1}, {1, 1}, {1, 1}},
		"four times on two, others between":   {{0, 1}, {1, 9}, {1, 1}, {0, 1}, {0, 7}, {1, 1}},
		"twice on one and twice on the other": {{0, 1}, {0, 1}, {1, 2}, {1, 2}, {0, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			one := New(Config{Credentials: testCreds, MemoryIDs: 1 << 20})
			two, take := twoOf(t)
			g := NewGathering(2, 1<<20, 0)
			for i, a := range answers {
				// Times in order, and numbers of their own but for those that come twice.
				answer := func() *runner.Request {
					req := bind(t, signer)
					m := req.Memo.(*Memo)
					m.A, m.B, m.Expires = fmt.Sprintf("150%08d", a[1]), fmt.Sprintf("151%08d", a[1]), time.Now().Add(time.Hour)
					return req
				}
				b := bound(a[1])
				b.Times.Done = time.Now().Add(time.Duration(i) * time.Microsecond)
				judge(one, answer(), b)
				judge(two[a[0]], answer(), b)
			}
			time.Sleep(time.Millisecond) // the clock passes the last of these times
			take(g)
			g.Close(0)
			g.Close(1)
			want := one.Account(testNow)
			list := []Account{two[0].Account(testNow), two[1].Account(testNow)}
			got := MergeAccounts(list, g)
			for i := range got.Violations {
				got.Violations[i].FirstEvidence, want.Violations[i].FirstEvidence = 0, 0
			}
			if !reflect.DeepEqual(got, want) {
				a, _ := json.MarshalIndent(got, "", " ")
				b, _ := json.MarshalIndent(want, "", " ")
				t.Errorf("two: %s\none: %s", a, b)
			}
		})
	}
}

// TestAnUnbindEndsTheLifeOnOtherGenerators: from when it is sent the numbers may be bound by anybody.
func TestAnUnbindEndsTheLifeOnOtherGenerators(t *testing.T) {
	signer := newSigner(t, client.Config{})
	for _, unbind := range []bool{true, false} {
		two, take := twoOf(t)
		g := NewGathering(2, 1<<20, 0)
		bindOn := func(j *Traffic, n int) *runner.Outcome {
			req, a := bind(t, signer), bound(n)
			m := req.Memo.(*Memo)
			m.Then, m.Expires, a.Times.Done = UnbindAfter, time.Now().Add(time.Hour), time.Now()
			return judge(j, req, a)
		}
		out := bindOn(two[0], 1)
		if len(out.FollowUps) != 1 {
			t.Fatalf("follow-ups %v", out.FollowUps)
		}
		time.Sleep(time.Millisecond)
		if unbind {
			two[0].Sending(out.FollowUps[0].Request, time.Now())
		}
		time.Sleep(time.Millisecond)
		bindOn(two[1], 2)
		time.Sleep(time.Millisecond)
		take(g)
		g.Finish()
		found, _ := g.Result()
		if want := map[bool]int64{true: 0, false: 1}[unbind]; found["INV-2"] != want || found["RSP-2"] != 0 {
			t.Errorf("unbound %v: found %v, want %d of INV-2", unbind, found, want)
		}
	}
}

func TestFactsDoNotAllocateForCalls(t *testing.T) {
	tr := New(Config{Credentials: testCreds, MemoryIDs: 1 << 20, Breaker: NewBreaker(0, 0, nil), Facts: NewFacts([]byte("key"))})
	one := goodCase(t, tr)
	for n := range 100 {
		one(n)
	}
	n := 100
	if allocs := testing.AllocsPerRun(1000, func() { one(n); n++ }); allocs != 0 { // a chunk after some thousand calls aside
		t.Errorf("%v allocations a call", allocs)
	}
}

func BenchmarkJudgeWithFacts(b *testing.B) {
	for _, facts := range []*Facts{nil, NewFacts([]byte("key"))} {
		b.Run(fmt.Sprint(facts != nil), func(b *testing.B) {
			tr := New(Config{Credentials: testCreds, Breaker: NewBreaker(0, 0, nil), Facts: facts})
			one := goodCase(b, tr)
			for n := range 100 {
				one(n)
			}
			runtime.GC()
			b.ReportAllocs()
			n := 100
			for b.Loop() {
				one(n)
				if n++; n%1250 == 0 && facts != nil { // four times a second at 5,000 calls a second
					facts.Take()
				}
			}
		})
	}
}

func BenchmarkGathering(b *testing.B) {
	const slots, calls = 4, 1250
	g := NewGathering(slots, 0, 10*time.Millisecond)
	var gen [slots]*Facts
	for i := range gen {
		gen[i] = NewFacts([]byte("key"))
	}
	n := uint64(1)
	b.ReportAllocs()
	for b.Loop() { // a quarter of a second of 5,000 bindings a second that are unbound at once
		for i, f := range gen {
			now := time.Now()
			for range calls {
				p := Prints{n * 0x9e3779b97f4a7c15, n * 0xd6e8feb86659fd93, [2]uint64{n*2 + 1, n*2 + 2}}
				f.bound(p, 0, now, now.Add(time.Minute))
				f.unbound(p.Pairs, now)
				n++
			}
			if err := g.Add(i, f.Take(), 0); err != nil {
				b.Fatal(err)
			}
		}
	}
	found, unique := g.Result()
	if slices.ContainsFunc(unique, func(u results.Unique) bool { return u.Seen == 0 }) {
		b.Fatal(found, unique)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/call")
}

// BenchmarkFacts is what an answer costs that made a binding, its unbind and its part of four Takes a second at 5,000 calls a second.
func BenchmarkFacts(b *testing.B) {
	f := NewFacts([]byte("key"))
	request, subs, x := []byte("9297B722-A016-43FB-B51A-000000000001"), []byte("1000000000000001"), []byte(testX)
	now, n := time.Now(), 0
	b.ReportAllocs()
	for b.Loop() {
		p := f.prints(request, subs, x, testA, testB)
		f.bound(p, 0, now, now)
		f.unbound(p.Pairs, now)
		if n++; n%1250 == 0 {
			f.Take()
		}
	}
}
