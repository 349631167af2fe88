package results

import "time"

// CapacitySchema is the name and version of the format of capacity.json.
const CapacitySchema = "axbench.capacity/v1"

// Files of the directory of a search for capacity. Its probes are run directories below it.
const (
	CapacityFile = "capacity.json"
	ProbesDir    = "probes"
)

// Limit says what kept a rate from being held.
type Limit string

// The limits.
const (
	LimitSaturation Limit = "saturation" // latency climbs, or answers fall behind arrivals
	LimitThrottle   Limit = "throttle"   // isv.FLOW_LIMIT, Throttling.*
	LimitExhaustion Limit = "exhaustion" // isv.NO_AVAILABLE_NUMBER
	LimitErrors     Limit = "errors"     // other answers than the one asked for, or none
	LimitGenerator  Limit = "generator"  // the run was invalid: our own
	LimitCeiling    Limit = "ceiling"    // the highest rate that the search was allowed, which the target held
)

// Capacity is capacity.json: which rate a target holds under the rules of a scenario. Rates are per second, times nanoseconds.
type Capacity struct {
	Schema   string     `json:"schema"`
	Version  string     `json:"version"`
	Scenario string     `json:"scenario"`
	Seed     int64      `json:"seed"`
	Started  time.Time  `json:"started"`
	Ended    *time.Time `json:"ended"`
	Target   Target     `json:"target"`
	Host     Host       `json:"host"`
	Command  []string   `json:"command,omitempty"`
	Rules    []string   `json:"rules"` // what had to hold, in their canonical form

	ExitCode  *int         `json:"exit_code"` // null while the search goes on
	Verdict   Verdict      `json:"verdict"`
	Reasons   []string     `json:"reasons"`
	Notes     []string     `json:"notes"`
	Rate      CapacityRate `json:"rate"`
	LimitedBy Limit        `json:"limited_by,omitempty"` // "" when nothing was found
	Knee      *Knee        `json:"knee"`                 // null where the curve has none
	Plan      CapacityPlan `json:"plan"`
	Curve     []Probe      `json:"curve"` // in the order of the search
}

// CapacityRate is the highest rate that meets the rules, and the interval that holds it. Nulls: not found; High is null when the
// target held the highest rate tried.
type CapacityRate struct {
	Low        *float64 `json:"low"`
	Value      *float64 `json:"value"`
	High       *float64 `json:"high"`
	Confidence float64  `json:"confidence"` // of the interval, such as 0.95
}

// Knee is where the curve bends: beyond it, latency grows faster than throughput.
type Knee struct {
	Rate  float64 `json:"rate"`
	P99NS int64   `json:"p99_ns"`
}

// CapacityPlan is the rate to plan for: the low end of the interval without the headroom.
type CapacityPlan struct {
	Rate     *float64 `json:"rate"`
	Headroom float64  `json:"headroom"` // share kept free, such as 0.2
}

// Probe is one run of the search.
type Probe struct {
	Step      int         `json:"step"`  // from 1
	Stage     string      `json:"stage"` // "climb", "narrow", "repeat", "confirm"
	Rate      float64     `json:"rate"`  // asked for
	Dir       string      `json:"dir"`   // run directory, from the one of the search; "" when it was not kept
	StartNS   int64       `json:"start_ns"`
	ElapsedNS int64       `json:"elapsed_ns"` // of the recorded part
	Verdict   Verdict     `json:"verdict"`    // of the run
	Pass      *bool       `json:"pass"`       // whether the rate was held; null where the run cannot tell
	Limit     Limit       `json:"limit,omitempty"`
	Reasons   []string    `json:"reasons"`
	Ledger                // of the recorded part
	Rates     Rate        `json:"rates"`
	Goodput   *float64    `json:"goodput,omitempty"` // good answers a second that came in the recorded part; absent if that holds no whole second
	Offered   Quantiles   `json:"offered"`
	Service   Quantiles   `json:"service"`
	Codes     []CodeShare `json:"codes"` // that came, most frequent first
	CPUCores  float64     `json:"cpu_cores"`
	LateP99NS int64       `json:"late_p99_ns"`
}

// GoodPerSecond returns Goodput, or else the rate of the good answers to calls of the recorded part that came in it. When calls queue in
// the target it answers those of the settle phase meanwhile, which Goodput counts too.
func (p *Probe) GoodPerSecond() float64 {
	if p.Goodput != nil {
		return *p.Goodput
	}
	return p.Rates.Good
}

// CodeShare is how much of the calls that ended one code took.
type CodeShare struct {
	Code  string  `json:"code"`
	Class Class   `json:"class"`
	Count int64   `json:"count"`
	Share float64 `json:"share"`
}

// CapacityRecord is the directory of a search for capacity as read. Of its probes, which are run directories below Dir, it holds what
// capacity.json has of them. Dir "" stands for a search that has no directory.
type CapacityRecord struct {
	Dir      string
	Capacity Capacity
}
