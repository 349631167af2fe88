package emulator

import "slices"

// mutantsNumbers are wrong about pools, numbers and bindings.
var mutantsNumbers = slices.Concat(mutantsChoice, mutantsConflict, mutantsStored)
