package cmd

import (
	"context"
	"fmt"
	"math"
	"time"

	"axbench/conformance/numbers/sizing"
	"axbench/results/judge"
)

// poolSchema is the name and version of what axbench capacity pool --json prints.
const poolSchema = "axbench.pool/v1"

// poolAnswer is the result of axbench capacity pool. Rates are per second, shares from 0 to 1.
type poolAnswer struct {
	Schema     string       `json:"schema"`
	Version    string       `json:"version"`
	Seed       uint64       `json:"seed"`
	Rate       float64      `json:"rate"` // at the peak
	Arrivals   string       `json:"arrivals"`
	Hold       string       `json:"hold"`
	HoldNS     int64        `json:"hold_mean_ns"`
	Ends       string       `json:"ends"`
	Load       float64      `json:"load"` // bindings at once on average, if none was refused
	Pairs      int          `json:"pairs"`
	A          poolPhones   `json:"a"`
	B          poolPhones   `json:"b"`
	Strict     bool         `json:"strict"`
	Refusal    float64      `json:"refusal"` // that is allowed
	Confidence float64      `json:"confidence"`
	Bindings   int          `json:"bindings"` // counted for each point
	Need       *poolNeed    `json:"need"`     // null where --size asked for the rate
	Size       *poolPoint   `json:"size"`     // the pool of --size under this rate, else null
	Holds      *poolHolds   `json:"holds"`    // the rate that it holds, else null
	LimitedBy  string       `json:"limited_by"`
	Erlang     poolErlang   `json:"erlang"`
	Curve      []*poolPoint `json:"curve"`
	Notes      []string     `json:"notes"`
}

// What limits a pool: the room on its X, or numbers that stand on each X with room already.
const (
	limitedByRoom    = "room"
	limitedByRepeats = "repeats"
)

// poolPhones is whose numbers the bindings carry: people 0 and repeat 0 are new ones each time.
type poolPhones struct {
	People int     `json:"people"`
	Skew   float64 `json:"skew"`
	Repeat float64 `json:"repeat"`
	Recent int     `json:"recent"` // 0: as many as come in a mean hold time
}

// poolNeed is how many X are needed. Sizes were told apart by Step.
type poolNeed struct {
	Low   int `json:"low"`
	Value int `json:"value"`
	High  int `json:"high"`
	Step  int `json:"step"`
}

// poolHolds is the highest rate for a pool.
type poolHolds struct {
	Low   float64 `json:"low"`
	Value float64 `json:"value"`
	High  float64 `json:"high"`
}

// poolErlang is what Erlang's formula says: Need for the room alone, also where it does not apply.
type poolErlang struct {
	Applies bool     `json:"applies"`
	Why     string   `json:"why"` // it does not
	Need    *int     `json:"need"`
	Rate    *float64 `json:"rate"` // that a pool of --size holds
}

// poolPoint is one simulated size and rate.
type poolPoint struct {
	Size      int        `json:"size"`
	Rate      float64    `json:"rate"`
	Requests  int        `json:"requests"`
	Refused   int        `json:"refused"`
	Share     float64    `json:"share"`
	Low       float64    `json:"low"`
	High      float64    `json:"high"`
	Repeats   int        `json:"refused_for_repeats"` // of refused: an X had room, but A or B was on each such one
	RepeatsA  int        `json:"refused_for_repeats_a"`
	Elsewhere int        `json:"elsewhere"` // bound in another city than asked for
	Erlang    float64    `json:"erlang"`
	Ratio     *float64   `json:"ratio"` // share to Erlang's; null where that is below 1e-9
	Cities    []poolCity `json:"cities,omitempty"`
	Shares    []float64  `json:"shares"` // of each of the independent simulations
}

type poolCity struct {
	City     string  `json:"city"`
	Numbers  int     `json:"numbers"`
	Requests int     `json:"requests"`
	Refused  int     `json:"refused"`
	Share    float64 `json:"share"`
}

