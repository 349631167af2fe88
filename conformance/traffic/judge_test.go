package traffic

import (
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"axbench/conformance/client"
	"axbench/conformance/contract"
	"axbench/results"
	"axbench/runner"
	"axbench/runner/wire"
)

const (
	testID     = "LTAIsentinelKEYid0001"
	testSecret = "sentinelSECRETvalue0001"
	testA      = "15010101010"
	testB      = "057188992688"
	testX      = "17000000001"
)

var (
	testNow     = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	testExpires = testNow.Add(10 * time.Minute)
	testCreds   = client.Credentials{ID: testID, Secret: testSecret, Token: "sentinelTOKENvalue01"}
)

func newSigner(t testing.TB, cfg client.Config) *client.Signer {
	t.Helper()
	cfg.Host, cfg.Credentials = "127.0.0.1:8080", testCreds
	s, err := client.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// bind makes a signed BindAxb request.
func bind(t testing.TB, s *client.Signer) *runner.Request {
	t.Helper()
	m := &Memo{}
	m.Operation, m.A, m.B, m.PoolKey, m.Expires = contract.BindAxb, testA, testB, "FC123456", testExpires
	m.Add("PoolKey", m.PoolKey)
	m.Add("PhoneNoA", m.A)
	m.Add("PhoneNoB", m.B)
	m.Add("Expiration", "2026-03-01 20:10:00")
	bytes := s.Append(nil, m.Operation.Name, m.Params, []byte("sentinelNONCEvalue01"), testNow, client.NoFault)
	return &runner.Request{Operation: m.Operation.Name, Bytes: bytes, Memo: m}
}

// answerOf is an honestly framed JSON answer.
func answerOf(status int, body string) *wire.Answer {
	a := &wire.Answer{Status: status, Body: []byte(body), ContentType: []byte("application/json;charset=utf-8"), Started: true}
	a.Head = fmt.Appendf(nil, "HTTP/1.1 %d OK\r\nContent-Type: application/json;charset=utf-8\r\nContent-Length: %d\r\n", status, len(body))
	a.Times.Sent, a.Times.Done = testNow, testNow.Add(5*time.Millisecond)
	return a
}

const okBody = `{"Message":"OK","RequestId":"9297B722-A016-43FB-B51A-%012d","Code":"OK","SecretBindDTO":{"SecretNo":"` + testX + `","SubsId":"%016d"}}`

// bound is the answer to the n-th bind.
func bound(n int) *wire.Answer { return answerOf(200, fmt.Sprintf(okBody, n, 1000000000000000+n)) }

func refused(code string) *wire.Answer {
	return answerOf(200, fmt.Sprintf(`{"Message":"no","RequestId":"8297B722-A016-43FB-B51A-%012d","Code":%s}`, requests.next(), strconv.Quote(code)))
}

// requests numbers RequestIds over all tests of the process.
var requests counter

type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) next() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return c.n
}

func judge(t *Traffic, req *runner.Request, a *wire.Answer) *runner.Outcome {
	out := &runner.Outcome{}
	t.Judge(req, a, "main", out)
	return out
}

func clauses(out *runner.Outcome) (ids []string) {
	for _, v := range out.Violations {
		ids = append(ids, v.Clause)
	}
	return ids
}

