package emulator

import (
	"strings"
	"time"
)

// twice is a probe of two binds, the second with some of the first's numbers, which are named in of.
func twice(name string, of ...string) probe {
	return probe{name: name, run: func(p *prober) {
		first := p.bind()
		second := p.bind()
		for _, n := range of {
			second[n] = first[n]
		}
		one, two := p.get("first", first), p.get("second", second)
		p.note("same X: %v, same SubsId: %v", one.x() == two.x(), one.subs() == two.subs())
		p.detail(two)
	}}
}

// wished is a probe of binds with a city, and of whether their X is there.
func wished(name, city, prefix string, times int, pairs ...string) probe {
	return probe{name: name, run: func(p *prober) {
		for range times {
			o := p.get(city, p.bind(append([]string{"ExpectCity", city}, pairs...)...))
			p.note("in %s: %v", city, strings.HasPrefix(o.x(), prefix))
		}
	}}
}

// ended is a probe of the conflict on an X some time after its binding was made for ten minutes.
func ended(name string, after time.Duration) probe {
	return probe{name: name, run: func(p *prober) {
		first := p.bind("PhoneNoX", p.ownX(0), "Expiration", p.expires(10*time.Minute))
		p.detail(p.get("first", first))
		p.advance(after)
		p.get("A again", p.bind("PhoneNoA", first["PhoneNoA"], "PhoneNoX", p.ownX(0)))
	}}
}

var probesNumbers = []probe{
	{name: "X wished", run: func(p *prober) {
		o := p.get("X", p.bind("PhoneNoX", p.ownX(0)))
		p.note("X given: %v", o.x() == p.ownX(0))
	}},
	asks("X of nobody", "PhoneNoX", "17088888888"),
	asks("X of another pool", "PhoneNoX", "17000100001"),
	asks("X of another account", "PhoneNoX", "17099999991"),
	{name: "X of the pool", run: func(p *prober) {
		q := p.bind()
		o := p.get("bind", q)
		p.note("X is A: %v, of the pool: %v", o.x() == q["PhoneNoA"], strings.HasPrefix(o.x(), "170000"))
	}},
	wished("city with numbers", "北京", "1700000", 6),
	wished("city with its suffix", "北京市", "1700000", 6),
	wished("city of no pool", "亚特兰蒂斯", "?", 3),
	wished("city of another pool", "杭州", "?", 3, "PoolKey", "FC000002"),
	wished("strict pool, city used up", "上海", "?", 1, "PoolKey", "FC000003"),
	wished("strict pool, city", "北京", "1700020000", 1, "PoolKey", "FC000003"),
	asks("strict pool, no city", "PoolKey", "FC000003"),
	{name: "fallbacks", run: func(p *prober) {
		seen := map[string]bool{}
		for range 20 {
			seen[p.get("fallback", p.bind("PoolKey", "FC000005", "ExpectCity", "拉萨")).x()] = true
		}
		p.note("several numbers: %v", len(seen) > 1)
	}},
	{name: "X and city", run: func(p *prober) {
		o := p.get("X and city", p.bind("PhoneNoX", p.ownX(0), "ExpectCity", "北京"))
		p.note("X given: %v", o.x() == p.ownX(0))
	}},
	twice("same A", "PhoneNoA"),
	twice("same B", "PhoneNoB"),
	twice("same pair", "PhoneNoA", "PhoneNoB"),
	twice("other pair"),
	{name: "A and B swapped on an X", run: func(p *prober) {
		first := p.bind("PhoneNoX", p.ownX(0))
		p.get("first", first)
		p.detail(p.get("swapped", p.bind("PhoneNoA", first["PhoneNoB"], "PhoneNoB", first["PhoneNoA"], "PhoneNoX", p.ownX(0))))
		p.get("A again", p.bind("PhoneNoA", first["PhoneNoA"], "PhoneNoX", p.ownX(0)))
	}},
	{name: "same OutId", run: func(p *prober) {
		p.get("first", p.bind("OutId", "order-1"))
		p.get("second", p.bind("OutId", "order-1"))
		p.get("another", p.bind("OutId", "order-2"))
	}},
	ended("before the end", 8*time.Minute),
	ended("behind the end", 11*time.Minute),
	{name: "unbind", run: func(p *prober) {
		o := p.get("bind", p.bind())
		p.detail(o)
		p.get("unbind", p.params("UnbindSubscription", "PoolKey", BuiltinPool, "SubsId", o.subs(), "SecretNo", o.x()))
	}},
	{name: "numbers after refusals", run: func(p *prober) {
		a := p.phone("150", 9999)
		pool := []string{"PoolKey", "FC000002", "PhoneNoA", a}
		p.short("bad B", p.bind(pool...).with("PhoneNoB", "1"))
		p.send("bad signature", get(p.bind(pool...).query("GET", "wrong")))
		for range 3 {
			p.short("bind", p.bind(pool...))
		}
	}},
	{name: "numbers after a limit of a key", costly: true, run: func(p *prober) {
		a := p.phone("150", 9999)
		for range 4 {
			p.short("passes", p.bind())
		}
		p.short("limited", p.bind("PoolKey", "FC000002"))
		for range 3 {
			p.as("second", "second-secret", "bind", p.bind("PoolKey", "FC000002", "PhoneNoA", a))
		}
	}},
	{name: "twenty binds", run: func(p *prober) {
		for range 20 {
			p.short("bind", p.bind())
		}
	}},
}

