package scenarios

import (
	"crypto/sha256"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"axbench/conformance/client"
	"axbench/conformance/traffic"
	"axbench/runner"
	"axbench/runner/pace"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 1, 2, 4, 0, 0, 0, time.UTC) // 12:00 in UTC+8

func source(t testing.TB, f *File, seed, offset int64) *Source {
	t.Helper()
	cfg := f.Client()
	cfg.Host, cfg.Credentials = "127.0.0.1:8080", client.BuiltIn()
	s, err := NewSource(f, SourceConfig{Client: cfg, Seed: seed, Offset: offset, Run: [16]byte{1, 2, 3, 4}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func request(s *Source) *runner.Request { return &runner.Request{Memo: s.NewMemo()} }

// said is what a call says, without what may differ between two preparations of it.
func said(s *Source, k int64) string {
	r := request(s)
	s.Prepare(r, k, noon)
	m := r.Memo.(*traffic.Memo)
	return fmt.Sprint(r.Operation, m.Params, m.Fault, m.Expect)
}

// TestEveryOperation makes a call of each, with the parameters that the document wants and the codes that are its own.
func TestEveryOperation(t *testing.T) {
	for operation, request := range map[string]string{
		"UpdateSubscription":      "operation: UpdateSubscription, params: {PoolKey: FC123456, SubsId: 1000000000000001, PhoneNoX: 17000000000, OperateType: updateNoA, PhoneNoA: {mobile: 15000000000-15000000006}}",
		"QuerySubsId":             "operation: QuerySubsId, params: {PoolKey: nowhere, PhoneNoX: 17000000000}, expect: POOLKEY_NOT_EXIST",
		"QuerySubscriptionDetail": "operation: QuerySubscriptionDetail, params: {PoolKey: FC123456, SubsId: 1000000000000001, PhoneNoX: 17000000000}",
		"UnbindSubscription":      "operation: UnbindSubscription, params: {PoolKey: FC123456, SubsId: 1000000000000001, SecretNo: 17000000000}",
		"BindAxb":                 "params: {" + mobiles + "}",
	} {
		text := "schema: axbench.scenario/v1\nname: t\nphases: [{duration: 1s, rate: 10/s}]\nrequests: [{" + request + "}]\n"
		f, err := Parse("t.yaml", []byte(text), nil)
		if err != nil {
			t.Errorf("%s: %v", operation, err)
			continue
		}
		s := source(t, f, 1, 0)
		r := &runner.Request{Memo: s.NewMemo()}
		s.Prepare(r, 0, noon)
		if r.Operation != operation || !strings.Contains(string(r.Bytes), "\r\nx-acs-action: "+operation+"\r\n") {
			t.Errorf("%s: %s", r.Operation, r.Bytes)
		}
		if numbers := s.Numbers(); operation == "UpdateSubscription" && (len(numbers.A) != 1 || numbers.A[0].String() != "15000000000-15000000006") {
			t.Errorf("the guard is told of %v", numbers.A)
		}
	}
	if _, err := Parse("t.yaml", []byte("schema: axbench.scenario/v1\nname: t\nphases: [{duration: 1s, rate: 10/s}]\nrequests: [{params: {"+mobiles+"}, expect: POOLKEY_NOT_EXIST}]\n"), nil); err == nil {
		t.Error("a code of QuerySubsId is accepted for BindAxb")
	}
}

// with parses a scenario with one request of these parameters.
func with(t testing.TB, params string) *File {
	t.Helper()
	f, err := Parse("t.yaml", []byte("schema: axbench.scenario/v1\nname: t\nphases: [{duration: 1s, rate: 10/s}]\nrequests: [{params: {"+params+"}}]\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

const mobiles = "PoolKey: FC123456, PhoneNoA: {mobile: 15000000000-15000000006}, PhoneNoB: {mobile: [15800000000-15800000002, 15900000000-15900000001]}, Expiration: {in: 10m}"

func TestCallsAreAFunctionOfSeedAndIndex(t *testing.T) {
	f, err := LoadEmbedded("quickstart")
	if err != nil {
		t.Fatal(err)
	}
	a, b, other, later := source(t, f, 7, 0), source(t, f, 7, 0), source(t, f, 8, 0), source(t, f, 7, 1000)
	same, moved := 0, 0
	for k := int64(999); k >= 0; k-- { // b makes them in another order, and each twice
		said(b, k/2)
	}
	for k := range int64(1000) {
		if x, y := said(a, k), said(b, k); x != y {
			t.Fatalf("call %d is %s and %s", k, x, y)
		}
		if said(a, k) == said(other, k) {
			same++
		}
		if said(a, k) != said(later, k) {
			moved++
		}
	}
	if same > 300 || moved < 900 {
		t.Errorf("%d of 1000 calls are the same with another seed, %d differ with another offset", same, moved)
	}
}

func TestEveryPairComesBeforeOneComesTwice(t *testing.T) {
	s := source(t, with(t, mobiles), 1, 3)
	seen := map[string]bool{}
	r := request(s)
	for k := range int64(7 * 5) {
		s.Prepare(r, k, noon)
		m := r.Memo.(*traffic.Memo)
		seen[strings.Clone(m.A)+" "+strings.Clone(m.B)] = true
	}
	if len(seen) != 35 {
		t.Errorf("%d different pairs among 35 calls of 7 and 5 numbers", len(seen))
	}
	equal := source(t, with(t, "PoolKey: p, PhoneNoA: {mobile: 15000000000-15000000005}, PhoneNoB: {mobile: 15800000000-15800000005}, Expiration: {in: 10m}"), 1, 0)
	seen = map[string]bool{}
	for k := range int64(36) {
		seen[said(equal, k)] = true
	}
	if len(seen) != 36 {
		t.Errorf("%d different pairs among 36 calls of 6 and 6 numbers", len(seen))
	}
}

func TestNumbersStayInRange(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		from := rapid.Uint64Range(57180000000, 57189999999).Draw(rt, "from")
		n := rapid.Uint64Range(1, 50).Draw(rt, "n")
		order := rapid.SampledFrom([]string{"sequential", "random"}).Draw(rt, "order")
		f := with(t, fmt.Sprintf("PoolKey: p, PhoneNoA: {landline: 0%d-0%d, order: %s}, PhoneNoB: 15800000000, Expiration: {in: 2m..3m}", from, from+n-1, order))
		s := source(t, f, rapid.Int64().Draw(rt, "seed"), rapid.Int64Range(0, 1<<40).Draw(rt, "offset"))
		r := request(s)
		for k := range int64(60) {
			s.Prepare(r, k, noon)
			m := r.Memo.(*traffic.Memo)
			if lo, hi := fmt.Sprintf("0%d", from), fmt.Sprintf("0%d", from+n-1); len(m.A) != 12 || m.A < lo || m.A > hi {
				rt.Fatalf("A is %s, outside %s to %s", m.A, lo, hi)
			}
			if d := m.Expires.Sub(noon); d < 2*time.Minute || d > 3*time.Minute {
				rt.Fatalf("Expiration is %s ahead, want 2m to 3m", d)
			}
		}
	})
}

func TestWeightsConverge(t *testing.T) {
	f, err := LoadEmbedded("quickstart")
	if err != nil {
		t.Fatal(err)
	}
	s := source(t, f, 5, 0)
	const n = 200_000
	want := []float64{0.97 * 0.9, 0.97 * 0.1, 0.015, 0.015}
	for i, count := range s.counts(n) {
		sigma := math.Sqrt(n * want[i] * (1 - want[i]))
		if math.Abs(float64(count)-n*want[i]) > 5*sigma {
			t.Errorf("template %d has %d of %d calls, want %.0f give or take %.0f", i, count, n, n*want[i], 5*sigma)
		}
	}
}

func TestRandomNumbersAreSpread(t *testing.T) {
	s := source(t, with(t, strings.Replace(mobiles, "006}", "006, order: random}", 1)), 3, 0)
	counts, r := map[string]int{}, request(s)
	const n = 70_000
	for k := range int64(n) {
		s.Prepare(r, k, noon)
		counts[strings.Clone(r.Memo.(*traffic.Memo).A)]++
	}
	chi := 0.0
	for _, c := range counts {
		chi += (float64(c) - n/7) * (float64(c) - n/7) / (n / 7)
	}
	if len(counts) != 7 || chi > 35 { // 6 degrees of freedom: p < 1e-5
		t.Errorf("%d numbers, chi-square %.1f: %v", len(counts), chi, counts)
	}
}

func TestMemoSaysWhatTheCallMeans(t *testing.T) {
	f := with(t, mobiles+`, PhoneNoX: {list: [17000000000]}, OutId: {template: "a{k}b{n}c{seed}d{run}"}`)
	f.Bindings.Unbind = Unbind{Then: traffic.UnbindAfter, Hold: time.Second}
	s := source(t, f, 9, 100)
	r := request(s)
	s.Prepare(r, 4, noon.Add(300*time.Millisecond))
	m := r.Memo.(*traffic.Memo)
	if m.A != "15000000006" || m.X != "17000000000" || m.PoolKey != "FC123456" || !m.Expires.Equal(noon.Add(10*time.Minute)) {
		t.Errorf("memo: %s %s %s %s", m.A, m.X, m.PoolKey, m.Expires)
	}
	if m.Then != traffic.UnbindAfter || m.Hold != time.Second || m.Expect != "" || r.Operation != "BindAxb" || r.K != 4 {
		t.Errorf("lifecycle: %v %v %q %s %d", m.Then, m.Hold, m.Expect, r.Operation, r.K)
	}
	got := map[string]string{}
	for _, p := range m.Params {
		got[p.Name] = p.Value
	}
	if got["OutId"] != "a4b104c9d01020304" || got["Expiration"] != "2026-01-02 12:10:00" {
		t.Errorf("parameters: %v", got)
	}
}

// nonceOf returns the nonce that a request of version 3 carries.
func nonceOf(t testing.TB, r *runner.Request) string {
	t.Helper()
	_, rest, _ := strings.Cut(string(r.Bytes), "x-acs-signature-nonce: ")
	nonce, _, ok := strings.Cut(rest, "\r\n")
	if !ok {
		t.Fatalf("no nonce in %s", r.Bytes)
	}
	return nonce
}

// TestRefreshKeepsTheCallAndChangesTheNonce: each arrival has one nonce, and another one for the call that follows it.
func TestRefreshKeepsTheCallAndChangesTheNonce(t *testing.T) {
	s := source(t, with(t, mobiles), 1, 0)
	nonces := map[string]string{}
	for k := range int64(3) {
		r := request(s)
		s.Prepare(r, k, noon)
		head, number, _ := strings.Cut(string(r.Bytes), "PhoneNoA=")
		of := []string{nonceOf(t, r)}
		r.K, r.After = -1, k
		for range 2 { // signed again, as one that waited is
			s.Refresh(r, noon.Add(time.Second))
			if again, same, _ := strings.Cut(string(r.Bytes), "PhoneNoA="); len(again) != len(head) || same[:12] != number[:12] {
				t.Errorf("arrival %d: %s, was %s", k, r.Bytes, head)
			}
			of = append(of, nonceOf(t, r))
		}
		if of[1] != of[2] || of[0] == of[1] || !strings.HasPrefix(of[1], s.run) {
			t.Errorf("arrival %d: nonces %q", k, of)
		}
		for i, nonce := range of[:2] {
			if other, twice := nonces[nonce]; twice {
				t.Errorf("nonce %q of arrival %d (%d) is that of %s", nonce, k, i, other)
			}
			nonces[nonce] = fmt.Sprint(k, i)
		}
	}
}

// TestGeneratorsOfOneRunShareNoNonce: whoever makes a call of a run, and whoever is lost meanwhile, it has a nonce of its own, and is
// the call that one generator alone would have made.
func TestGeneratorsOfOneRunShareNoNonce(t *testing.T) {
	f, err := LoadEmbedded("quickstart")
	if err != nil {
		t.Fatal(err)
	}
	alone := source(t, f, 1, 0)
	rapid.Check(t, func(rt *rapid.T) {
		weights := rapid.SliceOfN(rapid.IntRange(1, 5), 1, 6).Draw(rt, "weights")
		total := rapid.Int64Range(1, 120).Draw(rt, "arrivals")
		d, err := pace.Divide(weights)
		if err != nil {
			rt.Fatal(err)
		}
		if len(weights) > 1 {
			if d, err = d.WithoutSlots([]int{rapid.IntRange(0, len(weights)-1).Draw(rt, "lost")}, rapid.Int64Range(0, total).Draw(rt, "from"), weights); err != nil {
				rt.Fatal(err)
			}
		}
		by := map[string]string{}
		for slot := range weights {
			s := source(t, f, 1, 0)
			r := request(s)
			for k := range total {
				if d.Owner(k) != slot {
					continue
				}
				s.Prepare(r, k, noon)
				call := nonceOf(t, r)
				if one, want := said(s, k), said(alone, k); one != want {
					rt.Fatalf("slot %d makes arrival %d %s, alone it is %s", slot, k, one, want)
				}
				r.K, r.After = -1, k
				s.Refresh(r, noon)
				for i, nonce := range []string{call, nonceOf(t, r)} {
					if other, twice := by[nonce]; twice {
						rt.Fatalf("nonce %q of arrival %d (%d) in slot %d is that of %s", nonce, k, i, slot, other)
					}
					by[nonce] = fmt.Sprintf("arrival %d (%d) in slot %d", k, i, slot)
				}
			}
		}
		if int64(len(by)) != 2*total {
			rt.Fatalf("%d nonces of %d calls", len(by), 2*total)
		}
	})
}

func TestForeignTargetsUnbind(t *testing.T) {
	f := with(t, mobiles)
	cfg := f.Client()
	cfg.Host, cfg.Credentials = "h", client.BuiltIn()
	s, err := NewSource(f, SourceConfig{Client: cfg, Unbind: true})
	if err != nil {
		t.Fatal(err)
	}
	r := request(s)
	s.Prepare(r, 0, noon)
	if got := r.Memo.(*traffic.Memo).Then; got != traffic.UnbindAtEnd {
		t.Errorf("the binding is left: %v", got)
	}
}

// Under the race detector: one Source serves all goroutines of a run.
func TestOneSourceForAll(t *testing.T) {
	f, err := LoadEmbedded("quickstart")
	if err != nil {
		t.Fatal(err)
	}
	s := source(t, f, 1, 0)
	want := make([]string, 200)
	for k := range want {
		want[k] = said(s, int64(k))
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			r := request(s)
			for k := range want {
				s.Prepare(r, int64(k), noon)
				s.Refresh(r, noon)
				if got := said(s, int64(k)); got != want[k] {
					t.Errorf("call %d is %s, was %s", k, got, want[k])
				}
			}
		})
	}
	all.Wait()
}

func BenchmarkDigest(b *testing.B) {
	f, err := LoadEmbedded("quickstart")
	if err != nil {
		b.Fatal(err)
	}
	s, d, k := source(b, f, 1, 0), (*digester)(nil), int64(0)
	d = &digester{source: s, h: sha256.New()}
	b.ReportAllocs()
	for b.Loop() {
		d.call(k, 0, 0)
		k++
	}
}

func BenchmarkPrepare(b *testing.B) {
	f, err := LoadEmbedded("quickstart")
	if err != nil {
		b.Fatal(err)
	}
	for _, scheme := range []string{"v1", "v3"} {
		f.Signature = scheme
		b.Run(scheme, func(b *testing.B) {
			s := source(b, f, 1, 0)
			r, k := request(s), int64(0)
			b.ReportAllocs()
			for b.Loop() {
				s.Prepare(r, k, noon)
				k++
			}
		})
	}
}
