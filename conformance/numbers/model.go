package numbers

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// MaxPairs is how many bindings one X serves at once, as the API's metadata and its page of today say.
const MaxPairs = 200

// Remember is how many bindings that have expired a pool remembers unless it is told otherwise.
const Remember = 4096

// MaxNumbers is the greatest size of one pool.
const MaxNumbers = 1 << 28

// City is the numbers of one city. Names are compared without the suffix 市 (bindaxb-doc:43).
type City struct {
	Name   string
	Ranges []Range
}

// PoolConfig says what a pool is. A Strict pool never takes a number of another city than asked for.
type PoolConfig struct {
	Key       string
	Strict    bool
	MaxPairs  int  // bindings that one X serves at once, 1 to MaxPairs; 0 for MaxPairs
	Remember  int  // bindings that have expired and can still be asked for; 0 for Remember, less than 0 for none
	SameRole  bool // a number conflicts on X only with itself in the same role: as A or as B
	AllowSame bool // A, B and X may be the same number
	Packed    bool // the first X that can take a pair, in the order of Cities, instead of a random one
	Inclusive bool // a binding is live in the second of its Expires too
	Cities    []City
}

// Model is a set of pools that share one sequence of SubsIDs. A number belongs to one pool.
type Model struct {
	pools map[string]*Pool
	list  []*Pool
	subs  atomic.Uint64 // last one given
}

// ConfigError says what is wrong with the pool of that index.
type ConfigError struct {
	Pool    int
	Problem string
}

func (e *ConfigError) Error() string { return fmt.Sprintf("pool %d: %s", e.Pool+1, e.Problem) }

// Check returns what New would refuse, as a *ConfigError, without making the pools.
func Check(configs []PoolConfig) error {
	_, err := outline(configs)
	return err
}

// New makes the pools, all free. The same seed makes the same choices for the same calls in the same order. Errors are
// *ConfigError.
func New(seed uint64, configs []PoolConfig) (*Model, error) {
	list, err := outline(configs)
	if err != nil {
		return nil, err
	}
	m := &Model{pools: make(map[string]*Pool, len(list)), list: list}
	m.subs.Store(firstSubsID + rand.NewPCG(seed, 1).Uint64()%1_000_000_000_000)
	for i, p := range list {
		p.subs, p.rng = &m.subs, rand.New(rand.NewPCG(seed, uint64(i)+2))
		p.fill()
		m.pools[p.key] = p
	}
	return m, nil
}

// outline makes the pools without their numbers.
func outline(configs []PoolConfig) (list []*Pool, err error) {
	type owned struct {
		span
		pool int
	}
	var all []owned
	keys := map[string]bool{}
	for i, c := range configs {
		p, err := newPool(c)
		if err == nil && keys[c.Key] {
			err = fmt.Errorf("a pool of this key stands before")
		}
		if err != nil {
			return nil, &ConfigError{i, err.Error()}
		}
		keys[c.Key] = true
		list = append(list, p)
		for _, s := range p.spans {
			all = append(all, owned{s, i})
		}
	}
	slices.SortFunc(all, func(a, b owned) int { return cmp.Compare(a.first, b.first) })
	for i := 1; i < len(all); i++ {
		if before := all[i-1]; all[i].first < before.first+Number(before.size) {
			return nil, &ConfigError{max(all[i].pool, before.pool), "a number stands in two places"}
		}
	}
	return list, nil
}

// Pool returns the pool of that key, or nil. Keys are compared exactly.
func (m *Model) Pool(key string) *Pool { return m.pools[key] }

// Pools returns the pools in the order of their configuration. The slice is the model's.
func (m *Model) Pools() []*Pool { return m.list }

// Owner returns the pool that has the number, or nil.
func (m *Model) Owner(x Number) *Pool {
	for _, p := range m.list {
		if p.Has(x) {
			return p
		}
	}
	return nil
}

// Live returns how many bindings are live in all pools.
func (m *Model) Live(now time.Time) int {
	n := 0
	for _, p := range m.list {
		n += p.Live(now)
	}
	return n
}

// Reset drops all bindings of all pools, one pool after the other. SubsIDs go on.
func (m *Model) Reset() {
	for _, p := range m.list {
		p.Reset()
	}
}

// span is a range of numbers and the index of its first one in the pool.
type span struct {
	first Number
	base  uint32
	size  uint32
}

// city is the X of one city: whole words of the pool's bitmaps.
type city struct {
	name     string
	from, to uint32 // words [from, to)
	size     int
	open     int // X that can take another pair
}

func newPool(c PoolConfig) (*Pool, error) {
	p := &Pool{key: c.Key, strict: c.Strict, same: c.AllowSame, packed: c.Packed, inclusive: c.Inclusive,
		limit: MaxPairs, remember: Remember, tune: tuned, cityOf: make(map[string]int), latest: math.MinInt64}
	if c.MaxPairs < 0 || c.MaxPairs > MaxPairs {
		return nil, fmt.Errorf("%d pairs for one number, accepted: 1 to %d", c.MaxPairs, MaxPairs)
	}
	if c.MaxPairs > 0 {
		p.limit = uint8(c.MaxPairs)
	}
	if c.Remember != 0 {
		p.remember = max(c.Remember, 0)
	}
	if c.SameRole {
		p.roleB = asB
	}
	next := uint64(0)
	for _, in := range c.Cities {
		name := strings.TrimSuffix(in.Name, "市")
		if _, twice := p.cityOf[name]; twice {
			return nil, fmt.Errorf("city %s stands twice", in.Name)
		}
		p.cityOf[name] = len(p.cities)
		next = (next + 63) &^ 63
		out := city{name: name, from: uint32(next / 64)}
		for _, r := range in.Ranges {
			size := r.Size()
			if size == 0 {
				return nil, fmt.Errorf("city %s: %s is no range of numbers", in.Name, r)
			}
			if next+uint64(size) > MaxNumbers {
				return nil, fmt.Errorf("more than %d numbers", MaxNumbers)
			}
			p.spans = append(p.spans, span{r.First, uint32(next), uint32(size)})
			next += uint64(size)
			out.size += size
		}
		p.size += out.size
		out.to = uint32((next + 63) / 64)
		p.cities = append(p.cities, out)
	}
	if p.size == 0 {
		return nil, fmt.Errorf("no number in it")
	}
	p.byNumber = slices.Clone(p.spans)
	slices.SortFunc(p.byNumber, func(a, b span) int { return cmp.Compare(a.first, b.first) })
	return p, nil
}

// fill drops all bindings and opens every X.
func (p *Pool) fill() {
	words := p.cities[len(p.cities)-1].to
	p.open = newRanked(words)
	p.oldest = make([]uint32, words*64)
	p.load = make([]uint8, words*64)
	p.phones = phones{at: make(map[Number]uint32)}
	p.bySubs = index{pages: make(map[SubsID]*page)}
	p.agenda = agenda{hubs: make(map[int64]uint32)}
	p.slab, p.labels = slab{}, labels{}
	p.behind, p.live, p.ended, p.remembered = false, 0, p.slab.hub(), 0
	for i := range p.cities {
		p.cities[i].open = 0
	}
	for _, s := range p.spans {
		for x := s.base; x < s.base+s.size; x++ {
			p.reopen(x)
		}
	}
}

// Last returns the SubsID that was given last: those of the model come in sequence and end with it.
func (m *Model) Last() SubsID { return SubsID(m.subs.Load()) }
