package traffic

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Numbers is a stretch of telephone numbers of one length, both ends included.
type Numbers struct{ From, To string }

// String returns FROM-TO, or one number.
func (n Numbers) String() string {
	if n.From == n.To {
		return n.From
	}
	return n.From + "-" + n.To
}

// GuardPlan is what a run would send, as far as the guard has to know it.
type GuardPlan struct {
	Calls int64     // at most, follow-ups included; negative when there is no bound
	Peak  float64   // calls a second at most; 0 in a closed model, which the ceiling bounds
	A, B  []Numbers // every A and B number, those of rows and traces included
	Odd   []string  // values of PhoneNoA and PhoneNoB that are no plain numbers
}

// Guard is what stands between a plan and somebody else's telephone. A foreign target needs all that is here; the emulator and
// loopback need none of it.
type Guard struct {
	Target    string
	AllowHost string    // --allow-host
	Plaintext bool      // --plaintext
	Insecure  bool      // --insecure
	Budget    int64     // calls in all; 0 when not given
	Ceiling   float64   // calls a second; 0 when not given
	A, B      []Numbers // declared
	Plan      GuardPlan
	Keys      GuardKeys // zero: those of a scenario
}

// GuardKeys are the names under which a user gives what the guard asks for.
type GuardKeys struct{ Budget, Ceiling, A, B string }

// keys are the names of a scenario file unless others are given.
func (g Guard) keys() GuardKeys {
	if g.Keys == (GuardKeys{}) {
		return GuardKeys{"safety.budget", "safety.ceiling", "safety.a", "safety.b"}
	}
	return g.Keys
}

// Refused is a run that the guard does not let start: exit code 8.
type Refused struct {
	Endpoint Endpoint
	Missing  []string // each says what is missing and how to give it
}

func (e *Refused) Error() string {
	return fmt.Sprintf("refused to send to %s: %s", e.Endpoint.Host, strings.Join(e.Missing, "; "))
}

// GuardSummary is what is shown before the start.
type GuardSummary struct {
	Endpoint Endpoint
	Foreign  bool
	Lines    []string // for people; empty unless foreign
}

// Check compares the plan with what is allowed. The error is a *UsageError or a *Refused.
func (g Guard) Check() (GuardSummary, error) {
	e, err := ParseTarget(g.Target)
	if err != nil {
		return GuardSummary{}, err
	}
	s := GuardSummary{Endpoint: e, Foreign: !e.Loopback}
	if e.Loopback {
		return s, nil
	}
	missing := g.transport(e)
	missing = append(missing, g.limits()...)
	missing = append(missing, ranges("A", g.keys().A, g.Plan.A, g.A)...)
	missing = append(missing, ranges("B", g.keys().B, g.Plan.B, g.B)...)
	missing = append(missing, g.odd()...)
	if len(missing) > 0 {
		return s, &Refused{Endpoint: e, Missing: missing}
	}
	s.Lines = []string{
		fmt.Sprintf("target   %s (foreign host, allowed by --allow-host)", e),
		fmt.Sprintf("calls    at most %d of a budget of %d", g.Plan.Calls, g.Budget),
		fmt.Sprintf("rate     at most %s/s under a ceiling of %s/s", decimal(min(cmp.Or(g.Plan.Peak, g.Ceiling), g.Ceiling)), decimal(g.Ceiling)),
		"A        " + list(g.A),
		"B        " + list(g.B),
		"bindings every one that is made is unbound at the end",
	}
	return s, nil
}

// CheckHost checks only where calls go and how, for calls that ring nobody: a clean-up unbinds. The error is as Check's.
func (g Guard) CheckHost() (GuardSummary, error) {
	e, err := ParseTarget(g.Target)
	if err != nil {
		return GuardSummary{}, err
	}
	s := GuardSummary{Endpoint: e, Foreign: !e.Loopback}
	if missing := g.transport(e); s.Foreign && len(missing) > 0 {
		return s, &Refused{Endpoint: e, Missing: missing}
	}
	return s, nil
}

