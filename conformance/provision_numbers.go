package conformance

import (
	"cmp"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"

	"axbench/conformance/traffic"
)

// The shortest and the longest number that a provisioning file may hold, in digits.
const (
	minDigits = 3
	maxDigits = 16
)

// numberSpan is a stretch of numbers of one length, both ends included, and their city.
type numberSpan struct {
	digits   int
	from, to uint64
	city     string
}

// readSpan reads NUMBER or FROM-TO.
func readSpan(text string) (numberSpan, bool) {
	a, b, two := strings.Cut(text, "-")
	if a, b = strings.TrimSpace(a), strings.TrimSpace(b); !two {
		b = a
	}
	from, ok := readNumber(a)
	to, okTo := readNumber(b)
	return numberSpan{digits: len(a), from: from, to: to}, ok && okTo && len(a) == len(b) && from <= to
}

// readNumber reads 3 to 16 digits.
func readNumber(text string) (uint64, bool) {
	if len(text) < minDigits || len(text) > maxDigits || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseUint(text, 10, 64)
	return n, err == nil
}

func (s numberSpan) count() uint64 { return s.to - s.from + 1 }

// number writes n with the leading zeros of the stretch.
func (s numberSpan) number(n uint64) string {
	text := strconv.FormatUint(n, 10)
	return strings.Repeat("0", max(0, s.digits-len(text))) + text
}

func (s numberSpan) numbers() traffic.Numbers {
	return traffic.Numbers{From: s.number(s.from), To: s.number(s.to)}
}

// meets reports whether two spans have a number in common.
func (s numberSpan) meets(o numberSpan) bool {
	return s.digits == o.digits && s.from <= o.to && o.from <= s.to
}

// without cuts one number out.
func (s numberSpan) without(digits int, n uint64) (rest []numberSpan) {
	if s.digits != digits || n < s.from || n > s.to {
		return []numberSpan{s}
	}
	if n > s.from {
		rest = append(rest, numberSpan{s.digits, s.from, n - 1, s.city})
	}
	if n < s.to {
		rest = append(rest, numberSpan{s.digits, n + 1, s.to, s.city})
	}
	return rest
}

func compareSpans(a, b numberSpan) int {
	return cmp.Or(cmp.Compare(a.digits, b.digits), cmp.Compare(a.from, b.from))
}

// sorted returns the declared X numbers in order. A pool that was read from a file keeps them.
func (f *PoolFacts) sorted() []numberSpan {
	if f.spans != nil {
		return f.spans
	}
	var out []numberSpan
	for _, city := range slices.Sorted(maps.Keys(f.Numbers)) {
		for _, text := range f.Numbers[city] {
			if s, ok := readSpan(text); ok {
				s.city = city
				out = append(out, s)
			}
		}
	}
	slices.SortStableFunc(out, compareSpans)
	return out
}

// CityOf returns the city that a declared X is of, as it is declared. ok is false for a number that is not declared with a
// city, and for what is no number.
func (f *PoolFacts) CityOf(x string) (city string, ok bool) {
	n, ok := readNumber(x)
	if !ok {
		return "", false
	}
	list := f.sorted()
	i := sort.Search(len(list), func(i int) bool {
		return list[i].digits > len(x) || list[i].digits == len(x) && list[i].from > n
	})
	if i == 0 || list[i-1].digits != len(x) || n > list[i-1].to {
		return "", false
	}
	return list[i-1].city, true
}

// Has reports whether x is declared to be of the pool. Where Complete does not hold, the pool may have others.
func (f *PoolFacts) Has(x string) bool {
	_, ok := f.CityOf(x)
	return ok || x != "" && x == f.Number
}

// Count returns how many X numbers are declared with a city.
func (f *PoolFacts) Count() int {
	n := uint64(0)
	for _, s := range f.sorted() {
		n += s.count()
	}
	return int(n)
}

// CountIn is Count for one city.
func (f *PoolFacts) CountIn(city string) int {
	n := uint64(0)
	for _, s := range f.sorted() {
		if s.city == city {
			n += s.count()
		}
	}
	return int(n)
}

// Complete reports whether the declared numbers are all that the pool has: size is declared and says as many.
func (f *PoolFacts) Complete() bool { return f.Size > 0 && f.Size == f.Count() }

// Cities returns the cities with a declared number, sorted.
func (f *PoolFacts) Cities() (names []string) {
	for _, s := range f.sorted() {
		names = append(names, s.city)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// All returns the declared X numbers in order, Number among them, but no more than most.
func (f *PoolFacts) All(most int) []string {
	out := listNumbers(f.sorted(), most)
	if _, ok := f.CityOf(f.Number); f.Number != "" && !ok && len(out) < most {
		out = append(out, f.Number)
	}
	return out
}

// In returns the declared X numbers of one city in order, but no more than most.
func (f *PoolFacts) In(city string, most int) []string {
	of := slices.DeleteFunc(slices.Clone(f.sorted()), func(s numberSpan) bool { return s.city != city })
	return listNumbers(of, most)
}

// listNumbers writes the numbers of spans, but no more than most.
func listNumbers(spans []numberSpan, most int) (out []string) {
	for _, s := range spans {
		for n := s.from; n <= s.to && len(out) < most; n++ {
			out = append(out, s.number(n))
		}
	}
	return out
}

// Ranges returns the numbers that calls may draw from: what phones declares, in its order, without the numbers that stand
// for a fault in codes.
func (p *Provision) Ranges() (a, b, landline []traffic.Numbers) {
	return p.ordinary(p.Phones.A), p.ordinary(p.Phones.B), p.ordinary(p.Phones.Landline)
}

// ordinary reads number ranges and cuts the numbers of codes out.
func (p *Provision) ordinary(texts []string) (out []traffic.Numbers) {
	var spans []numberSpan
	for _, text := range texts {
		if s, ok := readSpan(text); ok {
			spans = append(spans, s)
		}
	}
	a, b := p.Magic()
	for _, m := range slices.Concat(a, b) {
		n, _ := readNumber(m.From)
		var rest []numberSpan
		for _, s := range spans {
			rest = append(rest, s.without(len(m.From), n)...)
		}
		spans = rest
	}
	for _, s := range spans {
		out = append(out, s.numbers())
	}
	return out
}

// Magic returns the numbers that stand for a fault: PhoneA and PhoneB of codes, sorted. Standing there is their declaration: a
// guard has to let them through beside those of Ranges.
func (p *Provision) Magic() (a, b []traffic.Numbers) {
	for _, code := range slices.Sorted(maps.Keys(p.Codes)) {
		if n := p.Codes[code].PhoneA; n != "" {
			a = append(a, traffic.Numbers{From: n, To: n})
		}
		if n := p.Codes[code].PhoneB; n != "" {
			b = append(b, traffic.Numbers{From: n, To: n})
		}
	}
	return singles(a), singles(b)
}

// singles sorts single numbers and leaves out doubles.
func singles(list []traffic.Numbers) []traffic.Numbers {
	slices.SortFunc(list, func(a, b traffic.Numbers) int { return strings.Compare(a.From, b.From) })
	return slices.Compact(list)
}
