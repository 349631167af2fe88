package emulator

import (
	"math/bits"
	"time"
	"unsafe"

	"github.com/valyala/fasthttp"

	"axbench/conformance/contract"
	"axbench/conformance/numbers"
	"axbench/conformance/signature"
)

// call is one request while it is being answered. It is scratch: taken from a pool, and given back before the answer waits.
// Its strings point into the request or into arena, and are valid until then.
type call struct {
	server *Server
	ctx    *fasthttp.RequestCtx
	conn   *conn     // nil when the request did not come over one of ours
	number uint64    // counts arrivals from 1
	read   int64     // instant at which the request was read
	now    time.Time // of the real clock
	today  time.Time // of the business clock, which bindings and Expiration follow
	method string
	format contract.Format

	query  []signature.Param // sorted
	body   []signature.Param // sorted
	params []signature.Param // sorted: the query's, and the body's that are not in the query; without Signature
	values [fieldCount]string
	given  fields // which of values are there
	twice  string // a name that stands twice in query or body
	bad    bool   // a body that cannot be read, or too many parameters
	v3     bool
	auth   signature.Authorization
	common common
	op     *operation
	key    *key

	arena     []byte
	headers   []signature.Header
	canonical []byte
	toSign    []byte
	signature []byte
	id        [36]byte // RequestId
	marks     [50]byte // trace id, and ETag in quotes

	stage  string // that refused the call
	clause string // by which it did, "" for a success
	param  string // the parameter that was wrong, if it was one

	pool     *pool           // that the call names
	request  numbers.Request // of a bind
	change   numbers.Change  // of an update
	kind     string          // of an update, as a refusal names it
	after    *row            // the answer whatever the operation does
	message  string          // replaces the row's
	binding  numbers.Binding // of an operation that succeeded
	list     []numbers.Binding
	response response
	writer   writer
}

// common are the parameters that every call has, from V1's parameters or V3's headers.
type common struct {
	action, version, key, method, signatureVersion, nonce, timestamp, token, format string

	stamp int64 // timestamp, in seconds of 1970
}

// handle answers one request. It returns when the answer is due.
func (s *Server) handle(ctx *fasthttp.RequestCtx) {
	from := ours(ctx)
	read := int64(0)
	if from != nil {
		read = from.arrival()
	} else {
		read = instant()
	}
	c := s.calls.Get().(*call)
	c.begin(s, ctx, from, read)
	var r *row
	var struck *fault
	if s.faults == nil {
		r = c.run()
	} else {
		r, struck = s.faults.run(c)
	}
	if r != nil {
		r = c.reply(r)
	}
	o := owed{arrival: read, due: s.latency.due(c.number, read, s.latency.own(c, r)), row: r}
	if struck != nil {
		from.tamper = struck.tamper(c.number)
	}
	c.end()
	if from == nil { // no connection of ours: there is nothing to wait with, and no later instant to take
		s.truth.written(o, instant(), true)
		return
	}
	if s.tampers() {
		o.fate, o.bare = from.fate(), ctx.IsHead()
	}
	from.owed = append(from.owed, o)
	if o.due > read {
		s.waiter.until(o.due, from.wake)
	}
}

// reply makes the answer to a call that was decided, and returns the row that it has.
func (c *call) reply(r *row) *row {
	s := c.server
	if s.deviations != nil {
		r = s.deviations.decided(c, r)
	}
	r.record.decided(c.op)
	if c.clause != "" || r != s.rows.ok {
		s.journal.add(c, r)
	}
	c.compose(r)
	if s.deviations != nil {
		s.deviations.altered(c, r)
	}
	c.send()
	return r
}

// run goes through the stages until one decides.
func (c *call) run() *row {
	r := c.pass(c.server.front)
	if r == nil {
		r = c.pass(c.op.stages)
	}
	if c.after != nil {
		c.message, c.param = "", ""
		return c.refuse(c.after, codeClause(c.after.name))
	}
	return r
}

// pass goes through stages until one decides.
func (c *call) pass(stages []stage) *row {
	for i := range stages {
		if r := stages[i].run(c); r != nil {
			c.stage = stages[i].name
			return r
		}
	}
	return nil
}

