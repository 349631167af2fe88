package conformance

import (
	"slices"
	"strings"
	"time"

	"axbench/conformance/client"
	"axbench/conformance/contract"
	"axbench/conformance/traffic"
)

// baseline is the form of a plain bind that this endpoint accepts. An endpoint that wants something the document does not ask for is
// given it here, so that one mistake does not hide all others; the case that is about it still sends the documented form.
type baseline struct {
	works bool
	form  string   // what beyond the documented minimum is needed; "" for nothing
	codes []string // what the documented form got where none works, in each zone that was tried
	why   string
	shape func(r *request)
}

// forms are tried in this order when the documented minimum is refused.
var forms = []struct {
	name  string
	shape func(s *suite, r *request)
}{
	{"all optional parameters", func(_ *suite, r *request) {
		r.set("ExpectCity", "北京").set("IsRecordingEnabled", "false").set("OutId", "axbench")
	}},
	{"all optional parameters, False with a capital", func(_ *suite, r *request) {
		r.set("ExpectCity", "北京").set("IsRecordingEnabled", "False").set("OutId", "axbench")
	}},
	{"RegionId", func(_ *suite, r *request) {
		r.with(func(d *client.Draft) { d.Set = append(d.Set, traffic.Param{Name: "RegionId", Value: "cn-hangzhou"}) })
	}},
	{"POST with a form", func(_ *suite, r *request) { r.with(func(d *client.Draft) { d.Form = true }) }},
	{"POST with a query", func(_ *suite, r *request) { r.with(func(d *client.Draft) { d.Method = "POST" }) }},
	{"Signature as the first parameter", func(_ *suite, r *request) { r.with(func(d *client.Draft) { d.Rearrange = signatureFirst }) }},
	{"an Expiration of two hours", func(s *suite, r *request) { r.until(s, s.bindings.now().Add(2*time.Hour)) }},
	{"an Expiration as 2006-01-02T15:04:05Z", func(s *suite, r *request) {
		r.set("Expiration", s.bindings.now().Add(s.hold()).UTC().Format(contract.TimestampLayout))
	}},
	{"Action=Axbbind", func(_ *suite, r *request) {
		r.with(func(d *client.Draft) {
			if d.Action == contract.BindAxb.Name {
				d.Action = "Axbbind"
			}
		})
	}},
	{"Timestamp in local time", func(s *suite, r *request) {
		r.with(func(d *client.Draft) { d.Time = d.Time.Add(8 * time.Hour) })
	}},
	{"a PhoneNoX of the pool", func(s *suite, r *request) {
		if p := s.provision.Pool("main"); p != nil {
			if all := p.All(64); len(all) > 0 {
				r.set("PhoneNoX", all[s.random.IntN(len(all))])
			}
		}
	}},
	{"no Format", func(_ *suite, r *request) { r.with(func(d *client.Draft) { d.Drop = append(d.Drop, "Format") }) }},
	{"SignatureMethod in small letters", func(_ *suite, r *request) {
		r.with(func(d *client.Draft) {
			d.Set = append(d.Set, traffic.Param{Name: "SignatureMethod", Value: "hmac-sha1"})
		})
	}},
}

// signatureFirst puts Signature in front of the other parameters.
func signatureFirst(params []traffic.Param) []traffic.Param {
	i := slices.IndexFunc(params, func(p traffic.Param) bool { return p.Name == "Signature" })
	if i < 0 {
		return params
	}
	sig := params[i]
	return append([]traffic.Param{sig}, slices.Delete(slices.Clone(params), i, i+1)...)
}

// findBaseline looks for the form of a plain bind that is accepted, and for the zone of Expiration unless it is declared.
func (s *suite) findBaseline(t *trial) {
	s.base.shape = func(*request) {}
	first := s.findZone(t)
	if first.ok() {
		s.base.works = true
		return
	}
	s.base.why = first.got()
	for _, f := range forms {
		if s.stopped() != "" {
			return
		}
		r := t.bind().saying("a bind with " + f.name)
		f.shape(s, r)
		if x := t.send(r); x.ok() {
			s.base.works, s.base.form = true, f.name
			s.base.shape = func(r *request) { f.shape(s, r) }
			s.notes = append(s.notes, "a plain bind is accepted only with "+f.name+": cases that are not about it send it so")
			return
		}
	}
	if s.stopped() == "" {
		s.notes = append(s.notes, "no form of a plain bind was accepted: "+s.clean(s.base.why))
	}
}

// findZone sends the documented minimum with an Expiration in UTC and, when that is refused, in UTC+8: in the wrong zone the first is in
// the past and holds no number. It returns the last try, or the first when both were refused.
func (s *suite) findZone(t *trial) *exchange {
	if declared, ok := s.provision.Zone(); ok {
		return s.checkZone(t, declared)
	}
	s.zone = time.UTC
	x := t.send(t.bind())
	if x.ok() && s.sameZone(t) {
		t.choose("zone", zoneQuestion, "UTC", "an Expiration a few minutes ahead in UTC is accepted")
		return x
	}
	s.zone = contract.Zone
	y := t.send(t.bind())
	if y.ok() {
		t.choose("zone", zoneQuestion, zoneName(contract.Zone), "the same in UTC is refused as over")
		return y
	}
	s.base.codes = []string{x.code, y.code}
	return x
}

const zoneQuestion = "the zone of Expiration"

// checkZone tries the declared zone. A declaration that the endpoint contradicts each time is not believed: cases that are not about the
// zone would all fail for it.
func (s *suite) checkZone(t *trial, declared *time.Location) *exchange {
	first := t.send(t.bind())
	s.base.codes = []string{first.code}
	for _, other := range []*time.Location{time.UTC, contract.Zone} {
		earlier := offset(other) < offset(declared) // then what is ahead in other is over in declared
		if offset(other) == offset(declared) || earlier != first.ok() {
			continue
		}
		s.zone = other
		if x := t.send(t.bind().saying("a bind with an Expiration that is not ahead in the declared zone")); x.ok() && s.sameZone(t) {
			t.choose("zone", zoneQuestion, zoneName(other), "not the one that is declared")
			s.notes = append(s.notes, "Expiration is not read in the zone that is declared, but in "+zoneName(other))
			return x
		}
	}
	s.zone = declared
	if first.ok() {
		t.choose("zone", zoneQuestion, zoneName(declared), "as declared")
	}
	return first
}

// zoneName writes a zone as a provisioning file has it.
func zoneName(zone *time.Location) string {
	if offset(zone) == 0 {
		return "UTC"
	}
	return time.Now().In(zone).Format("-07:00")
}

// sameZone repeats the accepted probe over fresh connections: another node may read another zone.
func (s *suite) sameZone(t *trial) bool {
	for range 3 {
		if x := t.send(t.bind().alone()); x.readable() && !x.ok() && strings.Contains(x.code, "EXPIRE") {
			return false
		}
	}
	return true
}

// dress gives a call of another operation what every call needs here: how it is sent and signed, and no parameters.
func (b *baseline) dress(r *request) *request {
	bind := &request{op: contract.BindAxb}
	b.shape(bind)
	r.edits = append(r.edits, bind.edits...)
	return r
}

// says reports whether a refusal tells anything: where no plain bind is accepted, one with the code of the plain bind does not.
func (b *baseline) says(x *exchange) bool {
	return b.works || x.ok() || !slices.Contains(b.codes, x.code)
}
