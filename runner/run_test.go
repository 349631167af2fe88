package runner

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"axbench/results"
	"axbench/runner/pace"
	"axbench/runner/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// plainSource makes GET requests that carry k.
type plainSource struct{ host string }

func (s *plainSource) NewMemo() any { return new(int64) }

func (s *plainSource) Prepare(dst *Request, k int64, _ time.Time) {
	*dst.Memo.(*int64) = k
	dst.Operation = "Get"
	dst.Bytes = append(dst.Bytes[:0], "GET /?k="...)
	dst.Bytes = strconv.AppendInt(dst.Bytes, k, 10)
	dst.Bytes = append(dst.Bytes, " HTTP/1.1\r\nHost: "+s.host+"\r\n\r\n"...)
}

func (s *plainSource) Refresh(dst *Request, now time.Time) { s.Prepare(dst, *dst.Memo.(*int64), now) }

// plainJudge finds every 200 good, and asks for one follow-up a call where delay is set.
type plainJudge struct {
	source *plainSource
	delay  time.Duration
	sent   atomic.Int64
}

func (j *plainJudge) Sending(*Request, time.Time) { j.sent.Add(1) }

func (j *plainJudge) Judge(req *Request, a *wire.Answer, _ string, out *Outcome) {
	switch {
	case a.Failure != wire.None:
		out.Code, out.Class = string(a.Failure), results.ClassTransport
	case a.Status == 200:
		out.Code, out.Class, out.Good, out.Expected = "OK", results.ClassOK, true, true
	default:
		out.Code, out.Class = "isv.FLOW_LIMIT", results.ClassBusiness
	}
	out.Status = a.Status
	if j.delay > 0 && req.K >= 0 && out.Good {
		follow := &Request{K: -1, Memo: new(int64)}
		*follow.Memo.(*int64) = 1_000_000 + req.K
		out.FollowUps = append(out.FollowUps, FollowUp{Delay: j.delay, Request: follow})
	}
}

// server answers requests over raw connections after delay, and remembers the values of k and when they came.
type server struct {
	net.Listener
	delay func(k int64) time.Duration
	mu    sync.Mutex
	came  map[int64]int
	at    []time.Time
	group sync.WaitGroup
}

func serve(t testing.TB, delay func(int64) time.Duration) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{Listener: l, delay: delay, came: map[int64]int{}}
	s.group.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.group.Go(func() { s.talk(c) })
		}
	})
	t.Cleanup(func() { l.Close(); s.group.Wait() })
	return s
}

func (s *server) talk(c net.Conn) {
	defer c.Close()
	r := bufio.NewReader(c)
	for {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		k, _ := strconv.ParseInt(req.URL.Query().Get("k"), 10, 64)
		s.mu.Lock()
		s.came[k]++
		s.at = append(s.at, time.Now())
		s.mu.Unlock()
		if s.delay != nil {
			time.Sleep(s.delay(k))
		}
		if _, err := c.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")); err != nil {
			return
		}
	}
}

// notes keeps what a run would write to its directory.
type notes struct {
	lines []results.Second
	hists map[string]*results.Histogram
}

func (n *notes) AppendSecond(_, _ time.Time, lines []results.Second, intervals []results.Interval) error {
	n.lines = append(n.lines, lines...)
	for _, iv := range intervals {
		tag := results.TagOf(iv.Phase, iv.Clock, iv.Code)
		if n.hists[tag] == nil {
			n.hists[tag] = results.NewHistogram()
		}
		if err := n.hists[tag].Merge(iv.H); err != nil {
			return err
		}
	}
	return nil
}

func (n *notes) hist(clock, code string) *results.Histogram {
	if h := n.hists[results.TagOf("main", clock, code)]; h != nil {
		return h
	}
	return results.NewHistogram()
}

// do runs phases against addr and returns what came of it.
func do(t testing.TB, addr string, change func(*Config, *plainJudge), phases ...pace.Phase) (*Summary, *notes, *plainJudge) {
	t.Helper()
	return doContext(t, context.Background(), addr, pace.Rate{}, change, phases...)
}

