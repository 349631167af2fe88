package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// refuse makes n calls that are refused because of their number.
func (e *endpoint) refuse(t testing.TB, n int) {
	t.Helper()
	for range n {
		if a := e.raw(t, newBind().with("PhoneNoA", "13x").get()); a.fields["Code"] != "isv.MOBILE_NUMBER_ILLEGAL" {
			t.Fatal(a.body)
		}
	}
}

// TestWriteJournal writes each refusal as a line with what the ring has, and nothing of what was sent.
func TestWriteJournal(t *testing.T) {
	leaks(t)
	e := serve(t, config(t, ""), fixed)
	e.refuse(t, 1) // before there is a file
	var file bytes.Buffer
	stop := e.WriteJournal(&file, func(err error) { t.Error(err) })
	e.refuse(t, 3)
	if a := e.raw(t, newBind().get()); a.fields["Code"] != "OK" {
		t.Fatal(a.body)
	}
	secret := newBind().with("PhoneNoA", "13912345678", "PhoneNoB", "13912345678", "SignatureNonce", "sentinel-nonce")
	e.raw(t, secret.get())
	if missing := stop(); missing != 0 {
		t.Errorf("%d refusals are missing", missing)
	}
	e.refuse(t, 1) // after it
	lines := strings.Split(strings.TrimSuffix(file.String(), "\n"), "\n")
	ring := e.Journal()
	if len(lines) != 4 || len(ring) != 6 {
		t.Fatalf("%d lines, %d in the ring:\n%s", len(lines), len(ring), file.String())
	}
	for i, line := range lines {
		var got Refusal
		if err := json.Unmarshal([]byte(line), &got); err != nil || got != ring[i+1] {
			t.Errorf("line %d: %v\n%s\nthe ring has %+v", i+1, err, line, ring[i+1])
		}
	}
	if r := ring[1]; r.Clause != "PRM-A-5" || r.Parameter != "PhoneNoA" || r.Code != "isv.MOBILE_NUMBER_ILLEGAL" || r.Operation != "BindAxb" {
		t.Errorf("%+v", r)
	}
	for _, leak := range []string{"13912345678", "13x", "sentinel-nonce", BuiltinID, BuiltinSecret} {
		if strings.Contains(file.String(), leak) {
			t.Errorf("the journal says %s", leak)
		}
	}
}

// failing takes some bytes and then fails.
type failing struct{ room int }

func (f *failing) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errors.New("the disk is full")
	}
	return len(p), nil
}

// TestJournalThatFails: the error is told once, the endpoint goes on, and the end says how many lines are missing.
func TestJournalThatFails(t *testing.T) {
	leaks(t)
	e := serve(t, config(t, ""), fixed)
	var mu sync.Mutex
	var told []string
	stop := e.WriteJournal(&failing{}, func(err error) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, err.Error())
	})
	e.refuse(t, 5)
	if missing := stop(); missing != 5 {
		t.Errorf("%d missing, want all 5", missing)
	}
	if !slices.Equal(told, []string{"the disk is full"}) {
		t.Errorf("told %q", told)
	}
}

// stuck blocks until it is let go.
type stuck struct{ free chan struct{} }

func (s stuck) Write(p []byte) (int, error) { <-s.free; return len(p), nil }

// TestJournalThatIsSlow: calls do not wait for the file, and what it had no room for is counted.
func TestJournalThatIsSlow(t *testing.T) {
	leaks(t)
	s, err := New(config(t, ""), fixed)
	if err != nil {
		t.Fatal(err)
	}
	w := stuck{make(chan struct{})}
	stop := s.WriteJournal(w, func(err error) { t.Error(err) })
	const more = 500
	for range sinkSize + more {
		s.journal.add(&call{clause: "PRM-A-5"}, s.rows.illegal)
	}
	close(w.free)
	// What the writer took out of the queue before it stood still had made room for others: a buffer full of lines at most.
	if missing := stop(); missing <= 0 || missing > more {
		t.Errorf("%d missing of %d too many", missing, more)
	}
}

// TestJournalKeep remembers as many as it is told, the newest, oldest first.
func TestJournalKeep(t *testing.T) {
	for keep, want := range map[string]int{"": journalSize, "journal: {keep: 3}": 3} {
		s, err := New(config(t, keep), fixed)
		if err != nil {
			t.Fatal(err)
		}
		for i := range uint64(2*journalSize + 1) {
			s.journal.add(&call{number: i + 1, clause: "PRM-A-5"}, s.rows.illegal)
		}
		got := s.Journal()
		if len(got) != want || got[0].Number != uint64(2*journalSize+2-want) || got[want-1].Number != 2*journalSize+1 {
			t.Errorf("%q: %d remembered, from %d to %d", keep, len(got), got[0].Number, got[len(got)-1].Number)
		}
		if n := s.Clauses()["PRM-A-5"]; n != 2*journalSize+1 {
			t.Errorf("%d refusals counted", n)
		}
	}
	for _, bad := range []string{"journal: {keep: 0}", "journal: {keep: 1000001}"} {
		if _, err := Parse("test.yaml", []byte(bad), 1); err == nil || !strings.Contains(err.Error(), "test.yaml:1:") || !strings.Contains(err.Error(), "keep") {
			t.Errorf("%s: %v", bad, fmt.Sprint(err))
		}
	}
}
