package report

import (
	"fmt"
	"math"
	"strings"

	"axbench/results"
)

// together is the account of each clock over all recorded phases.
func together(rec *results.Record) results.Latency {
	l := results.Latency{}
	if q := rec.Offered("").Summary(); q.Count > 0 {
		l[results.Offered] = q
	}
	for _, name := range results.Clocks {
		code := results.CodeAll
		if name == results.ClockResponse.String() {
			code = results.CodeGood
		}
		if h := rec.Histogram("", name, code); h != nil {
			l[name] = h.Summary()
		}
	}
	return l
}

// histograms draws how offered and service time are spread over the recorded phases.
func (p *page) histograms(rec *results.Record) {
	response := rec.Histogram("", results.ClockResponse.String(), results.CodeGood)
	p.histogram("Offered time, recorded phases", response, rec.Bounds(""))
	p.histogram("Service time, recorded phases", rec.Histogram("", results.ClockService.String(), results.CodeAll), nil)
}

// bin is one bar: what was measured and what is only known to be longer, in [from, to) nanoseconds.
type bin struct {
	from, to float64
	measured int64
	bounds   int64
}

const (
	maxBins    = 18 // rows of one histogram
	barColumns = 42 // cells of the columns before the bar
	maxBar     = 48
)

// histogram draws one distribution with edges that are evenly spaced in powers of ten. A histogram bucket counts where
// its middle lies, which misplaces a value by less than 0.1 %.
func (p *page) histogram(title string, measured, bounds *results.Histogram) {
	bins := makeBins(measured, bounds)
	if len(bins) == 0 {
		return
	}
	p.heading(title)
	var total, highest, sum int64
	for _, b := range bins {
		total += b.measured + b.bounds
		highest = max(highest, b.measured+b.bounds)
	}
	t := newTable(">from", ">to", ">calls", ">up to here", "")
	empty := 0
	for i, b := range bins {
		sum += b.measured + b.bounds
		if b.measured+b.bounds == 0 {
			empty++
			if next := i + 1; next < len(bins) && bins[next].measured+bins[next].bounds == 0 {
				continue
			}
			if empty > 2 {
				t.row(dim, "⋮", "⋮", "0", "", "")
				empty = 0
				continue
			}
		}
		empty = 0
		t.row(normal, durationF(b.from), durationF(b.to), count(b.measured+b.bounds), share(sum, total), p.bar(b, highest))
	}
	p.table(t)
	if bounds != nil && bounds.Count() > 0 {
		p.para("  ", "░ calls without an end (timeout, unfinished, dropped) at the time they had taken until then: each took longer", dim)
	}
}

// bar draws b so that highest fills the whole room; whatever is not zero shows.
func (p *page) bar(b bin, highest int64) string {
	room := float64(min(maxBar, p.width-barColumns) * 8)
	eighths := func(n int64) int {
		if n <= 0 || highest <= 0 {
			return 0
		}
		return max(1, int(math.Round(float64(n)/float64(highest)*room)))
	}
	m := eighths(b.measured)
	s := strings.Repeat("█", m/8)
	if part := m % 8; part > 0 {
		s += string([]rune(" ▏▎▍▌▋▊▉")[part])
	}
	return s + strings.Repeat("░", (eighths(b.bounds)+7)/8)
}

// series are numbers of steps in a power of ten, with the steps rounded so that edges read well.
var series = [][]float64{
	{1, 10}, {1, 3, 10}, {1, 2, 5, 10}, {1, 1.5, 2, 3, 5, 7, 10},
	{1, 1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 3.9, 4.7, 5.6, 6.8, 8.2, 10},
	fineSeries(24), fineSeries(48), fineSeries(96), fineSeries(192),
}

// fineSeries are n even steps in a power of ten, rounded to three digits.
func fineSeries(n int) []float64 {
	s := make([]float64, n+1)
	for i := range s {
		s[i] = math.Round(math.Pow(10, float64(i)/float64(n))*100) / 100
	}
	return s
}

// makeBins chooses the finest edges that fit the page and counts into them.
func makeBins(measured, bounds *results.Histogram) []bin {
	low, high := int64(math.MaxInt64), int64(-1)
	each := func(f func(mid float64, n int64, isBound bool)) {
		for i, h := range []*results.Histogram{measured, bounds} {
			if h == nil {
				continue
			}
			h.Buckets(func(from, to, n int64) {
				if to <= from { // the bucket of a maximum beyond every clock
					to = math.MaxInt64
				}
				if n > 0 {
					low, high = min(low, from), max(high, to)
					f(float64(from)+float64(to-from)/2, n, i == 1)
				}
			})
		}
	}
	each(func(float64, int64, bool) {})
	if high <= 0 {
		return nil
	}
	var bins []bin
	for _, s := range series {
		finer := edges(s, float64(max(low, results.LowestNS/2)), float64(high))
		if len(finer) > maxBins && bins != nil {
			break
		}
		bins = finer
	}
	each(func(mid float64, n int64, isBound bool) {
		at := 0
		for at < len(bins)-1 && mid >= bins[at].to {
			at++
		}
		if isBound {
			bins[at].bounds += n
		} else {
			bins[at].measured += n
		}
	})
	return bins
}

// edges makes the empty bins of series s that cover [low, high].
func edges(s []float64, low, high float64) []bin {
	var bins []bin
	for decade := math.Pow(10, math.Floor(math.Log10(low))); decade <= high; decade *= 10 {
		for i := range len(s) - 1 {
			from, to := s[i]*decade, s[i+1]*decade
			if to > low && from < high {
				bins = append(bins, bin{from: from, to: to})
			}
		}
	}
	return bins
}

// perSecond writes a rate without its unit, for a column that has it in its head.
func perSecond(f float64) string {
	return strings.TrimSuffix(rate(f), "/s")
}

// plural writes n of a thing.
func plural(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%s %ss", count(n), one)
}
