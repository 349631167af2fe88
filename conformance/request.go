package conformance

import (
	"slices"
	"time"

	"axbench/conformance/client"
	"axbench/conformance/contract"
	"axbench/conformance/traffic"
)

// request is a call that a case is about to send: parameters, who signs, and what is wrong on purpose. Nonce and time are
// given when it is sent, unless an edit sets them. It may be sent again.
type request struct {
	op     *contract.Operation
	params []traffic.Param
	as     string          // name of the credential; "" is main
	format contract.Format // that the answer is due in
	fresh  bool            // on a connection of its own
	edits  []func(*client.Draft)
	words  string // what is special about it, for the report

	expires time.Time // the instant Expiration stands for; zero without a valid one
	burst   bool      // throttling is what it is for: it is not held back and not repeated
	sampled bool      // one of very many: kept as evidence only when something is seen of it
	ends    bool      // the binding that it unbinds is no longer counted as alive
	once    bool      // an accident behind the endpoint is an answer like any other: it is not repeated
	meant   string    // the code that it is to get where that is the provider's
	trigger bool      // it carries a sign that provokes a fault behind the endpoint: an isp code may be right
}

// set gives a parameter a value, in its place or behind the others.
func (r *request) set(name, value string) *request {
	if i := slices.IndexFunc(r.params, func(p traffic.Param) bool { return p.Name == name }); i >= 0 {
		r.params[i].Value = value
	} else {
		r.params = append(r.params, traffic.Param{Name: name, Value: value})
	}
	return r
}

// drop leaves parameters out.
func (r *request) drop(names ...string) *request {
	r.params = slices.DeleteFunc(r.params, func(p traffic.Param) bool { return slices.Contains(names, p.Name) })
	return r
}

// get returns the value of a parameter, "" where it is absent.
func (r *request) get(name string) string {
	for _, p := range r.params {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// with changes the call at one of the steps of a Draft.
func (r *request) with(edit func(*client.Draft)) *request {
	r.edits = append(r.edits, edit)
	return r
}

// signedBy names the credential.
func (r *request) signedBy(name string) *request { r.as = name; return r }

// alone sends it on a connection of its own.
func (r *request) alone() *request { r.fresh = true; return r }

// saying tells the report what is special about it.
func (r *request) saying(words string) *request { r.words = words; return r }

// until sets Expiration to an instant, in the endpoint's zone.
func (r *request) until(s *suite, at time.Time) *request {
	r.expires = at.Truncate(time.Second)
	return r.set("Expiration", r.expires.In(s.zone).Format(contract.ExpirationLayout))
}

// clone returns a request that can be changed without changing r.
func (r *request) clone() *request {
	c := *r
	c.params = slices.Clone(r.params)
	c.edits = slices.Clone(r.edits)
	return &c
}
