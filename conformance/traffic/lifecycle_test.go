package traffic

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"axbench/conformance/client"
	"axbench/conformance/contract"
	"axbench/results"
	"axbench/runner"
	"axbench/runner/wire"
)

var clientV1 = client.Config{}

// unbindAnswer is an answer to UnbindSubscription.
func unbindAnswer(code, message string, at time.Time) *wire.Answer {
	a := answerOf(200, fmt.Sprintf(`{"Code":%q,"Message":%q,"RequestId":"3297B722-A016-43FB-B51A-%012d"}`, code, message, requests.next()))
	a.Times.Done = at
	return a
}

func TestFollowUpUnbinds(t *testing.T) {
	path, j := journalIn(t)
	tr := New(Config{MemoryIDs: 1 << 20, Journal: j})
	req := bind(t, newSigner(t, clientV1))
	req.Phase = 3
	m := req.Memo.(*Memo)
	m.Then, m.Hold = UnbindAfter, 2*time.Second
	m.PoolKey = m.copy("FC123456") // in memory that is used again
	out := judge(tr, req, bound(7))
	if len(out.FollowUps) != 1 || out.FollowUps[0].Delay != 2*time.Second {
		t.Fatalf("follow-ups %+v", out.FollowUps)
	}
	list, err := ReadJournal(path)
	must(t, err)
	if len(list) != 1 || list[0] != (Binding{"1000000000000007", testX, "FC123456", list[0].Expires}) || !list[0].Expires.Equal(testExpires) {
		t.Errorf("journal %v", list)
	}
	m.Reset() // the bind's Memo is used for another call meanwhile
	for i := range m.Text[:cap(m.Text)] {
		m.Text[:cap(m.Text)][i] = 'z'
	}

	follow := out.FollowUps[0].Request
	n := follow.Memo.(*Memo)
	if follow.K != -1 || follow.Phase != 3 || follow.Operation != "UnbindSubscription" || n.Operation != contract.UnbindSubscription {
		t.Errorf("follow-up %+v", follow)
	}
	if got := fmt.Sprint(n.Params); got != "[{PoolKey FC123456} {SecretNo "+testX+"} {SubsId 1000000000000007}]" {
		t.Errorf("params %s", got)
	}
	if b := tr.Bindings(testNow); b != (results.Bindings{Created: 1, Left: 1}) {
		t.Errorf("before: %+v", b)
	}
	tr.Sending(follow, testNow)
	if out := judge(tr, follow, unbindAnswer("OK", "OK", testNow.Add(2*time.Second))); !out.Good {
		t.Errorf("unbind: %+v", *out)
	}
	if b := tr.Bindings(testExpires.Add(time.Hour)); b != (results.Bindings{Created: 1, Unbound: 1}) {
		t.Errorf("after: %+v", b)
	}
	if list, err = ReadJournal(path); err != nil || len(list) != 0 {
		t.Errorf("journal %v, %v", list, err)
	}
}

func TestWhatAnUnbindAnswerMeans(t *testing.T) {
	for _, tt := range []struct {
		code, message string
		at            time.Time
		want          results.Bindings
		journal       int
	}{
		{"OK", "OK", testNow, results.Bindings{Created: 1, Unbound: 1}, 0},
		{"isv.SUBS_NOT_EXIST", "subs not exist", testNow, results.Bindings{Created: 1, Unbound: 1}, 0},
		{"isv.ILLEGAL_ARGUMENT", "subs not exist", testNow, results.Bindings{Created: 1, Unbound: 1}, 0},
		{"isv.ILLEGAL_ARGUMENT", "extension can must be null", testNow, results.Bindings{Created: 1, Left: 1}, 1},
		{"isv.FLOW_LIMIT", "slow down", testNow, results.Bindings{Created: 1, Left: 1}, 1},
		{"isv.SUBS_NOT_EXIST", "subs not exist", testExpires, results.Bindings{Created: 1, Expired: 1}, 0},
	} {
		t.Run(tt.code+" "+tt.message, func(t *testing.T) {
			path, j := journalIn(t)
			tr := New(Config{MemoryIDs: 1 << 20, Journal: j})
			req := bind(t, newSigner(t, clientV1))
			req.Memo.(*Memo).Then = UnbindAfter
			out := judge(tr, req, bound(1))
			judge(tr, out.FollowUps[0].Request, unbindAnswer(tt.code, tt.message, tt.at))
			if b := tr.Bindings(tt.at); b != tt.want {
				t.Errorf("bindings %+v, want %+v", b, tt.want)
			}
			if list, err := ReadJournal(path); err != nil || len(list) != tt.journal {
				t.Errorf("journal %v, %v", list, err)
			}
		})
	}
}

