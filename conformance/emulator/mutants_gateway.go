package emulator

import "slices"

// mutantsGateway are wrong in front of the service: signatures, timestamps, nonces.
var mutantsGateway = slices.Concat(mutantsSignature, mutantsCommon)
