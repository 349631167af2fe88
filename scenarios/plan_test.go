package scenarios

import (
	"math"
	"strings"
	"testing"
	"time"

	"axbench/conformance/traffic"
	"axbench/runner/pace"
)

func parse(t testing.TB, text string) *File {
	t.Helper()
	f, err := Parse("t.yaml", []byte(text), openCSV)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func plan(t testing.TB, f *File) *pace.Plan {
	t.Helper()
	p, err := f.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const head = "schema: axbench.scenario/v1\nname: t\n"
const bind = "requests: [{params: {PoolKey: p, PhoneNoA: {mobile: 15000000000-15000000099}, PhoneNoB: {mobile: 15800000000-15800000999}, Expiration: {in: 10m}}}]\n"

func TestShapesOfTheFile(t *testing.T) {
	for _, tt := range []struct {
		phase, want string
		lasts       time.Duration
	}{
		{"duration: 2s, rate: 30/m", "constant 0.5/s", 2 * time.Second},
		{"duration: 2s, poisson: 5/s", "poisson 5/s", 2 * time.Second},
		{"duration: 2s, ramp: {to: 10/s}", "ramp 0/s to 10/s", 2 * time.Second},
		{"steps: [{rate: 1/s, for: 2s}, {rate: 5/s, for: 1s}]", "steps 1/s, 5/s", 3 * time.Second},
		{"duration: 2s, burst: {size: 7}", "burst of 7", 2 * time.Second},
		{"duration: 2s, burst: {size: 7, every: 1s}", "burst of 7 every 1s", 2 * time.Second},
		{"trace: bare.csv", "trace of 3 arrivals", 1125 * time.Millisecond},
		{"trace: {csv: at.csv, column: at}, duration: 4s", "trace of 3 arrivals", 4 * time.Second},
		{"duration: 2s, callers: 3, think: 10ms", "3 callers, think 10ms", 2 * time.Second},
		{"duration: 2s, callers: 3, think: {min: 1s, max: 2s}", "3 callers, think 1s to 2s", 2 * time.Second},
		{"duration: 2s, callers: 3, think: {mean: 1s}", "3 callers, think 1s on average", 2 * time.Second},
	} {
		p := parse(t, head+"phases: [{"+tt.phase+"}]\n"+bind).Phases()[0]
		if p.Shape.String() != tt.want || p.Duration != tt.lasts || p.Name != "main" || !p.Record {
			t.Errorf("%s: %s for %s, want %s for %s", tt.phase, p.Shape, p.Duration, tt.want, tt.lasts)
		}
	}
}

func TestDefaultsAndSettings(t *testing.T) {
	f := parse(t, head+"phases: [{duration: 1s, rate: 1/s}]\n"+bind)
	if f.Timeout != 10*time.Second || f.Drain != f.Timeout || f.Patience != 10*time.Second || f.MaxLate != 500*time.Millisecond || f.MaxInFlight != 0 || f.Seed != 1 || f.Target != "emulator" {
		t.Errorf("defaults: %+v", f)
	}
	if r := f.Rules(); len(r) != 1 || r[0].String() != "good >= 99%" {
		t.Errorf("rule without rules: %v", r)
	}
	f = parse(t, head+"timeout: 3s\npatience: 0s\nsignature: v1\nmethod: POST\nplace: form\nformat: XML\nregion: cn-hangzhou\ndocument: current\nsafety: {a: 15000000000-15000000099, b: [15800000000, 057188990000-057188990099], budget: 5, ceiling: 9/s, breaker: true}\nemulator:\n  seed: 4\nphases: [{duration: 1s, rate: 1/s}]\n"+bind)
	c := f.Client()
	if f.Drain != 3*time.Second || f.Patience != 0 || c.Scheme.String() != "v1" || c.Place.String() != "form" || c.Format.String() != "XML" || c.Region != "cn-hangzhou" || f.Edition().String() != "current" {
		t.Errorf("settings: %+v %+v", f, c)
	}
	if f.Safety.A.Len() != 100 || f.Safety.B.Len() != 101 || f.Safety.Budget != 5 || f.Safety.Ceiling.String() != "9/s" || !*f.Safety.Breaker || string(f.Emulator.Text) != "  seed: 4\n" || f.Emulator.Line != 13 {
		t.Errorf("safety: %+v, emulator: %q from line %d", f.Safety, f.Emulator.Text, f.Emulator.Line)
	}
}

func TestGeneratorsOfTheFile(t *testing.T) {
	const open, closed = "phases: [{duration: 1s, rate: 1/s}]\n", "phases: [{duration: 1s, callers: 2}]\n"
	for _, tt := range []struct {
		text, loss string
		missing    Allowance
	}{
		{open, LossFail, 0},
		{closed, LossFail, 0},
		{open + "on_generator_loss: fail\n", LossFail, 0},
		{open + "on_generator_loss: redistribute\n", LossRedistribute, 0},
		{open + "generators: {missing: 0.1%}\n", LossFail, 0.001},
		{open + "generators: {missing: 0%}\n", LossFail, 0},
		{closed + "on_generator_loss: fail\ngenerators: {missing: 0%}\n", LossFail, 0},
	} {
		if f := parse(t, head+tt.text+bind); f.OnGeneratorLoss != tt.loss || f.Generators.Missing != tt.missing {
			t.Errorf("%s: %q, %v missing; want %q, %v", tt.text, f.OnGeneratorLoss, f.Generators.Missing, tt.loss, tt.missing)
		}
	}
}

func TestDigest(t *testing.T) {
	text := head + "phases: [{duration: 5s, poisson: 100/s}]\n" + bind
	digest := func(text string, seed, offset int64, run byte) string {
		f := parse(t, text)
		s := source(t, f, seed, offset)
		s.run = strings.Repeat(string('a'+run), 32)
		p, err := pace.NewPlan(f.Phases(), seed, pace.Rate{})
		if err != nil {
			t.Fatal(err)
		}
		return s.Digest(p)
	}
	first := digest(text, 1, 0, 0)
	if len(first) != 64 || first != digest(text, 1, 0, 1) {
		t.Errorf("the same seed gives %s, then another", first)
	}
	for name, other := range map[string]string{
		"seed":      digest(text, 2, 0, 0),
		"offset":    digest(text, 1, 1, 0),
		"number":    digest(strings.Replace(text, "15800000000-", "15800000001-", 1), 1, 0, 0),
		"lifetime":  digest(strings.Replace(text, "10m", "11m", 1), 1, 0, 0),
		"rate":      digest(strings.Replace(text, "100/s", "101/s", 1), 1, 0, 0),
		"parameter": digest(strings.Replace(text, "PoolKey: p", "PoolKey: p, OutId: x", 1), 1, 0, 0),
	} {
		if other == first {
			t.Errorf("another %s, but the same digest", name)
		}
	}
	closed := head + "phases: [{duration: 5s, callers: 5}]\n" + strings.Replace(bind, "099}", "099, order: random}", 1)
	if digest(closed, 1, 0, 0) == digest(closed, 2, 0, 0) {
		t.Error("closed: another seed, but the same digest")
	}
}

func TestCost(t *testing.T) {
	f := parse(t, head+"bindings: {unbind: after 5s}\nphases: [{name: a, duration: 10s, rate: 20/s}, {name: b, duration: 10s, rate: 100/s}]\n"+bind)
	c := source(t, f, 1, 0).Cost(plan(t, f))
	if c.Arrivals != 1200 || c.Bindings != 1200 || c.FollowUps != 1200 || c.CleanUp != 0 || c.Calls != 2400 || len(c.Phases) != 2 || c.Phases[1].Arrivals != 1000 {
		t.Errorf("counts: %+v", c)
	}
	// 100/s for 5 s are 500 bindings at a time; 100 A numbers share them, so each X can take at most 100 of them.
	if c.DistinctA != 100 || c.DistinctB != 1000 || c.LongestLife != 5*time.Second || c.LiveAtPeak != 500 || c.XAtPeak != 5 || len(c.Warnings) != 0 {
		t.Errorf("numbers: %+v", c)
	}
	f.Bindings.Unbind = Unbind{}
	c = source(t, f, 1, 0).Cost(plan(t, f))
	if c.Calls != 1200 || c.LongestLife != 10*time.Minute || c.LiveAtPeak != 1200 || len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "--offset 1200") {
		t.Errorf("without unbind: %+v", c)
	}
	f.Bindings.Unbind = Unbind{Then: traffic.UnbindAtEnd}
	if c = source(t, f, 1, 0).Cost(plan(t, f)); c.CleanUp != 1200 || c.Calls != 2400 || c.LongestLife != 20*time.Second {
		t.Errorf("unbind at the end: %+v", c)
	}
}

func TestCostOfSharesAndOfCallers(t *testing.T) {
	f := parse(t, head+"negative: {share: 10%, of: [{expect: isv.ILLEGAL_ARGUMENT, params: {PhoneNoA: 15000000000}}]}\nphases: [{duration: 10h, rate: 500/s}]\n"+bind)
	c := source(t, f, 1, 0).Cost(plan(t, f))
	if c.Arrivals != 18_000_000 || c.Bindings != 16_200_000 || math.Abs(c.Requests[1].Share-0.1) > 1e-9 {
		t.Errorf("by shares: %+v", c)
	}
	f = parse(t, head+"phases: [{duration: 10s, callers: 5}]\n"+bind)
	if c := source(t, f, 1, 0).Cost(plan(t, f)); !c.Closed || c.Calls != 0 || c.Duration != 10*time.Second {
		t.Errorf("closed: %+v", c)
	}
}

func TestWarnings(t *testing.T) {
	both := strings.Replace(bind, "15800000000-15800000999", "15000000050-15000000999", 1)
	f := parse(t, head+"safety: {budget: 5}\nphases: [{duration: 10s, rate: 20/s}]\n"+both)
	c := source(t, f, 1, 0).Cost(plan(t, f))
	for _, want := range []string{"A and B have numbers in common", "more than the budget of 5", "nothing unbinds"} {
		if !strings.Contains(strings.Join(c.Warnings, "\n"), want) {
			t.Errorf("no %q in %q", want, c.Warnings)
		}
	}
}

func TestNumbersAreReported(t *testing.T) {
	f := parse(t, head+`phases: [{duration: 1s, rate: 1/s}]
requests:
  - params: {PoolKey: p, PhoneNoA: {csv: rows.csv, column: a}, PhoneNoB: {csv: rows.csv, column: b}, Expiration: {in: 10m}}
  - params: {PoolKey: p, PhoneNoA: {list: [15000000009, 15000000002]}, PhoneNoB: {landline: 057188990000-057188990099}, Expiration: {in: 10m}}
negative:
  share: 1%
  of: [{expect: isv.MOBILE_NUMBER_ILLEGAL, params: {PhoneNoA: "+8615000000000", PhoneNoB: abc}}]
`)
	n := source(t, f, 1, 0).Numbers()
	if got := Ranges(n.A).text(); got != "15000000000-15000000002 15000000009" {
		t.Errorf("A: %s", got)
	}
	if got := Ranges(n.B).text(); got != "15800000000-15800000001 057188990000-057188990099" {
		t.Errorf("B: %s", got)
	}
	if len(n.Odd) != 1 || n.Odd[0] != "+8615000000000" {
		t.Errorf("odd: %q", n.Odd)
	}
}

func (r Ranges) text() string {
	var out []string
	for _, x := range r {
		out = append(out, x.String())
	}
	return strings.Join(out, " ")
}

func TestRowsHoldTogether(t *testing.T) {
	f := parse(t, head+"phases: [{duration: 1s, rate: 1/s}]\nrequests: [{params: {PoolKey: p, PhoneNoA: {csv: rows.csv, column: a, order: random}, PhoneNoB: {csv: rows.csv, column: b, order: random}, Expiration: {in: 10m}}}]\n")
	s := source(t, f, 1, 0)
	r := request(s)
	seen := map[string]bool{}
	for k := range int64(50) {
		s.Prepare(r, k, noon)
		m := r.Memo.(*traffic.Memo)
		if m.A[10] != m.B[10] {
			t.Fatalf("call %d takes A %s and B %s of different rows", k, m.A, m.B)
		}
		seen[m.A] = true
	}
	if len(seen) != 2 {
		t.Errorf("%d of 2 rows were used", len(seen))
	}
}
