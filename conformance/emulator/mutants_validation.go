package emulator

import "slices"

// mutantsValidation take what they must refuse, refuse what they must take, or say the wrong thing of it.
var mutantsValidation = slices.Concat(mutantsPools, mutantsPhones, mutantsDates, mutantsOptions)
