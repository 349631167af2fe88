package scenarios

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"axbench/runner/pace"
	"axbench/scenarios/strict"
)

// Phase is one stretch of a run with exactly one shape: rate, poisson, ramp, steps, burst, trace or callers.
type Phase struct {
	Pos      strict.Pos    `yaml:"-"`
	Name     Name          `yaml:"name" jsonschema_description:"Default: main, or phase-1, phase-2 … when there are several."`
	Record   *bool         `yaml:"record" jsonschema_description:"false for a warm-up, which the verdict leaves out. Default true."`
	Duration time.Duration `yaml:"duration" jsonschema_description:"Required but for steps, which last as long as they say, and traces, which last as long as they were."`

	Rate    Rate    `yaml:"rate" jsonschema_description:"Evenly spaced arrivals."`
	Poisson Rate    `yaml:"poisson" jsonschema_description:"Arrivals of unrelated callers, at this rate on average."`
	Ramp    *Ramp   `yaml:"ramp" jsonschema_description:"A rate that changes linearly."`
	Steps   []Step  `yaml:"steps" jsonschema_description:"A stair of constant rates."`
	Burst   *Burst  `yaml:"burst" jsonschema_description:"Many arrivals at once."`
	Trace   *Column `yaml:"trace" jsonschema_description:"Recorded arrivals: a CSV file whose column 'at' (or only column) holds seconds or durations from the start of the phase, ascending."`
	Callers int     `yaml:"callers" jsonschema:"minimum=1,maximum=100000" jsonschema_description:"Closed model: callers that each wait for their answer."`
	Think   *Think  `yaml:"think" jsonschema_description:"With callers: the time between an answer and the caller's next call."`

	phase pace.Phase
}

// Ramp changes the rate linearly over the phase.
type Ramp struct {
	From EndRate `yaml:"from" jsonschema_description:"Default 0."`
	To   EndRate `yaml:"to" jsonschema_description:"Default 0."`
}

// Step is one tread of a stair.
type Step struct {
	Rate Rate          `yaml:"rate" jsonschema:"required"`
	For  time.Duration `yaml:"for" jsonschema:"required"`
}

// Burst lets Size calls arrive at the start of the phase, and again every Every.
type Burst struct {
	Size  int           `yaml:"size" jsonschema:"required,minimum=1,maximum=1000000"`
	Every time.Duration `yaml:"every" jsonschema_description:"Default: once."`
}

// Think is a think time: a duration, a range drawn from evenly, or a mean of exponential times.
type Think struct {
	Pos  strict.Pos    `yaml:"-"`
	Min  time.Duration `yaml:"min"`
	Max  time.Duration `yaml:"max"`
	Mean time.Duration `yaml:"mean"`
}

// UnmarshalText reads a fixed think time.
func (t *Think) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	if err != nil || d < 0 {
		return invalid("not a think time", "a duration such as 100ms, or a mapping with min and max, or with mean")
	}
	t.Min, t.Max = d, d
	return nil
}

// Column names a column of a CSV file.
type Column struct {
	Pos    strict.Pos `yaml:"-"`
	CSV    string     `yaml:"csv" jsonschema:"required" jsonschema_description:"Path of the file, from the scenario's folder."`
	Column string     `yaml:"column"`
}

// UnmarshalText reads a path.
func (c *Column) UnmarshalText(text []byte) error {
	c.CSV = string(text)
	return nil
}

// Recorded reports whether the phase counts for the verdict.
func (p *Phase) Recorded() bool { return p.Record == nil || *p.Record }

var shapeKeys = []string{"rate", "poisson", "ramp", "steps", "burst", "trace", "callers"}

// build checks the phase and makes its pace.Phase. tables holds the CSV files.
func (p *Phase) build(tables map[string]*table) error {
	given := ""
	for _, key := range shapeKeys {
		switch {
		case !p.Pos.Has(key):
		case given != "":
			return p.Pos.Error(key, "the phase has a second shape beside "+given, "one of rate, poisson, ramp, steps, burst, trace and callers")
		default:
			given = key
		}
	}
	if given == "" {
		return p.Pos.Error("", "the phase says nothing about its arrivals", "one of rate, poisson, ramp, steps, burst, trace and callers")
	}
	if p.Think != nil && given != "callers" {
		return p.Pos.Error("think", "only callers think", "think beside callers")
	}
	shape, natural, err := p.shape(given, tables)
	if err != nil {
		return err
	}
	if !p.Pos.Has("duration") {
		if natural == 0 {
			return p.Pos.Error("duration", "this value is missing", "a duration such as 10s or 1m30s")
		}
		p.Duration = natural
	}
	p.phase = pace.Phase{Name: string(p.Name), Record: p.Recorded(), Duration: p.Duration, Shape: shape}
	return p.check(given)
}

