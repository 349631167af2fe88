package sizing

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestErlangB holds the formula against its definition, summed up, for small loads, and against published table values.
func TestErlangB(t *testing.T) {
	for _, c := range []struct {
		load    float64
		servers int
		want    float64
	}{{1, 1, 0.5}, {5, 10, 0.018385}, {10, 15, 0.036497}, {3.5, 0, 1}, {0.5, 2, 0.076923}} {
		if got := ErlangB(c.load, c.servers); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("load %g on %d: %g, want %g", c.load, c.servers, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		load, servers := rapid.Float64Range(0.01, 30).Draw(t, "load"), rapid.IntRange(1, 40).Draw(t, "servers")
		term, sum := 1.0, 1.0
		for n := 1; n <= servers; n++ {
			term *= load / float64(n)
			sum += term
		}
		if got := ErlangB(load, servers); math.Abs(got-term/sum) > 1e-12 {
			t.Errorf("%g, by definition %g", got, term/sum)
		}
	})
}

// TestErlangInverses: the servers and the load that are found are the last ones before the target is passed.
func TestErlangInverses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		load, target := rapid.Float64Range(0.01, 2000).Draw(t, "load"), math.Pow(10, rapid.Float64Range(-6, -0.31).Draw(t, "log target"))
		n := ErlangServers(load, target, 1<<20)
		if ErlangB(load, n) > target || n > 0 && ErlangB(load, n-1) <= target {
			t.Errorf("%d servers for a load of %g and %g", n, load, target)
		}
		servers := rapid.IntRange(1, 2000).Draw(t, "servers")
		most := ErlangLoad(servers, target)
		if ErlangB(most, servers) > target*(1+1e-9) || ErlangB(most*1.0001+1e-12, servers) <= target {
			t.Errorf("a load of %g for %d servers and %g", most, servers, target)
		}
	})
	if n := ErlangServers(1e6, 1e-6, 7); n != 7 {
		t.Errorf("%d servers beyond the limit of 7", n)
	}
}
