package results

import "time"

// Schema is the name and version of the format of run.json.
const Schema = "axbench.run/v1"

// Class groups the codes of answers, so that a report can tell who is to be asked about a call.
type Class string

// The classes. Every call that was sent has exactly one.
const (
	ClassOK           Class = "ok"           // the documented success
	ClassBusiness     Class = "business"     // another code of the document, whatever the HTTP status
	ClassGateway      Class = "gateway"      // a code of the gateway in front of the service
	ClassUndocumented Class = "undocumented" // a readable code that no list has
	ClassMalformed    Class = "malformed"    // an answer without a readable code
	ClassTransport    Class = "transport"    // no answer
)

// Classes lists the classes in the order of reports.
var Classes = []Class{ClassOK, ClassBusiness, ClassGateway, ClassUndocumented, ClassMalformed, ClassTransport}

// The codes of class transport, and the one of class malformed: names for calls that brought no code of the target's.
const (
	CodeRefused   = "refused"   // no connection: refused, unreachable, name not found
	CodeReset     = "reset"     // the connection ended before the first byte of an answer
	CodeTimeout   = "timeout"   // the deadline over the whole answer passed
	CodeTLS       = "tls"       // the handshake failed
	CodeFraming   = "framing"   // bytes came that are no honestly framed HTTP answer
	CodeMalformed = "malformed" // an HTTP answer without a readable code
	CodeOther     = "~other"    // undocumented codes beyond those kept by name
)

// FailureCodes are the names of calls that brought no code of the target's.
var FailureCodes = []string{CodeRefused, CodeReset, CodeTimeout, CodeTLS, CodeFraming, CodeMalformed, CodeOther}

// Verdict is the word that a run ends with.
type Verdict string

// The verdicts of run.json.
const (
	VerdictPass          Verdict = "pass"
	VerdictFail          Verdict = "fail"          // an SLO was missed: exit 3
	VerdictNonconformant Verdict = "nonconformant" // a MUST violation or an undocumented code: exit 4
	VerdictWorse         Verdict = "worse"         // a regression against a baseline: exit 5
	VerdictInvalid       Verdict = "invalid"       // the generator was the limit, the plan was not kept: exit 6
	VerdictNoData        Verdict = "no_data"       // nothing measured or too little: exit 7
	VerdictInterrupted   Verdict = "interrupted"   // exit 130 or 143
	VerdictPartial       Verdict = "partial"       // still running, or killed
)

// The models of arrival.
const (
	ModelOpen   = "open"
	ModelClosed = "closed"
	ModelMixed  = "mixed" // of a run with phases of both
)

// Run is run.json: what a run was, what it counted and how it was judged. Times are nanoseconds, rates per second.
type Run struct {
	Schema   string     `json:"schema"`
	Version  string     `json:"version"` // of axbench
	Scenario string     `json:"scenario"`
	Digest   string     `json:"digest"` // SHA-256 over arrivals, operations and parameters in order; the nonce is not in it
	Seed     int64      `json:"seed"`
	Offset   int64      `json:"offset"`
	Model    string     `json:"model"` // "open" or "closed"
	Started  time.Time  `json:"started"`
	Ended    *time.Time `json:"ended"`
	Target   Target     `json:"target"`
	Host     Host       `json:"host"`
	Command  []string   `json:"command,omitempty"` // the arguments that make this run again, the name of the program first

	ExitCode *int     `json:"exit_code"`
	Verdict  Verdict  `json:"verdict"`
	Reasons  []string `json:"reasons"`
	Notes    []string `json:"notes"` // warnings that qualify the numbers

	Totals     Phase       `json:"totals"`
	Phases     []Phase     `json:"phases"`
	FollowUps  Phase       `json:"followups"` // calls that answers led to; planned as they are made
	Violations []Violation `json:"violations"`
	Unique     []Unique    `json:"unique"`
	SLOs       []SLO       `json:"slos"`
	Generator  Generator   `json:"generator"`
	Bindings   Bindings    `json:"bindings"`
	Fleet      *Fleet      `json:"fleet,omitempty"` // of a run that several generators made
}

