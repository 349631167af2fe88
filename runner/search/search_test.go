package search

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"axbench/results"
)

// sharp holds rates up to a limit. It answers at once and is never wrong.
func sharp(truth float64) func(context.Context, Step) (*Outcome, error) {
	return func(_ context.Context, st Step) (*Outcome, error) {
		o := &Outcome{Verdict: Held, Took: st.Length()}
		if st.Rate > truth {
			o.Verdict, o.Limit, o.Steady, o.Clear = Lost, results.LimitSaturation, truth, truth < 0.9*st.Rate
		}
		return o, nil
	}
}

// unless makes probes above a rate invalid.
func unless(limit float64, probe func(context.Context, Step) (*Outcome, error)) func(context.Context, Step) (*Outcome, error) {
	return func(ctx context.Context, st Step) (*Outcome, error) {
		if st.Rate > limit {
			return &Outcome{Limit: results.LimitGenerator, Took: st.Length()}, nil
		}
		return probe(ctx, st)
	}
}

// once makes one probe lost that would be held.
func once(n int, probe func(context.Context, Step) (*Outcome, error)) func(context.Context, Step) (*Outcome, error) {
	return func(ctx context.Context, st Step) (*Outcome, error) {
		o, err := probe(ctx, st)
		if st.Rate == 300 && n > 0 {
			if n--; n < 2 {
				o.Verdict, o.Limit = Lost, results.LimitSaturation
			}
		}
		return o, err
	}
}

func TestEnds(t *testing.T) {
	dead := func(context.Context, Step) (*Outcome, error) { return &Outcome{Dead: true}, nil }
	cases := []struct {
		name      string
		cfg       Config
		probe     func(context.Context, Step) (*Outcome, error)
		end       End
		low, high [2]float64 // bounds; of 0 to 0 the rate is not known
		limit     results.Limit
	}{
		{"found", Config{}, sharp(487), Found, [2]float64{463, 487}, [2]float64{487, 512}, results.LimitSaturation},
		{"found below the first rate", Config{}, sharp(11), Found, [2]float64{10.4, 11}, [2]float64{11, 11.6}, results.LimitSaturation},
		{"the highest rate is held", Config{Max: 300}, sharp(487), Ceiling, [2]float64{300, 300}, [2]float64{}, results.LimitCeiling},
		{"the highest rate is the first", Config{Max: 50}, sharp(487), Ceiling, [2]float64{50, 50}, [2]float64{}, results.LimitCeiling},
		{"the highest rate is not held", Config{Max: 500}, sharp(487), Found, [2]float64{463, 487}, [2]float64{487, 512}, results.LimitSaturation},
		{"the highest rate is held, but one verdict was wrong", Config{Max: 300}, once(3, sharp(487)), Ceiling, [2]float64{300, 300}, [2]float64{}, results.LimitCeiling},
		{"nothing is held", Config{}, sharp(0.1), Nothing, [2]float64{}, [2]float64{1, 50}, results.LimitSaturation},
		{"the generator is the limit", Config{}, unless(450, sharp(1e9)), Generator, [2]float64{400, 450}, [2]float64{}, results.LimitGenerator},
		{"the generator, but the target before it", Config{}, unless(700, sharp(487)), Found, [2]float64{463, 487}, [2]float64{487, 512}, results.LimitSaturation},
		{"the generator from the begin", Config{}, unless(0, sharp(1e9)), Generator, [2]float64{}, [2]float64{}, results.LimitGenerator},
		{"dead", Config{}, dead, Dead, [2]float64{}, [2]float64{}, ""},
		{"no time", Config{Budget: 20 * time.Second}, sharp(487), Budget, [2]float64{350, 487}, [2]float64{487, 900}, results.LimitSaturation},
		{"no more probes", Config{MaxProbes: 3}, sharp(487), Budget, [2]float64{200, 200}, [2]float64{}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.cfg.Start, c.cfg.Record, c.cfg.Settle = 50, 2*time.Second, time.Second
			f, err := Search(context.Background(), c.cfg, c.probe)
			if err != nil {
				t.Fatal(err)
			}
			in := func(v float64, b [2]float64) bool { return v >= b[0] && v <= b[1] }
			if f.End != c.end || !in(f.Low, c.low) || !in(f.High, c.high) || f.LimitedBy != c.limit {
				t.Errorf("%s, %v to %v, limited by %q; want %s, %v to %v, %q", f.End, f.Low, f.High, f.LimitedBy, c.end, c.low, c.high, c.limit)
			}
			if f.End == Found && !(f.Low <= f.Value && f.Value <= f.High) {
				t.Errorf("the value %v is not from %v to %v", f.Value, f.Low, f.High)
			}
			for i, p := range f.Probes {
				if p.Number != i+1 || c.cfg.Max > 0 && p.Rate > c.cfg.Max {
					t.Errorf("probe %d of %v/s stands at %d", p.Number, p.Rate, i)
				}
			}
		})
	}
}

// TestConfirmed: what is found rests on a longer probe at the low end that was held.
func TestConfirmed(t *testing.T) {
	f, err := Search(context.Background(), Config{Start: 50, Record: 2 * time.Second}, sharp(487))
	if err != nil {
		t.Fatal(err)
	}
	last := f.Probes[len(f.Probes)-1]
	if last.Stage != StageConfirm || last.Rate != f.Low || last.Verdict != Held || last.Record != 4*time.Second {
		t.Errorf("the last probe is %+v, of an interval from %v", last, f.Low)
	}
}

