package emulator

import "sync"

// waiter wakes calls at instants. Its timer is the platform's most precise one (see alarm): Go's own timers fire up to a
// millisecond late. It is safe for concurrent use between start and stop.
type waiter struct {
	alarm *alarm
	mu    sync.Mutex
	heap  []sleeper
	set   int64 // instant the alarm is set to, 0 for none
	late  bool  // nobody waits any more
	done  chan struct{}
}

type sleeper struct {
	until int64
	wake  chan<- struct{}
}

func newWaiter() waiter { return waiter{} }

// start begins to watch the alarm.
func (w *waiter) start() (err error) {
	if w.alarm, err = newAlarm(); err != nil {
		return err
	}
	w.done = make(chan struct{})
	go w.watch()
	return nil
}

// stop ends the watching. Nobody may be waiting any more.
func (w *waiter) stop() {
	w.alarm.close()
	<-w.done
}

// until returns at the instant at, or at once if it has passed. wake must have room for one and is left empty.
func (w *waiter) until(at int64, wake chan struct{}) {
	now := instant()
	if at-now <= int64(pause) {
		return
	}
	w.mu.Lock()
	if w.late {
		w.mu.Unlock()
		return
	}
	w.push(sleeper{at, wake})
	if w.set == 0 || at < w.set {
		w.set = at
		w.alarm.set(at - now)
	}
	w.mu.Unlock()
	<-wake
}

// hurry wakes everybody before the time, and lets nobody wait from now on.
func (w *waiter) hurry() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.late = true
	for len(w.heap) > 0 {
		w.pop().wake <- struct{}{}
	}
}

// watch wakes those whose time has come whenever the alarm goes off.
func (w *waiter) watch() {
	defer close(w.done)
	for w.alarm.wait() {
		w.mu.Lock()
		now := instant()
		for len(w.heap) > 0 && w.heap[0].until <= now {
			w.pop().wake <- struct{}{}
		}
		w.set = 0
		if len(w.heap) > 0 {
			w.set = w.heap[0].until
			w.alarm.set(max(1, w.set-instant()))
		}
		w.mu.Unlock()
	}
}

func (w *waiter) push(s sleeper) {
	w.heap = append(w.heap, s)
	i := len(w.heap) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if w.heap[parent].until <= s.until {
			break
		}
		w.heap[i] = w.heap[parent]
		i = parent
	}
	w.heap[i] = s
}

func (w *waiter) pop() sleeper {
	first, last := w.heap[0], w.heap[len(w.heap)-1]
	w.heap = w.heap[:len(w.heap)-1]
	n := len(w.heap)
	if n == 0 {
		return first
	}
	i := 0
	for {
		child := 2*i + 1
		if child >= n {
			break
		}
		if child+1 < n && w.heap[child+1].until < w.heap[child].until {
			child++
		}
		if w.heap[child].until >= last.until {
			break
		}
		w.heap[i] = w.heap[child]
		i = child
	}
	w.heap[i] = last
	return first
}
