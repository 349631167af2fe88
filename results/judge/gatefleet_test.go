package judge

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"axbench/results"
)

// fleet is a run of four generators before it is judged: of each the run of the fixture, and the sum of them. Its plan is of 4,400 arrivals.
type fleet struct {
	root   *fixture
	slots  []*fixture
	ledger *results.Fleet
}

func newFleet(slots int) *fleet {
	f := &fleet{root: newFixture(), ledger: &results.Fleet{ID: "r", Policy: results.LossFail, StartBoundNS: 400_000, MaxSkewNS: 10 * ms}}
	for i := range slots {
		own := newFixture()
		own.run.Generator.Connections, own.run.Generator.MaxInFlight = int64(i+1), int64(10+i)
		f.slots = append(f.slots, own)
		f.ledger.Generators = append(f.ledger.Generators, results.Part{Slot: i, Weight: 1, Host: "h" + fmt.Sprint(i), State: results.PartEnded,
			Ledger: results.Ledger{Planned: 1100, Done: 1100}, Decided: 1100, Sent: 1100, Machine: results.Host{Cores: 2}})
	}
	for i := range f.root.run.Phases {
		p := &f.root.run.Phases[i]
		n := int64(slots)
		p.Ledger = results.Ledger{Planned: n * p.Planned, Done: n * p.Done}
		p.Sent, p.Good, p.DoneInside, p.GoodInside = n*p.Sent, n*p.Good, n*p.DoneInside, n*p.GoodInside
		p.Codes[0].Count *= n
	}
	f.ledger.Decided = int64(slots) * 1100
	f.root.run.Fleet = f.ledger
	return f
}

// miss takes n arrivals of the phase main away from a slot, from index from up to to.
func (f *fleet) miss(slot int, n, from, to int64) {
	p := f.root.main()
	p.Done, p.DoneInside, p.Good, p.GoodInside, p.Sent = p.Done-n, p.DoneInside-n, p.Good-n, p.GoodInside-n, p.Sent-n
	p.Codes[0].Count -= n
	p.NotOffered += n
	f.ledger.Missing += n
	f.ledger.Decided -= n
	f.ledger.Generators[slot].Decided -= n
	f.ledger.Gaps = append(f.ledger.Gaps, results.Gap{From: from, To: to, Count: n, Slot: &slot})
}

// loseEarly lets a slot be lost before it reported a second.
func (f *fleet) loseEarly(slot int, unknown int64) {
	f.lose(slot, unknown)
	f.slots[slot], f.ledger.Generators[slot].Sent = nil, 0
}

// lose lets a slot be lost with calls of unknown end.
func (f *fleet) lose(slot int, unknown int64) {
	p := &f.ledger.Generators[slot]
	p.State, p.Why = results.PartLost, "it was silent for 5.5s"
	m := f.root.main()
	m.Done, m.DoneInside, m.Good, m.GoodInside, m.Codes[0].Count = m.Done-unknown, m.DoneInside-unknown, m.Good-unknown, m.GoodInside-unknown, m.Codes[0].Count-unknown
	m.Unfinished += unknown
	f.ledger.Unknown += unknown
	f.slots[slot].run.Ended = nil
	f.slots[slot].timeline(8, func(*results.Second) {})
}

func (f *fleet) judged(t *testing.T, in Input) *results.Record {
	t.Helper()
	rec := f.root.summarised(t)
	for i, own := range f.slots {
		if own != nil {
			own.summarisedIn(t, results.GeneratorDir(rec.Dir, i))
		}
	}
	Judge(rec, in)
	return rec
}

