//go:build !linux

package runner

import "time"

// ClockKind says how the dispatcher sleeps.
const ClockKind = "runtime timer (up to 1 ms late)"

// PreciseSleep says whether a sleep ends within some tens of microseconds of its end.
const PreciseSleep = false

// sleeper sleeps by the runtime's timers.
type sleeper struct{}

func newSleeper() *sleeper { return &sleeper{} }

// sleep waits for d.
func (*sleeper) sleep(d time.Duration) { time.Sleep(d) }

func (*sleeper) close() {}
