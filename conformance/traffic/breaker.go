package traffic

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// The circuit breaker's window and the least number of calls in it, as the design has them, and the default shares.
const (
	breakerSeconds  = 5
	breakerMinCalls = 20
	DefaultAuth     = 0.20
	DefaultThrottle = 0.50
)

// Breaker ends a run that only does harm: one whose key the target refuses, or that the target throttles. It counts codes that
// the requests did not expect, over the last 5 s, and opens when a kind's share of at least 20 calls reaches its limit.
// It reads no clock. It is safe for concurrent use.
type Breaker struct {
	auth, throttle float64
	stop           func(reason string)

	mu      sync.Mutex
	open    bool
	reason  string
	buckets [breakerSeconds]bucket
}

// bucket counts the calls that ended in one second.
type bucket struct {
	second                int64
	calls, auth, throttle int64
}

// NewBreaker returns a closed breaker. auth and throttle are shares of all calls (0: the defaults; above 1: that kind never
// opens it). stop is called once, when it opens, with a reason for people.
func NewBreaker(auth, throttle float64, stop func(reason string)) *Breaker {
	if auth == 0 {
		auth = DefaultAuth
	}
	if throttle == 0 {
		throttle = DefaultThrottle
	}
	return &Breaker{auth: auth, throttle: throttle, stop: stop}
}

// Observe counts a call that ended at now with a code of an Outcome. expected says that the request had asked for it.
func (b *Breaker) Observe(now time.Time, code string, expected bool) {
	auth := !expected && isAuth(code)
	throttle := !expected && isThrottle(code)
	b.mu.Lock()
	reason := b.count(now.Unix(), auth, throttle)
	if reason != "" {
		b.reason = reason
	}
	b.mu.Unlock()
	if reason != "" && b.stop != nil {
		b.stop(reason)
	}
}

// Open reports whether the breaker has opened.
func (b *Breaker) Open() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.open
}

// Reason returns why the breaker has opened, "" while it has not.
func (b *Breaker) Reason() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.reason
}

// count adds one call and returns a reason if it opens the breaker.
func (b *Breaker) count(second int64, auth, throttle bool) string {
	k := &b.buckets[uint64(second)%breakerSeconds]
	if k.second != second {
		if k.second > second { // an answer that is older than the window
			return ""
		}
		*k = bucket{second: second}
	}
	k.calls++
	if auth {
		k.auth++
	}
	if throttle {
		k.throttle++
	}
	if b.open || !auth && !throttle {
		return ""
	}
	var sum bucket
	for _, k := range b.buckets {
		if k.second > second-breakerSeconds && k.second <= second {
			sum.calls += k.calls
			sum.auth += k.auth
			sum.throttle += k.throttle
		}
	}
	switch n := float64(sum.calls); {
	case sum.calls < breakerMinCalls:
	case float64(sum.auth) >= b.auth*n:
		b.open = true
		return fmt.Sprintf("circuit open: %d of %d calls in 5 s were refused for who sent them", sum.auth, sum.calls)
	case float64(sum.throttle) >= b.throttle*n:
		b.open = true
		return fmt.Sprintf("circuit open: %d of %d calls in 5 s were throttled", sum.throttle, sum.calls)
	}
	return ""
}

// authCodes are codes that say that this caller is not served, whatever it asks.
var authCodes = map[string]bool{
	"SignatureDoesNotMatch": true, "IncompleteSignature": true, "SignatureNonceUsed": true, "InvalidSignatureMethod": true,
	"NoPermission": true, "MissingSecurityToken": true, "MissingAccessKeyId": true,
	"isp.RAM_PERMISSION_DENY": true, "isv.OUT_OF_SERVICE": true, "isv.PRODUCT_UN_SUBSCRIPT": true,
	"isv.PRODUCT_UNSUBSCRIBE": true, "isv.ACCOUNT_NOT_EXISTS": true, "isv.ACCOUNT_ABNORMAL": true,
	"isv.PARTNER_IS_CLOSED": true, "isv.PARTNER_NOT_EXIST": true,
}

var authPrefixes = []string{"InvalidAccessKeyId", "InvalidTimeStamp", "InvalidSecurityToken", "Forbidden"}

func isAuth(code string) bool {
	if code == "OK" {
		return false
	}
	if authCodes[code] {
		return true
	}
	for _, p := range authPrefixes {
		if strings.HasPrefix(code, p) {
			return true
		}
	}
	return false
}

func isThrottle(code string) bool {
	return code == "isv.FLOW_LIMIT" || code == "FlowLimited" || strings.HasPrefix(code, "Throttling")
}
