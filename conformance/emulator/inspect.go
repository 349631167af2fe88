package emulator

import (
	"slices"

	"axbench/conformance/numbers"
)

// PoolState is one pool as it is now.
type PoolState struct {
	Key     string      `json:"key"`
	Account string      `json:"account"`
	Mode    string      `json:"mode"` // default or strict
	Size    int         `json:"size"` // X numbers
	Live    int         `json:"live_bindings"`
	Cities  []CityState `json:"cities"`
}

// CityState is one city of a pool.
type CityState struct {
	Name    string `json:"name"`
	Numbers int    `json:"numbers"`
	Open    int    `json:"open"` // numbers that can take another pair
}

// Pools returns the pools in the order of the configuration, the built-in one last. It is safe for concurrent use.
func (s *Server) Pools() []PoolState {
	now := s.Now()
	var out []PoolState
	for _, p := range s.model.Pools() {
		state := PoolState{Key: p.Key(), Account: s.pools[p.Key()].account.name, Mode: "default", Size: p.Size(), Live: p.Live(now), Cities: []CityState{}}
		if p.Strict() {
			state.Mode = "strict"
		}
		for _, c := range p.Stock(now) {
			state.Cities = append(state.Cities, CityState{c.Name, c.Numbers, c.Numbers - c.Full})
		}
		out = append(out, state)
	}
	return out
}

// BindingState is one live binding. Its numbers are in the clear: they are the emulator's own data.
type BindingState struct {
	PoolKey      string `json:"pool_key"`
	SubsID       string `json:"subs_id"`
	PhoneNoA     string `json:"phone_no_a"`
	PhoneNoB     string `json:"phone_no_b"`
	PhoneNoX     string `json:"phone_no_x"`
	OutID        string `json:"out_id"`
	Created      string `json:"created"` // in the zone and form of Expiration
	Expiration   string `json:"expiration"`
	Recording    bool   `json:"recording"`
	CallRestrict string `json:"call_restrict,omitempty"`
}

// Bindings returns the live bindings on x, the oldest first, and the key of its pool; ok is false when no pool has x. It is safe
// for concurrent use.
func (s *Server) Bindings(x string) (list []BindingState, key string, ok bool) {
	number, valid := numbers.Parse(x)
	if !valid {
		return nil, "", false
	}
	pool := s.model.Owner(number)
	if pool == nil {
		return nil, "", false
	}
	list = []BindingState{}
	for _, b := range pool.On(s.Now(), number) {
		list = append(list, BindingState{PoolKey: pool.Key(), SubsID: s.subsText(b.SubsID), PhoneNoA: b.A.String(), PhoneNoB: b.B.String(), PhoneNoX: b.X.String(),
			OutID: b.Label, Created: s.stamp(b.Created), Expiration: s.stamp(b.Expires), Recording: b.Note&noteRecording != 0,
			CallRestrict: restricts[b.Note/noteRestrict%4]})
	}
	return list, pool.Key(), true
}

// Reset ends every binding and forgets those that have ended; with nonces it forgets them too, so that a request can be sent
// again. Counts of the truth, limits and the clock stay. It is safe for concurrent use.
func (s *Server) Reset(nonces bool) {
	for _, p := range s.model.Pools() {
		p.Reset()
	}
	if nonces {
		s.nonces.reset()
	}
}

// DeviationState is a deviation at work, and how often it changed something.
type DeviationState struct {
	*Deviation
	Benign bool   `json:"benign"`
	Point  string `json:"point"`
	Hits   int64  `json:"hits"`
}

// Deviations returns those of this server, mutants first. It is safe for concurrent use.
func (s *Server) Deviations() []DeviationState {
	out := []DeviationState{}
	if s.deviations == nil {
		return out
	}
	for _, a := range s.deviations.list {
		out = append(out, DeviationState{a.Deviation, slices.Contains(benign, a.Deviation), a.Deviation.Point(), a.hits.Load()})
	}
	return out
}

// KnowsHost reports whether a Host header names a loopback host, one that the emulator answers to or one of more. An unspecified
// address among those stands for every address.
func (s *Server) KnowsHost(header string, more ...string) bool {
	return NamesHost(header, s.hosts...) || NamesHost(header, more...)
}

// NamesHost reports whether a Host header names a loopback host or one of hosts. An unspecified address among those stands for
// every address.
func NamesHost(header string, hosts ...string) bool {
	host, ok := hostName(header)
	return ok && (isLoopback(host) || among(hosts, host))
}