// Target says where the calls went and how.
type Target struct {
	URL       string `json:"url"` // "emulator" for the embedded one
	Method    string `json:"method"`
	Signature string `json:"signature"`
	Format    string `json:"format"`
	Document  string `json:"document"` // version of the list of codes
	TLS       string `json:"tls,omitempty"`
	Proxy     string `json:"proxy,omitempty"` // host and port only
}

// Host says where the generator ran.
type Host struct {
	OS    string `json:"os"`
	Arch  string `json:"arch"`
	Cores int    `json:"cores"`
	Go    string `json:"go"`
	Clock string `json:"clock"` // how the dispatcher sleeps: "timerfd", or "runtime timer (up to 1 ms late)"
}

// Ledger accounts for every arrival: Planned = Done + Failed + Unfinished + Dropped + NotOffered, to the unit.
type Ledger struct {
	Planned    int64 `json:"planned"`
	Done       int64 `json:"done"`        // a complete, honestly framed HTTP answer was read, whatever it says
	Failed     int64 `json:"failed"`      // none was: refused, reset, timeout, tls, framing
	Unfinished int64 `json:"unfinished"`  // still open after the drain
	Dropped    int64 `json:"dropped"`     // patience ended in the queue
	NotOffered int64 `json:"not_offered"` // never handed out: stopped, circuit open, later than max_late
}

// Phase is the account of one phase, or of all of them (Run.Totals).
type Phase struct {
	Name     string `json:"name"`
	Recorded bool   `json:"recorded"`
	Model    string `json:"model"` // "open" or "closed"
	Shape    string `json:"shape"` // "constant 500/s", as a person would say it
	Ledger
	Sent       int64   `json:"sent"`
	Good       int64   `json:"good"`
	DoneInside int64   `json:"done_inside"` // those of Done that ended inside the phase: rate.done over elapsed_ns
	GoodInside int64   `json:"good_inside"`
	DurationNS int64   `json:"duration_ns"` // as planned; 0 where the plan sets none
	ElapsedNS  int64   `json:"elapsed_ns"`  // as it was, without the drain
	Rate       Rate    `json:"rate"`
	Latency    Latency `json:"latency"`
	Codes      []Code  `json:"codes"`
}

// Rate holds calls per second. Done and Good count this phase's calls that ended inside the phase.
type Rate struct {
	Planned *float64 `json:"planned"` // null in a closed model
	Sent    float64  `json:"sent"`
	Done    float64  `json:"done"`
	Good    float64  `json:"good"`
}

// Latency maps a clock's name to its summary. The names are those of Clocks.
type Latency map[string]Quantiles

// Quantiles summarises one clock in nanoseconds.
type Quantiles struct {
	Count    int64    `json:"count"`
	Min      int64    `json:"min"`
	Mean     float64  `json:"mean"`
	P50      int64    `json:"p50"`
	P90      int64    `json:"p90"`
	P95      int64    `json:"p95"`
	P99      int64    `json:"p99"`
	P999     int64    `json:"p99_9"`
	P9999    int64    `json:"p99_99"`
	Max      int64    `json:"max"`
	Bound    bool     `json:"bound,omitempty"`    // some of the values are lower bounds: to be read "> value"
	Bounds   []string `json:"bounds,omitempty"`   // which: "p99", "max"
	Overflow int64    `json:"overflow,omitempty"` // how many of Count are beyond the histogram's range; such a rank reads Max
}

// Code is the account of one code of a phase.
type Code struct {
	Code       string     `json:"code"`
	Class      Class      `json:"class"`
	Documented bool       `json:"documented"`
	TextZH     string     `json:"text_zh,omitempty"`
	TextEN     string     `json:"text_en,omitempty"`
	HTTPStatus []int      `json:"http_status"` // seen, ascending
	Count      int64      `json:"count"`
	Expected   int64      `json:"expected"` // how many of them the request had asked for
	Share      float64    `json:"share"`    // of the calls that ended: done + failed
	FirstSeen  *time.Time `json:"first_seen"`
	LastSeen   *time.Time `json:"last_seen"`
	Response   Quantiles  `json:"response"`
	Service    Quantiles  `json:"service"`
}

