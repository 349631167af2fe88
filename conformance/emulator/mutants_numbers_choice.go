package emulator

import (
	"strings"
	"sync"

	"axbench/conformance/numbers"
)

// mutantsChoice choose the wrong X.
var mutantsChoice = []*Deviation{
	{ID: "N01", Text: "PhoneNoX ignored, another X given", Clauses: []string{"PRM-X-2"}, Needs: "a bind with a PhoneNoX of the pool", at: onStage("bind", anotherX)},
	{ID: "N02", Text: "PhoneNoX of another pool accepted", Clauses: []string{"PRM-X-3"}, Needs: "a second pool, and a bind with its number", at: onStage("bind", reading(poolOfX))},
	{ID: "N03", Text: "foreign PhoneNoX silently replaced", Clauses: []string{"PRM-X-2", "PRM-X-3"}, Needs: "a bind with a PhoneNoX that is not in the pool",
		at: onStage("bind", reading(func(c *call) bool {
			foreign := c.request.X != 0 && !c.pool.Has(c.request.X)
			if foreign {
				c.request.X = 0
			}
			return foreign
		}))},
	{ID: "N04", Text: "unknown PhoneNoX -> isp.SYSTEM_ERROR", Clauses: []string{"PRM-X-3"}, Needs: "a bind with a PhoneNoX that nobody has",
		at: onStage("bind", instead("isp.SYSTEM_ERROR", func(c *call, _ *row) bool { return c.request.X != 0 && c.server.model.Owner(c.request.X) == nil }))},
	{ID: "N05", Text: "X equal to A", Clauses: []string{"RSP-13"}, Needs: "a bind without PhoneNoX", at: onStage("bind", answering(func(c *call) numbers.Number { return c.request.A }))},
	{ID: "N07", Text: "X not in the pool (random digits)", Clauses: []string{"PRM-POOL-4"}, Needs: "a bind without PhoneNoX", at: onStage("bind", answering((*call).nobodysX))},
	{ID: "N13", Text: "strict mode: number of the wrong city with OK", Clauses: []string{"PRM-CITY-4"}, Needs: "a strict pool without a free number in the city", at: onStage("bind", notStrict)},
	{ID: "N15", Text: "city has numbers, another city's number given", Clauses: []string{"PRM-CITY-2"}, Needs: "a pool with several cities, and a bind with ExpectCity",
		at: onPoints("bind", func(s *Server) points {
			return points{stages: map[string]stageFunc{"bind": newAtlas(s).elsewhere}}
		})},
	{ID: "N17", Text: "city compared as mojibake: 北京 never matches, always fallback", Clauses: []string{"PRM-CITY-2", "PRM-CITY-6"}, Needs: "a pool with several cities, and binds with ExpectCity",
		at: onStage("bind", reading(func(c *call) bool { return c.wish(mojibake(c.request.City)) }))},
	{ID: "N18", Text: "ExpectCity wins over PhoneNoX", Clauses: []string{"PRM-X-6"}, Needs: "a bind with a PhoneNoX and another city",
		at: onStage("bind", reading(func(c *call) bool {
			both := c.request.X != 0 && c.request.City != ""
			if both {
				c.request.X = 0
			}
			return both
		}))},
	{ID: "N38", Text: "PhoneNoX and ExpectCity together refused", Clauses: []string{"PRM-X-6"}, Needs: "a bind with both",
		at: onStage("bind city", refusing(codeIllegal, "ExpectCity", func(c *call) bool { return c.request.X != 0 && c.values[fExpectCity] != "" }))},
	{ID: "N39", Text: "default mode falls back only once, then isv.NO_AVAILABLE_NUMBER", Clauses: []string{"PRM-CITY-3"}, Needs: "several binds with a city that has no free number", at: onPoints("bind", fallsBackOnce)},
	{ID: "N42", Text: "only 北京市 (with suffix) is known", Clauses: []string{"PRM-CITY-6"}, Needs: "a pool with several cities, and binds with ExpectCity",
		at: onStage("bind", reading(func(c *call) bool {
			return c.request.City != "" && bareCity(c.request.City) == c.request.City && c.wish("?"+c.request.City)
		}))},
	{ID: "N44", Text: "unknown city -> isp.DAO_EXCEPTION", Clauses: []string{"PRM-CITY-8"}, Needs: "a bind with a city of no pool",
		at: onPoints("bind city", func(s *Server) points {
			a := newAtlas(s)
			return points{stages: map[string]stageFunc{"bind city": refusing("isp.DAO_EXCEPTION", "ExpectCity", func(c *call) bool { return c.request.City != "" && !a.knows(c.request.City) })}}
		})},
	{ID: "N80", Text: "strict mode without ExpectCity -> isv.NO_AVAILABLE_NUMBER", Clauses: []string{"PRM-CITY-5"}, Needs: "a strict pool, and a bind without ExpectCity",
		at: onStage("bind", keeping("isv.NO_AVAILABLE_NUMBER", "", func(c *call) bool { return c.pool.Strict() && c.request.City == "" && c.request.X == 0 }))},
	{ID: "N81", Text: "the fallback number is always the lowest that can take the pair", Clauses: []string{"PRM-CITY-7"}, Needs: "several binds with a city that has no free number",
		at: onPoints("bind", func(s *Server) points {
			return points{stages: map[string]stageFunc{"bind": newAtlas(s).lowest}}
		})},
}

