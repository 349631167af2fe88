package emulator

import (
	"errors"
	"time"
)

// tamper is what happens to the answer of one call on its way out. The zero tamper lets it pass.
type tamper struct {
	rewrite func(answer []byte) []byte // what is written instead, may be empty
	pace    time.Duration              // between two bytes; at once with 0
	then    ending
	lost    bool // what leaves is no complete and honest answer, so that it counts as unwritten
	foreign bool // what leaves does not have the code that was decided
}

// ending is what follows an answer that was tampered with.
type ending uint8

// The endings.
const (
	endKeep  ending = iota // the connection goes on
	endClose               // closed in order
	endHalf                // the sending side is closed, the other stays open until the client goes
	endReset               // closed with a reset
	endHang                // nothing more comes until the client goes
)

// errEnded tells the HTTP server that the connection is over.
var errEnded = errors.New("emulator: the connection was ended on purpose")

// hangTime bounds how long a connection hangs.
const hangTime = 2 * time.Minute

// tampers reports whether answers may leave otherwise than they are.
func (s *Server) tampers() bool { return s.faults != nil || s.deviations != nil || s.skew != 0 }

// pass reports whether the answer goes out as it is.
func (t *tamper) pass() bool { return t.rewrite == nil && t.pace == 0 && t.then == endKeep }

// fate is what tamper says of the call that was just handled, for when its answer is written; nil lets it pass.
func (c *conn) fate() *tamper {
	if c.tamper.pass() {
		return nil
	}
	t := c.tamper
	c.tamper = tamper{}
	return &t
}

// writeEach is Write where answers may be tampered with: it gathers each answer whole, since they come in pieces when they are
// long and together when their calls were pipelined.
func (c *conn) writeEach(p []byte) error {
	c.held = append(c.held, p...)
	for len(c.owed) > 0 {
		o := c.owed[0]
		n := framed(c.held, o.bare)
		if n < 0 {
			return nil // the rest comes with the next Write
		}
		c.server.redate(c.held[:n])
		err := c.deliver(o, c.held[:n])
		c.held = append(c.held[:0], c.held[n:]...)
		c.owed = append(c.owed[:0], c.owed[1:]...)
		if err != nil {
			c.forget()
			return err
		}
	}
	rest := c.held
	c.held = c.held[:0]
	if len(rest) == 0 {
		return nil
	}
	_, err := c.put(rest)
	return err
}

// forget counts what will never be written.
func (c *conn) forget() {
	for _, o := range c.owed {
		c.server.truth.written(o, 0, false)
	}
	c.owed, c.held = c.owed[:0], nil
}

// deliver writes one answer in the way that was asked for. It returns errEnded when the connection is over.
func (c *conn) deliver(o owed, answer []byte) error {
	now := instant()
	t := o.fate
	if t == nil {
		_, err := c.put(answer)
		c.settle(o, now, err == nil)
		return err
	}
	left := answer
	if t.rewrite != nil {
		left = t.rewrite(answer)
	}
	if t.foreign {
		o.row = nil
	}
	lost := t.lost || len(left) == 0 || t.then != endKeep && len(left) < len(answer)
	if lost { // known now, and a connection may hang for long
		c.settle(o, now, false)
	}
	err := c.drip(left, t.pace)
	if !lost {
		c.settle(o, now, err == nil)
	}
	if err != nil {
		return err
	}
	return c.finish(t.then)
}

// settle records an answer that went out at an instant or was lost.
func (c *conn) settle(o owed, now int64, ok bool) {
	c.wrote = now
	c.idle.Store(now)
	c.server.truth.written(o, now, ok)
}

// finish ends the connection in the way that was asked for.
func (c *conn) finish(then ending) error {
	switch then {
	case endKeep:
		return nil
	case endHalf:
		if half, ok := c.raw.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
		c.untilGone()
	case endHang:
		c.untilGone()
	case endReset:
		reset(c.raw)
	}
	return errEnded
}

// dripStep is the least time between two writes of a slow answer: below it, several bytes go at once.
const dripStep = time.Millisecond

// drip writes p, with pace between its bytes. When the server stops the rest goes at once.
func (c *conn) drip(p []byte, pace time.Duration) error {
	begin, sent := instant(), 0
	for sent < len(p) {
		until := len(p)
		if pace > 0 {
			until = min(until, 1+int((instant()-begin)/int64(pace)))
		}
		if until > sent {
			n, err := c.put(p[sent:until])
			if sent += n; err != nil {
				return err
			}
			continue
		}
		next := time.Duration(begin + int64(sent)*int64(pace) - instant())
		if !c.server.sleep(max(next, dripStep)) {
			pace = 0
		}
	}
	return nil
}

// sleep returns true after d, and false at once when the server stops.
func (s *Server) sleep(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-s.stopping:
		return false
	case <-t.C:
		return true
	}
}

// untilGone waits until the client closes, the server stops or hangTime is over. What the client sends meanwhile is lost.
func (c *conn) untilGone() {
	gone := make(chan struct{})
	c.idle.Store(0) // not the sweep's business
	_ = c.Conn.SetReadDeadline(time.Now().Add(hangTime))
	go func() {
		defer close(gone)
		var sink [512]byte
		for {
			if _, err := c.get(sink[:]); err != nil {
				return
			}
		}
	}()
	select {
	case <-gone:
	case <-c.server.stopping:
		_ = c.Conn.SetReadDeadline(time.Now())
		<-gone
	}
}
