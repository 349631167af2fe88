package emulator

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"axbench/conformance/numbers"
)

// TestSubsIDsAreOneToOne renders ids that a model gives, in every form: each text stands for its id and for no other, and a
// text with one letter changed for none that was rendered, or for another one that was.
func TestSubsIDsAreOneToOne(t *testing.T) {
	for _, form := range []string{"16", "8", "19", "uuid"} {
		t.Run(form, func(t *testing.T) {
			e := serve(t, config(t, "choices: {subs_id: '"+form+"'}"), fixed)
			const count = 2000
			ids := map[string]numbers.SubsID{}
			for i := range count {
				r := numbers.Request{A: number(fmt.Sprint(13100000000 + i)), B: number(fmt.Sprint(13200000000 + i)), Expires: noon.Add(time.Hour)}
				b, refusal := e.pools[BuiltinPool].Bind(noon, r)
				if refusal != numbers.None {
					t.Fatal(refusal)
				}
				ids[string(e.appendSubsID(nil, b.SubsID))] = b.SubsID
			}
			if len(ids) != count {
				t.Fatalf("%d texts for %d ids", len(ids), count)
			}
			for text, id := range ids {
				if got, ok := e.parseSubsID(text); !ok || got != id {
					t.Fatalf("%s is read as %d, %v; want %d", text, got, ok, id)
				}
				for at := range text {
					other := text[:at] + string("123456789"[at%9]) + text[at+1:]
					if got, ok := e.parseSubsID(other); other != text && ok && got == id {
						t.Fatalf("%s is read as the id of %s", other, text)
					}
				}
				for _, other := range []string{text + "0", text[1:], " " + text, strings.Replace(text, text[:1], "x", 1), ""} {
					if got, ok := e.parseSubsID(other); ok && got == id {
						t.Fatalf("%q is read as the id of %s", other, text)
					}
				}
			}
		})
	}
}

// TestShortIDs holds the window of the 8-digit ids at its ends.
func TestShortIDs(t *testing.T) {
	const last = 1_234_567_890_123_456
	s := &Server{rules: rules{subsID: subs8}}
	for _, back := range []uint64{0, 1, 10_000_000, short - 1} {
		id := numbers.SubsID(last - back)
		text := string(s.appendSubsID(nil, id))
		if got, ok := longID(text, last); len(text) != 8 || !ok || got != id {
			t.Errorf("%d is %s and is read as %d, %v", id, text, got, ok)
		}
	}
	if got, _ := longID(string(s.appendSubsID(nil, last-short)), last); got != last {
		t.Errorf("of two ids with one text, %d is meant, want the newest", got)
	}
	for _, text := range []string{"09999999", "1000000", "100000000", "1000000x", "+1000000"} {
		if id, ok := longID(text, last); ok {
			t.Errorf("%s is read as %d", text, id)
		}
	}
}

// TestSamePairAtOnce binds one pair from many connections: one binding comes of it.
func TestSamePairAtOnce(t *testing.T) {
	leaks(t)
	e := serve(t, config(t, "choices: {same_pair: same}"), fixed)
	p := newBind()
	var mu sync.Mutex
	ids := map[string]int{}
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			a := e.raw(t, p.with("SignatureNonce", fmt.Sprint("once", i)).get())
			mu.Lock()
			ids[a.fields["SecretBindDTO.SubsId"]]++
			mu.Unlock()
		})
	}
	all.Wait()
	if live := e.Truth().Live; len(ids) != 1 || live != 1 {
		t.Errorf("%d bindings live, ids %v", live, ids)
	}
}

func number(s string) numbers.Number {
	n, _ := numbers.Parse(s)
	return n
}
