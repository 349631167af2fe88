package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"axbench/conformance/emulator"
)

// endpoint is one method at one path.
type endpoint struct {
	method, path string
	params       []string // of the query
	body         []string // fields of the JSON body
	text         string
	serve        func(s *emulator.Server, r *http.Request) (any, *problem)
}

// endpoints are all of them, in the order of the index.
var endpoints = []endpoint{
	{method: "GET", path: "/", text: "this list"},
	{method: "GET", path: "/healthz", text: "whether the emulator answers", serve: healthz},
	{method: "GET", path: "/truth", text: "what the emulator knows of itself: arrivals, codes, exact service times, connections, live bindings, refusals by clause", serve: truth},
	{method: "GET", path: "/metrics", text: "the same as Prometheus text"},
	{method: "GET", path: "/journal", params: []string{"n"}, text: "the newest n refusals (100), oldest first: which clause refused", serve: journal},
	{method: "GET", path: "/pools", text: "pools with their cities and what is free", serve: pools},
	{method: "GET", path: "/bindings", params: []string{"x", "pool"}, text: "live bindings on the number x, in pool if it is given", serve: bindings},
	{method: "GET", path: "/deviations", text: "the mutants and benign variants at work, with their hits", serve: deviations},
	{method: "GET", path: "/clock", text: "the business clock, which bindings and Expiration follow", serve: clock},
	{method: "POST", path: "/clock", body: []string{"advance", "offset"}, text: `move it: {"advance": "10m"} or {"offset": "0s"}`, serve: moveClock},
	{method: "POST", path: "/calls", body: []string{"x", "from", "seconds"}, text: `dial a number: {"x": "…", "from": "…", "seconds": 60}; answers with the call record`, serve: calls},
	{method: "POST", path: "/reset", body: []string{"nonces"}, text: `end all bindings; {"nonces": true} forgets nonces too`, serve: reset},
}

// index is the list for people.
func index() string {
	var b strings.Builder
	b.WriteString("axbench emulator, admin listener\n\n")
	for _, e := range endpoints {
		path := e.path
		if len(e.params) > 0 {
			path += "?" + strings.Join(e.params, "=&") + "="
		}
		fmt.Fprintf(&b, "%-4s  %-18s  %s\n", e.method, path, e.text)
	}
	return b.String()
}

func (e *endpoint) takes(param string) bool { return slices.Contains(e.params, param) }

// accepts says which parameters there are.
func (e *endpoint) accepts() string {
	if len(e.params) == 0 {
		return "it has none"
	}
	return "it has " + strings.Join(e.params, " and ")
}

func wrong(text, hint string) *problem { return &problem{http.StatusBadRequest, text, hint} }

func healthz(*emulator.Server, *http.Request) (any, *problem) {
	return map[string]string{"status": "ok"}, nil
}

func truth(s *emulator.Server, _ *http.Request) (any, *problem) { return s.Truth(), nil }

func pools(s *emulator.Server, _ *http.Request) (any, *problem) { return s.Pools(), nil }

func deviations(s *emulator.Server, _ *http.Request) (any, *problem) { return s.Deviations(), nil }

func journal(s *emulator.Server, r *http.Request) (any, *problem) {
	n := 100
	if text := r.URL.Query().Get("n"); r.URL.Query().Has("n") {
		var err error
		if n, err = strconv.Atoi(text); err != nil || n < 1 || n > maxRefusals {
			return nil, wrong("n is no count", fmt.Sprintf("1 to %d", maxRefusals))
		}
	}
	list := s.Journal()
	return append([]emulator.Refusal{}, list[max(0, len(list)-n):]...), nil
}

func bindings(s *emulator.Server, r *http.Request) (any, *problem) {
	query := r.URL.Query()
	x, pool := query.Get("x"), query.Get("pool")
	switch {
	case x == "":
		return nil, wrong("the parameter x is missing", "GET /bindings?x=NUMBER, where NUMBER is the X of a pool")
	case len(x) > maxNumber || len(pool) > maxPoolKey:
		return nil, wrong("a parameter is too long", "")
	}
	if pool != "" && !slices.ContainsFunc(s.Pools(), func(p emulator.PoolState) bool { return p.Key == pool }) {
		return nil, &problem{http.StatusNotFound, "there is no pool of this key", "GET /pools has the pools"}
	}
	list, at, ok := s.Bindings(x)
	if !ok || pool != "" && at != pool {
		return nil, &problem{http.StatusNotFound, "x is no number of the pool", "GET /pools has the pools"}
	}
	return list, nil
}

