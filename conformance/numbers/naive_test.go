package numbers

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// naive is the model written down as its documentation says it: lists, looked through from end to end.
type naive struct {
	config   PoolConfig
	limit    int
	remember int
	numbers  []Number // in the order of the configuration
	city     map[Number]string
	latest   int64
	live     []entry // the oldest first
	ended    []Binding
	turn     int
}

// entry is a live binding. turn orders those that end in the same second.
type entry struct {
	Binding
	turn int
}

func newNaive(c PoolConfig) *naive {
	n := &naive{config: c, limit: c.MaxPairs, remember: c.Remember, city: map[Number]string{}, latest: math.MinInt64}
	if n.limit == 0 {
		n.limit = MaxPairs
	}
	if n.remember == 0 {
		n.remember = Remember
	}
	for _, city := range c.Cities {
		for _, r := range city.Ranges {
			for x := r.First; x <= r.Last; x++ {
				n.numbers = append(n.numbers, x)
				n.city[x] = city.Name
			}
		}
	}
	return n
}

// enter sets the clock and ends what has ended.
func (n *naive) enter(now time.Time) int64 {
	sec := now.Unix()
	if n.config.Inclusive {
		sec--
	}
	if sec < n.latest && sec >= n.latest-jitter {
		sec = n.latest
	}
	n.latest = sec
	over := []entry{}
	n.live = slices.DeleteFunc(n.live, func(e entry) bool {
		if e.Expires.Unix() > sec {
			return false
		}
		over = append(over, e)
		return true
	})
	slices.SortFunc(over, func(a, b entry) int {
		return cmp.Or(a.Expires.Compare(b.Expires), a.turn-b.turn)
	})
	for _, e := range over {
		e.Ended = true
		n.ended = append(n.ended, e.Binding)
	}
	if over := len(n.ended) - max(n.remember, 0); over > 0 {
		n.ended = n.ended[over:]
	}
	return sec
}

// clash reports whether a and b cannot be on x, given the others that are.
func (n *naive) clash(others []Binding, a, b Number) bool {
	for _, o := range others {
		if o.A == a || o.B == b || !n.config.SameRole && (o.A == b || o.B == a) {
			return true
		}
	}
	return false
}

func (n *naive) on(x Number) []Binding {
	out := []Binding{}
	for _, e := range n.live {
		if e.X == x {
			out = append(out, e.Binding)
		}
	}
	return out
}

func (n *naive) fits(a, b, x Number) Refusal {
	on := n.on(x)
	switch {
	case n.clash(on, a, b):
		return Conflict
	case len(on) >= n.limit:
		return Full
	}
	return None
}

// allowed returns every X the request may get, or why it gets none.
func (n *naive) allowed(now time.Time, r Request) ([]Number, Refusal) {
	if !n.config.AllowSame && (r.A == r.B || r.X == r.A || r.X == r.B) {
		return nil, SameNumber
	}
	if sec := n.enter(now); r.Expires.Unix() <= sec {
		return nil, Past
	}
	if r.X != 0 {
		if _, ok := n.city[r.X]; !ok {
			return nil, NotInPool
		}
		return []Number{r.X}, n.fits(r.A, r.B, r.X)
	}
	var here, elsewhere []Number
	for _, x := range n.numbers {
		switch {
		case !n.config.AllowSame && (x == r.A || x == r.B), n.fits(r.A, r.B, x) != None:
		case r.City == "" || n.city[x] == r.City:
			here = append(here, x)
		default:
			elsewhere = append(elsewhere, x)
		}
	}
	if len(here) == 0 && !n.config.Strict {
		here = elsewhere
	}
	switch {
	case len(here) == 0:
		return nil, NoAvailable
	case n.config.Packed:
		return here[:1], None
	}
	return here, None
}

// bound notes a binding.
func (n *naive) bound(b Binding) {
	n.turn++
	n.live = append(n.live, entry{b, n.turn})
}

func (n *naive) find(id SubsID, x Number) int {
	return slices.IndexFunc(n.live, func(e entry) bool { return e.SubsID == id && e.X == x })
}

func (n *naive) query(now time.Time, id SubsID, x Number) (Binding, Refusal) {
	n.enter(now)
	if i := n.find(id, x); i >= 0 {
		return n.live[i].Binding, None
	}
	for _, b := range n.ended {
		if b.SubsID == id && b.X == x {
			return b, None
		}
	}
	return Binding{}, Unknown
}

func (n *naive) unbind(now time.Time, id SubsID, x Number) (Binding, Refusal) {
	n.enter(now)
	i := n.find(id, x)
	if i < 0 {
		return Binding{}, Unknown
	}
	b := n.live[i].Binding
	n.live = slices.Delete(n.live, i, i+1)
	return b, None
}

func (n *naive) update(now time.Time, id SubsID, x Number, c Change) (Binding, Refusal) {
	b, refusal := n.query(now, id, x)
	if refusal != None {
		return b, refusal
	}
	if b.Ended {
		return Binding{}, Ended
	}
	was := b
	if c.A != 0 {
		b.A = c.A
	}
	if c.B != 0 {
		b.B = c.B
	}
	if !c.Expires.IsZero() {
		b.Expires = time.Unix(c.Expires.Unix(), 0)
	}
	if c.Label != nil {
		b.Label = *c.Label
	}
	b.Note = b.Note&^c.NoteMask | c.Note&c.NoteMask
	others := slices.DeleteFunc(n.on(x), func(o Binding) bool { return o.SubsID == id })
	switch {
	case !n.config.AllowSame && (b.A == b.B || b.A == x || b.B == x):
		return Binding{}, SameNumber
	case b.Expires.Unix() <= n.latest:
		return Binding{}, Past
	case n.clash(others, b.A, b.B):
		return Binding{}, Conflict
	}
	e := &n.live[n.find(id, x)]
	e.Binding = b
	if !b.Expires.Equal(was.Expires) {
		n.turn++
		e.turn = n.turn
	}
	return b, None
}

func (n *naive) stock(now time.Time) (out []CityStock) {
	n.enter(now)
	for _, c := range n.config.Cities {
		s := CityStock{Name: c.Name}
		for _, x := range n.numbers {
			if n.city[x] == c.Name {
				s.Numbers++
				if len(n.on(x)) == n.limit {
					s.Full++
				}
			}
		}
		out = append(out, s)
	}
	return out
}

// reach returns every binding that says who is reached, the oldest first.
func (n *naive) reach(x, from Number) (Number, Binding, bool) {
	for _, b := range n.on(x) {
		switch from {
		case b.A:
			return b.B, b, true
		case b.B:
			return b.A, b, true
		}
	}
	return 0, Binding{}, false
}
