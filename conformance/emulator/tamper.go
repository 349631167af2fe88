package emulator

import (
	"errors"
	"net"
	"time"
)

// tamper is what happens to the next answer on its way out. The zero tamper lets it pass.
type tamper struct {
	rewrite func(answer []byte) []byte // what is written instead, may be empty
	pace    time.Duration              // written byte by byte, with this between them
	then    ending
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

// pass reports whether the answer goes out as it is.
func (t *tamper) pass() bool { return t.rewrite == nil && t.pace == 0 && t.then == endKeep }

// tampered writes p in the way that was asked for. It returns errEnded when the connection is over.
func (c *conn) tampered(p []byte) error {
	t := c.tamper
	c.tamper = tamper{}
	if t.rewrite != nil {
		p = t.rewrite(p)
	}
	if err := c.drip(p, t.pace); err != nil {
		return err
	}
	switch t.then {
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
		if tcp, ok := c.raw.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = c.raw.Close()
	}
	return errEnded
}

// drip writes p, byte by byte if there is a pace. It ends early when the server stops.
func (c *conn) drip(p []byte, pace time.Duration) error {
	for pace > 0 && len(p) > 1 {
		if _, err := c.put(p[:1]); err != nil {
			return err
		}
		p = p[1:]
		select {
		case <-c.server.stopping:
			pace = 0
		case <-time.After(pace):
		}
	}
	if len(p) == 0 {
		return nil
	}
	_, err := c.put(p)
	return err
}

// untilGone waits until the client closes, the server stops or hangTime is over. What the client sends meanwhile is lost.
func (c *conn) untilGone() {
	gone := make(chan struct{})
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
