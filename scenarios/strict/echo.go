package strict

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxEcho is the longest value that an error repeats, in characters.
const maxEcho = 40

// private matches names whose values are not repeated in an error.
var private = regexp.MustCompile(`(?i)secret|token|key|passw|credential|signature`)

// Echo returns value if an error may repeat it under the field of that path, else "": it must be short, printable, free of
// seven digits in a row (a phone number), of the prefix of an access key id and of an @ (a URL with a password), and not
// stand under a name that looks like a secret's.
func Echo(field, value string) string {
	if utf8.RuneCountInString(value) > maxEcho || private.MatchString(field) || strings.Contains(value, "LTAI") || strings.Contains(value, "@") {
		return ""
	}
	if strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsPrint(r) }) || hasNumber(value) {
		return ""
	}
	return value
}

// hasNumber reports whether seven digits stand in a row, spaces and hyphens aside.
func hasNumber(s string) bool {
	digits := 0
	for _, r := range s {
		switch {
		case unicode.IsDigit(r):
			if digits++; digits == 7 {
				return true
			}
		case r == ' ' || r == '-': // a number may be grouped
		default:
			digits = 0
		}
	}
	return false
}

// name returns a key for a path or a message: as it is when it is a plain name, else marked.
func name(key string) string {
	if Echo("", key) == "" {
		return "…"
	}
	return key
}

// withhold takes the words of a value that must not be repeated out of a message.
func withhold(message, value string) string {
	words := strings.FieldsFunc(value, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, w := range append(words, value) {
		if len(w) > 3 {
			message = strings.ReplaceAll(message, w, "…")
		}
	}
	return message
}

// Nearest returns the one of names that is closest to key, or "" when none is close.
func Nearest(key string, names []string) string {
	best, least := "", 1+max(1, (len(key)+1)/3)
	for _, n := range names {
		if d := distance(fold(key), fold(n)); d < least {
			best, least = n, d
		}
	}
	return best
}

func fold(s string) string { return strings.ToLower(strings.ReplaceAll(s, "-", "_")) }

// distance is the number of insertions, deletions, replacements and swaps of neighbours between a and b.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 2*maxEcho || len(y) > 2*maxEcho {
		return len(x) + len(y)
	}
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := range x {
		row[0] = i + 1
		for j := range y {
			cost := 1
			if x[i] == y[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}
