package conformance

import (
	"time"

	"axbench/conformance/contract"
)

// The outcomes of an Expiration that must be refused. For the past the document names the code (bindaxb-doc:151); for another form it says
// only what the form is. A signature over a text in full width may fail by itself: that says nothing of the form.
var (
	overTable = must("isv.EXPIRE_DATE_ILLEGAL", "isv.ILLEGAL_ARGUMENT")
	formTable = must("isv.EXPIRE_DATE_ILLEGAL", "isv.ILLEGAL_ARGUMENT", "isv.INVALID_PARAMETERS", "Invalid*").orSkip("SignatureDoesNotMatch")
	lackTable = oneOf("isv.ILLEGAL_ARGUMENT", "isv.EXPIRE_DATE_ILLEGAL", anyGateway).orWarn("isv.INVALID_PARAMETERS")
)

// expirationCases hold Expiration (PRM-EXP). What waits for time to pass is in expiryCases.
var expirationCases = []testCase{
	{"exp/required", []string{"PRM-EXP-1"}, nil, func(t *trial) {
		t.refuse(t.dated("").drop("Expiration").saying("a bind without Expiration"), lackTable, "PRM-EXP-1")
		t.refuse(t.dated("").saying("a bind with an empty Expiration"), lackTable, "PRM-EXP-1")
	}},
	{"exp/future", []string{"PRM-EXP-2"}, nil, func(t *trial) {
		for _, f := range []struct {
			ahead time.Duration
			words string
		}{
			{2 * time.Minute, "two minutes"}, {t.hold(), "a few minutes"}, {2 * time.Hour, "two hours"}, {day, "a day"}, {30 * day, "30 days"},
		} {
			if f.ahead > t.hold() && !t.mayBindFar() {
				t.unseen("a bind until "+f.words+" ahead would hold a number so long: query.unbind is not declared", "PRM-EXP-2")
				return
			}
			t.letGo(t.accept(t.bind().until(t.suite, t.in(f.ahead)).saying("a bind until "+f.words+" ahead"), nil, "PRM-EXP-2"))
		}
		t.cornersOfDays()
	}},
	{"exp/past", []string{"PRM-EXP-3"}, nil, func(t *trial) {
		yesterday := t.in(-day).In(t.zone).Format(contract.ExpirationLayout)
		t.refuse(t.dated(yesterday).saying("a bind with an Expiration of yesterday"), overTable, "PRM-EXP-3")
		t.recentPast()
		t.refuse(t.dated("1970-01-01 00:00:00").saying("a bind with an Expiration of 1970"), overTable, "PRM-EXP-3")
	}},
	{"exp/form", []string{"PRM-EXP-4"}, nil, func(t *trial) {
		for _, f := range t.otherForms() {
			t.refuse(t.dated(f.text).saying("a bind with an Expiration in another form: "+f.words), formTable, "PRM-EXP-4")
		}
	}},
	{"exp/calendar", []string{"PRM-EXP-5"}, nil, func(t *trial) {
		year := t.in(0).In(t.zone).Year()
		if t.in(2 * day).In(t.zone).After(time.Date(year, time.February, 28, 0, 0, 0, 0, t.zone)) {
			year++ // so that every reading of the date lies ahead
		}
		for _, d := range []struct{ words, text string }{
			{"the 30th of February", "-02-30"}, {"the 31st of April", "-04-31"}, {"the 31st of November", "-11-31"},
			{"the 32nd of December", "-12-32"}, {"the first day of a thirteenth month", "-13-01"},
		} {
			t.refuse(t.dated(itoa(year)+d.text+" 12:00:00").saying("a bind until "+d.words), formTable, "PRM-EXP-5")
		}
		for leap(year) {
			year++
		}
		t.refuse(t.dated(itoa(year)+"-02-29 12:00:00").saying("a bind until the 29th of February of a common year"), formTable, "PRM-EXP-5")
	}},
	{"exp/minimum", []string{"PRM-EXP-6"}, nil, (*trial).minimumAhead},
	{"exp/zone", []string{"PRM-EXP-7"}, nil, func(t *trial) {
		for _, other := range []*time.Location{time.UTC, contract.Zone} {
			if offset(other) != offset(t.zone) {
				t.zoneProbe(other)
			}
		}
	}},
	{"exp/far", []string{"PRM-EXP-9"}, nil, (*trial).farAhead},
}

const day = 24 * time.Hour

// recentPast sends instants that are over since minutes (PRM-EXP-3), where the endpoint's clock is known well enough.
func (t *trial) recentPast() {
	for _, ago := range []time.Duration{5 * time.Minute, time.Hour} {
		r := t.dated(t.in(-ago).In(t.zone).Format(contract.ExpirationLayout)).saying("a bind with an Expiration of " + itoa(int(ago/time.Minute)) + " minutes ago")
		if x := t.send(r); !x.ok() || t.bindings.moved != 0 || x.skew().Abs() < ago/2 {
			t.refuse(r, overTable, "PRM-EXP-3")
		}
	}
}

