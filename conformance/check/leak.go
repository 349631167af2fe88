package check

import (
	"bytes"

	"axbench/conformance/contract"
)

// minSecret is the shortest secret that is searched for: a shorter one would be found by chance.
const minSecret = 8

// leaks judges SIG-18 on the raw bytes.
func (r *Result) leaks(sent *Sent, a *Answer) {
	if len(sent.Secret) >= minSecret {
		r.hold(sig18, !contains(a, sent.Secret), "the answer shows the AccessKeySecret")
	}
	if len(sent.Signature) >= minSecret {
		r.hold(sig18, !contains(a, sent.Signature), "the answer shows a valid signature")
	}
}

func contains(a *Answer, s string) bool { return find(a.Body, s) || find(a.Head, s) }

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
func (r *Result) strict(sent *Sent, body []byte) {
	r.disclosure(sent, body)
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
func (r *Result) disclosure(sent *Sent, body []byte) {
	if sent.Operation == contract.QuerySubscriptionDetail || r.Known != nil && r.Known.Group == contract.Gateway {
		return
	}
	if len(sent.A) >= minNumber && sent.A != sent.X {
		r.hold(rsp14, !find(body, sent.A), "the answer shows the number A of the request")
	}
	if len(sent.B) >= minNumber && sent.B != sent.X {
		r.hold(rsp14, !find(body, sent.B), "the answer shows the number B of the request")
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

// looksInternal reports whether a text holds one of the words, an IPv4 address, or a path of a disk.
func looksInternal(message []byte) bool {
	for _, word := range internal {
		if findFold(message, word) {
			return true
		}
	}
	if findFold(message, "select ") && findFold(message, " from ") || findFold(message, "update ") && findFold(message, " set ") {
		return true
	}
	return hasIPv4(message) || hasPath(message)
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
