//go:build !race

package wire

import (
	"crypto/tls"
	"testing"
)

// TestNoAllocation makes calls on a warm connection. The server of the test allocates nothing either.
func TestNoAllocation(t *testing.T) {
	modes(t, func(t *testing.T, pool func(Target, Limits) *Pool) {
		s := serve(t, func(_ int, p peer) { serveBare(p.Conn) })
		p := pool(Target{Addr: s.addr}, Limits{})
		req := []byte(getRequest)
		var a Answer
		if n := testing.AllocsPerRun(500, func() { p.Do(req, long, &a, nil) }); n != 0 {
			t.Errorf("%v allocations a call", n)
		}
		want(t, &a, None, true)
		wantStats(t, p, 1, 1)
	})
}

// TestAllocationTLS bounds what crypto/tls needs beside: it must not grow with the answers.
func TestAllocationTLS(t *testing.T) {
	ca := newAuthority(t)
	s := serveTLS(t, ca.server(t, testName, tomorrow), func(_ int, p peer, _ *tls.Conn) { serveBare(p.Conn) })
	p := NewPool(Target{Addr: s.addr, Host: testName, TLS: &tls.Config{RootCAs: ca.pool}}, Limits{})
	defer p.Close()
	req := []byte(getRequest)
	var a Answer
	if n := testing.AllocsPerRun(500, func() { p.Do(req, long, &a, nil) }); n > 20 {
		t.Errorf("%v allocations a call", n)
	} else {
		t.Logf("%v allocations a call, server included", n)
	}
	want(t, &a, None, true)
}