// wish replaces the city that is looked for, and reports whether it is another one.
func (c *call) wish(name string) bool {
	other := name != c.request.City
	c.request.City = name
	return other
}

// anotherX binds without the PhoneNoX that was given, on another one.
func anotherX(c *call, next func(*call) *row) (*row, bool) {
	asked := c.request.X
	if asked == 0 {
		return next(c), false
	}
	c.request.X = 0
	r := next(c)
	if r != c.server.rows.ok || c.binding.X != asked {
		return r, true
	}
	first := c.binding // A and B are bound there now, so that the next one is another X
	r = next(c)
	c.pool.Unbind(c.today, first.SubsID, first.X)
	return r, true
}

// poolOfX goes to the pool that has the PhoneNoX.
func poolOfX(c *call) bool {
	if c.request.X == 0 || c.pool.Has(c.request.X) {
		return false
	}
	owner := c.server.model.Owner(c.request.X)
	if owner != nil {
		c.pool = c.server.pools[owner.Key()]
	}
	return owner != nil
}

// answering gives another number as the X of a bind that named none.
func answering(number func(c *call) numbers.Number) stageFunc {
	return func(c *call, next func(*call) *row) (*row, bool) {
		r := next(c)
		if r != c.server.rows.ok || c.request.X != 0 {
			return r, false
		}
		c.binding.X = number(c)
		return r, true
	}
}

// nobodysX is a number of eleven digits that no pool has.
func (c *call) nobodysX() numbers.Number {
	base, _ := numbers.Parse("19900000000")
	for k := uint64(0); ; k++ {
		n := base + numbers.Number(random(c.server.seed, streamMutant+1+k, c.number)%100_000_000)
		if k == 16 || c.server.model.Owner(n) == nil {
			return n
		}
	}
}

// notStrict takes any number when the city has none.
func notStrict(c *call, next func(*call) *row) (*row, bool) {
	r := next(c)
	if !c.pool.Strict() || c.request.City == "" || r == c.server.rows.ok || c.request.X != 0 {
		return r, false
	}
	clause, param := c.clause, c.param
	c.pardon()
	c.request.City = ""
	if next(c) == c.server.rows.ok {
		return c.server.rows.ok, true
	}
	c.clause, c.param = clause, param
	return r, false
}

// elsewhere looks for a number of another city.
func (a atlas) elsewhere(c *call, next func(*call) *row) (*row, bool) {
	r := next(c)
	wanted := bareCity(c.request.City)
	if r != c.server.rows.ok || wanted == "" || c.request.X != 0 || a.city(c.pool, c.binding.X) != wanted {
		return r, false
	}
	right := c.binding
	c.request.City = ""
	for range 64 {
		if next(c) != c.server.rows.ok {
			break
		}
		if a.city(c.pool, c.binding.X) != wanted {
			c.pool.Unbind(c.today, right.SubsID, right.X)
			return r, true
		}
		c.pool.Unbind(c.today, c.binding.SubsID, c.binding.X)
	}
	c.pardon()
	c.binding = right
	return r, false
}

// mojibake reads UTF-8 as Latin-1.
func mojibake(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteRune(rune(s[i]))
	}
	return b.String()
}

// fellBack reports whether a bind got a number of another city than it wished.
func (a atlas) fellBack(c *call) bool {
	wanted := bareCity(c.request.City)
	return wanted != "" && c.request.X == 0 && a.city(c.pool, c.binding.X) != wanted
}

// fallsBackOnce takes another city's number once for each city of a pool.
func fallsBackOnce(s *Server) points {
	a := newAtlas(s)
	var mu sync.Mutex
	done := map[[2]string]bool{}
	return points{stages: map[string]stageFunc{"bind": func(c *call, next func(*call) *row) (*row, bool) {
		r := next(c)
		if r != c.server.rows.ok || !a.fellBack(c) {
			return r, false
		}
		mu.Lock()
		defer mu.Unlock()
		if key := [2]string{c.pool.Key(), strings.Clone(bareCity(c.request.City))}; !done[key] {
			remember(done, key, true)
			return r, false
		}
		c.pool.Unbind(c.today, c.binding.SubsID, c.binding.X)
		return c.wrong(c.server.rows.find("isv.NO_AVAILABLE_NUMBER"), "COD-NO_AVAILABLE_NUMBER", "ExpectCity"), true
	}}}
}

// maxLowest is how many numbers are tried as the lowest one.
const maxLowest = 4096

// lowest falls back to the lowest number instead of a random one.
func (a atlas) lowest(c *call, next func(*call) *row) (*row, bool) {
	r := next(c)
	if r != c.server.rows.ok || !a.fellBack(c) {
		return r, false
	}
	drawn, wanted, tried := c.binding, bareCity(c.request.City), 0
	c.pool.Unbind(c.today, drawn.SubsID, drawn.X)
	for _, city := range a[c.pool.Key()] {
		for _, span := range city.Ranges {
			for x := span.First; x <= span.Last && city.Name != wanted && tried < maxLowest; x++ {
				c.request.X = x
				tried++
				if r = next(c); r == c.server.rows.ok {
					c.request.X = 0
					return c.accept(), c.binding.X != drawn.X
				}
			}
		}
	}
	c.request.X = 0
	c.pardon()
	return next(c), false
}

// accept is a success after what may have been refused before.
func (c *call) accept() *row {
	c.pardon()
	return c.server.rows.ok
}
