package scenarios

import "axbench/scenarios/strict"

// Schema returns the JSON Schema (draft 2020-12) of the format, for editors. emulator is the schema of the emulator
// section; nil leaves the section open. The file scenario.schema.json is Schema(nil).
func Schema(emulator []byte) ([]byte, error) {
	sections := map[string][]byte{}
	if emulator != nil {
		sections["emulator"] = emulator
	}
	return strict.Schema(&File{}, "axbench scenario", sections)
}
