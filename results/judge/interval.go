package judge

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// tail is what a 95 % interval leaves out on either side.
const tail = 0.025

// normal975 is the quantile of the standard normal distribution that leaves tail above it.
const normal975 = 1.959963984540054

// shareInterval returns the Clopper-Pearson interval for k of n. It is never narrower than it says.
func shareInterval(k, n int64) (low, high float64) {
	low, high = 0, 1
	if k > 0 {
		low = mathext.InvRegIncBeta(float64(k), float64(n-k+1), tail)
	}
	if k < n {
		high = mathext.InvRegIncBeta(float64(k+1), float64(n-k), 1-tail)
	}
	return low, high
}

// countInterval returns Garwood's interval for the mean of a Poisson count of k.
func countInterval(k int64) (low, high float64) {
	if k > 0 {
		low = mathext.GammaIncRegInv(float64(k), tail)
	}
	return low, mathext.GammaIncRegInv(float64(k+1), 1-tail)
}

// rankInterval returns the ranks of the order statistics that enclose the q-quantile of what n independent values were
// drawn from: P(value at low <= quantile) and P(quantile <= value at high) are at least 97.5 % each. Low is 0 and high
// n+1 where no value is extreme enough.
func rankInterval(q float64, n int64) (low, high int64) {
	if mean, variance := q*float64(n), q*(1-q)*float64(n); variance > 1e6 {
		// The incomplete beta function loses its digits near its middle for n of 1e9 and more. From here on the normal
		// approximation is less than a thousandth of a deviation off, and is rounded outwards.
		half := normal975 * math.Sqrt(variance)
		return int64(mean - half), int64(math.Ceil(mean+half)) + 1
	}
	// The number of values below the quantile is binomial(n, q): the value at rank r is not above the quantile if at
	// least r values are not, so low is the largest r with P(count < r) <= tail.
	low = largest(0, n, func(r int64) bool { return binomialCDF(r-1, n, q) <= tail })
	// High is the smallest r with P(count >= r) <= tail.
	high = largest(0, n, func(r int64) bool { return 1-binomialCDF(r-1, n, q) > tail }) + 1
	return low, high
}

// largest returns the largest r from lo to hi for which ok holds, which it does up to some r and at lo.
func largest(lo, hi int64, ok func(int64) bool) int64 {
	for lo < hi {
		middle := lo + (hi-lo+1)/2
		if ok(middle) {
			lo = middle
		} else {
			hi = middle - 1
		}
	}
	return lo
}

// binomialCDF returns P(count <= k) of binomial(n, q).
func binomialCDF(k, n int64, q float64) float64 {
	switch {
	case k < 0:
		return 0
	case k >= n:
		return 1
	}
	return mathext.RegIncBeta(float64(n-k), float64(k+1), 1-q)
}

// enough returns the least number of values that say anything about the q-quantile: so many that the largest of them is above it
// with 97.5 %, or no interval would have an upper end. It is the smallest n with q^n <= tail: 6 for the median, 36 for p90, 72 for
// p95, 368 for p99, 3,688 for p99.9 and 36,888 for p99.99.
func enough(q float64) int64 {
	n := int64(math.Log(tail) / math.Log(q)) // no more than the rounding of two logarithms away
	for ; n > 1 && math.Pow(q, float64(n-1)) <= tail; n-- {
	}
	for ; math.Pow(q, float64(n)) > tail; n++ {
	}
	return n
}

// Enough returns the least number of values that a rule on the q-quantile takes, 0 < q < 1: 368 for p99, 3,688 for p99.9.
func Enough(q float64) int64 { return enough(q) }

// ChiSquareTail returns the probability that a chi-square of so many degrees of freedom is at least x.
func ChiSquareTail(x float64, degrees int) float64 {
	if x <= 0 || degrees < 1 {
		return 1
	}
	return mathext.GammaIncRegComp(float64(degrees)/2, x/2)
}
