package emulator

import (
	"slices"
	"time"

	"axbench/conformance/numbers"
)

// rules are the Choices of one server, ready to be asked. What is left to the zero value is asked for by the other values only:
// each default costs a call no more than to see that a word is empty.
type rules struct {
	*Choices
	xml      bool // answers are XML unless Format says otherwise
	lowerID  bool // RequestIds are in lower case
	oncePair bool // a pair that is bound is not bound again without PhoneNoX
	subsID   subsForm
	zone     *time.Location
	offset   int64 // of zone, seconds
	minAhead int64 // seconds; Expiration is more than this ahead
	maxAhead int64 // seconds; 0: no maximum

	poolKeyBytes, outIDBytes int

	unknownPool, foreignPool, xUnknown, xOtherPool, xOtherAccount, strictRefusal, conflict *row
	badExpiration, badNumber, unknownBinding, permission                                   *row
}

func newRules(c *Choices, t *rows) rules {
	r := rules{Choices: c, xml: c.Format == "xml", zone: c.Zone.location(), minAhead: int64(c.minAhead() / time.Second), maxAhead: int64(c.maxAhead() / time.Second),
		poolKeyBytes: orInt(c.PoolKeyBytes, 64), outIDBytes: orInt(c.OutIDBytes, 256),
		lowerID: c.RequestID == "lower", oncePair: c.SamePair == "conflict" || c.SamePair == "same", subsID: subsFormOf(c.SubsID)}
	if c.MinAhead.none {
		r.minAhead = -1
	}
	_, offset := time.Unix(0, 0).In(r.zone).Zone()
	r.offset = int64(offset)
	for _, code := range []struct {
		to     **row
		chosen CodeName
		usual  string
	}{
		{&r.unknownPool, c.UnknownPool, "isv.ILLEGAL_ARGUMENT"},
		{&r.foreignPool, c.ForeignPool, "isv.FORBIDDEN_ACTION"},
		{&r.xUnknown, c.XUnknown, "isv.NO_NOT_EXIST"},
		{&r.xOtherPool, c.XOtherPool, "isv.FORBIDDEN_ACTION"},
		{&r.xOtherAccount, c.XOtherAccount, "isv.NO_USED_BY_OTHERS"},
		{&r.strictRefusal, c.StrictRefusal, "isv.NO_AVAILABLE_NUMBER"},
		{&r.conflict, c.ConflictCode, "isv.BIND_CONFLICT"},
		{&r.badExpiration, c.BadExpiration, "isv.EXPIRE_DATE_ILLEGAL"},
		{&r.badNumber, c.BadNumber, "isv.MOBILE_NUMBER_ILLEGAL"},
		{&r.unknownBinding, c.UnknownBinding, numbers.Unknown.Code()},
		{&r.permission, c.PermissionCode, "isp.RAM_PERMISSION_DENY"},
	} {
		*code.to = t.find(code.chosen.or(code.usual))
	}
	return r
}

func orInt(n, usual int) int {
	if n == 0 {
		return usual
	}
	return n
}

// frontStages are the stages of every call, with those that a choice adds.
func frontStages(c *Choices) []stage {
	stages := slices.Clone(front)
	if c.UnknownParams == "refuse" {
		at := slices.IndexFunc(stages, func(s stage) bool { return s.name == "flow" })
		stages = slices.Insert(stages, at, stage{"known", (*call).checkKnown})
	}
	if c.Empty == "refuse" {
		stages = append(stages, stage{"empty", (*call).checkEmpty})
	}
	return stages
}

// says makes a text the Message of the answer, unless that is always the code.
func (c *call) says(text string) {
	if c.server.rules.Message != "code" {
		c.message = text
	}
}
