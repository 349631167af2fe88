package sizing

import (
	"context"
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestSearchFindsTheBoundary looks on curves of all kinds that fall, from good and bad guesses, and counts the points.
func TestSearchFindsTheBoundary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		last := rapid.IntRange(1, 100_000).Draw(t, "last")
		edges := [3]int{}
		edges[0] = rapid.IntRange(1, last).Draw(t, "low")
		edges[1] = rapid.IntRange(edges[0], last).Draw(t, "value")
		edges[2] = rapid.IntRange(edges[1], last).Draw(t, "high")
		steep := rapid.Float64Range(1e-6, 3).Draw(t, "steep")
		share := func(i, edge int) float64 { return 0.01 * math.Exp(steep*(float64(edge-i)-0.5)) }
		x := &axis{first: 1, last: last, stride: rapid.IntRange(1, 50).Draw(t, "stride"), points: map[int]*Point{}, none: ErrNoSize,
			at: func(i int) (*Point, error) {
				return &Point{Low: share(i, edges[0]), Share: share(i, edges[1]), High: share(i, edges[2])}, nil
			}}
		i, low, high, err := x.search(rapid.IntRange(1, last).Draw(t, "guess"), 0.01)
		if err != nil || low != edges[0] || i != edges[1] || high != edges[2] {
			t.Errorf("%d, %d, %d, %v; want %v", low, i, high, err, edges)
		}
		if len(x.points) > 6*20 {
			t.Errorf("%d points", len(x.points))
		}
	})
	x := &axis{first: 1, last: 50, stride: 1, points: map[int]*Point{}, none: ErrNoSize, at: func(int) (*Point, error) { return &Point{Low: 1, Share: 1, High: 1}, nil }}
	if _, _, _, err := x.search(3, 0.01); !errors.Is(err, ErrNoSize) {
		t.Errorf("no end: %v", err)
	}
}

// TestNeed: the size is Erlang's where that applies, and the rate that it holds is the one it was sized for.
func TestNeed(t *testing.T) {
	d := Demand{Rate: 20, Hold: mustHold(t, "exp:5s"), Pairs: 4}
	points := 0
	s, err := New(d, Effort{Requests: 40_000}, 0.01, func(*Point) { points++ })
	if err != nil {
		t.Fatal(err)
	}
	n, err := s.Need(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	want := (ErlangServers(100, 0.01, 1<<20) + 3) / 4
	if n.Need < want-1 || n.Need > want+1 || n.Low > n.Need || n.High < n.Need || n.High > want+3 || len(n.Curve) != points {
		t.Errorf("%d (%d to %d) of %d points, want about %d", n.Need, n.Low, n.High, points, want)
	}
	for i, p := range n.Curve {
		if i > 0 && (p.Size <= n.Curve[i-1].Size || p.Share > n.Curve[i-1].Share) {
			t.Errorf("size %d: %g after %g", p.Size, p.Share, n.Curve[i-1].Share)
		}
	}
	h, err := s.Holds(context.Background(), want)
	if err != nil {
		t.Fatal(err)
	}
	rate := ErlangLoad(4*want, 0.01) / 5
	if h.Low > rate || h.High < rate || h.Rate < 0.97*rate || h.Rate > 1.03*rate || h.At.Rate != 20 || h.At.Size != want {
		t.Errorf("%g (%g to %g), want %g", h.Rate, h.Low, h.High, rate)
	}
}

// TestNeedOfRepeats: one who is A in each binding needs as many X as he has bindings.
func TestNeedOfRepeats(t *testing.T) {
	d := Demand{Rate: 20, Hold: mustHold(t, "1s"), Pairs: 200, A: Phones{People: 1}}
	s := study(t, d, Effort{Requests: 20_000})
	n, err := s.Need(context.Background())
	if want := ErlangServers(20, 0.01, 1000); err != nil || n.Need < want-2 || n.Need > want+2 {
		t.Errorf("%+v, %v; want about %d", n, err, want)
	}
}
