//go:build !race

package emulator

import (
	"io"
	"net"
	"os"
	"syscall"
	"unsafe"
)

// direct reads and writes a connection without telling the scheduler of each system call: on a socket that does not block
// they are short, and being told costs the runtime more than the call, up to a thread to wake up. It is for one goroutine.
type direct struct {
	raw             syscall.RawConn
	buf             []byte
	n               int
	err             error
	readOn, writeOn func(fd uintptr) bool // made once, so that a call allocates nothing
}

// newDirect returns nil for a connection that is no TCP socket.
func newDirect(c net.Conn) *direct {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return nil
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil
	}
	d := &direct{raw: raw}
	d.readOn, d.writeOn = d.tryRead, d.tryWrite
	return d
}

func (d *direct) read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	d.buf, d.n, d.err = p, 0, nil
	if err := d.raw.Read(d.readOn); err != nil {
		return 0, err
	}
	return d.n, d.err
}

func (d *direct) write(p []byte) (int, error) {
	d.buf, d.n, d.err = p, 0, nil
	if err := d.raw.Write(d.writeOn); err != nil {
		return d.n, err
	}
	return d.n, d.err
}

// tryRead returns false when there is nothing to read yet.
func (d *direct) tryRead(fd uintptr) bool {
	n, errno := plainCall(syscall.SYS_READ, fd, d.buf)
	switch {
	case errno == syscall.EAGAIN:
		return false
	case errno != 0:
		d.err = os.NewSyscallError("read", errno)
	case n == 0:
		d.err = io.EOF
	}
	d.n = n
	return true
}

// tryWrite returns false when the socket takes no more for now.
func (d *direct) tryWrite(fd uintptr) bool {
	for len(d.buf) > 0 {
		n, errno := plainCall(syscall.SYS_WRITE, fd, d.buf)
		if errno == syscall.EAGAIN {
			return false
		}
		if errno != 0 {
			d.err = os.NewSyscallError("write", errno)
			return true
		}
		d.n += n
		d.buf = d.buf[n:]
	}
	return true
}

// plainCall makes one call, again when a signal has interrupted it.
func plainCall(call, fd uintptr, b []byte) (int, syscall.Errno) {
	for {
		n, _, errno := syscall.RawSyscall(call, fd, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
		switch errno {
		case 0:
			return int(n), 0
		case syscall.EINTR:
		default:
			return 0, errno
		}
	}
}
