package conformance

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"axbench/scenarios/strict"
)

var updateGolden = flag.Bool("update-provision", false, "write provision.schema.json")

func TestProvisionSchemaIsCurrent(t *testing.T) {
	got, err := ProvisionSchema()
	if err != nil {
		t.Fatal(err)
	}
	if *updateGolden {
		if err := os.WriteFile("provision.schema.json", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("provision.schema.json")
	if err != nil || !bytes.Equal(got, want) || !json.Valid(got) {
		t.Errorf("provision.schema.json is not up to date (go test -update-provision writes it): %v", err)
	}
}

// provisionKeys lists every key of the format with its type.
func provisionKeys(t reflect.Type, to map[string]bool) {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[strict.Pos]() {
		return
	}
	for _, f := range reflect.VisibleFields(t) {
		if key := f.Tag.Get("yaml"); key != "" && key != "-" {
			to[key] = true
			provisionKeys(f.Type, to)
		}
	}
}

// descriptions collects the properties of a schema that have a description.
func descriptions(node any, to map[string]bool) {
	object, _ := node.(map[string]any)
	properties, _ := object["properties"].(map[string]any)
	for key, p := range properties {
		text, _ := p.(map[string]any)["description"].(string)
		to[key] = to[key] || text != ""
	}
	for _, child := range object {
		descriptions(child, to)
	}
}

// TestProvisionKeysAreExplained holds the keys of the format against the schema and the template.
func TestProvisionKeysAreExplained(t *testing.T) {
	schema, err := ProvisionSchema()
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	provisionKeys(reflect.TypeFor[Provision](), keys)
	if len(keys) < 40 {
		t.Fatalf("only %d keys found", len(keys))
	}
	var tree any
	if err := json.Unmarshal(schema, &tree); err != nil {
		t.Fatal(err)
	}
	described := map[string]bool{}
	descriptions(tree, described)
	for key := range keys {
		if !described[key] {
			t.Errorf("no description of %s in the schema", key)
		}
		if !regexp.MustCompile(`(?m)(^|[ {])`+key+`: `).Match(provisionTemplate) && !regexp.MustCompile(`(?m)^ *`+key+`:( +#.*)?$`).Match(provisionTemplate) {
			t.Errorf("the template does not have %s", key)
		}
	}
	if strings.Contains(string(schema), "spans") || strings.Contains(string(schema), "Pos") {
		t.Error("the schema has what is no key")
	}
}

// TestProvisionTemplate reads the template as it stands.
func TestProvisionTemplate(t *testing.T) {
	p, err := ParseProvision("provision.init.yaml", ProvisionTemplate())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range knownCredentials {
		if _, ok := p.Credentials[name]; !ok {
			t.Errorf("no credential %s", name)
		}
	}
	if pools := slices.Sorted(maps.Keys(p.Pools)); !slices.Equal(pools, slices.Sorted(slices.Values(knownPools))) {
		t.Errorf("pools %v", pools)
	}
	for i, line := range strings.Split(string(provisionTemplate), "\n") {
		if len([]rune(line)) > 150 || strings.TrimRight(line, " ") != line {
			t.Errorf("line %d is too long, or ends in a space", i+1)
		}
	}
	ProvisionTemplate()[0] = 'x'
	if provisionTemplate[0] != '#' {
		t.Error("the slice is not the caller's")
	}
}
