package judge

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"axbench/results"
)

// codeSum is how often a code came in the runs of a side.
type codeSum struct {
	class      results.Class
	documented bool
	count      [2]int64
}

// codes fills Codes: what came on one side only. All phases and follow-up calls count, as they do for the exit code of a run.
func (c *comparison) codes() {
	sums := map[string]*codeSum{}
	var ended [2]int64
	for i, courses := range [2][]*results.Course{c.in.Base, c.in.New} {
		for _, r := range courses {
			for _, p := range []*results.Phase{&r.Run.Totals, &r.Run.FollowUps} {
				ended[i] += p.Done + p.Failed
				for j := range p.Codes {
					code := &p.Codes[j]
					if sums[code.Code] == nil {
						sums[code.Code] = &codeSum{class: code.Class, documented: code.Documented}
					}
					sums[code.Code].count[i] += code.Count
				}
			}
		}
	}
	sides := [2]*side{sideOf(c.in.Base, c.phases), sideOf(c.in.New, c.phases)}
	for name, sum := range sums {
		if (sum.count[0] == 0) == (sum.count[1] == 0) {
			continue
		}
		change := results.CodeChange{Code: name, Class: sum.class, Documented: sum.documented, Appeared: sum.count[0] == 0,
			Base: sum.count[0], New: sum.count[1], BaseOf: ended[0], NewOf: ended[1]}
		change.P = onlyThere(sum.count, ended, codeSpread(sides, name))
		change.Significant = change.P < CompareLevel
		wordOfCode(&change)
		c.out.Codes = append(c.out.Codes, change)
	}
	slices.SortFunc(c.out.Codes, func(a, b results.CodeChange) int {
		return cmp.Or(cmp.Compare(b.Base+b.New, a.Base+a.New), cmp.Compare(a.Code, b.Code))
	})
}

// codeSpread is how much more than independent calls those vary together that end with a code.
func codeSpread(sides [2]*side, code string) float64 {
	var strands [2][]strand
	var v0 [2]float64
	for i, s := range sides {
		m := s.share(func(c *results.CourseSecond) (k, n int64) { return c.Codes[code], c.Answered })
		if m == nil {
			return 1
		}
		strands[i], v0[i] = m.strands, m.v0
	}
	return spreads(strands, v0, false, 1).factor
}

// onlyThere is the chance that all of some calls fall on the side where they are, if each side has them in the same share: that of a
// binomial count (Fisher's test for large numbers), of as many calls as they are worth.
func onlyThere(count, ended [2]int64, factor float64) float64 {
	there := 0
	if count[1] > 0 {
		there = 1
	}
	all := float64(ended[0] + ended[1])
	if all == 0 || ended[1-there] == 0 {
		return 1
	}
	return math.Pow(float64(ended[there])/all, float64(count[there])/factor)
}

func wordOfCode(c *results.CodeChange) {
	chance := "which may be chance"
	if c.Significant {
		chance = "which is no chance"
	}
	switch {
	case c.Appeared && c.Class == results.ClassUndocumented:
		c.Verdict = results.ChangeWorse
		c.Reason = fmt.Sprintf("undocumented code %s appeared: %s of %s calls, none of %s before", c.Code, Thousands(c.New), Thousands(c.NewOf), Thousands(c.BaseOf))
	case c.Appeared:
		c.Reason = fmt.Sprintf("code %s appeared: %s of %s calls, none of %s before, %s", c.Code, Thousands(c.New), Thousands(c.NewOf), Thousands(c.BaseOf), chance)
	case c.Class == results.ClassUndocumented && c.Significant:
		c.Verdict = results.ChangeBetter
		c.Reason = fmt.Sprintf("undocumented code %s vanished: none of %s calls, %s of %s before", c.Code, Thousands(c.NewOf), Thousands(c.Base), Thousands(c.BaseOf))
	default:
		c.Reason = fmt.Sprintf("code %s vanished: none of %s calls, %s of %s before, %s", c.Code, Thousands(c.NewOf), Thousands(c.Base), Thousands(c.BaseOf), chance)
	}
}

// clauses fills Clauses: what answers of one side only broke.
func (c *comparison) clauses() {
	var names []string
	sums := map[string]*results.ClauseChange{}
	for i, courses := range [2][]*results.Course{c.in.Base, c.in.New} {
		for _, r := range courses {
			for j := range r.Run.Violations {
				v := &r.Run.Violations[j]
				s := sums[v.Clause]
				if s == nil {
					s = &results.ClauseChange{Clause: v.Clause, Level: v.Level, Profile: v.Profile, Sentence: v.Sentence}
					sums[v.Clause], names = s, append(names, v.Clause)
				}
				if i == 0 {
					s.Base, s.BaseChecked = s.Base+v.Count, s.BaseChecked+v.Checked
				} else {
					s.New, s.NewChecked = s.New+v.Count, s.NewChecked+v.Checked
				}
			}
		}
	}
	for _, name := range names {
		if s := sums[name]; (s.Base == 0) != (s.New == 0) {
			s.Broken = s.Base == 0
			wordOfClause(s)
			c.out.Clauses = append(c.out.Clauses, *s)
		}
	}
}

func wordOfClause(c *results.ClauseChange) {
	p := onlyThere([2]int64{c.Base, c.New}, [2]int64{c.BaseChecked, c.NewChecked}, 1)
	switch {
	case c.Broken && c.Level == levelMust:
		c.Verdict = results.ChangeWorse
		c.Reason = fmt.Sprintf("clause %s is newly broken: by %s of %s answers, by none of %s before", c.Clause, Thousands(c.New), Thousands(c.NewChecked), Thousands(c.BaseChecked))
	case c.Broken:
		c.Reason = fmt.Sprintf("clause %s, which is no MUST, is newly broken: by %s of %s answers, by none of %s before", c.Clause, Thousands(c.New), Thousands(c.NewChecked), Thousands(c.BaseChecked))
	default:
		c.Reason = fmt.Sprintf("clause %s is no longer broken: by none of %s answers, by %s of %s before", c.Clause, Thousands(c.NewChecked), Thousands(c.Base), Thousands(c.BaseChecked))
		if p < CompareLevel && c.Level == levelMust {
			c.Verdict = results.ChangeBetter
		}
	}
}

// own fills Generator: what calls cost on our side, the worst or the mean over the runs of a side.
func (c *comparison) own() {
	mean := func(name, unit string, of func(*results.Generator) float64) {
		var v [2]float64
		for i, courses := range [2][]*results.Course{c.in.Base, c.in.New} {
			for _, r := range courses {
				v[i] += of(&r.Run.Generator) / float64(len(courses))
			}
		}
		c.out.Generator = append(c.out.Generator, results.OwnFigure{Name: name, Unit: unit, Base: v[0], New: v[1]})
	}
	mean("cpu_us_per_call", "us", func(g *results.Generator) float64 { return g.CPUPerCallUS })
	mean("cpu_cores", "cores", func(g *results.Generator) float64 { return g.CPUCores })
	mean("late_p99_ns", UnitNS, func(g *results.Generator) float64 { return float64(g.LateP99NS) })
	mean("gc_pause_max_ns", UnitNS, func(g *results.Generator) float64 { return float64(g.GCPauseMaxNS) })
	mean("max_in_flight", UnitCounts, func(g *results.Generator) float64 { return float64(g.MaxInFlight) })
	mean("connections", UnitCounts, func(g *results.Generator) float64 { return float64(g.Connections) })
}
