package conformance

import (
	"fmt"
	"slices"

	"axbench/conformance/contract"
)

// testCase is one experiment: calls, and what their answers say of some clauses. Cases are data in the files cases_*.go; they
// run one after another, in the order of cases, on one goroutine.
type testCase struct {
	name    string   // "prm-a/malformed": chapter and subject, once in the suite
	clauses []string // all that it can say something of; none for open choices
	needs   []need   // without which it does not run
	run     func(t *trial)
}

// need is a precondition that a declaration meets. It returns what would have to be declared, "" when it is there.
type need func(s *suite) string

// needPool wants a pool to be declared under a name.
func needPool(name string) need {
	return func(s *suite) string {
		if s.provision.Pool(name) != nil {
			return ""
		}
		return "pools." + name
	}
}

// needNumbers wants the X numbers of a pool to be declared.
func needNumbers(name string) need {
	return func(s *suite) string {
		if p := s.provision.Pool(name); p != nil && len(p.Numbers) > 0 {
			return ""
		}
		return "pools." + name + ".numbers"
	}
}

// needEmptyCity wants a city to be declared of which a pool has no number.
func needEmptyCity(name string) need {
	return func(s *suite) string {
		if p := s.provision.Pool(name); p != nil && p.EmptyCity != "" {
			return ""
		}
		return "pools." + name + ".empty_city"
	}
}

// needCredential wants a key pair to be declared under a name.
func needCredential(name string) need {
	return func(s *suite) string {
		if _, ok := s.credentials[name]; ok {
			return ""
		}
		return "credentials." + name
	}
}

// The needs that have no argument.
var (
	needDetail need = func(s *suite) string {
		if s.provision.Query.SubscriptionDetail {
			return ""
		}
		return "query.subscription_detail"
	}
	needUnbind need = func(s *suite) string {
		if s.provision.Query.Unbind {
			return ""
		}
		return "query.unbind"
	}
	needReceipts need = func(s *suite) string {
		if s.provision.Channels.Receipts != "" {
			return ""
		}
		return "channels.receipts"
	}
	needFlowLimit need = func(s *suite) string {
		if s.provision.Target.FlowLimitRPS > 0 {
			return ""
		}
		return "target.flow_limit_rps"
	}
)

// cases are all cases in the order in which they run: what later ones rely on comes first.
var cases = slices.Concat(
	transportCases,
	accountCases,
	signatureCases,
	poolCases,
	phoneCases,
	numberCases,
	cityCases,
	expirationCases,
	optionCases,
	invariantCases,
	codeCases,
	choiceCases,
)

// CaseInfo describes a case for a listing.
type CaseInfo struct {
	Name    string
	Clauses []string
}

// Cases lists the cases of the suite in the order in which they run, the load phase and the replays at the end included.
func Cases() []CaseInfo {
	var list []CaseInfo
	for _, c := range allCases() {
		list = append(list, CaseInfo{c.name, slices.Clone(c.clauses)})
	}
	return list
}

// allCases are the cases, then those under load, then those that come back at the end, and last those that wait for time to pass.
func allCases() []*testCase {
	var list []*testCase
	for _, group := range [][]testCase{cases, loadCases, lateCases, expiryCases} {
		for i := range group {
			list = append(list, &group[i])
		}
	}
	return list
}

// missing says what a case lacks, "" for nothing.
func (c *testCase) missing(s *suite) string {
	for _, n := range c.needs {
		if what := n(s); what != "" {
			return what
		}
	}
	return ""
}

// wanted reports whether a case can say something of the clauses that a run is about. One without clauses finds out which way open
// choices went: a run about single clauses does not ask.
func (c *testCase) wanted(s *suite) bool {
	if len(c.clauses) == 0 {
		return len(s.cfg.Only) == 0
	}
	return slices.ContainsFunc(c.clauses, func(id string) bool { return s.clauses[id] != nil })
}

// profileOrder are the profiles from the narrowest to the widest: each holds those before it.
var profileOrder = []string{"seed", "pop", "doc2019", "strict"}

// ProfilesOf returns a profile and those that it holds.
func ProfilesOf(profile string) ([]string, error) {
	i := slices.Index(profileOrder, profile)
	if i < 0 {
		return nil, fmt.Errorf("unknown profile %q, accepted: seed, pop, doc2019, strict", profile)
	}
	return slices.Clone(profileOrder[:i+1]), nil
}

// decides reports whether a clause counts for the headline: a decision of this project outside the profile seed never does.
func decides(c *contract.Clause) bool { return c.Source != "project" || c.Profile == "seed" }