// cornersOfDays sends dates that are right and rare (PRM-EXP-2): the first and the last second of a day, and the 29th of February, which
// counts only where the days around it are accepted: how far ahead a date may be is left open.
func (t *trial) cornersOfDays() {
	if !t.mayBindFar() {
		return
	}
	at := func(date time.Time, words string) *request {
		return t.bind().until(t.suite, date).saying("a bind until " + words)
	}
	y, m, d := t.in(2 * day).In(t.zone).Date()
	midnight := time.Date(y, m, d, 0, 0, 0, 0, t.zone)
	t.letGo(t.accept(at(midnight, "midnight"), nil, "PRM-EXP-2"))
	t.letGo(t.accept(at(midnight.Add(-time.Second), "the last second of a day"), nil, "PRM-EXP-2"))
	year := t.in(2*day).In(t.zone).Year() + 1
	for !leap(year) {
		year++
	}
	february := func(d int) time.Time { return time.Date(year, time.February, d, 12, 0, 0, 0, t.zone) }
	for _, around := range []int{28, 30} { // time.Date makes the first of March of it
		x := t.send(at(february(around), "a day next to the 29th of February"))
		t.letGo(x)
		if !x.ok() {
			return
		}
	}
	t.letGo(t.accept(at(february(29), "the 29th of February of a leap year"), nil, "PRM-EXP-2"))
}

// in is an instant ahead of the endpoint's clock.
func (t *trial) in(ahead time.Duration) time.Time { return t.bindings.now().Add(ahead) }

// dated is a bind with a text as Expiration that stands for no instant which must be accepted.
func (t *trial) dated(text string) *request {
	r := t.bind().set("Expiration", text)
	r.expires = time.Time{}
	return r
}

// mayBindFar reports whether a number may be bound longer than the budget says: where it is nobody's, or ended at once.
func (t *trial) mayBindFar() bool { return !t.cfg.Foreign || t.provision.Query.Unbind }

// letGo ends a binding at once, where the endpoint is declared to do so.
func (t *trial) letGo(x *exchange) {
	if b := t.bindings.last(x); b != nil && x.ok() && !b.gone && t.provision.Query.Unbind {
		t.unbindOne(b)
	}
}

func leap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

func offset(zone *time.Location) time.Duration {
	_, seconds := time.Now().In(zone).Zone()
	return time.Duration(seconds) * time.Second
}

// otherForms are texts that are not in the documented form and lie ahead in whatever way they are read. Where a number may not be bound
// for long they are near, so that an endpoint that takes one does little harm.
func (t *trial) otherForms() []struct{ words, text string } {
	near := t.in(t.hold()).In(t.zone)
	tomorrow := t.in(day).In(t.zone).Format(time.DateOnly)
	forms := []struct{ words, text string }{
		{"ISO 8601 with T and Z", near.UTC().Format(contract.TimestampLayout)},
		{"month, day and year with slashes", near.Format("01/02/2006 15:04:05")},
		{"a date without a time", tomorrow},
		{"seconds of 1970", itoa(int(near.Unix()))},
		{"milliseconds of 1970", itoa(int(near.UnixMilli()))},
		{"24:00:00", tomorrow + " 24:00:00"},
		{"12:60:00", tomorrow + " 12:60:00"},
		{"12:00:60", tomorrow + " 12:00:60"},
		{"T for the blank", near.Format("2006-01-02T15:04:05")},
		{"year, month and day with slashes", near.Format("2006/01/02 15:04:05")},
		{"no seconds", near.Format("2006-01-02 15:04")},
		{"a fraction of a second", near.Format("2006-01-02 15:04:05.000")},
		{"a zone behind it", near.Format("2006-01-02 15:04:05-07:00")},
		{"PM behind it", near.Format("2006-01-02 03:04:05 PM")},
		{"a text behind it", near.Format(contract.ExpirationLayout) + " or so"},
		{"full-width digits", wide.Replace(near.Format(contract.ExpirationLayout))},
	}
	if !t.mayBindFar() {
		return forms
	}
	return append(forms, []struct{ words, text string }{
		{"ISO 8601 with T and Z, next year", t.in(366 * day).UTC().Format(contract.TimestampLayout)},
		{"day and month with slashes, no time", "01/02/" + itoa(near.Year()+4)},
		{"day and month with slashes", "01/02/" + itoa(near.Year()+4) + " 03:04:05"},
	}...)
}

// minimumAhead holds PRM-EXP-6. Half a minute is too little to tell apart where the clocks are not the same.
func (t *trial) minimumAhead() {
	x := t.accept(t.bind().until(t.suite, t.in(2*time.Minute)).saying("a bind until two minutes ahead"), nil, "PRM-EXP-6")
	if skew := x.skew(); t.bindings.moved == 0 && skew.Abs() > 5*time.Second {
		t.unsure("the endpoint's clock is "+skew.Round(time.Second).String()+" from this one, so that 30 seconds say nothing", "PRM-EXP-6")
		return
	}
	t.refuse(t.bind().until(t.suite, t.in(30*time.Second)).saying("a bind until 30 seconds ahead"), overTable, "PRM-EXP-6")
}

