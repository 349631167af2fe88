package emulator

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"axbench/conformance/contract"
)

const ms = int64(time.Millisecond)

func parsed(t testing.TB, text string) *latency {
	cfg := config(t, "latency: "+text)
	return newLatency(cfg, newRows(cfg), newOrigin())
}

func TestLognormal(t *testing.T) {
	l := parsed(t, "{lognormal: {median: 20ms, p99: 80ms}}")
	const n = 200_000
	var drawn []int64
	for k := range uint64(n) {
		drawn = append(drawn, l.due(k, 1000, nil)-1000)
	}
	if first := l.due(7, 0, nil); first != l.due(7, 0, nil) || first == l.due(8, 0, nil) {
		t.Error("a call does not draw by its number")
	}
	slices.Sort(drawn)
	for q, want := range map[float64]float64{0.5: 20, 0.99: 80, 0.01: 5} {
		if got := float64(drawn[int(q*n)]) / float64(ms); math.Abs(got/want-1) > 0.03 {
			t.Errorf("quantile %v is %.2f ms, want %v ms", q, got, want)
		}
	}
}

func TestUniform(t *testing.T) {
	l := parsed(t, "{uniform: {min: 10ms, max: 30ms}}")
	const n = 100_000
	sum, low, high := 0.0, int64(math.MaxInt64), int64(0)
	for k := range uint64(n) {
		d := l.due(k, 0, nil)
		low, high, sum = min(low, d), max(high, d), sum+float64(d)
	}
	if low < 10*ms || low > 10*ms+ms/100 || high > 30*ms || high < 30*ms-ms/100 || math.Abs(sum/n/float64(20*ms)-1) > 0.01 {
		t.Errorf("from %d to %d ns, mean %.0f", low, high, sum/n)
	}
	if l := parsed(t, "{uniform: {min: 7ms, max: 7ms}}"); l.due(1, 0, nil) != 7*ms {
		t.Error("a range of one time is not that time")
	}
}

// TestDrawsAreBounded has a distribution whose tail no clock could hold.
func TestDrawsAreBounded(t *testing.T) {
	l := parsed(t, "{lognormal: {median: 30m, p99: 9000h}}")
	cut := 0
	for k := range uint64(1000) {
		d := l.due(k, 0, nil)
		if d < 0 || d > int64(longest) {
			t.Fatalf("call %d takes %d ns", k, d)
		}
		if d == int64(longest) {
			cut++
		}
	}
	if cut == 0 || cut == 1000 {
		t.Errorf("%d of 1000 were cut", cut)
	}
}

// TestSpecial has latencies of single codes and operations: the code comes first, and the others follow the main one.
func TestSpecial(t *testing.T) {
	l := parsed(t, "{queue: {servers: 1, service: 100ms}, by_code: {isv.BIND_CONFLICT: {fixed: 5ms}, isv.FLOW_LIMIT: {fixed: 0s}, OK: {uniform: {min: 1ms, max: 2ms}}}, by_operation: {UnbindSubscription: {fixed: 7ms}}}")
	rows := newRows(&Config{})
	codes := map[*row]*draw{}
	for r, d := range l.codes {
		codes[rows.find(r.name)] = d
	}
	l.codes = codes
	bind, unbind := &operation{Operation: contract.BindAxb}, &operation{Operation: contract.UnbindSubscription}
	due := func(op *operation, code string) int64 {
		var r *row
		if code != "" {
			r = rows.find(code)
		}
		return l.due(1, 0, l.own(&call{op: op}, r))
	}
	for _, c := range []struct {
		op        *operation
		code      string
		low, high int64
	}{{bind, "isv.BIND_CONFLICT", 5, 5}, {unbind, "isv.BIND_CONFLICT", 5, 5}, {bind, "isv.FLOW_LIMIT", 0, 0}, {bind, "OK", 1, 2}, {unbind, "isv.ILLEGAL_ARGUMENT", 7, 7}, {unbind, "", 7, 7}} {
		if got := due(c.op, c.code); got < c.low*ms || got > c.high*ms {
			t.Errorf("%s %q: %d ns, want %d to %d ms", c.op.Name, c.code, got, c.low, c.high)
		}
	}
	if l.queue.calls != 0 {
		t.Errorf("%d calls stood in the queue", l.queue.calls)
	}
	if due(bind, "isv.ILLEGAL_ARGUMENT") != 100*ms || due(nil, "InvalidVersion") != 200*ms || due(bind, "") != 300*ms {
		t.Error("another call does not follow the main latency")
	}
}

// TestSpecialOnTheWire times calls of two codes, the slow one being the one without a latency of its own.
func TestSpecialOnTheWire(t *testing.T) {
	e := serve(t, config(t, "latency: {fixed: 80ms, by_code: {isv.MOBILE_NUMBER_ILLEGAL: {fixed: 0s}}}"), fixed)
	for range 3 {
		e.raw(t, newBind().get())
		e.raw(t, newBind().with("PhoneNoA", "1").get())
	}
	by := e.settled(t, 6).ServiceByCode
	ok, bad := by["OK"], by["isv.MOBILE_NUMBER_ILLEGAL"]
	if ok.Count != 3 || bad.Count != 3 || ok.Min < 80*ms || bad.Min >= ok.Min || len(by) != 2 {
		t.Errorf("%+v", by)
	}
}

