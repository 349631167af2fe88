package scenarios

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write golden files")

func matches(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not up to date (go test -update writes it): %v\n%s", path, err, got)
	}
}

func TestSchemaTakesTheEmulatorSection(t *testing.T) {
	text, err := Schema([]byte(`{"type":"object","properties":{"seed":{"type":"integer"}},"additionalProperties":false}`))
	if err != nil || !bytes.Contains(text, []byte(`"seed"`)) || !json.Valid(text) {
		t.Errorf("%v\n%s", err, text)
	}
	if _, err := Schema([]byte("{")); err == nil {
		t.Error("a section that is no JSON was accepted")
	}
}

// Every key of the format has its place and a description in the schema.
func TestSchemaHasEveryKey(t *testing.T) {
	text, err := os.ReadFile("scenario.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	keys := 0
	for _, v := range []any{File{}, Request{}, Value{}, Phase{}, Safety{}, Bindings{}, Negative{}, LateGate{}, Generators{}, Burst{}, Think{}, Step{}, Ramp{}, Column{}} {
		for _, f := range reflect.VisibleFields(reflect.TypeOf(v)) {
			if key := f.Tag.Get("yaml"); key != "" && key != "-" {
				keys++
				if !strings.Contains(string(text), `"`+key+`": {`) {
					t.Errorf("%T: no key %s in the schema", v, key)
				}
			}
		}
	}
	if keys < 60 {
		t.Errorf("only %d keys were looked at", keys)
	}
}
