package emulator

import (
	"sync"
	"time"

	"axbench/scenarios/strict"
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

// JournalKeep is the setting of how many refusals are remembered.
type JournalKeep struct {
	Pos  strict.Pos `yaml:"-" json:"-"`
	Keep int        `yaml:"keep" jsonschema:"minimum=1,maximum=1000000,description=how many refusals are remembered: the newest (1024)"`
}

// journalSize is how many refusals are remembered unless it is set.
const journalSize = 1024

// journal remembers refusals. It is safe for concurrent use.
type journal struct {
	mu      sync.Mutex
	size    int
	ring    []Refusal
	next    int
	clauses map[string]int64
	sink    chan Refusal // nil without a file
	lost    int64        // refusals that the sink had no room for
}

func (j *journal) init(keep int) {
	if j.size = keep; keep == 0 {
		j.size = journalSize
	}
	j.clauses = map[string]int64{}
}

// add notes a refused call.
func (j *journal) add(c *call, r *row) {
	entry := Refusal{Number: c.number, Time: c.now, RequestID: string(c.id[:]), Code: r.name, Status: r.status, Stage: c.stage, Clause: c.clause, Parameter: c.param}
	if c.op != nil {
		entry.Operation = c.op.Name
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.clauses[c.clause]++
	if j.sink != nil {
		select {
		case j.sink <- entry:
		default:
			j.lost++
		}
	}
	if len(j.ring) < j.size {
		j.ring = append(j.ring, entry)
		return
	}
	j.ring[j.next] = entry
	j.next = (j.next + 1) % j.size
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
