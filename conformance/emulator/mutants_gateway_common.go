package emulator

import (
	"slices"
	"strings"
	"time"

	"axbench/conformance/contract"
)

// mutantsCommon are wrong about the parameters that every call has, and about who may ask what.
var mutantsCommon = []*Deviation{
	{ID: "G10", Text: "5 minutes of skew refused", Clauses: []string{"SIG-11"}, Needs: "a call with a Timestamp that is five minutes off",
		at: onStage("timestamp", func(c *call, next func(*call) *row) (*row, bool) {
			r := next(c)
			if off := c.now.Sub(time.Unix(c.common.stamp, 0)); r != nil || off.Abs() < narrow {
				return r, false
			}
			return c.wrong(c.server.rows.timeExpired, "SIG-10", "Timestamp"), true
		})},
	{ID: "G11", Text: "Timestamp read as local time", Clauses: []string{"SIG-11"}, Needs: "any call",
		at: onStage("timestamp", reading(func(c *call) bool {
			stamp, ok := parseTime(c.common.timestamp, 'T')
			if ok {
				c.common.timestamp = time.Unix(stamp, 0).Add(-8 * time.Hour).UTC().Format(contract.TimestampLayout)
			}
			return ok
		}))},
	{ID: "G24", Text: "bad signature answered Code OK with an empty DTO", Clauses: []string{"ACC-2", "SIG-17"}, Needs: "a bind with a wrong signature, or one with an inactive key",
		at: onPoints("decision", emptySuccess)},
	{ID: "G27", Text: "SignatureMethod=none or HMAC-MD5 accepted", Clauses: []string{"SIG-13"}, Needs: "a call with such a SignatureMethod", at: onPoints("common", weakMethods)},
	{ID: "G29", Text: "missing SignatureNonce accepted", Clauses: []string{"SIG-15"}, Needs: "a call without SignatureNonce",
		at: onStage("common", reading(func(c *call) bool {
			missing := c.common.nonce == ""
			if missing {
				c.common.nonce = string(c.id[:])
			}
			return missing
		}))},
	{ID: "G30", Text: "missing Timestamp accepted", Clauses: []string{"SIG-15"}, Needs: "a call without Timestamp",
		at: onStage("common", reading(func(c *call) bool {
			missing := c.common.timestamp == ""
			if missing {
				c.common.timestamp = c.now.UTC().Format(contract.TimestampLayout)
			}
			return missing
		}))},
	{ID: "G46", Text: "nonce keyed with the parameters: same nonce with other parameters accepted", Clauses: []string{"SIG-9"}, Needs: "a second call with a nonce that was used", at: onStage("nonce", nonceWithParams)},
	{ID: "G47", Text: "Timestamp 2018-01-01 12:00:00 (no T, no Z) accepted", Clauses: []string{"SIG-12"}, Needs: "a call with a Timestamp of now in that form",
		at: onStage("timestamp", reading(func(c *call) bool {
			text := strings.Replace(c.common.timestamp, " ", "T", 1) + "Z"
			if _, ok := parseTime(text, 'T'); !ok || text[:len(text)-1] == c.common.timestamp {
				return false
			}
			c.common.timestamp = text
			return true
		}))},
	{ID: "G48", Text: "malformed Timestamp -> isp.SYSTEM_ERROR", Clauses: []string{"SIG-12", "SIG-17"}, Needs: "a call with a malformed Timestamp",
		at: onStage("timestamp", instead("isp.SYSTEM_ERROR", func(c *call, r *row) bool { return r == c.server.rows.timeFormat }))},
	{ID: "G49", Text: "SignatureMethod missing treated as none", Clauses: []string{"SIG-13", "SIG-15"}, Needs: "a call with V1 without SignatureMethod",
		at: onPoints("common", unsignedWhen(func(c *call) bool { return c.values[fSignatureMethod] == "" }))},
	{ID: "G50", Text: "SignatureVersion=2.0 accepted", Clauses: []string{"SIG-14"}, Needs: "a call with that SignatureVersion",
		at: onStage("common", reading(func(c *call) bool {
			other := c.common.signatureVersion == "2.0"
			if other {
				c.common.signatureVersion = "1.0"
			}
			return other
		}))},
	{ID: "G54", Text: "business validation before authentication", Clauses: []string{"SIG-20"}, Needs: "a bind with a malformed number that is not authenticated", at: onDecision(validatesFirst)},
	{ID: "G56", Text: "unauthenticated caller can tell existing pools from others", Clauses: []string{"SIG-20"}, Needs: "binds that are not authenticated, of a pool and of none", at: onDecision(tellsPools)},
	{ID: "G82", Text: "Timestamp of any time accepted", Clauses: []string{"SIG-10"}, Needs: "a call with a Timestamp that is a day off",
		at: onStage("timestamp", func(c *call, next func(*call) *row) (*row, bool) {
			r := next(c)
			if r != c.server.rows.timeExpired {
				return r, false
			}
			c.common.stamp = c.now.Unix() // nonces are kept by it
			return c.pardon(), true
		})},
}

