package report

import (
	"math"
	"testing"
)

func TestNumbers(t *testing.T) {
	cases := []struct{ name, got, want string }{
		{"count", count(0), "0"},
		{"three digits", count(999), "999"},
		{"four digits", count(1000), "1,000"},
		{"seven digits", count(1234567), "1,234,567"},
		{"negative", count(-1234), "-1,234"},
		{"least", count(math.MinInt64), "-9,223,372,036,854,775,808"},
		{"decimals", number(1234.567, 2), "1,234.57"},
		{"no minus before zero", number(-0.001, 2), "0.00"},
		{"no number", number(math.NaN(), 1), "-"},
		{"infinite", number(math.Inf(1), 1), "-"},
		{"rate", rate(499.96), "500.0/s"},
		{"high rate", rate(12345.6), "12,346/s"},
		{"all", share(5000, 5000), "100 %"},
		{"all but one of many", share(999999, 1000000), "99.99 %"},
		{"one of many", share(1, 10000000), "1e-05 %"},
		{"none", share(0, 5000), "0 %"},
		{"none of none", share(0, 0), "-"},
		{"part", share(1, 3), "33.33 %"},
		{"nothing", duration(0), "0"},
		{"ns", duration(512), "512 ns"},
		{"µs", duration(1234), "1.23 µs"},
		{"ms", duration(1_234_567), "1.23 ms"},
		{"tens", duration(12_345_678), "12.3 ms"},
		{"hundreds", duration(123_456_789), "123 ms"},
		{"rounds to the next digit", duration(9_999_999), "10.0 ms"},
		{"rounds to the next unit", duration(999_999_999), "1.00 s"},
		{"s", duration(10_000_000_000), "10.0 s"},
		{"minutes", duration(125_400_000_000), "2m5s"},
		{"negative duration", duration(-1_500_000), "-1.50 ms"},
		{"longest", duration(math.MaxInt64), "-"},
		{"size", size(150 << 20), "150.0 MiB"},
		{"one", plural(1, "call"), "1 call"},
		{"more", plural(2000, "call"), "2,000 calls"},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
}
