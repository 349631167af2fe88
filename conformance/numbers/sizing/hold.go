package sizing

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"
)

// The limits of a hold time.
const (
	minHold = time.Millisecond
	maxHold = 30 * 24 * time.Hour
)

// z99 is the 99 % quantile of the standard normal distribution.
const z99 = 2.3263478740408408

// Hold is how long bindings are held. The zero value is none.
type Hold struct {
	kind string // "fixed", "uniform", "exp", "lognormal"
	// fixed: the time; uniform: from and to; exp: the mean; lognormal: the median and the 99 % quantile
	first, second time.Duration
}

// ParseHold reads D (always D), D..D (uniform), exp:D (exponential, by its mean) or lognormal:D,D (by median and 99 % quantile).
func ParseHold(text string) (Hold, error) {
	kind, rest, named := strings.Cut(text, ":")
	separator := ","
	if !named {
		kind, rest = "fixed", text
		if strings.Contains(text, "..") {
			kind, separator = "uniform", ".."
		}
	}
	h := Hold{kind: kind}
	one, two, both := strings.Cut(rest, separator)
	switch kind {
	case "fixed", "exp":
		if both {
			return Hold{}, holdError(text)
		}
	case "uniform", "lognormal":
		if !both {
			return Hold{}, holdError(text)
		}
	default:
		return Hold{}, holdError(text)
	}
	var err error
	if h.first, err = holdTime(one); err != nil {
		return Hold{}, err
	}
	if both {
		if h.second, err = holdTime(two); err != nil {
			return Hold{}, err
		}
		if h.second <= h.first {
			return Hold{}, fmt.Errorf("%s is not more than %s", h.second, h.first)
		}
	}
	return h, nil
}

func holdError(text string) error {
	return fmt.Errorf("%q is no hold time, accepted: 10m, 5m..30m, exp:10m, lognormal:5m,40m (median and p99)", text)
}

func holdTime(text string) (time.Duration, error) {
	d, err := time.ParseDuration(strings.TrimSpace(text))
	if err != nil {
		return 0, fmt.Errorf("%q is no length of time, accepted: 90s, 10m, 2h and the like", text)
	}
	if d < minHold || d > maxHold {
		return 0, fmt.Errorf("%s is out of range, accepted: %s to %s", d, minHold, maxHold)
	}
	return d, nil
}

// String returns what ParseHold reads.
func (h Hold) String() string {
	switch h.kind {
	case "uniform":
		return short(h.first) + ".." + short(h.second)
	case "exp":
		return "exp:" + short(h.first)
	case "lognormal":
		return "lognormal:" + short(h.first) + "," + short(h.second)
	}
	return short(h.first)
}

// short leaves out the parts of a time that are zero: 10m, not 10m0s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}

// sigma is the spread of the logarithm of a lognormal time.
func (h Hold) sigma() float64 { return math.Log(float64(h.second)/float64(h.first)) / z99 }

// Mean returns the mean hold time.
func (h Hold) Mean() time.Duration {
	switch h.kind {
	case "uniform":
		return (h.first + h.second) / 2
	case "lognormal":
		return time.Duration(float64(h.first) * math.Exp(h.sigma()*h.sigma()/2))
	}
	return h.first
}

// draw returns a hold time in nanoseconds, at most ten times maxHold.
func (h Hold) draw(rng *rand.Rand) int64 {
	switch h.kind {
	case "uniform":
		return int64(h.first) + rng.Int64N(int64(h.second-h.first)+1)
	case "exp":
		return int64(min(rng.ExpFloat64()*float64(h.first), 10*float64(maxHold)))
	case "lognormal":
		return int64(min(float64(h.first)*math.Exp(h.sigma()*rng.NormFloat64()), 10*float64(maxHold)))
	}
	return int64(h.first)
}

// residue is how much of the bindings that are live at an instant may be missing when a simulation begins: those that began
// longer ago than reach.
const residue = 1e-4

// reach returns how long before an instant the bindings that are live at it began, but for the residue.
func (h Hold) reach() time.Duration {
	switch h.kind {
	case "uniform":
		return h.second
	case "exp":
		return time.Duration(float64(h.first) * -math.Log(residue))
	case "lognormal":
		lo, hi := float64(h.first), 1000*float64(maxHold)
		for range 100 {
			mid := (lo + hi) / 2
			if h.beyond(mid) > residue {
				lo = mid
			} else {
				hi = mid
			}
		}
		return time.Duration(hi)
	}
	return h.first
}

// beyond returns E[(hold - t)+] / E[hold] of a lognormal time: the share of the live bindings that began more than t ago.
func (h Hold) beyond(t float64) float64 {
	s, mu := h.sigma(), math.Log(float64(h.first))
	d := (mu - math.Log(t)) / s
	return normal(d+s) - t/float64(h.Mean())*normal(d)
}

// normal is the standard normal distribution function.
func normal(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
