package conformance

import (
	"time"

	"axbench/conformance/contract"
)

// expiryCases come last: they move the endpoint's clock, or wait for time to pass.
var expiryCases = []testCase{
	{"exp/stored", []string{"PRM-EXP-8"}, []need{needDetail}, func(t *trial) {
		t.storedExpiration(t.bind())
		if t.mayBindFar() { // a maximum is an error or none, never another date
			t.storedExpiration(t.bind().until(t.suite, t.in(30*day)).saying("a bind until 30 days ahead"))
		}
	}},
	{"exp/end", []string{"PRM-EXP-8"}, []need{needEnd}, func(t *trial) {
		if t.provision.Channels.Clock == "" {
			t.endByWaiting()
			return
		}
		ahead := time.Hour // longer than a binding that ends early by minutes
		if !t.mayBindFar() {
			ahead = t.hold()
		}
		before := t.bindings.moved
		t.endsOnTime(ahead, func(to time.Time) error { return t.advance(to.Sub(t.bindings.now())) })
		t.unbind() // before the clock goes back, since what is over is over
		if back := before - t.bindings.moved; back != 0 {
			if err := t.advance(back); err != nil {
				t.notes = append(t.notes, "the endpoint's clock was left "+(-back).Round(time.Second).String()+" ahead: "+err.Error())
			}
		}
	}},
	{"exp/replay", []string{"SIG-9", "LOD-5"}, nil, replayWaited},
}

// The margins of PRM-EXP-8: a binding is there so long before Expiration, and is not so long after it. In real time its end takes
// waitedFor and some more.
const (
	beforeEnd = 10 * time.Second
	afterEnd  = 60 * time.Second
	waitedFor = 2 * time.Minute
)

// needEnd wants a clock that can be moved, or time enough to wait for the end of a binding.
func needEnd(s *suite) string {
	if enough := waitedFor + afterEnd + beforeEnd; s.provision.Channels.Clock == "" && s.cfg.Wait < enough {
		return "channels.clock, or --wait " + enough.String()
	}
	return ""
}

// endByWaiting is endsOnTime in real time.
func (t *trial) endByWaiting() {
	t.endsOnTime(waitedFor, func(to time.Time) error {
		sleep(t.ctx, to.Sub(t.bindings.now()))
		return t.ctx.Err()
	})
}

// endsOnTime makes a binding and looks for it shortly before and after its Expiration (PRM-EXP-8). goTo moves on to an instant of the
// endpoint's clock.
func (t *trial) endsOnTime(ahead time.Duration, goTo func(time.Time) error) {
	const clause = "PRM-EXP-8"
	x := t.send(t.bind().until(t.suite, t.in(ahead)).saying("a bind whose end is waited for"))
	b := t.bindings.last(x)
	skew := x.skew()
	switch {
	case !x.ok() || b == nil:
		t.word(x, "INCONCLUSIVE", "OK, so that its end can be waited for", clause)
		return
	case t.bindings.moved == 0 && skew.Abs() > beforeEnd/2:
		t.unsure("the endpoint's clock is "+skew.Round(time.Second).String()+" from this one", clause)
		return
	}
	if first := t.probe(b); !taken(first) {
		t.word(first, "INCONCLUSIVE", "a conflict right after the bind, so that the end of the binding can be seen", clause)
		return
	}
	if err := goTo(b.expires.Add(-beforeEnd)); err != nil {
		t.unsure(err.Error(), clause)
		return
	}
	early := t.probe(b).renamed("a bind of the same A and X, 10 seconds before Expiration")
	switch {
	case !t.bindings.now().Before(b.expires.Add(-beforeEnd / 3)):
		t.unsure("the answers came too late to tell", clause)
		return
	case taken(early):
		t.holds(early, true, "a conflict", clause)
	case early.ok():
		t.holds(early, false, "a conflict", clause)
		return
	default:
		t.word(early, "INCONCLUSIVE", "a conflict", clause)
		return
	}
	if err := goTo(b.expires.Add(afterEnd)); err != nil {
		t.unsure(err.Error(), clause)
		return
	}
	t.isOver(b)
}

// isOver looks whether a binding is gone. Where the clock jumped, whoever clears up has a moment of real time to do so.
func (t *trial) isOver(b *binding) {
	const clause = "PRM-EXP-8"
	var late *exchange
	for try := range 4 {
		if try > 0 {
			sleep(t.ctx, 500*time.Millisecond)
		}
		if late = t.probe(b).renamed("a bind of the same A and X, 60 seconds after Expiration"); !taken(late) {
			break
		}
	}
	if late.ok() || taken(late) {
		t.holds(late, late.ok(), "OK", clause)
		return
	}
	t.word(late, "INCONCLUSIVE", "OK", clause)
}

// probe binds the A and the X of a binding to another B: while the binding lives there is a conflict (bindaxb-doc:153).
func (t *trial) probe(b *binding) *exchange {
	r := t.bind().signedBy(b.as).set("PoolKey", b.pool).set("PhoneNoA", b.a).set("PhoneNoX", b.x)
	return t.send(r.saying("a bind of the same A and X with another B"))
}

// taken reports whether a probe met the binding.
func taken(x *exchange) bool {
	return x.code == "isv.BIND_CONFLICT" || x.code == "isv.NO_AVAILABLE_NUMBER"
}

// renamed gives the report other words for what was sent.
func (x *exchange) renamed(words string) *exchange {
	x.req.words = words
	return x
}

// storedExpiration reads ExpireDate through the second channel (PRM-EXP-8). It is right as the text that was sent, or as far from GmtCreate
// as the Expiration was from the bind: in which zone the second channel writes, the document does not say. That it is right says
// only together with the end itself that the binding ends then.
func (t *trial) storedExpiration(r *request) {
	const clause = "PRM-EXP-8"
	x := t.send(r)
	defer t.letGo(x)
	b := t.bindings.last(x)
	if !x.ok() || b == nil {
		t.word(x, "INCONCLUSIVE", "OK, so that it can be asked for", clause)
		return
	}
	d := t.detail(b)
	dto, _ := d.subscription()
	text := dto["ExpireDate"]
	expires, err := time.ParseInLocation(contract.ExpirationLayout, text, time.UTC)
	if err != nil {
		return // it may be left out, or be in another form
	}
	right := text == r.get("Expiration")
	if made, err := time.ParseInLocation(contract.ExpirationLayout, dto["GmtCreate"], time.UTC); err == nil && !right {
		right = (expires.Sub(made) - b.expires.Sub(t.bindings.now())).Abs() < time.Minute
	}
	if !right || needEnd(t.suite) == "" {
		t.saw(d, right, "ExpireDate as Expiration was sent", "ExpireDate "+text+" for "+r.get("Expiration"), clause)
	}
}
