package judge

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// strand is one phase of one run as a series: of how many calls (or seconds) each step consists, and by how much its sum departs
// from what the whole side would let expect.
type strand struct {
	run    int  // of its side, from 0
	phase  int  // the same phase has the same number on both sides
	steady bool // arrivals of one constant rate: its steps are like each other
	n, e   []float64
}

// sums returns the totals of the strand.
func (s *strand) sums() (n, e float64) {
	for i := range s.n {
		n, e = n+s.n[i], e+s.e[i]
	}
	return n, e
}

// spread is how much more than independent calls those of a run vary together.
type spread struct {
	factor float64 // on the variance of independent calls, at least 1
	df     float64 // degrees of freedom that the factor was found with; 0 where the calls look independent
	block  int     // steps taken as one
	runs   bool    // the runs of a side differ by more than their seconds let expect
}

// evident is the level of the tests that tell whether seconds, or runs, differ by more than chance. Where they do not, the
// variance is known from the calls themselves and quantiles of the normal distribution hold; where they do, it is an estimate
// with few degrees of freedom and Student's are taken. It is high, since to overlook a spread costs more than to see one.
const evident = 0.10

// leastFreedom is the number of degrees of freedom below which seconds cannot show that calls are independent.
const leastFreedom = 3

// spreads finds the spread that both sides have in common from what their strands leave behind. v0 is the variance of the sum over a side if its
// calls were independent; estimated says that it is no more than a floor, so that Student's quantiles are always taken. Blocks have
// leastBlock steps at least.
//
// Three sources of variation are nested: calls, seconds, runs. Calls that end in the same second share the state of the target, so
// the sums of seconds are what varies; seconds that resemble the ones before them are taken together in blocks of a length that
// their autocorrelation asks for; and runs vary among themselves where there are several on a side. Each is measured against the one
// below it and never taken as less.
func spreads(sides [2][]strand, v0 [2]float64, estimated bool, leastBlock int) spread {
	left := residuals(sides)
	block, remaining := blockLength(left, leastBlock)
	within := pooled(blockRatio(left[0], v0[0], block, remaining), blockRatio(left[1], v0[1], block, remaining))
	out := spread{factor: math.Max(1, within.value()), block: block}
	if estimated || within.df < leastFreedom || ChiSquareTail(within.value()*within.df, int(math.Round(within.df))) < evident {
		out.df = math.Max(1, within.df)
		if block > 1 {
			out.df = math.Max(1, within.df/2) // the autocorrelation is an estimate too
		}
	}
	if between := pooled(runRatio(sides[0], v0[0]), runRatio(sides[1], v0[1])); between.df > 0 {
		f := between.value() / out.factor
		if fTail(f, between.df, math.Max(1, within.df)) < evident {
			out.df, out.runs = between.df, true
		}
		out.factor *= math.Max(1, f)
	}
	return out
}

// ratio is a variance, the one it is measured against, and the degrees of freedom it was found with.
type ratio struct{ found, against, df float64 }

func (r ratio) value() float64 {
	if r.against <= 0 {
		return 0
	}
	return r.found / r.against
}

// pooled is the ratio of both sides together. They are never taken apart: where one side saw nothing of what shakes the other (one
// stall in half a minute, say), it may just have had luck, and its calm says nothing about how it varies.
func pooled(a, b ratio) ratio { return ratio{a.found + b.found, a.against + b.against, a.df + b.df} }

// residuals takes from each strand its own mean. What is left of strands of a changing rate has the course of the phase in it, which
// is no chance: where several runs went through it, their common profile is taken out too.
func residuals(sides [2][]strand) [2][]strand {
	var out [2][]strand
	profiles := map[int]*profile{}
	for i, side := range sides {
		for _, s := range side {
			n, e := s.sums()
			left := strand{run: s.run, phase: s.phase, steady: s.steady, n: s.n, e: make([]float64, len(s.e))}
			if n > 0 {
				for j := range s.e {
					left.e[j] = s.e[j] - s.n[j]*e/n
				}
			}
			if !s.steady {
				if profiles[s.phase] == nil {
					profiles[s.phase] = &profile{}
				}
				profiles[s.phase].add(&left)
			}
			out[i] = append(out[i], left)
		}
	}
	for i := range out {
		for j := range out[i] {
			if p := profiles[out[i][j].phase]; p != nil {
				p.remove(&out[i][j])
			}
		}
	}
	return out
}

// profile is the mean course of a phase over runs.
type profile struct {
	runs int
	n, e []float64
}

