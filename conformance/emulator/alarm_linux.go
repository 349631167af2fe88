package emulator

import (
	"os"
	"syscall"
	"unsafe"
)

// alarm is a timerfd: the kernel's high-resolution timer, which the runtime's poller waits for as for any other input, so
// that it is late by a wake-up of a thread (some 50 µs) and not by the poller's milliseconds.
type alarm struct {
	file *os.File
	fd   uintptr
	buf  [8]byte
}

const (
	clockMonotonic = 1
	timerNonblock  = syscall.O_NONBLOCK
	timerCloexec   = syscall.O_CLOEXEC
)

func newAlarm() (*alarm, error) {
	fd, _, errno := syscall.Syscall(syscall.SYS_TIMERFD_CREATE, clockMonotonic, timerNonblock|timerCloexec, 0)
	if errno != 0 {
		return nil, os.NewSyscallError("timerfd_create", errno)
	}
	return &alarm{file: os.NewFile(fd, "timerfd"), fd: fd}, nil
}

// set makes the alarm go off in ns nanoseconds instead of what was set before.
func (a *alarm) set(ns int64) {
	spec := [2]syscall.Timespec{1: syscall.NsecToTimespec(max(1, ns))}
	_, _, _ = syscall.Syscall6(syscall.SYS_TIMERFD_SETTIME, a.fd, 0, uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
}

// wait returns true when the alarm has gone off, false when it is closed.
func (a *alarm) wait() bool {
	_, err := a.file.Read(a.buf[:])
	return err == nil
}

func (a *alarm) close() { _ = a.file.Close() }