func TestFleetGate(t *testing.T) {
	allow := func(f *fleet, share float64) { f.ledger.Policy, f.ledger.Allowed = results.LossRedistribute, share }
	cases := []struct {
		name string
		make func(*fleet, *Input)
		exit int
		why  []string // none for valid
		note string
	}{
		{"four in order", func(*fleet, *Input) {}, 0, nil, ""},
		{"one arrival missing", func(f *fleet, _ *Input) { f.miss(1, 1, 2001, 2002) }, 6,
			[]string{"the plan was not kept: 1 of 4,400 arrivals were not offered, at most 0% is valid: arrivals 2,001 to 2,002: 1"}, ""},
		{"missing within the allowance", func(f *fleet, _ *Input) { allow(f, 0.01); f.miss(1, 44, 2000, 2176) }, 0, nil,
			"44 of 4,400 arrivals were not offered, and the scenario allows 1%: arrivals 2,000 to 2,176: 44"},
		{"missing beyond the allowance", func(f *fleet, _ *Input) { allow(f, 0.01); f.miss(1, 40, 2000, 2160); f.miss(2, 5, 3000, 3020) }, 6,
			[]string{"the plan was not kept: 45 of 4,400 arrivals were not offered, at most 1% is valid: in 2 stretches, the largest is arrivals 2,000 to 2,160: 40"}, ""},
		{"withheld", func(f *fleet, _ *Input) {
			f.miss(1, 30, 2000, 2120)
			f.ledger.Generators[1].Withheld = 30
		}, 6, []string{"the plan was not kept: ", "generator 1 (h1) withheld 30 arrivals: it was not permitted to send"}, ""},
		{"what one reported cannot be read", func(f *fleet, _ *Input) { f.ledger.Generators[2].Why = "a histogram is cut short" }, 6, []string{"generator 2 (h2): a histogram is cut short"}, ""},
		{"one stopped by itself, and so did the run", func(f *fleet, in *Input) {
			f.ledger.Generators[2].Why, in.EndedEarly = "the circuit breaker opened", "x"
		}, 7, nil,
			"generator 2 (h2): the circuit breaker opened"},
		{"one left", func(f *fleet, _ *Input) {
			f.ledger.Generators[2].State, f.ledger.Generators[2].Why = results.PartLeft, "it was told to end (SIGTERM)"
		}, 0, nil, ""},
		{"lost before it did anything", func(f *fleet, _ *Input) {
			allow(f, 0.5)
			f.lose(1, 0)
			f.miss(1, 1100, 0, 4400)
			f.ledger.Generators[1].Decided, f.ledger.Generators[1].Sent, f.slots[1] = 0, 0, nil
		}, 0, nil, "1,100 of 4,400 arrivals were not offered, and the scenario allows 50%"},
		{"lost with calls, and without a record", func(f *fleet, _ *Input) { allow(f, 0.5); f.lose(1, 0); f.slots[1] = nil }, 6, []string{"generator 1 (h1): its record cannot be read: "}, "which the scenario allows"},
		{"too late, on purpose", func(f *fleet, _ *Input) {
			f.root.lose(3, &f.root.main().NotOffered, results.CodeUnfinished, ms)
			f.slots[2].lose(3, &f.slots[2].main().NotOffered, results.CodeUnfinished, ms)
		}, 6, []string{"the plan was not kept in phase main: 3 of 4,000 calls were not offered, at most 0% of all is valid",
			"generator 2 (h2): the plan was not kept in phase main: 3 of 1,000 calls were never offered: lower the rate"}, ""},
		{"one decided twice", func(f *fleet, _ *Input) { f.ledger.Double = 1 }, 6, []string{"1 arrivals were decided by two generators"}, ""},
		{"twice, with an allowance", func(f *fleet, _ *Input) { allow(f, 1); f.ledger.Double = 1 }, 6, []string{"1 arrivals were decided by two generators"}, ""},
		{"an unsure start", func(f *fleet, _ *Input) { f.ledger.StartBoundNS = 12 * ms }, 6, []string{"the generators began within 12ms of each other for certain, at most 10ms is valid"}, ""},
		{"a start just in time", func(f *fleet, _ *Input) { f.ledger.StartBoundNS = 10 * ms }, 0, nil, ""},
		{"lost, and the run ended", func(f *fleet, in *Input) {
			f.lose(1, 3)
			f.miss(1, 200, 3200, 4000)
			in.EndedEarly = "generator 1 was lost"
		}, 6, []string{"generator 1 (h1) was lost: it was silent for 5.5s", "the plan was not kept: 200 of 4,400", "nobody knows how 3 calls of lost generators ended"}, ""},
		{"lost, others took over, nothing is missing", func(f *fleet, _ *Input) { allow(f, 0); f.lose(1, 0) }, 6, []string{"generator 1 (h1) was lost: "}, ""},
		{"lost, others took over, and that was allowed", func(f *fleet, _ *Input) { allow(f, 0.01); f.lose(1, 4); f.miss(1, 40, 3200, 3360) }, 0, nil,
			"generator 1 (h1) was lost, which the scenario allows: it was silent for 5.5s"},
		{"lost before its first second ended", func(f *fleet, _ *Input) { allow(f, 0.01); f.loseEarly(1, 4) }, 0, nil, "which the scenario allows"},
		{"lost so early, and that was not allowed", func(f *fleet, _ *Input) { f.loseEarly(1, 4) }, 6, []string{"generator 1 (h1) was lost: ", "nobody knows how 4 calls"}, ""},
		{"lost, and more of unknown end than allowed", func(f *fleet, _ *Input) { allow(f, 0.01); f.lose(1, 5); f.miss(1, 40, 3200, 3360) }, 6,
			[]string{"generator 1 (h1) was lost: it was silent for 5.5s", "nobody knows how 5 calls of lost generators ended"}, "40 of 4,400 arrivals were not offered, and the scenario allows 1%: "},
		{"lost, and an allowance of a run that is to end", func(f *fleet, _ *Input) { f.ledger.Allowed = 0.01; f.lose(1, 0) }, 6, []string{"generator 1 (h1) was lost"}, ""},

		{"one was late", func(f *fleet, _ *Input) { f.slots[2].late("main", 20, 11*ms) }, 6,
			[]string{"generator 2 (h2): the generator was late in phase main: 1.96% of 1,020 calls by more than 10ms (p99 11ms), at most 1% is valid"}, ""},
		{"one stood still", func(f *fleet, _ *Input) {
			f.slots[0].timeline(10, in(7, func(s *results.Second) { s.StallMaxNS = 402 * ms }))
		}, 6,
			[]string{"generator 0 (h0): the generator stood still for 402ms in second 7 of the run, phase main"}, ""},
		{"a lost one stood still before", func(f *fleet, _ *Input) {
			allow(f, 0.01)
			f.lose(1, 0)
			f.slots[1].timeline(8, in(7, func(s *results.Second) { s.StallMaxNS = 402 * ms }))
		}, 6, []string{"generator 1 (h1): the generator stood still for 402ms"}, "which the scenario allows"},
		{"one without a core left", func(f *fleet, _ *Input) {
			f.slots[1].timeline(10, func(s *results.Second) { s.CPU = 1.99 })
		}, 6, []string{"generator 1 (h1): the generator used all of its CPU in 10 of 10 seconds: up to 1.99 of 2 cores"}, ""},
		{"one with more cores", func(f *fleet, _ *Input) {
			f.slots[1].timeline(10, func(s *results.Second) { s.CPU = 1.99 })
			f.ledger.Generators[1].Machine.Cores = 4
		}, 0, nil, ""},
		{"one without a port left", func(f *fleet, _ *Input) {
			f.slots[3].run.Generator = results.Generator{}
			f.ledger.Generators[3].Generator = results.Generator{Connections: 9, Unopened: 2}
		}, 6, []string{"generator 3 (h3): 2 connections could not be opened"}, ""},
		{"one with a wrong clock", func(f *fleet, _ *Input) {
			low, high := int64(-5_000_000_000), int64(-4_000_000_000)
			f.slots[3].run.Generator.SkewLowNS, f.slots[3].run.Generator.SkewHighNS = &low, &high
		}, 0, nil, "generator 3 (h3): this machine's clock is 4s ahead of the server's: set the clock"},
		{"one without a record", func(f *fleet, _ *Input) { f.slots[2] = nil }, 6, []string{"generator 2 (h2): its record cannot be read: "}, ""},
		{"worst of columns", func(f *fleet, _ *Input) { // in the merged seconds it is the worst of each generator, which says nothing of any
			f.root.timeline(10, func(s *results.Second) { s.CPU, s.LateP99NS, s.StallMaxNS, s.GCPauseNS = 2, 300*ms, 300*ms, 300*ms })
			f.root.late("main", 1000, 300*ms)
		}, 0, nil, ""},
		{"accounts that do not add up", func(f *fleet, _ *Input) { f.root.main().Planned++ }, 6, []string{"phase main does not add up: 4,001 calls were planned and 4,000 accounted for"}, ""},
		{"an account of one that does not", func(f *fleet, _ *Input) { f.slots[1].main().Planned++ }, 6, []string{"generator 1 (h1): phase main does not add up"}, ""},
		{"overflow", func(f *fleet, _ *Input) { f.root.record("main", "response", results.CodeGood, 2*results.HighestNS) }, 6, []string{"1 durations were above the range"}, ""},

		{"interrupted", func(f *fleet, in *Input) {
			in.Interrupted = 130
			for i := range int64(4) {
				f.miss(int(i), 100, 4000+i, 4396+i+1)
			}
		}, 130, nil, ""},
		{"a rule ended it early", func(f *fleet, in *Input) { in.EndedEarly = "x"; f.miss(0, 100, 4000, 4400); f.miss(1, 100, 4001, 4398) }, 7, nil, ""},
		{"ended early, with a hole before", func(f *fleet, in *Input) { in.EndedEarly = "x"; f.miss(0, 100, 4000, 4400); f.miss(1, 10, 2000, 2040) }, 6,
			[]string{"the plan was not kept: 10 of 4,400 arrivals were not offered, at most 0% is valid: arrivals 2,000 to 2,040: 10"}, ""},
	}
	for _, c := range cases {
		f, in := newFleet(4), Input{Rules: []Rule{MustParseRule("p99(offered) < 1s")}}
		c.make(f, &in)
		rec := f.judged(t, in)
		g := rec.Run.Generator
		why := strings.Join(g.Why, "\n")
		if g.Valid != (len(c.why) == 0) || g.Valid && why != "" {
			t.Errorf("%s: valid %v, why %q", c.name, g.Valid, why)
		}
		for _, s := range c.why {
			if !strings.Contains(why, s) {
				t.Errorf("%s: why %q does not say %q", c.name, why, s)
			}
		}
		if exit := *rec.Run.ExitCode; exit != c.exit {
			t.Errorf("%s: exit %d, want %d: %q", c.name, exit, c.exit, rec.Run.Reasons)
		}
		if notes := strings.Join(rec.Run.Notes, "\n"); !strings.Contains(notes, c.note) || c.note == "" && notes != "" {
			t.Errorf("%s: notes %q, want %q", c.name, notes, c.note)
		}
	}
}