// answer simulates what is asked.
func (q *poolQuestion) answer(ctx context.Context, study *sizing.Study) (*poolAnswer, error) {
	d := &q.demand
	why := d.ErlangApplies()
	a := &poolAnswer{Schema: poolSchema, Version: version(), Seed: q.effort.Seed, Rate: d.Rate, Arrivals: "poisson", Hold: d.Hold.String(),
		HoldNS: int64(d.Hold.Mean()), Ends: "unbind", Load: d.Load(), Pairs: d.Pairs, A: poolPhones(d.A), B: poolPhones(d.B), Strict: d.Strict,
		Refusal: q.refusal, Confidence: q.effort.Confidence, Bindings: study.Requests(), Erlang: poolErlang{Applies: why == "", Why: why},
		Notes: append([]string{}, q.notes...)}
	if d.Constant {
		a.Arrivals = "constant"
	}
	if d.Expire {
		a.Ends = "expire"
	}
	var curve []*sizing.Point
	if q.size > 0 {
		r, err := study.Holds(ctx, q.size)
		if err != nil {
			return nil, err
		}
		a.Size, a.Holds, curve = q.point(r.At), &poolHolds{r.Low, r.Rate, r.High}, r.Curve
		if !d.Strict {
			rate := d.Rate * sizing.ErlangLoad(q.size*d.Pairs, q.refusal) / d.Load()
			a.Erlang.Rate = &rate
		}
	} else {
		r, err := study.Need(ctx)
		if err != nil {
			return nil, err
		}
		a.Need, curve = &poolNeed{r.Low, r.Need, r.High, r.Step}, r.Curve
		if !d.Strict {
			need := (sizing.ErlangServers(d.Load(), q.refusal, math.MaxInt32) + d.Pairs - 1) / d.Pairs
			a.Erlang.Need = &need
		}
	}
	for _, p := range curve {
		a.Curve = append(a.Curve, q.point(p))
	}
	a.limit()
	return a, nil
}

// point is what tools read of a point.
func (q *poolQuestion) point(p *sizing.Point) *poolPoint {
	out := &poolPoint{Size: p.Size, Rate: p.Rate, Requests: p.Requests, Refused: p.Refused, Share: p.Share, Low: p.Low, High: p.High,
		Repeats: p.Conflicts, RepeatsA: p.ConflictsA, Elsewhere: p.Elsewhere, Erlang: p.Erlang, Shares: p.Shares}
	if p.Erlang > 1e-9 {
		ratio := p.Share / p.Erlang
		out.Ratio = &ratio
	}
	for i, c := range p.Cities {
		city := poolCity{City: q.demand.Cities[i].Name, Numbers: p.Split[i], Requests: c.Requests, Refused: c.Refused}
		if c.Requests > 0 {
			city.Share = float64(c.Refused) / float64(c.Requests)
		}
		out.Cities = append(out.Cities, city)
	}
	return out
}

// answered is the point of the answer itself: the pool that is needed, or the rate that is held.
func (a *poolAnswer) answered() *poolPoint {
	for _, p := range a.Curve {
		if a.Need != nil && p.Size == a.Need.Value || a.Holds != nil && p.Rate == a.Holds.Value {
			return p
		}
	}
	return nil
}

// beyond is the point nearest to the answer at which several times as many are refused, or nil.
func (a *poolAnswer) beyond() (beyond *poolPoint) {
	for _, p := range a.Curve {
		if p.Low <= a.Refusal || p.Share < 3*a.Refusal {
			continue
		}
		if beyond == nil || p.Share < beyond.Share {
			beyond = p
		}
	}
	return beyond
}

// limit finds what most refusals around the answer are for.
func (a *poolAnswer) limit() {
	a.LimitedBy = limitedByRoom
	refused, repeats, ofA := 0, 0, 0
	for _, p := range []*poolPoint{a.answered(), a.beyond(), a.Size} {
		if p != nil {
			refused, repeats, ofA = refused+p.Refused, repeats+p.Repeats, ofA+p.RepeatsA
		}
	}
	if 2*repeats <= refused || refused == 0 {
		return
	}
	a.LimitedBy = limitedByRepeats
	whose := "A"
	switch {
	case 4*ofA < repeats:
		whose = "B"
	case 4*ofA < 3*repeats:
		whose = "A or B"
	}
	note := fmt.Sprintf("repeated numbers are the limit: %s of the refusals came although some X had room, because %s was bound on each of them; who has k bindings at once needs k X",
		percentText(float64(repeats)/float64(refused)), whose)
	if a.Erlang.Need != nil {
		note += fmt.Sprintf("; for room alone %s X would do", judge.Thousands(int64(*a.Erlang.Need)))
	}
	a.Notes = append(a.Notes, note)
}

// meanHold is the mean hold time for a person.
func (a *poolAnswer) meanHold() string {
	d := time.Duration(a.HoldNS)
	switch {
	case d >= time.Minute:
		return d.Round(time.Second).String()
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(10 * time.Microsecond).String()
}
