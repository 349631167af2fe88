package cmd

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"axbench/conformance/numbers/sizing"
	"axbench/runner/pace"

	"github.com/urfave/cli/v2"
)

// poolQuestion is what the flags of axbench capacity pool ask.
type poolQuestion struct {
	demand  sizing.Demand
	effort  sizing.Effort
	refusal float64
	size    int // 0: not asked for
	peak    float64
	notes   []string
}

func (p *program) poolQuestion(ctx *cli.Context) (*poolQuestion, error) {
	q := &poolQuestion{size: ctx.Int("size"), peak: ctx.Float64("peak")}
	d := &q.demand
	var err error
	if d.Rate, err = p.poolRate(ctx, q); err != nil {
		return nil, err
	}
	if ctx.String("hold") == "" {
		return nil, usagef("--hold is missing").withHint("how long a binding is held: 10m, 5m..30m, exp:10m, lognormal:5m,40m")
	}
	if d.Hold, err = sizing.ParseHold(ctx.String("hold")); err != nil {
		return nil, usagef("--hold: %w", err)
	}
	if d.Constant, err = oneOf(ctx, "arrivals", "poisson", "constant"); err != nil {
		return nil, err
	}
	if d.Expire, err = oneOf(ctx, "ends", "unbind", "expire"); err != nil {
		return nil, err
	}
	if err := q.phones(ctx); err != nil {
		return nil, err
	}
	d.Pairs, d.Strict = ctx.Int("pairs"), ctx.Bool("strict")
	if d.Cities, err = cityShares(ctx.StringSlice("city")); err != nil {
		return nil, err
	}
	if q.refusal, err = shareFlag(ctx, "refusal"); err != nil {
		return nil, err
	}
	confidence, err := shareFlag(ctx, "confidence")
	if err != nil {
		return nil, err
	}
	if ctx.IsSet("bindings") && ctx.Int("bindings") == 0 {
		return nil, usagef("--bindings 0 is out of range").withHint(fmt.Sprintf("%d to %d", sizing.MinRequests, sizing.MaxRequests))
	}
	q.effort = sizing.Effort{Seed: uint64(ctx.Int64("seed")), Requests: ctx.Int("bindings"), Confidence: math.Round(confidence*1e4) / 1e4}
	return q, nil
}

// poolRate returns the rate at the peak.
func (p *program) poolRate(ctx *cli.Context, q *poolQuestion) (float64, error) {
	if !(q.peak > 0 && q.peak <= 1000) {
		return 0, usagef("--peak %v is out of range", q.peak).withHint("a factor above 0, up to 1000, such as 2.5")
	}
	text, day := ctx.String("rate"), ctx.String("day")
	switch {
	case text == "" && day == "":
		return 0, usagef("--rate is missing").withHint("bindings asked for, such as --rate 50/s, or --day FILE with the rate of each hour")
	case text != "" && day != "":
		return 0, usagef("--rate and --day both say how many bindings are asked for: give one of them")
	case text != "":
		rate, err := pace.ParseRate(text)
		if err != nil {
			return 0, usagef("--rate %q: %w", text, err)
		}
		return rate.Float() * q.peak, nil
	}
	data, err := p.readInput(day)
	if err != nil {
		return 0, err
	}
	hours, err := dayRates(data)
	if err != nil {
		return 0, usagef("%s: %w", day, err)
	}
	highest, sum := 0, 0.0
	for h, r := range hours {
		sum += r
		if r > hours[highest] {
			highest = h
		}
	}
	if hours[highest] == 0 {
		return 0, usagef("%s: no hour has a rate above 0", day)
	}
	q.notes = append(q.notes, fmt.Sprintf("sized for hour %d, the highest of the day: %.3g times the mean rate, as if it went on", highest, 24*hours[highest]/sum))
	return hours[highest] * q.peak, nil
}

