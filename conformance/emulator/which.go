package emulator

import (
	"bytes"

	"axbench/conformance/contract"
)

// which says whose answers a deviation changes. Its methods are the points of a deviation that needs nothing else.
type which func(c *call, r *row) bool

// The kinds of answers.
var (
	everyAnswer which = func(*call, *row) bool { return true }
	inJSON      which = func(c *call, _ *row) bool { return c.format == contract.JSON }
	inXML       which = func(c *call, _ *row) bool { return c.format == contract.XML }
	success     which = func(c *call, r *row) bool { return r == c.server.rows.ok }
	failure     which = func(c *call, r *row) bool { return r != c.server.rows.ok } // of the service or the gateway
	refusal     which = func(c *call, r *row) bool { return !r.gateway && r != c.server.rows.ok }
	business    which = func(c *call, r *row) bool { return !r.gateway }
	fromGateway which = func(c *call, r *row) bool { return r.gateway }
	bound       which = func(c *call, r *row) bool { return r == c.server.rows.ok && c.binds() } // a bind that succeeded
)

// binds reports whether a call is a bind, as far as it was read.
func (c *call) binds() bool { return c.op != nil && c.op.Operation == contract.BindAxb }

// and are the answers that are both.
func (w which) and(other which) which {
	return func(c *call, r *row) bool { return w(c, r) && other(c, r) }
}

// code are the answers with one of these codes.
func code(names ...string) which {
	return func(_ *call, r *row) bool {
		for _, name := range names {
			if r.name == name {
				return true
			}
		}
		return false
	}
}

// answer changes them before they are written.
func (w which) answer(f func(c *call, a *response) bool) at {
	return onAnswer(func(c *call, r *row, a *response) bool { return w(c, r) && f(c, a) })
}

// body replaces their bytes.
func (w which) body(f func(body []byte) []byte) at {
	return w.answer(func(_ *call, a *response) bool {
		a.body = f(a.body)
		return true
	})
}

// tree changes their fields.
func (w which) tree(f func(c *call, body *node) bool) at {
	return w.answer(func(c *call, a *response) bool {
		n := readTree(a.body, c.format)
		if n == nil || !f(c, n) {
			return false
		}
		a.body = n.body(c.format)
		return true
	})
}

// dto changes the SecretBindDTO of those that have one.
func (w which) dto(f func(c *call, dto *node) bool) at {
	return w.tree(func(c *call, body *node) bool {
		dto := body.find("SecretBindDTO")
		return dto != nil && f(c, dto)
	})
}

// field gives a field of theirs another text, at the top or in SecretBindDTO.
func (w which) field(name string, f func(c *call, text string) string) at {
	return w.tree(func(c *call, body *node) bool {
		for _, in := range []*node{body, body.find("SecretBindDTO")} {
			if k := in.find(name); k != nil {
				return in.set(name, f(c, k.text))
			}
		}
		return false
	})
}

// status gives them another HTTP status.
func (w which) status(status int) at {
	return w.answer(func(_ *call, a *response) bool {
		a.status = status
		return true
	})
}

// bytes replaces what goes over the wire, and says what follows. It holds for a message that is written alone: with calls that
// came at once, all their answers are one.
func (w which) bytes(then ending, f func(message []byte) []byte) at {
	return onWire(func(c *call, r *row, t *tamper) bool {
		if !w(c, r) {
			return false
		}
		t.rewrite, t.then = f, then
		return true
	})
}

// head replaces the status line and the header fields, as lines without their ends; the first is the status line.
func (w which) head(then ending, f func(lines [][]byte) [][]byte) at {
	return w.bytes(then, func(message []byte) []byte {
		head, body, ok := bytes.Cut(message, []byte("\r\n\r\n"))
		if !ok {
			return message
		}
		lines := f(bytes.Split(bytes.Clone(head), []byte("\r\n")))
		return bytes.Join([][]byte{bytes.Join(lines, []byte("\r\n")), body}, []byte("\r\n\r\n"))
	})
}