// check lets pace judge the phase. Poisson arrivals are not counted for that: a constant rate has the same limits.
func (p *Phase) check(given string) error {
	probe := p.phase
	if s, ok := probe.Shape.(pace.Poisson); ok {
		probe.Shape = pace.Constant(s)
	}
	if _, err := pace.NewPlan([]pace.Phase{probe}, 1, pace.Rate{}); err != nil {
		at := given
		if p.Duration <= 0 {
			at = "duration"
		}
		if inner := errors.Unwrap(err); inner != nil {
			err = inner // without the name of the phase, which the path says
		}
		return p.Pos.Error(at, err.Error(), "")
	}
	return nil
}

// shape makes the shape of that key, and how long it lasts by itself, 0 when it does not say.
func (p *Phase) shape(key string, tables map[string]*table) (shape pace.Shape, natural time.Duration, err error) {
	switch key {
	case "rate":
		shape = pace.Constant{Rate: p.Rate.Rate}
	case "poisson":
		shape = pace.Poisson{Rate: p.Poisson.Rate}
	case "ramp":
		shape = pace.Ramp{From: p.Ramp.From.Rate, To: p.Ramp.To.Rate}
	case "steps":
		s := pace.Steps{}
		for _, x := range p.Steps {
			s.List = append(s.List, pace.Step{Rate: x.Rate.Rate, For: x.For})
			natural += x.For
		}
		shape = s
	case "burst":
		shape = pace.Burst{Size: p.Burst.Size, Every: p.Burst.Every}
	case "trace":
		s := pace.Trace{}
		if s.Offsets, err = p.Trace.offsets(tables); err == nil {
			shape, natural = s, traceLength(s.Offsets)
		}
	case "callers":
		c := pace.Callers{N: p.Callers}
		if t := p.Think; t != nil {
			if t.Mean > 0 && (t.Min > 0 || t.Max > 0) {
				return nil, 0, t.Pos.Error("mean", "a think time has a range or a mean", "min and max, or mean")
			}
			if t.Max < t.Min {
				return nil, 0, t.Pos.Error("max", "the longest think time is below the shortest", "max at least min")
			}
			c.Think = pace.Think{Min: t.Min, Max: t.Max, Mean: t.Mean}
		}
		shape = c
	}
	return shape, natural, err
}

// offsets reads the arrivals of a trace.
func (c *Column) offsets(tables map[string]*table) ([]time.Duration, error) {
	t := tables[c.CSV]
	column := c.Column
	if column == "" {
		column = "at"
	}
	values, first, err := t.numbers(c, column)
	if err != nil {
		return nil, err
	}
	out := make([]time.Duration, len(values))
	for i, v := range values {
		d, ok := offset(v)
		if !ok {
			return nil, t.fail(first+i, column, "not a time since the start of the phase", "seconds such as 0.125, or a duration such as 125ms")
		}
		if i > 0 && d < out[i-1] {
			return nil, t.fail(first+i, column, "the arrival is before the one in the row above", "times in ascending order")
		}
		out[i] = d
	}
	return out, nil
}

// offset reads seconds or a duration.
func offset(s string) (time.Duration, bool) {
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		return time.Duration(f * 1e9), f >= 0 && f < 31*24*3600
	}
	d, err := time.ParseDuration(s)
	return d, err == nil && d >= 0
}

// traceLength is how long a trace lasts: to its last arrival and its mean gap more.
func traceLength(offsets []time.Duration) time.Duration {
	if len(offsets) < 2 {
		return time.Second
	}
	last := offsets[len(offsets)-1]
	return last + max(1, last/time.Duration(len(offsets)-1))
}

// nameOf gives a phase without a name its own.
func nameOf(i, n int) Name {
	if n == 1 {
		return "main"
	}
	return Name(fmt.Sprintf("phase-%d", i+1))
}