// TestStops: the context and an error end a search, with what was found so far.
func TestStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	f, err := Search(ctx, Config{Start: 50, Record: time.Second}, func(ctx context.Context, st Step) (*Outcome, error) {
		if n++; n == 3 {
			cancel()
		}
		return sharp(1e9)(ctx, st)
	})
	if err != nil || f.End != Stopped || f.Low != 200 || len(f.Probes) != 3 {
		t.Errorf("%v, %+v; want to have stopped at 200/s", err, f)
	}
	broken := errors.New("the disk is full")
	f, err = Search(context.Background(), Config{Start: 50, Record: time.Second}, func(context.Context, Step) (*Outcome, error) { return nil, broken })
	if !errors.Is(err, broken) || f.End != Stopped {
		t.Errorf("%v, %+v; want the error", err, f)
	}
}

func TestConfigs(t *testing.T) {
	good := Config{Start: 50, Record: time.Second}
	wrong := map[string]func(*Config){
		"no start":        func(c *Config) { c.Start = 0 },
		"start for ever":  func(c *Config) { c.Start = math.Inf(1) },
		"max below start": func(c *Config) { c.Max = 10 },
		"floor above":     func(c *Config) { c.Floor = 60 },
		"factor":          func(c *Config) { c.Factor = 1 },
		"precision":       func(c *Config) { c.Precision = 2 },
		"confidence":      func(c *Config) { c.Confidence = 1 },
		"mistakes":        func(c *Config) { c.Mistakes = 0.5 },
		"no record":       func(c *Config) { c.Record = 0 },
	}
	for name, spoil := range wrong {
		c := good
		spoil(&c)
		if _, err := Search(context.Background(), c, sharp(400)); err == nil {
			t.Errorf("%s: it searches", name)
		}
	}
}

// TestLonger: probes that cannot tell are made again with what was missing.
func TestLonger(t *testing.T) {
	var steps []Step
	_, err := Search(context.Background(), Config{Start: 50, Record: time.Second, Settle: time.Second, Samples: 368, MaxProbes: 4}, func(_ context.Context, st Step) (*Outcome, error) {
		steps = append(steps, st)
		switch len(steps) {
		case 1:
			return &Outcome{Shallow: true, Settle: 5 * time.Second}, nil
		case 2:
			return &Outcome{Thin: true}, nil
		}
		return &Outcome{Verdict: Held}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if calls := steps[0].Rate * steps[0].Record.Seconds(); calls < 368 {
		t.Errorf("the first probe records %v calls, at least 368 are needed", calls)
	}
	if s := steps[1]; s.Settle != 5*time.Second || s.Rate != 50 || s.Stage != StageRepeat {
		t.Errorf("after a shallow probe: %+v", s)
	}
	if s := steps[2]; s.Rate != 50 || s.Settle != 5*time.Second {
		t.Errorf("after a thin probe: %+v", s)
	}
	if s := steps[3]; s.Rate != 100 || s.Stage != StageClimb || s.Record < 2*time.Second {
		t.Errorf("after one that was held: %+v", s)
	}
}

// TestFlush: once a limit was seen to let a burst pass, no probe that could live on the burst counts.
func TestFlush(t *testing.T) {
	s := &simulated{truth: 300, full: 1, bucket: 900, random: newRandom(1)}
	f, err := Search(context.Background(), Config{Start: 50, Record: 2 * time.Second, Settle: time.Second}, s.probe)
	if err != nil {
		t.Fatal(err)
	}
	if f.End != Found || f.Low > 300 || f.High < 300 {
		t.Errorf("%s from %v to %v, the limit is 300", f.End, f.Low, f.High)
	}
	fooled := slices.ContainsFunc(f.Probes, func(p Probed) bool { return p.Verdict == Held && p.Rate > 310 && !p.Flushed })
	flushed := slices.ContainsFunc(f.Probes, func(p Probed) bool { return p.Flush > 0 && p.FlushRate > 300 && p.Flushed })
	if !fooled || !flushed {
		t.Errorf("a rate above the limit passed: %t; a flush was made: %t; want both", fooled, flushed)
	}
}

func TestNice(t *testing.T) {
	for _, c := range [][2]float64{{486.72391, 486.7}, {50, 50}, {12345.6, 12350}, {0.123456, 0.1235}, {999.96, 1000}} {
		if got := nice(c[0]); math.Abs(got-c[1]) > 1e-9 {
			t.Errorf("nice(%v) = %v, want %v", c[0], got, c[1])
		}
	}
}

func TestKnee(t *testing.T) {
	queue := func(rates ...float64) (list []Point) { // latency of a queue of capacity 500
		for _, r := range rates {
			list = append(list, Point{r, 10 / (1 - r/500)})
		}
		return list
	}
	cases := []struct {
		name     string
		points   []Point
		from, to float64 // 0: none
	}{
		{"a queue", queue(50, 100, 200, 300, 400, 450, 480, 490, 499), 300, 480},
		{"in any order, and twice", append(queue(499, 400, 50, 100, 480), queue(480, 200, 300, 450, 490)...), 300, 480},
		{"flat", []Point{{50, 10}, {100, 10.1}, {200, 10}, {400, 10.3}, {800, 10.2}}, 0, 0},
		{"straight on logarithmic axes", []Point{{50, 10}, {100, 20}, {200, 40}, {400, 80}, {800, 160}}, 0, 0},
		{"bent the other way", []Point{{50, 10}, {100, 60}, {200, 80}, {400, 90}, {800, 95}}, 0, 0},
		{"too few rates", queue(50, 400, 499), 0, 0},
		{"nothing", nil, 0, 0},
		{"no latency known", []Point{{50, 0}, {100, 0}, {200, 0}, {300, 0}}, 0, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			k, ok := Knee(c.points)
			if ok != (c.from > 0) || ok && (k.Rate < c.from || k.Rate > c.to) {
				t.Errorf("%v, %t; want a knee from %v to %v", k, ok, c.from, c.to)
			}
		})
	}
}
