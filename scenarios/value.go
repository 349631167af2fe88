package scenarios

import (
	"slices"
	"strings"
	"time"

	"axbench/scenarios/strict"
)

// Value is how a parameter gets its value: one as it is sent, or exactly one of the keys below.
type Value struct {
	Pos      strict.Pos `yaml:"-"`
	Mobile   Ranges     `yaml:"mobile" jsonschema_description:"Mobile numbers: one range or a list of ranges."`
	Landline Ranges     `yaml:"landline" jsonschema_description:"Landline numbers with area code and without a hyphen inside: one range or a list of ranges."`
	List     []Literal  `yaml:"list" jsonschema_description:"One of these values."`
	Cities   []Literal  `yaml:"cities" jsonschema_description:"One of these cities, written without suffix."`
	In       *Span      `yaml:"in" jsonschema_description:"A time from now in UTC+8, or one from a range: 10m, 5m..30m."`
	Template string     `yaml:"template" jsonschema_description:"Text with {k} (index of the call), {n} (index plus offset), {seed} and {run} (random, new in each run)."`
	CSV      string     `yaml:"csv" jsonschema_description:"A CSV file, as a path from the scenario's folder. Parameters of one call from the same file are of the same row."`
	Column   string     `yaml:"column" jsonschema_description:"With csv: the column, by the name in the first row."`
	Order    string     `yaml:"order" jsonschema:"enum=sequential,enum=random" jsonschema_description:"Default: sequential for numbers and csv, random for lists and cities."`

	fixed string // of a value as it is sent
	parts []part // of a template
	rows  []string
}

// part is a piece of a template: text, or the placeholder that follows it.
type part struct {
	text string
	hole string // k, n, seed or run; "" for none
}

var sourceKeys = []string{"mobile", "landline", "list", "cities", "in", "template", "csv"}

var placeholders = []string{"k", "n", "run", "seed"}

// UnmarshalText takes a value as it is sent.
func (v *Value) UnmarshalText(text []byte) error {
	v.fixed = string(text)
	return nil
}

// source returns the key that says where values come from, "" for a fixed one.
func (v *Value) source() string {
	for _, key := range sourceKeys {
		if v.Pos.Has(key) {
			return key
		}
	}
	return ""
}

// isMapping reports whether the value was written as a mapping.
func (v *Value) isMapping() bool {
	return v.source() != "" || v.Pos.Has("column") || v.Pos.Has("order")
}

// ranges returns the number ranges of the value, if that is what it draws from.
func (v *Value) ranges() Ranges {
	if v.Mobile != nil {
		return v.Mobile
	}
	return v.Landline
}

// choices returns the values of a list, of cities or of a column.
func (v *Value) choices() []string {
	var out []string
	for _, t := range append(slices.Clone(v.List), v.Cities...) {
		out = append(out, string(t))
	}
	return append(out, v.rows...)
}

// sequential reports whether values are taken in order.
func (v *Value) sequential() bool {
	if v.Order != "" {
		return v.Order == "sequential"
	}
	return v.ranges() != nil || v.CSV != ""
}

// numbered are the parameters that hold phone numbers.
var numbered = []string{"PhoneNoA", "PhoneNoB", "PhoneNoX", "SecretNo"}

// check holds a value of the parameter of that name against its own rules, and reads its column.
func (v *Value) check(name string, tables map[string]*table) error {
	kind, second := "", ""
	for _, key := range sourceKeys {
		if v.Pos.Has(key) {
			kind, second = key, kind
			if second != "" {
				return v.Pos.Error(key, "the value has a second source beside "+second, "one of "+strings.Join(sourceKeys, ", "))
			}
		}
	}
	switch {
	case kind == "" && v.isMapping():
		return v.Pos.Error("", "the value has no source", "one of "+strings.Join(sourceKeys, ", "))
	case v.Pos.Has("order") && (kind == "in" || kind == "template"):
		return v.Pos.Error("order", "such values have no order", "order beside mobile, landline, list, cities or csv")
	case v.Pos.Has("column") != (kind == "csv"):
		return v.Pos.Error("column", "a column belongs to a csv file, and a csv file needs one", "csv and column together")
	case kind == "cities" && name != "ExpectCity":
		return v.Pos.Error("cities", "only ExpectCity is a city", "list for other parameters")
	case kind == "in" && name != "Expiration":
		return v.Pos.Error("in", "only Expiration is a time", "list or template for other parameters")
	case kind == "template" && (slices.Contains(numbered, name) || name == "Expiration"):
		return v.Pos.Error("template", "a template makes no numbers and no times", "mobile, landline, list or csv; in for Expiration")
	}
	return v.checkSource(kind, tables)
}

func (v *Value) checkSource(kind string, tables map[string]*table) (err error) {
	switch kind {
	case "mobile":
		for _, r := range v.Mobile {
			if r.Digits != 11 || r.From < 13000000000 || r.To > 19999999999 {
				return v.Pos.Error(kind, "not mobile numbers", "11 digits that begin with 13 to 19, such as 15000000000-15000000999")
			}
		}
	case "landline":
		for _, r := range v.Landline {
			if r.Digits < 10 || r.Digits > 12 || r.First()[0] != '0' {
				return v.Pos.Error(kind, "not landline numbers", "area code and number, 10 to 12 digits with a 0 in front, such as 057188990000-057188990099")
			}
		}
	case "template":
		v.parts, err = v.parse()
		return err
	case "csv":
		v.rows, _, err = tables[v.CSV].column(&v.Pos, v.Column)
		return err
	}
	if ok := kind == "" || kind == "in" || v.ranges().Len() > 0 || len(v.choices()) > 0; !ok {
		return v.Pos.Error(kind, "the list is empty", "at least one value")
	}
	return nil
}

// parse splits a template at its placeholders.
func (v *Value) parse() (parts []part, err error) {
	rest := v.Template
	for {
		text, after, found := strings.Cut(rest, "{")
		hole, behind, closed := strings.Cut(after, "}")
		switch {
		case !found:
			return append(parts, part{text: text}), nil
		case !closed || !slices.Contains(placeholders, hole):
			return nil, v.Pos.Error("template", "unknown placeholder", "{k}, {n}, {seed} and {run}")
		}
		parts = append(parts, part{text, hole})
		rest = behind
	}
}

// checkSound holds a value of a call that expects OK against what the document wants of it.
func (v *Value) checkSound(name string, tables map[string]*table) error {
	if name == "Expiration" && v.In != nil && v.In.From <= time.Minute {
		return v.Pos.Error("in", "OK is expected, but an Expiration must be more than a minute ahead", "a time above 1m, or the expected code isv.EXPIRE_DATE_ILLEGAL")
	}
	if !slices.Contains(numbered, name) || v.ranges() != nil {
		return nil
	}
	const problem, accepted = "OK is expected, but this is no phone number", "digits only, such as 15000000000 or 057188990000"
	if v.CSV != "" {
		for i, s := range v.rows {
			if _, ok := digits(s); !ok {
				return tables[v.CSV].fail(i+1, v.Column, problem, accepted)
			}
		}
		return nil
	}
	values, key := v.choices(), "list"
	if len(values) == 0 {
		values, key = []string{v.fixed}, ""
	}
	for _, s := range values {
		if _, ok := digits(s); !ok {
			return v.Pos.Error(key, problem, accepted)
		}
	}
	return nil
}
