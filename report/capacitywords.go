package report

import (
	"cmp"
	"strings"

	"axbench/results"
)

// capacityVerdicts are the ends of a search for capacity in words.
var capacityVerdicts = map[results.Verdict]verdictWord{
	results.VerdictPass:          {"FOUND", green, "the highest rate that meets the rules lies in the interval"},
	results.VerdictFail:          {"NOT HELD", red, "not even the lowest rate met the rules"},
	results.VerdictNonconformant: {"NOT CONFORMANT", red, "answers broke the document"},
	results.VerdictInvalid:       {"GENERATOR LIMIT", yellow, "this machine was the limit: the target may hold more than it could send"},
	results.VerdictNoData:        {"INCONCLUSIVE", yellow, "too little was measured to say which rate is held"},
	results.VerdictInterrupted:   {"INTERRUPTED", yellow, "the search was stopped from outside: what follows is what it had until then"},
	results.VerdictPartial:       {"PARTIAL", yellow, "the search is still going on or was killed: what follows is what it had written"},
}

func capacityVerdict(v results.Verdict, esc func(string) string, l language) verdictWord {
	if w, ok := capacityVerdicts[v]; ok {
		return verdictWord{l.t(w.word), w.style, l.t(w.sentence)}
	}
	return verdictWord{cmp.Or(esc(strings.ToUpper(string(v))), l.t("NO VERDICT")), yellow, l.t("a verdict this version does not know")}
}

// limitWord tells a limit: its name, what it means, and what to do about it.
type limitWord struct{ word, meaning, advice string }

var capacityLimits = map[results.Limit]limitWord{
	results.LimitSaturation: {"saturation", "Above this rate latency climbs, or answers fall behind arrivals: the target works at its limit and calls wait in it.",
		"For more, give the target more of what its calls wait for (instances, cores, connections to what it depends on), or make a call cost less. " +
			"Callers that retry add to the load just here."},
	results.LimitThrottle: {"throttling", "The target, or the gateway in front of it, refused calls for their number, not because it could do no more.",
		"For more, have the flow limit of the account raised. Below it, spread calls evenly: such a limit lets a burst pass and holds the mean rate."},
	results.LimitExhaustion: {"exhausted numbers", "The pool had no X number left for a new binding.",
		"For more, add X numbers to the pool, or unbind earlier: axbench capacity pool says how many numbers a rate and a hold time take."},
	results.LimitErrors: {"errors", "Other answers came than the ones asked for, or none at all.",
		"Look at the codes of the probes that missed, and at their evidence: axbench report of the directory of a probe shows the exchanges."},
	results.LimitGenerator: {"the generator", "The target held every rate that this machine could send without being the limit itself: its capacity is higher.",
		"Send from a machine that is faster or less busy; axbench calibrate measures what this one can do."},
	results.LimitCeiling: {"the ceiling of the search", "The target held the highest rate that the search was allowed to try: its capacity may be higher.",
		"Allow a higher rate with --max, and with safety.ceiling where the scenario has one."},
}

// limitOf returns how a limit is told, without a word for none.
func limitOf(limit results.Limit, l language) limitWord {
	if limit == "" {
		return limitWord{}
	}
	if w, ok := capacityLimits[limit]; ok {
		return limitWord{l.t(w.word), l.t(w.meaning), l.t(w.advice)}
	}
	return limitWord{word: l.t("a limit this version does not know")}
}

// capacityStages are the parts of a search.
var capacityStages = map[string]string{"climb": "climb", "narrow": "narrow", "repeat": "repeat", "confirm": "confirm"}

func stageOf(stage string, esc func(string) string, l language) string {
	if w, ok := capacityStages[stage]; ok {
		return l.t(w)
	}
	return esc(stage)
}

// probeWord is what became of a probe, never told by its colour alone.
type probeWord struct {
	word, mark, class string
	style             style
}

var probeWords = []probeWord{
	{"held", "●", "pass", green},
	{"missed", "✕", "fail", red},
	{"cannot tell", "?", "unsure", yellow},
}

// The probes that held, that missed, and that cannot tell.
const (
	probeHeld = iota
	probeMissed
	probeUnsure
)

// probeState is the place in probeWords.
func probeState(p *results.Probe) int {
	switch {
	case p.Pass == nil:
		return probeUnsure
	case *p.Pass:
		return probeHeld
	}
	return probeMissed
}
