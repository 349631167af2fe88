//go:build unix

package wire

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// defaultMaxIdle is below the 25 s after which the gateway closes.
const defaultMaxIdle = 20 * time.Second

// rawConn gives access to the descriptor, nil if there is none.
func rawConn(tcp *net.TCPConn) syscall.RawConn {
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// poll does one round of I/O on the descriptor: look, write and wait, or read, as the stage has it. dst nil means the
// reader's space, which is taken only once there is something to read.
//
// A request is written inside the callback of RawConn.Read. The runtime has then already cleared the readiness of the
// descriptor, so an answer to the request wakes the goroutine up, and there is no need to try a read that is bound to find nothing.
func (c *conn) poll(dst []byte) (int, error) {
	c.dst = dst
	for {
		c.n, c.err = 0, nil
		err := c.raw.Read(c.step)
		switch {
		case c.stale:
			return 0, errStale
		case errors.Is(err, os.ErrDeadlineExceeded):
			if err := c.rearm(); err != nil {
				return 0, err
			}
			continue
		case err != nil:
			return 0, err
		case c.stage == launching:
			if err := c.finishWriting(); err != nil {
				return 0, err
			}
			continue
		}
		return c.n, c.err
	}
}

// onDescriptor is the callback of RawConn.Read: true ends the round, false waits until the descriptor can be read.
func (c *conn) onDescriptor(fd uintptr) bool {
	if c.stage == launching {
		return !c.launch(int(fd))
	}
	if c.dst == nil {
		c.dst = c.reader.space()
	}
	n, err := read(int(fd), c.dst)
	switch {
	case err == syscall.EAGAIN && c.stage == probing:
		c.err = errNothing
		return true
	case err == syscall.EAGAIN:
		return false
	case err != nil:
		c.err = os.NewSyscallError("read", err)
	case n == 0:
		c.err = io.EOF
	default:
		c.n = n
	}
	return true
}

// launch looks at a used connection and writes the request. It returns true if the whole request was written.
func (c *conn) launch(fd int) bool {
	if c.used && c.tls == nil && !c.quiet(fd) {
		c.stale = true
		return false
	}
	now := time.Now()
	if c.tooOld(now) {
		c.stale = true
		return false
	}
	c.begin(now)
	n, _ := write(fd, c.out)
	if n > 0 {
		c.answer.Started = true
		c.out = c.out[n:]
	}
	if len(c.out) > 0 { // finishWriting meets the error, if there is one, again
		return false
	}
	c.answer.Times.Written = time.Now()
	c.stage = answering
	return true
}

// quiet says whether an idle connection is open and silent. What it reads is lost, but so is the connection then.
func (c *conn) quiet(fd int) bool {
	var b [1]byte
	n, err := read(fd, b[:])
	if n > 0 {
		c.pool.stray.Add(1)
	}
	return err == syscall.EAGAIN
}
