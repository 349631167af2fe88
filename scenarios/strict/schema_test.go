package strict

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestSchemaSaysWhatDecodeAccepts(t *testing.T) {
	text, err := Schema(&doc{}, "documents", map[string][]byte{"section": []byte(`{"$defs":{"inner":{"type":"integer"}},"type":"object","properties":{"a":{"$ref":"#/$defs/inner"}}}`)})
	if err != nil {
		t.Fatal(err)
	}
	var s map[string]any
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	if s["$schema"] != "https://json-schema.org/draft/2020-12/schema" || s["additionalProperties"] != false {
		t.Errorf("head: %v %v", s["$schema"], s["additionalProperties"])
	}
	flat := strings.Join(strings.Fields(string(text)), "")
	for _, want := range []string{
		`"kind":{"type":"string","enum":["open","closed"]}`, `"required":["name"]`, `"minimum":1`, `"maximum":9`,
		`"description":"whatitiscalled"`, `"section.inner":{"type":"integer"}`, `{"$ref":"#/$defs/section.inner"}`, `"anyOf":[{"type":"string"}`,
	} {
		if !strings.Contains(flat, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	for _, never := range []string{"Pos", "Word"} {
		if strings.Contains(flat, never) {
			t.Errorf("%s is in the schema\n%s", never, text)
		}
	}
}

func TestSchemaRefusesUnknownSections(t *testing.T) {
	if _, err := Schema(&doc{}, "", map[string][]byte{"sektion": []byte("{}")}); err == nil {
		t.Error("a section that is no field was accepted")
	}
	if _, err := Schema(&doc{}, "", map[string][]byte{"section": []byte("{")}); err == nil {
		t.Error("a section that is no JSON was accepted")
	}
}
