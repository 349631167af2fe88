package traffic

import (
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestIDSetFindsPlantedDuplicatesOnly(t *testing.T) {
	s := newIDSet(1 << 20)
	r := rand.New(rand.NewPCG(1, 2))
	ids := make([]uint64, 100_000)
	for i := range ids {
		ids[i] = r.Uint64()
		if s.add(ids[i]) {
			t.Fatalf("id %d: a false alarm", i)
		}
	}
	for i := 0; i < len(ids); i += 997 {
		if !s.add(ids[i]) {
			t.Errorf("id %d: not found again", i)
		}
	}
	if s.full.Load() {
		t.Error("full at 76 %")
	}
}

func TestIDSetWhenFull(t *testing.T) {
	s := newIDSet(1 << 13) // 1024 slots, 896 of them in use
	r := rand.New(rand.NewPCG(3, 4))
	var kept []uint64
	for len(kept) < 5000 {
		id := r.Uint64()
		if s.add(id) {
			t.Fatal("a false alarm")
		}
		kept = append(kept, id)
	}
	n := s.checked.Load()
	if !s.full.Load() || n != 896 || s.seen.Load() != 5000 {
		t.Fatalf("full %v, checked %d, seen %d; want the first 896 of 5000", s.full.Load(), n, s.seen.Load())
	}
	for i, id := range kept {
		if got, want := s.add(id), i < int(n); got != want {
			t.Fatalf("id %d again: duplicate %v, want %v", i, got, want)
		}
	}
	if s.checked.Load() != n {
		t.Error("checked went on after the memory was full")
	}
}

func TestIDSetConcurrently(t *testing.T) {
	const workers, n = 8, 20_000
	s := newIDSet(1 << 19)
	var fresh atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(5, 6))
			for range n {
				if !s.add(r.Uint64()) {
					fresh.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if fresh.Load() != n {
		t.Errorf("%d ids were new to somebody, want %d", fresh.Load(), n)
	}
}

// A liveSet does what a map from fingerprint to time of death does, as long as it has room.
func TestLiveSetAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newLiveSet(16 * 16 * shards) // 16 slots a shard
		model := map[uint64]int64{}
		now := int64(1000)
		key := rapid.Custom(func(t *rapid.T) uint64 {
			// Few keys of one shard, with homes close together and around the end, so that probes meet and wrap.
			home := rapid.SampledFrom([]uint64{0, 1, 2, 14, 15}).Draw(t, "home")
			return home<<60 | rapid.Uint64Range(1, 3).Draw(t, "key")<<8 | 7
		})
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				now += rapid.Int64Range(0, 20).Draw(t, "pass")
			case 1:
				k := key.Draw(t, "remove")
				s.remove(k)
				delete(model, k)
			default:
				k, until := key.Draw(t, "add"), now+rapid.Int64Range(-5, 60).Draw(t, "life")
				if s.full.Load() {
					continue
				}
				got := s.add(k, now, until)
				if s.full.Load() {
					continue
				}
				want := model[k] > now
				if got != want {
					t.Fatalf("add %x at %d: alive %v, want %v", k, now, got, want)
				}
				if want {
					until = max(until, model[k])
				}
				if model[k] = until; until <= now {
					delete(model, k)
				}
			}
		}
	})
}

func TestLiveSetReclaimsTheDead(t *testing.T) {
	s := newLiveSet(16 * 64 * shards) // room for 56 a shard
	r := rand.New(rand.NewPCG(7, 8))
	for i := range int64(200_000) { // each lives 1000 steps: some 1000 are alive, of 3584
		if s.add(r.Uint64(), i, i+1000) {
			t.Fatal("a false alarm")
		}
	}
	if s.full.Load() {
		t.Error("full, though most entries were dead")
	}
	for i := range s.parts {
		n := uint64(0)
		for j := range s.parts[i].slots {
			if s.parts[i].slots[j].key.Load() != 0 {
				n++
			}
		}
		if n != s.parts[i].used {
			t.Fatalf("shard %d: %d slots in use, %d counted", i, n, s.parts[i].used)
		}
	}
}

func TestLiveSetWhenFull(t *testing.T) {
	s := newLiveSet(16 * 8 * shards)
	r := rand.New(rand.NewPCG(9, 10))
	for range 10_000 {
		if s.add(r.Uint64(), 0, 1<<40) {
			t.Fatal("a false alarm")
		}
	}
	if !s.full.Load() {
		t.Error("not full")
	}
}

func TestInvariantsConcurrently(t *testing.T) {
	const workers, each = 8, 2000
	v := NewInvariants(8<<20, 0)
	now := time.Unix(1_700_000_000, 0)
	var request, subs, live atomic.Int64
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range each {
				// Two workers share every RequestId and SubsId, four share every pair.
				id := strconv.AppendInt(nil, int64(w/2*each+i), 10)
				p := v.Prints(id, id, []byte("17000000001"), strconv.Itoa(w/4*each+i), "")
				if v.RequestID(p) {
					request.Add(1)
				}
				if v.SubsID(p) {
					subs.Add(1)
				}
				if v.Bound(p, now, now.Add(time.Hour)) {
					live.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if request.Load() != 4*each || subs.Load() != 4*each || live.Load() != 6*each {
		t.Errorf("found %d, %d, %d; want %d, %d, %d", request.Load(), subs.Load(), live.Load(), 4*each, 4*each, 6*each)
	}
	for _, u := range v.Unique() {
		if u.Full || u.Checked != workers*each || u.Seen != workers*each {
			t.Errorf("%+v", u)
		}
	}
}

func TestInvariantsWithoutDuplicates(t *testing.T) {
	v := NewInvariants(8<<20, 0)
	now := time.Unix(1_700_000_000, 0)
	for i := range 50_000 {
		id := strconv.AppendInt(nil, int64(i), 10)
		p := v.Prints(id, id, id[:1], strconv.Itoa(i), strconv.Itoa(i+1_000_000))
		if v.RequestID(p) || v.SubsID(p) || v.Bound(p, now, now.Add(time.Hour)) {
			t.Fatalf("%d: a false alarm", i)
		}
	}
	if p := v.Prints(nil, nil, nil, "", ""); v.RequestID(p) || v.SubsID(p) || p != (Prints{}) {
		t.Error("an absent identifier counts")
	}
}

func TestFarExpirationsDoNotWrap(t *testing.T) {
	v := NewInvariants(1<<20, 0)
	now := time.Unix(1_700_000_000, 0)
	p := v.Prints(nil, nil, []byte("x"), "a", "b")
	if v.Bound(p, now, time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)) || !v.Bound(p, now, now.Add(time.Hour)) {
		t.Error("a binding until 9999 is not alive today")
	}
}