// transport checks host and encryption.
func (g Guard) transport(e Endpoint) (missing []string) {
	switch {
	case g.AllowHost == "":
		missing = append(missing, "it is not this machine: allow exactly this host with --allow-host "+e.Host)
	case g.AllowHost != e.Host:
		missing = append(missing, fmt.Sprintf("--allow-host %s is another host: give --allow-host %s", g.AllowHost, e.Host))
	}
	if e.Scheme == "http" && !g.Plaintext {
		missing = append(missing, "numbers and signatures would be sent without encryption: use https, or say --plaintext")
	}
	if g.Insecure {
		missing = append(missing, "--insecure is for loopback only: add the root with --ca FILE")
	}
	return missing
}

// limits checks budget and ceiling.
func (g Guard) limits() (missing []string) {
	p := g.Plan
	switch {
	case g.Budget <= 0 && p.Calls >= 0:
		missing = append(missing, fmt.Sprintf("no budget: this plan makes up to %d calls, give %s", p.Calls, g.keys().Budget))
	case g.Budget <= 0:
		missing = append(missing, "no budget: give "+g.keys().Budget+", the calls in all")
	case p.Calls < 0:
		missing = append(missing, fmt.Sprintf("how many calls this plan makes has no bound, so the budget of %d cannot hold", g.Budget))
	case p.Calls > g.Budget:
		missing = append(missing, fmt.Sprintf("the plan makes up to %d calls, %s is %d", p.Calls, g.keys().Budget, g.Budget))
	}
	switch {
	case math.IsNaN(g.Ceiling) || g.Ceiling <= 0:
		missing = append(missing, "no rate ceiling: give "+g.keys().Ceiling+", calls a second at most")
	case !(p.Peak <= g.Ceiling):
		missing = append(missing, fmt.Sprintf("the plan's peak is %s/s, %s is %s/s", decimal(p.Peak), g.keys().Ceiling, decimal(g.Ceiling)))
	}
	return missing
}

// ranges checks that all planned numbers of one side are declared.
func ranges(side, field string, planned, declared []Numbers) (missing []string) {
	if len(declared) == 0 {
		return []string{fmt.Sprintf("no %s numbers are declared: give the range of telephones that may ring in %s", side, field)}
	}
	for _, d := range declared {
		if !d.valid() {
			return []string{fmt.Sprintf("%s: %s is no range of numbers", field, d)}
		}
	}
	for _, p := range planned {
		if gap := uncovered(p, declared); gap != "" {
			return []string{fmt.Sprintf("%s number %s of the plan (in %s) is outside %s", side, gap, p, field)}
		}
	}
	return nil
}

// odd checks values that are no plain numbers: their digits have to be declared, since the other side may take them for a number.
func (g Guard) odd() []string {
	both := slices.Concat(g.A, g.B)
	for _, value := range g.Plan.Odd {
		digits := digitsOf(decodeAll(glyphsOf([]byte(value))))
		if len(digits) < 3 { // the shortest numbers that ring are of 3 digits
			continue
		}
		if uncovered(Numbers{string(digits), string(digits)}, both) != "" {
			return []string{fmt.Sprintf("the value %q of the plan might ring %s, which is outside %s and %s", value, digits, g.keys().A, g.keys().B)}
		}
	}
	return nil
}

// uncovered returns the first number of p that no declared stretch holds, or "" when all are held. Several stretches may hold
// it together.
func uncovered(p Numbers, declared []Numbers) string {
	if !p.valid() {
		return p.From
	}
	same := slices.DeleteFunc(slices.Clone(declared), func(d Numbers) bool { return len(d.From) != len(p.From) })
	slices.SortFunc(same, func(a, b Numbers) int { return strings.Compare(a.From, b.From) })
	need := p.From
	for _, d := range same {
		switch {
		case d.From > need:
			return need
		case d.To >= p.To:
			return ""
		case d.To >= need:
			need = successor(d.To)
		}
	}
	return need
}

// valid reports whether both ends are digits of one length and in order.
func (n Numbers) valid() bool {
	return n.From != "" && len(n.From) == len(n.To) && n.From <= n.To &&
		strings.Trim(n.From, plainDigits) == "" && strings.Trim(n.To, plainDigits) == ""
}

// successor returns the next number of the same length. There is one: what it is called for lies below another number.
func successor(s string) string {
	b := []byte(s)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i]++; b[i] <= '9' {
			break
		}
		b[i] = '0'
	}
	return string(b)
}

func list(n []Numbers) string {
	const most = 4
	var b strings.Builder
	for i, x := range n {
		if i == most {
			fmt.Fprintf(&b, " and %d more", len(n)-most)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(x.String())
	}
	return b.String()
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
