package numbers

import "sort"

// Cities returns the pool's cities with their numbers, in the order of its configuration, names without the suffix 市. The
// slices are the caller's.
func (p *Pool) Cities() []City {
	out := make([]City, len(p.cities))
	for i := range p.cities {
		out[i].Name = p.cities[i].name
	}
	for _, s := range p.spans {
		i := sort.Search(len(p.cities), func(i int) bool { return p.cities[i].to > s.base/64 })
		out[i].Ranges = append(out[i].Ranges, NewRange(s.first, int(s.size)))
	}
	return out
}
