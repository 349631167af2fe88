package results

import (
	"fmt"
	"strings"
)

// The third part of a tag, where it is not the code of an answer, and the clock of the lower bounds.
const (
	CodeAll        = "all"        // a clock over every call of a phase that has it
	CodeGood       = "good"       // the response of good answers
	CodeUnfinished = "unfinished" // beside CodeTimeout and CodeDropped: what became of a call that is a bound
	CodeDropped    = "dropped"

	ClockBound = "bound" // elapsed time since due of a call without an end
)

// BoundCodes are the codes under ClockBound.
var BoundCodes = []string{CodeTimeout, CodeUnfinished, CodeDropped}

// TagOf returns the tag of a histogram in intervals.hlog: "phase|clock|code". A name of [A-Za-z0-9._~-] stands as it is;
// any other byte, '%' included, becomes %XX. ParseTag is its inverse.
func TagOf(phase, clock, code string) string {
	return escapeName(phase) + "|" + escapeName(clock) + "|" + escapeName(code)
}

// ParseTag takes a tag of TagOf apart.
func ParseTag(tag string) (phase, clock, code string, err error) {
	parts := strings.Split(tag, "|")
	if len(parts) != 3 {
		return "", "", "", fmt.Errorf("tag %q has %d parts, not phase|clock|code", tag, len(parts))
	}
	for i, part := range parts {
		if parts[i], err = unescapeName(part); err != nil {
			return "", "", "", fmt.Errorf("tag %q: %w", tag, err)
		}
	}
	return parts[0], parts[1], parts[2], nil
}

func plain(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-' || c == '~'
}

const hexDigits = "0123456789ABCDEF"

func escapeName(s string) string {
	i := 0
	for i < len(s) && plain(s[i]) {
		i++
	}
	if i == len(s) {
		return s
	}
	b := append(make([]byte, 0, 3*len(s)), s[:i]...)
	for ; i < len(s); i++ {
		if c := s[i]; plain(c) {
			b = append(b, c)
		} else {
			b = append(b, '%', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return string(b)
}

func unescapeName(s string) (string, error) {
	if s == "" {
		return "", fmt.Errorf("empty name")
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case plain(c):
			b = append(b, c)
		case c == '%' && i+2 < len(s):
			hi, lo := strings.IndexByte(hexDigits, s[i+1]), strings.IndexByte(hexDigits, s[i+2])
			if hi < 0 || lo < 0 || plain(byte(hi<<4|lo)) {
				return "", fmt.Errorf("bad escape %q", s[i:i+3])
			}
			b = append(b, byte(hi<<4|lo))
			i += 2
		default:
			return "", fmt.Errorf("byte %q is not allowed", c)
		}
	}
	return string(b), nil
}