func TestJudgeOutcomes(t *testing.T) {
	signer := newSigner(t, client.Config{})
	tests := []struct {
		name     string
		answer   *wire.Answer
		expect   string
		code     string
		class    results.Class
		expected bool
		good     bool
		clauses  string
	}{
		{"success", bound(1), "", "OK", results.ClassOK, true, true, ""},
		{"business code nobody asked for", refused("isv.BIND_CONFLICT"), "", "isv.BIND_CONFLICT", results.ClassBusiness, false, false, ""},
		{"the business code that was asked for", refused("isv.BIND_CONFLICT"), "isv.BIND_CONFLICT", "isv.BIND_CONFLICT", results.ClassBusiness, true, true, ""},
		{"one of two codes", refused("isv.ILLEGAL_ARGUMENT"), "isv.MOBILE_NUMBER_ILLEGAL|isv.ILLEGAL_ARGUMENT", "isv.ILLEGAL_ARGUMENT", results.ClassBusiness, true, true, ""},
		{"part of a code is not the code", refused("isv.ILLEGAL_ARGUMENT"), "isv.ILLEGAL|ARGUMENT", "isv.ILLEGAL_ARGUMENT", results.ClassBusiness, false, false, ""},
		{"success where a refusal was asked for", bound(2), "isv.BIND_CONFLICT", "OK", results.ClassOK, false, false, ""},
		{"undocumented", refused("isv.NEW_CODE"), "", "isv.NEW_CODE", results.ClassUndocumented, false, false, "[RSP-5 LOD-1]"},
		{"undocumented, as asked for: still not good", refused("isv.NEW_CODE"), "isv.NEW_CODE", "isv.NEW_CODE", results.ClassUndocumented, true, false, "[RSP-5 LOD-1]"},
		{"a word of ours", refused("timeout"), "", "_timeout", results.ClassUndocumented, false, false, "[RSP-5 LOD-1]"},
		{"gateway", answerOf(404, `{"RequestId":"7297B722-A016-43FB-B51A-000000000001","HostId":"h","Code":"InvalidAccessKeyId.NotFound","Message":"Specified access key is not found."}`),
			"", "InvalidAccessKeyId.NotFound", results.ClassGateway, false, false, ""},
		{"gateway family", answerOf(400, `{"RequestId":"7297B722-A016-43FB-B51A-000000000002","HostId":"h","Code":"MissingPhoneNoA","Message":"PhoneNoA is mandatory for this action."}`),
			"", "MissingPhoneNoA", results.ClassGateway, false, false, ""},
		{"no code", answerOf(200, `hello`), "", results.CodeMalformed, results.ClassMalformed, false, false, "[TRN-6 TRN-8 LOD-1]"},
		{"success without SubsId", answerOf(200, `{"Message":"OK","RequestId":"6297B722-A016-43FB-B51A-000000000001","Code":"OK","SecretBindDTO":{"SecretNo":"`+testX+`"}}`),
			"", "OK", results.ClassOK, true, false, "[RSP-10 LOD-1]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := New(Config{Credentials: testCreds, MemoryIDs: 1 << 20})
			req := bind(t, signer)
			req.Memo.(*Memo).Expect = tt.expect
			out := judge(tr, req, tt.answer)
			if out.Code != tt.code || out.Class != tt.class || out.Expected != tt.expected || out.Good != tt.good || out.Status != tt.answer.Status {
				t.Errorf("got %+v", *out)
			}
			if got := fmt.Sprint(clauses(out)); tt.clauses != "" && got != tt.clauses || tt.clauses == "" && got != "[]" {
				t.Errorf("violations %v, want %s", got, tt.clauses)
			}
			if out.Evidence == nil || out.Evidence.Code != tt.code || out.Evidence.Phase != "main" {
				t.Errorf("evidence %+v", out.Evidence)
			}
		})
	}
}

func TestJudgeWithoutAnswer(t *testing.T) {
	signer := newSigner(t, client.Config{})
	for _, f := range []wire.Failure{wire.Refused, wire.Reset, wire.Timeout, wire.TLS, wire.Framing} {
		t.Run(string(f), func(t *testing.T) {
			tr := New(Config{MemoryIDs: 1 << 20})
			started := f != wire.Refused && f != wire.TLS
			req := bind(t, signer)
			req.Memo.(*Memo).Expect = string(f) // no call can ask for this
			out := judge(tr, req, &wire.Answer{Failure: f, Detail: "why", Started: started})
			if out.Code != string(f) || out.Class != results.ClassTransport || out.Good || out.Expected || out.Status != 0 {
				t.Errorf("got %+v", *out)
			}
			wantClauses, wantUnknown := "[]", int64(0)
			switch f {
			case wire.Framing:
				wantClauses = "[TRN-9 LOD-6 LOD-1]"
			case wire.Reset:
				wantClauses = "[LOD-6]"
			}
			if started {
				wantUnknown = 1
			}
			if got := fmt.Sprint(clauses(out)); got != wantClauses {
				t.Errorf("violations %s, want %s", got, wantClauses)
			}
			if b := tr.Bindings(testNow); b.Unknown != wantUnknown || b.Created != 0 {
				t.Errorf("bindings %+v, want unknown %d", b, wantUnknown)
			}
		})
	}
}

func TestBytesBehindAnswer(t *testing.T) {
	tr := New(Config{MemoryIDs: 1 << 20})
	a := bound(1)
	a.Extra = true
	out := judge(tr, bind(t, newSigner(t, client.Config{})), a)
	if fmt.Sprint(clauses(out)) != "[TRN-9 LOD-1]" || out.Good || !out.Expected {
		t.Errorf("got %+v", *out)
	}
}

