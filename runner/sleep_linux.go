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
	file  *os.File
	raw   syscall.RawConn // nil: the system has no timer files left
	spec  itimerspec
	armed bool
	count uint64                // of expirations; nobody asks
	ring  func(fd uintptr) bool // made once, so that a sleep allocates nothing
}

type itimerspec struct{ interval, value syscall.Timespec }

func newSleeper() *sleeper {
	const clockMonotonic, nonblock, cloexec = 1, 0x800, 0x80000
	s := &sleeper{}
	fd, _, errno := syscall.Syscall(syscall.SYS_TIMERFD_CREATE, clockMonotonic, nonblock|cloexec, 0)
	if errno != 0 {
		return s
	}
	s.file = os.NewFile(fd, "timerfd")
	s.raw, _ = s.file.SyscallConn() // an error leaves nil
	s.ring = s.poll
	return s
}

// poll is called twice a sleep: it sets the timer, and reads it when the poller says that it has run out.
func (s *sleeper) poll(fd uintptr) bool {
	if !s.armed {
		s.armed = true
		_, _, errno := syscall.RawSyscall6(syscall.SYS_TIMERFD_SETTIME, fd, 0, uintptr(unsafe.Pointer(&s.spec)), 0, 0, 0)
		return errno != 0
	}
	_, _, errno := syscall.RawSyscall(syscall.SYS_READ, fd, uintptr(unsafe.Pointer(&s.count)), 8)
	return errno != syscall.EAGAIN
}

// sleep waits for d.
func (s *sleeper) sleep(d time.Duration) {
	if d <= 0 {
		return
	}
	if s.raw == nil {
		time.Sleep(d)
		return
	}
	s.spec.value, s.armed = syscall.NsecToTimespec(int64(d)), false
	if err := s.raw.Read(s.ring); err != nil {
		time.Sleep(d)
	}
}

func (s *sleeper) close() {
	if s.file != nil {
		s.file.Close()
	}
}
