package emulator

import (
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
	if c.request.A, ok = c.phone(c.values[fPhoneNoA]); !ok {
		return c.wrong(c.server.rules.badNumber, "PRM-A-5", "PhoneNoA")
	}
	return nil
}

func (c *call) checkPhoneB() *row {
	if c.values[fPhoneNoB] == "" {
		return c.wrong(c.server.rows.illegal, "PRM-B-1", "PhoneNoB")
	}
	var ok bool
	if c.request.B, ok = c.phone(c.values[fPhoneNoB]); !ok {
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
	if c.request.X, ok = c.secret(c.values[fPhoneNoX]); !ok {
		return c.wrong(c.server.rules.badNumber, "PRM-X-4", "PhoneNoX")
	}
	return nil
}

// checkDistinct wants three numbers.
func (c *call) checkDistinct() *row {
	if r := &c.request; (r.A == r.B || r.A == r.X || r.B == r.X) && c.server.rules.SameNumber != "accept" {
		return c.wrong(c.server.rows.illegal, "PRM-AB-1", "PhoneNoB")
	}
	return nil
}

func (c *call) checkCity() *row {
	if !utf8.ValidString(c.values[fExpectCity]) {
		return c.wrong(c.server.rows.illegal, "TRN-5", "ExpectCity")
	}
	if c.request.City = c.city(c.values[fExpectCity]); c.request.City != "" && c.request.X != 0 && c.server.rules.XAndCity == "refuse" {
		return c.wrong(c.server.rows.illegal, "PRM-X-6", "ExpectCity")
	}
	return nil
}

// city returns the name by which the pool knows a city.
func (c *call) city(name string) string {
	if aliases := c.server.rules.CityAliases; len(aliases) > 0 && aliases[name] != "" {
		name = aliases[name]
	}
	if c.pool != nil && c.pool.names != nil && name != "" && !c.pool.names[name] {
		return noCity
	}
	return name
}

// noCity is the name of no city of any pool.
const noCity = "\x00"

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
	note, wrong := c.note()
	switch wrong {
	case "":
	case "IsRecordingEnabled":
		return c.wrong(c.server.rows.illegal, "PRM-REC-4", wrong)
	case "OutId":
		return c.wrong(c.server.rows.illegal, "PRM-OUT-2", wrong)
	default:
		return c.wrong(c.server.rows.illegal, "COD-ILLEGAL_ARGUMENT", wrong)
	}
	c.request.Note, c.request.Label = note, c.values[fOutID]
	return nil
}

// bind asks the pool.
func (c *call) bind() *row {
	if c.server.rules.oncePair && c.request.X == 0 {
		c.pool.pairs.Lock() // so that two calls at once do not both find the pair unbound
		defer c.pool.pairs.Unlock()
		if r := c.bound(); r != nil {
			return r
		}
	}
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

// bound answers a pair that is bound already, where it is not bound again.
func (c *call) bound() *row {
	b, ok := c.pool.Pair(c.today, c.request.A, c.request.B)
	switch {
	case !ok:
		return nil
	case c.server.rules.SamePair == "conflict":
		return c.wrong(c.server.rules.conflict, "PRM-X-5", "PhoneNoA")
	}
	c.binding = b
	return c.server.rows.ok
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
	_
	noteDisplay // two bits: CallDisplayType, 0 for none
)

var (
	restricts = [...]string{"", "CONTROL_AX_DISABLE", "CONTROL_BX_DISABLE"}
	models    = [...]string{"", "7ee372834d2f4cc7ac0d0ab2d0ae1aac", "9b4afe3d224e4fa3bf963697113e2f77", "3655a6cb94764145a1f9a38a3c3b3b4b"}
)

// note checks the rest of the parameters and returns the first one that is wrong. An empty optional one counts as absent, except
// that "" is no Boolean.
func (c *call) note() (note uint32, wrong string) {
	v := &c.values
	recording, okRecording := c.flag(fIsRecordingEnabled, noteRecording, c.server.rules.Recording == "on")
	asr, okASR := c.flag(fASRStatus, noteASR, false)
	restrict, okRestrict := oneOf(restricts[:], v[fCallRestrict])
	model, okModel := oneOf(models[:], v[fASRModelID])
	display, okDisplay := integer(v[fCallDisplayType], 1, 3)
	_, okTimeout := integer(v[fCallTimeout], 0, 180)
	switch {
	case !okRecording:
		return 0, "IsRecordingEnabled"
	case len(v[fOutID]) > c.server.rules.outIDBytes:
		return 0, "OutId"
	case len(v[fOutOrderID]) > c.server.rules.outIDBytes:
		return 0, "OutOrderId"
	case !okASR:
		return 0, "ASRStatus"
	case !okRestrict:
		return 0, "CallRestrict"
	case !okModel:
		return 0, "ASRModelId"
	case !okDisplay:
		return 0, "CallDisplayType"
	case !okTimeout:
		return 0, "CallTimeout"
	case !object(v[fRingConfig]):
		return 0, "RingConfig"
	case !object(v[fDtmfConfig]):
		return 0, "DtmfConfig"
	}
	return recording | asr | restrict*noteRestrict | model*noteModel | display*noteDisplay, ""
}

// flag returns bit if a Boolean is true, and the usual value if it is absent.
func (c *call) flag(f field, bit uint32, usual bool) (set uint32, ok bool) {
	value, ok := usual, true
	if c.given.has(f) {
		value, ok = boolean(c.values[f], c.server.rules.Booleans == "exact")
	}
	if value {
		set = bit
	}
	return set, ok
}

func boolean(s string, exact bool) (value, ok bool) {
	switch {
	case s == "false", !exact && strings.EqualFold(s, "false"):
		return false, true
	case s == "true", !exact && strings.EqualFold(s, "true"):
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

// integer reads a number within bounds; 0 when it is absent.
func integer(s string, low, high int) (uint32, bool) {
	if s == "" {
		return 0, true
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high {
		return 0, false
	}
	return uint32(n), true
}
