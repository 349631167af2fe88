package conformance

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"axbench/conformance/check"
	"axbench/conformance/client"
	"axbench/conformance/contract"
	"axbench/conformance/traffic"
	"axbench/results"
	"axbench/runner/wire"
)

// Config says what a run of the suite does. Run does not change it.
type Config struct {
	Target      wire.Target
	Host, Path  string                        // of every request
	Describe    results.Target                // as the result has it
	Foreign     bool                          // not this machine: the narrow defaults of the budget are in force
	Credentials map[string]client.Credentials // main, and those that Provision names
	Provision   *Provision                    // nil declares nothing
	Declared    results.Provisioning          // as the result has it

	Profile string           // seed, pop, doc2019 or strict, each with those before it; "" is pop
	Only    []string         // clauses; nil is all
	Edition contract.Edition // of the list of codes
	Seed    int64            // of the numbers' order
	Limit   time.Duration    // for all of it; 0 is 10 minutes
	Wait    time.Duration    // longest that a case may wait for time to pass; 0: cases that would are not run
	Load    Load             // how long and how hard the load phase is
	Version string           // of axbench

	Before []results.Choice                              // of an earlier run, to be compared
	Known  []results.KnownFailure                        // failures that are expected
	Keep   func(*results.Exchange) (line int, err error) // keeps a redacted exchange; nil keeps none
	Note   func(done, all int, name string)              // told of each case before it runs; nil for nobody
	Bound  *traffic.Journal                              // where bindings are noted; nil for nowhere
}

// suite is one run at work. It belongs to the goroutine of Run.
type suite struct {
	cfg         Config
	ctx         context.Context
	started     time.Time
	provision   *Provision
	credentials map[string]client.Credentials
	checker     *check.Checker
	ids         *traffic.Invariants
	redactor    *traffic.Redactor
	replay      *replay   // over what is kept
	resting     []resting // connections that are left alone
	flow        flowStep
	random      *rand.Rand

	pool    *wire.Pool // kept connections
	clauses map[string]*clauseState
	order   []*clauseState // in the catalogue's order
	results []results.CaseResult
	choices []results.Choice
	notes   []string

	zone     *time.Location // of Expiration
	base     baseline
	phones   phoneBook
	bindings bindingBook
	pace     pacer
	codes    codesSeen
	resends  []resend        // for the end of the run
	replayed time.Time       // when they were sent last
	faulty   map[string]bool // calls, by case and words, that something behind the endpoint fails for each time
	calls    int64
	dead     string // why nothing more is sent; "" while all is well
	halves   bool   // an answer began and did not end: there is an endpoint
	silent   int    // calls in a row without an answer
	lost     time.Duration
	harness  error // keeping or noting failed: a fault of ours
}