// dayRates reads a CSV of hour,rate: each hour from 0 to 23 once, in any order, below a header or none. A rate is what --rate
// takes, or 0.
func dayRates(data []byte) (hours [24]float64, err error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	r.FieldsPerRecord, r.TrimLeadingSpace, r.Comment = 2, true, '#'
	var seen [24]bool
	for n := 0; ; n++ {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return hours, fmt.Errorf("%w, accepted: lines of hour,rate", err)
		}
		line, _ := r.FieldPos(0)
		hour, err := strconv.Atoi(strings.TrimSpace(row[0]))
		if n == 0 && err != nil {
			continue // the header
		}
		if err != nil || hour < 0 || hour > 23 || seen[hour] {
			return hours, fmt.Errorf("line %d: %q is no hour, accepted: 0 to 23, each once", line, row[0])
		}
		seen[hour] = true
		text := strings.TrimSpace(row[1])
		if v, err := strconv.ParseFloat(strings.TrimRight(text, "/smh"), 64); err == nil && v == 0 {
			continue
		}
		rate, err := pace.ParseRate(text)
		if err != nil {
			return hours, fmt.Errorf("line %d: %q: %w", line, row[1], err)
		}
		hours[hour] = rate.Float()
	}
	if missing := slices.Index(seen[:], false); missing >= 0 {
		return hours, fmt.Errorf("hour %d is missing, accepted: 0 to 23, each once", missing)
	}
	return hours, nil
}

// oneOf reports whether a flag has the second of its two values.
func oneOf(ctx *cli.Context, flag, first, second string) (bool, error) {
	switch v := ctx.String(flag); v {
	case first, "":
		return false, nil
	case second:
		return true, nil
	default:
		return false, usagef("--%s %q is not known", flag, v).withHint(nearestHint(v, []string{first, second}, first+" or "+second))
	}
}

// phones reads whose numbers the bindings carry.
func (q *poolQuestion) phones(ctx *cli.Context) error {
	recent := ctx.Int("recent")
	if ctx.IsSet("recent") && recent < 1 {
		return usagef("--recent %d is out of range", recent).withHint("1 or more requests")
	}
	for _, role := range []struct {
		name string
		to   *sizing.Phones
	}{{"a", &q.demand.A}, {"b", &q.demand.B}} {
		people, repeat := "phones-"+role.name, "repeat-"+role.name
		if text := ctx.String(people); text != "" {
			count, skew, skewed := strings.Cut(text, ",")
			n, err := strconv.Atoi(strings.TrimSpace(count))
			if err == nil && skewed {
				role.to.Skew, err = strconv.ParseFloat(strings.TrimSpace(skew), 64)
			}
			if err != nil || n < 1 {
				return usagef("--%s %q is no population", people, text).withHint("how many people, and the exponent of Zipf's law or none: 20000 or 20000,1")
			}
			role.to.People = n
		}
		if ctx.String(repeat) != "" {
			share, err := shareFlag(ctx, repeat)
			if err != nil {
				return err
			}
			if role.to.People > 0 {
				return usagef("--%s and --%s both say how often numbers come again: give one of them", people, repeat)
			}
			if role.to.Repeat = share; share > 0 {
				role.to.Recent = recent
			}
		}
	}
	if recent > 0 && q.demand.A.Repeat == 0 && q.demand.B.Repeat == 0 {
		return usagef("--recent belongs to --repeat-a or --repeat-b")
	}
	return nil
}

// cityShares reads NAME=SHARE of each city.
func cityShares(list []string) (cities []sizing.CityShare, err error) {
	for _, text := range list {
		name, value, ok := strings.Cut(text, "=")
		share, err := parseShare(value)
		if !ok || err != nil || strings.TrimSpace(name) == "" {
			return nil, usagef("--city %q is no city with its share", text).withHint("such as --city 北京=30%")
		}
		cities = append(cities, sizing.CityShare{Name: strings.TrimSpace(name), Share: share})
	}
	return cities, nil
}

// shareFlag reads a flag that is a share.
func shareFlag(ctx *cli.Context, name string) (float64, error) {
	share, err := parseShare(ctx.String(name))
	if err != nil {
		return 0, usagef("--%s %q: %w", name, ctx.String(name), err)
	}
	return share, nil
}

// parseShare reads 0.1% or 0.001: from 0 to 1.
func parseShare(text string) (float64, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	f, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		f /= 100
	}
	if err != nil || !(f >= 0 && f <= 1) {
		return 0, errors.New("a share is 0% to 100%, such as 0.1% or 0.001")
	}
	return f, nil
}