func (p *profile) add(s *strand) {
	p.runs++
	for i := range s.n {
		if i == len(p.n) {
			p.n, p.e = append(p.n, 0), append(p.e, 0)
		}
		p.n[i] += s.n[i]
		p.e[i] += s.e[i]
	}
}

// remove takes the profile out of a strand and makes up for the share of its own variance that goes with it.
func (p *profile) remove(s *strand) {
	if p.runs < 2 {
		return
	}
	up := math.Sqrt(float64(p.runs) / float64(p.runs-1))
	for i := range s.e {
		if p.n[i] > 0 {
			s.e[i] = up * (s.e[i] - s.n[i]*p.e[i]/p.n[i])
		}
	}
}

// blockLength returns how many steps are to be taken as one, and by what the variance of such blocks is to be multiplied for
// what is left of their autocorrelation; least is the shortest. The steps are taken as a first-order autoregression, whose best length for the
// variance of a mean is (2ρ/(1-ρ²))^(2/3)·n^(1/3) (Carlstein 1986); the factor is that of the same model.
func blockLength(sides [2][]strand, least int) (block int, remaining float64) {
	var product, square, pairs, steps, strands float64
	for _, side := range sides {
		for _, s := range side {
			strands++
			for i := range s.e {
				steps++
				if s.n[i] <= 0 {
					continue
				}
				square += s.e[i] * s.e[i] / s.n[i]
				if i > 0 && s.n[i-1] > 0 {
					pairs++
					product += s.e[i] * s.e[i-1] / math.Sqrt(s.n[i]*s.n[i-1])
				}
			}
		}
	}
	if square <= 0 || pairs < 4 {
		return least, 1
	}
	length := steps / strands
	rho := product / square
	rho += (1 + 3*math.Max(rho, 0)) / length // what it is estimated too low by (Marriott and Pope 1954)
	if rho < 1.645/math.Sqrt(pairs) {
		return least, 1
	}
	rho = math.Min(rho, 0.9)
	best := math.Pow(2*rho/(1-rho*rho), 2.0/3) * math.Cbrt(length)
	block = max(least, int(math.Min(math.Ceil(best), math.Floor(length/leastBlocks))), 1)
	seen := 1.0
	for k := 1; k < block; k++ {
		seen += 2 * (1 - float64(k)/float64(block)) * math.Pow(rho, float64(k))
	}
	return block, (1 + rho) / (1 - rho) / seen
}

// leastBlocks is how many blocks a phase is cut into at least, where it is long enough.
const leastBlocks = 6

// blockRatio returns the variance of the sums of blocks, against v0 for the whole side.
func blockRatio(side []strand, v0 float64, block int, remaining float64) ratio {
	var total, counted, squares, df float64
	for i := range side {
		n, _ := side[i].sums()
		total += n
		blocks := len(side[i].e) / block
		if blocks < 2 || n <= 0 {
			continue
		}
		sum := 0.0
		for b := range blocks {
			e := 0.0
			for j := b * len(side[i].e) / blocks; j < (b+1)*len(side[i].e)/blocks; j++ {
				e += side[i].e[j]
			}
			sum += e * e
		}
		squares += sum * float64(blocks) / float64(blocks-1)
		counted += n
		df += float64(blocks - 1)
	}
	if counted <= 0 {
		return ratio{}
	}
	return ratio{remaining * squares, v0 * counted / total, df}
}

// runRatio returns the variance of the sums of runs against v0; df is 0 for a single run.
func runRatio(side []strand, v0 float64) ratio {
	sums := map[int]float64{}
	for i := range side {
		_, e := side[i].sums()
		sums[side[i].run] += e
	}
	if len(sums) < 2 || v0 <= 0 {
		return ratio{}
	}
	squares := 0.0
	for run := range len(sums) {
		squares += sums[run] * sums[run]
	}
	runs := float64(len(sums))
	return ratio{squares * runs / (runs - 1), v0, runs - 1}
}

// fTail returns the probability that F of d1 and d2 degrees of freedom is at least x.
func fTail(x, d1, d2 float64) float64 {
	if x <= 0 {
		return 1
	}
	return mathext.RegIncBeta(d2/2, d1/2, d2/(d2+d1*x))
}

// critical returns the quantile that leaves alpha above it: Student's with df degrees of freedom, the normal one for df 0.
func critical(alpha, df float64) float64 {
	if df <= 0 {
		return -mathext.NormalQuantile(alpha)
	}
	x := mathext.InvRegIncBeta(df/2, 0.5, 2*alpha)
	if x <= 0 {
		return math.Inf(1)
	}
	return math.Sqrt(df * (1 - x) / x)
}