func TestProfilesDecideWhatCounts(t *testing.T) {
	signer := newSigner(t, client.Config{})
	disclosing := func() *wire.Answer {
		return answerOf(200, `{"Message":"for `+testA+`","RequestId":"5297B722-A016-43FB-B51A-000000000001","Code":"isv.BIND_CONFLICT"}`)
	}
	if out := judge(New(Config{MemoryIDs: 1 << 20}), bind(t, signer), disclosing()); len(out.Violations) != 0 {
		t.Errorf("default profiles: %v", clauses(out))
	}
	strict := New(Config{MemoryIDs: 1 << 20, Profiles: []string{"seed", "pop", "strict"}})
	if out := judge(strict, bind(t, signer), disclosing()); fmt.Sprint(clauses(out)) != "[RSP-14]" {
		t.Errorf("strict: %v, want RSP-14", clauses(out))
	}
	pop := New(Config{MemoryIDs: 1 << 20, Profiles: []string{"pop"}})
	if out := judge(pop, bind(t, signer), refused("isv.NEW_CODE")); len(out.Violations) != 0 {
		t.Errorf("RSP-5 is of profile seed, but pop alone gives %v", clauses(out))
	}
}

func TestSignatureInAnswerIsFound(t *testing.T) {
	for _, cfg := range []client.Config{
		{Scheme: client.V1}, {Scheme: client.V1, Method: "POST", Place: client.Form}, {Scheme: client.V3, Method: "POST"},
	} {
		t.Run(fmt.Sprint(cfg.Scheme, cfg.Place), func(t *testing.T) {
			signer := newSigner(t, cfg)
			req := bind(t, signer)
			m := req.Memo.(*Memo)
			want := signer.Explain(req.Operation, m.Params, []byte("sentinelNONCEvalue01"), testNow, client.NoFault).Signature
			if got := m.signature(req.Bytes); got != want {
				t.Fatalf("signature %q, want %q", got, want)
			}
			tr := New(Config{MemoryIDs: 1 << 20, Credentials: testCreds})
			out := judge(tr, req, answerOf(200, `{"Message":"`+want+`","RequestId":"4297B722-A016-43FB-B51A-000000000001","Code":"isv.BIND_CONFLICT"}`))
			if fmt.Sprint(clauses(out)) != "[SIG-18]" {
				t.Errorf("violations %v, want SIG-18", clauses(out))
			}
		})
	}
}

func TestRunWideInvariants(t *testing.T) {
	signer := newSigner(t, client.Config{})
	tr := New(Config{MemoryIDs: 1 << 20})
	step := func(name string, a *wire.Answer, change func(*Memo), want string) *runner.Outcome {
		t.Helper()
		req := bind(t, signer)
		if change != nil {
			change(req.Memo.(*Memo))
		}
		out := judge(tr, req, a)
		if got := fmt.Sprint(clauses(out)); got != want {
			t.Errorf("%s: violations %s, want %s", name, got, want)
		}
		return out
	}
	other := func(a, b string) func(*Memo) { return func(m *Memo) { m.A, m.B = a, b } }
	body := func(request, subs int) *wire.Answer { return answerOf(200, fmt.Sprintf(okBody, request, subs)) }

	step("first", body(1, 11), nil, "[]")
	step("same RequestId", body(1, 12), other("15000000001", "15000000002"), "[RSP-2 LOD-1]")
	step("same SubsId", body(2, 11), other("15000000003", "15000000004"), "[INV-1]")
	step("same A", body(3, 13), other(testA, "15000000005"), "[INV-2]")
	step("A as B", body(4, 14), other("15000000006", testA), "[INV-2]")
	step("B as A", body(5, 15), other(testB, "15000000007"), "[INV-2]")
	step("neither", body(6, 16), other("15000000008", "15000000009"), "[]")
	step("A equal to B", body(7, 17), other("15000000010", "15000000010"), "[]")

	unbind := func(m *Memo) { m.A, m.B, m.Then, m.Hold = "15000000020", "15000000021", UnbindAfter, time.Second }
	out := step("bound to be unbound", body(8, 18), unbind, "[]")
	if len(out.FollowUps) != 1 {
		t.Fatalf("follow-ups %v", out.FollowUps)
	}
	follow := out.FollowUps[0]
	step("before it is sent", body(9, 19), other("15000000020", "15000000022"), "[INV-2]")
	tr.Sending(follow.Request, testNow)
	step("after it was sent", body(10, 20), other("15000000020", "15000000021"), "[]")

	late := body(11, 21)
	late.Times.Done = testExpires.Add(-time.Second)
	step("within the margin before Expiration", late, other("15000000008", "15000000009"), "[]")

	want := map[string]int64{"RSP-2": 1, "INV-1": 1, "INV-2": 4}
	for _, v := range tr.Violations() {
		if n, ok := want[v.Clause]; ok && v.Count != n {
			t.Errorf("%s: count %d, want %d", v.Clause, v.Count, n)
		}
		delete(want, v.Clause)
	}
	if len(want) != 0 {
		t.Errorf("not listed: %v", want)
	}
	for _, u := range tr.Unique() {
		if u.Full || u.Checked != u.Seen || u.Checked != 12 {
			t.Errorf("%+v, want 12 of 12", u)
		}
	}
}