// zoneNodes is how many fresh connections a probe of the zone is repeated over: one node of two is missed once in 2^16.
const zoneNodes = 17

// zoneProbe sends an Expiration that is over in one of two zones and valid in the other, each time on a connection of its own
// (PRM-EXP-7). Only the answers yes and "the date" count: a pool may run out of numbers meanwhile.
func (t *trial) zoneProbe(other *time.Location) {
	ahead, words := t.zone, "valid here and over in another zone"
	if offset(other) < offset(t.zone) {
		ahead, words = other, "over here and valid in another zone"
	}
	yes, no := 0, 0
	var x, odd *exchange
	for range zoneNodes {
		if t.bindings.left() <= 0 || t.stopped() != "" {
			break
		}
		until := t.in(t.hold())
		r := t.dated(until.In(ahead).Format(contract.ExpirationLayout)).alone().saying("a bind with an Expiration " + words)
		r.expires = until.Truncate(time.Second)
		switch x = t.send(r); {
		case x.ok():
			yes++
			t.letGo(x)
		case x.code == "isv.EXPIRE_DATE_ILLEGAL", x.code == "isv.ILLEGAL_ARGUMENT":
			no++
		}
		if yes > 0 && no > 0 && odd == nil {
			odd = x
		}
	}
	switch {
	case odd != nil:
		t.saw(odd, false, "the same answer on every connection", itoa(yes)+" times accepted, "+itoa(no)+" times refused for the date", "PRM-EXP-7")
	case yes+no < zoneNodes-1:
		t.unsure("only "+itoa(yes+no)+" answers to an Expiration that is "+words, "PRM-EXP-7")
	default:
		t.saw(x, true, "the same answer on every connection", itoa(yes)+" times accepted, "+itoa(no)+" times refused for the date", "PRM-EXP-7")
	}
}

// farAhead holds PRM-EXP-9. A refusal is that of a maximum, which the document leaves open, unless the day before the seconds of 1970 no
// longer fit in 32 bits is accepted.
func (t *trial) farAhead() {
	if !t.mayBindFar() {
		t.lacking("query.unbind")
		return
	}
	before := t.farBind("2037-12-31", "a bind until the end of 2037")
	t.letGo(before)
	for _, f := range []struct{ date, words string }{{"2038-01-20", "a bind until 2038-01-20"}, {"9999-12-31", "a bind until 9999-12-31"}} {
		x := t.farBind(f.date, f.words)
		switch {
		case x.ok():
			t.stillBound(x)
		case !before.ok():
			t.unseen("a date before it is refused too: "+before.got(), "PRM-EXP-9")
			return
		default:
			t.word(x, broken(contract.FindClause("PRM-EXP-9").Level), "OK, as for a date before it", "PRM-EXP-9")
			return
		}
	}
}

// farBind binds until noon of a day far ahead.
func (t *trial) farBind(date, words string) *exchange {
	at, err := time.ParseInLocation(time.DateOnly, date, t.zone)
	if err != nil {
		panic("conformance: " + date + " is no date")
	}
	return t.send(t.bind().until(t.suite, at.Add(12*time.Hour)).saying(words))
}

// stillBound looks whether a binding until a day far ahead exists at all: a date that wraps into the past may be accepted all the same.
func (t *trial) stillBound(x *exchange) {
	b := t.bindings.last(x)
	if b == nil {
		t.holds(x, true, "OK", "PRM-EXP-9")
		return
	}
	defer t.letGo(x)
	probe := t.probe(b)
	if !probe.ok() {
		t.farShown(x)
		return
	}
	plain := t.send(t.bind())
	if c := t.bindings.last(plain); plain.ok() && c != nil && taken(t.probe(c)) {
		t.saw(probe, false, "a conflict with the binding that was just made", "the X was free for the same A, though it is not after a plain bind", "PRM-EXP-9")
		return
	}
	t.holds(x, true, "OK", "PRM-EXP-9")
}

// farShown judges a binding until a day far ahead that exists by what a query shows of it, where queries are declared: some seconds of 1970
// too many may be another year.
func (t *trial) farShown(x *exchange) {
	const expected = "a date as far ahead as Expiration"
	if shown, known := t.stored(x, "ExpireDate"); known {
		at, err := time.ParseInLocation(contract.ExpirationLayout, shown, t.zone)
		if err == nil && (at.Sub(x.req.expires)).Abs() > 2*day {
			t.saw(x, false, expected, "ExpireDate "+shown+" in QuerySubscriptionDetail", "PRM-EXP-9")
			return
		}
	}
	t.holds(x, true, "OK", "PRM-EXP-9")
}
