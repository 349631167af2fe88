package traffic

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// UsageError is a target that cannot be understood or must not be written so: exit code 2.
type UsageError struct {
	Target  string // without user and password
	Problem string
	Hint    string // what would be accepted; may be ""
}

func (e *UsageError) Error() string {
	s := fmt.Sprintf("target %q: %s", e.Target, e.Problem)
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// Endpoint is a target as it was written, and nothing that a lookup could change.
type Endpoint struct {
	Emulator bool   // the embedded emulator; all else is empty
	Scheme   string // http or https
	Host     string // name or address, without brackets
	Port     string // always set
	Path     string // "/" if none was given
	Loopback bool
}

// Addr returns host:port to connect to.
func (e Endpoint) Addr() string { return net.JoinHostPort(e.Host, e.Port) }

// HostHeader returns the value of the Host header: with the port unless it is the scheme's own.
func (e Endpoint) HostHeader() string {
	if e.Port == defaultPort(e.Scheme) {
		if strings.Contains(e.Host, ":") {
			return "[" + e.Host + "]"
		}
		return e.Host
	}
	return e.Addr()
}

// String returns the target as a URL, or "emulator".
func (e Endpoint) String() string {
	if e.Emulator {
		return "emulator"
	}
	return e.Scheme + "://" + e.HostHeader() + e.Path
}

func defaultPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}

// ParseTarget reads "emulator" or the URL of an endpoint. Whether it is loopback is decided by how the host is written, before
// any lookup: 127.0.0.0/8 as four decimal numbers, ::1 or localhost, exactly so. Other spellings that some resolver might
// take for loopback are errors: 127.1, 0x7f.1, 2130706433, 0177.0.0.1, ::ffff:127.0.0.1, 0:0:0:0:0:0:0:1, LOCALHOST,
// localhost., zone ids, 0.0.0.0. Every other host is foreign, names such as foo.localhost too. The error is a *UsageError.
func ParseTarget(target string) (Endpoint, error) {
	if target == "emulator" {
		return Endpoint{Emulator: true, Loopback: true}, nil
	}
	fail := func(problem, hint string) (Endpoint, error) {
		return Endpoint{}, &UsageError{Target: withoutUser(target), Problem: problem, Hint: hint}
	}
	u, err := url.Parse(target)
	switch {
	case err != nil || u.Opaque != "" || u.Scheme != "http" && u.Scheme != "https":
		return fail("not a URL of a target", "accepted: emulator, http://HOST[:PORT]/ or https://HOST[:PORT]/")
	case u.User != nil:
		return fail("a URL of a target holds no user and no password", "credentials come from the environment or a profile")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(target, "#"):
		return fail("a URL of a target holds no query and no fragment", "")
	case u.Hostname() == "":
		return fail("no host", "accepted: http://HOST[:PORT]/ or https://HOST[:PORT]/")
	}
	e := Endpoint{Scheme: u.Scheme, Host: u.Hostname(), Port: u.Port(), Path: u.EscapedPath()}
	if e.Path == "" {
		e.Path = "/"
	}
	if e.Port == "" {
		if strings.HasSuffix(u.Host, ":") {
			return fail("no port behind the colon", "")
		}
		e.Port = defaultPort(e.Scheme)
	}
	if n, err := strconv.Atoi(e.Port); err != nil || n < 1 || n > 65535 || e.Port != strconv.Itoa(n) {
		return fail("not a port", "accepted: 1 to 65535")
	}
	problem, hint := e.readHost(strings.HasPrefix(u.Host, "["))
	if problem != "" {
		return fail(problem, hint)
	}
	return e, nil
}

// readHost decides what the host is, or says what is wrong with how it is written.
func (e *Endpoint) readHost(brackets bool) (problem, hint string) {
	h := e.Host
	if brackets {
		ip, err := netip.ParseAddr(h)
		switch {
		case err != nil || !ip.Is6():
			return "not an IPv6 address", ""
		case ip.Zone() != "":
			return "an address with a zone", ""
		case ip.Is4In6():
			return "an IPv4 address written as IPv6", "write " + ip.Unmap().String()
		case ip.String() != h:
			return "an address in another form than its shortest", "write [" + ip.String() + "]"
		case ip.IsUnspecified() || ip.IsMulticast():
			return "not the address of one host", "for this machine write [::1] or 127.0.0.1"
		}
		e.Loopback = ip.IsLoopback()
		return "", ""
	}
	for i := 0; i < len(h); i++ {
		c := h[i]
		switch {
		case 'A' <= c && c <= 'Z':
			return "upper-case letters in the host", "write " + strings.ToLower(h)
		case !isAlnum(c) && c != '-' && c != '.' && c != '_':
			return "not a host name", "international names are written in their xn-- form"
		}
	}
	labels := strings.Split(h, ".")
	last := labels[len(labels)-1]
	switch {
	case last == "":
		return "a dot at the end of the host", "write " + strings.TrimRight(h, ".")
	case strings.HasPrefix(h, ".") || strings.Contains(h, ".."):
		return "not a host name", ""
	case isNumeric(last):
		ip, err := netip.ParseAddr(h)
		switch {
		case err != nil || !ip.Is4():
			return "an IPv4 address in another form than four decimal numbers", "this machine is 127.0.0.1"
		case ip.IsUnspecified() || ip.IsMulticast() || ip == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
			return "not the address of one host", "this machine is 127.0.0.1"
		}
		e.Loopback = ip.IsLoopback()
		return "", ""
	}
	e.Loopback = h == "localhost"
	return "", ""
}

// isNumeric reports whether resolvers may take a last label for a part of an IPv4 address: digits, or 0x and hex digits.
func isNumeric(label string) bool {
	if strings.Trim(label, "0123456789") == "" {
		return true
	}
	rest, ok := strings.CutPrefix(label, "0x")
	return ok && strings.Trim(rest, "0123456789abcdef") == ""
}

// withoutUser takes user and password out of a target, so that it can be shown.
func withoutUser(target string) string {
	rest := target
	scheme, after, ok := strings.Cut(target, "://")
	if ok {
		rest = after
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	at := strings.LastIndexByte(rest[:end], '@')
	if at < 0 { // a slash in a password: take no chances
		at = strings.LastIndexByte(rest, '@')
	}
	if at >= 0 {
		rest = "…@" + rest[at+1:]
	}
	if ok {
		return scheme + "://" + rest
	}
	return rest
}
