package main

import (
	"runtime"
	"slices"
	"syscall"
	"time"
)

// witness sleeps half a millisecond at a time on a thread of its own, with the kernel's timer and nothing of ours in between, and
// remembers how late it woke: what no program on this machine can do better in these seconds.
type witness struct {
	late []time.Duration
	stop chan struct{}
	done chan struct{}
}

func newWitness() *witness {
	w := &witness{stop: make(chan struct{}), done: make(chan struct{})}
	go w.watch()
	return w
}

func (w *witness) watch() {
	runtime.LockOSThread()
	defer close(w.done)
	const nap = 500 * time.Microsecond
	request := syscall.NsecToTimespec(int64(nap))
	for {
		select {
		case <-w.stop:
			return
		default:
		}
		began := time.Now()
		_ = syscall.Nanosleep(&request, nil)
		w.late = append(w.late, time.Since(began)-nap)
	}
}

// end returns the 99th percentile of how late the witness woke.
func (w *witness) end() time.Duration {
	close(w.stop)
	<-w.done
	slices.Sort(w.late)
	return w.late[len(w.late)*99/100]
}
