//go:build !linux

package runner

import "time"

// machineTime is not known here.
func machineTime() (busy time.Duration, ok bool) { return 0, false }
