package cmd

import (
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write the committed schema anew")

// TestSchemaIsUpToDate holds the schema that is shipped for editors against the one that the program prints, the section of
// the emulator included.
func TestSchemaIsUpToDate(t *testing.T) {
	const shipped = "../../scenarios/scenario.schema.json"
	code, schema, stderr := axbench(nil, "scenarios", "schema")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if *update {
		if err := os.WriteFile(shipped, []byte(schema), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(shipped); err != nil || string(want) != schema {
		t.Errorf("%s is not what axbench scenarios schema prints (go test -update writes it): %v", shipped, err)
	}
}