// ClauseUnderLoad is the clause that sums others: an answer that breaks it breaks one of TRN or RSP, which is counted too.
const ClauseUnderLoad = "LOD-1"

// Violation is the account of one clause that answers broke.
type Violation struct {
	Clause        string  `json:"clause"`
	Level         string  `json:"level"`             // MUST, SHOULD, MAY
	Profile       string  `json:"profile,omitempty"` // seed, pop, doc2019, strict; "" is in every profile
	Sentence      string  `json:"sentence"`
	Count         int64   `json:"count"`
	Checked       int64   `json:"checked"`
	Bound99       float64 `json:"bound_99"`       // 4.61/checked where Count is 0, else 0
	FirstEvidence int     `json:"first_evidence"` // line of evidence.ndjson, from 1; 0 for none
}

// Unique states over how many answers an identifier was held against all earlier ones.
type Unique struct {
	What    string `json:"what"`    // "RequestId", "SubsId", "live (X,A) and (X,B)"
	Clause  string `json:"clause"`  // RSP-2, INV-1, INV-2
	Checked int64  `json:"checked"` // "unique over the first n"
	Seen    int64  `json:"seen"`    // "of N"
	Full    bool   `json:"full"`    // the memory set aside was full at Checked
}

// SLO is one rule and what became of it.
type SLO struct {
	Rule   string   `json:"rule"`
	Phase  string   `json:"phase"` // "" for all recorded phases together
	Limit  float64  `json:"limit"`
	Value  *float64 `json:"value"`
	Low    *float64 `json:"low"`  // 95 % confidence interval
	High   *float64 `json:"high"` // nil above when open
	Unit   string   `json:"unit"` // "ns", "share", "per_s", "count"
	Bound  bool     `json:"bound,omitempty"`
	Pass   *bool    `json:"pass"`
	Reason string   `json:"reason,omitempty"` // why Pass is null

	Window    *SLOWindow `json:"window,omitempty"`     // of a rule over windows: Value, Low and High are those of the worst one
	AbortedNS int64      `json:"aborted_ns,omitempty"` // when the rule stopped the run, since its start; 0 if it did not
}

// SLOWindow says what became of the windows of a rule: every stretch of so many whole seconds, one second further each.
type SLOWindow struct {
	Seconds int64 `json:"seconds"`
	Worst   int64 `json:"worst"`  // second in which the worst one that was judged began, since the start of the run
	Judged  int64 `json:"judged"` // how many had enough samples
	Missed  int64 `json:"missed"` // how many of them missed the limit
	Thin    int64 `json:"thin"`   // how many had too few samples, and decide nothing
}

// Generator is the health of the generator itself; of several in Run, the worst of each figure (WorstGenerator).
type Generator struct {
	CPUPerCallUS float64  `json:"cpu_us_per_call"`
	CPUCores     float64  `json:"cpu_cores"`  // mean number of cores that were busy for us
	CPUOthers    float64  `json:"cpu_others"` // and for other processes on the cores that we may use; 0 where nobody knows
	LateP99NS    int64    `json:"late_p99_ns"`
	LateMaxNS    int64    `json:"late_max_ns"`
	StallMaxNS   int64    `json:"stall_max_ns"` // longest time that the dispatcher was away while a recorded phase had calls
	GCPauseMaxNS int64    `json:"gc_pause_max_ns"`
	RSSMaxBytes  int64    `json:"rss_max_bytes"`
	MaxInFlight  int64    `json:"max_in_flight"`
	Limit        int64    `json:"in_flight_limit"`
	LimitDefault int64    `json:"in_flight_default"`  // what the limit is when nobody sets one; 0 in a closed model
	Connections  int64    `json:"connections"`        // opened over the run
	Unopened     int64    `json:"unopened,omitempty"` // connections that this machine had no file, port or memory for
	SkewLowNS    *int64   `json:"clock_skew_low_ns"`  // the server's clock is ahead of ours by at least this, behind if negative; null without a Date
	SkewHighNS   *int64   `json:"clock_skew_high_ns"`
	ClockJumped  bool     `json:"clock_jumped,omitempty"` // no one skew explains all Dates: the bounds are those of the last answers
	Overflow     int64    `json:"overflow"`               // values beyond the histogram's range
	Valid        bool     `json:"valid"`
	Why          []string `json:"why,omitempty"` // why not valid
}

