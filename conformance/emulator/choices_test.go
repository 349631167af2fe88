package emulator

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// choice is one value of one choice: what a client sees by default and with the value.
type choice struct {
	value  string // as in the file: "key: value"
	beside string // lines of the file for both endpoints
	look   func(t *testing.T, e *endpoint) string
	usual  string
	chosen string
}

// key is the choice's name in the file.
func (c *choice) key() string {
	key, _, _ := strings.Cut(c.value, ":")
	return key
}

// look at the code of one call, with its status where that is not 200.
func codeOf(a answer) string {
	if a.status != 200 {
		return fmt.Sprint(a.status, " ", a.fields["Code"])
	}
	return a.fields["Code"]
}

// binding sends binds and tells their codes. Each has its own pair; the names and values are as in with.
func binding(calls ...[]string) func(*testing.T, *endpoint) string {
	return func(t *testing.T, e *endpoint) string {
		var codes []string
		for _, pairs := range calls {
			codes = append(codes, codeOf(e.raw(t, newBind().with(pairs...).get())))
		}
		return strings.Join(codes, ", ")
	}
}

func having(s ...string) []string { return s }

// sending sends requests as they are and tells the codes.
func sending(spell ...func() string) func(*testing.T, *endpoint) string {
	return func(t *testing.T, e *endpoint) string {
		var codes []string
		for _, s := range spell {
			codes = append(codes, codeOf(e.raw(t, s())))
		}
		return strings.Join(codes, ", ")
	}
}

// postQuery is a POST whose parameters are all in the query.
func (p params) postQuery() string {
	return "POST /?" + p.query("POST", BuiltinSecret) + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
}

// sentTwice is a bind with PhoneNoX twice, of which the first or the second was signed.
func sentTwice(first, second string, signed int) func() string {
	return func() string {
		p := newBind().with("PhoneNoX", []string{first, second}[signed])
		return regexp.MustCompile("PhoneNoX=[0-9]+").ReplaceAllString(p.get(), "PhoneNoX="+first+"&PhoneNoX="+second)
	}
}

// as signs with the secret s.
func (p params) as(id string) string { return get(p.with("AccessKeyId", id).query("GET", "s")) }

// seen looks at one part of the answer to a bind.
func seen(part func(a answer) string, with ...string) func(*testing.T, *endpoint) string {
	return func(t *testing.T, e *endpoint) string { return part(e.raw(t, newBind().with(with...).get())) }
}

// queried looks at a field that a query tells of a binding.
func queried(field string, with ...string) func(*testing.T, *endpoint) string {
	return func(t *testing.T, e *endpoint) string {
		a := e.raw(t, newBind().with(with...).get())
		if a.fields["Code"] != "OK" {
			return codeOf(a)
		}
		return e.detail(t, made{newBind(), a.fields["SecretBindDTO.SecretNo"], a.fields["SecretBindDTO.SubsId"]})[field]
	}
}

const illegalArgument, noPool, badPhone, badEnd = "isv.ILLEGAL_ARGUMENT", "isv.POOLKEY_NOT_EXISTS", "isv.MOBILE_NUMBER_ILLEGAL", "isv.EXPIRE_DATE_ILLEGAL"

// otherOwners are two accounts and two pools beside the built-in ones.
const otherOwners = `
credentials: [{id: denied, secret: s, deny: [BindAxb]}]
pools: [{key: P, mode: strict, numbers: {北京: [17100000000], 上海市: [17100000001]}}]
accounts:
  - {name: other, credentials: [{id: other, secret: s}], pools: [{key: O, numbers: {北京: [17300000000]}}]}
  - {name: shy, state: unverified, credentials: [{id: shy, secret: s}]}`

// same are the pairs of two binds of one pair on one X.
func same(a1, b1, a2, b2 string) func(*testing.T, *endpoint) string {
	return binding(having("PhoneNoX", "17000000000", "PhoneNoA", a1, "PhoneNoB", b1), having("PhoneNoX", "17000000000", "PhoneNoA", a2, "PhoneNoB", b2))
}

// TestChoices holds every choice against the default: what a client sees changes as it should, and the default spelt out is
// the default.
func TestChoices(t *testing.T) {
	t.Parallel()
	for _, c := range choices {
		t.Run(c.value, func(t *testing.T) {
			usual := serve(t, config(t, c.beside), fixed)
			if got := c.look(t, usual); got != c.usual {
				t.Errorf("by default:\ngot  %s\nwant %s", got, c.usual)
			}
			chosen := serve(t, config(t, c.beside+"\nchoices: {"+c.value+"}"), fixed)
			if got := c.look(t, chosen); got != c.chosen {
				t.Errorf("with %s:\ngot  %s\nwant %s", c.value, got, c.chosen)
			}
			if c.usual == c.chosen {
				t.Error("this case shows no difference")
			}
			if values := enumeration(c.key()); len(values) > 0 && values[0] != "0" {
				spelt := serve(t, config(t, c.beside+"\nchoices: {"+c.key()+": "+values[0]+"}"), fixed)
				if got := c.look(t, spelt); got != c.usual {
					t.Errorf("with the default, %s:\ngot  %s\nwant %s", values[0], got, c.usual)
				}
			}
		})
	}
}

// enumeration are the values that the schema allows for a choice, the default first.
func enumeration(key string) (values []string) {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Choices]()) {
		if f.Tag.Get("yaml") != key {
			continue
		}
		for _, word := range strings.Split(f.Tag.Get("jsonschema"), ",") {
			if v, ok := strings.CutPrefix(word, "enum="); ok {
				values = append(values, v)
			}
		}
	}
	return values
}

// TestEveryChoiceHasACase: no field of Choices, and no value of an enumeration but the default, is without one.
func TestEveryChoiceHasACase(t *testing.T) {
	cases := map[string][]string{}
	for _, c := range choices {
		cases[c.key()] = append(cases[c.key()], strings.TrimSpace(strings.TrimPrefix(c.value, c.key()+":")))
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Choices]()) {
		key := f.Tag.Get("yaml")
		if key == "-" {
			continue
		}
		if len(cases[key]) == 0 {
			t.Errorf("%s has no case", key)
		}
		for _, value := range enumeration(key)[min(1, len(enumeration(key))):] {
			if !slices.Contains(cases[key], value) {
				t.Errorf("%s: %s has no case", key, value)
			}
		}
		delete(cases, key)
	}
	for key := range cases {
		t.Errorf("%s is no choice", key)
	}
}

// TestChoicesAreChecked holds what a file may not choose.
func TestChoicesAreChecked(t *testing.T) {
	for text, want := range map[string]string{
		"operations: [BindAxc]":                  `no operation is called "BindAxc"`,
		"operations: [QuerySubsId]":              "BindAxb is missing",
		"max_ahead: 30s":                         "not more than min_ahead",
		"city_aliases: {hangzhou: ''}":           "a name is empty",
		"unknown_pool: isv.NOTHING":              "no list has this code",
		"unknown_pool: OK":                       "no list has this code",
		"business_status: 500":                   "not one of the accepted values",
		"min_ahead: -1s":                         "not a duration",
		"zone: Beijing":                          "not a zone",
		"remember_expired: -1":                   "out of range",
		"pool_key_bytes: 0":                      "out of range",
		"pick: fair":                             "not one of the accepted values",
		"pool_key_bytes: 3, unknown_pool: isv.X": "no list has this code",
	} {
		if _, err := Parse("f", []byte("choices: {"+text+"}"), 1); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "f:1:") {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
