package emulator

import (
	"math/bits"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"axbench/conformance/numbers"
)

// bindStages check the parameters of BindAxb in the order of the document and make the binding.
var bindStages = []stage{
	{"bind pool", (*call).checkPool},
	{"bind phone a", (*call).checkPhoneA},
	{"bind phone b", (*call).checkPhoneB},
	{"bind phone x", (*call).checkPhoneX},
	{"bind distinct", (*call).checkDistinct},
	{"bind city", (*call).checkCity},
	{"bind expiration", (*call).checkExpiration},
	{"bind options", (*call).checkOptions},
	{"bind trigger", (*call).checkTriggered},
	{"bind", (*call).bind},
}

// checkPool finds the pool, which must be of the caller's account (PRM-POOL-1 to PRM-POOL-6).
func (c *call) checkPool() *row {
	key := c.values[fPoolKey]
	switch {
	case key == "" && !c.given.has(fPoolKey):
		return c.wrong(c.server.rows.illegal, "PRM-POOL-1", "PoolKey")
	case key == "":
		return c.wrong(c.server.rows.illegal, "PRM-POOL-2", "PoolKey")
	case len(key) > c.server.rules.poolKeyBytes:
		return c.wrong(c.server.rows.illegal, "PRM-POOL-5", "PoolKey")
	}
	c.pool = c.server.pools[key]
	switch {
	case c.pool == nil:
		return c.wrong(c.server.rules.unknownPool, "PRM-POOL-3", "PoolKey")
	case c.pool.account != c.key.account:
		return c.wrong(c.server.rules.foreignPool, "PRM-POOL-6", "PoolKey")
	}
	return nil
}

func (c *call) checkPhoneA() *row {
	var ok bool
	if c.request.A, ok = phone(c.values[fPhoneNoA]); !ok {
		return c.wrong(c.server.rules.badNumber, "PRM-A-5", "PhoneNoA")
	}
	return nil
}

func (c *call) checkPhoneB() *row {
	if c.values[fPhoneNoB] == "" {
		return c.wrong(c.server.rows.illegal, "PRM-B-1", "PhoneNoB")
	}
	var ok bool
	if c.request.B, ok = phone(c.values[fPhoneNoB]); !ok {
		return c.wrong(c.server.rules.badNumber, "PRM-B-3", "PhoneNoB")
	}
	return nil
}

// checkPhoneX reads the X that was asked for. An empty one counts as absent.
func (c *call) checkPhoneX() *row {
	if c.values[fPhoneNoX] == "" {
		return nil
	}
	var ok bool
	if c.request.X, ok = secret(c.values[fPhoneNoX]); !ok {
		return c.wrong(c.server.rules.badNumber, "PRM-X-4", "PhoneNoX")
	}
	return nil
}

// checkDistinct wants three numbers.
func (c *call) checkDistinct() *row {
	if r := &c.request; r.A == r.B || r.A == r.X || r.B == r.X {
		return c.wrong(c.server.rows.illegal, "PRM-AB-1", "PhoneNoB")
	}
	return nil
}

func (c *call) checkCity() *row {
	if !utf8.ValidString(c.values[fExpectCity]) {
		return c.wrong(c.server.rows.illegal, "TRN-5", "ExpectCity")
	}
	c.request.City = c.values[fExpectCity]
	return nil
}

// checkExpiration wants the document's form and a time that is far enough ahead.
func (c *call) checkExpiration() *row {
	expires, ok := parseTime(c.values[fExpiration], ' ')
	if !ok {
		return c.wrong(c.server.rules.badExpiration, "PRM-EXP-4", "Expiration")
	}
	rules := &c.server.rules
	expires -= rules.offset
	switch ahead := expires - c.today.Unix(); {
	case ahead <= 0:
		return c.wrong(rules.badExpiration, "PRM-EXP-3", "Expiration")
	case ahead <= rules.minAhead:
		return c.wrong(rules.badExpiration, "PRM-EXP-6", "Expiration")
	case rules.maxAhead > 0 && ahead > rules.maxAhead:
		return c.wrong(rules.badExpiration, "COD-EXPIRE_DATE_ILLEGAL", "Expiration")
	}
	c.request.Expires = time.Unix(expires, 0)
	return nil
}

// checkOptions reads what a binding has beside numbers and time.
func (c *call) checkOptions() *row {
	var ok bool
	if c.request.Note, ok = c.note(); !ok {
		return c.refuse(c.server.rows.illegal, "PRM-REC-4")
	}
	c.request.Label = c.values[fOutID]
	return nil
}

// bind asks the pool.
func (c *call) bind() *row {
	b, refusal := c.pool.Bind(c.today, c.request)
	c.binding = b
	switch refusal {
	case numbers.None:
		return c.server.rows.ok
	case numbers.NotInPool:
		return c.notInPool()
	case numbers.Conflict, numbers.Full:
		return c.wrong(c.server.rules.conflict, "PRM-X-5", "PhoneNoX")
	case numbers.NoAvailable:
		if c.pool.Strict() && c.request.City != "" {
			return c.wrong(c.server.rules.strictRefusal, "PRM-CITY-4", "ExpectCity")
		}
		return c.refuse(c.server.rows.refusals[refusal], "INV-3")
	}
	return c.refuse(c.server.rows.refusals[refusal], "COD-ILLEGAL_ARGUMENT")
}

// notInPool answers a PhoneNoX that is not in the pool, by whose it is.
func (c *call) notInPool() *row {
	owner := c.server.model.Owner(c.request.X)
	switch {
	case owner == nil:
		return c.wrong(c.server.rules.xUnknown, "PRM-X-3", "PhoneNoX")
	case c.server.pools[owner.Key()].account == c.key.account:
		return c.wrong(c.server.rules.xOtherPool, "PRM-X-3", "PhoneNoX")
	}
	return c.wrong(c.server.rules.xOtherAccount, "COD-NO_USED_BY_OTHERS", "PhoneNoX")
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
	if !ok1 || !ok2 || !ok3 || !ok4 || len(v[fOutID]) > c.server.rules.outIDBytes || len(v[fOutOrderID]) > c.server.rules.outIDBytes ||
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
