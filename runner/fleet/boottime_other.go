//go:build !linux

package fleet

import "time"

// bootTime returns the time since this process was started: the monotonic clock, which may stand still while the machine is suspended.
func bootTime() time.Duration { return monotonic() }
