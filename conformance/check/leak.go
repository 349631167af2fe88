package check

import (
	"bytes"
	"net/netip"

	"axbench/conformance/contract"
)

// minSecret is the shortest secret that is searched for: a shorter one would be found by chance.
const minSecret = 8

// leaks judges SIG-18 on the raw bytes.
func (r *Result) leaks(sent *Sent, a *Answer) {
	if len(sent.Secret) >= minSecret {
		r.hold(sig18, !shows(a, sent.Secret), "the answer shows the AccessKeySecret")
	}
	if len(sent.Signature) >= minSecret {
		r.hold(sig18, !shows(a, sent.Signature), "the answer shows a valid signature")
	}
}

// shows reports whether a text is in the bytes of an answer, as it is or as a parameter is written.
func shows(a *Answer, s string) bool {
	return find(a.Body, s) || find(a.Head, s) || findEncoded(a.Body, s) || findEncoded(a.Head, s)
}

// told judges SIG-18 on a Message, of which the bytes may be escaped.
func (r *Result) told(sent *Sent) {
	for _, s := range [...]string{sent.Secret, sent.Signature} {
		if len(s) >= minSecret && len(r.Message) >= len(s) && find(r.Message, s) {
			r.hold(sig18, false, "Message: shows the AccessKeySecret or a valid signature")
		}
	}
}

// findEncoded reports whether s is in b with its special characters as %XX, in capitals or in small letters.
func findEncoded(b []byte, s string) bool {
	if bytes.IndexByte(b, '%') < 0 { // as in nearly every answer
		return false
	}
	for len(b) > 0 {
		i := bytes.IndexByte(b, s[0])
		if i < 0 || len(b)-i < len(s) {
			return false
		}
		if encodedPrefix(b[i:], s) {
			return true
		}
		b = b[i+1:]
	}
	return false
}

func encodedPrefix(b []byte, s string) bool {
	for i := range len(s) {
		switch {
		case len(b) == 0:
			return false
		case b[0] == s[i]:
			b = b[1:]
		case len(b) >= 3 && b[0] == '%' && hexOf(b[1])<<4|hexOf(b[2]) == int(s[i]):
			b = b[3:]
		default:
			return false
		}
	}
	return true
}