func TestStall(t *testing.T) {
	const first = int64(7e9) // the first call, some time after the start
	at := func(text string) *latency {
		l := parsed(t, text)
		l.origin.mark(first)
		return l
	}
	l := at("{fixed: 5ms, stall: {after: 3s, for: 2s}}")
	for _, c := range []struct{ arrival, due int64 }{ // in ms after the first call
		{0, 5}, {2990, 2995}, {2994, 2999}, {2995, 5000}, {2998, 5003}, {3000, 5005}, {3001, 5005}, {4999, 5005}, {5000, 5005}, {5001, 5006}, {9000, 9005},
	} {
		if got := (l.due(1, first+c.arrival*ms, nil) - first) / ms; got != c.due {
			t.Errorf("a call at %d ms is due at %d ms, want %d", c.arrival, got, c.due)
		}
	}
	if l := at("{stall: {after: 1s, for: 1s}}"); l.due(1, first, nil) != first || l.due(2, first+1500*ms, nil) != first+2000*ms {
		t.Error("a call without latency does not wait for the end of the stall")
	}
	l = at("{fixed: 5ms, stall: {after: 1s, for: 100ms, every: 1s}, stalls: [{after: 2050ms, for: 100ms}]}")
	for _, c := range []struct{ arrival, due int64 }{
		{500, 505}, {1010, 1105}, {1996, 2151}, {2100, 2155}, {2999, 3104}, {1_000_998, 1_001_103}, {1_001_050, 1_001_105},
	} {
		if got := (l.due(1, first+c.arrival*ms, nil) - first) / ms; got != c.due {
			t.Errorf("several stalls: a call at %d ms is due at %d ms, want %d", c.arrival, got, c.due)
		}
	}
	l = at("{queue: {servers: 1, service: 10ms}, stall: {after: 15ms, for: 100ms}}")
	for i, c := range []struct{ arrival, due int64 }{{0, 10}, {1, 120}, {50, 130}, {130, 140}} {
		if got := (l.due(1, first+c.arrival*ms, nil) - first) / ms; got != c.due {
			t.Errorf("a queue with a stall, call %d: due at %d ms, want %d", i, got, c.due)
		}
	}
	if q := l.queueTruth(first + 140*ms); math.Abs(q.Utilisation-1) > 1e-9 { // 40 ms of 40: the stall does not count
		t.Errorf("a queue with a stall: %+v", q)
	}
}

// TestWaiter has many sleepers: nobody wakes before the time, and everybody wakes.
func TestWaiter(t *testing.T) {
	leaks(t)
	w := newWaiter()
	if err := w.start(); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var late tally
	late.init(fine)
	for i := range 64 {
		wg.Go(func() {
			wake := make(chan struct{}, 1)
			r := rand.New(rand.NewPCG(1, uint64(i)))
			for range 50 {
				at := instant() + r.Int64N(8*ms)
				w.until(at, wake)
				now := instant()
				if now < at-int64(pause) {
					t.Errorf("woken %d ns before the time", at-now)
				}
				late.add(now - at)
			}
		})
	}
	wg.Wait()
	w.stop()
	q := late.quantiles()
	if q.Count != 64*50 {
		t.Errorf("%d wakes", q.Count)
	}
	t.Logf("late: p50 %v, p99 %v", time.Duration(q.P50), time.Duration(q.P99))
}

// TestTruthOfLatency serves a lognormal latency to real connections and holds the client's own measurement against the record.
func TestTruthOfLatency(t *testing.T) {
	quietly(t, func() []string { return truthOfLatency(t) })
}

func truthOfLatency(t *testing.T) (wrong []string) {
	e := serve(t, config(t, "latency: {lognormal: {median: 20ms, p99: 80ms}}"), fixed)
	var mine tally
	mine.init(fine)
	const callers, each = 30, 30
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			c := dial(t, e.addr)
			defer c.Close()
			for range each {
				start := instant()
				c.call(t, newBind().get())
				mine.add(instant() - start)
			}
		})
	}
	wg.Wait()
	truth := e.settled(t, callers*each)
	drawn := tally{}
	drawn.init(fine)
	l := parsed(t, "{lognormal: {median: 20ms, p99: 80ms}}")
	for k := range uint64(callers * each) {
		drawn.add(l.due(k+1, 0, nil))
	}
	own, theirs, least := mine.quantiles(), truth.Service, drawn.quantiles()
	if theirs.P50 < least.P50*49/50 || theirs.P90 < least.P90*49/50 || theirs.P99 < least.P99*9/10 { // no answer goes before its time
		t.Errorf("the record has %+v, drawn was %+v", theirs, least)
	}
	if theirs.Count != callers*each || theirs.Min < truth.Overshoot.Min {
		t.Errorf("truth: %+v", truth)
	}
	for name, q := range map[string][2]int64{"p50": {own.P50, theirs.P50}, "p90": {own.P90, theirs.P90}, "p99": {own.P99, theirs.P99}} {
		t.Logf("%s: client %v, truth %v", name, time.Duration(q[0]), time.Duration(q[1]))
		if ratio := float64(q[0]) / float64(q[1]); ratio < 0.95 || ratio > 1.2 {
			wrong = append(wrong, fmt.Sprintf("%s: the client's time is %.3f of the service's", name, ratio))
		}
	}
	t.Logf("overshoot: p50 %v, p99 %v", time.Duration(truth.Overshoot.P50), time.Duration(truth.Overshoot.P99))
	if err := e.stop(); err != nil {
		t.Error(err)
	}
	return wrong
}
