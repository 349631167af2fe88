package sizing

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync"
)

// Replications is how many independent simulations each figure is made of.
const Replications = 10

// students are the two-sided quantiles of Student's t with Replications-1 degrees of freedom, by confidence (NIST/SEMATECH
// e-Handbook of Statistical Methods, 1.3.6.7.2).
var students = map[float64]float64{0.90: 1.833, 0.95: 2.262, 0.99: 3.250}

// Confidences are those that intervals may have.
var Confidences = []float64{0.90, 0.95, 0.99}

// Effort is how exactly a Study looks. The zero value takes the defaults.
type Effort struct {
	Seed       uint64
	Requests   int     // counted for each figure, over all replications, and a mean hold time in each at least; 0: by the demand, 300,000 at least
	Confidence float64 // of intervals, one of Confidences; 0: 0.95
	Workers    int     // 0: GOMAXPROCS
}

// The limits of an Effort and of what a Study simulates.
const (
	MinRequests = 1000
	MaxRequests = 100_000_000
	MaxSize     = 10_000_000  // of a pool
	maxWork     = 400_000_000 // binds of a whole search: some minutes
	figures     = 24          // that a search takes, about
	usual       = 1_000_000   // Effort.Requests by default, at least
	holds       = 20          // mean hold times that the counted requests last at least, over all replications
	settling    = 2           // mean hold times before they count
	expected    = 100         // refusals that are counted at the target, about
	leadCost    = 0.1         // of a request ahead of the beginning, in binds
	bytesLive   = 400         // of a live binding, at most
	maxBytes    = 3_000_000_000
)

// TooMuch says that a study would take too long or too much memory.
type TooMuch struct {
	What string
	Load float64 // bindings at once
	Most float64 // that would be accepted, with the same effort otherwise; 0 where that is not the way
}

func (e *TooMuch) Error() string { return e.What }

// plan is how many requests one simulation takes: those ahead of its beginning, those before it counts, and those that count.
type plan struct{ lead, settle, requests int }

// Study simulates one demand.
type Study struct {
	demand         Demand
	effort         Effort
	target         float64
	least          int     // requests for each figure, whatever the load
	rounds         float64 // mean hold times that they last at least
	aliasA, aliasB *alias
	report         func(*Point)
}

// New checks a demand and an effort and returns the study of them. target is the share of refusals that is asked for; report,
// unless nil, is called with each point as it is simulated. Errors are *FieldError, with the fields "target", "requests" and
// "confidence" beside those of Demand.Check, and *TooMuch.
func New(d Demand, e Effort, target float64, report func(*Point)) (*Study, error) {
	if e.Confidence == 0 {
		e.Confidence = 0.95
	}
	if e.Workers == 0 {
		e.Workers = runtime.GOMAXPROCS(0)
	}
	e.Workers = min(max(e.Workers, 1), Replications)
	if err := d.Check(); err != nil {
		return nil, err
	}
	switch {
	case !(target >= 1e-6 && target <= 0.5):
		return nil, &FieldError{"target", fmt.Errorf("a refusal share of %g %% is out of range, accepted: 0.0001 %% to 50 %%", 100*target)}
	case e.Requests != 0 && (e.Requests < MinRequests || e.Requests > MaxRequests):
		return nil, &FieldError{"requests", fmt.Errorf("%d bindings is out of range, accepted: %d to %d", e.Requests, MinRequests, MaxRequests)}
	case students[e.Confidence] == 0:
		return nil, &FieldError{"confidence", fmt.Errorf("%g %% is not known, accepted: 90 %%, 95 %%, 99 %%", 100*e.Confidence)}
	}
	least, rounds := e.Requests, 1.0*Replications
	if least == 0 {
		least, rounds = max(usual, int(expected/target)), holds
	}
	s := &Study{demand: d, effort: e, target: target, least: least, rounds: rounds, report: report}
	if err := s.bounded(); err != nil {
		return nil, err
	}
	if d.A.Skew > 0 {
		s.aliasA = newAlias(d.A.People, d.A.Skew)
	}
	if d.B.Skew > 0 {
		s.aliasB = newAlias(d.B.People, d.B.Skew)
	}
	return s, nil
}

// Requests returns how many requests are counted for each figure under the demand itself.
func (s *Study) Requests() int { return s.requests(&s.demand) }

func (s *Study) requests(d *Demand) int {
	n := max(s.least, int(math.Ceil(s.rounds*d.Load())))
	return (n + Replications - 1) / Replications * Replications
}

// work is how many binds a whole search costs, about.
func (s *Study) work() float64 {
	p := s.plan(&s.demand)
	return figures * Replications * (leadCost*float64(p.lead) + s.demand.Load() + float64(p.settle) + float64(p.requests))
}

