package fleet

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"axbench/runner/pace"
)

// slot is what the controller knows of one.
type slot struct {
	SlotStatus
	seq    uint64        // of its last record
	heard  time.Duration // boot time at which that came
	leave  int64         // of one that asked to be relieved: its first arrival for others
	dealt  bool          // its arrivals were dealt over the others
	next   int64         // number of the next window that was not there yet
	refuse string        // why its agent cannot make the run
}

// ended says that nothing more is expected of a slot.
func (s *slot) ended() bool { return s.Final != nil || s.Lost != "" || s.refuse != "" }

// stopped gives up a slot that ended before its plan did: what it still had to do is nobody's.
func (s *slot) stopped(why string) {
	if why != "" && s.Lost == "" {
		s.Lost = "it ended early: " + why
	}
}

// who names a slot for people.
func (c *controller) who(i int) string {
	if r := c.slots[i].Ready; r != nil {
		return fmt.Sprintf("generator %d (%s)", i, r.Host)
	}
	return fmt.Sprintf("generator %d", i)
}

// take enters one record of the stream.
func (c *controller) take(m Message) {
	part := strings.Split(strings.TrimPrefix(m.Subject, Subject(c.cfg.Spec.ID)+"."), ".")
	if len(part) == 1 && part[0] == subjectPlan && m.Seq > c.planSeq {
		c.fail(ErrRival)
		return
	}
	if len(part) != 2 {
		return
	}
	i, err := strconv.Atoi(part[1])
	if err != nil || i < 0 || i >= len(c.slots) {
		return
	}
	var r SlotRecord
	if err := json.Unmarshal(m.Data, &r); err != nil {
		return // nobody of ours wrote that
	}
	s := &c.slots[i]
	switch part[0] {
	case subjectSlot:
		s.seq, s.heard = m.Seq, c.cfg.boot()
		if r.Kind == KindFence {
			s.Lost = r.Why
			break
		}
		s.Kind = r.Kind
	case subjectLate:
		if r.Window != nil {
			s.Late++
		}
	default:
		return
	}
	c.enter(i, s, &r)
	c.tell()
}

// enter takes in what a record of a slot says.
func (c *controller) enter(i int, s *slot, r *SlotRecord) {
	switch {
	case r.Ready != nil:
		s.Ready = r.Ready
	case r.Window != nil && r.Window.Seq < s.next: // the answer to it was lost when the slot was given up: it was sent once more
	case r.Window != nil:
		s.next = r.Window.Seq + 1
		s.Windows++
		if at := r.Window.Clock; at != nil && s.Ready != nil {
			ready := *s.Ready
			ready.Offset = at.Offset
			s.Ready = &ready
		}
		s.Withheld += r.Window.Withheld
		c.ledger.Claim(i, r.Window.Claims)
		if r.Window.Accounts != nil {
			s.Accounts = r.Window.Accounts
		}
		if err := c.cfg.OnWindow(i, r.Window); err != nil {
			c.fail(err)
			c.abortSoon(err.Error())
		}
	case r.Kind == KindLeaving:
		s.Left, s.leave = true, r.Leave
	case r.Final != nil:
		s.Final = r.Final
		s.Accounts = &r.Final.Accounts
		if c.abort == "" {
			s.stopped(r.Final.Stopped)
		}
	case r.Kind == KindFinal:
		s.refuse = r.Why
		c.abortSoon(c.who(i) + " cannot make the run: " + r.Why)
	}
}

// abortSoon ends the run at the next look.
func (c *controller) abortSoon(why string) {
	if c.soon == "" {
		c.soon = why
	}
}

// look does what time asks for.
func (c *controller) look(ctx context.Context) {
	if c.soon != "" {
		c.end(ctx, c.soon)
	}
	if c.abort != "" && c.plan.State != Aborting { // the stream was away when it was decided
		c.writeAbort(ctx)
	}
	switch {
	case c.plan.State == Forming && c.abort == "":
		c.form(ctx)
	case c.plan.State != Done:
		c.confirm(ctx)
		c.bury(ctx)
		c.mourn(ctx)
		c.relieve(ctx)
	}
	c.tell()
}

// form lets the run begin when every slot is ready, and ends it when that took too long or one of them does not fit.
func (c *controller) form(ctx context.Context) {
	ready := 0
	for i := range c.slots {
		if r := c.slots[i].Ready; r != nil {
			ready++
			if r.Digest != c.cfg.Digest {
				c.end(ctx, fmt.Sprintf("%s would make other calls: its plan is %s, not %s", c.who(i), short(r.Digest), short(c.cfg.Digest)))
				return
			}
		}
	}
	if ready < len(c.slots) {
		if c.cfg.boot() > c.formed {
			c.end(ctx, fmt.Sprintf("%d of %d generators were ready within %s", ready, len(c.slots), c.cfg.Spec.Formation))
		}
		return
	}
	if bound := c.startBound(); bound > c.cfg.Spec.MaxSkew {
		c.end(ctx, fmt.Sprintf("the clocks of the generators are known to %s only, at most %s is allowed (max-skew)", bound, c.cfg.Spec.MaxSkew))
		return
	}
	p := c.plan
	p.State, p.Start = Armed, c.cfg.Now().Add(armLead).UnixNano()
	if !c.write(ctx, p) {
		return
	}
	c.armed = c.cfg.boot()
	for i := range c.slots {
		c.slots[i].heard = c.armed
	}
}

// short cuts a digest for people.
func short(digest string) string { return digest[:min(12, len(digest))] }

