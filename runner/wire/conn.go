package wire

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// stage is how far a call has come on its connection. It steers step and tunnel.
type stage uint8

const (
	securing  stage = iota // handshake: bytes go straight through
	probing                // look at the idle connection without waiting
	composing              // encrypted request bytes are gathered in packed
	launching              // write the request, then wait until something can be read
	answering              // read
)

// conn is a connection. While idle it belongs to the pool, in between to the goroutine of its call.
type conn struct {
	pool *Pool
	tcp  *net.TCPConn
	raw  syscall.RawConn       // nil where package net does all I/O
	step func(fd uintptr) bool // c.onDescriptor, made once

	tls    *tls.Conn // nil for plain HTTP
	packed []byte    // the request as TLS records, in memory of block
	block  *block

	used  bool      // served a call before
	since time.Time // idle since
	armed time.Time // read deadline set on tcp; zero for none

	idle    bool // guarded by pool.mu
	aborted bool // guarded by pool.mu

	// of one call
	stage    stage
	answer   *Answer
	sending  func(time.Time)
	timeout  time.Duration
	deadline time.Time // zero before Sent
	out      []byte    // to be written
	dst      []byte    // to be read into; nil for the reader's space
	n        int       // bytes that step read
	err      error     // that step met
	torn     bool      // TCP ended below TLS
	stale    bool      // the connection was found unusable before a byte was written
	reader   reader
}

func newConn(p *Pool, tcp *net.TCPConn) *conn {
	c := &conn{pool: p, tcp: tcp}
	if !p.slow {
		c.raw = rawConn(tcp)
	}
	c.step = c.onDescriptor
	return c
}

// close ends the connection; politely says goodbye to TLS, which writes.
func (c *conn) close(politely bool) {
	if c.tls != nil && politely {
		c.stage = securing
		c.tls.Close()
		return
	}
	c.tcp.Close()
}

// exchange does one call. It returns false if the connection was found stale before anything was written: then a is
// as before and the connection is to be dropped. Otherwise the connection was put back or dropped.
func (c *conn) exchange(req []byte, timeout time.Duration, a *Answer, sending func(time.Time)) bool {
	c.answer, c.sending, c.timeout, c.deadline = a, sending, timeout, time.Time{}
	c.out, c.dst, c.n, c.err, c.torn, c.stale = req, nil, 0, nil, false, false
	c.reader.reset(c.pool.limits.MaxHead, c.pool.limits.MaxBody)
	a.Reused = c.used
	if c.tls != nil && !c.compose(req) {
		c.stale = true
	} else {
		c.stage = launching
		c.receive()
	}
	c.answer, c.sending, c.out, c.dst = nil, nil, nil, nil
	c.unpack()
	switch {
	case !c.stale:
	case c.pool.wasAborted(c):
		a.fail(Timeout, Aborted)
	case c.used:
		return false
	default: // a new one: trying again might never end
		a.fail(Reset, "connection unusable before the request")
	}
	if !a.KeepAlive {
		c.pool.drop(c)
		return true
	}
	c.used, c.since = true, a.Times.Done
	c.pool.put(c)
	return true
}

// receive writes the request with its first fill and reads until the answer is complete or cannot be any more.
func (c *conn) receive() {
	a, r := c.answer, &c.reader
	for {
		n, err := c.fill()
		if c.stale {
			return
		}
		v := more
		if n > 0 {
			now := time.Now()
			if a.Times.First.IsZero() {
				a.Times.First = now
			}
			a.Times.Done = now
			v = r.feed(n)
		}
		if v == more && err == io.EOF {
			a.Times.Done = time.Now()
			if r.started() {
				v = r.eof()
			}
		}
		switch {
		case v == complete:
			r.deliver(a)
			if len(c.out) > 0 { // answered before the request was written
				a.KeepAlive = false
			}
			return
		case v == broken:
			r.drop()
			a.fail(Framing, r.detail)
			return
		case err != nil:
			a.Times.Done = time.Time{}
			partial := r.partial()
			r.drop()
			if c.failed(err); a.Failure == Timeout && a.Detail != Aborted {
				a.Partial = partial
			}
			return
		}
	}
}

