package report

import (
	"cmp"
	"slices"
	"strings"

	"axbench/results"
)

// wordView is how a verdict is shown: never by its colour alone.
type wordView struct {
	Word    string // as it stands in conform.json
	Label   string // in the language of the report
	Mark    string // a shape, one cell wide
	Class   string // of the style in HTML
	Meaning string
	style   style
}

var conformWords = []wordView{
	{"FAIL", "FAIL", "✕", "fail", "a MUST is broken", red},
	{"ERROR", "ERROR", "◆", "error", "a fault of the suite: nothing is known", red},
	{"WARN", "WARN", "▲", "warn", "a SHOULD is broken, or an accepted second-best answer came", yellow},
	{"INCONCLUSIVE", "INCONCLUSIVE", "?", "unsure", "no answer, budget spent, or a precondition did not come about", yellow},
	{"NOT_PROVOKED", "NOT_PROVOKED", "○", "unseen", "nothing was seen that could have broken it", yellow},
	{"NOT_APPLICABLE", "NOT_APPLICABLE", "–", "na", "declared so, with a reason", dim},
	{"INFO", "INFO", "i", "info", "which way it went where the document leaves it open", normal},
	{"PASS", "PASS", "✓", "pass", "it could have failed and did not", green},
}

// wordOf returns how a verdict is shown. What is no verdict is shown as it came, escaped, and ranks first.
func wordOf(v results.ClauseWord, esc func(string) string) wordView { return wordIn(v, esc, english) }

// wordIn is wordOf in a language.
func wordIn(v results.ClauseWord, esc func(string) string, l language) wordView {
	for _, w := range conformWords {
		if w.Word == string(v) {
			w.Label, w.Meaning = l.t(w.Word), l.t(w.Meaning)
			return w
		}
	}
	word := cmp.Or(esc(string(v)), l.t("NO VERDICT"))
	return wordView{Word: word, Label: word, Mark: "!", Class: "unknown", Meaning: l.t("a verdict this version does not know"), style: red}
}

// rank orders verdicts, the gravest first.
func rank(v results.ClauseWord) int { return slices.Index(results.ClauseWords, v) }

// The chapters of the catalogue in the order of reports.
var conformChapters = []struct{ id, title string }{
	{"ACC", "Account and credential"},
	{"TRN", "Transport"},
	{"SIG", "Signature"},
	{"PRM", "Request parameters"},
	{"RSP", "Response fields"},
	{"INV", "Invariants over many answers"},
	{"LOD", "Under load"},
	{"COD", "The 23 codes"},
}

// conformNeeds says what it takes to provoke a clause of each class, and which entries of a provisioning file open it.
var conformNeeds = []struct{ id, takes, declare string }{
	{"P0", "a URL, one credential, one pool and a few binds",
		"nothing: the endpoint answered something else before it came to this, or the run did not get there"},
	{"P1", "free numbers, or a higher rate of calls", "budget.bindings and budget.rate for more of them, target.flow_limit_rps, pools.small with its size"},
	{"P2", "facts about the pools: their numbers, cities and sizes",
		"pools.main with size, numbers by city and empty_city; pools.second, pools.small and pools.strict likewise"},
	{"P3", "accounts or keys in special states",
		"credentials.second_of_main_account, .other_account, .inactive, .unverified; pools.foreign; codes.CODE: {credential: NAME}"},
	{"P4", "a fault behind the endpoint, or a trigger for it",
		"codes.CODE with a trigger: phone_a, phone_x, out_id or header; or codes.CODE: {unprovocable: \"why\"}"},
	{"P5", "waiting, or a clock that can be moved", "channels.clock, or time to wait"},
	{"P6", "a second channel", "query.subscription_detail, query.unbind, channels.receipts"},
}

// headline is how the end of a conformance run is shown and said.
type headline struct{ tone, sentence string }

// headlineOf tells the tone of a headline: good, bad or open. What is not known for good is open.
func headlineOf(c *results.Conform) headline {
	switch {
	case c.Partial:
		return headline{"open", "the run is still going on or was killed: nothing was judged"}
	case c.Headline == results.HeadlineConformant:
		return headline{"good", "every MUST clause of the profile was provoked and held"}
	case c.Headline == results.HeadlineNotConformant:
		return headline{"bad", "the endpoint broke what the document says"}
	case strings.HasPrefix(c.Headline, results.HeadlineIncomplete):
		return headline{"open", "nothing that was tested failed, but not everything was tested"}
	case c.Headline == results.HeadlineInconclusive:
		return headline{"open", "what was seen does not suffice for a verdict"}
	}
	return headline{"open", "a headline this version does not know"}
}

// toneStyle is the colour of a headline on a terminal.
func toneStyle(tone string) style {
	switch tone {
	case "good":
		return green
	case "bad":
		return red
	}
	return yellow
}

// shellQuote makes s one word of a shell's command line, which is seen to be no flag.
func shellQuote(s string) string {
	if strings.HasPrefix(s, "-") {
		return quoted(s)
	}
	return shellWord(s)
}

// shellWord makes s one word of a shell's command line, quoted only where it has to be.
func shellWord(s string) string {
	special := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_./:@%+=,-", r))
	}
	if s == "" || strings.ContainsFunc(s, special) {
		return quoted(s)
	}
	return s
}

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// repeatCommand is the command that runs one clause again, in parts that hold together. Credentials come from where they came
// from before, and a host that is not this machine has to be allowed again by hand: a report never does that for its reader.
func repeatCommand(c *results.Conform, clause string) []string {
	parts := []string{"axbench conform", "--target " + shellQuote(c.Target.URL), "--only " + shellQuote(clause)}
	if c.Profile != "" {
		parts = append(parts, "--profile "+shellQuote(c.Profile))
	}
	if c.Provisioning.File != "" {
		parts = append(parts, "--provision "+shellQuote(c.Provisioning.File))
	}
	return parts
}
