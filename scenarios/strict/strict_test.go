package strict

import (
	"errors"
	"strings"
	"testing"
	"time"
)

type even int

func (e *even) UnmarshalText(b []byte) error {
	switch string(b) {
	case "two":
		*e = 2
	case "four":
		*e = 4
	default:
		return &Invalid{Problem: "not an even number", Accepted: "two or four"}
	}
	return nil
}

// either reads a word or a mapping.
type either struct {
	Word string `yaml:"-"`
	From int    `yaml:"from"`
	To   int    `yaml:"to" jsonschema:"required"`
}

func (e *either) UnmarshalText(b []byte) error { e.Word = string(b); return nil }

type item struct {
	Pos    Pos               `yaml:"-"`
	Name   string            `yaml:"name" jsonschema:"required,description=what it is called"`
	For    time.Duration     `yaml:"for"`
	Count  int               `yaml:"count" jsonschema:"minimum=1,maximum=9"`
	Ratio  float64           `yaml:"ratio"`
	On     bool              `yaml:"on"`
	Even   even              `yaml:"even"`
	Either *either           `yaml:"either"`
	Params map[string]either `yaml:"params"`
	Secret string            `yaml:"secret"`
}

type doc struct {
	Kind    string   `yaml:"kind" jsonschema:"enum=open,enum=closed"`
	Phases  []item   `yaml:"phases"`
	Section Raw      `yaml:"section"`
	Words   []string `yaml:"words"`
	Pos     Pos      `yaml:"-"`
}

func (*doc) Refuse(key string) (problem, accepted string) {
	if key == "insecure" {
		return "this is never in a file", "the flag --insecure"
	}
	return "", ""
}

func TestDecode(t *testing.T) {
	const text = `# 注释
kind: open
phases:
  - name: 预热
    for: 1m30s
    count: 3
    ratio: 2.5
    on: true
    even: two
    either: word
    params: {B: {from: 1, to: 2}, A: 057188992688}
  - {name: False, either: {to: 9}}
words: [a, 0571, "x"]
section:
  # kept
  a: 1

  b:
    - c
`
	var d doc
	if err := Decode("f.yaml", []byte(text), 1, &d); err != nil {
		t.Fatal(err)
	}
	p := d.Phases[0]
	if p.Name != "预热" || p.For != 90*time.Second || p.Count != 3 || p.Ratio != 2.5 || !p.On || p.Even != 2 || p.Either.Word != "word" {
		t.Errorf("first item: %+v", p)
	}
	if p.Params["A"].Word != "057188992688" || p.Params["B"].To != 2 {
		t.Errorf("params: %+v", p.Params)
	}
	if d.Phases[1].Name != "False" || d.Phases[1].Either.To != 9 || strings.Join(d.Words, ",") != "a,0571,x" {
		t.Errorf("text as written: %+v %v", d.Phases[1], d.Words)
	}
	if d.Section.Line != 16 && d.Section.Line != 15 || !strings.Contains(string(d.Section.Text), "    - c\n") {
		t.Errorf("section from line %d: %q", d.Section.Line, d.Section.Text)
	}
	if e := p.Pos.Error("count", "odd", "even"); e.Error() != `f.yaml:6:12: phases[0].count: odd ("3"); accepted: even` {
		t.Errorf("position: %v", e)
	}
	if e := d.Pos.Error("words[1]", "odd", "even"); e.Error() != `f.yaml:13:12: words[1]: odd ("0571"); accepted: even` {
		t.Errorf("position of an element: %v", e)
	}
}

// A struct that stands in a map knows its place, and so do the entries of its own maps.
func TestMapsKeepPositions(t *testing.T) {
	type pool struct {
		Pos     Pos                 `yaml:"-"`
		Numbers map[string][]string `yaml:"numbers"`
		Header  map[string]string   `yaml:"header"`
	}
	var d struct {
		Pools map[string]pool `yaml:"pools"`
	}
	const text = "pools:\n  main:\n    numbers:\n      杭州: [a, b]\n      北京:\n        - c\n    header: {X-Fault: dao}\n  small: {header: {Y: z}}\n"
	if err := Decode("f.yaml", []byte(text), 1, &d); err != nil {
		t.Fatal(err)
	}
	main, small := d.Pools["main"], d.Pools["small"]
	for _, tt := range []struct {
		err  *Error
		want string
	}{
		{main.Pos.Error("numbers.杭州[1]", "odd", ""), `f.yaml:4:15: pools.main.numbers.杭州[1]: odd ("b")`},
		{main.Pos.Error("numbers.北京[0]", "odd", ""), `f.yaml:6:11: pools.main.numbers.北京[0]: odd ("c")`},
		{main.Pos.Error("numbers.北京", "odd", ""), `f.yaml:5:7: pools.main.numbers.北京: odd`},
		{main.Pos.Error("header.X-Fault", "odd", ""), `f.yaml:7:23: pools.main.header.X-Fault: odd ("dao")`},
		{small.Pos.Error("header.Y", "odd", ""), `f.yaml:8:23: pools.small.header.Y: odd ("z")`},
		{small.Pos.Error("numbers", "missing", ""), `f.yaml:8:10: pools.small.numbers: missing`},
	} {
		if tt.err.Error() != tt.want {
			t.Errorf("got  %v\nwant %s", tt.err, tt.want)
		}
	}
}

