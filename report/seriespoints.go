package report

import (
	"encoding/json"
	"html/template"
	"math"
	"strconv"
	"time"

	"axbench/results"
)

// absent stands in Values for what is not known: a quantile of no calls.
const absent = -1

// Values are nanoseconds by point, with null in JSON where nothing was measured (-1 in Go).
type Values []int64

// MarshalJSON is part of json.Marshaler.
func (v Values) MarshalJSON() ([]byte, error) {
	b := append(make([]byte, 0, 2+8*len(v)), '[')
	for i, n := range v {
		if i > 0 {
			b = append(b, ',')
		}
		if n == absent {
			b = append(b, "null"...)
		} else {
			b = strconv.AppendInt(b, n, 10)
		}
	}
	return append(b, ']'), nil
}

// UnmarshalJSON is part of json.Unmarshaler.
func (v *Values) UnmarshalJSON(data []byte) error {
	var list []*int64
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	*v = make(Values, len(list))
	for i, n := range list {
		(*v)[i] = absent
		if n != nil {
			(*v)[i] = *n
		}
	}
	return nil
}

// Points is a series, or what a page lacks of it, as the charts read it. Point i stands for the seconds from i·Step on. The
// arrays begin with point From: a page cuts its own there and appends these; where From is 0 they are all there is. Counts are calls in the
// point, not per second. What is missing from JSON is all zeros.
type Points struct {
	Seconds int64 `json:"seconds"` // of the run, seen so far: what Since is to be asked for next
	Step    int64 `json:"step"`
	From    int   `json:"from"`

	Planned    []int64 `json:"planned"`
	Sent       []int64 `json:"sent"`
	Good       []int64 `json:"good"`
	Done       []int64 `json:"done"`
	Failed     []int64 `json:"failed,omitempty"`
	Unfinished []int64 `json:"unfinished,omitempty"`
	Dropped    []int64 `json:"dropped,omitempty"`
	NotOffered []int64 `json:"not_offered,omitempty"`

	InFlight []int64 `json:"in_flight"` // the highest at the end of a second
	Queued   []int64 `json:"queued,omitempty"`

	P50 Values `json:"p50"` // response of good answers
	P90 Values `json:"p90"`
	P99 Values `json:"p99"`
	Max Values `json:"max"`

	Codes []CodePoints `json:"codes"` // in the order in which they were seen; later ones are appended

	Late Values  `json:"late"`         // p99
	CPU  []int64 `json:"cpu_ms"`       // of the generator
	GC   []int64 `json:"gc,omitempty"` // longest pause, ns

	Phases []PhasePoints `json:"phases"`
	Heat   HeatMap       `json:"heat"`
	Curve  Curve         `json:"curve"`
}

// CodePoints counts the calls that ended with a code, by point. Names are escaped.
type CodePoints struct {
	Code  string        `json:"code"`
	Class results.Class `json:"class"`
	V     []int64       `json:"v"`
}

// PhasePoints places a phase, in seconds since the start.
type PhasePoints struct {
	Name     string  `json:"name"`
	From     float64 `json:"from"`
	To       float64 `json:"to"`
	Recorded bool    `json:"recorded"`
	Closed   bool    `json:"closed,omitempty"` // nothing is planned in a closed model
}

// HeatMap counts good answers by time and response time. A column stands for Per points; Columns begin with column From, as the
// arrays of Points do. A column is the bin of its fastest answers, then the counts of that bin and those above it. Bin b holds what took from
// 10^(b/10) to 10^((b+1)/10) ns. Open are the calls without an end, whose time nobody knows.
type HeatMap struct {
	Per     int       `json:"per"`
	From    int       `json:"from"`
	Columns [][]int64 `json:"columns"`
	Open    []int64   `json:"open,omitempty"`
}

// Curve holds percentile curves of the recorded phases.
type Curve struct {
	Response CurveLine `json:"response"` // of good answers
	Service  CurveLine `json:"service"`
	Offered  CurveLine `json:"offered"` // as response, with the calls without an end as lower bounds
}

// CurveLine gives the values NS at ascending ranks among N. Values of ranks above Certain are lower bounds. Between two ranks
// the value is that of the higher one, to 1 % of the value or 2 % of 1/(1-p).
type CurveLine struct {
	N       int64   `json:"n"`
	Certain int64   `json:"certain"`
	Rank    []int64 `json:"rank"`
	NS      []int64 `json:"ns"`
}

// JS returns the points as JSON that can stand in a script element.
func (p *Points) JS() (template.JS, error) {
	data, err := json.Marshal(p) // which writes < and the like as \u003c
	return template.JS(data), err
}

// Points returns the whole series.
func (s *Series) Points() *Points { return s.Since(0) }

