package results

// Clock names one of the durations measured of a call.
type Clock uint8

// The clocks. Response, Service, Lag and its three parts are defined on the instants due, sent and done.
const (
	ClockResponse Clock = iota // done - due, of good answers
	ClockService               // done - sent
	ClockLag                   // sent - due = queued + connect + late
	ClockQueued                // max(0, slot free - due)
	ClockConnect               // dial and TLS done for this call: inside response, not in service
	ClockLate                  // the rest of lag: our own fault
	ClockSign                  // building and signing the request, outside all latencies
	ClockTLS                   // handshake, part of connect
	ClockWrite                 // first to last byte written
	ClockWait                  // last byte written to first byte read
	ClockRead                  // first to last byte read
	NumClocks
)

// Clocks are the names of the clocks in files, by Clock. Beside them stands "offered", made of response and the bounds.
var Clocks = [NumClocks]string{"response", "service", "lag", "queued", "connect", "late", "sign", "tls", "write", "wait", "read"}

// Offered is the name of the latency that counts every timeout, unfinished and dropped call as a lower bound beside the
// response time of good answers.
const Offered = "offered"

// String returns the clock's name in files.
func (c Clock) String() string { return Clocks[c] }

// FollowUpPhase is the name under which timeline and histograms keep follow-up calls. No phase of a scenario has it.
const FollowUpPhase = "followups"
