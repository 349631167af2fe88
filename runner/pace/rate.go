package pace

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// Rate is a number of calls in a span of time, kept as the exact fraction Num/Per so that no drift adds up over a long
// plan. The zero Rate means "none".
type Rate struct {
	Num int64         // calls
	Per time.Duration // in this time; > 0 unless Num is 0
}

// PerSecond returns n calls a second.
func PerSecond(n int64) Rate { return Rate{n, time.Second} }

// Float returns calls per second.
func (r Rate) Float() float64 {
	if r.Num == 0 {
		return 0
	}
	return float64(r.Num) / r.Per.Seconds()
}

// IsZero says whether no rate was given.
func (r Rate) IsZero() bool { return r.Num == 0 }

// Scale returns r times f, to six digits behind the point. No rate stays none.
func (r Rate) Scale(f float64) Rate {
	if r.Num == 0 {
		return r
	}
	num := math.Round(float64(r.Num) * f * 1e6)
	if num < 1 || num > math.MaxInt64/2 || r.Per > math.MaxInt64/1_000_000 {
		return Rate{int64(math.Max(1, math.Round(float64(r.Num)*f))), r.Per}
	}
	return Rate{int64(num), r.Per * 1e6}.reduce()
}

func (r Rate) reduce() Rate {
	a, b := r.Num, int64(r.Per)
	for b != 0 {
		a, b = b, a%b
	}
	if a <= 1 {
		return r
	}
	return Rate{r.Num / a, r.Per / time.Duration(a)}
}

// String writes the rate as ParseRate reads it, per second unless that needs more than three digits behind the point.
func (r Rate) String() string {
	if r.Num == 0 {
		return "0/s"
	}
	for _, u := range units {
		v := float64(r.Num) * float64(u.per) / float64(r.Per)
		s := strconv.FormatFloat(v, 'f', -1, 64)
		if i := strings.IndexByte(s, '.'); i < 0 || len(s)-i-1 <= 3 {
			return s + "/" + u.name
		}
	}
	return strconv.FormatFloat(r.Float(), 'f', 6, 64) + "/s"
}

var units = []struct {
	name string
	per  time.Duration
}{{"s", time.Second}, {"m", time.Minute}, {"h", time.Hour}}

// errRate says what a rate looks like.
var errRate = errors.New("a rate is a number above 0 of calls per second, minute or hour, such as 500/s, 30/m or 0.5/s")

// ParseRate reads "500/s", "30/m", "0.5/s" or "500" (a second). The fraction is kept exactly, up to six digits behind
// the point. Rates above 10,000,000/s and below one an hour are refused.
func ParseRate(s string) (Rate, error) {
	num, unit, found := strings.Cut(strings.TrimSpace(s), "/")
	per := time.Second
	if found {
		per = 0
		for _, u := range units {
			if unit == u.name {
				per = u.per
			}
		}
		if per == 0 {
			return Rate{}, errRate
		}
	}
	whole, frac, _ := strings.Cut(num, ".")
	if whole == "" || len(frac) > 6 || strings.ContainsAny(num, "+-_eE ") {
		return Rate{}, errRate
	}
	n, err := strconv.ParseInt(whole+frac, 10, 64)
	if err != nil || n <= 0 || len(whole) > 9 {
		return Rate{}, errRate
	}
	for range frac {
		per *= 10
	}
	r := Rate{n, per}.reduce()
	if f := r.Float(); f > 1e7 || f < 1.0/3600-1e-12 {
		return Rate{}, errRate
	}
	return r, nil
}

// UnmarshalText reads what ParseRate reads.
func (r *Rate) UnmarshalText(text []byte) error {
	v, err := ParseRate(string(text))
	if err == nil {
		*r = v
	}
	return err
}

// MarshalText writes what String writes.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// at returns the instant of arrival k of a constant rate: floor(k·Per/Num), in 128 bits.
func (r Rate) at(k int64) time.Duration {
	hi, lo := bits.Mul64(uint64(k), uint64(r.Per))
	q, _ := bits.Div64(hi%uint64(r.Num), lo, uint64(r.Num))
	return time.Duration(q)
}

// count returns how many arrivals of a constant rate fall before d: the least k with k·Per/Num >= d.
func (r Rate) count(d time.Duration) int64 {
	hi, lo := bits.Mul64(uint64(d), uint64(r.Num))
	if hi >= uint64(r.Per) {
		return math.MaxInt64
	}
	q, rem := bits.Div64(hi, lo, uint64(r.Per))
	if rem > 0 {
		q++
	}
	if q > math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(q)
}

// checkRate returns an error for a rate that cannot be planned.
func checkRate(r Rate) error {
	if r.Num <= 0 || r.Per <= 0 {
		return fmt.Errorf("rate %s: %w", r, errRate)
	}
	return nil
}
