package emulator

import (
	"time"

	"axbench/conformance/numbers"
)

// rules are the Choices of one server, ready to be asked.
type rules struct {
	*Choices
	xml      bool // answers are XML unless Format says otherwise
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
		poolKeyBytes: orInt(c.PoolKeyBytes, 64), outIDBytes: orInt(c.OutIDBytes, 256)}
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
