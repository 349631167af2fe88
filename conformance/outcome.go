package conformance

import (
	"slices"
	"strings"

	"axbench/conformance/contract"
	"axbench/results"
)

// outcomes is the ordered table of what may come of a request that must be refused: the first list that has the code decides.
// What is in none of them is wrong: another documented code, an undocumented one, and OK above all.
type outcomes struct {
	pass []string // codes and patterns
	warn []string // accepted second best
	skip []string // says that the fault was not provoked
	text string   // for people, where the list of the right codes is long
}

// Patterns of outcomes beside the names of codes and names that end in "*".
const (
	anyGateway  = "gateway"  // any code of the gateway
	anyBusiness = "business" // any documented code of the service but OK and the provider's (isp.)
	anyRefusal  = "refusal"  // any documented code but OK
	anyOther    = "other"    // a code that nothing documents: RSP-5 is broken, but the call was refused

	anyButProviders = "no isp" // any code that does not say that the fault is the provider's
)

// must is the table of one right code, those that are accepted beside it, and nothing else.
func must(code string, warn ...string) outcomes { return outcomes{pass: []string{code}, warn: warn} }

// oneOf is the table of several right codes.
func oneOf(pass ...string) outcomes { return outcomes{pass: pass} }

func (o outcomes) orWarn(codes ...string) outcomes {
	o.warn = append(o.warn[:len(o.warn):len(o.warn)], codes...)
	return o
}
func (o outcomes) orSkip(codes ...string) outcomes {
	o.skip = append(o.skip[:len(o.skip):len(o.skip)], codes...)
	return o
}

// worded gives the table a text for people.
func (o outcomes) worded(text string) outcomes { o.text = text; return o }

// word is what a readable code says under the table: PASS, WARN, NOT_PROVOKED or FAIL.
func (o outcomes) word(name string, known *contract.Code) results.ClauseWord {
	for _, row := range []struct {
		list []string
		word results.ClauseWord
	}{{o.pass, results.ClausePass}, {o.warn, results.ClauseWarn}, {o.skip, results.ClauseNotProvoked}} {
		for _, pattern := range row.list {
			if matches(pattern, name, known) {
				return row.word
			}
		}
	}
	return results.ClauseFail
}

// of is what an answer says under the table: an accepted call, whatever the spelling of OK (that is RSP-4's), passes only where OK
// is right.
func (o outcomes) of(name string, known *contract.Code, ok bool) results.ClauseWord {
	switch {
	case !ok:
		return o.word(name, known)
	case slices.Contains(o.pass, "OK"):
		return results.ClausePass
	}
	return results.ClauseFail
}

// names reports whether a code is right or accepted by its own name, not only as one of a kind.
func (o outcomes) names(code string) bool {
	return slices.Contains(o.pass, code) || slices.Contains(o.warn, code) || slices.Contains(o.skip, code)
}

// matches holds a code against one pattern. known is what the document says of the code, nil for nothing.
func matches(pattern, name string, known *contract.Code) bool {
	documented := known != nil && known.Group != contract.Success
	switch pattern {
	case anyGateway:
		return documented && known.Group == contract.Gateway
	case anyBusiness:
		return documented && known.Group == contract.Business && !strings.HasPrefix(name, "isp.")
	case anyRefusal:
		return documented
	case anyOther:
		return known == nil
	case anyButProviders:
		return !strings.HasPrefix(name, "isp.") || name == "isp.RAM_PERMISSION_DENY"
	}
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(name, prefix) && name != "OK"
	}
	return name == pattern
}

// String words the table for people.
func (o outcomes) String() string {
	if o.text != "" {
		return o.text
	}
	words := map[string]string{
		anyGateway: "a gateway code", anyBusiness: "a documented isv code", anyRefusal: "a documented code other than OK",
		anyOther: "another refusal",
	}
	var list []string
	for _, p := range o.pass {
		if w := words[p]; w != "" {
			p = w
		}
		list = append(list, p)
	}
	return strings.Join(list, " or ")
}
