package strict

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/invopop/jsonschema"
)

// Schema returns the JSON Schema (draft 2020-12) of what Decode accepts for the type of v, indented and with a line feed at
// the end. Descriptions come from the jsonschema tags. A type with the method SchemaJSON() string gives its own schema.
// sections replaces the schema of Raw fields, by key; a Raw field that it does not name is any mapping.
func Schema(v any, title string, sections map[string][]byte) ([]byte, error) {
	s := reflector(mapType).Reflect(v)
	s.Title = title
	for key, text := range sections {
		p, ok := s.Properties.Get(key)
		if !ok {
			return nil, fmt.Errorf("schema of section %s: no such field", key)
		}
		section, err := hoist(s, key, text)
		if err != nil {
			return nil, fmt.Errorf("schema of section %s: %w", key, err)
		}
		section.Description = p.Description
		s.Properties.Set(key, section)
	}
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	return append(out, '\n'), nil
}

// hoist reads the schema of a section and moves its definitions to the document, where references look for them, with the
// section's key before their names.
func hoist(s *jsonschema.Schema, key string, text []byte) (*jsonschema.Schema, error) {
	const ref = `"#/$defs/`
	var section map[string]any
	if err := json.Unmarshal(bytes.ReplaceAll(text, []byte(ref), []byte(ref+key+".")), &section); err != nil {
		return nil, err
	}
	if s.Definitions == nil {
		s.Definitions = jsonschema.Definitions{}
	}
	defs, _ := section["$defs"].(map[string]any)
	for name, def := range defs {
		m, ok := def.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("definition %s is no object", name)
		}
		s.Definitions[key+"."+name] = &jsonschema.Schema{Extras: m}
	}
	for _, head := range []string{"$defs", "$schema", "$id", "title", "description"} {
		delete(section, head)
	}
	return &jsonschema.Schema{Extras: section}, nil
}

// mapType gives the schemas of the types that the decoder treats in its own way.
func mapType(t reflect.Type) *jsonschema.Schema {
	switch t {
	case typeDuration:
		return &jsonschema.Schema{Type: "string", Pattern: `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`, Examples: []any{"500ms", "10s", "1m30s"}}
	case typeRaw:
		return &jsonschema.Schema{Type: "object"}
	}
	own, ok := reflect.New(t).Interface().(interface{ SchemaJSON() string })
	if !ok {
		return union(t)
	}
	s, err := readSchema([]byte(own.SchemaJSON()))
	if err != nil {
		panic(fmt.Sprintf("strict: schema of %s: %v", t, err))
	}
	return s
}

// readSchema reads a schema; a list of types, which the library does not have, is kept beside it.
func readSchema(text []byte) (*jsonschema.Schema, error) {
	var head struct {
		Type any `json:"type"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, err
	}
	s := &jsonschema.Schema{}
	if types, ok := head.Type.([]any); ok {
		var rest map[string]json.RawMessage
		if err := json.Unmarshal(text, &rest); err != nil {
			return nil, err
		}
		delete(rest, "type")
		text, _ = json.Marshal(rest) // it was JSON before
		s.Extras = map[string]any{"type": types}
	}
	return s, json.Unmarshal(text, s)
}

// union gives the schema of a type that reads a scalar by UnmarshalText or else a list or a mapping by its kind.
func union(t reflect.Type) *jsonschema.Schema {
	composite := t.Kind() == reflect.Slice || t.Kind() == reflect.Struct && len(fieldsOf(t).names) > 0
	if !composite || !reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return nil
	}
	r := reflector(func(inner reflect.Type) *jsonschema.Schema {
		if inner == t {
			return nil
		}
		return mapType(inner)
	})
	r.DoNotReference = true
	s := r.ReflectFromType(t)
	s.Version = ""
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Type: "string"}, {Type: "number"}, {Type: "boolean"}, s}}
}

func reflector(mapper func(reflect.Type) *jsonschema.Schema) *jsonschema.Reflector {
	return &jsonschema.Reflector{
		FieldNameTag:               "yaml",
		RequiredFromJSONSchemaTags: true,
		Anonymous:                  true,
		ExpandedStruct:             true,
		Mapper:                     mapper,
	}
}
