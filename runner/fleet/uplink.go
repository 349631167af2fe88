package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"axbench/results"
)

// attempt is how long one try to append lasts. It is short beside a permission: the first that gets through after the stream was away
// renews it.
const attempt = 500 * time.Millisecond

// uplink brings the records of a slot to the stream, in order, however long the bus is away: what is made waits here, and nothing that
// makes it waits for the bus.
type uplink struct {
	a   *Agent
	seq uint64 // of the slot's last record; of whoever sends

	fenced atomic.Bool // the slot was given up

	mu        sync.Mutex
	queue     []*outgoing
	fragments []results.Fragment
	accounts  *Accounts
	windows   int64
	wake      chan struct{} // something is in the queue
	empty     chan struct{} // closed when the queue is empty; made anew when it is not
}

// outgoing is a record on its way. first is when it was first tried: a permission counts from then, as nobody knows which try got through.
type outgoing struct {
	record *SlotRecord
	first  time.Duration
}

func newUplink(a *Agent) *uplink {
	u := &uplink{a: a, wake: make(chan struct{}, 1), empty: make(chan struct{})}
	close(u.empty)
	return u
}

// append appends a record and waits for it: for those before the run.
func (u *uplink) append(ctx context.Context, r *SlotRecord) error {
	r.Agent = u.a.cfg.Name
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	for {
		seq, err := u.a.cfg.Stream.Append(ctx, u.a.subject(), data, u.seq)
		switch {
		case err == nil:
			u.seq = seq
			u.a.log.add(LogEntry{Slot: u.a.Slot, Record: r})
			return nil
		case errors.Is(err, ErrOther):
			return err
		}
		if !waitFor(ctx, retryPause) {
			return fmt.Errorf("report to the controller: %w", err)
		}
	}
}

// push puts a record into the queue.
func (u *uplink) push(r *SlotRecord) {
	r.Agent = u.a.cfg.Name
	u.a.log.add(LogEntry{Slot: u.a.Slot, Record: r})
	u.mu.Lock()
	if len(u.queue) == 0 {
		u.empty = make(chan struct{})
	}
	u.queue = append(u.queue, &outgoing{record: r})
	u.mu.Unlock()
	select {
	case u.wake <- struct{}{}:
	default:
	}
}

// keep takes what the next window will hold of a second that ended.
func (u *uplink) keep(f results.Fragment, accounts Accounts) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.fragments = append(u.fragments, f)
	u.accounts = &accounts
}

// made returns how many windows there were.
func (u *uplink) made() int64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.windows
}

// tick makes a window every so often until ctx ends.
func (u *uplink) tick(ctx context.Context, every time.Duration, extra func() [][]byte) {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			u.cut(extra)
		}
	}
}

// cut makes a window of what happened since the last one. An empty one says that the slot is alive.
func (u *uplink) cut(extra func() [][]byte) {
	var pieces [][]byte
	if extra != nil {
		pieces = extra()
	}
	claims, withheld := u.a.lease.Take()
	w := &Window{Claims: claims, Withheld: withheld, Clock: u.a.clock.Swap(nil)}
	u.mu.Lock()
	w.Seconds, w.Accounts = u.fragments, u.accounts
	u.fragments, u.accounts = nil, nil
	w.Seq = u.windows
	u.windows++
	u.mu.Unlock()
	if len(pieces) > 0 {
		w.Extra = pieces[0]
	}
	u.push(&SlotRecord{Kind: KindWindow, Window: w})
	for i := 1; i < len(pieces); i++ {
		u.mu.Lock()
		more := &Window{Seq: u.windows, Extra: pieces[i]}
		u.windows++
		u.mu.Unlock()
		u.push(&SlotRecord{Kind: KindWindow, Window: more})
	}
}

// send brings what is in the queue to the stream until ctx ends.
func (u *uplink) send(ctx context.Context) {
	for {
		u.mu.Lock()
		var next *outgoing
		if len(u.queue) > 0 {
			next = u.queue[0]
		}
		u.mu.Unlock()
		if next == nil {
			select {
			case <-u.wake:
				continue
			case <-ctx.Done():
				return
			}
		}
		if !u.bring(ctx, next) {
			if !waitFor(ctx, retryPause) {
				return
			}
			continue
		}
		u.mu.Lock()
		if u.queue = u.queue[1:]; len(u.queue) == 0 {
			u.queue = nil
			close(u.empty)
		}
		u.mu.Unlock()
	}
}

// bring tries once to bring a record to the stream. A slot that was given up sends what it has measured to another subject: it is
// still true.
func (u *uplink) bring(ctx context.Context, o *outgoing) bool {
	if o.first == 0 {
		o.first = u.a.cfg.boot()
	}
	if u.fenced.Load() && o.record.Window != nil {
		o.record.Window.Late = true
	}
	data, err := json.Marshal(o.record)
	if err != nil {
		return true // cannot be: every part is made here
	}
	try, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	if u.fenced.Load() {
		_, err = u.a.cfg.Stream.Add(try, Subject(u.a.cfg.ID, subjectLate, strconv.Itoa(u.a.Slot)), data)
		return err == nil
	}
	seq, err := u.a.cfg.Stream.Append(try, u.a.subject(), data, u.seq)
	switch {
	case err == nil:
		u.seq = seq
		u.a.lease.Taken(o.first)
		return true
	case errors.Is(err, ErrOther):
		u.fenced.Store(true)
		u.a.lease.End()
		u.a.end(ErrFenced)
	}
	return false
}

// flush waits until everything was brought to the stream, at most for so long.
func (u *uplink) flush(most time.Duration) error {
	u.mu.Lock()
	empty := u.empty
	u.mu.Unlock()
	t := time.NewTimer(most)
	defer t.Stop()
	select {
	case <-empty:
		return nil
	case <-t.C:
		return fmt.Errorf("%d records did not reach the controller within %s: the run directory of this generator has all of them", u.waiting(), most)
	}
}

func (u *uplink) waiting() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.queue)
}
