package emulator

import (
	"sync"
	"time"
)

// Refusal is one line of the journal: which clause refused a call. It holds no value of a parameter.
type Refusal struct {
	Number    uint64    `json:"number"` // of the call, from 1
	Time      time.Time `json:"time"`
	RequestID string    `json:"request_id"`
	Operation string    `json:"operation,omitempty"`
	Code      string    `json:"code"`
	Status    int       `json:"status"`
	Stage     string    `json:"stage"`
	Clause    string    `json:"clause"`
	Parameter string    `json:"parameter,omitempty"` // that was wrong, if it was one
}

// journalSize is how many refusals are remembered: the newest.
const journalSize = 1024

// journal remembers refusals. It is safe for concurrent use.
type journal struct {
	mu      sync.Mutex
	ring    []Refusal
	next    int
	clauses map[string]int64
}

func (j *journal) init() { j.clauses = map[string]int64{} }

// add notes a refused call.
func (j *journal) add(c *call, r *row) {
	entry := Refusal{Number: c.number, Time: c.now, RequestID: string(c.id[:]), Code: r.name, Status: r.status, Stage: c.stage, Clause: c.clause, Parameter: c.param}
	if c.op != nil {
		entry.Operation = c.op.Name
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.clauses[c.clause]++
	if len(j.ring) < journalSize {
		j.ring = append(j.ring, entry)
		return
	}
	j.ring[j.next] = entry
	j.next = (j.next + 1) % journalSize
}

// Journal returns the newest refusals, oldest first.
func (s *Server) Journal() []Refusal {
	j := &s.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	return append(append([]Refusal(nil), j.ring[j.next:]...), j.ring[:j.next]...)
}

// Clauses says how often each clause refused a call.
func (s *Server) Clauses() map[string]int64 {
	j := &s.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	out := make(map[string]int64, len(j.clauses))
	for id, n := range j.clauses {
		out[id] = n
	}
	return out
}
