package fleet

import (
	"encoding/json"
	"time"

	"axbench/results"
	"axbench/runner/pace"
)

// Schema is the version of the records of a stream.
const Schema = "axbench.fleet/v1"

// Spec is what a run is: written once, before anybody joins.
type Spec struct {
	Schema  string          `json:"schema"`
	ID      string          `json:"id"`
	Version string          `json:"version"` // of axbench: agents are of the same
	Weights []int           `json:"weights"` // one a slot: its part of the arrivals, of callers, of the ceiling and of the calls in flight
	Payload json.RawMessage `json:"payload"` // the scenario and what flags changed in it; package cmd's

	Tick      time.Duration `json:"tick_ns"`       // between two windows of an agent
	TTL       time.Duration `json:"ttl_ns"`        // of the permission to send
	MaxSkew   time.Duration `json:"max_skew_ns"`   // how far off an agent's start may be, at most
	Formation time.Duration `json:"formation_ns"`  // how long all slots may take to be ready
	LookAhead time.Duration `json:"look_ahead_ns"` // how long before an arrival its call is signed
	Loss      LossPolicy    `json:"on_generator_loss"`
}

// LossPolicy says what becomes of a run when it loses a generator.
type LossPolicy string

// The policies. Either way the run is invalid if an arrival was not offered beyond what its scenario allows.
const (
	LossFail         LossPolicy = "fail"         // the run ends
	LossRedistribute LossPolicy = "redistribute" // the others take over what the lost one still had to do
)

// State says how far a run is.
type State string

// The states, in order.
const (
	Forming  State = "forming"  // slots are being taken
	Armed    State = "armed"    // it begins, or has begun, at Plan.Start
	Aborting State = "aborting" // nothing more is offered
	Done     State = "done"     // every slot has said its last
)

// Plan is the controller's decision so far. Each one replaces the one before; its revision is its place in the stream.
type Plan struct {
	State    State         `json:"state"`
	Reason   string        `json:"reason,omitempty"` // of Aborting
	Start    int64         `json:"start,omitempty"`  // when the plan begins: Unix nanoseconds on the controller's clock
	Division pace.Division `json:"division"`
}

// Kind says what a slot's record is.
type Kind string

// The kinds of records of a slot, in the order in which they may come.
const (
	KindClaim   Kind = "claim"   // an agent has taken the slot
	KindReady   Kind = "ready"   // it has read the spec, reached the target and found its clock
	KindArmed   Kind = "armed"   // it knows when to begin
	KindWindow  Kind = "window"  // what it decided and measured since the last one
	KindLeaving Kind = "leaving" // it will offer nothing from arrival Leave on, and asks to be relieved
	KindFinal   Kind = "final"   // it has ended
	KindFence   Kind = "fence"   // the controller has given the slot up: nothing more is taken from it
)

// SlotRecord is one record of a slot. Which of the parts is set follows from Kind.
type SlotRecord struct {
	Kind  Kind   `json:"kind"`
	Agent string `json:"agent"` // a name of the process that no other has; the controller's own in a fence

	Ready  *Ready  `json:"ready,omitempty"`
	Window *Window `json:"window,omitempty"`
	Leave  int64   `json:"leave,omitempty"`
	Final  *Final  `json:"final,omitempty"`
	Why    string  `json:"why,omitempty"` // of a fence, or of a slot that refuses
}

// Ready is what an agent says of itself before the start.
type Ready struct {
	Host    string        `json:"host"` // escaped
	PID     int           `json:"pid"`
	Version string        `json:"version"`
	Digest  string        `json:"digest"`            // of the scenario and its plan, as in run.json
	Offset  time.Duration `json:"offset_ns"`         // its clock is ahead of the controller's by so much
	RTT     time.Duration `json:"rtt_ns"`            // of the exchange that says so: Offset is right to half of it
	Ceiling float64       `json:"ceiling,omitempty"` // calls a second that it can make, as far as anybody has measured; 0 if not
	Machine results.Host  `json:"machine"`
}

// Claim says that a slot decided all of its arrivals from index From up to To, that not among them: it offered each, or was late
// with it and did not on purpose. Which are its own follows from the first Epochs epochs of the division.
type Claim struct {
	From   int64 `json:"from"`
	To     int64 `json:"to"`
	Epochs int   `json:"epochs,omitempty"`
}

// Window is what happened in a slot since its last window.
type Window struct {
	Seq      int64              `json:"seq"` // from 0
	Claims   []Claim            `json:"claims,omitempty"`
	Withheld int64              `json:"withheld,omitempty"` // arrivals that fell due without permission
	Seconds  []results.Fragment `json:"seconds,omitempty"`  // what was appended to its run directory
	Accounts *Accounts          `json:"accounts,omitempty"` // since the start
	Extra    []byte             `json:"extra,omitempty"`
	Clock    *Clock             `json:"clock,omitempty"` // where it was looked at once more
	Late     bool               `json:"late,omitempty"`  // it came when the slot was given up
}

// Clock is how far an agent's clock is ahead of the controller's: clocks drift from each other in long runs.
type Clock struct {
	Offset time.Duration `json:"offset_ns"`
	RTT    time.Duration `json:"rtt_ns"` // Offset is right to half of it
}

// Accounts are the accounts of a slot so far.
type Accounts struct {
	Phases    []results.Phase `json:"phases"`
	FollowUps results.Phase   `json:"followups"`
	Withheld  int64           `json:"withheld"` // of NotOffered: those that fell due without permission
}

// Final is what an agent says when it has ended.
type Final struct {
	Accounts  Accounts          `json:"accounts"`
	Generator results.Generator `json:"generator"`
	Started   time.Time         `json:"started"` // on its own clock
	Ended     time.Time         `json:"ended"`
	Stopped   string            `json:"stopped,omitempty"` // why it ended before its plan did; "" if it did not
	// Unreachable says that it made no connection at all: results.CodeRefused or CodeTLS, else "".
	Unreachable string `json:"unreachable,omitempty"`
	Windows     int64  `json:"windows"` // how many it made
	Extra       []byte `json:"extra,omitempty"`
}

// Beat tells agents ten times a second how the run stands. It is not kept.
type Beat struct {
	State    State  `json:"state"`
	Revision uint64 `json:"revision"` // of the plan
	Reason   string `json:"reason,omitempty"`
}
