package emulator

import (
	"maps"
	"slices"
	"strings"
	"time"

	"axbench/conformance/contract"
	"axbench/scenarios/strict"
)

// Latency is how long calls take: at most one of fixed, uniform, lognormal and queue, and stalls on top.
type Latency struct {
	Pos strict.Pos `yaml:"-" json:"-"`
	Times
	Queue       *Queue             `yaml:"queue" jsonschema:"description=servers behind one queue"`
	Stall       *Stall             `yaml:"stall" jsonschema:"description=a time in which nothing moves"`
	Stalls      []Stall            `yaml:"stalls" jsonschema:"description=several such times"`
	ByCode      map[string]Special `yaml:"by_code" jsonschema:"description=calls that end with a code"`
	ByOperation map[string]Special `yaml:"by_operation" jsonschema:"description=calls of an operation; by_code comes first"`
}

// Times are how long calls take that wait for nobody: at most one of its fields.
type Times struct {
	Fixed     time.Duration `yaml:"fixed" jsonschema:"description=every call takes this long"`
	Uniform   *Uniform      `yaml:"uniform" jsonschema:"description=drawn for each call: every time of a range is as likely"`
	Lognormal *Lognormal    `yaml:"lognormal" jsonschema:"description=drawn for each call"`
}

// Special is the latency of some calls, which the main one does not hold for: they do not stand in its queue either.
type Special struct {
	Pos strict.Pos `yaml:"-" json:"-"`
	Times
}

// Uniform is a range of times, both ends included.
type Uniform struct {
	Pos strict.Pos    `yaml:"-" json:"-"`
	Min time.Duration `yaml:"min" jsonschema:"required"`
	Max time.Duration `yaml:"max" jsonschema:"required"`
}

// Lognormal is a distribution by two of its quantiles. What is drawn is cut to an hour.
type Lognormal struct {
	Pos    strict.Pos    `yaml:"-" json:"-"`
	Median time.Duration `yaml:"median" jsonschema:"required"`
	P99    time.Duration `yaml:"p99" jsonschema:"required"`
}

// Queue is a queue of calls before Servers that take Service for each.
type Queue struct {
	Pos     strict.Pos    `yaml:"-" json:"-"`
	Servers int           `yaml:"servers" jsonschema:"required,minimum=1,maximum=100000"`
	Service time.Duration `yaml:"service" jsonschema:"required"`
}

// Stall is a window after the first call: time stands still in it for every call that is being served or arrives.
type Stall struct {
	Pos   strict.Pos    `yaml:"-" json:"-"`
	After time.Duration `yaml:"after" jsonschema:"required,description=counted from the first call"`
	For   time.Duration `yaml:"for" jsonschema:"required"`
	Every time.Duration `yaml:"every" jsonschema:"description=comes again each time so much later"`
}

func (s *Stall) window() Window { return Window{s.After, s.For, s.Every} }

// longest is how long a call may take by itself, and the greatest time that the truth can hold.
const longest = time.Hour

func (c *Config) checkLatency() *strict.Error {
	l := &c.Latency
	if err := l.Times.check(&l.Pos); err != nil {
		return err
	}
	switch {
	case l.Queue == nil:
	case l.Times.kinds() > 0:
		return l.Pos.Error("", "more than one kind of latency", "one of fixed, uniform, lognormal, queue; stalls beside it")
	case l.Queue.Servers < 1:
		return l.Queue.Pos.Error("servers", "no server", "at least 1")
	case l.Queue.Service <= 0 || l.Queue.Service > longest:
		return l.Queue.Pos.Error("service", "not a positive time, or too long", "for example 5ms; at most 1h")
	}
	if err := l.checkStalls(); err != nil {
		return err
	}
	return c.checkSpecial()
}

func (t *Times) kinds() (n int) {
	for _, set := range []bool{t.Fixed > 0, t.Uniform != nil, t.Lognormal != nil} {
		if set {
			n++
		}
	}
	return n
}

// check says what is wrong with times whose keys stand in the struct of pos.
func (t *Times) check(pos *strict.Pos) *strict.Error {
	switch u, n := t.Uniform, t.Lognormal; {
	case t.kinds() > 1:
		return pos.Error("", "more than one kind of latency", "one of fixed, uniform, lognormal")
	case t.Fixed < 0 || t.Fixed > longest:
		return pos.Error("fixed", "out of range", "0s to 1h")
	case u != nil && (u.Min < 0 || u.Min > u.Max):
		return u.Pos.Error("max", "below min", "at least min")
	case u != nil && u.Max > longest:
		return u.Pos.Error("max", "out of range", "0s to 1h")
	case n != nil && (n.Median <= 0 || n.Median > longest):
		return n.Pos.Error("median", "not a positive time, or too long", "for example 20ms; at most 1h")
	case n != nil && n.P99 < n.Median:
		return n.Pos.Error("p99", "below the median", "at least the median")
	}
	return nil
}

// stalls are Stall and Stalls.
func (l *Latency) stalls() []Stall {
	if l.Stall != nil {
		return append([]Stall{*l.Stall}, l.Stalls...)
	}
	return l.Stalls
}

// windows are those of the stalls.
func (l *Latency) windows() (list []interval) {
	for _, s := range l.stalls() {
		w := s.window()
		list = append(list, w.interval())
	}
	return list
}

func (l *Latency) checkStalls() *strict.Error {
	stalls := l.stalls()
	for i := range stalls {
		w := stalls[i].window()
		if w.For <= 0 {
			return stalls[i].Pos.Error("for", "not a positive time", "for example 2s")
		}
		if err := w.check(&stalls[i].Pos); err != nil {
			return err
		}
	}
	switch t := newTimeline(l.windows()); {
	case len(stalls) == 0:
	case t == nil:
		return l.Pos.Error("stalls", tooManyWindows, periodsAccepted)
	case t.frozen():
		return l.Pos.Error("stalls", "no time is left between the stalls", "stalls between which time moves")
	}
	return nil
}

func (c *Config) checkSpecial() *strict.Error {
	l := &c.Latency
	var rows *rows
	if len(l.ByCode) > 0 {
		rows = newRows(c)
	}
	for _, group := range []struct {
		key  string
		list map[string]Special
	}{{"by_code", l.ByCode}, {"by_operation", l.ByOperation}} {
		for _, name := range slices.Sorted(maps.Keys(group.list)) {
			s := group.list[name]
			switch {
			case group.key == "by_code" && rows.byName[name] == nil:
				return l.Pos.Error(group.key, "no list has a code that stands here: "+name, "codes of axbench codes, and those of codes and triggers")
			case group.key == "by_operation" && contract.FindOperation(name) == nil:
				return l.Pos.Error(group.key, "no such operation: "+name, strings.Join(operationNames(), ", "))
			case s.Times.kinds() == 0 && s.Pos.Line() > 0 && !s.Pos.Has("fixed"):
				return s.Pos.Error("", "no kind of latency", "one of fixed, uniform, lognormal")
			}
			if err := s.Times.check(&s.Pos); err != nil {
				return err
			}
		}
	}
	return nil
}
