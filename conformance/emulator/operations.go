package emulator

import (
	"math/bits"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"axbench/conformance/contract"
	"axbench/conformance/numbers"
)

// Lengths that the document leaves open, in bytes.
const (
	maxPoolKey = 64
	maxOutID   = 256
)

// ahead is by how much Expiration must lie after now: more than that.
const ahead = 60

// zone is how many seconds the zone of Expiration is ahead of UTC.
var zone = func() int64 {
	_, offset := time.Unix(0, 0).In(contract.Zone).Zone()
	return int64(offset)
}()

// operation is one action: what the gateway checks of it, and what it does.
type operation struct {
	*contract.Operation
	index    int
	required []required
	injected []injected
	run      func(c *call) *row
	write    func(c *call, w *writer) // the answer's own fields after a success
}

type required struct {
	field   field
	missing *row
}

// injected is a code for the calls whose random number lies below a bound and not below the one before.
type injected struct {
	row   *row
	below float64
}

func newOperations(cfg *Config, t *rows) map[string]*operation {
	ops := map[string]*operation{}
	for i, o := range contract.Operations {
		op := &operation{Operation: o, index: i}
		for _, p := range o.Params {
			if p.GatewayRequired {
				op.required = append(op.required, required{fieldOf(p.Name), t.find("Missing" + p.Name)})
			}
		}
		ops[o.Name] = op
	}
	ops[contract.BindAxb.Name].run, ops[contract.BindAxb.Name].write = (*call).bind, (*call).writeBind
	ops[contract.UnbindSubscription.Name].run, ops[contract.UnbindSubscription.Name].write = (*call).unbind, (*call).writeUnbind
	ops[contract.QuerySubscriptionDetail.Name].run, ops[contract.QuerySubscriptionDetail.Name].write = (*call).detail, (*call).writeDetail
	for _, j := range cfg.Codes {
		op := ops[j.operation()]
		sum := float64(j.Share)
		if n := len(op.injected); n > 0 {
			sum += op.injected[n-1].below
		}
		op.injected = append(op.injected, injected{t.find(j.Code), sum})
	}
	return ops
}

// bind checks the parameters in the order of the document and makes the binding.
func (c *call) bind() *row {
	v, t := &c.values, c.server.rows
	pool := c.pool(v[fPoolKey])
	if pool == nil {
		return t.illegal
	}
	r := numbers.Request{City: v[fExpectCity]}
	var ok bool
	if r.A, ok = phone(v[fPhoneNoA]); !ok {
		return t.mobile
	}
	if v[fPhoneNoB] == "" {
		return t.illegal
	}
	if r.B, ok = phone(v[fPhoneNoB]); !ok {
		return t.mobile
	}
	if v[fPhoneNoX] != "" {
		if r.X, ok = secret(v[fPhoneNoX]); !ok {
			return t.mobile
		}
	}
	if r.A == r.B || r.A == r.X || r.B == r.X || !utf8.ValidString(v[fExpectCity]) {
		return t.illegal
	}
	expires, ok := parseTime(v[fExpiration], ' ')
	expires -= zone
	if !ok || expires-c.now.Unix() <= ahead {
		return t.expire
	}
	r.Expires = time.Unix(expires, 0)
	if r.Note, ok = c.note(); !ok {
		return t.illegal
	}
	return c.take(pool, r)
}

// take asks the pool.
func (c *call) take(pool *numbers.Pool, r numbers.Request) *row {
	b, refusal := pool.Bind(c.now, r)
	c.binding = b
	if refusal == numbers.NotInPool && c.server.model.Owner(r.X) != nil {
		return c.server.rows.forbidden
	}
	return c.server.rows.refusals[refusal]
}

// pool finds a pool of the caller's account.
func (c *call) pool(key string) *numbers.Pool {
	if key == "" || len(key) > maxPoolKey {
		return nil
	}
	return c.server.model.Pool(key)
}

// What a binding keeps of its parameters, in numbers.Request.Note.
const (
	noteRecording uint32 = 1 << iota
	noteASR
	noteRestrict // two bits: index of restricts
	_
	noteModel // two bits: index of models
)

var (
	restricts = [...]string{"", "CONTROL_AX_DISABLE", "CONTROL_BX_DISABLE"}
	models    = [...]string{"", "7ee372834d2f4cc7ac0d0ab2d0ae1aac", "9b4afe3d224e4fa3bf963697113e2f77", "3655a6cb94764145a1f9a38a3c3b3b4b"}
)

