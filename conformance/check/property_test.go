package check

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"axbench/conformance/contract"
)

// member is one member of a generated object; JSON text as it stands, or else a string to be written with random escapes.
type member struct {
	name   string
	json   string
	chars  string
	object []member // for name SecretBindDTO
}

// model is a generated answer before it is written.
type model struct {
	members []member
	dto     []member // of SecretBindDTO; nil: no such member
	before  string   // bytes before and behind
	behind  string
	status  int
	ct      string
	sent    Sent
}

var gap = rapid.Custom(func(t *rapid.T) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{" ", "\t", "\n", "\r"}), 0, 2).Draw(t, "gap"), "")
})

// quote writes s as a JSON string in which each character may be escaped.
func quote(t *rapid.T, s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range s {
		short := map[rune]string{'"': `\"`, '\\': `\\`, '/': `\/`, '\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`}[c]
		how := rapid.IntRange(0, 9).Draw(t, "escape")
		switch {
		case short != "" && (how < 5 || c == '/'):
			b.WriteString(short)
		case how < 2 || c < ' ' || c == '"' || c == '\\':
			if c > 0xFFFF {
				fmt.Fprintf(&b, `\u%04x\u%04X`, 0xD800+(c-0x10000)>>10, 0xDC00+(c-0x10000)&0x3FF)
			} else {
				fmt.Fprintf(&b, `\u%04x`, c)
			}
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func write(t *rapid.T, members []member) string {
	members = rapid.Permutation(members).Draw(t, "order")
	var parts []string
	for _, m := range members {
		v := m.json
		switch {
		case m.object != nil:
			v = write(t, m.object)
		case v == "":
			v = quote(t, m.chars)
		}
		parts = append(parts, gap.Draw(t, "g")+quote(t, m.name)+gap.Draw(t, "g")+":"+gap.Draw(t, "g")+v+gap.Draw(t, "g"))
	}
	return "{" + strings.Join(parts, ",") + gap.Draw(t, "g") + "}"
}

var (
	digits   = rapid.StringMatching(`1[3-9][0-9]{9}`)
	anyValue = rapid.SampledFrom([]string{"null", "true", "-0", "1.5E+3", `"x"`, "[]", "{}", `[{"a":1},{"a":[2]}]`, `{"a":{"b":null}}`})
)

// generate draws a good answer to a bind: bound, refused by the service, or refused by the gateway.
func generate(t *rapid.T) *model {
	m := &model{status: 200, ct: jsonCT}
	m.sent = Sent{Operation: contract.BindAxb, A: digits.Draw(t, "A"), B: digits.Draw(t, "B")}
	x := digits.Filter(func(x string) bool { return x != m.sent.A && x != m.sent.B }).Draw(t, "X")
	if rapid.Bool().Draw(t, "given") {
		m.sent.X = x
	}
	message := rapid.StringN(1, 12, -1).Filter(func(s string) bool { return strings.TrimSpace(s) != "" && tableTexts()[s] == nil })
	code := "OK"
	switch rapid.IntRange(0, 2).Draw(t, "kind") {
	case 0:
		m.dto = []member{{name: "SubsId", chars: rapid.StringMatching(`[0-9]{16}`).Draw(t, "SubsId")}, {name: "SecretNo", chars: x}}
		if rapid.Bool().Draw(t, "Extension") {
			m.dto = append(m.dto, member{name: "Extension", chars: "130"})
		}
		if rapid.Bool().Draw(t, "extra in the object") {
			m.dto = append(m.dto, member{name: "Éxtra", json: anyValue.Draw(t, "value")})
		}
	case 1:
		code = rapid.SampledFrom(contract.Edition2019.Codes()[1:]).Draw(t, "code").Name
		m.dto = rapid.SampledFrom([][]member{nil, {}}).Draw(t, "empty object")
	case 2:
		c := rapid.SampledFrom(contract.GatewayCodes()).Draw(t, "code")
		code, m.status = strings.ReplaceAll(c.Name, "*", "PhoneNoA"), c.HTTPStatus
	}
	m.members = []member{
		{name: "Code", chars: code},
		{name: "Message", chars: message.Draw(t, "message")},
		{name: "RequestId", chars: rapid.StringMatching(`[0-9A-F]{8}-[0-9A-F]{4}`).Draw(t, "RequestId")},
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "extras") {
		m.members = append(m.members, member{name: fmt.Sprint("extra \"", i, "\U0001F600"), json: anyValue.Draw(t, "value")})
	}
	return m
}

func (m *model) check(t *rapid.T) *Result {
	members := m.members
	if m.dto != nil {
		members = append(slices.Clone(members), member{name: "SecretBindDTO", object: m.dto})
	}
	body := m.before + gap.Draw(t, "g") + write(t, members) + gap.Draw(t, "g") + m.behind
	res := new(Result)
	New(contract.Edition2019).Check(res, &m.sent, &Answer{Status: m.status, ContentType: []byte(m.ct), Body: []byte(body)})
	t.Logf("HTTP %d, %s, given X %q: %q: %v", m.status, m.ct, m.sent.X, body, res.Violations)
	return res
}

func (m *model) find(name string) *member {
	for _, list := range [][]member{m.members, m.dto} {
		for i := range list {
			if list[i].name == name {
				return &list[i]
			}
		}
	}
	return nil
}

// Whatever the order, white space, escapes and extra fields: a good answer breaks nothing and says what was written.
func TestGoodAnswersHaveNoViolations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := generate(t)
		res := m.check(t)
		if len(res.Violations) > 0 {
			t.Fatal("violations")
		}
		for name, got := range map[string][]byte{
			"Code": res.Code, "Message": res.Message, "RequestId": res.RequestID, "SubsId": res.SubsID, "SecretNo": res.SecretNo,
		} {
			if want := m.find(name); want != nil && want.chars != string(got) || want == nil && got != nil {
				t.Fatalf("%s: got %q", name, got)
			}
		}
	})
}

// mutations each break a good answer in one way. They return the clause that must be broken, or "" where they do not apply.
var mutations = map[string]func(m *model) string{
	"BOM":                func(m *model) string { m.before = "\xEF\xBB\xBF"; return "TRN-8" },
	"bytes behind":       func(m *model) string { m.behind = "{}"; return "TRN-8" },
	"bytes before":       func(m *model) string { m.before = ","; return "TRN-8" },
	"duplicate":          func(m *model) string { m.members = append(m.members, m.members[0]); return "TRN-8" },
	"duplicate extra":    func(m *model) string { m.members = append(m.members, twins...); return "TRN-8" },
	"trailing comma":     func(m *model) string { m.members[0].json = `[1,]`; return "TRN-8" },
	"invalid UTF-8":      func(m *model) string { m.members[1].json = "\"\x80\""; return "TRN-5" },
	"control character":  func(m *model) string { m.members[1].json = "\"\x00\""; return "TRN-8" },
	"no Content-Type":    func(m *model) string { m.ct = ""; return "TRN-7" },
	"another type":       func(m *model) string { m.ct = "text/plain"; return "TRN-7" },
	"XML asked for":      func(m *model) string { m.sent.Format = contract.XML; return "TRN-6" },
	"redirect":           func(m *model) string { m.status = 302; return "TRN-11" },
	"no RequestId":       func(m *model) string { m.members[2].name = "Id"; return "RSP-1" },
	"empty RequestId":    func(m *model) string { m.members[2].json = `""`; return "RSP-1" },
	"null Code":          func(m *model) string { m.members[0].json = `null`; return "RSP-3" },
	"no Code":            func(m *model) string { m.members[0].name = "Status"; return "RSP-3" },
	"code in lower case": func(m *model) string { m.members[0].name = "code"; return "RSP-12" },
	"number as Message":  func(m *model) string { m.members[1].json = `1`; return "RSP-6" },
	"misspelt code":      func(m *model) string { m.members[0].chars = "x" + m.members[0].chars; return "RSP-5" },
	"text of another code": func(m *model) string {
		m.members[1].chars = "请求成功"
		return given(m.members[0].chars != "OK", "RSP-7")
	},
	"other status": func(m *model) string {
		if m.status != 200 { // a gateway code
			m.status = 200
			return "TRN-14"
		}
		m.status = 400
		return "TRN-10"
	},
	"binding after a failure": func(m *model) string {
		ok := m.members[0].chars != "OK"
		m.dto = []member{{name: "SubsId", chars: "1"}}
		return given(ok, "RSP-9")
	},
	"no object after success": func(m *model) string {
		m.dto = nil
		return given(m.members[0].chars == "OK", "RSP-8")
	},
	"SubsId a number": func(m *model) string { return m.set("SubsId", member{json: "12"}, "RSP-10") },
	"SecretNo null":   func(m *model) string { return m.set("SecretNo", member{json: "null"}, "RSP-11") },
	"SecretNo is A":   func(m *model) string { m.sent.X = ""; return m.set("SecretNo", member{chars: m.sent.A}, "RSP-13") },
	"SecretNo is B":   func(m *model) string { m.sent.X = ""; return m.set("SecretNo", member{chars: m.sent.B}, "RSP-13") },
	"another X": func(m *model) string {
		m.sent.X = "17000000000"
		return m.set("SecretNo", member{chars: "1"}, "PRM-X-2")
	},
	"formatted X": func(m *model) string { return m.set("SecretNo", member{chars: "171-0000"}, "RSP-11") },
}

var twins = []member{{name: "twin", json: "1"}, {name: "twin", json: "2"}}

func given(condition bool, clause string) string {
	if condition {
		return clause
	}
	return ""
}

// set replaces the value of a field, where there is one.
func (m *model) set(name string, with member, clause string) string {
	f := m.find(name)
	if f == nil {
		return ""
	}
	f.json, f.chars = with.json, with.chars
	return clause
}

// Any one thing wrong is seen, and under its clause.
func TestEveryMutationIsSeen(t *testing.T) {
	for name, mutate := range mutations {
		t.Run(name, func(t *testing.T) {
			seen := 0
			rapid.Check(t, func(t *rapid.T) {
				m := generate(t)
				want := mutate(m)
				if want == "" {
					return
				}
				seen++
				if res := m.check(t); !slices.Contains(strings.Fields(ids(res.Violations)), want) {
					t.Fatalf("%s is not broken", want)
				}
			})
			if seen == 0 {
				t.Error("never applied")
			}
		})
	}
}
