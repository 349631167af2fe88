package report

import (
	"cmp"
	"slices"
	"strings"

	"axbench/results"
)

// maxCodeKeys is how many codes get a colour of their own; the rest counts together.
const maxCodeKeys = 8

// codeKey is an entry of the legend of codes.
type codeKey struct {
	Code, Class string // as it is shown, and the class of its colour
	code        string // as it came; "" for the rest, and for calls without a code
	kind        int
}

// The kinds of entries.
const (
	keyCode = iota
	keyRest
	keyLost
)

// probeCode is the part of a probe's calls that ended with one code.
type probeCode struct {
	Code, Class, Share string
	Width              float64 // per cent of the bar
}

// codeKeys orders the codes of all probes: OK first, then the most frequent ones, then the rest and calls that never ended.
func codeKeys(c *results.Capacity, esc func(string) string, l language) []codeKey {
	counts, class := map[string]int64{}, map[string]results.Class{}
	lost := false
	for i := range c.Curve {
		p := &c.Curve[i]
		for _, s := range p.Codes {
			if s.Count > 0 {
				counts[s.Code] += min(s.Count, 1<<40)
				class[s.Code] = s.Class
			}
		}
		lost = lost || lostCalls(p) > 0
	}
	var names []string
	for name := range counts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(okRank(class[a]), okRank(class[b])), cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	var keys []codeKey
	for i, name := range names {
		if i == maxCodeKeys && len(names) > maxCodeKeys+1 {
			keys = append(keys, codeKey{Code: l.t("other"), Class: "code-rest", kind: keyRest})
			break
		}
		k := codeKey{Code: cmp.Or(esc(name), "-"), code: name, Class: "code-" + string(rune('1'+i))}
		switch class[name] {
		case results.ClassOK:
			k.Class = "code-ok"
		case results.ClassUndocumented:
			k.Class = "code-undocumented"
		}
		keys = append(keys, k)
	}
	if lost {
		keys = append(keys, codeKey{Code: l.t("no end"), Class: "code-lost", kind: keyLost})
	}
	return keys
}

func okRank(c results.Class) int {
	if c == results.ClassOK {
		return 0
	}
	return 1
}

// lostCalls counts the calls that ended with no code at all.
func lostCalls(p *results.Probe) int64 {
	return max(p.Unfinished, 0) + max(p.Dropped, 0) + max(p.NotOffered, 0)
}

// codesOf parts the calls of a probe by the legend. text names what came beside the code of success.
func (v *capacityView) codesOf(p *results.Probe) (list []probeCode, text string) {
	by, rest, total := map[string]float64{}, 0.0, float64(lostCalls(p))
	named := func(code string) bool {
		return slices.ContainsFunc(v.Key, func(k codeKey) bool { return k.kind == keyCode && k.code == code })
	}
	for _, s := range p.Codes {
		n := float64(max(s.Count, 0))
		total += n
		if named(s.Code) {
			by[s.Code] += n
		} else {
			rest += n
		}
	}
	if total <= 0 {
		return nil, ""
	}
	var others []string
	for _, k := range v.Key {
		n := by[k.code]
		switch k.kind {
		case keyRest:
			n = rest
		case keyLost:
			n = float64(lostCalls(p))
		}
		if n <= 0 {
			continue
		}
		code := probeCode{Code: k.Code, Class: k.Class, Share: percent(n / total), Width: barWidth(n, total)}
		list = append(list, code)
		if k.Class != "code-ok" {
			others = append(others, code.Code+" "+code.Share)
		}
	}
	return list, strings.Join(others, ", ")
}
