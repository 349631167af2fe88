package results

import "time"

// ConformSchema is the name and version of the format of conform.json.
const ConformSchema = "axbench.conform/v1"

// The files of a conformance run's directory, beside evidence.ndjson.
const (
	ConformFile = "conform.json"
	ProfileFile = "profile.json"
	BundleDir   = "bundle"
)

// ClauseWord is what became of one clause, or what one observation says.
type ClauseWord string

// The verdicts on clauses.
const (
	ClausePass          ClauseWord = "PASS"           // at least one observation that could have failed, and none did
	ClauseFail          ClauseWord = "FAIL"           // a MUST is broken
	ClauseWarn          ClauseWord = "WARN"           // a SHOULD is broken, or an accepted second-best answer came
	ClauseInfo          ClauseWord = "INFO"           // which way an open choice went
	ClauseNotProvoked   ClauseWord = "NOT_PROVOKED"   // nothing was observed that could have failed
	ClauseNotApplicable ClauseWord = "NOT_APPLICABLE" // declared so, with a reason
	ClauseInconclusive  ClauseWord = "INCONCLUSIVE"   // no answer, budget spent, or a precondition did not come about
	ClauseError         ClauseWord = "ERROR"          // a fault of the suite
)

// ClauseWords lists the verdicts in the order of reports.
var ClauseWords = []ClauseWord{ClauseFail, ClauseError, ClauseWarn, ClauseInconclusive, ClauseNotProvoked, ClauseNotApplicable, ClauseInfo, ClausePass}

// The headlines of a conformance run. That of an incomplete one is followed by how many MUST clauses were not provoked.
const (
	HeadlineConformant    = "conformant"
	HeadlineNotConformant = "not conformant"
	HeadlineIncomplete    = "no failure found, incomplete"
	HeadlineInconclusive  = "inconclusive"
)

// Conform is conform.json: what a conformance run saw of an endpoint and what follows for every clause.
type Conform struct {
	Schema    string     `json:"schema"`
	Version   string     `json:"version"` // of axbench
	Started   time.Time  `json:"started"`
	ElapsedNS int64      `json:"elapsed_ns"`
	Seed      int64      `json:"seed"` // of the order and of numbers
	Target    Target     `json:"target"`
	Headline  string     `json:"headline"`
	ExitCode  int        `json:"exit_code"`         // of the verdicts; an interrupted command ends with 130 or 143 all the same
	Partial   bool       `json:"partial,omitempty"` // the run is still going on, or was killed
	Reasons   []string   `json:"reasons"`           // for the headline, in sentences
	Notes     []string   `json:"notes"`             // what qualifies the verdicts
	Profile   string     `json:"profile"`           // the widest of Profiles
	Profiles  []string   `json:"profiles"`
	Only      []string   `json:"only,omitempty"` // clauses asked for; empty is all
	Counts    WordCounts `json:"counts"`
	Codes     CodesSeen  `json:"codes"`

	Clauses []ClauseResult `json:"clauses"` // those of the profiles, in the order of the catalogue
	Cases   []CaseResult   `json:"cases"`
	Choices []Choice       `json:"choices"`
	Changed []ChoiceChange `json:"changed"` // against an earlier profile.json
	Unique  []Unique       `json:"unique"`
	Known   []KnownFailure `json:"known"` // of the known-failures file

	Calls        int64        `json:"calls"`
	Bindings     Bindings     `json:"bindings"`
	Provisioning Provisioning `json:"provisioning"`
	Catalogue    string       `json:"catalogue_sha256"`
}

// WordCounts says how many clauses have each verdict. Every word of ClauseWords is in it.
type WordCounts map[ClauseWord]int

// CodesSeen says how many of the document's codes came, and how many came when they were provoked.
type CodesSeen struct {
	Of       int      `json:"of"`
	Observed int      `json:"observed"`
	Provoked int      `json:"provoked"`
	Missing  []string `json:"missing"` // never observed
}

// ClauseResult is one clause and what became of it.
type ClauseResult struct {
	ID       string     `json:"id"`
	Chapter  string     `json:"chapter"`
	Level    string     `json:"level"`   // MUST, SHOULD, MAY
	Profile  string     `json:"profile"` // that it is of
	Source   string     `json:"source"`
	Sentence string     `json:"sentence"`
	Check    string     `json:"check"`
	Note     string     `json:"note,omitempty"`
	Needs    string     `json:"needs"` // P0 to P6
	Verdict  ClauseWord `json:"verdict"`
	Decides  bool       `json:"decides"`          // whether it counts for the headline
	Reason   string     `json:"reason,omitempty"` // of a verdict that is not PASS, in a sentence
	Known    string     `json:"known,omitempty"`  // why its failure is expected

	Checked int64   `json:"checked"` // observations and answers that could have failed
	Failed  int64   `json:"failed"`
	Bound99 float64 `json:"bound_99,omitempty"` // 4.61/checked where none of the answers under a continuous check failed

	Observations []Observation `json:"observations"`
	Evidence     []int         `json:"evidence"` // lines of evidence.ndjson, from 1: failing ones first
}

