package traffic

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"axbench/conformance/client"
	"axbench/conformance/contract"
	"axbench/results"
)

func TestAccountTravels(t *testing.T) {
	breaker := NewBreaker(0, 0, nil)
	tr := New(Config{Credentials: testCreds, MemoryIDs: 1 << 20, Breaker: breaker,
		Evidence: func(*results.Evidence) (int, error) { return 0, fmt.Errorf("disk full") }})
	signer := newSigner(t, client.Config{})
	judge(tr, bind(t, signer), bound(1))
	judge(tr, bind(t, signer), bound(1))
	a := answerOf(200, fmt.Sprintf(okBody, 3, 3))
	a.Head = append(a.Head, "Date: Sun, 01 Mar 2026 12:00:00 GMT\r\n"...)
	judge(tr, bind(t, signer), a)
	for range breakerMinCalls {
		judge(tr, bind(t, signer), refused("SignatureDoesNotMatch"))
	}
	account := tr.Account(testNow)
	text, err := json.Marshal(account)
	must(t, err)
	var back Account
	must(t, json.Unmarshal(text, &back))
	if !reflect.DeepEqual(back, account) || back.Skew == nil || back.Error == "" || back.Breaker == "" || back.Breaker != breaker.Reason() || back.Bindings.Created != 3 {
		t.Errorf("%s", text)
	}
	if sum := MergeAccounts([]Account{back}, nil); !reflect.DeepEqual(sum, account) {
		t.Errorf("one account alone: %+v, want %+v", sum, account)
	}
}

func TestMergeAccounts(t *testing.T) {
	v := func(clause, level string, count, checked int64, line int) results.Violation {
		return results.Violation{Clause: clause, Level: level, Count: count, Checked: checked, FirstEvidence: line}
	}
	skew := func(low, high int, jumped bool) *Skew {
		return &Skew{time.Duration(low) * time.Millisecond, time.Duration(high) * time.Millisecond, jumped}
	}
	lines := map[int]int{1: 30, 2: 7, 3: 0}
	remap := func(n int) int { return lines[n] }
	one := Account{
		Violations: []results.Violation{v("RSP-5", "SHOULD", 2, 100, 1), v("LOD-1", "MUST", 0, 100, 0)},
		Unique:     []results.Unique{{What: "RequestId", Clause: "RSP-2", Checked: 90, Seen: 100, Full: true}},
		Bindings:   results.Bindings{Created: 10, Unbound: 4, Expired: 1, Unknown: 2, Left: 5}, Skew: skew(-700, 200, false),
	}
	two := Account{
		Violations: []results.Violation{v("RSP-5", "MUST", 1, 50, 2), v("TRN-1", "MUST", 0, 50, 0), v("LOD-1", "MUST", 0, 50, 0)},
		Unique:     []results.Unique{{What: "RequestId", Clause: "RSP-2", Checked: 50, Seen: 50}},
		Bindings:   results.Bindings{Created: 3, Left: 3}, Skew: skew(-200, 700, false), Error: "disk", Breaker: "open",
	}
	sum := MergeAccounts([]Account{one.From(300*time.Millisecond, remap), two.From(-100*time.Millisecond, remap)}, nil)
	want := Account{
		Violations: []results.Violation{v("TRN-1", "MUST", 0, 50, 0), v("RSP-5", "MUST", 3, 150, 7), v("LOD-1", "MUST", 0, 150, 0)},
		Unique:     []results.Unique{{What: "RequestId", Clause: "RSP-2", Checked: 140, Seen: 150, Full: true}},
		Bindings:   results.Bindings{Created: 13, Unbound: 4, Expired: 1, Unknown: 2, Left: 8},
		Skew:       skew(-300, 500, false), Error: "disk", Breaker: "open",
	}
	want.Violations[0].Bound99, want.Violations[2].Bound99 = 4.61/50, 4.61/150
	if !reflect.DeepEqual(sum, want) {
		t.Errorf("got %+v\nwant %+v", sum, want)
	}
	if one.Violations[0].FirstEvidence != 1 || *one.Skew != *skew(-700, 200, false) {
		t.Errorf("From has changed its account: %+v", one)
	}
	sum.Cleaned(CleanupResult{Unbound: 5, Gone: 1})
	if sum.Bindings != (results.Bindings{Created: 13, Unbound: 10, Expired: 1, Unknown: 2, Left: 2}) {
		t.Errorf("cleaned: %+v", sum.Bindings)
	}
	sum.Cleaned(CleanupResult{Unbound: 50})
	if sum.Bindings.Left != 0 || sum.Bindings.Unbound != 12 {
		t.Errorf("cleaned more than is there: %+v", sum.Bindings)
	}
}

