package emulator

import "sync/atomic"

// Truth is what an emulator knows of itself. Times are nanoseconds. Arrivals = Answered + Unwritten + InFlight, always, and
// Arrivals = the sum of Codes + Undecided when nothing is in flight.
//
// An answer is written when it left whole and as honest HTTP; also one that came slowly, or in whose place a proxy's page came.
// It is unwritten when its connection was gone, when a fault left nothing of it, a part, or another length than was announced,
// and when a mutant ended the connection after fewer bytes than there were. Answers that only mutants give have no code here.
type Truth struct {
	Uptime    int64            `json:"uptime_ns"` // since New
	Arrivals  int64            `json:"arrivals"`  // requests read
	Answered  int64            `json:"answered"`  // answers written
	Unwritten int64            `json:"unwritten"` // answers that were lost
	Undecided int64            `json:"undecided"` // calls that a fault struck before they reached the service; they have no code
	Codes     map[string]int64 `json:"codes"`     // decided, written or not
	Live      int64            `json:"live_bindings"`
	InFlight  int64            `json:"in_flight"`      // read and not yet answered
	Flying    int64            `json:"in_flight_peak"` // the most that a call found when it came, itself included
	Accepted  int64            `json:"connections"`    // accepted so far
	Open      int64            `json:"connections_open"`
	Peak      int64            `json:"connections_peak"`     // most that were open at a time
	NoTLS     int64            `json:"tls_failed,omitempty"` // handshakes that failed
	Deviation map[string]int64 `json:"deviations,omitempty"` // how often each changed something, by id
	Faults    map[string]int64 `json:"faults,omitempty"`     // how often each kind struck; of refuse, how often the listener was closed
	Injected  map[string]int64 `json:"injected,omitempty"`   // how many calls got a code because they were drawn for it
	Service   Quantiles        `json:"service"`              // of the answers written: last byte read to first byte written
	Overshoot Quantiles        `json:"overshoot"`            // of those with a latency: how much later than drawn they were written

	CodesByOperation map[string]map[string]int64 `json:"codes_by_operation"` // operation, "" where it was not known, to code
	ServiceByCode    map[string]Quantiles        `json:"service_by_code"`    // of the answers written that had a code; to 0.4 %
	LiveByPool       map[string]int64            `json:"live_by_pool"`
	Clauses          map[string]int64            `json:"clauses"` // how many calls each clause refused

	NoncesForgotten int64       `json:"nonces_forgotten"`      // replays that would not have been noticed
	Utilisation     float64     `json:"utilisation,omitempty"` // of the servers of a latency.queue, since the first call
	Queue           *QueueTruth `json:"queue,omitempty"`       // of a latency.queue, from the first call on
}

// Truth returns the record as it is now. Codes, connections and bindings of calls that are being answered may differ by those.
func (s *Server) Truth() Truth {
	now := instant()
	t := Truth{
		Uptime:           now - s.truth.made,
		Answered:         s.truth.service.count.Load(),
		Unwritten:        s.truth.unwritten.Load(),
		Codes:            s.rows.counts(),
		Flying:           s.truth.flying.Load(),
		Accepted:         s.truth.connections.Load(),
		Open:             s.truth.open.Load(),
		Peak:             s.truth.peak.Load(),
		NoTLS:            s.truth.handshakes.Load(),
		Deviation:        s.Hits(),
		Faults:           s.faults.counts(),
		Injected:         s.injections(),
		Service:          s.truth.service.quantiles(),
		Overshoot:        s.truth.overshoot.quantiles(),
		CodesByOperation: map[string]map[string]int64{},
		ServiceByCode:    map[string]Quantiles{},
		LiveByPool:       map[string]int64{},
		Clauses:          s.Clauses(),
		NoncesForgotten:  s.nonces.forgotten.Load(),
		Queue:            s.latency.queueTruth(now),
	}
	t.Arrivals = int64(s.arrived.Load()) // after what was answered, so that it is not less
	t.InFlight = t.Arrivals - t.Answered - t.Unwritten
	if s.faults != nil {
		t.Undecided = s.faults.undecided.Load()
	}
	if t.Queue != nil {
		t.Utilisation = t.Queue.Utilisation
	}
	for _, p := range s.model.Pools() {
		live := int64(p.Live(s.Now()))
		t.LiveByPool[p.Key()] = live
		t.Live += live
	}
	for name, r := range s.rows.byName {
		r.record.tell(&t, name)
	}
	return t
}

type truth struct {
	made               int64 // instant of New
	service, overshoot tally
	unwritten          atomic.Int64
	flying             atomic.Int64 // most calls in flight
	connections        atomic.Int64 // accepted
	open, peak         atomic.Int64
	handshakes         atomic.Int64 // that failed
}

func (t *truth) init() {
	t.made = instant()
	t.service.init(fine)
	t.overshoot.init(fine)
}

// arrive notes call n.
func (t *truth) arrive(n int64) {
	raise(&t.flying, n-t.service.count.Load()-t.unwritten.Load())
}

// opened and closed count connections.
func (t *truth) opened() {
	t.connections.Add(1)
	raise(&t.peak, t.open.Add(1))
}

func (t *truth) closed() { t.open.Add(-1) }

// raise sets a maximum.
func raise(highest *atomic.Int64, v int64) {
	for was := highest.Load(); v > was && !highest.CompareAndSwap(was, v); was = highest.Load() {
	}
}

// written records an answer that went out at an instant, or was lost.
func (t *truth) written(o owed, now int64, ok bool) {
	if !ok {
		t.unwritten.Add(1)
		return
	}
	if o.row != nil {
		o.row.record.took(now - o.arrival)
	}
	if o.due > o.arrival {
		t.overshoot.add(now - o.due)
	}
	t.service.add(now - o.arrival) // last: its count says that the answer is in the record
}
