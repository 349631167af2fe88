package emulator

import _ "embed"

// Sample is a configuration with every setting explained. It is one that works as it stands. A line that begins with # and a
// blank is text; one that begins with # and none is a setting that is off.
//
//go:embed sample.yaml
var Sample string

//go:embed conformance.yaml
var conformanceSample []byte

// ConformanceSample is a configuration of which a conformance suite can provoke every code: short pools with all their numbers
// listed, an account in every state, keys in every state, signs for the faults. The slice is the caller's.
func ConformanceSample() []byte { return append([]byte(nil), conformanceSample...) }