func doContext(t testing.TB, ctx context.Context, addr string, ceiling pace.Rate, change func(*Config, *plainJudge), phases ...pace.Phase) (*Summary, *notes, *plainJudge) {
	t.Helper()
	plan, err := pace.NewPlan(phases, 1, ceiling)
	if err != nil {
		t.Fatal(err)
	}
	source := &plainSource{addr}
	judge := &plainJudge{source: source}
	pool := wire.NewPool(wire.Target{Addr: addr, Host: addr}, wire.Limits{})
	defer pool.Close()
	sink := &notes{hists: map[string]*results.Histogram{}}
	cfg := Config{Plan: plan, Source: source, Judge: judge, Pool: pool, Sink: sink, MaxLate: time.Minute} // the host may stand still
	if change != nil {
		change(&cfg, judge)
	}
	sum, err := Run(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range append(sum.Phases, sum.FollowUps) {
		if rest := p.Planned - p.Done - p.Failed - p.Unfinished - p.Dropped - p.NotOffered; rest != 0 {
			t.Errorf("phase %s: the ledger misses %d: %+v", p.Name, rest, p.Ledger)
		}
	}
	checkLines(t, sum, sink)
	return sum, sink, judge
}

// checkLines holds the sum of the timeline against the ledger.
func checkLines(t testing.TB, sum *Summary, sink *notes) {
	t.Helper()
	for _, p := range sum.Phases {
		var l results.Ledger
		var sent, good int64
		for _, line := range sink.lines {
			if line.Phase == p.Name {
				l.Planned, l.Done, l.Failed = l.Planned+line.Planned, l.Done+line.Done, l.Failed+line.Failed
				l.Unfinished, l.Dropped, l.NotOffered = l.Unfinished+line.Unfinished, l.Dropped+line.Dropped, l.NotOffered+line.NotOffered
				sent, good = sent+line.Sent, good+line.Good
			}
		}
		if l != p.Ledger || sent != p.Sent || good != p.Good {
			t.Errorf("phase %s: the timeline adds up to %+v, %d sent, %d good; the ledger is %+v, %d, %d", p.Name, l, sent, good, p.Ledger, p.Sent, p.Good)
		}
	}
}

func constant(n int64, d time.Duration) pace.Phase {
	return pace.Phase{Name: "main", Record: true, Duration: d, Shape: pace.Constant{Rate: pace.PerSecond(n)}}
}

func TestOpenRunSendsEveryCallOnce(t *testing.T) {
	s := serve(t, nil)
	sum, sink, _ := do(t, s.Addr().String(), nil,
		pace.Phase{Name: "warm", Duration: 500 * time.Millisecond, Shape: pace.Constant{Rate: pace.PerSecond(100)}},
		constant(400, 1500*time.Millisecond))
	if got := sum.Phases[1]; got.Done != 600 || got.Good != 600 || got.Sent != 600 {
		t.Errorf("main: %+v, want 600 done, good and sent", got)
	}
	for k := range int64(650) {
		if s.came[k] != 1 {
			t.Errorf("call %d came %d times", k, s.came[k])
		}
	}
	if n := sink.hist("response", "good").Count(); n != 600 {
		t.Errorf("%d response times of main, want 600", n)
	}
	if sum.Stopped || sum.Generator.CPUPerCallUS <= 0 || sum.Generator.Connections == 0 {
		t.Errorf("summary %+v", sum.Generator)
	}
}

func TestQueueAndPatience(t *testing.T) {
	s := serve(t, func(int64) time.Duration { return 200 * time.Millisecond })
	sum, sink, _ := do(t, s.Addr().String(), func(c *Config, _ *plainJudge) {
		c.MaxInFlight, c.Patience = 2, 500*time.Millisecond
	}, constant(50, time.Second))
	p := sum.Phases[0]
	if p.Dropped == 0 || p.Done == 0 || p.Failed != 0 || p.NotOffered != 0 {
		t.Fatalf("%+v: want some done, the others dropped", p.Ledger)
	}
	if n := sink.hist("bound", "dropped").Count(); n != p.Dropped {
		t.Errorf("%d bounds for %d dropped calls", n, p.Dropped)
	}
	if sum.Generator.MaxInFlight != 2 {
		t.Errorf("%d in flight, the limit is 2", sum.Generator.MaxInFlight)
	}
	queued, service := sink.hist("queued", "all"), sink.hist("service", "all")
	if queued.Max() <= service.Quantile(0.5) {
		t.Errorf("the longest wait for a slot (%d) is below the service time (%d)", queued.Max(), service.Quantile(0.5))
	}
}

func TestClocksAddUp(t *testing.T) {
	s := serve(t, func(int64) time.Duration { return 20 * time.Millisecond })
	_, sink, _ := do(t, s.Addr().String(), func(c *Config, _ *plainJudge) { c.MaxInFlight = 3 }, constant(100, time.Second))
	mean := func(clock string) float64 { return sink.hist(clock, "all").Mean() }
	parts := mean("queued") + mean("connect") + mean("late")
	if lag := mean("lag"); parts < 0.99*lag-2000 || parts > 1.01*lag+2000 {
		t.Errorf("lag is %.0f ns on average, its parts add up to %.0f", lag, parts)
	}
	if resp, both := sink.hist("response", "good").Mean(), mean("lag")+mean("service"); both < 0.99*resp || both > 1.01*resp {
		t.Errorf("response is %.0f ns on average, lag and service add up to %.0f", resp, both)
	}
}

func TestUnfinishedAfterDrain(t *testing.T) {
	s := serve(t, func(k int64) time.Duration {
		if k == 7 {
			<-t.Context().Done()
		}
		return 0
	})
	sum, sink, _ := do(t, s.Addr().String(), func(c *Config, _ *plainJudge) { c.Drain = 2 * time.Second }, constant(50, 400*time.Millisecond))
	if p := sum.Phases[0]; p.Unfinished != 1 || p.Done != 19 {
		t.Errorf("%+v: want 19 done and one unfinished", p.Ledger)
	}
	if n := sink.hist("bound", "unfinished").Count(); n != 1 {
		t.Errorf("%d bounds of unfinished calls, want 1", n)
	}
}

func TestTimeoutIsABound(t *testing.T) {
	s := serve(t, func(k int64) time.Duration {
		if k%10 == 3 {
			<-t.Context().Done()
		}
		return 0
	})
	sum, sink, _ := do(t, s.Addr().String(), func(c *Config, _ *plainJudge) { c.Timeout = 2 * time.Second }, constant(50, time.Second))
	if p := sum.Phases[0]; p.Failed != 5 || p.Done != 45 {
		t.Errorf("%+v: want 5 failed and 45 done", p.Ledger)
	}
	if n := sink.hist("bound", "timeout").Count(); n != 5 {
		t.Errorf("%d bounds of timeouts, want 5", n)
	}
}

func TestInterruptStopsAndDrains(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := serve(t, func(k int64) time.Duration {
		if k == 40 {
			cancel()
		}
		return 50 * time.Millisecond
	})
	sum, _, _ := doContext(t, ctx, s.Addr().String(), pace.Rate{}, nil, constant(100, 30*time.Second))
	p := sum.Phases[0]
	if !sum.Stopped || p.Planned != 3000 || p.NotOffered < 1500 || p.Done <= 40 || p.Unfinished+p.Failed != 0 {
		t.Errorf("%+v stopped=%v: want some done, all others not offered", p.Ledger, sum.Stopped)
	}
}

func TestRefusedTargetEndsSoon(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	sum, _, _ := do(t, addr, nil, constant(20, 10*time.Minute))
	if sum.Unreachable != results.CodeRefused || sum.Phases[0].Failed == 0 || sum.Phases[0].NotOffered == 0 {
		t.Errorf("%+v unreachable=%q: want the run to end by itself", sum.Phases[0].Ledger, sum.Unreachable)
	}
}

func TestCallersDoNotHammerADeadTarget(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	sum, _, _ := do(t, addr, nil, pace.Phase{Name: "main", Record: true, Duration: time.Second, Shape: pace.Callers{N: 3}})
	if p := sum.Phases[0]; p.Failed == 0 || p.Failed > 3*11 {
		t.Errorf("%d calls of three callers failed in a second, want at most one each 100 ms", p.Failed)
	}
}

func TestFollowUpsAreCallsOfTheirOwn(t *testing.T) {
	s := serve(t, nil)
	sum, _, judge := do(t, s.Addr().String(), func(_ *Config, j *plainJudge) { j.delay = 200 * time.Millisecond }, constant(50, 2*time.Second))
	f := sum.FollowUps
	if f.Planned != 100 || f.Done+f.NotOffered != 100 || f.Done < 20 {
		t.Errorf("follow-ups %+v: want 100 planned, those due before the end done", f.Ledger)
	}
	if judge.sent.Load() != f.Sent+100 {
		t.Errorf("%d calls were sent, the ledger has %d and 100", judge.sent.Load(), f.Sent)
	}
	if sum.Phases[0].Planned != 100 {
		t.Errorf("follow-ups are counted as arrivals: %+v", sum.Phases[0].Ledger)
	}
}

func TestCeilingHoldsWithFollowUps(t *testing.T) {
	s := serve(t, nil)
	sum, _, _ := doContext(t, context.Background(), s.Addr().String(), pace.PerSecond(60), func(_ *Config, j *plainJudge) { j.delay = 10 * time.Millisecond }, constant(50, 2*time.Second))
	if sum.FollowUps.Done == 0 {
		t.Fatal("no follow-up went out")
	}
	for i := range s.at {
		if j := i + 63; j < len(s.at) && s.at[j].Sub(s.at[i]) < 950*time.Millisecond {
			t.Fatalf("63 calls within %s under a ceiling of 60/s", s.at[j].Sub(s.at[i]))
		}
	}
}

func TestClosedModel(t *testing.T) {
	s := serve(t, func(int64) time.Duration { return 10 * time.Millisecond })
	closed := pace.Phase{Name: "main", Record: true, Duration: time.Second, Shape: pace.Callers{N: 5, Think: pace.Think{Min: 10 * time.Millisecond, Max: 10 * time.Millisecond}}}
	sum, sink, _ := do(t, s.Addr().String(), nil, closed)
	p := sum.Phases[0]
	if p.Planned != p.Done || p.Dropped+p.NotOffered != 0 || p.Planned < 5 || p.Planned > 255 {
		t.Errorf("%+v: want every begun call done, at most 5 callers' worth", p.Ledger)
	}
	if sum.Generator.MaxInFlight > 5 {
		t.Errorf("%d in flight with 5 callers", sum.Generator.MaxInFlight)
	}
	if q := sink.hist("queued", "all").Max(); q > 0 {
		t.Errorf("a caller's call queued for %d ns", q)
	}
}

func TestClosedModelUnderACeiling(t *testing.T) {
	s := serve(t, nil)
	closed := pace.Phase{Name: "main", Record: true, Duration: time.Second, Shape: pace.Callers{N: 8}}
	sum, _, _ := doContext(t, context.Background(), s.Addr().String(), pace.PerSecond(40), nil, closed)
	if p := sum.Phases[0]; p.Done < 10 || p.Done > 42 {
		t.Errorf("%d calls in a second under a ceiling of 40/s", p.Done)
	}
}

func TestSinkFailureIsAnError(t *testing.T) {
	s := serve(t, nil)
	plan, err := pace.NewPlan([]pace.Phase{constant(10, time.Minute)}, 1, pace.Rate{})
	if err != nil {
		t.Fatal(err)
	}
	source := &plainSource{s.Addr().String()}
	pool := wire.NewPool(wire.Target{Addr: source.host, Host: source.host}, wire.Limits{})
	defer pool.Close()
	if _, err := Run(context.Background(), Config{Plan: plan, Source: source, Judge: &plainJudge{}, Pool: pool, Sink: fullDisk{}}); err == nil {
		t.Error("a sink that cannot be written is no error")
	}
}

type fullDisk struct{}

func (fullDisk) AppendSecond(time.Time, time.Time, []results.Second, []results.Interval) error {
	return net.ErrClosed
}
