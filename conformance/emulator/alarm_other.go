//go:build !linux

package emulator

import (
	"sync"
	"time"
)

// alarm is a timer of the runtime, up to a millisecond late. The truth says how late the answers really were.
type alarm struct {
	timer *time.Timer
	quit  chan struct{}
	once  sync.Once
}

func newAlarm() (*alarm, error) {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return &alarm{timer: t, quit: make(chan struct{})}, nil
}

// set makes the alarm go off in ns nanoseconds instead of what was set before.
func (a *alarm) set(ns int64) { a.timer.Reset(time.Duration(ns)) }

// wait returns true when the alarm has gone off, false when it is closed.
func (a *alarm) wait() bool {
	select {
	case <-a.timer.C:
		return true
	case <-a.quit:
		return false
	}
}

func (a *alarm) close() { a.once.Do(func() { close(a.quit) }) }
