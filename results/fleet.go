package results

import (
	"fmt"
	"path/filepath"
	"strconv"
)

// GeneratorsDir is the folder in a run directory with one run directory for each generator of several, named by slot.
const GeneratorsDir = "generators"

// Fleet is the ledger of a run that several generators made: who decided which arrival. What a run of one generator has no place for
// stands here; everything else of run.json is of all of them together, and each has a directory of its own (Record.Generator).
//
// An arrival is decided once a generator has offered it, or was too late with it and did not on purpose. Every arrival of the
// plan is decided by one generator, or it is missing, or else two decided it, which must never be.
type Fleet struct {
	ID           string `json:"id"`                // of the run on its bus
	Policy       string `json:"on_generator_loss"` // "fail" or "redistribute"
	LeaseNS      int64  `json:"lease_ns"`          // how long a generator may send without its reports being taken
	StartBoundNS int64  `json:"start_bound_ns"`    // no generator began further than this from the others
	MaxSkewNS    int64  `json:"max_skew_ns"`       // and how far it was allowed to

	Decided int64 `json:"decided"` // arrivals that a generator offered, or was late with and did not on purpose
	Double  int64 `json:"double"`  // arrivals that two decided
	Gaps    []Gap `json:"gaps"`    // arrivals that none did: the not_offered of lost generators, and of stopped ones
	Missing int64 `json:"missing"` // how many these are
	// Unknown counts calls of lost generators that were decided and of which nobody knows how they ended: they are unfinished.
	Unknown int64 `json:"unknown"`
	// Unreported is how many arrivals of lost generators may have been sent beside those that were decided, at most: what fits between the
	// last report that came and the end of a permission to send. They are among the missing ones.
	Unreported int64 `json:"unreported"`

	Allowed    float64 `json:"allowed"`    // share of the arrivals that may be missing or of unknown end, from the scenario
	Generators []Part  `json:"generators"` // by slot
}

// The policies: what becomes of a run that loses a generator.
const (
	LossFail         = "fail"         // it ends
	LossRedistribute = "redistribute" // the others take over what the lost one still had to do
)

// Gap is a stretch of arrivals of which some were not offered.
type Gap struct {
	From  int64 `json:"from"`           // index of the first
	To    int64 `json:"to"`             // and behind the last
	Count int64 `json:"count"`          // how many of them were not
	Slot  *int  `json:"slot,omitempty"` // whose they were; null for those of several
}

// PartState says how a generator's part ended.
type PartState string

// The states. While a run goes on a part has none.
const (
	PartEnded PartState = "ended" // with its plan, or with the run
	PartLeft  PartState = "left"  // it asked to be relieved, and was
	PartLost  PartState = "lost"  // it was given up
)

// Part is what one generator did.
type Part struct {
	Slot     int       `json:"slot"`   // from 0: people call it generator 0
	Weight   int       `json:"weight"` // its share of the plan is this of the sum of all
	Host     string    `json:"host"`   // escaped; "" when nobody took the slot
	PID      int       `json:"pid"`
	Machine  Host      `json:"machine"`
	State    PartState `json:"state"`
	Why      string    `json:"why,omitempty"` // it was given up; it left; it stopped by itself, or what it reported cannot all be read
	OffsetNS int64     `json:"offset_ns"`     // its clock is ahead of the controller's by this
	RTTNS    int64     `json:"rtt_ns"`        // of the exchange that says so: the offset is right to half of it

	Ledger               // of the arrivals that are its own by the division
	Sent       int64     `json:"sent"`
	Decided    int64     `json:"decided"`
	Withheld   int64     `json:"withheld"`   // fell due while it had no permission to send
	Windows    int64     `json:"windows"`    // reports that came
	Late       int64     `json:"late"`       // of them, when it had been given up
	Unreported int64     `json:"unreported"` // of a lost one: what it may have sent beside what it decided
	Generator  Generator `json:"generator"`  // its own health; valid and why are of its own gate
}

// ID is how sentences call a generator, behind that word: "2 (load-3)". The host is not escaped anew.
func (p *Part) ID() string {
	if p.Host == "" {
		return strconv.Itoa(p.Slot)
	}
	return fmt.Sprintf("%d (%s)", p.Slot, p.Host)
}

// Weights is the sum of the weights of all generators.
func (f *Fleet) Weights() (sum int64) {
	for i := range f.Generators {
		sum += int64(max(0, f.Generators[i].Weight))
	}
	return sum
}

// Within tells whether n calls are as many as the scenario allows to be missing of so many planned.
func (f *Fleet) Within(n, planned int64) bool {
	return n <= 0 || float64(n) <= f.Allowed*float64(planned)
}

// GeneratorDir returns the run directory of one generator of several.
func GeneratorDir(dir string, slot int) string {
	return filepath.Join(dir, GeneratorsDir, strconv.Itoa(slot))
}

// Generator reads the run directory of one generator of several, as Open does.
func (r *Record) Generator(slot int) (*Record, error) { return Open(GeneratorDir(r.Dir, slot)) }
