//go:build !race

package wire

import (
	"syscall"
	"unsafe"
)

// read and write are those of package syscall without telling the scheduler: on a descriptor that does not block they are
// short, and being told may cost the scheduler more, a thread to wake up, than the call.

func read(fd int, b []byte) (int, error) { return direct(syscall.SYS_READ, fd, b) }

func write(fd int, b []byte) (int, error) { return direct(syscall.SYS_WRITE, fd, b) }

func direct(call uintptr, fd int, b []byte) (int, error) {
	for {
		n, _, errno := syscall.RawSyscall(call, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
		switch errno {
		case 0:
			return int(n), nil
		case syscall.EINTR:
		case syscall.EAGAIN:
			return 0, syscall.EAGAIN
		default:
			return 0, errno
		}
	}
}
