package emulator

import (
	"fmt"
	"maps"
	"slices"

	"axbench/conformance/numbers"
	"axbench/scenarios/strict"
)

// Pool is one number pool: its numbers by city, or a count of them that are generated.
type Pool struct {
	Pos     strict.Pos              `yaml:"-" json:"-"`
	Key     string                  `yaml:"key" jsonschema:"required,description=PoolKey"`
	Mode    string                  `yaml:"mode" jsonschema:"enum=default,enum=strict,description=strict: never a number of another city than asked for"`
	Pairs   int                     `yaml:"pairs" jsonschema:"minimum=1,maximum=200,description=bindings that one X serves at once (200)"`
	Numbers map[string][]NumberSpan `yaml:"numbers" jsonschema:"description=X numbers by city"`
	Size    int                     `yaml:"size" jsonschema:"minimum=1,maximum=10000000,description=generate so many X numbers instead"`
	First   string                  `yaml:"first" jsonschema:"description=the first generated number (17000000000)"`
	Cities  []string                `yaml:"cities" jsonschema:"description=cities that share the generated numbers evenly (the five of the built-in pool)"`
}

func (c *Config) checkPools() *strict.Error {
	var where []*Pool
	for _, o := range c.owners() {
		for i := range o.pools {
			p := &o.pools[i]
			where = append(where, p)
			switch {
			case len(p.Key) == 0 || len(p.Key) > c.maxPoolKey():
				return p.Pos.Error("key", "no key of a pool", fmt.Sprintf("1 to %d bytes", c.maxPoolKey()))
			case p.Size == 0 && len(p.Numbers) == 0:
				return p.Pos.Error("numbers", "no number in it", "cities with ranges of numbers, or size")
			case p.Size > 0 && len(p.Numbers) > 0:
				return p.Pos.Error("size", "numbers are listed and generated", "either numbers or size")
			case p.Size == 0 && (p.First != "" || len(p.Cities) > 0):
				return p.Pos.Error("", "first and cities are for generated numbers", "size beside them")
			}
			if _, ok := p.first(); !ok {
				return p.Pos.Error("first", "not a number", "8 to 15 digits with room for all of them")
			}
		}
	}
	err := numbers.Check(c.poolConfigs())
	if err == nil {
		return nil
	}
	bad, _ := err.(*numbers.ConfigError)
	if bad == nil || bad.Pool >= len(where) {
		return c.Pos.Error("pools", err.Error(), "")
	}
	key := "numbers"
	switch p := where[bad.Pool]; {
	case slices.ContainsFunc(where[:bad.Pool], func(q *Pool) bool { return q.Key == p.Key }):
		key = "key"
	case p.Size > 0:
		key = "size"
	}
	return where[bad.Pool].Pos.Error(key, bad.Problem, "cities with ranges of numbers, each number once")
}

// first returns the first generated number.
func (p *Pool) first() (numbers.Number, bool) {
	if p.First == "" {
		n, _ := numbers.Parse("17000000000")
		return n, true
	}
	n, ok := numbers.Parse(p.First)
	if !ok || n.Len() < 8 || n.Len() > 15 {
		return 0, false
	}
	if last := n + numbers.Number(max(0, p.Size-1)); last.String() == "" || len(last.String()) != n.Len() {
		return 0, false
	}
	return n, true
}

// generated spreads Size numbers over the cities, in runs.
func (p *Pool) generated() (cities []numbers.City) {
	names := p.Cities
	if len(names) == 0 {
		names = builtinCities
	}
	next, _ := p.first()
	for i, name := range names {
		share := p.Size / len(names)
		if i < p.Size%len(names) {
			share++
		}
		if share > 0 {
			cities = append(cities, numbers.City{Name: name, Ranges: []numbers.Range{numbers.NewRange(next, share)}})
			next += numbers.Number(share)
		}
	}
	return cities
}

// poolConfigs returns the pools of all accounts in the order of owners, and the built-in one behind them.
func (c *Config) poolConfigs() []numbers.PoolConfig {
	var out []numbers.PoolConfig
	var taken []numbers.Range
	builtin := true
	for _, o := range c.owners() {
		for i := range o.pools {
			p := &o.pools[i]
			config := numbers.PoolConfig{Key: p.Key, Strict: p.Mode == "strict", MaxPairs: p.Pairs}
			c.Choices.shape(&config)
			config.Cities = p.generated()
			for _, name := range slices.Sorted(maps.Keys(p.Numbers)) {
				in := numbers.City{Name: name}
				for _, s := range p.Numbers[name] {
					in.Ranges = append(in.Ranges, s.Range)
				}
				config.Cities = append(config.Cities, in)
			}
			for _, city := range config.Cities {
				taken = append(taken, city.Ranges...)
			}
			builtin = builtin && p.Key != BuiltinPool
			out = append(out, config)
		}
	}
	if builtin {
		if p := builtinPool(taken); len(p.Cities) > 0 {
			c.Choices.shape(&p)
			out = append(out, p)
		}
	}
	return out
}

// builtinCity is how many numbers the built-in pool has in each city: with 200 pairs each, all five together hold ten
// million bindings, and a phone may be bound 50,000 times.
const builtinCity = 10_000

var builtinCities = []string{"北京", "上海", "广州", "深圳", "杭州"}

// builtinPool is the pool FC123456, without the cities whose numbers are taken by a configured pool.
func builtinPool(taken []numbers.Range) numbers.PoolConfig {
	p := numbers.PoolConfig{Key: BuiltinPool}
	first, _ := numbers.Parse("17000000000")
	for i, name := range builtinCities {
		r := numbers.NewRange(first+numbers.Number(i*builtinCity), builtinCity)
		if !slices.ContainsFunc(taken, func(t numbers.Range) bool { return t.First <= r.Last && r.First <= t.Last }) {
			p.Cities = append(p.Cities, numbers.City{Name: name, Ranges: []numbers.Range{r}})
		}
	}
	return p
}

// addPools makes the model and says whose each pool is; the built-in one is the main account's.
func (s *Server) addPools(cfg *Config, accounts map[string]*account) (err error) {
	if s.model, err = numbers.New(s.seed, cfg.poolConfigs()); err != nil {
		return fmt.Errorf("emulator: %w", err)
	}
	list := s.model.Pools()
	for _, o := range cfg.owners() {
		for range o.pools {
			s.pools[list[0].Key()] = &pool{Pool: list[0], account: accounts[o.name]}
			list = list[1:]
		}
	}
	for _, p := range list {
		s.pools[p.Key()] = &pool{Pool: p, account: accounts[MainAccount]}
	}
	if cfg.Choices.CityNames == "exact" {
		for _, config := range cfg.poolConfigs() {
			names := map[string]bool{}
			for _, city := range config.Cities {
				names[city.Name] = true
			}
			s.pools[config.Key].names = names
		}
	}
	return nil
}
