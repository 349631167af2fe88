package scenarios

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"axbench/scenarios/strict"
)

//go:embed *.yaml
var files embed.FS

// order is how the embedded scenarios are listed: from the first to try to the longest.
var order = []string{"quickstart", "smoke", "average", "peak", "spike", "soak", "negative", "demo"}

// Embedded returns the names of the embedded scenarios in the order of lists.
func Embedded() []string { return slices.Clone(order) }

// Text returns an embedded scenario as it is written.
func Text(name string) ([]byte, error) {
	if !slices.Contains(order, name) {
		problem := fmt.Sprintf("no embedded scenario %q", name)
		if near := strict.Nearest(name, order); near != "" {
			problem += fmt.Sprintf(", did you mean %q?", near)
		}
		return nil, fmt.Errorf("%s; there are %s", problem, strings.Join(order, ", "))
	}
	return files.ReadFile(name + ".yaml")
}

// LoadEmbedded returns an embedded scenario.
func LoadEmbedded(name string) (*File, error) {
	text, err := Text(name)
	if err != nil {
		return nil, err
	}
	return Parse(name+".yaml", text, nil)
}
