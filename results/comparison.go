package results

import "time"

// ComparisonSchema is the name and version of the format of compare.json.
const ComparisonSchema = "axbench.compare/v1"

// ComparisonFile is where a run that was held against a baseline keeps the comparison, in its directory.
const ComparisonFile = "compare.json"

// Change is what became of something between the baseline and the new runs.
type Change string

// The changes. A figure that is shown and never judged has none.
const (
	ChangeBetter       Change = "better"
	ChangeSame         Change = "same"         // shown to differ by no more than the minimum effect
	ChangeWorse        Change = "worse"        // exit 5
	ChangeInconclusive Change = "inconclusive" // too little was measured to tell
)

// Comparison is what one side of runs, the baseline, and another, the new one, come to when they are held against each other.
type Comparison struct {
	Schema   string `json:"schema"`
	Version  string `json:"version"` // of axbench that compared
	Scenario string `json:"scenario"`

	Verdict  Change   `json:"verdict"`
	ExitCode int      `json:"exit_code"`
	Reasons  []string `json:"reasons"` // the deciding ones first
	Notes    []string `json:"notes"`   // what qualifies the figures

	Base        []ComparedRun  `json:"base"`
	New         []ComparedRun  `json:"new"`
	Differences []Difference   `json:"differences"` // of what was run, where and with what
	Level       float64        `json:"level"`       // the chance that anything reads worse where nothing changed, at most
	Judged      int            `json:"judged"`      // how many metrics share it
	Metrics     []MetricChange `json:"metrics"`
	Codes       []CodeChange   `json:"codes"`   // that appeared or vanished
	Clauses     []ClauseChange `json:"clauses"` // that broke or hold again
	Generator   []OwnFigure    `json:"generator"`
}

// ComparedRun names one run of a side.
type ComparedRun struct {
	Dir      string    `json:"dir"`
	Started  time.Time `json:"started"`
	Version  string    `json:"version"`
	Target   string    `json:"target"`
	Seed     int64     `json:"seed"`
	Digest   string    `json:"digest"`
	Verdict  Verdict   `json:"verdict"`
	ExitCode *int      `json:"exit_code"`
	Planned  int64     `json:"planned"` // calls of the recorded phases that were compared
	Seconds  float64   `json:"seconds"` // of them
}

// Difference is something in which the runs are unlike.
type Difference struct {
	What    string `json:"what"`
	Base    string `json:"base"`
	New     string `json:"new"`
	Decides bool   `json:"decides"` // such runs are not compared unless that is asked for
}

// MetricChange is one figure on both sides. Base, New, Delta, Low, High and MinEffect are in Unit (UnitNS and so on of package judge:
// ns, share, per_s), Relative is Delta of Base. Where a side has no value, or one that is no more than a lower bound, Delta and
// Relative are null; Low or High is null where the interval is open.
type MetricChange struct {
	Name      string   `json:"name"`
	Phase     string   `json:"phase"` // "" for all recorded phases together
	Unit      string   `json:"unit"`
	Main      bool     `json:"main"` // decides whether the comparison is conclusive
	Base      *float64 `json:"base"`
	New       *float64 `json:"new"`
	BaseBound bool     `json:"base_bound,omitempty"` // to be read "> base"
	NewBound  bool     `json:"new_bound,omitempty"`
	Delta     *float64 `json:"delta"` // new - base
	Relative  *float64 `json:"relative"`
	Low       *float64 `json:"low"` // of Delta, at the level that all metrics share: decides better and worse
	High      *float64 `json:"high"`
	Low95     *float64 `json:"low_95"` // of Delta, at 95 %: decides same
	High95    *float64 `json:"high_95"`
	MinEffect float64  `json:"min_effect"`
	Samples   []int64  `json:"samples"`     // calls on either side
	Spread    float64  `json:"dispersion"`  // how many times the variance of independent calls was found, at least 1
	Block     int64    `json:"block"`       // seconds that were taken as one, for their autocorrelation
	Verdict   Change   `json:"verdict"`     // of four words
	Reason    string   `json:"reason"`      // why this word
	Method    string   `json:"method"`      // how the interval was found
	NotWorse  bool     `json:"not_worse"`   // a worsening by the minimum effect is excluded at 95 %
	Needs     float64  `json:"needs_times"` // how many times as much it takes to tell, where inconclusive; 0 where nobody knows
}

// CodeChange is a code that came on one side only. Counts are of all phases and follow-up calls, warm-up included.
type CodeChange struct {
	Code        string  `json:"code"`
	Class       Class   `json:"class"`
	Documented  bool    `json:"documented"`
	Appeared    bool    `json:"appeared"` // else it vanished
	Base        int64   `json:"base"`
	BaseOf      int64   `json:"base_of"` // calls that ended
	New         int64   `json:"new"`
	NewOf       int64   `json:"new_of"`
	P           float64 `json:"p"`           // the chance of a change as large as that where the share did not change
	Significant bool    `json:"significant"` // P is below 1 %
	Verdict     Change  `json:"verdict,omitempty"`
	Reason      string  `json:"reason"`
}

// ClauseChange is a clause that answers of one side only broke.
type ClauseChange struct {
	Clause      string `json:"clause"`
	Level       string `json:"level"`
	Profile     string `json:"profile,omitempty"`
	Sentence    string `json:"sentence"`
	Broken      bool   `json:"broken"` // by new answers; else it holds again
	Base        int64  `json:"base"`
	BaseChecked int64  `json:"base_checked"`
	New         int64  `json:"new"`
	NewChecked  int64  `json:"new_checked"`
	Verdict     Change `json:"verdict,omitempty"`
	Reason      string `json:"reason"`
}

// OwnFigure is one of the generator's own: shown, never judged.
type OwnFigure struct {
	Name string  `json:"name"` // as in Generator
	Unit string  `json:"unit"` // us, cores, ns, count
	Base float64 `json:"base"`
	New  float64 `json:"new"`
}