func TestMergedSkew(t *testing.T) {
	at := func(low, high int) *Skew {
		return &Skew{Low: time.Duration(low) * time.Millisecond, High: time.Duration(high) * time.Millisecond}
	}
	for _, tt := range []struct {
		name   string
		list   []*Skew
		want   *Skew
		jumped bool
	}{
		{"nobody was told", []*Skew{nil, nil}, nil, false},
		{"one was", []*Skew{nil, at(-10, 20)}, at(-10, 20), false},
		{"the narrower of both", []*Skew{at(-500, 100), at(-100, 400)}, at(-100, 100), false},
		{"crossed, as a stale Date does", []*Skew{at(-500, -100), at(100, 400)}, at(-100, 100), false},
		{"they cannot both be", []*Skew{at(-500, -100), at(2000, 2400)}, at(-500, 2400), true},
	} {
		var list []Account
		for _, s := range tt.list {
			list = append(list, Account{Skew: s})
		}
		got := MergeAccounts(list, nil).Skew
		if tt.want != nil {
			tt.want.Jumped = tt.jumped
		}
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

// TestMergeWithAGathering: what was found between generators is added where the profile has the clause, and bounds on what was
// checked are those of the whole.
func TestMergeWithAGathering(t *testing.T) {
	g := NewGathering(2, 1<<20, 0)
	a, b := newGenerator("k", at(0)), newGenerator("k", at(0))
	for _, f := range []*generator{a, b} {
		f.bound(Prints{1, 2, [2]uint64{3}}, 0, at(1), at(1000))
	}
	must(t, g.Add(0, a.taken(5), 0))
	must(t, g.Add(1, b.taken(5), 0))
	g.Close(0)
	g.Close(1)
	of := func(live results.Unique) Account {
		live.What, live.Clause = "live (X,A) and (X,B)", "INV-2"
		return Account{
			Violations: []results.Violation{{Clause: "RSP-2", Level: contract.Should.String(), Checked: 1}, {Clause: "INV-2", Level: "MUST", Checked: 1}},
			Unique:     []results.Unique{{What: "RequestId", Clause: "RSP-2", Checked: 0, Seen: 1, Full: true}, live},
		}
	}
	sum := MergeAccounts([]Account{of(results.Unique{Checked: 1, Seen: 1}), of(results.Unique{Checked: 0, Seen: 1, Full: true})}, g)
	wantViolations := []results.Violation{{Clause: "RSP-2", Level: "MUST", Count: 1, Checked: 2}, {Clause: "INV-2", Level: "MUST", Count: 1, Checked: 1}}
	wantUnique := []results.Unique{
		{What: "RequestId", Clause: "RSP-2", Checked: 2, Seen: 2},
		{What: "live (X,A) and (X,B)", Clause: "INV-2", Checked: 1, Seen: 2, Full: true},
		{What: "SubsId", Clause: "INV-1", Checked: 2, Seen: 2},
	}
	if !reflect.DeepEqual(sum.Violations, wantViolations) || !reflect.DeepEqual(sum.Unique, wantUnique) {
		t.Errorf("%+v\n%+v", sum.Violations, sum.Unique)
	}
}
