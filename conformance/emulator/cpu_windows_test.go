package emulator

import "time"

// cpu stands in for the CPU time of this process, which the benchmarks do not measure here.
func cpu() time.Duration { return time.Since(began) }