// clockState is the answer of /clock.
type clockState struct {
	Now     time.Time `json:"now"`  // of the business clock
	Real    time.Time `json:"real"` // that Timestamp and nonces are held against
	Offset  string    `json:"offset"`
	Seconds float64   `json:"offset_seconds"`
}

func clock(s *emulator.Server, _ *http.Request) (any, *problem) {
	now, offset := s.Now(), s.ClockOffset()
	return clockState{now, now.Add(-offset), offset.String(), offset.Seconds()}, nil
}

func moveClock(s *emulator.Server, r *http.Request) (any, *problem) {
	var move struct{ Advance, Offset *string }
	if p := decode(r, &move, "advance, offset", true); p != nil {
		return nil, p
	}
	const hint = `{"advance": "10m"} moves on from where it is, {"offset": "0s"} sets it from the real time`
	if (move.Advance == nil) == (move.Offset == nil) {
		return nil, wrong("advance or offset: one of them", hint)
	}
	text := move.Advance
	if text == nil {
		text = move.Offset
	}
	d, err := time.ParseDuration(*text)
	if err != nil || d > emulator.MaxOffset || d < -emulator.MaxOffset {
		return nil, wrong("not a duration with its unit, or too long", `for example "10m", "-90s" or "48h"`)
	}
	if move.Offset != nil {
		s.MoveClock(d)
	} else {
		s.AdvanceClock(d)
	}
	return clock(s, r)
}

func calls(s *emulator.Server, r *http.Request) (any, *problem) {
	var call struct {
		X, From string
		Seconds *int
	}
	if p := decode(r, &call, "x, from, seconds", true); p != nil {
		return nil, p
	}
	seconds := 60
	if call.Seconds != nil {
		seconds = *call.Seconds
	}
	if longest := int(emulator.MaxTalk.Seconds()); seconds < 0 || seconds > longest {
		return nil, wrong("seconds is out of range", fmt.Sprintf("0 to %d", longest))
	}
	ring, ok := s.Ring(call.X, call.From, time.Duration(seconds)*time.Second)
	if !ok {
		return nil, wrong("x or from is no number", `{"x": "17000000000", "from": "13900000000"}, digits only`)
	}
	return ring, nil
}

// resetState is the answer of /reset.
type resetState struct {
	Ended  int64 `json:"ended"` // bindings that were live
	Nonces bool  `json:"nonces"`
}

func reset(s *emulator.Server, r *http.Request) (any, *problem) {
	var what struct{ Nonces bool }
	if p := decode(r, &what, "nonces", false); p != nil {
		return nil, p
	}
	live := s.Truth().Live
	s.Reset(what.Nonces)
	return resetState{live, what.Nonces}, nil
}

// decode reads the body, one JSON object of the known fields. Its errors repeat nothing of it.
func decode(r *http.Request, to any, fields string, needed bool) *problem {
	in := json.NewDecoder(r.Body)
	in.DisallowUnknownFields()
	err := in.Decode(to)
	if errors.Is(err, io.EOF) && !needed {
		return nil
	}
	if err == nil {
		if _, more := in.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something behind the object")
		}
	}
	hint := "one JSON object with " + fields
	var long *http.MaxBytesError
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &long):
		return &problem{http.StatusRequestEntityTooLarge, "the body is too long", fmt.Sprintf("at most %d bytes", maxBody)}
	case errors.Is(err, io.EOF):
		return wrong("the body is empty", hint)
	case errors.As(err, &kind) && kind.Field != "":
		return wrong("a field is of the wrong type", hint)
	case strings.HasPrefix(err.Error(), "json: unknown field"):
		return wrong("the body has a field that is not known", hint)
	}
	return wrong("the body is no JSON object", hint)
}
