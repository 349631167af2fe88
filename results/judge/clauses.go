package judge

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The longest times that a rule may name, and the names of phases.
const (
	maxWindow    = time.Hour
	maxGrace     = 31 * 24 * time.Hour
	maxPhaseName = 64
)

const phaseHint = "a name is 1 to 64 of A-Z a-z 0-9 . _ -"

// clauses takes what stands behind the value: over, in and abort, each once and in this order.
func (p *parser) clauses(r *Rule) error {
	type clause struct {
		word string
		take func(*Rule, int) error
		at   int // 0 where it does not stand
	}
	list := []clause{{word: "over", take: p.over}, {word: "in", take: p.phases}, {word: "abort", take: p.abort}}
	behind := "the value"
	for i := range list {
		p.space()
		at := p.pos
		if p.word() != list[i].word {
			p.pos = at
			continue
		}
		list[i].at = at
		if err := list[i].take(r, at); err != nil {
			return err
		}
		behind = map[string]string{"over": "the window", "in": "the phase", "abort": "abort"}[list[i].word]
	}
	if p.space(); p.pos == len(p.rule) {
		return p.fits(r, list[2].at)
	}
	at, rest := p.pos, p.rule[p.pos:]
	hint := "a rule is " + Grammar
	switch word := p.word(); {
	case slices.ContainsFunc(list, func(c clause) bool { return c.word == word && c.at > 0 }):
		hint = word + " stands there already"
	case word == "over" || word == "in":
		hint = "the order is over, in, abort"
	case r.Phase != "" || r.Abort:
	case r.Window > 0:
		hint = `a phase follows as "in PHASE"`
	default:
		hint = `a phase follows as "in PHASE", a window ahead of it as "over 10s"`
	}
	return p.fail(at, fmt.Sprintf("%q behind %s", rest, behind), hint)
}

// over takes the length of a window.
func (p *parser) over(r *Rule, at int) (err error) {
	if r.Window, err = p.wholeSeconds("the length of a window", "over 10s", maxWindow); err == nil && r.Kind == KindViolations {
		err = p.fail(at, "violations over a window", "violations are counted over the whole run: leave out over "+seconds(r.Window))
	}
	return err
}

// phases takes the list of phases.
func (p *parser) phases(r *Rule, _ int) error {
	var names []string
	p.space()
	first := p.pos
	for {
		p.space()
		at := p.pos
		name := p.word()
		switch {
		case name == "" || len(name) > maxPhaseName:
			what := "in"
			if len(names) > 0 {
				what = "the comma"
			}
			return p.fail(at, "no name of a phase after "+what, phaseHint)
		case slices.Contains(names, name):
			return p.fail(at, "phase "+name+" stands there twice", "name each phase once")
		}
		names = append(names, name)
		if !p.take(',') {
			break
		}
	}
	r.Phase = strings.Join(names, phaseSeparator)
	if r.Kind == KindViolations {
		return p.fail(first, "violations of one phase", "violations are counted over the whole run: leave out in "+r.Phase)
	}
	return nil
}

// abort takes the grace time, if there is one.
func (p *parser) abort(r *Rule, _ int) (err error) {
	r.Abort = true
	p.space()
	at := p.pos
	if p.word() != "after" {
		p.pos = at
		return nil
	}
	r.Grace, err = p.wholeSeconds("a grace time", "abort after 30s", maxGrace)
	return err
}

// wholeSeconds takes a time from 1 s to longest.
func (p *parser) wholeSeconds(what, example string, longest time.Duration) (time.Duration, error) {
	p.space()
	at := p.pos
	for p.pos < len(p.rule) && p.rule[p.pos] != ' ' && p.rule[p.pos] != '\t' {
		p.pos++
	}
	text := p.rule[at:p.pos]
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return 0, p.fail(at, fmt.Sprintf("%q is not %s", text, what), "write it as "+example)
	case d < time.Second || d > longest:
		return 0, p.fail(at, fmt.Sprintf("%s of %s", what, text), "it is 1s to "+longest.String())
	case d%time.Second != 0:
		return 0, p.fail(at, fmt.Sprintf("%s of %s", what, text), "it is whole seconds, as the seconds of a run are what is judged")
	}
	return d, nil
}

// fits refuses an abort, at that place, that could never come to pass.
func (p *parser) fits(r *Rule, at int) error {
	switch {
	case !r.Abort:
	case r.Kind == KindViolations:
		return p.fail(at, "violations cannot end a run", "they are counted over the whole run and judged at its end: leave out abort")
	case r.grows() && r.upward():
		return p.fail(at, fmt.Sprintf("%s only grows: that it is too low is known at the end alone", r.Metric()),
			"leave out abort, or name a window as over 10s")
	}
	return nil
}
