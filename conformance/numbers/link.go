package numbers

// tuning is where the pool changes its ways. Tests of small pools lower it.
type tuning struct {
	many, few uint32 // bindings at which a number gets its bitmap, and below which it loses it
	step      int    // how many bindings that have ended one call removes at most, so that no call pays for a whole second's
	idle      int    // seconds without a binding that the agenda bears
	tries     int    // how often a random open X is tried before all are looked at
}

var tuned = tuning{many: 1024, few: 256, step: 32, idle: 1024, tries: 64}

// link enters record i everywhere. a and b are the phones of its numbers, nil where there is none yet.
func (p *Pool) link(i uint32, a, b *phone) {
	r := p.slab.at(i)
	p.live++
	p.bySubs.add(r.subs, i)
	p.schedule(i)
	p.hold(r, a, b)
	first := p.oldest[r.x]
	p.slab.enter(byX, first, i)
	if first == 0 {
		p.oldest[r.x] = i
	}
	if p.load[r.x]++; p.load[r.x] == p.limit {
		p.shut(r.x)
	}
}

// unlink makes room on X.
func (p *Pool) unlink(i uint32) {
	r := p.slab.at(i)
	p.live--
	p.unschedule(i)
	p.release(r)
	if next := p.slab.leave(byX, i); p.oldest[r.x] == i {
		p.oldest[r.x] = next
	}
	if p.load[r.x]--; p.load[r.x] == p.limit-1 {
		p.reopen(r.x)
	}
}

// end makes record i one that is remembered, in place of the one that ended first if they are too many.
func (p *Pool) end(i uint32) {
	p.unlink(i)
	p.slab.enter(byTime, p.ended, i)
	if p.remembered++; p.remembered > p.remember {
		p.remembered--
		first := p.slab.at(p.ended).links[byTime].next
		p.slab.leave(byTime, first)
		p.forget(first)
	}
}

// forget removes a record that is in no ring.
func (p *Pool) forget(i uint32) {
	p.bySubs.remove(p.slab.at(i).subs)
	if len(p.labels.chunks) > 0 {
		p.labels.set(i, "")
	}
	p.slab.put(i)
}

// hold notes that the numbers of r are bound on its X: once if they are one.
func (p *Pool) hold(r *record, a, b *phone) {
	if a == nil {
		a = p.phones.add(r.a)
	}
	a.hold(r.x, &p.tune, len(p.open.words))
	if r.a == r.b|p.roleB {
		return
	}
	if b == nil {
		b = p.phones.add(r.b | p.roleB)
	}
	b.hold(r.x, &p.tune, len(p.open.words))
}

// release is the reverse of hold.
func (p *Pool) release(r *record) {
	p.phones.release(r.a, r.x, &p.tune)
	if r.a != r.b|p.roleB {
		p.phones.release(r.b|p.roleB, r.x, &p.tune)
	}
}

// shut notes that x can take no further pair.
func (p *Pool) shut(x uint32) {
	p.open.remove(x)
	p.home(x).open--
}

// reopen notes that x can take one again.
func (p *Pool) reopen(x uint32) {
	p.open.add(x)
	p.home(x).open++
}
