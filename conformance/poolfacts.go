package conformance

import (
	"maps"
	"slices"
)

// poolOf returns what is declared of the pool with a key, nil for nothing.
func (s *suite) poolOf(key string) *PoolFacts {
	for _, name := range slices.Sorted(maps.Keys(s.provision.Pools)) {
		if p := s.provision.Pool(name); p.Key == key {
			return p
		}
	}
	return nil
}

// ofPool counts RSP-13 where all numbers of a pool are declared: the X of a binding is one of them.
func (s *suite) ofPool(c *testCase, x *exchange) {
	p := s.poolOf(x.req.get("PoolKey"))
	if p == nil || !p.Complete() || x.secretNo == "" {
		return
	}
	s.verdictOf(c, x, "RSP-13", p.Has(x.secretNo), "SecretBindDTO.SecretNo: none of the numbers that the pool is declared to have")
}

// declaredX reports whether a number is declared to be an X of some pool.
func (s *suite) declaredX(n string) bool {
	for _, p := range s.provision.Pools {
		if p.Has(n) {
			return true
		}
	}
	return false
}

// busy are the X of a pool on which bindings of this run are alive.
func (s *suite) busy(key string) map[string]bool {
	list := map[string]bool{}
	for _, b := range s.bindings.list {
		if b.pool == key && b.live(s.bindings.now()) {
			list[b.x] = true
		}
	}
	return list
}

// freeIn returns how many declared X of a city no binding of this run is alive on.
func (s *suite) freeIn(p *PoolFacts, city string) int {
	free := p.CountIn(city)
	for x := range s.busy(p.Key) {
		if c, ok := p.CityOf(x); ok && c == city {
			free--
		}
	}
	return free
}