// refuse notes the clause that a refusal is made by.
func (c *call) refuse(r *row, clause string) *row {
	c.clause = clause
	return r
}

// wrong is refuse for a parameter.
func (c *call) wrong(r *row, clause, param string) *row {
	c.clause, c.param = clause, param
	return r
}

func (c *call) begin(s *Server, ctx *fasthttp.RequestCtx, from *conn, read int64) {
	c.server, c.ctx, c.conn, c.read = s, ctx, from, read
	c.number = s.arrived.Add(1)
	s.truth.arrive(int64(c.number))
	s.origin.mark(read)
	c.now = s.clock()
	c.today = s.business(c.now)
	c.newRequestID()
	if s.rules.lowerID {
		lower(c.id[:])
	}
	c.newMarks()
	if s.rules.xml {
		c.format = contract.XML
	}
}

// end forgets the call and keeps the memory.
func (c *call) end() {
	s := c.server
	for given := c.given; given != 0; given &= given - 1 {
		c.values[bits.TrailingZeros64(uint64(given))] = ""
	}
	c.query, c.body, c.params, c.headers = c.query[:0], c.body[:0], c.params[:0], c.headers[:0]
	c.given, c.twice, c.bad, c.v3, c.message, c.format = 0, "", false, false, "", contract.JSON
	c.ctx, c.conn, c.op, c.key, c.pool, c.common, c.auth = nil, nil, nil, nil, nil, common{}, signature.Authorization{}
	c.stage, c.clause, c.param, c.list = "", "", "", nil
	c.response.more = c.response.more[:0]
	c.request, c.binding = numbers.Request{}, numbers.Binding{} // their texts point into the request
	c.change, c.kind, c.after = numbers.Change{}, "", nil
	s.calls.Put(c)
}

// lookup finds a name in sorted parameters.
func lookup(sorted []signature.Param, name string) (string, bool) {
	low, high := 0, len(sorted)
	for low < high {
		mid := int(uint(low+high) >> 1)
		if sorted[mid].Name < name {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low < len(sorted) && sorted[low].Name == name {
		return sorted[low].Value, true
	}
	return "", false
}

// newRequestID draws an upper-case UUID of version 4. Its halves are bijections of the call's number, so that ids of one
// server hardly ever meet.
func (c *call) newRequestID() {
	putUUID(c.id[:], random(c.server.seed, streamHigh, c.number), random(c.server.seed, streamLow, c.number))
}

// putUUID writes a UUID of version 4 from 122 bits: 4 of high and 2 of low are not used.
func putUUID(dst []byte, high, low uint64) {
	high, low = high&^0xf000|0x4000, low&^(3<<62)|1<<63
	put(dst[0:8], high>>32)
	dst[8] = '-'
	put(dst[9:13], high>>16)
	dst[13] = '-'
	put(dst[14:18], high)
	dst[18] = '-'
	put(dst[19:23], low>>48)
	dst[23] = '-'
	put(dst[24:36], low)
}

// newMarks draws the trace id and the ETag.
func (c *call) newMarks() {
	trace := random(c.server.seed, streamTrace, c.number)
	put(c.marks[0:16], trace)
	put(c.marks[16:32], mix(trace))
	lower(c.marks[:32])
	c.marks[32], c.marks[49] = '"', '"'
	put(c.marks[33:49], random(c.server.seed, streamTag, c.number))
}

// lower turns hex digits into lower case, and leaves hyphens.
func lower(b []byte) {
	for i := range b {
		b[i] |= 0x20
	}
}

// put writes the low digits of v, an even count of them, in hex.
func put(dst []byte, v uint64) {
	for i := len(dst) - 2; i >= 0; i -= 2 {
		pair := pairs[v&0xff]
		dst[i], dst[i+1] = pair[0], pair[1]
		v >>= 8
	}
}

// pairs are the bytes in hex.
var pairs = func() (t [256][2]byte) {
	const digits = "0123456789ABCDEF"
	for i := range t {
		t[i] = [2]byte{digits[i>>4], digits[i&15]}
	}
	return t
}()

// text is b as a string, without a copy: valid as long as b is not changed.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
