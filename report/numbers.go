package report

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// count writes n with thousands separators.
func count(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	return sign + group(s)
}

// group puts a comma between each three digits of an unsigned whole number.
func group(s string) string {
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// number writes f with the given decimals and thousands separators; "-" for what is no number.
func number(f float64, decimals int) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "-"
	}
	s := strconv.FormatFloat(math.Abs(f), 'f', decimals, 64)
	whole, rest, _ := strings.Cut(s, ".")
	s = group(whole)
	if rest != "" {
		s += "." + rest
	}
	if f < 0 && strings.Trim(s, "0.,") != "" {
		s = "-" + s
	}
	return s
}

// rate writes calls per second.
func rate(f float64) string {
	if math.Abs(f) >= 1000 {
		return number(f, 0) + "/s"
	}
	return number(f, 1) + "/s"
}

// share writes part of whole as a percentage. It says 100 % only of all and 0 % only of none.
func share(part, whole int64) string {
	if whole <= 0 {
		return "-"
	}
	if part == whole {
		return "100 %"
	}
	if part == 0 {
		return "0 %"
	}
	return percent(float64(part) / float64(whole))
}

// percent writes a fraction as a percentage with at least two significant places; 100 % only of 1, 0 % only of 0.
func percent(f float64) string {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return "-"
	case f == 0:
		return "0 %"
	case f == 1:
		return "100 %"
	case f > 0 && f < 0.0001:
		return strconv.FormatFloat(f*100, 'g', 2, 64) + " %"
	case f > 0.9999 && f < 1:
		return "99.99 %"
	}
	return number(f*100, 2) + " %"
}

// duration writes ns for a person: three significant digits with the unit that suits.
func duration(ns int64) string {
	return durationF(float64(ns))
}

func durationF(ns float64) string {
	if math.IsNaN(ns) || math.IsInf(ns, 0) {
		return "-"
	}
	abs := math.Abs(ns)
	switch {
	case abs == 0:
		return "0"
	case abs < 999.5:
		return significant(ns) + " ns"
	case abs < 999.5e3:
		return significant(ns/1e3) + " µs"
	case abs < 999.5e6:
		return significant(ns/1e6) + " ms"
	case abs < 120e9:
		return significant(ns/1e9) + " s"
	case abs > float64(math.MaxInt64)/2:
		return "-"
	}
	return time.Duration(ns).Round(time.Second).String()
}

// significant writes f, of magnitude below 1,000, with three digits.
func significant(f float64) string {
	switch abs := math.Abs(f); {
	case abs >= 99.95:
		return number(f, 0)
	case abs >= 9.995:
		return number(f, 1)
	}
	return number(f, 2)
}

// size writes bytes.
func size(n int64) string {
	return number(float64(n)/(1<<20), 1) + " MiB"
}
