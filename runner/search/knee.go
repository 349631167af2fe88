package search

import (
	"math"
	"slices"
)

// Point is one point of the curve of latency against rate.
type Point struct{ Rate, Latency float64 }

// What a curve must have for a knee to be seen in it.
const (
	kneePoints = 4   // different rates
	kneeRise   = 2.0 // highest latency over the one at the lowest rate
	kneeDepth  = 0.2 // of the bend under the chord, on axes from 0 to 1
)

// Knee returns the point at which the curve bends up: on logarithmic axes scaled to 0 to 1 the point that lies furthest below the chord
// from the first to the last (Satopää and others, "Finding a Kneedle in a Haystack", 2011). Points of one rate are taken at their
// median. Without enough rates, a rise or a bend there is none.
func Knee(points []Point) (knee Point, ok bool) {
	curve := medians(points)
	if len(curve) < kneePoints {
		return Point{}, false
	}
	first, last := curve[0], curve[len(curve)-1]
	lowest, highest := first.Latency, first.Latency
	for _, p := range curve {
		lowest, highest = min(lowest, p.Latency), max(highest, p.Latency)
	}
	if highest < kneeRise*first.Latency {
		return Point{}, false
	}
	scale := func(v, low, high float64) float64 { return math.Log(v/low) / math.Log(high/low) }
	depth := kneeDepth
	y0, y1 := scale(first.Latency, lowest, highest), scale(last.Latency, lowest, highest)
	for _, p := range curve[1 : len(curve)-1] {
		x, y := scale(p.Rate, first.Rate, last.Rate), scale(p.Latency, lowest, highest)
		if d := y0 + x*(y1-y0) - y; d >= depth {
			depth, knee, ok = d, p, true
		}
	}
	return knee, ok
}

// medians sorts points by rate and keeps one of each.
func medians(points []Point) []Point {
	sorted := slices.DeleteFunc(slices.Clone(points), func(p Point) bool { return !(p.Rate > 0 && p.Latency > 0) })
	slices.SortFunc(sorted, func(a, b Point) int {
		switch {
		case a.Rate < b.Rate, a.Rate == b.Rate && a.Latency < b.Latency:
			return -1
		case a == b:
			return 0
		}
		return 1
	})
	var out []Point
	for i := 0; i < len(sorted); {
		j := i
		for j < len(sorted) && sorted[j].Rate == sorted[i].Rate {
			j++
		}
		out = append(out, sorted[(i+j-1)/2])
		i = j
	}
	return out
}
