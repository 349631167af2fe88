package emulator

import (
	"strconv"
	"time"

	"axbench/conformance/contract"
	"axbench/conformance/numbers"
)

// Ring is what comes of a call to an X: whom it reached, or why nobody.
type Ring struct {
	Connected bool     `json:"connected"`
	Reached   string   `json:"reached,omitempty"` // the number that rang
	Reason    string   `json:"reason,omitempty"`  // why none did; "" for a call that was connected
	Receipt   *Receipt `json:"receipt,omitempty"` // nil when there is no binding that the call could be for
}

// The reasons why a call reaches nobody.
const (
	NoNumber   = "no pool has this X"
	NoBinding  = "no live binding of these two numbers"
	Restricted = "CallRestrict forbids this direction"
	NoAnswer   = "not answered"
)

// Receipt is the record of a call through an X. The names are those of the product's call record (the message SecretReport of
// its queue); PoolKey and OutID are what the bind said. Times are of the business clock, in the zone and form of Expiration.
// A call that was not connected has the same StartTime and ReleaseTime.
type Receipt struct {
	PoolKey     string `json:"pool_key"`
	SubID       string `json:"sub_id"`
	OutID       string `json:"out_id"`
	CallID      string `json:"call_id"`
	PhoneNo     string `json:"phone_no"`  // A
	SecretNo    string `json:"secret_no"` // X
	PeerNo      string `json:"peer_no"`   // B
	CallType    int    `json:"call_type"` // 0: phone_no called peer_no, 1: peer_no called phone_no
	CallTime    string `json:"call_time"`
	RingTime    string `json:"ring_time"`
	StartTime   string `json:"start_time"`
	ReleaseTime string `json:"release_time"`
	ReleaseDir  int    `json:"release_dir"` // who ended it: 0 the platform, 1 the caller, 2 the called one
}

// Who ends a call here.
const (
	releasedByPlatform = 0
	releasedByCaller   = 1
)

// MaxTalk is the longest call that Ring makes.
const MaxTalk = 2 * time.Hour

// Ring makes a call: somebody with the number from dials x, now by the business clock. The other side answers at once and the
// caller rings off after talk, 0 to MaxTalk; with 0 nobody answers. Nothing waits for it. ok is false for numbers that are none.
// Ring is safe for concurrent use.
func (s *Server) Ring(x, from string, talk time.Duration) (ring Ring, ok bool) {
	dialled, okX := numbers.Parse(x)
	caller, okFrom := numbers.Parse(from)
	if !okX || !okFrom || talk < 0 || talk > MaxTalk {
		return Ring{}, false
	}
	now := s.Now()
	pool := s.model.Owner(dialled)
	if pool == nil {
		return Ring{Reason: NoNumber}, true
	}
	to, b, ok := pool.Reach(now, dialled, caller)
	if !ok {
		return Ring{Reason: NoBinding}, true
	}
	r := s.receipt(pool.Key(), &b, now)
	if caller == b.B {
		r.CallType = 1
	}
	ring = Ring{Receipt: r}
	switch {
	case restricted(&b, caller):
		ring.Reason = Restricted
	case talk == 0:
		ring.Reason, r.ReleaseDir = NoAnswer, releasedByCaller
	default:
		ring.Connected, ring.Reached = true, to.String()
		r.ReleaseTime, r.ReleaseDir = s.stamp(now.Add(talk)), releasedByCaller
	}
	s.deviations.recorded(r)
	return ring, true
}

// restricted reports whether the binding forbids its A, or its B, to call.
func restricted(b *numbers.Binding, caller numbers.Number) bool {
	switch restricts[b.Note/noteRestrict%4] {
	case "CONTROL_AX_DISABLE":
		return caller == b.A
	case "CONTROL_BX_DISABLE":
		return caller == b.B
	}
	return false
}

// receipt is the record of a call of A that ended at once.
func (s *Server) receipt(pool string, b *numbers.Binding, now time.Time) *Receipt {
	at := s.stamp(now)
	return &Receipt{PoolKey: pool, SubID: s.subsText(b.SubsID), OutID: b.Label,
		CallID:  strconv.FormatUint(random(s.seed, streamRing, s.rings.Add(1)), 16),
		PhoneNo: b.A.String(), SecretNo: b.X.String(), PeerNo: b.B.String(),
		CallTime: at, RingTime: at, StartTime: at, ReleaseTime: at, ReleaseDir: releasedByPlatform}
}

// stamp is a time as answers have it.
func (s *Server) stamp(t time.Time) string {
	return t.In(s.rules.zone).Format(contract.ExpirationLayout)
}

func (s *Server) subsText(id numbers.SubsID) string { return string(s.appendSubsID(nil, id)) }
