package emulator

import _ "embed"

// Sample is a configuration with every setting explained. It is one that works as it stands. A line that begins with # and a
// blank is text; one that begins with # and none is a setting that is off.
//
//go:embed sample.yaml
var Sample string
