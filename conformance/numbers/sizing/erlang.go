package sizing

import "math"

// ErlangB returns the share of requests that are refused when they come as a Poisson process and servers are all busy: load is
// how many would be busy on average if there were enough (rate times mean hold time). It takes servers steps.
func ErlangB(load float64, servers int) float64 {
	b := 1.0
	for n := 1; n <= servers; n++ {
		b = load * b / (float64(n) + load*b)
	}
	return b
}

// ErlangServers returns how many servers the load needs so that at most the target share is refused, or limit if that is less.
func ErlangServers(load, target float64, limit int) int {
	b, n := 1.0, 0
	for b > target && n < limit {
		n++
		b = load * b / (float64(n) + load*b)
	}
	return n
}

// ErlangLoad returns the highest load of which at most the target share is refused.
func ErlangLoad(servers int, target float64) float64 {
	lo, hi := 0.0, float64(servers)
	for ErlangB(hi, servers) < target {
		hi *= 2
	}
	for hi-lo > 1e-9*hi && hi > math.SmallestNonzeroFloat64 {
		if mid := (lo + hi) / 2; ErlangB(mid, servers) <= target {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}
