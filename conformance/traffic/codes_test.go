package traffic

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"

	"axbench/conformance/check"
	"axbench/results"
	"axbench/runner/wire"
)

var wordForm = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

func TestUndocumentedCodesAreBounded(t *testing.T) {
	tr := New(Config{MemoryIDs: 1 << 20})
	signer := newSigner(t, clientV1)
	names := map[string]int{}
	for i := range 100 {
		for range 2 {
			out := judge(tr, bind(t, signer), refused(fmt.Sprintf("isv.NEW_%03d", i)))
			names[out.Code]++
			if out.Class != results.ClassUndocumented {
				t.Fatalf("class %s", out.Class)
			}
		}
	}
	if len(names) != 33 || names[results.CodeOther] != 2*68 || tr.OtherCodes() != 2*68 || names["isv.NEW_000"] != 2 || names["isv.NEW_031"] != 2 {
		t.Errorf("%d names: %v", len(names), names)
	}
	if out := judge(tr, bind(t, signer), refused("isv.BIND_CONFLICT")); out.Code != "isv.BIND_CONFLICT" {
		t.Errorf("a documented code becomes %s", out.Code)
	}
	gateway := map[string]int{}
	for i := range 100 {
		body := fmt.Sprintf(`{"RequestId":"1297B722-A016-43FB-B51A-%012d","HostId":"h","Code":"Missing%03d","Message":"m"}`, i, i)
		out := judge(tr, bind(t, signer), answerOf(400, body))
		gateway[out.Code]++
		if out.Class != results.ClassGateway {
			t.Fatalf("class %s", out.Class)
		}
	}
	if len(gateway) != 33 || gateway["gateway~other"] != 68 {
		t.Errorf("%d names: %v", len(gateway), gateway)
	}
}

func TestCodeNames(t *testing.T) {
	tr := New(Config{MemoryIDs: 1 << 20, Credentials: testCreds})
	signer := newSigner(t, clientV1)
	mobile := tr.Redactor().Number(testA)
	for _, tt := range []struct{ code, want string }{
		{"isv.SOMETHING-New_1", "isv.SOMETHING-New_1"},
		{strings.Repeat("x", 65), strings.Repeat("x", 64)},
		{"a b", "a_20b"},
		{"错", "_E9_94_99"},
		{"", "_empty"},
		{"GOOD", "_GOOD"},
		{"all", "_all"},
		{"isv." + testA, "isv." + mobile},
		{"isv.0571-88992688", "isv." + tr.Redactor().Number("0571-88992688")},
		{"isv." + testSecret, "isv._5Bremoved_5D"},
		{"isv.sentinelNONCEvalue01", "isv._5Bremoved_5D"},
		{"a\nb\x1b[31m", "a_5Cnb_5Cx1b_5B31m"},
	} {
		t.Run(tt.code, func(t *testing.T) {
			e := tr.codes.learn([]byte(tt.code), nil, func() string {
				m := bind(t, signer)
				return codeName(tr.redactor.phrase([]byte(tt.code), m.Bytes, testA, testB, ""))
			})
			if e.name != tt.want || !wordForm.MatchString(e.name) {
				t.Errorf("%q, want %q", e.name, tt.want)
			}
		})
	}
}

func TestCodesOfTheDocument(t *testing.T) {
	tr := New(Config{MemoryIDs: 1 << 20})
	list := Codes(tr.cfg.Edition)
	if len(list) != 23 || list[0].Code != "OK" || list[0].Class != results.ClassOK {
		t.Fatalf("%d codes, the first %+v", len(list), list[0])
	}
	for _, c := range list {
		if !c.Documented || c.TextZH == "" || c.TextEN == "" || c.Count != 0 || c.HTTPStatus == nil || !reflect.DeepEqual(c, tr.Describe(c.Code, c.Class)) {
			t.Errorf("%+v", c)
		}
	}
	for _, tt := range []struct {
		code       string
		class      results.Class
		documented bool
		text       bool
	}{
		{"isv.SUBS_NOT_EXIST", results.ClassBusiness, true, true}, // an answer to an unbind
		{"isv.SUBS_NOT_EXIST", results.ClassUndocumented, false, false},
		{"MissingPhoneNoA", results.ClassGateway, true, true},
		{"POOLKEY_NOT_EXIST", results.ClassGateway, true, true}, // an answer to QuerySubsId
		{"timeout", results.ClassTransport, false, false},
		{results.CodeOther, results.ClassUndocumented, false, false},
	} {
		c := tr.Describe(tt.code, tt.class)
		if c.Code != tt.code || c.Class != tt.class || c.Documented != tt.documented || (c.TextEN != "") != tt.text {
			t.Errorf("%+v", c)
		}
	}
}