// narrow is the window of an endpoint that refuses five minutes.
const narrow = 4 * time.Minute

// emptySuccess answers a bad signature, and a key that can no longer make a good one, as a success.
func emptySuccess(s *Server) points {
	unbound := bound.and(func(c *call, _ *row) bool { return c.binding.SubsID == 0 })
	return points{
		decision: func(c *call, r *row) (*row, bool) {
			if !c.binds() || r != c.server.rows.mismatch && r != c.server.rows.keyInactive {
				return r, false
			}
			return c.accept(), false // counted when it is composed
		},
		answer: unbound.dto(func(_ *call, dto *node) bool {
			dto.kids = nil
			return true
		}).make(s).answer,
	}
}

// weakMethods takes a signature with HMAC-MD5, and none with none. The secret is not kept as a text, so that a signature of the
// length that HMAC-MD5 gives is not held against it.
func weakMethods(s *Server) points {
	p := unsignedWhen(func(c *call) bool {
		return c.values[fSignatureMethod] == "none" || c.values[fSignatureMethod] == "HMAC-MD5" && len(c.values[fSignature]) == 24
	})(s)
	inner := p.stages["common"]
	p.stages["common"] = func(c *call, next func(*call) *row) (*row, bool) {
		weak := c.common.method == "none" || c.common.method == "HMAC-MD5"
		if weak {
			c.common.method = "HMAC-SHA1"
		}
		r, hit := inner(c, next)
		return r, hit || weak
	}
	return p
}

// unsignedWhen asks for no signature of V1 when a condition holds, nor for its method.
func unsignedWhen(when func(c *call) bool) func(*Server) points {
	return func(*Server) points {
		return points{stages: map[string]stageFunc{
			"common": func(c *call, next func(*call) *row) (*row, bool) {
				if c.v3 || !when(c) {
					return next(c), false
				}
				c.common.method = "HMAC-SHA1"
				r := next(c)
				if r == c.server.rows.find("MissingSignature") {
					r = c.pardon()
				}
				return r, true
			},
			"signature": forgiving(func(c *call, r *row) bool { return !c.v3 && when(c) && mismatch(c, r) }),
		}}
	}
}

// nonceWithParams remembers nonces together with all parameters.
func nonceWithParams(c *call, next func(*call) *row) (*row, bool) {
	nonce := c.common.nonce
	var all strings.Builder
	all.WriteString(nonce)
	for _, p := range c.params {
		if p.Name != "SignatureNonce" && p.Name != "Timestamp" {
			all.WriteString("\x00" + p.Name + "\x00" + p.Value)
		}
	}
	c.common.nonce = all.String()
	again := next(c)
	c.pardon()
	c.common.nonce = nonce
	r := next(c)
	if r == nil || again != nil {
		return r, false
	}
	return c.pardon(), true
}

// unauthenticated reports whether a bind was refused because of who asks. Its operation is known then.
func (c *call) unauthenticated() bool {
	if c.op == nil && c.stage == "scheme" {
		c.op = c.server.ops[c.common.action]
	}
	return c.binds() && slices.Contains([]string{"scheme", "common", "timestamp", "key", "signature", "nonce"}, c.stage)
}

// validatesFirst answers what is wrong with the parameters before it asks who sent them. To whom a pool belongs cannot be known
// yet.
func validatesFirst(c *call, r *row) (*row, bool) {
	if !c.unauthenticated() {
		return r, false
	}
	clause, param, message := c.clause, c.param, c.message
	c.pardon()
	for i := range c.server.front {
		if c.server.front[i].name == "required" {
			if wrong := c.server.front[i].run(c); wrong != nil {
				return wrong, true
			}
		}
	}
	for _, name := range checks {
		if wrong := c.check(name); wrong != nil {
			return wrong, true
		}
	}
	c.clause, c.param, c.message = clause, param, message
	return r, false
}

// tellsPools answers an unknown PoolKey before it asks who sent it.
func tellsPools(c *call, r *row) (*row, bool) {
	key := c.values[fPoolKey]
	if !c.unauthenticated() || key == "" || c.server.pools[key] != nil {
		return r, false
	}
	c.pardon()
	return c.wrong(c.server.rules.unknownPool, "PRM-POOL-3", "PoolKey"), true
}
