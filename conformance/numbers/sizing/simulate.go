package sizing

import (
	"context"
	"math"
	"math/rand/v2"
	"time"

	"axbench/conformance/numbers"
)

// tally is what one simulation counted.
type tally struct {
	requests, refused int
	conflicts         int // refused although an X had room: A or B was bound on each of them
	conflictsA        int // of them, those where A was bound on more X than B
	elsewhere         int // bound in another city than asked for
	cities            []CityTally
}

// simulation is one run of the model.
type simulation struct {
	d      *Demand
	stream stream
	pool   *numbers.Pool
	room   int        // bindings that the pool can hold
	keep   float64    // share of the bindings ahead of the beginning that are made: what there is room for
	thin   *rand.Rand // decides which
	split  []int
	cities []string
	ends   heap
	tally
}

// epoch is when a simulation begins, on a whole second.
const epoch = 1_000_000_000

func instant(ns int64) time.Time { return time.Unix(epoch+ns/1e9, ns%1e9) }

// poolKey is the key of the only pool.
const poolKey = "P"

// newSimulation makes replication r with a pool of that split.
func (s *Study) newSimulation(d *Demand, split []int, r int) (*simulation, error) {
	config := numbers.PoolConfig{Key: poolKey, Strict: d.Strict, MaxPairs: d.Pairs, Remember: -1}
	sim := &simulation{d: d, split: split}
	x := firstX
	for i, n := range split {
		c := numbers.City{Name: "-"}
		if len(d.Cities) > 0 {
			c.Name = d.Cities[i].Name
			sim.cities = append(sim.cities, c.Name)
		}
		if n > 0 {
			c.Ranges = []numbers.Range{numbers.NewRange(x, n)}
		}
		config.Cities = append(config.Cities, c)
		x += numbers.Number(n)
		sim.room += n * d.Pairs
	}
	sim.tally.cities = make([]CityTally, len(sim.cities))
	m, err := numbers.New(s.effort.Seed+uint64(r), []numbers.PoolConfig{config})
	if err != nil {
		return nil, err
	}
	sim.keep, sim.thin = float64(sim.room)/d.Load(), rand.New(rand.NewPCG(s.effort.Seed, uint64(r)+1_000_001))
	recent := int(min(math.Ceil(d.Load()), maxRecent))
	sim.pool = m.Pool(poolKey)
	sim.stream = stream{d: d, rng: rand.New(rand.NewPCG(s.effort.Seed, uint64(r)+1)),
		a: newSource(&d.A, s.aliasA, firstA, recent), b: newSource(&d.B, s.aliasB, firstB, recent)}
	return sim, nil
}

// checkEvery is how many requests pass between two looks at the context.
const checkEvery = 1 << 12

// run simulates: lead requests of which only those are bound whose bindings are live when the last of them comes, then settle
// unrecorded ones, then those that count. Where the pool has not enough room for the former, as many are left out at random: the oldest
// ones alone would end together, and others after them, for a long time.
func (sim *simulation) run(ctx context.Context, p plan) error {
	begin := int64(float64(p.lead) / sim.d.Rate * 1e9)
	for i := 0; ; i++ {
		if i%checkEvery == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		r := sim.stream.next()
		if r.at >= begin {
			sim.request(&r, false)
			break
		}
		if r.at+r.hold > begin && sim.thin.Float64() < sim.keep {
			sim.request(&r, false)
		}
	}
	for i := range p.settle + p.requests {
		if i%checkEvery == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		r := sim.stream.next()
		sim.request(&r, i >= p.settle)
	}
	return nil
}

// request asks the pool for a binding.
func (sim *simulation) request(r *request, counts bool) {
	for len(sim.ends) > 0 && sim.ends[0].at <= r.at {
		e := sim.ends.pop()
		sim.pool.Unbind(instant(e.at), e.id, e.x)
	}
	now := instant(r.at)
	ask := numbers.Request{A: r.a, B: r.b}
	if r.city >= 0 {
		ask.City = sim.cities[r.city]
	}
	if sim.d.Expire {
		ask.Expires = time.Unix(max(instant(r.at+r.hold).Unix(), now.Unix()+1), 0)
	} else {
		ask.Expires = time.Unix(math.MaxInt32*16, 0)
	}
	b, refusal := sim.pool.Bind(now, ask)
	if refusal == numbers.None && !sim.d.Expire {
		sim.ends.push(end{r.at + r.hold, b.SubsID, b.X})
	}
	if counts {
		sim.count(now, r, b.X, refusal)
	}
}

// count enters what came of a request. x is zero where it was refused.
func (sim *simulation) count(now time.Time, r *request, x numbers.Number, refusal numbers.Refusal) {
	sim.requests++
	if r.city >= 0 {
		sim.tally.cities[r.city].Requests++
	}
	if refusal == numbers.None {
		if r.city >= 0 && !sim.at(x, r.city) {
			sim.elsewhere++
		}
		return
	}
	sim.refused++
	if r.city >= 0 {
		sim.tally.cities[r.city].Refused++
	}
	if !sim.d.Expire && len(sim.ends) == sim.room {
		return // all X are full
	}
	for i, c := range sim.pool.Stock(now) {
		if c.Full < c.Numbers && (!sim.d.Strict || r.city < 0 || r.city == i) {
			sim.conflicts++
			if onA, onB := sim.pool.Bound(now, r.a, r.b); onA > onB {
				sim.conflictsA++
			}
			return
		}
	}
}

// at reports whether x is a number of the city.
func (sim *simulation) at(x numbers.Number, city int) bool {
	first := firstX
	for _, n := range sim.split[:city] {
		first += numbers.Number(n)
	}
	return x >= first && x < first+numbers.Number(sim.split[city])
}

// end is when a binding is unbound.
type end struct {
	at int64
	id numbers.SubsID
	x  numbers.Number
}

// heap has the end that comes first in front.
type heap []end

func (h *heap) push(e end) {
	list := append(*h, e)
	i := len(list) - 1
	for i > 0 && list[(i-1)/2].at > e.at {
		list[i] = list[(i-1)/2]
		i = (i - 1) / 2
	}
	list[i] = e
	*h = list
}

func (h *heap) pop() end {
	list := *h
	first, n := list[0], len(list)-1
	last := list[n]
	list = list[:n]
	for i := 0; i < n; {
		child := 2*i + 1
		if child+1 < n && list[child+1].at < list[child].at {
			child++
		}
		if child >= n || list[child].at >= last.at {
			list[i] = last
			break
		}
		list[i] = list[child]
		i = child
	}
	*h = list
	return first
}