// confirm ends the run before it begins if a slot does not know of it.
func (c *controller) confirm(ctx context.Context) {
	if c.plan.State != Armed || c.cfg.Resume || c.started {
		return
	}
	all := true
	for i := range c.slots {
		if s := &c.slots[i]; s.Kind == KindReady {
			if all = false; c.cfg.boot() > c.armed+armLead-fenceAfter/2 {
				c.end(ctx, c.who(i)+" did not answer when it was told to begin")
				return
			}
		}
	}
	c.started = all
}

// bury gives up slots that were silent for longer than their permission lasts.
func (c *controller) bury(ctx context.Context) {
	patience := c.cfg.Spec.TTL + fenceAfter
	if c.cfg.Past {
		patience = fenceAfter
	}
	woke, awake := c.awake()
	if !awake {
		return
	}
	for i := range c.slots {
		s := &c.slots[i]
		silent := c.cfg.boot() - max(s.heard, woke)
		if s.ended() || s.Kind == "" || silent <= patience {
			continue
		}
		why := fmt.Sprintf("silent for %s", silent.Round(100*time.Millisecond))
		if c.cfg.Past {
			why = "its log does not tell how it ended"
		}
		data, err := json.Marshal(&SlotRecord{Kind: KindFence, Agent: c.cfg.Name, Why: why})
		if err != nil {
			continue
		}
		try, cancel := context.WithTimeout(ctx, attempt)
		seq, err := c.cfg.Stream.Append(try, Subject(c.cfg.Spec.ID, subjectSlot, strconv.Itoa(i)), data, s.seq)
		cancel()
		if err != nil { // it is alive, or the stream is away: nothing is decided
			continue
		}
		s.seq, s.Lost = seq, why
	}
}

// mourn does with a run that has lost slots what its policy says. All that are lost at a time make one epoch.
func (c *controller) mourn(ctx context.Context) {
	var lost []int
	for i := range c.slots {
		if s := &c.slots[i]; s.Lost != "" && !s.dealt {
			lost = append(lost, i)
		}
	}
	if len(lost) == 0 || c.abort != "" {
		return
	}
	why := c.who(lost[0]) + " was lost: " + c.slots[lost[0]].Lost
	if n := len(lost); n > 1 {
		why = fmt.Sprintf("%d generators were lost, %s first: %s", n, c.who(lost[0]), c.slots[lost[0]].Lost)
	}
	if c.cfg.Spec.Loss != LossRedistribute {
		c.end(ctx, why)
		return
	}
	c.deal(ctx, lost, 0, why)
}

// relieve deals the arrivals of slots that asked for it.
func (c *controller) relieve(ctx context.Context) {
	for i := range c.slots {
		if s := &c.slots[i]; s.Left && !s.dealt && s.Lost == "" && c.abort == "" {
			c.deal(ctx, []int{i}, s.leave, c.who(i)+" leaves")
		}
	}
}

// deal makes an epoch without some slots, from an arrival on that nobody has in hand yet, and not before from. Where the others cannot
// take them over, the run ends for why. While the stream is away nothing is decided: the next look tries again.
func (c *controller) deal(ctx context.Context, lost []int, from int64, why string) {
	now := time.Duration(c.cfg.Now().UnixNano() - c.plan.Start)
	c.pass(now + c.cfg.Spec.LookAhead + epochLead)
	if !c.behind { // there is something left to be dealt
		next, err := c.plan.Division.WithoutSlots(lost, max(from, c.ahead.K), c.cfg.Spec.Weights)
		if err == nil {
			err = c.carries(next)
		}
		if err != nil {
			c.end(ctx, why+"; "+err.Error())
			return
		}
		p := c.plan
		p.Division = next
		if !c.write(ctx, p) {
			return
		}
	}
	for _, i := range lost {
		c.slots[i].dealt = true
	}
}

// carries tells why the slots that are left cannot make the rate, as far as they have said what they can.
func (c *controller) carries(d pace.Division) error {
	gone, whole := d.Lost(), 0
	for i, w := range c.cfg.Spec.Weights {
		if !slices.Contains(gone, i) {
			whole += w
		}
	}
	for i, w := range c.cfg.Spec.Weights {
		r := c.slots[i].Ready
		if slices.Contains(gone, i) || r == nil || r.Ceiling <= 0 {
			continue
		}
		if share := c.cfg.Peak * float64(w) / float64(whole); share > r.Ceiling {
			return fmt.Errorf("%s would have to make %.0f/s and can make %.0f/s", c.who(i), share, r.Ceiling)
		}
	}
	return nil
}

// pass moves the cursor to the first arrival that is due at t of the run or later.
func (c *controller) pass(t time.Duration) {
	for !c.behind && (c.ahead.Due < t || t < 0) {
		a, ok := c.cursor.Next()
		if c.ahead, c.behind = a, !ok; t < 0 {
			return
		}
	}
}

// startBound is how far from each other two slots may begin at most: what is not known of their clocks.
func (c *controller) startBound() time.Duration {
	var most, second time.Duration
	for i := range c.slots {
		if r := c.slots[i].Ready; r != nil {
			switch half := r.RTT / 2; {
			case half > most:
				most, second = half, most
			case half > second:
				second = half
			}
		}
	}
	return most + second
}

// status is how the run stands.
func (c *controller) status() Status {
	st := Status{State: c.plan.State}
	if c.plan.Start != 0 {
		st.Start = time.Unix(0, c.plan.Start)
	}
	for i := range c.slots {
		st.Slots = append(st.Slots, c.slots[i].SlotStatus)
	}
	return st
}

// tell shows how the run stands.
func (c *controller) tell() {
	if c.cfg.OnStatus != nil {
		c.cfg.OnStatus(c.status())
	}
}
