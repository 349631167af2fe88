package conformance

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"axbench/conformance/client"
	"axbench/conformance/traffic"
)

// edit changes one step of a call. Those here are what several cases need.
type edit = func(*client.Draft)

// sentAs chooses the method, and a form instead of the query.
func sentAs(method string, form bool) edit {
	return func(d *client.Draft) { d.Method, d.Form = method, form }
}

// The ways that a call can be sent.
var (
	asGet  = sentAs("GET", false)
	asPost = sentAs("POST", false)
	asForm = sentAs("POST", true)
)

// signedWith gives a common parameter a value before it is signed.
func signedWith(name, value string) edit {
	return func(d *client.Draft) {
		d.Set = append(d.Set, traffic.Param{Name: name, Value: value})
		d.Drop = slices.DeleteFunc(slices.Clone(d.Drop), func(n string) bool { return n == name })
	}
}

// without leaves a parameter out before the call is signed.
func without(name string) edit { return func(d *client.Draft) { d.Drop = append(d.Drop, name) } }

// unsigned sends no parameter Signature.
func unsigned(d *client.Draft) { d.OmitSign = true }

// spoiled sends another Signature than the right one.
func spoiled(change func(signature string) string) edit {
	return func(d *client.Draft) { d.Spoil = change }
}

// rearranged changes what goes out after it was signed, on top of what else does.
func rearranged(change func([]traffic.Param) []traffic.Param) edit {
	return func(d *client.Draft) {
		before := d.Rearrange
		d.Rearrange = func(params []traffic.Param) []traffic.Param {
			if before != nil {
				params = before(params)
			}
			return change(params)
		}
	}
}

// signedOtherwise signs a call with another value of a parameter than it is sent with. Where the signature does not cover the
// parameter the call is as good as any.
func signedOtherwise(name, signed string) edit {
	return func(d *client.Draft) {
		all := d.Build("", "/").Signed
		sent := slices.IndexFunc(all, func(p traffic.Param) bool { return p.Name == name })
		if sent < 0 {
			return // nothing to change: the call goes out as it is
		}
		right := all[sent].Value
		signedWith(name, signed)(d)
		rearranged(func(params []traffic.Param) []traffic.Param {
			for i := range params {
				if params[i].Name == name {
					params[i].Value = right
				}
			}
			return params
		})(d)
	}
}

// added sends a parameter that was not signed, in front of the others.
func added(name, value string) edit {
	return rearranged(func(params []traffic.Param) []traffic.Param {
		return append([]traffic.Param{{Name: name, Value: value}}, params...)
	})
}

// addedBehind sends a parameter that was not signed, behind the others.
func addedBehind(name, value string) edit {
	return rearranged(func(params []traffic.Param) []traffic.Param {
		return append(slices.Clone(params), traffic.Param{Name: name, Value: value})
	})
}

// takenOut signs a parameter and does not send it.
func takenOut(name string) edit {
	return rearranged(func(params []traffic.Param) []traffic.Param {
		return slices.DeleteFunc(params, func(p traffic.Param) bool { return p.Name == name })
	})
}

// renamed sends a parameter under another name than it was signed with.
func renamed(from, to string) edit {
	return rearranged(func(params []traffic.Param) []traffic.Param {
		for i := range params {
			if params[i].Name == from {
				params[i].Name = to
			}
		}
		return params
	})
}

// moved sets the time of a call off from now, whatever the time is that works here otherwise.
func moved(by time.Duration) edit {
	return func(d *client.Draft) { d.Time = time.Now().Add(by) }
}

// otherLast is a Signature that differs in its last character that counts, so that the bytes it stands for differ.
func otherLast(signature string) string {
	b := []byte(signature)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] == '=' {
			continue
		}
		// In the last place before "=" only the high bits count: A and Q, and g and w, differ in them.
		if b[i] == 'A' {
			b[i] = 'Q'
		} else {
			b[i] = 'A'
		}
		break
	}
	return string(b)
}

// lettered is a number that is none: letters in the place of the last digits of one that may be used.
func (t *trial) lettered() string {
	n := t.phones.a()
	return n[:len(n)-4] + "abcd"
}

// signatureLast puts Signature behind the other parameters.
func signatureLast(params []traffic.Param) []traffic.Param {
	params = signatureFirst(params)
	return append(slices.Clone(params[1:]), params[0])
}

// escaped writes names and values on the wire in another way than the canonical one.
func escaped(how func(dst []byte, s string) []byte) edit {
	return func(d *client.Draft) { d.Escape = how }
}

// The ways of clients that decode to the same: small hex letters, "+" for a space (Go, the command line tool), a bare "*" (Node), and every
// byte escaped.
var (
	lowerHex          = escaping("%%%02x", "")
	plusForSpace      = escaping("%%%02X", " ")
	bareAsterisk      = escaping("%%%02X", "*")
	everythingEscaped = func(dst []byte, s string) []byte {
		for i := range len(s) {
			dst = fmt.Appendf(dst, "%%%02X", s[i])
		}
		return dst
	}
)

// escaping escapes all but unreserved bytes and special ones, which stand as they are; a space as "+".
func escaping(format, special string) func(dst []byte, s string) []byte {
	return func(dst []byte, s string) []byte {
		for i := range len(s) {
			c := s[i]
			letter := 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9'
			switch {
			case letter || strings.IndexByte("-_.~", c) >= 0:
				dst = append(dst, c)
			case strings.IndexByte(special, c) < 0:
				dst = fmt.Appendf(dst, format, c)
			case c == ' ':
				dst = append(dst, '+')
			default:
				dst = append(dst, c)
			}
		}
		return dst
	}
}