// Since returns what a page lacks that has seen the given number of seconds (Points.Seconds of what it got last). All of the series if points
// or columns of the heat map have come to stand for more seconds since.
func (s *Series) Since(seconds int64) *Points {
	s.mu.Lock()
	defer s.mu.Unlock()
	per := perColumn(len(s.points))
	seconds = min(max(seconds, 0), s.seconds)
	from := int(seconds / s.step)
	if seconds < s.widened || per != perColumn(int((seconds+s.step-1)/s.step)) {
		from = 0
	}
	p := &Points{Seconds: s.seconds, Step: s.step, From: from}
	points := s.points[from:]
	for i := range points {
		points[i].settle()
	}
	p.count(points)
	p.Codes = make([]CodePoints, 0, len(s.codes))
	for i := range s.codes {
		c := &s.codes[i]
		v := make([]int64, len(points))
		copy(v, c.v[min(from, len(c.v)):])
		p.Codes = append(p.Codes, CodePoints{Code: Escape(c.name), Class: c.class, V: v})
	}
	p.Phases = make([]PhasePoints, 0, len(s.phases))
	for i := range s.phases {
		ph := &s.phases[i]
		p.Phases = append(p.Phases, PhasePoints{Name: Escape(ph.name), From: seconds3(ph.from), To: seconds3(ph.end), Recorded: ph.recorded, Closed: ph.closed})
	}
	p.Heat = heatOf(s.points, per, from/per)
	p.Curve = s.curve()
	return p
}

// seconds3 is a duration in seconds to the millisecond.
func seconds3(d time.Duration) float64 { return math.Round(d.Seconds()*1e3) / 1e3 }

// count fills the arrays that come straight from points.
func (p *Points) count(points []point) {
	list := func(f func(*point) int64) []int64 {
		v := make([]int64, len(points))
		for i := range points {
			v[i] = f(&points[i])
		}
		return v
	}
	some := func(f func(*point) int64) []int64 {
		for i := range points {
			if f(&points[i]) != 0 {
				return list(f)
			}
		}
		return nil
	}
	p.Planned = list(func(p *point) int64 { return p.planned })
	p.Sent = list(func(p *point) int64 { return p.sent })
	p.Good = list(func(p *point) int64 { return p.good })
	p.Done = list(func(p *point) int64 { return p.done })
	p.Failed = some(func(p *point) int64 { return p.failed })
	p.Unfinished = some(func(p *point) int64 { return p.unfinished })
	p.Dropped = some(func(p *point) int64 { return p.dropped })
	p.NotOffered = some(func(p *point) int64 { return p.notOffered })
	p.InFlight = list(func(p *point) int64 { return p.inFlight })
	p.Queued = some(func(p *point) int64 { return p.queued })
	p.P50 = list(func(p *point) int64 { return p.p50 })
	p.P90 = list(func(p *point) int64 { return p.p90 })
	p.P99 = list(func(p *point) int64 { return p.p99 })
	p.Max = list(func(p *point) int64 { return p.max })
	p.Late = list(func(p *point) int64 { return p.late99 })
	p.CPU = list(func(p *point) int64 { return int64(math.Round(p.cpu * 1e3)) })
	p.GC = some(func(p *point) int64 { return p.gc })
}

// perColumn returns how many of n points a column of the heat map stands for.
func perColumn(n int) int { return max(1, (n+maxColumns-1)/maxColumns) }

// The bins of the heat map. The highest ones hold what is beyond the histograms' range.
const (
	binsPerDecade = 10
	maxBin        = 190
)

// binEdges are where bins begin, in ns: bin b is from binEdges[b] to below binEdges[b+1].
var binEdges = func() (edges [maxBin + 1]float64) {
	for b := range edges {
		edges[b] = math.Pow(10, float64(b)/binsPerDecade)
	}
	return edges
}()

// heatOf counts columns from the given one on.
func heatOf(points []point, per, from int) HeatMap {
	heat := HeatMap{Per: per, From: from, Columns: [][]int64{}}
	open := []int64{}
	some := false
	for i := from * per; i < len(points); i += per {
		var bins [maxBin]int64
		lost := int64(0)
		for j := i; j < min(i+per, len(points)); j++ {
			points[j].response.fill(&bins)
			lost += points[j].bounds
		}
		heat.Columns = append(heat.Columns, trim(bins[:]))
		open = append(open, lost)
		some = some || lost != 0
	}
	if some {
		heat.Open = open
	}
	return heat
}

// fill counts the distribution's values into bins, each as the value it is reported as.
func (d *dist) fill(bins *[maxBin]int64) {
	at := 0
	put := func(ns, count int64) { // ns ascends
		for at < maxBin-1 && float64(ns) >= binEdges[at+1] {
			at++
		}
		bins[at] += count
	}
	d.each(func(b bucket) bool {
		put(d.value(b), b.count)
		return true
	})
	if d.overflow > 0 {
		put(d.max, d.overflow)
	}
}

// trim returns the first bin that holds something and the counts from there to the last such.
func trim(bins []int64) []int64 {
	low, high := 0, len(bins)
	for low < high && bins[low] == 0 {
		low++
	}
	for high > low && bins[high-1] == 0 {
		high--
	}
	if low == high {
		return []int64{}
	}
	return append([]int64{int64(low)}, bins[low:high]...)
}
