package results

// GeneratorsDir is the folder in a run directory with one run directory for each generator of several.
const GeneratorsDir = "generators"

// Fleet is the ledger of a run that several generators made: who decided which arrival.
type Fleet struct {
	ID           string `json:"id"`
	Policy       string `json:"on_generator_loss"` // "fail" or "redistribute"
	LeaseNS      int64  `json:"lease_ns"`
	StartBoundNS int64  `json:"start_bound_ns"` // no generator began further than this from the others
	MaxSkewNS    int64  `json:"max_skew_ns"`    // and how far it was allowed to

	Decided int64 `json:"decided"` // arrivals that a generator offered, or was late with and did not on purpose
	Double  int64 `json:"double"`  // arrivals that two decided
	Gaps    []Gap `json:"gaps"`    // arrivals that none did: the not_offered of lost generators, and of stopped ones
	Missing int64 `json:"missing"` // how many these are
	// Unknown counts calls of lost generators that were decided and of which nobody knows how they ended: they are unfinished.
	Unknown int64 `json:"unknown"`
	// Unreported is how many arrivals of lost generators may have been sent beside those that were decided: what fits between
	// two of its reports.
	Unreported int64 `json:"unreported"`

	Allowed    float64 `json:"allowed"` // share of the arrivals that may be missing, from the scenario
	Generators []Part  `json:"generators"`
}

// Gap is a stretch of arrivals of which some were not offered.
type Gap struct {
	From  int64 `json:"from"`           // index of the first
	To    int64 `json:"to"`             // and behind the last
	Count int64 `json:"count"`          // how many of them were not
	Slot  *int  `json:"slot,omitempty"` // whose they were; null for those of several
}

// PartState says how a generator's part ended.
type PartState string

// The states.
const (
	PartEnded PartState = "ended" // with its plan, or with the run
	PartLeft  PartState = "left"  // it asked to be relieved, and was
	PartLost  PartState = "lost"  // it was given up
)

// Part is what one generator did.
type Part struct {
	Slot     int       `json:"slot"`
	Weight   int       `json:"weight"`
	Host     string    `json:"host"` // "" when nobody took the slot
	PID      int       `json:"pid"`
	Machine  Host      `json:"machine"`
	State    PartState `json:"state"`
	Why      string    `json:"why,omitempty"` // it was given up, or stopped by itself
	OffsetNS int64     `json:"offset_ns"`     // its clock is ahead of the controller's by this
	RTTNS    int64     `json:"rtt_ns"`        // of the exchange that says so

	Ledger               // of the arrivals that are its own by the division
	Sent       int64     `json:"sent"`
	Decided    int64     `json:"decided"`
	Withheld   int64     `json:"withheld"`   // fell due while it had no permission to send
	Windows    int64     `json:"windows"`    // reports that came
	Late       int64     `json:"late"`       // of them, when it had been given up
	Unreported int64     `json:"unreported"` // of a lost one: what it may have sent beside what it decided
	Generator  Generator `json:"generator"`
}