func TestViolationsCountWhatWasChecked(t *testing.T) {
	signer := newSigner(t, client.Config{})
	tr := New(Config{MemoryIDs: 1 << 20, Credentials: testCreds})
	if v := tr.Violations(); len(v) != 0 {
		t.Errorf("before the first answer: %v", v)
	}
	for i := range 100 {
		req := bind(t, signer)
		m := req.Memo.(*Memo)
		m.A, m.B = strconv.Itoa(15000000000+i), strconv.Itoa(15800000000+i)
		judge(tr, req, bound(i))
	}
	judge(tr, bind(t, signer), refused("isv.BIND_CONFLICT"))
	tr.Recorded(&results.Evidence{Clauses: []string{"RSP-5"}}, 7)
	tr.Recorded(&results.Evidence{Clauses: []string{"RSP-5"}}, 3)
	tr.Recorded(&results.Evidence{Clauses: []string{"RSP-5"}}, 9)
	judge(tr, bind(t, signer), refused("isv.NEW_CODE"))
	got := map[string]results.Violation{}
	for _, v := range tr.Violations() {
		got[v.Clause] = v
	}
	for id, checked := range map[string]int64{"RSP-1": 102, "RSP-2": 102, "TRN-9": 102, "RSP-10": 100, "INV-1": 100, "INV-2": 100, "RSP-9": 2, "LOD-6": 102} {
		v := got[id]
		if v.Checked != checked || v.Count != 0 || v.Bound99 != 4.61/float64(checked) || v.Level != "MUST" || v.Sentence == "" {
			t.Errorf("%s: %+v, want 0 of %d", id, v, checked)
		}
	}
	if v := got["RSP-5"]; v.Count != 1 || v.Bound99 != 0 || v.FirstEvidence != 3 {
		t.Errorf("RSP-5: %+v, want 1 with evidence in line 3", v)
	}
	if _, ok := got["RSP-14"]; ok {
		t.Error("RSP-14 is listed, but profile strict is off")
	}
}

// goodCase returns a call that can be judged again and again: each time with other ids and numbers.
func goodCase(t testing.TB, tr *Traffic) func(n int) *runner.Outcome {
	req, a := bind(t, newSigner(t, client.Config{})), bound(0)
	m := req.Memo.(*Memo)
	out := &runner.Outcome{}
	request := a.Body[len(`{"Message":"OK","RequestId":"9297B722-A016-43FB-B51A-`):][:12]
	subs := a.Body[len(a.Body)-len(`0000000000000000"}}`):][:16]
	numbers := []byte("150000000001580000000x")
	return func(n int) *runner.Outcome {
		for i, v := 11, n; i >= 0; i, v = i-1, v/10 {
			request[i] = byte('0' + v%10)
			subs[i+4] = request[i]
		}
		m.Text = append(append(m.Text[:0], numbers[:3]...), request[4:]...)
		m.A = m.Cut(0)
		at := len(m.Text)
		m.Text = append(append(m.Text, numbers[11:14]...), request[4:]...)
		m.B = m.Cut(at)
		*out = runner.Outcome{Violations: out.Violations[:0], FollowUps: out.FollowUps[:0]}
		tr.Judge(req, a, "main", out)
		return out
	}
}