func TestWrong(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"unknown key", "phases: []\nkimd: open\n", `f.yaml:2:1: kimd: unknown key, did you mean "kind"?; accepted: kind, phases, section, words`},
		{"unknown key in a list", "phases:\n  - name: a\n    duration: 1s\n", `f.yaml:3:5: phases[0].duration: unknown key, did you mean "ratio"?`},
		{"duplicate", "kind: open\nphases: []\nkind: open\n", `f.yaml:3:1: kind: this key stands twice, first on line 1`},
		{"duplicate in flow", "phases: [{name: a, name: b}]\n", `f.yaml:1:20: phases[0].name: this key stands twice`},
		{"enum", "kind: opem\n", `f.yaml:1:7: kind: not one of the accepted values, did you mean "open"? ("opem"); accepted: open, closed`},
		{"duration without unit", "phases: [{name: a, for: 10}]\n", `f.yaml:1:25: phases[0].for: not a duration with its unit ("10"); accepted: a duration such as 500ms, 10s or 1m30s`},
		{"negative duration", "phases: [{name: a, for: -1s}]\n", `a duration is never negative ("-1s")`},
		{"range", "phases: [{name: a, count: 10}]\n", `phases[0].count: out of range ("10"); accepted: a whole number from 1 to 9`},
		{"text for a number", "phases: [{name: a, count: \"5\"}]\n", `phases[0].count: text in quotes stands here ("5")`},
		{"bool", "phases: [{name: a, on: yes}]\n", `phases[0].on: neither true nor false ("yes"); accepted: true or false`},
		{"list for a mapping", "phases: [[]]\n", `f.yaml:1:10: phases[0]: a list stands here; accepted: a mapping with name`},
		{"mapping for a list", "phases: {a: 1}\n", `phases: a mapping stands here; accepted: a list`},
		{"scalar for a list", "phases: three\n", `phases: a single value stands here ("three"); accepted: a list`},
		{"custom", "phases: [{name: a, even: three}]\n", `phases[0].even: not an even number ("three"); accepted: two or four`},
		{"missing", "phases:\n  - count: 1\n", `f.yaml:2:5: phases[0].name: this value is missing; accepted: text`},
		{"null", "kind:\nphases: []\n", `kind: no value is given; accepted: open, closed`},
		{"refused", "phases: [{insecure: true}]\n", `f.yaml:1:11: phases[0].insecure: this is never in a file; accepted: the flag --insecure`},
		{"empty", "", `f.yaml:1:1: the file is empty`},
		{"only comments", "# nothing\n\n", `the file is empty`},
		{"two documents", "kind: open\n---\nkind: open\n", `f.yaml:2:1: a second document begins`},
		{"anchor", "kind: &a open\nwords: [*a]\n", `anchors, aliases, tags and merge keys are not used here`},
		{"tag", "kind: !!str open\n", `anchors, aliases, tags`},
		{"not a mapping", "- a\n", `f.yaml:1:1: a list stands here; accepted: a mapping with kind`},
		{"broken", "kind: [open\n", `f.yaml:1:`},
		{"latin-1", "kind: \"\xe4\"\n", `f.yaml:1: the text is not UTF-8`},
		{"deep", "words: " + strings.Repeat("[", 1000), `f.yaml:1: nested too deeply`},
		{"section without keys", "section: 5\n", `section: this section has no keys ("5"); accepted: a mapping`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := Decode("f.yaml", []byte(tt.text), 1, &doc{})
			var e *Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), tt.want) || e.Line == 0 {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestSecretsAreNotEchoed(t *testing.T) {
	for _, text := range []string{
		"phases: [{name: a, count: 15010101010}]",
		"phases: [{name: a, count: 150-1010-1010}]",
		"phases: [{name: a, even: 15010101010}]",
		"phases: [{name: a, 15010101010: 1}]",
		"phases: [{name: a, secret: [15010101010]}]\n15010101010: 15010101010",
		"kind: '15010101010",
		"15010101010: a\n15010101010: b",
		"kind: [15010101010: {: 15010101010",
	} {
		err := Decode("f.yaml", []byte(text), 1, &doc{})
		if err == nil || strings.Contains(err.Error(), "1010") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if Echo("phases[0].secret", "abc") != "" || Echo("name", "LTAI5tabc") != "" || Echo("a", "abc") != "abc" {
		t.Error("echo does not keep secrets, or keeps too much")
	}
}

func TestRawKeepsPositions(t *testing.T) {
	type inner struct {
		A int `yaml:"a"`
		B []struct {
			C int `yaml:"c"`
		} `yaml:"b"`
	}
	for _, text := range []string{
		"kind: open\nsection:\n  # note\n  a: 1\n\n  b:\n    - c: x\nwords: []\n",
		"kind: open\n\n\n\nsection: {a: 1,\n\n b: [{c: x}]}\nwords: [ ]\n",
	} {
		var d doc
		if err := Decode("f.yaml", []byte(text), 1, &d); err != nil {
			t.Fatal(err)
		}
		err := Decode("f.yaml", d.Section.Text, d.Section.Line, &inner{})
		if err == nil || !strings.Contains(err.Error(), "f.yaml:7:") || !strings.Contains(err.Error(), "b[0].c: not a whole number") {
			t.Errorf("section %q: %v", d.Section.Text, err)
		}
	}
}

func TestFirstLineShifts(t *testing.T) {
	err := Decode("f.yaml", []byte("a: 1\n"), 40, &doc{})
	if err == nil || !strings.HasPrefix(err.Error(), "f.yaml:40:1: a: unknown key") {
		t.Error(err)
	}
}