// Run holds the target against the clauses. An endpoint that misbehaves, or is not there, is data in the result; an error means that the suite
// itself failed, or that cfg is not usable. When ctx ends, what was seen until then is returned.
func Run(ctx context.Context, cfg Config) (*results.Conform, error) {
	s, err := newSuite(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer s.pool.Close()
	limit, stop := context.WithTimeout(ctx, cmp.Or(cfg.Limit, 10*time.Minute))
	defer stop()
	s.ctx = limit
	s.prepare()
	list := allCases()
	for i, c := range list {
		if cfg.Note != nil {
			cfg.Note(i, len(list), c.name)
		}
		if c.wanted(s) {
			s.run(c)
		}
	}
	s.leave()
	return s.result(), s.harness
}

func newSuite(ctx context.Context, cfg Config) (*suite, error) {
	s := &suite{cfg: cfg, ctx: ctx, started: time.Now(), provision: cfg.Provision, credentials: cfg.Credentials, clauses: map[string]*clauseState{}, faulty: map[string]bool{}}
	if s.provision == nil {
		s.provision = &Provision{}
	}
	if s.cfg.Profile == "" {
		s.cfg.Profile = "pop"
	}
	profiles, err := ProfilesOf(s.cfg.Profile)
	if err != nil {
		return nil, err
	}
	if err := s.selectClauses(profiles, cfg.Only); err != nil {
		return nil, err
	}
	var secrets []string
	for _, c := range cfg.Credentials {
		secrets = append(secrets, c.ID, c.Secret, c.Token)
	}
	s.redactor = traffic.NewRedactor(secrets...)
	s.checker = check.NewStrict(cfg.Edition) // clauses outside the profiles are not counted
	s.replay = newReplay(cfg.Edition)
	s.ids = traffic.NewInvariants(cfg.Load.memory(), 0)
	s.random = rand.New(rand.NewPCG(uint64(cfg.Seed), 0xa8b))
	s.pool = wire.NewPool(cfg.Target, wire.Limits{MaxIdle: time.Minute})
	s.zone = contract.Zone
	s.bindings = newBindingBook(s)
	s.pace = pacer{rate: s.rate(), ceiling: s.rate()}
	s.codes = newCodesSeen(cfg.Edition)
	s.phones, err = newPhoneBook(s.provision, cfg.Foreign, s.random)
	return s, err
}

// deadline is how long a complete answer may take (TRN-13).
func (s *suite) deadline() time.Duration { return cmp.Or(s.provision.Target.Deadline, 10*time.Second) }

// rate is how many calls are sent a second at most, 0 for no bound. It stays below a declared flow limit.
func (s *suite) rate() float64 {
	rate := s.provision.Budget.Rate
	if rate == 0 && s.cfg.Foreign {
		rate = 5
	}
	return rate
}

// prepare finds out how a plain bind must look here, before any case relies on it.
func (s *suite) prepare() {
	if zone, ok := s.provision.Zone(); ok {
		s.zone = zone
	}
	s.readClock()
	t := s.trial(&testCase{name: "baseline"})
	s.findBaseline(t)
	s.unbind()
}

// run runs one case, or notes why it does not.
func (s *suite) run(c *testCase) {
	began, calls := time.Now(), s.calls
	t := s.trial(c)
	switch missing := c.missing(s); {
	case missing != "":
		t.result.Skipped = "not declared: " + missing
		t.lacking(missing)
	case s.stopped() != "":
		t.result.Skipped = s.stopped()
		t.unsure(s.stopped(), slices.DeleteFunc(slices.Clone(c.clauses), s.decided)...)
	default:
		t.guarded(c.run)
		s.unbind()
	}
	t.result.Calls, t.result.ElapsedNS = s.calls-calls, int64(time.Since(began))
	s.results = append(s.results, t.result)
}

// decided reports whether a clause is known to be broken by an endpoint of which half of each answer comes: what is not sent to it any more
// would not change that.
func (s *suite) decided(id string) bool {
	st := s.clauses[id]
	return s.halves && st != nil && st.failed > 0
}

// stopped says why nothing more may be sent, "" while all is well.
func (s *suite) stopped() string {
	switch {
	case s.dead != "":
		return s.dead
	case s.ctx.Err() == context.DeadlineExceeded:
		return "the time for the run was over"
	case s.ctx.Err() != nil:
		return "the run was interrupted"
	case s.harness != nil:
		return "the suite could not go on"
	case s.calls >= s.callBudget():
		return "the budget of calls was spent"
	}
	return ""
}

func (s *suite) callBudget() int64 {
	switch b := s.provision.Budget.Calls; {
	case b > 0:
		return b
	case s.cfg.Foreign:
		return 5000
	}
	return 1_000_000
}

// catalogueHash identifies the catalogue that a result was made with.
func catalogueHash() string {
	text, err := json.Marshal(contract.Catalogue)
	if err != nil {
		panic("conformance: the catalogue is data: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// clean takes what must not be seen out of a text from outside.
func (s *suite) clean(text string) string { return strings.TrimSpace(s.redactor.Text([]byte(text))) }