// Observation is one thing seen that bears on a clause. Text is redacted.
type Observation struct {
	Case     string     `json:"case"`
	Verdict  ClauseWord `json:"verdict"`
	Sent     string     `json:"sent"`               // what was done, in a few words
	Expected string     `json:"expected,omitempty"` // in words
	Got      string     `json:"got,omitempty"`
	Pass     []string   `json:"pass,omitempty"`     // codes and patterns that pass, where the code decides
	Warn     []string   `json:"warn,omitempty"`     // that are accepted second best
	Skip     []string   `json:"skip,omitempty"`     // that say that nothing was provoked
	Times    int        `json:"times"`              // how often it was seen the same
	Evidence int        `json:"evidence,omitempty"` // line of evidence.ndjson, from 1; 0 for none
}

// CaseResult is one case of the suite that ran, or the reason why it did not.
type CaseResult struct {
	Name      string   `json:"name"`
	Clauses   []string `json:"clauses"`
	Calls     int64    `json:"calls"`
	ElapsedNS int64    `json:"elapsed_ns"`
	Skipped   string   `json:"skipped,omitempty"` // why it did not run
}

// Choice is which way an endpoint went where the document leaves it open.
type Choice struct {
	ID     string `json:"id"`     // "same_pair"
	Text   string `json:"text"`   // the question
	Value  string `json:"value"`  // the way; "unknown" when no probe told
	Detail string `json:"detail"` // what was seen
}

// ChoiceChange is a choice that went another way than in an earlier run.
type ChoiceChange struct {
	ID     string `json:"id"`
	Before string `json:"before"`
	Now    string `json:"now"`
}

// KnownFailure is an entry of the known-failures file and what became of it.
type KnownFailure struct {
	Clause  string `json:"clause"`
	Reason  string `json:"reason"`
	Expires string `json:"expires"`           // yyyy-mm-dd, the last day it holds
	Problem string `json:"problem,omitempty"` // "no longer fails", "expired": then it is a failure itself
}

// Provisioning says what was declared of the endpoint. It holds no secret.
type Provisioning struct {
	File         string            `json:"file"`   // "" when nothing was declared
	SHA256       string            `json:"sha256"` // of the file's bytes
	Credentials  []string          `json:"credentials"`
	Pools        []string          `json:"pools"`
	Unprovocable map[string]string `json:"unprovocable"` // code → reason
	Query        bool              `json:"query"`
	Unbind       bool              `json:"unbind"`
	Clock        bool              `json:"clock"`
	Receipts     bool              `json:"receipts"`
}

// Exchange is one call of a conformance run and its answer: a line of evidence.ndjson. All of it is redacted, telephone
// numbers one to one, so that whatever needs no signature can be checked again from it. Evidence.Answer is empty unless
// Cut: Head and Body are the answer.
type Exchange struct {
	Evidence
	Line      int    `json:"line"` // its own, from 1
	Case      string `json:"case"`
	Format    string `json:"format"` // asked for: JSON or XML
	A         string `json:"a,omitempty"`
	B         string `json:"b,omitempty"`
	X         string `json:"x,omitempty"`
	SubsID    string `json:"subs_id,omitempty"`
	Failure   string `json:"failure,omitempty"` // why there is no answer: refused, reset, timeout, tls, framing
	Extra     bool   `json:"extra,omitempty"`   // bytes followed the answer
	Status    int    `json:"status"`
	Head      []byte `json:"head"`             // of the answer, redacted and not escaped
	Body      []byte `json:"body"`             // likewise
	Checked   string `json:"checked"`          // clauses that this answer could have broken, once for each check, joined by a space
	Broken    string `json:"broken,omitempty"` // clauses that it broke, by itself or against those before it, likewise
	Hidden    string `json:"hidden,omitempty"` // of both, those of which what redaction left shows something else; "Code" for that
	Cut       bool   `json:"cut,omitempty"`
	RequestID string `json:"request_id,omitempty"`

	// What the account of bindings needs (INV-1, INV-2).
	Judged time.Time `json:"judged,omitzero"` // when the answer was judged, by the endpoint's clock
	Until  time.Time `json:"until,omitzero"`  // when a binding that this call makes ends
	Ends   bool      `json:"ends,omitempty"`  // with this call the binding SubsID is no longer counted as alive
}