// TestFleetHealth: the health of the run is the worst of each, and each knows its own verdict.
func TestFleetHealth(t *testing.T) {
	f := newFleet(4)
	f.slots[2].late("main", 20, 11*ms)
	f.slots[1].run.Generator = results.Generator{}
	f.ledger.Generators[1].Generator = results.Generator{CPUCores: 1.5, MaxInFlight: 40, Limit: 50, Connections: 7}
	rec := f.judged(t, Input{})
	g, parts := rec.Run.Generator, rec.Run.Fleet.Generators
	if g.CPUCores != 1.5 || g.MaxInFlight != 40 || g.Limit != 50 || g.Connections != 1+7+3+4 || g.LateMaxNS != 11*ms || g.Valid {
		t.Errorf("%+v", g)
	}
	for i, p := range parts {
		if p.Generator.Valid != (i != 2) || len(p.Generator.Why) > 0 != (i == 2) {
			t.Errorf("generator %d: %+v", i, p.Generator)
		}
	}
	if late := parts[0].Generator.LateP99NS; late < ms/10 || late > ms/9 || parts[2].Generator.LateP99NS < 10*ms {
		t.Errorf("lateness %d and %d", late, parts[2].Generator.LateP99NS)
	}
}

// TestFleetRecordsAtHand: records that the caller has are not read again.
func TestFleetRecordsAtHand(t *testing.T) {
	f := newFleet(2)
	rec := f.root.summarised(t)
	var own []*results.Record
	for i, slot := range f.slots {
		own = append(own, slot.summarisedIn(t, results.GeneratorDir(t.TempDir(), i)))
	}
	Judge(rec, Input{Generators: own})
	if !rec.Run.Generator.Valid {
		t.Errorf("why %q", rec.Run.Generator.Why)
	}
	if own[0].Run.Host.Cores != 0 || own[0].Run.Generator.MaxInFlight != 10 || own[0].Run.Generator.Valid {
		t.Errorf("a record was changed: %+v %+v", own[0].Run.Host, own[0].Run.Generator)
	}
	if _, err := os.Stat(results.GeneratorDir(rec.Dir, 0)); err == nil {
		t.Error("there is a directory")
	}
	Judge(rec, Input{Generators: own[:1]})
	if why := rec.Run.Generator.Why; len(why) != 1 || !strings.Contains(why[0], "generator 1 (h1): its record cannot be read") {
		t.Errorf("why %q", why)
	}
}

