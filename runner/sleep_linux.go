package runner

import (
	"os"
	"syscall"
	"time"
	"unsafe"
)

// ClockKind says how the dispatcher sleeps.
const ClockKind = "timerfd"

// PreciseSleep says whether a sleep ends within some tens of microseconds of its end.
const PreciseSleep = true

// sleeper sleeps by a timer file that the runtime's poller waits for: the kernel wakes it by a high-resolution timer,
// where the runtime's own timers are rounded up to the poller's whole milliseconds. It is for one goroutine.
type sleeper struct {
	file *os.File
	buf  [8]byte
}

type itimerspec struct{ interval, value syscall.Timespec }

func newSleeper() *sleeper {
	const clockMonotonic, nonblock, cloexec = 1, 0x800, 0x80000
	fd, _, errno := syscall.Syscall(syscall.SYS_TIMERFD_CREATE, clockMonotonic, nonblock|cloexec, 0)
	if errno != 0 {
		return &sleeper{}
	}
	return &sleeper{file: os.NewFile(fd, "timerfd")}
}

// sleep waits for d.
func (s *sleeper) sleep(d time.Duration) {
	if d <= 0 {
		return
	}
	if s.file == nil {
		time.Sleep(d)
		return
	}
	spec := itimerspec{value: syscall.NsecToTimespec(int64(d))}
	rc, err := s.file.SyscallConn()
	if err == nil {
		err = rc.Control(func(fd uintptr) {
			syscall.RawSyscall6(syscall.SYS_TIMERFD_SETTIME, fd, 0, uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
		})
	}
	if err == nil {
		_, err = s.file.Read(s.buf[:])
	}
	if err != nil {
		time.Sleep(d)
	}
}

func (s *sleeper) close() {
	if s.file != nil {
		s.file.Close()
	}
}
