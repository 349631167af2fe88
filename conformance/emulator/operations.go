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
	name    string
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
				op.required = append(op.required, required{p.Name, t.find("Missing" + p.Name)})
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

// bindParams are the parameters of BindAxb, each "" when absent.
type bindParams struct {
	pool, a, b, x, city, expiration, recording, outID, outOrderID, display, restrict, ring, asr, model, timeout, dtmf string
	recordingGiven, asrGiven                                                                                          bool
}

func (c *call) bindParams() (p bindParams) {
	for i := range c.params {
		switch v := c.params[i].Value; c.params[i].Name {
		case "PoolKey":
			p.pool = v
		case "PhoneNoA":
			p.a = v
		case "PhoneNoB":
			p.b = v
		case "PhoneNoX":
			p.x = v
		case "ExpectCity":
			p.city = v
		case "Expiration":
			p.expiration = v
		case "IsRecordingEnabled":
			p.recording, p.recordingGiven = v, true
		case "OutId":
			p.outID = v
		case "OutOrderId":
			p.outOrderID = v
		case "CallDisplayType":
			p.display = v
		case "CallRestrict":
			p.restrict = v
		case "RingConfig":
			p.ring = v
		case "ASRStatus":
			p.asr, p.asrGiven = v, true
		case "ASRModelId":
			p.model = v
		case "CallTimeout":
			p.timeout = v
		case "DtmfConfig":
			p.dtmf = v
		}
	}
	return p
}

// bind checks the parameters in the order of the document and makes the binding.
func (c *call) bind() *row {
	p := c.bindParams()
	t := c.server.rows
	pool := c.pool(p.pool)
	if pool == nil {
		return t.illegal
	}
	r := numbers.Request{City: p.city}
	var ok bool
	if r.A, ok = phone(p.a); !ok {
		return t.mobile
	}
	if p.b == "" {
		return t.illegal
	}
	if r.B, ok = phone(p.b); !ok {
		return t.mobile
	}
	if p.x != "" {
		if r.X, ok = secret(p.x); !ok {
			return t.mobile
		}
	}
	if r.A == r.B || r.A == r.X || r.B == r.X || !utf8.ValidString(p.city) {
		return t.illegal
	}
	r.Expires, ok = parseTime(p.expiration, ' ', contract.Zone)
	if !ok || r.Expires.Unix()-c.now.Unix() <= ahead {
		return t.expire
	}
	if r.Note, ok = p.note(); !ok {
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
func (p *bindParams) note() (note uint32, ok bool) {
	recording, ok1 := boolean(p.recording, p.recordingGiven)
	asr, ok2 := boolean(p.asr, p.asrGiven)
	restrict, ok3 := oneOf(restricts[:], p.restrict)
	model, ok4 := oneOf(models[:], p.model)
	if !ok1 || !ok2 || !ok3 || !ok4 || len(p.outID) > maxOutID || len(p.outOrderID) > maxOutID ||
		!integer(p.display, 1, 3) || !integer(p.timeout, 0, 180) || !object(p.ring) || !object(p.dtmf) {
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
	pool, id, x, ok := c.subscription("SecretNo")
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
	pool, id, x, ok := c.subscription("PhoneNoX")
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
func (c *call) subscription(xName string) (pool *numbers.Pool, id numbers.SubsID, x numbers.Number, ok bool) {
	key, _ := c.param("PoolKey")
	product, _ := c.param("ProductType")
	subs, _ := c.param("SubsId")
	number, _ := c.param(xName)
	id, okID := numbers.ParseSubsID(subs)
	x, okX := numbers.Parse(number)
	switch {
	case key != "":
		if pool = c.pool(key); pool == nil {
			return nil, 0, 0, false
		}
	case product == "":
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