func TestGoodCaseDoesNotAllocate(t *testing.T) {
	tr := New(Config{Credentials: testCreds, MemoryIDs: 1 << 20, Breaker: NewBreaker(0, 0, nil)})
	one := goodCase(t, tr)
	n := 0
	next := func() {
		if out := one(n); !out.Good {
			t.Fatalf("call %d: %+v", n, *out)
		}
		n++
	}
	for range 100 {
		next()
	}
	if allocs := testing.AllocsPerRun(1000, next); allocs != 0 {
		t.Errorf("%v allocations a call", allocs)
	}
}

// Failures come in floods: they cost nothing either once the first few are kept.
func TestFailuresDoNotAllocate(t *testing.T) {
	for name, a := range map[string]*wire.Answer{
		"business": refused("isv.BIND_CONFLICT"), "throttled": answerOf(400, `{"RequestId":"0297B722-A016-43FB-B51A-000000000001","HostId":"h","Code":"Throttling.User","Message":"m"}`),
		"timeout": {Failure: wire.Timeout, Started: true},
	} {
		tr := New(Config{Credentials: testCreds, MemoryIDs: 1 << 20, Profiles: []string{"none"}, Breaker: NewBreaker(2, 2, nil)})
		req, out := bind(t, newSigner(t, client.Config{})), &runner.Outcome{}
		a.Times.Done = testNow
		one := func() { tr.Judge(req, a, "main", out); out.Evidence = nil }
		for range 10 {
			one()
		}
		if allocs := testing.AllocsPerRun(200, one); allocs != 0 {
			t.Errorf("%s: %v allocations a call", name, allocs)
		}
	}
}

func BenchmarkJudge(b *testing.B) {
	tr := New(Config{Credentials: testCreds, Breaker: NewBreaker(0, 0, nil)})
	one := goodCase(b, tr)
	for n := range 100 {
		one(n)
	}
	runtime.GC()
	b.ReportAllocs()
	n := 100
	for b.Loop() {
		one(n)
		n++
	}
}

// BenchmarkCheck is the check alone, with the same call: what BenchmarkJudge has beyond it is the Judge's own.
func BenchmarkCheck(b *testing.B) {
	tr := New(Config{Credentials: testCreds, MemoryIDs: 1 << 20})
	req, a := bind(b, newSigner(b, client.Config{})), bound(0)
	m := req.Memo.(*Memo)
	b.ReportAllocs()
	for b.Loop() {
		tr.check(req, m, a)
	}
}

// TestOtherOperations: answers to queries and updates are held against their own fields, and bind nothing.
func TestOtherOperations(t *testing.T) {
	tr := New(Config{MemoryIDs: 1 << 20})
	signer := newSigner(t, client.Config{})
	envelope := func(more string) string {
		return fmt.Sprintf(`{"Code":"OK","Message":"OK","RequestId":"3297B722-A016-43FB-B51A-%012d"%s}`, requests.next(), more)
	}
	for _, c := range []struct {
		op      *contract.Operation
		answer  *wire.Answer
		code    string
		class   results.Class
		clauses string
	}{
		{contract.UpdateSubscription, answerOf(200, envelope("")), "OK", results.ClassOK, "[]"},
		{contract.QuerySubsID, answerOf(200, envelope(`,"SubsId":"1000000000000001,1000000000000002"`)), "OK", results.ClassOK, "[]"},
		{contract.QuerySubsID, answerOf(200, envelope("")), "OK", results.ClassOK, "[RSP-10 LOD-1]"},
		{contract.QuerySubsID, answerOf(400, `{"RequestId":"2297B722-A016-43FB-B51A-000000000001","HostId":"h","Code":"POOLKEY_NOT_EXIST","Message":"poolKey not exsit."}`),
			"POOLKEY_NOT_EXIST", results.ClassGateway, "[]"},
	} {
		req := bind(t, signer)
		req.Operation, req.Memo.(*Memo).Operation = c.op.Name, c.op
		out := judge(tr, req, c.answer)
		if got := fmt.Sprint(clauses(out)); out.Code != c.code || out.Class != c.class || got != c.clauses {
			t.Errorf("%s: %+v, clauses %s; want %s, %s", c.op.Name, *out, got, c.code, c.clauses)
		}
	}
	if b := tr.Bindings(testNow); b.Created != 0 || b.Unknown != 0 {
		t.Errorf("bindings: %+v", b)
	}
}
