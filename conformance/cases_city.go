package conformance

import (
	"slices"
	"strings"
)

// cityCases hold ExpectCity (PRM-CITY).
var cityCases = slices.Concat([]testCase{
	{"city/absent", []string{"PRM-CITY-1"}, nil, func(t *trial) {
		t.accept(t.bind().drop("ExpectCity").saying("a bind without ExpectCity"), nil, "PRM-CITY-1")
	}},
	{"city/of-the-pool", []string{"PRM-CITY-2", "PRM-CITY-6"}, []need{needNumbers("main")}, (*trial).citiesOfPool},
	{"city/empty", []string{"PRM-CITY-3"}, []need{needEmptyCity("main"), needLenient}, (*trial).emptyCity},
	{"city/random", []string{"PRM-CITY-7", "PRM-CITY-3"}, []need{needEmptyCity("main"), needLenient}, (*trial).fallbacks},
	{"city/used-up", []string{"PRM-CITY-3"}, []need{needNumbers("main"), needLenient}, (*trial).cityUsedUp},
	{"city/strict", []string{"PRM-CITY-4"}, []need{needStrict, needEmptyCity("strict")}, func(t *trial) {
		r := t.bindIn("strict").set("ExpectCity", t.provision.Pool("strict").EmptyCity).saying("a city of which the strict pool has no number")
		t.refuse(r, must("isv.NO_AVAILABLE_NUMBER").orWarn(anyBusiness), "PRM-CITY-4")
	}},
	{"city/strict-free", []string{"PRM-CITY-5"}, []need{needStrict}, (*trial).strictFree},
	{"city/strict-used-up", []string{"PRM-CITY-4"}, []need{needStrict, needNumbers("strict")}, (*trial).strictUsedUp},
	{"city/unknown", []string{"PRM-CITY-8"}, nil, (*trial).unknownCity},
}, cityChoices)

// needLenient wants the main pool not to be declared strict.
func needLenient(s *suite) string {
	if p := s.provision.Pool("main"); p == nil || !p.Strict {
		return ""
	}
	return "a pool main that is not strict"
}

// needStrict wants a strict pool.
func needStrict(s *suite) string {
	if p := s.provision.Pool("strict"); p != nil && p.Strict {
		return ""
	}
	return "pools.strict with strict: true"
}

// namesX reports whether binds name an X here because others do not work: then a city says nothing.
func (t *trial) namesX(clauses ...string) bool {
	if t.bind().get("PhoneNoX") == "" {
		return false
	}
	t.unsure("no bind without PhoneNoX was accepted", clauses...)
	return true
}

// citiesOfPool asks for cities that have free numbers. A city's name is written without its suffix (PRM-CITY-6).
func (t *trial) citiesOfPool() {
	if t.namesX("PRM-CITY-2", "PRM-CITY-6") {
		return
	}
	p := t.provision.Pool("main")
	cities := p.Cities()
	if len(cities) == 1 && p.Complete() {
		t.unseen("the pool has numbers of one city only", "PRM-CITY-2", "PRM-CITY-6")
		return
	}
	cities = cities[:min(8, len(cities))]
	each, bound, judged := max(2, 16/len(cities)), 0, 0
	for _, city := range cities {
		clauses := []string{"PRM-CITY-2", "PRM-CITY-6"}
		if strings.HasSuffix(city, "市") {
			clauses = clauses[:1]
		}
		for range min(each, t.bindings.left()) {
			way := t.waysOf(bound) // which may have bound a number of the city
			if t.freeIn(p, city) < 1 {
				break
			}
			r := way(t.bind().set("ExpectCity", city).saying("a city of the pool"))
			x := t.send(r)
			if !x.ok() {
				x = t.accept(t.renew(r), nil, clauses...)
			}
			if x.ok() {
				bound++
				if t.inCity(x, p, city, clauses...) {
					judged++
				}
			}
		}
	}
	if bound > 0 && judged == 0 {
		t.unseen("no X was one of the declared numbers of the pool, and they are not all of it", "PRM-CITY-2", "PRM-CITY-6")
	}
}

// waysOf returns one of the ways to send a bind: as it is, with every other optional parameter, in a form, for XML.
func (t *trial) waysOf(i int) func(*request) *request {
	switch i % 4 {
	case 1:
		return func(r *request) *request { return r.set("IsRecordingEnabled", "false").set("OutId", "axbench") }
	case 2:
		if t.usable(asForm) {
			return func(r *request) *request { return r.with(asForm) }
		}
	case 3:
		return (*request).inXML
	}
	return func(r *request) *request { return r }
}

// inCity judges clauses by the city of an X. One that is not declared says nothing where the pool may have further ones: then it is
// false.
func (t *trial) inCity(x *exchange, p *PoolFacts, city string, clauses ...string) bool {
	const expected = "an X of the city"
	switch of, ok := p.CityOf(x.secretNo); {
	case ok:
		got := map[bool]string{true: "an X of the city", false: "an X of another city"}[of == city]
		t.saw(x, of == city, expected, got, clauses...)
	case p.Complete():
		t.saw(x, false, expected, "a number that the pool does not have", clauses...)
	default:
		return false
	}
	return true
}

