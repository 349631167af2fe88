package fleet

import "time"

var processStarted = time.Now()

// monotonic is the runtime's monotonic clock.
func monotonic() time.Duration { return time.Since(processStarted) }