// note checks the rest of the parameters. An empty optional one counts as absent, except that "" is no Boolean.
func (c *call) note() (note uint32, ok bool) {
	v := &c.values
	recording, ok1 := boolean(v[fIsRecordingEnabled], c.given.has(fIsRecordingEnabled))
	asr, ok2 := boolean(v[fASRStatus], c.given.has(fASRStatus))
	restrict, ok3 := oneOf(restricts[:], v[fCallRestrict])
	model, ok4 := oneOf(models[:], v[fASRModelID])
	if !ok1 || !ok2 || !ok3 || !ok4 || len(v[fOutID]) > maxOutID || len(v[fOutOrderID]) > maxOutID ||
		!integer(v[fCallDisplayType], 1, 3) || !integer(v[fCallTimeout], 0, 180) || !object(v[fRingConfig]) || !object(v[fDtmfConfig]) {
		return 0, false
	}
	if recording {
		note |= noteRecording
	}
	if asr {
		note |= noteASR
	}
	return note | restrict<<bits.TrailingZeros32(noteRestrict) | model<<bits.TrailingZeros32(noteModel), true
}

// phone reads an A or B: a mobile, 1[3-9] and nine digits, or a landline with its area code, 0 and nine to eleven digits.
func phone(s string) (n numbers.Number, ok bool) {
	switch {
	case len(s) == 11 && s[0] == '1' && s[1] >= '3':
	case len(s) >= 10 && len(s) <= 12 && s[0] == '0':
	default:
		return 0, false
	}
	return numbers.Parse(s)
}

// secret reads an X: a mobile, a landline or a number like 95…
func secret(s string) (n numbers.Number, ok bool) {
	if len(s) < 8 || len(s) > 15 {
		return 0, false
	}
	return numbers.Parse(s)
}

func boolean(s string, given bool) (value, ok bool) {
	switch {
	case !given, strings.EqualFold(s, "false"):
		return false, true
	case strings.EqualFold(s, "true"):
		return true, true
	}
	return false, false
}

func oneOf(list []string, s string) (uint32, bool) {
	for i, v := range list {
		if v == s {
			return uint32(i), true
		}
	}
	return 0, false
}

func integer(s string, low, high int) bool {
	if s == "" {
		return true
	}
	n, err := strconv.Atoi(s)
	return err == nil && n >= low && n <= high
}

// unbind ends a binding. The pool is named by its key or, with ProductType, found by the X.
func (c *call) unbind() *row {
	pool, id, x, ok := c.subscription(fSecretNo)
	if !ok {
		return c.server.rows.illegal
	}
	var refusal numbers.Refusal = numbers.Unknown
	if pool != nil {
		c.binding, refusal = pool.Unbind(c.now, id, x)
	}
	return c.found(refusal)
}

func (c *call) detail() *row {
	pool, id, x, ok := c.subscription(fPhoneNoX)
	if !ok {
		return c.server.rows.illegal
	}
	var refusal numbers.Refusal = numbers.Unknown
	if pool != nil {
		c.binding, refusal = pool.Query(c.now, id, x)
	}
	return c.found(refusal)
}

// found answers an unknown binding as the real service did in 2019.
func (c *call) found(refusal numbers.Refusal) *row {
	if refusal == numbers.Unknown {
		c.message = "subs not exist"
	}
	return c.server.rows.refusals[refusal]
}

// subscription reads what names a binding. It is not ok when the pool is not named or unknown; pool is nil when nothing of
// that name can exist.
func (c *call) subscription(number field) (pool *numbers.Pool, id numbers.SubsID, x numbers.Number, ok bool) {
	id, okID := numbers.ParseSubsID(c.values[fSubsID])
	x, okX := numbers.Parse(c.values[number])
	switch {
	case c.values[fPoolKey] != "":
		if pool = c.pool(c.values[fPoolKey]); pool == nil {
			return nil, 0, 0, false
		}
	case c.values[fProductType] == "":
		return nil, 0, 0, false
	default:
		pool = c.server.model.Owner(x)
	}
	if !okID || !okX {
		pool = nil
	}
	return pool, id, x, true
}

// stampOf writes a time as the document does, in its zone.
func stampOf(dst []byte, t time.Time) []byte {
	return t.In(contract.Zone).AppendFormat(dst, contract.ExpirationLayout)
}