// emptyCity asks again and again for a city that has no number: another city's is given, and no error.
func (t *trial) emptyCity() {
	if t.namesX("PRM-CITY-3") {
		return
	}
	city := t.provision.Pool("main").EmptyCity
	for range min(6, t.bindings.left()) {
		x := t.accept(t.bind().set("ExpectCity", city).saying("a city of which the pool has no number"), nil, "PRM-CITY-3")
		if !x.ok() {
			return
		}
	}
}

// cityUsedUp binds one A to every X that the pool is declared to have of a city, and asks for the city once more: now it has no number
// for this A, so that one of another city is due.
func (t *trial) cityUsedUp() {
	const most = 64 // numbers of a city
	if t.namesX("PRM-CITY-3") {
		return
	}
	p := t.provision.Pool("main")
	cities := slices.DeleteFunc(p.Cities(), func(c string) bool { return t.freeIn(p, c) < p.CountIn(c) })
	if len(p.Cities()) < 2 || len(cities) == 0 {
		return
	}
	city := slices.MinFunc(cities, func(a, b string) int { return p.CountIn(a) - p.CountIn(b) })
	if n := p.CountIn(city); n > most || t.bindings.left() < 4*n {
		return
	}
	a := t.phones.a()
	var made []*exchange
	defer func() {
		for _, x := range made {
			t.letGo(x)
		}
	}()
	for _, x := range p.In(city, most) {
		bound := t.send(t.bind().set("PhoneNoA", a).set("PhoneNoX", x).saying("a bind of one A on an X of the city"))
		if made = append(made, bound); !bound.ok() || bound.secretNo != x {
			return // which PRM-X-2 is about
		}
	}
	r := t.bind().set("PhoneNoA", a).set("ExpectCity", city).saying("a city of the pool whose every number has the A bound already")
	if x := t.accept(r, []string{"isv.NO_AVAILABLE_NUMBER"}, "PRM-CITY-3"); x.ok() {
		made = append(made, x)
	}
}

// strictUsedUp binds one A to every X that a strict pool has of a city, and once more: no number of the city can take it then.
func (t *trial) strictUsedUp() {
	p := t.provision.Pool("strict")
	city, size := "", 0
	for _, c := range p.Cities() {
		if n := p.CountIn(c); city == "" || n < size {
			city, size = c, n
		}
	}
	if size > 8 || t.freeIn(p, city) < size || !p.Complete() || t.bindings.left() <= size {
		t.lacking("a city of pools.strict with 8 numbers or less")
		return
	}
	a := t.phones.a()
	for range size {
		x := t.send(t.bindIn("strict").set("PhoneNoA", a).set("ExpectCity", city).saying("a bind of one A in a city of the strict pool"))
		if of, _ := p.CityOf(x.secretNo); !x.ok() || of != city {
			return // which PRM-CITY-5 is about
		}
	}
	r := t.bindIn("strict").set("PhoneNoA", a).set("ExpectCity", city).saying("a city of the strict pool whose every number has the A bound already")
	t.refuse(r, must("isv.NO_AVAILABLE_NUMBER").orWarn(anyBusiness), "PRM-CITY-4")
}

// strictFree binds in a strict pool for a city with numbers, and without a city.
func (t *trial) strictFree() {
	p := t.provision.Pool("strict")
	for _, city := range p.Cities() {
		if t.freeIn(p, city) < 1 {
			continue
		}
		x := t.accept(t.bindIn("strict").set("ExpectCity", city).saying("a city of which the strict pool has numbers"), nil, "PRM-CITY-5")
		if x.ok() && len(p.Cities()) > 1 {
			t.inCity(x, p, city, "PRM-CITY-5")
		}
	}
	for range 2 {
		r := t.bindIn("strict").drop("ExpectCity").saying("a bind without ExpectCity in the strict pool")
		if max(p.Size, p.Count()) > len(t.busy(p.Key)) {
			t.accept(r, nil, "PRM-CITY-5")
			continue
		}
		if x := t.send(r); x.ok() { // nothing is known of what is free: a refusal says nothing
			t.holds(x, true, "OK", "PRM-CITY-5")
		}
	}
}

// unknownCity asks for what is no city: like a city without a number, never a fault of the server.
func (t *trial) unknownCity() {
	want := oneOf("OK", "isv.NO_AVAILABLE_NUMBER").orWarn(anyBusiness, anyGateway)
	for _, m := range []struct{ what, value string }{
		{"that does not exist", "Qzxvw"}, {"of Chinese letters that does not exist", "无此城市"}, {"that is an emoji", "🌊"}, {"of 4 KiB", strings.Repeat("z", 4096)},
	} {
		t.refuse(t.bind().set("ExpectCity", m.value).saying("a city "+m.what), want, "PRM-CITY-8")
	}
}
