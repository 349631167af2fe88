package emulator

import (
	"strings"
	"time"

	"axbench/conformance/contract"
	"axbench/scenarios/strict"
)

// Fault is something that goes wrong with connections. A call meets at most one: the first of the list that draws it.
type Fault struct {
	Pos       strict.Pos `yaml:"-" json:"-"`
	Kind      string     `yaml:"kind" jsonschema:"required,enum=refuse,enum=reset,enum=reset_on_accept,enum=hang,enum=half_close,enum=slow_drip,enum=truncated,enum=wrong_length,enum=html_503,enum=garbage,enum=empty,description=refuse: nobody listens; reset: a reset instead of the answer; reset_on_accept: before anything is read; hang: nothing comes until the client goes; half_close: half of the bytes and the end of our side; slow_drip: few bytes at a time; truncated: half of the body and the end; wrong_length: another Content-Length; html_503: the error page of a proxy; garbage: bytes that are no HTTP; empty: the end without a byte"`
	Share     Share      `yaml:"share" jsonschema:"description=of the calls (of the connections with reset_on_accept); 100% without it when a window is given"`
	Operation string     `yaml:"operation" jsonschema:"description=only calls of this operation"`
	Window
	Effect         string `yaml:"effect" jsonschema:"enum=after,enum=before,description=after: the call was served and its binding exists; before: it never reached the service (after)"`
	BytesPerSecond int    `yaml:"bytes_per_second" jsonschema:"minimum=1,maximum=1000000,description=of a slow_drip"`
	Delta          int    `yaml:"delta" jsonschema:"minimum=-1000000,maximum=1000000,description=of a wrong_length: so many bytes more than there are are announced or with a minus fewer"`
}

// faultKind is what the faults of one kind have in common.
type faultKind struct {
	name  string
	calls bool // strikes calls, not connections
	shows bool // the client sees a part of the answer: there must be one
	lost  bool // what leaves is no complete and honest HTTP answer
	// rewrite makes what leaves instead of the answer; nil leaves it. n is the call's number.
	rewrite func(f *fault, n uint64, answer []byte) []byte
	then    ending
}

const (
	kindRefuse        = "refuse"
	kindResetOnAccept = "reset_on_accept"
	kindSlowDrip      = "slow_drip"
	kindWrongLength   = "wrong_length"
)

var faultKinds = []faultKind{
	{name: kindRefuse},
	{name: kindResetOnAccept},
	{name: "reset", calls: true, lost: true, rewrite: nothing, then: endReset},
	{name: "hang", calls: true, lost: true, rewrite: nothing, then: endHang},
	{name: "half_close", calls: true, shows: true, lost: true, rewrite: firstHalf, then: endHalf},
	{name: kindSlowDrip, calls: true, shows: true},
	{name: "truncated", calls: true, shows: true, lost: true, rewrite: halfBody, then: endClose},
	{name: kindWrongLength, calls: true, shows: true, lost: true, rewrite: otherLength},
	{name: "html_503", calls: true, rewrite: proxyPage},
	{name: "garbage", calls: true, lost: true, rewrite: noise, then: endClose},
	{name: "empty", calls: true, lost: true, rewrite: nothing, then: endClose},
}

func findFaultKind(name string) *faultKind {
	for i := range faultKinds {
		if faultKinds[i].name == name {
			return &faultKinds[i]
		}
	}
	return nil
}

func (c *Config) checkFaults() *strict.Error {
	var shut []interval
	for i := range c.Faults {
		f := &c.Faults[i]
		kind := findFaultKind(f.Kind)
		if kind == nil {
			return f.Pos.Error("kind", "no such kind", strings.Join(faultNames(), ", "))
		}
		if err := f.Window.check(&f.Pos); err != nil {
			return err
		}
		if err := f.check(kind); err != nil {
			return err
		}
		if f.Kind == kindRefuse {
			shut = append(shut, f.Window.interval())
		}
	}
	switch t := newTimeline(shut); {
	case len(shut) == 0:
	case t == nil:
		return c.Pos.Error("faults", "refuse: "+tooManyWindows, periodsAccepted)
	case t.frozen():
		return c.Pos.Error("faults", "refuse: nobody would ever listen again", "windows with time between them")
	}
	return nil
}

// check says what is wrong with one fault, except its window.
func (f *Fault) check(kind *faultKind) *strict.Error {
	share := f.Share > 0 || f.Pos.Has("share")
	switch {
	case f.Kind == kindRefuse && f.For == 0:
		return f.Pos.Error("for", "no window is given", "how long nobody listens, for example 2s; after and every beside it")
	case f.Kind == kindRefuse && share:
		return f.Pos.Error("share", "nobody listens for a share of the callers", "no share with refuse")
	case f.Kind != kindRefuse && !share && !f.Window.given():
		return f.Pos.Error("share", "neither a share nor a window is given", "share, for example 1%; or after, for and every")
	case f.Operation != "" && !kind.calls:
		return f.Pos.Error("operation", "there is no call yet when this kind strikes", "no operation with "+f.Kind)
	case f.Operation != "" && contract.FindOperation(f.Operation) == nil:
		return f.Pos.Error("operation", "no such operation", strings.Join(operationNames(), ", "))
	case f.Effect != "" && !kind.calls:
		return f.Pos.Error("effect", "there is no call yet when this kind strikes", "no effect with "+f.Kind)
	case f.Effect != "" && f.Effect != "after" && f.Effect != "before":
		return f.Pos.Error("effect", "not one of the accepted values", "after, before")
	case f.Effect == "before" && kind.shows:
		return f.Pos.Error("effect", "this kind shows a part of the answer, so there must be one", "after")
	}
	return f.checkParameters()
}

// checkParameters is about what single kinds have.
func (f *Fault) checkParameters() *strict.Error {
	drip, length := f.Kind == kindSlowDrip, f.Kind == kindWrongLength
	switch {
	case drip && (f.BytesPerSecond < 1 || f.BytesPerSecond > 1e6):
		return f.Pos.Error("bytes_per_second", "no speed that a slow_drip can have", "1 to 1000000")
	case !drip && f.BytesPerSecond != 0:
		return f.Pos.Error("bytes_per_second", "not of this kind", "only slow_drip has it")
	case length && (f.Delta == 0 || f.Delta < -1e6 || f.Delta > 1e6):
		return f.Pos.Error("delta", "no difference that a wrong_length can have", "-1000000 to 1000000, not 0")
	case !length && f.Delta != 0:
		return f.Pos.Error("delta", "not of this kind", "only wrong_length has it")
	}
	return nil
}

func faultNames() (names []string) {
	for _, k := range faultKinds {
		names = append(names, k.name)
	}
	return names
}

// pace is the time between two bytes of a slow_drip; 0 for other kinds.
func (f *Fault) pace() time.Duration {
	if f.BytesPerSecond == 0 {
		return 0
	}
	return time.Second / time.Duration(f.BytesPerSecond)
}