func TestEvidenceOfTheFirstFew(t *testing.T) {
	signer := newSigner(t, clientV1)
	var mu sync.Mutex
	var kept []*results.Evidence
	tr := New(Config{MemoryIDs: 1 << 20, Credentials: testCreds, Evidence: func(e *results.Evidence) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		kept = append(kept, e)
		return len(kept), nil
	}})
	for i := range 10 {
		if out := judge(tr, bind(t, signer), refused("isv.BIND_CONFLICT")); out.Evidence != nil {
			t.Errorf("call %d: the evidence is handed out twice", i)
		}
	}
	if len(kept) != maxEvidence {
		t.Fatalf("%d exchanges kept", len(kept))
	}
	for range 10 {
		a := refused("isv.BIND_CONFLICT")
		a.Status = 500
		judge(tr, bind(t, signer), a) // TRN-10, and no longer a new code
	}
	for range 10 {
		judge(tr, bind(t, signer), &wire.Answer{Failure: wire.Reset, Detail: "reset before the answer", Started: true})
	}
	if len(kept) != 3*maxEvidence {
		t.Fatalf("%d exchanges kept", len(kept))
	}
	e := kept[3]
	if e.Phase != "main" || e.Operation != "BindAxb" || e.Code != "isv.BIND_CONFLICT" || e.Class != results.ClassBusiness ||
		fmt.Sprint(e.Clauses) != "[TRN-10]" || !strings.HasPrefix(e.Detail, "TRN-10: ") || !strings.Contains(e.Detail, "expected OK, got isv.BIND_CONFLICT") ||
		e.ResponseNS != 5e6 || e.Time.IsZero() {
		t.Errorf("%+v", e)
	}
	if e = kept[6]; e.Detail != "LOD-6: the connection ended without a complete answer; reset before the answer" || e.Answer != "" || e.Request == "" {
		t.Errorf("%+v", e)
	}
	for _, e := range kept {
		text := fmt.Sprint(*e)
		hidden(t, text, testA, testB, testID, testSecret, testCreds.Token, "sentinelNONCEvalue01")
		if !strings.Contains(e.Request, tr.Redactor().Number(testA)) {
			t.Errorf("no pseudonym of A: %s", e.Request)
		}
	}
	for _, v := range tr.Violations() {
		if want := map[string]int{"TRN-10": 4, "LOD-6": 7}[v.Clause]; v.FirstEvidence != want {
			t.Errorf("%s: first evidence in line %d, want %d", v.Clause, v.FirstEvidence, want)
		}
	}
}

func TestEvidenceThatCannotBeWrittenStopsTheRun(t *testing.T) {
	stops := 0
	tr := New(Config{MemoryIDs: 1 << 20, Evidence: func(*results.Evidence) (int, error) { return 0, errors.New("no space") }, Stop: func(string) { stops++ }})
	for range 2 {
		judge(tr, bind(t, newSigner(t, clientV1)), refused("isv.BIND_CONFLICT"))
	}
	if stops != 1 || tr.Err() == nil {
		t.Errorf("%d stops, error %v", stops, tr.Err())
	}
}

// Many workers at once: nothing is counted twice or lost, and the evidence stays within its bound.
func TestJudgeConcurrently(t *testing.T) {
	const workers, each = 8, 300
	path, j := journalIn(t)
	var evidence counter
	tr := New(Config{MemoryIDs: 4 << 20, Journal: j, Breaker: NewBreaker(2, 2, nil), Evidence: func(*results.Evidence) (int, error) { return evidence.next(), nil }})
	var wg sync.WaitGroup
	for w := range workers {
		req := bind(t, newSigner(t, clientV1))
		wg.Go(func() {
			m := req.Memo.(*Memo)
			for i := range each {
				m.A, m.B = fmt.Sprint(15000000000+w*each+i), fmt.Sprint(15800000000+w*each+i)
				m.Then = Lifecycle(i % 3)
				out := judge(tr, req, bound(w*each+i))
				if !out.Good {
					t.Errorf("%+v", *out)
				}
				for _, f := range out.FollowUps {
					tr.Sending(f.Request, testNow)
					judge(tr, f.Request, unbindAnswer("OK", "OK", testNow))
				}
			}
		})
	}
	wg.Wait()
	if b := tr.Bindings(testNow); b != (results.Bindings{Created: workers * each, Unbound: workers * each / 3, Left: workers * each * 2 / 3}) {
		t.Errorf("%+v", b)
	}
	if list, err := ReadJournal(path); err != nil || len(list) != workers*each*2/3 {
		t.Errorf("journal holds %d, %v", len(list), err)
	}
	if evidence.n != maxEvidence {
		t.Errorf("%d exchanges kept of the one code there was", evidence.n)
	}
	for _, v := range tr.Violations() {
		if v.Count != 0 {
			t.Errorf("%+v", v)
		}
		if v.Clause == "RSP-1" && v.Checked != workers*each*4/3 {
			t.Errorf("RSP-1 was checked %d times", v.Checked)
		}
	}
}

func TestTallyOfManySets(t *testing.T) {
	ta := newTally([]string{"seed"})
	n := map[int]int64{}
	for set := uint32(1); set < 2000; set++ { // far more sets than there is room for
		ta.checked(check.Set(set))
		for bit := range 11 {
			if set&(1<<bit) != 0 {
				n[bit]++
			}
		}
	}
	for bit := range 11 {
		if got := ta.times(bit); got != n[bit] {
			t.Errorf("bit %d: %d, want %d", bit, got, n[bit])
		}
	}
}