var shownNumbers = map[string]evidence{
	"N01": {probes: []string{"X wished"}, shows: "X given: false"},
	"N02": {probes: []string{"X of another pool", "X of another account"}, shows: says("OK")},
	"N03": {probes: []string{"X of nobody"}, shows: says("OK")},
	"N04": {probes: []string{"X of nobody"}, shows: says("isp.SYSTEM_ERROR")},
	"N05": {probes: []string{"X of the pool"}, shows: "X is A: true"},
	"N07": {probes: []string{"X of the pool"}, shows: "of the pool: false"},
	"N08": {probes: []string{"same A"}, shows: "same X: true, same SubsId: false"},
	"N09": {probes: []string{"same B"}, shows: "same X: true, same SubsId: false"},
	"N11": {probes: []string{"A and B swapped on an X"}, shows: says("OK")},
	"N12": {probes: []string{"conflict"}, shows: says("isv.NO_AVAILABLE_NUMBER")},
	"N13": {probes: []string{"strict pool, city used up"}, shows: says("OK")},
	"N15": {probes: []string{"city with numbers"}, shows: "in 北京: false"},
	"N17": {probes: []string{"city with numbers"}, shows: "in 北京: false"},
	"N18": {probes: []string{"X and city"}, shows: "X given: false"},
	"N20": {probes: []string{"exhaustion"}, shows: says("isp.SYSTEM_ERROR")},
	"N21": {probes: []string{"other pair"}, shows: "same SubsId: true"},
	"N23": {probes: []string{"unbind"}, shows: "|"},
	"N24": {probes: []string{"before the end"}, shows: says("OK")},
	"N27": {probes: []string{"recording absent"}, shows: `"NeedRecord":true`},
	"N28": {probes: []string{"recording true"}, shows: `"NeedRecord":false`},
	"N29": {probes: []string{"behind the end"}, shows: says("isv.BIND_CONFLICT")},
	"N31": {probes: []string{"unbind"}, shows: `"PhoneNoA":"158`},
	"N32": {probes: []string{"numbers after refusals"}, shows: "isv.NO_AVAILABLE_NUMBER"},
	"N35": {probes: []string{"pool of another account"}, shows: says("OK")},
	"N38": {probes: []string{"X and city"}, shows: says("isv.ILLEGAL_ARGUMENT")},
	"N39": {probes: []string{"city of no pool"}, shows: says("isv.NO_AVAILABLE_NUMBER")},
	"N42": {probes: []string{"city with numbers"}, shows: "in 北京: false"},
	"N44": {probes: []string{"city of no pool"}, shows: says("isp.DAO_EXCEPTION")},
	"N46": {probes: []string{"same OutId"}, shows: says("isv.BIND_CONFLICT")},
	"N47": {probes: []string{"same pair"}, shows: "same X: true, same SubsId: false"},
	"N80": {probes: []string{"strict pool, no city"}, shows: says("isv.NO_AVAILABLE_NUMBER")},
	"N81": {probes: []string{"fallbacks"}, shows: "several numbers: false"},
	"N82": {probes: []string{"twenty binds"}, shows: "isv.VENDOR_BIND_FAILED"},
}
