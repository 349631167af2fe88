package conformance

import (
	_ "embed"

	"axbench/scenarios/strict"
)

//go:embed provision.init.yaml
var provisionTemplate []byte

// ProvisionTemplate returns a provisioning file to start from, with every key explained. It is read as it stands; its values
// are examples. The slice is the caller's.
func ProvisionTemplate() []byte { return append([]byte(nil), provisionTemplate...) }

// ProvisionSchema returns the JSON Schema (draft 2020-12) of provisioning files, for editors: the file
// provision.schema.json.
func ProvisionSchema() ([]byte, error) {
	return strict.Schema(&Provision{}, "axbench provisioning", nil)
}