// TestFleetSaysNoMore: what is true of hundreds of generators is said of some.
func TestFleetSaysNoMore(t *testing.T) {
	f := newFleet(2)
	own := f.slots[0]
	own.late("main", 20, 11*ms)
	low, high := int64(3_000_000_000), int64(4_000_000_000)
	own.run.Generator.SkewLowNS, own.run.Generator.SkewHighNS = &low, &high
	one := own.summarisedIn(t, results.GeneratorDir(t.TempDir(), 0))
	rec := f.root.summarised(t)
	part := f.ledger.Generators[0]
	f.ledger.Generators = nil
	var records []*results.Record
	for i := range 500 {
		part.Slot, part.State, part.Withheld = i, results.PartEnded, 3
		if i%5 == 0 {
			part.State = results.PartLost
		}
		f.ledger.Generators, records = append(f.ledger.Generators, part), append(records, one)
	}
	f.ledger.Missing = 4000
	Judge(rec, Input{Generators: records})
	why := rec.Run.Generator.Why
	for _, want := range []string{"92 generators more were lost", "392 generators more withheld arrivals", "492 generators more are not valid"} {
		if !slices.Contains(why, want) {
			t.Errorf("%q is not among %q", want, why)
		}
	}
	if notes := rec.Run.Notes; len(why) > 4*(toldGenerators+1) || len(notes) != toldGenerators+1 || notes[toldGenerators] != "492 notes more are about other generators" {
		t.Errorf("%d sentences, notes %q", len(why), notes)
	}
}
