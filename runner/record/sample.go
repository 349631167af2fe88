// Package record keeps what happened to each call. Workers put samples into shards (a lock and a slice each); one
// collector swaps the slices ten times a second, folds them into the accounts of the phases and, each second, hands
// what ended in it to the run directory. It owns no goroutine: package runner drives the collector.
package record

import (
	"sync"
	"time"

	"axbench/results"
)

// Kind is how a call ended: the terms of the ledger.
type Kind uint8

// The kinds.
const (
	Done       Kind = iota // a complete, honestly framed answer was read
	Failed                 // none was
	Unfinished             // still open after the drain
	Dropped                // patience ended in the queue
	NotOffered             // never handed out
)

// FollowUps is the phase index under which follow-up calls are accounted.
const FollowUps = -1

// Sample is what is kept of one call.
type Sample struct {
	Phase    int // due in; FollowUps for a follow-up call
	Kind     Kind
	Good     bool
	Expected bool
	WasSent  bool // the first byte was written: the clocks from Lag on are set
	Secured  bool // a TLS handshake was made for this call
	Class    results.Class
	Code     string // a stable string; "" for Dropped and NotOffered
	Status   int
	N        int64         // how many calls this stands for; more than 1 for NotOffered only
	End      time.Duration // since the start of the run
	Clocks   [results.NumClocks]int64
}

// Shard collects samples of some of the workers. It is safe for concurrent use.
type Shard struct {
	mu  sync.Mutex
	buf []Sample
	_   [64]byte // shards do not share a cache line
}

// Put keeps a copy of s.
func (s *Shard) Put(sample *Sample) {
	s.mu.Lock()
	s.buf = append(s.buf, *sample)
	s.mu.Unlock()
}

// swap takes what was put and leaves spare in its place.
func (s *Shard) swap(spare []Sample) []Sample {
	s.mu.Lock()
	full := s.buf
	s.buf = spare[:0]
	s.mu.Unlock()
	return full
}
