package report

import (
	"regexp"
	"strings"
	"sync"
)

// sentence is a form of the sentences that stand in run.json and conform.json: English, as results/judge, the commands and the suite
// write them. {} stands for anything, which is kept; {s} for what is a sentence itself. The Chinese form names them in their
// order: {1}, {2}.
type sentence struct{ en, zh string }

// pattern is a sentence ready to be compared.
type pattern struct {
	re     *regexp.Regexp
	fixed  []string // what stands between its holes: quicker to look for than re
	nested []bool   // which groups are sentences
	zh     string
}

var sentencePatterns = sync.OnceValue(func() []pattern {
	list := make([]pattern, len(zhSentences))
	for i, s := range zhSentences {
		list[i] = patternOf(s)
	}
	return list
})

var hole = regexp.MustCompile(`\{s?\}`)

func patternOf(s sentence) pattern {
	p := pattern{zh: s.zh}
	var re strings.Builder
	re.WriteString(`^`)
	at := 0
	for _, m := range hole.FindAllStringIndex(s.en, -1) {
		p.fixed = append(p.fixed, s.en[at:m[0]])
		re.WriteString(regexp.QuoteMeta(s.en[at:m[0]]))
		re.WriteString(`(.+?)`)
		p.nested = append(p.nested, m[1]-m[0] == len("{s}"))
		at = m[1]
	}
	p.fixed = append(p.fixed, s.en[at:])
	re.WriteString(regexp.QuoteMeta(s.en[at:]))
	re.WriteString(`$`)
	p.re = regexp.MustCompile(re.String())
	return p
}

// match returns s and what is in its holes, nil if s has another form.
func (p *pattern) match(s string) []string {
	rest := s
	for _, f := range p.fixed {
		at := strings.Index(rest, f)
		if at < 0 {
			return nil
		}
		rest = rest[at+len(f):]
	}
	return p.re.FindStringSubmatch(s)
}

// say puts a sentence of a run directory into the language. One of a form that nobody knows stays as it is. The result is
// escaped for control characters.
func (l language) say(s string) said {
	s = Escape(s)
	if l == english || s == "" {
		return said{Text: s}
	}
	if text, ok := translate(s, 0); ok {
		return said{Text: text}
	}
	return said{Text: s, Foreign: true}
}

// plain is say as a text that is not escaped.
func (l language) plain(s string) string {
	if l != english {
		s, _ = translate(s, 0)
	}
	return s
}

// maxSentence and maxNested bound what is compared: a sentence of ours is short and holds no more than two others.
const (
	maxSentence = 2000
	maxNested   = 3
)

func translate(s string, depth int) (string, bool) {
	if len(s) > maxSentence || depth > maxNested {
		return s, false
	}
	for _, p := range sentencePatterns() {
		m := p.match(s)
		if m == nil {
			continue
		}
		pairs := make([]string, 0, 2*len(p.nested))
		for i, text := range m[1:] {
			if p.nested[i] {
				text, _ = translate(text, depth+1)
			}
			pairs = append(pairs, "{"+string(rune('1'+i))+"}", text)
		}
		return strings.NewReplacer(pairs...).Replace(p.zh), true
	}
	return s, false
}
