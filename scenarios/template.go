package scenarios

import (
	"strconv"
	"time"

	"axbench/conformance/client"
	"axbench/conformance/contract"
	"axbench/conformance/traffic"
)

// template is a request template ready to make calls.
type template struct {
	name   string
	op     *contract.Operation
	expect string // as in traffic.Memo
	fault  client.Fault
	then   traffic.Lifecycle
	hold   time.Duration
	fields []field // by name, bytewise
}

// kind is how a field gets its value.
type kind uint8

const (
	fixed kind = iota
	number
	choice
	expiration
	text
)

// role is what a field means to the run.
type role uint8

const (
	other role = iota
	roleA
	roleB
	roleX
	rolePool
	roleExpiration
)

var roles = map[string]role{"PhoneNoA": roleA, "PhoneNoB": roleB, "PhoneNoX": roleX, "SecretNo": roleX, "PoolKey": rolePool, "Expiration": roleExpiration}

// field makes the values of one parameter.
type field struct {
	name string
	kind kind
	role role

	ranges     Ranges   // number
	size       uint64   // number, choice: how many there are
	choices    []string // choice, and the one of fixed
	sequential bool
	turn       uint64 // number: after so many calls the walk moves on by one, 0 for never …
	turns      uint64 // … and is back after so many moves

	span  Span        // expiration
	until []time.Time // Expiration of kind fixed or choice: the instants that values stand for, zero where for none
	parts []part
	draws stream
}

// newTemplate prepares a template. A draw depends on the parameter's name (on the file's for CSV rows), not on the
// template, so that the numbers of a call stay when weights change.
func newTemplate(r *Request, seed int64, bindings Unbind) *template {
	fault, _ := client.ParseFault(r.Fault) // "" or one of the enumeration
	t := &template{name: r.Name, op: contract.FindOperation(r.Operation), expect: r.Expect.String(), fault: fault}
	if t.op == contract.BindAxb {
		t.then, t.hold = bindings.Then, bindings.Hold
	}
	for _, name := range names(r.Params) {
		v := r.Params[name]
		t.fields = append(t.fields, newField(name, &v, seed))
	}
	t.spread()
	return t
}

func newField(name string, v *Value, seed int64) field {
	f := field{name: name, role: roles[name], sequential: v.sequential(), draws: newStream(seed, name)}
	switch v.source() {
	case "mobile", "landline":
		f.kind, f.ranges = number, v.ranges()
		f.size = f.ranges.Len()
	case "list", "cities":
		f.kind, f.choices = choice, v.choices()
		f.size = uint64(len(f.choices))
	case "csv":
		f.kind, f.choices, f.draws = choice, v.rows, newStream(seed, "csv "+v.CSV)
		f.size = uint64(len(f.choices))
	case "in":
		f.kind, f.span = expiration, *v.In
	case "template":
		f.kind, f.parts = text, v.parts
	default:
		f.kind, f.choices, f.size = fixed, []string{v.fixed}, 1
	}
	for _, s := range f.choices {
		if f.role == roleExpiration {
			f.until = append(f.until, instant(s))
		}
	}
	return f
}

// instant reads an Expiration in UTC+8, zero when it is none. Clients are known to leave out leading zeros.
func instant(s string) time.Time {
	for _, layout := range []string{contract.ExpirationLayout, "2006-1-2 15:04:05"} {
		if t, err := time.ParseInLocation(layout, s, contract.Zone); err == nil {
			return t
		}
	}
	return time.Time{}
}

// spread lets B move on by one each time the walks of A and B have both come round: all pairs come before one comes twice.
func (t *template) spread() {
	var a, b *field
	for i := range t.fields {
		f := &t.fields[i]
		switch {
		case f.kind != number || !f.sequential:
		case f.role == roleA:
			a = f
		case f.role == roleB:
			b = f
		}
	}
	if a != nil && b != nil {
		b.turn, b.turns = common(a.size, b.size)
	}
}

// index returns which of its values the field takes for call n (index and offset together).
func (f *field) index(n int64) uint64 {
	switch {
	case !f.sequential:
		return f.draws.below(n, f.size)
	case f.turn > 0:
		return (uint64(n)%f.size + uint64(n)/f.turn%f.turns) % f.size
	}
	return uint64(n) % f.size
}

// offset returns how far ahead the Expiration of call n lies, in whole seconds where it is drawn.
func (f *field) offset(n int64) time.Duration {
	if f.span.From == f.span.To {
		return f.span.From
	}
	steps := uint64((f.span.To-f.span.From)/time.Second) + 1
	return f.span.From + time.Duration(f.draws.below(n, steps))*time.Second
}

// call is what a template needs to know of the call it makes.
type call struct {
	k, n int64 // index, and index plus offset
	seed int64
	run  string // what stands for {run}
	now  time.Time
}

// fill makes the call in m, which was reset.
func (t *template) fill(m *traffic.Memo, c call) {
	m.Operation, m.Fault, m.Expect, m.Then, m.Hold = t.op, t.fault, t.expect, t.then, t.hold
	for i := range t.fields {
		f := &t.fields[i]
		v := ""
		switch f.kind {
		case fixed:
			v = f.choices[0]
		case number:
			at := len(m.Text)
			m.Text = f.ranges.appendAt(m.Text, f.index(c.n))
			v = m.Cut(at)
		case choice:
			v = f.choices[f.index(c.n)]
		case expiration:
			until := c.now.Add(f.offset(c.n)).In(contract.Zone)
			m.Expires = until.Truncate(time.Second)
			at := len(m.Text)
			m.Text = until.AppendFormat(m.Text, contract.ExpirationLayout)
			v = m.Cut(at)
		case text:
			at := len(m.Text)
			m.Text = c.appendParts(m.Text, f.parts)
			v = m.Cut(at)
		}
		m.Add(f.name, v)
		switch f.role {
		case roleA:
			m.A = v
		case roleB:
			m.B = v
		case roleX:
			m.X = v
		case rolePool:
			m.PoolKey = v
		case roleExpiration:
			if f.kind != expiration {
				m.Expires = f.until[f.index(c.n)]
			}
		}
	}
}

func (c *call) appendParts(dst []byte, parts []part) []byte {
	for _, p := range parts {
		dst = append(dst, p.text...)
		switch p.hole {
		case "k":
			dst = strconv.AppendInt(dst, c.k, 10)
		case "n":
			dst = strconv.AppendInt(dst, c.n, 10)
		case "seed":
			dst = strconv.AppendInt(dst, c.seed, 10)
		case "run":
			dst = append(dst, c.run...)
		}
	}
	return dst
}