// Bindings counts what the run left behind.
type Bindings struct {
	Created int64 `json:"created"`
	Unbound int64 `json:"unbound"`
	Expired int64 `json:"expired"`
	Unknown int64 `json:"unknown"` // calls without an answer that may have bound
	Left    int64 `json:"left"`
}

// AwayLeast is how late a call would be in the time that Second.AwayNS counts, in nanoseconds.
const AwayLeast = 10_000_000

// Second is one line of timeline.ndjson: what ended in one second of the run in one phase. It is never amended.
type Second struct {
	T          int64            `json:"t"` // second since the start, from 0
	Phase      string           `json:"phase"`
	Planned    int64            `json:"planned"` // due in this second
	Sent       int64            `json:"sent"`
	Done       int64            `json:"done"`
	Good       int64            `json:"good"`
	Failed     int64            `json:"failed"`
	Unfinished int64            `json:"unfinished"` // given up at the end of the drain
	Dropped    int64            `json:"dropped"`
	NotOffered int64            `json:"not_offered"`
	DoneInside int64            `json:"done_inside"` // those of Done before the phase's end
	GoodInside int64            `json:"good_inside"`
	FollowUps  Ledger           `json:"followups,omitzero"` // of this phase's calls
	Classes    map[Class]int64  `json:"classes,omitempty"`
	Codes      map[string]int64 `json:"codes,omitempty"`
	CodeClass  map[string]Class `json:"code_class,omitempty"` // of those codes that run.json does not list from the start
	InFlight   int64            `json:"in_flight"`
	Queued     int64            `json:"queued"` // waiting for a slot at the end of the second
	LateP99NS  int64            `json:"late_p99_ns"`
	LateMaxNS  int64            `json:"late_max_ns"`
	StallMaxNS int64            `json:"stall_max_ns"`      // longest time in it that the dispatcher was away, from 1 ms on
	AwayNS     int64            `json:"away_ns,omitempty"` // how long in it a call that fell due would have been more than AwayLeast late
	RespP50NS  int64            `json:"response_p50_ns"`
	RespP90NS  int64            `json:"response_p90_ns"`
	RespP99NS  int64            `json:"response_p99_ns"`
	RespMaxNS  int64            `json:"response_max_ns"`
	CPU        float64          `json:"cpu"`        // cores busy in this second; the same on every phase's line
	CPUOthers  float64          `json:"cpu_others"` // cores busy for other processes, of those that we may use; likewise
	GCPauseNS  int64            `json:"gc_pause_ns"`
	RSSBytes   int64            `json:"rss_bytes"`
}

// Evidence is one redacted exchange: a line of evidence.ndjson.
type Evidence struct {
	Time       time.Time `json:"time"`
	Phase      string    `json:"phase"`
	Operation  string    `json:"operation"`
	Code       string    `json:"code"`
	Class      Class     `json:"class"`
	Clauses    []string  `json:"clauses,omitempty"` // violated ones
	Detail     string    `json:"detail,omitempty"`  // what was expected and what came, redacted
	Request    string    `json:"request"`
	Answer     string    `json:"answer"` // head and body, cut at 4 KiB
	ResponseNS int64     `json:"response_ns"`
}
