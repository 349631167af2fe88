package fleet

import (
	"syscall"
	"time"
	"unsafe"
)

// bootTime returns the time since this machine was started. Unlike the runtime's monotonic clock it goes on while the machine is
// suspended, or a virtual one stopped: a permission must not outlive that.
func bootTime() time.Duration {
	const clockBoottime = 7
	var t syscall.Timespec
	if _, _, errno := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clockBoottime, uintptr(unsafe.Pointer(&t)), 0); errno != 0 {
		return monotonic()
	}
	return time.Duration(t.Nano())
}
