package emulator

import (
	"testing"
	"time"

	"axbench/conformance/contract"
)

// TestParseTime holds the arithmetic against package time on every day of nine thousand years, and around each month's end.
func TestParseTime(t *testing.T) {
	for day := time.Date(1000, 1, 1, 23, 59, 58, 0, time.UTC); day.Year() < 10000; day = day.AddDate(0, 0, underRace(13, 1)) {
		if got := int64(days(day.Year(), int(day.Month()), day.Day())); got != (day.Unix()-86398)/86400 {
			t.Fatalf("%v is day %d, want %d", day, got, (day.Unix()-86398)/86400)
		}
	}
	for year := 1896; year < 2105; year++ {
		for month := 1; month <= 12; month++ {
			for day := 0; day <= 32; day++ {
				d := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
				want := d.Day() == day && int(d.Month()) == month
				text := []byte("0000-00-00 01:02:03")
				for i, v := range []int{year / 100, year % 100, month, day} {
					at := []int{0, 2, 5, 8}[i]
					text[at], text[at+1] = byte('0'+v/10), byte('0'+v%10)
				}
				got, ok := parseTime(string(text), ' ')
				if ok != want || ok && got != d.Unix()+3723 {
					t.Fatalf("%s: %d %v, want %d %v", text, got, ok, d.Unix()+3723, want)
				}
			}
		}
	}
}

func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"2026-11-23 16:30:00", "2099-1-31 23:59:59", "2026-11-23T08:30:00Z", "0000-00-00 00:00:00", "9999-12-31 23:59:59", "2026-11-23"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := parseTime(s, 'T')
		want, err := time.Parse(contract.TimestampLayout, s)
		if ok != (err == nil && len(s) == len(contract.TimestampLayout)) || ok && got != want.Unix() {
			t.Errorf("%q: %d %v, package time says %v %v", s, got, ok, want, err)
		}
	})
}
