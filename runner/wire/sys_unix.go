//go:build unix && (!linux || race)

package wire

import "syscall"

// read and write tell the race detector what they order.

func read(fd int, b []byte) (int, error) { return again(syscall.Read, fd, b) }

func write(fd int, b []byte) (int, error) { return again(syscall.Write, fd, b) }

// again repeats a call that a signal has interrupted.
func again(call func(int, []byte) (int, error), fd int, b []byte) (n int, err error) {
	for {
		if n, err = call(fd, b); err != syscall.EINTR {
			return n, err
		}
	}
}