// failed sets the failure of a call whose connection met err.
func (c *conn) failed(err error) {
	a, r := c.answer, &c.reader
	var op *net.OpError
	switch {
	case errors.Is(err, net.ErrClosed) && c.pool.wasAborted(c):
		a.fail(Timeout, Aborted)
	case errors.Is(err, os.ErrDeadlineExceeded) && !a.Started:
		a.fail(Timeout, "request not written within the timeout")
	case errors.Is(err, os.ErrDeadlineExceeded) && !r.started():
		a.fail(Timeout, "no answer within the timeout")
	case errors.Is(err, os.ErrDeadlineExceeded):
		a.fail(Timeout, "timeout "+where[r.state])
	case r.started() && errors.Is(err, io.ErrUnexpectedEOF):
		a.fail(Framing, "closed without close_notify "+where[r.state])
	case r.started():
		a.fail(Framing, reason(err)+" "+where[r.state])
	case errors.As(err, &op) && op.Op == "remote error": // an alert: TLS 1.3 refuses client certificates that late
		a.fail(TLS, printable(op.Err.Error()))
	case err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF):
		a.fail(Reset, "closed before the first byte of an answer")
	default:
		a.fail(Reset, reason(err))
	}
}

// fill writes the request if that is still to be done, and reads some of the answer into the reader's space.
func (c *conn) fill() (int, error) {
	switch {
	case c.tls != nil:
		n, err := c.tls.Read(c.reader.space())
		if err == io.EOF && c.torn {
			err = io.ErrUnexpectedEOF // tls takes a FIN between two records for close_notify
		}
		return n, err
	case c.raw != nil:
		return c.poll(nil)
	default:
		return c.read(c.reader.space())
	}
}

// read does the same as poll by means of package net alone.
func (c *conn) read(dst []byte) (int, error) {
	if c.stage == launching {
		now := time.Now()
		if c.tooOld(now) {
			c.stale = true
			return 0, errStale
		}
		c.begin(now)
		if err := c.finishWriting(); err != nil {
			return 0, err
		}
	}
	return c.tcp.Read(dst)
}

// begin notes the instant Sent, sees to the deadline and tells the caller.
func (c *conn) begin(now time.Time) {
	c.deadline = now.Add(c.timeout)
	c.answer.Times.Sent = now
	// A deadline that is too early is moved when it passes (see poll): so setting it is not needed for each call.
	if c.raw == nil || c.armed.After(c.deadline) || c.armed.Before(now.Add(c.timeout/2)) {
		c.arm(c.deadline)
	}
	if c.sending != nil {
		c.sending(now)
	}
}

func (c *conn) arm(t time.Time) {
	c.armed = t
	c.tcp.SetReadDeadline(t)
}

// tooOld says whether an idle connection must not be trusted any more.
func (c *conn) tooOld(now time.Time) bool {
	return c.used && now.Sub(c.since) > c.pool.limits.MaxIdle
}

// finishWriting writes what is left of the request, waiting as needed. After an error of the connection an answer may
// still be there to be read, so only a passed deadline or an abort is returned.
func (c *conn) finishWriting() error {
	c.stage = answering
	c.tcp.SetWriteDeadline(c.deadline)
	n, err := c.tcp.Write(c.out)
	if n > 0 {
		c.answer.Started = true
	}
	c.out = c.out[n:]
	switch {
	case err == nil:
		c.answer.Times.Written = time.Now()
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, net.ErrClosed):
		return err
	}
	return nil
}

// unpack gives back the memory of the encrypted request.
func (c *conn) unpack() {
	if c.block != nil {
		c.block.free()
		c.block, c.packed = nil, nil
	}
}
