package strict

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/invopop/jsonschema"
)

// Schema returns the JSON Schema (draft 2020-12) of what Decode accepts for the type of v, indented and with a line feed at
// the end. Descriptions come from the jsonschema tags. A type with the method SchemaJSON() string gives its own schema.
// sections replaces the schema of Raw fields, by key; a Raw field that it does not name is any mapping.
func Schema(v any, title string, sections map[string][]byte) ([]byte, error) {
	for key, text := range sections {
		if !json.Valid(text) {
			return nil, fmt.Errorf("schema of section %s: not JSON", key)
		}
	}
	s := reflector(mapType).Reflect(v)
	s.Title = title
	for key, text := range sections {
		p, ok := s.Properties.Get(key)
		if !ok {
			return nil, fmt.Errorf("schema of section %s: no such field", key)
		}
		section := &jsonschema.Schema{}
		if err := json.Unmarshal(text, section); err != nil {
			return nil, fmt.Errorf("schema of section %s: %w", key, err)
		}
		hoist(s, section)
		section.Description = p.Description
		s.Properties.Set(key, section)
	}
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	return append(out, '\n'), nil
}

// hoist moves the definitions of a section to the document, where its references look for them.
func hoist(s, section *jsonschema.Schema) {
	if s.Definitions == nil {
		s.Definitions = jsonschema.Definitions{}
	}
	for name, def := range section.Definitions {
		s.Definitions[name] = def
	}
	section.Definitions, section.Version, section.ID = nil, "", ""
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
	s := &jsonschema.Schema{}
	if err := json.Unmarshal([]byte(strings.TrimSpace(own.SchemaJSON())), s); err != nil {
		panic(fmt.Sprintf("strict: schema of %s: %v", t, err))
	}
	return s
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