func TestFollowUpsOnlyWhereTheyHelp(t *testing.T) {
	for _, tt := range []struct {
		name   string
		then   Lifecycle
		hold   time.Duration
		answer *wire.Answer
		want   int
	}{
		{"never", Never, 0, bound(1), 0},
		{"at the end", UnbindAtEnd, 0, bound(1), 0},
		{"after a hold", UnbindAfter, time.Minute, bound(1), 1},
		{"the binding expires before", UnbindAfter, time.Hour, bound(1), 0},
		{"refused", UnbindAfter, 0, refused("isv.BIND_CONFLICT"), 0},
		{"no answer", UnbindAfter, 0, &wire.Answer{Failure: wire.Timeout, Started: true}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tr := New(Config{MemoryIDs: 1 << 20})
			req := bind(t, newSigner(t, clientV1))
			m := req.Memo.(*Memo)
			m.Then, m.Hold = tt.then, tt.hold
			if out := judge(tr, req, tt.answer); len(out.FollowUps) != tt.want {
				t.Errorf("%d follow-ups, want %d", len(out.FollowUps), tt.want)
			}
		})
	}
}

func TestBindingsThatNobodyAskedForCount(t *testing.T) {
	tr := New(Config{MemoryIDs: 1 << 20})
	req := bind(t, newSigner(t, clientV1))
	req.Memo.(*Memo).Expect = "isv.MOBILE_NUMBER_ILLEGAL"
	judge(tr, req, bound(1))
	judge(tr, bind(t, newSigner(t, clientV1)), answerOf(200, "garbage"))
	judge(tr, bind(t, newSigner(t, clientV1)), refused("isv.BIND_CONFLICT"))
	if b := tr.Bindings(testNow); b != (results.Bindings{Created: 1, Unknown: 1, Left: 1}) {
		t.Errorf("bindings %+v", b)
	}
	tr.Cleaned(CleanupResult{Unbound: 1})
	if b := tr.Bindings(testNow); b != (results.Bindings{Created: 1, Unbound: 1, Unknown: 1}) {
		t.Errorf("after the clean-up: %+v", b)
	}
}

// Whatever happens in whatever order, created = unbound + expired + left, and the memory is bounded by how long bindings live.
func TestLedgerAddsUp(t *testing.T) {
	var l ledger
	r := rand.New(rand.NewPCG(11, 12))
	now := testNow
	var alive []time.Time
	for i := range 10_000 {
		now = now.Add(time.Duration(r.IntN(300)) * time.Millisecond)
		expires := now.Add(time.Duration(r.IntN(120)) * time.Second)
		l.made(expires, now)
		alive = append(alive, expires)
		if r.IntN(2) == 0 {
			k := r.IntN(len(alive))
			l.ended(alive[k], now)
			alive = append(alive[:k], alive[k+1:]...)
		}
		if i%1000 == 0 {
			if b := l.report(now); b.Created != b.Unbound+b.Expired+b.Left || b.Created != int64(i+1) {
				t.Fatalf("%+v", b)
			}
		}
	}
	if len(l.expiry) > 2048 {
		t.Errorf("%d seconds remembered for bindings that live 120 at most", len(l.expiry))
	}
	if b := l.report(now.Add(time.Hour)); b.Left != 0 || b.Unbound == 0 || b.Expired == 0 {
		t.Errorf("an hour later: %+v", b)
	}
}

func TestMemoIsReusedWithoutAllocation(t *testing.T) {
	m := &Memo{}
	fill := func() {
		m.Reset()
		n := len(m.Text)
		m.Text = append(m.Text, "15010101010"...)
		m.A = m.Cut(n)
		m.Add("PhoneNoA", m.A)
	}
	fill()
	if allocs := testing.AllocsPerRun(100, fill); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
	if m.A != "15010101010" || len(m.Params) != 1 || m.Cut(len(m.Text)) != "" {
		t.Errorf("memo %+v", m)
	}
	m.Then, m.Expect, m.subsID, m.live = UnbindAfter, "x", "y", [2]uint64{1, 2}
	m.Reset()
	if m.Then != Never || m.Expect != "" || m.subsID != "" || m.live != [2]uint64{} || m.A != "" || len(m.Params) != 0 {
		t.Errorf("after Reset: %+v", m)
	}
}

var _ runner.Judge = (*Traffic)(nil)