// hexOf is the value of a hex digit, -1 of none.
func hexOf(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'A' <= c && c <= 'F' || 'a' <= c && c <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// find reports whether s is in b, without a conversion that allocates.
func find(b []byte, s string) bool {
	for {
		i := bytes.IndexByte(b, s[0])
		if i < 0 || len(b)-i < len(s) {
			return false
		}
		if string(b[i:i+len(s)]) == s {
			return true
		}
		b = b[i+1:]
	}
}

// strict judges the clauses of profile strict.
func (r *Result) strict(sent *Sent, a *Answer, body []byte) {
	r.disclosure(sent, a.Head, body)
	if len(r.Message) > 0 {
		r.hold(rsp15, !looksInternal(r.Message), "Message: looks like a stack trace, SQL, a host or an address")
	}
	if sent.Nonce != "" && len(r.RequestID) > 0 {
		r.hold(rsp16, string(r.RequestID) != sent.Nonce, "RequestId: the SignatureNonce of the request")
	}
}

// minNumber is the shortest A or B that is searched for; landlines have 10 digits at least.
const minNumber = 10

// disclosure judges RSP-14. A query is asked for A and B, and the gateway echoes the string to sign: both are documented.
func (r *Result) disclosure(sent *Sent, head, body []byte) {
	if sent.Operation == contract.QuerySubscriptionDetail || r.Known != nil && r.Known.Group == contract.Gateway {
		return
	}
	if len(sent.A) >= minNumber && sent.A != sent.X {
		r.hold(rsp14, !findNumber(body, sent.A) && !findNumber(head, sent.A), "the answer shows the number A of the request")
	}
	if len(sent.B) >= minNumber && sent.B != sent.X {
		r.hold(rsp14, !findNumber(body, sent.B) && !findNumber(head, sent.B), "the answer shows the number B of the request")
	}
}

// findNumber is find for a number, which may be written in groups with a blank or a hyphen between.
func findNumber(b []byte, number string) bool {
	for {
		i := bytes.IndexByte(b, number[0])
		if i < 0 || len(b)-i < len(number) {
			return false
		}
		b = b[i+1:]
		rest, n := b, 1
		for n < len(number) && len(rest) > 0 {
			if rest[0] == number[n] {
				n++
			} else if rest[0] != ' ' && rest[0] != '-' {
				break
			}
			rest = rest[1:]
		}
		if n == len(number) {
			return true
		}
	}
}

// internal are words, in lower case, of stack traces, database errors and inner hosts.
var internal = [...]string{
	"exception in thread", "\tat ", "\n at ", "java.lang.", ".java:", "nullpointerexception", "traceback (most recent", "goroutine ",
	"panic:", ".go:", ".py\"", ".cs:line", "stack trace", "stacktrace",
	"sqlexception", "sqlstate", "sql syntax", "jdbc:", "ora-0", "duplicate entry", "insert into ", "delete from ", "select * ",
	"localhost", ".internal", ".local", ".svc.", "mysql", "redis://", "mongodb://",
}

// disk are beginnings of paths on a server's disk, in lower case.
var disk = [...]string{"/home/", "/usr/", "/var/", "/opt/", "/srv/", "/etc/", `c:\`, `d:\`}

// hasPath reports whether b holds a path of a disk. What goes on from a host or another path is none.
func hasPath(b []byte) bool {
	for i := range b {
		if i > 0 && (b[i-1] > ' ' && b[i-1] != '"' && b[i-1] != '\'' && b[i-1] != '(' && b[i-1] != '[' && b[i-1] != '=' && b[i-1] != ':') {
			continue
		}
		for _, d := range disk {
			if foldPrefix(b[i:], d) {
				return true
			}
		}
	}
	return false
}

// looksInternal reports whether a text holds one of the words, an IP address, or a path of a disk.
func looksInternal(message []byte) bool {
	for _, word := range internal {
		if findFold(message, word) {
			return true
		}
	}
	if findFold(message, "select ") && findFold(message, " from ") || findFold(message, "update ") && findFold(message, " set ") {
		return true
	}
	return hasIPv4(message) || hasIPv6(message) || hasPath(message)
}

func findFold(b []byte, s string) bool {
	for i := 0; i+len(s) <= len(b); i++ {
		if lower(b[i]) == s[0] && equalFold(b[i:i+len(s)], s) {
			return true
		}
	}
	return false
}

// hasIPv4 reports whether b holds four numbers of 0 to 255 with dots between, and no digit or dot around them.
func hasIPv4(b []byte) bool {
	for i := 0; i < len(b); i++ {
		if b[i] < '0' || b[i] > '9' {
			continue
		}
		end := i
		for end < len(b) && (b[end] == '.' || '0' <= b[end] && b[end] <= '9') {
			end++
		}
		if isIPv4(bytes.TrimRight(b[i:end], ".")) {
			return true
		}
		i = end
	}
	return false
}

func isIPv4(b []byte) bool {
	parts, n, digits := 1, 0, 0
	for _, c := range b {
		if c == '.' {
			if digits == 0 {
				return false
			}
			parts, n, digits = parts+1, 0, 0
			continue
		}
		n = n*10 + int(c-'0')
		if digits++; n > 255 {
			return false
		}
	}
	return parts == 4 && digits > 0
}

// hasIPv6 reports whether b holds an IPv6 address of some length, ::1 among them, and no letter or digit around it. A time of day is none, nor
// is a name with two colons in it.
func hasIPv6(b []byte) bool {
	for i := 0; i < len(b); i++ {
		if !ofIPv6(b[i]) {
			continue
		}
		end := i
		for end < len(b) && ofIPv6(b[end]) {
			end++
		}
		apart := (i == 0 || !wordByte(b[i-1])) && (end == len(b) || !wordByte(b[end]))
		if word := bytes.TrimRight(b[i:end], ":"); apart && (bytes.Count(word, []byte(":")) > 2 || string(word) == "::1") {
			if _, err := netip.ParseAddr(string(word)); err == nil {
				return true
			}
		}
		i = end
	}
	return false
}

func ofIPv6(c byte) bool {
	return c == ':' || '0' <= c && c <= '9' || 'a' <= lower(c) && lower(c) <= 'f'
}

func wordByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= lower(c) && lower(c) <= 'z'
}