// bounded refuses what would take too much memory or too long.
func (s *Study) bounded() error {
	load, work, least := s.demand.Load(), s.work(), figures*float64(s.least)
	bytes := load * bytesLive * float64(s.effort.Workers)
	if least > maxWork {
		return &TooMuch{fmt.Sprintf("%d bindings for each figure would take too many minutes", s.least), load, 0}
	}
	most := load * min(maxBytes/bytes, (maxWork-least)/(work-least))
	switch {
	case bytes > maxBytes:
		return &TooMuch{fmt.Sprintf("%.0f bindings at once would take about %.0f GB of memory", load, math.Ceil(bytes/1e9)), load, most}
	case work > maxWork:
		return &TooMuch{fmt.Sprintf("%.0f bindings at once would take too many minutes", load), load, most}
	}
	return nil
}

// plan returns the lengths of one simulation of d.
func (s *Study) plan(d *Demand) plan {
	return plan{lead: int(math.Ceil(d.Hold.reach().Seconds() * d.Rate)), settle: max(int(settling*d.Load()), 100),
		requests: s.requests(d) / Replications}
}

// CityTally is how the requests for one city fared.
type CityTally struct {
	Requests, Refused int
}

// Point is what was simulated for one size and one rate.
type Point struct {
	Size       int
	Rate       float64
	Requests   int // counted
	Refused    int
	Share      float64   // refused of requested, the mean of the replications
	Low, High  float64   // its interval
	Shares     []float64 // of each replication
	Conflicts  int       // refused although an X had room: A or B was bound on each such one
	ConflictsA int       // of them, those where A was bound on more X than B
	Elsewhere  int       // bound in another city than asked for
	Erlang     float64   // share by Erlang's formula, whether it applies or not
	Split      []int     // X of each city; all in one element without cities
	Cities     []CityTally
}

// At simulates a pool of that size under the demand.
func (s *Study) At(ctx context.Context, size int) (*Point, error) {
	return s.simulate(ctx, s.demand, size, s.plan(&s.demand))
}

// simulate runs the replications, on as many goroutines as there are workers.
func (s *Study) simulate(ctx context.Context, d Demand, size int, p plan) (*Point, error) {
	if size < 1 || size > MaxSize {
		return nil, fmt.Errorf("a pool of %d numbers is out of range, accepted: 1 to %d", size, MaxSize)
	}
	split := d.split(size)
	var tallies [Replications]tally
	var errs [Replications]error
	next := make(chan int, Replications)
	for r := range Replications {
		next <- r
	}
	close(next)
	var workers sync.WaitGroup
	for range s.effort.Workers {
		workers.Go(func() {
			for r := range next {
				sim, err := s.newSimulation(&d, split, r)
				if err == nil {
					err = sim.run(ctx, p)
				}
				if errs[r] = err; err == nil {
					tallies[r] = sim.tally
				}
			}
		})
	}
	workers.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	point := s.point(&d, size, split, tallies[:])
	if s.report != nil {
		s.report(point)
	}
	return point, nil
}

// point adds up the replications.
func (s *Study) point(d *Demand, size int, split []int, tallies []tally) *Point {
	p := &Point{Size: size, Rate: d.Rate, Split: split, Erlang: d.erlang(split), Cities: make([]CityTally, len(d.Cities))}
	for _, t := range tallies {
		p.Requests += t.requests
		p.Refused += t.refused
		p.Conflicts += t.conflicts
		p.ConflictsA += t.conflictsA
		p.Elsewhere += t.elsewhere
		for i, c := range t.cities {
			p.Cities[i].Requests += c.Requests
			p.Cities[i].Refused += c.Refused
		}
		p.Shares = append(p.Shares, float64(t.refused)/float64(t.requests))
	}
	p.Share = float64(p.Refused) / float64(p.Requests)
	p.Low, p.High = interval(p.Shares, s.effort.Confidence, p.Requests)
	return p
}

// interval returns the confidence interval of the mean of independent shares. It ends no lower than where none refused of that
// many independent requests would leave it.
func interval(shares []float64, confidence float64, requests int) (low, high float64) {
	n := float64(len(shares))
	mean, square := 0.0, 0.0
	for _, s := range shares {
		mean += s / n
	}
	for _, s := range shares {
		square += (s - mean) * (s - mean)
	}
	half := students[confidence] * math.Sqrt(square/(n-1)/n)
	none := 1 - math.Pow((1-confidence)/2, 1/float64(requests))
	return max(mean-half, 0), min(max(mean+half, none), 1)
}
