package emulator

import (
	"strings"

	"axbench/conformance/numbers"
)

var mutantsPhones = []*Deviation{
	{ID: "V10", Text: "hyphenated landline accepted but stored as a different number", Clauses: []string{"PRM-A-4", "PRM-A-6"}, Needs: "binds of 0571-88992688 and 057188992688 on one X",
		at: onStages(afterHyphen, stageA, stageB)},
	{ID: "V11", Text: "landline without hyphen refused", Clauses: []string{"PRM-A-3"}, Needs: "a bind with a landline",
		at: onPhones(func(n string) bool { return n[0] == '0' })},
	{ID: "V12", Text: "landline accepted for A, refused for B", Clauses: []string{"PRM-B-2"}, Needs: "a bind with a landline as PhoneNoB",
		at: onStage(stageB, refusing(codeMobile, "PhoneNoB", func(c *call) bool { return strings.HasPrefix(c.values[fPhoneNoB], "0") }))},
	{ID: "V17", Text: "malformed number answered isv.NO_NOT_EXIST", Clauses: []string{"PRM-A-5"}, Needs: "a bind with a malformed PhoneNoA",
		at: onStage(stageA, instead("isv.NO_NOT_EXIST", malformed))},
	{ID: "V35", Text: `"PhoneNoX=" (empty) answered isv.NO_NOT_EXIST`, Clauses: []string{"PRM-X-7"}, Needs: "a bind with an empty PhoneNoX",
		at: onStage(stageX, refusing("isv.NO_NOT_EXIST", "PhoneNoX", func(c *call) bool { return c.given.has(fPhoneNoX) && c.values[fPhoneNoX] == "" }))},
	{ID: "V48", Text: "only numbers starting with 150 or 158 (the seed's samples) accepted", Clauses: []string{"PRM-A-2"}, Needs: "a bind with another prefix",
		at: onPhones(func(n string) bool { return !strings.HasPrefix(n, "150") && !strings.HasPrefix(n, "158") })},
	{ID: "V49", Text: "12-digit landline (4-digit area code + 8) refused, 11-digit accepted", Clauses: []string{"PRM-A-3"}, Needs: "a bind with a landline of 12 digits",
		at: onPhones(func(n string) bool { return len(n) == 12 && n[0] == '0' })},
	{ID: "V51", Text: "number parsed as an integer: leading 0 of a landline lost", Clauses: []string{"PRM-A-6"}, Needs: "binds of 013912345678 and 13912345678 on one X, or a query",
		at: onStages(asInteger, stageA, stageB)},
	{ID: "V56", Text: "PhoneNoB not validated at all", Clauses: []string{"PRM-B-1", "PRM-B-3"}, Needs: "a bind without PhoneNoB or with a malformed one",
		at: onStage(stageB, anyB)},
	{ID: "V57", Text: "bad PhoneNoB reported as isv.NO_NOT_EXIST", Clauses: []string{"PRM-B-3"}, Needs: "a bind with a malformed PhoneNoB",
		at: onStage(stageB, instead("isv.NO_NOT_EXIST", malformed))},
	{ID: "V58", Text: "A equal to B -> isp.SYSTEM_ERROR", Clauses: []string{"PRM-AB-1"}, Needs: "a bind of a number with itself",
		at: onStage("bind distinct", keeping("isp.SYSTEM_ERROR", "PhoneNoB", func(c *call) bool { return c.request.A == c.request.B }))},
	{ID: "V59", Text: "without PhoneNoX -> isv.NO_AVAILABLE_NUMBER although the pool has numbers", Clauses: []string{"PRM-X-1"}, Needs: "a bind without PhoneNoX",
		at: onStage("bind", keeping("isv.NO_AVAILABLE_NUMBER", "", func(c *call) bool { return c.values[fPhoneNoX] == "" }))},
	{ID: "V60", Text: "malformed PhoneNoX ignored, another X given", Clauses: []string{"PRM-X-4"}, Needs: "a bind with a malformed PhoneNoX",
		at: onStage(stageX, withoutX)},
	{ID: "V61", Text: "malformed PhoneNoX -> isp.SYSTEM_ERROR", Clauses: []string{"PRM-X-4"}, Needs: "a bind with a malformed PhoneNoX",
		at: onStage(stageX, instead("isp.SYSTEM_ERROR", malformed))},
	{ID: "V83", Text: "PhoneNoA missing or empty -> OK", Clauses: []string{"PRM-A-1"}, Needs: "a bind without PhoneNoA",
		at: onPoints("required", withoutA)},
}

// Stages of the numbers, and the code of a malformed one.
const (
	stageA     = "bind phone a"
	stageB     = "bind phone b"
	stageX     = "bind phone x"
	codeMobile = "isv.MOBILE_NUMBER_ILLEGAL"
)

// onPhones refuses well-formed numbers as A and as B.
func onPhones(bad func(n string) bool) at {
	refuse := func(f field, name string) stageFunc {
		return refusing(codeMobile, name, func(c *call) bool { return bad(c.values[f]) })
	}
	return at{stageA, func(*Server) points {
		return points{stages: map[string]stageFunc{stageA: refuse(fPhoneNoA, "PhoneNoA"), stageB: refuse(fPhoneNoB, "PhoneNoB")}}
	}}
}

// malformed holds for refusals of a number because of its form.
func malformed(c *call, r *row) bool { return r == c.server.rules.badNumber }

// party is the A or B that a stage reads next: A until it is there.
func (c *call) party() (text string, to *numbers.Number) {
	if c.request.A == 0 {
		return c.values[fPhoneNoA], &c.request.A
	}
	return c.values[fPhoneNoB], &c.request.B
}

// afterHyphen keeps of 0571-88992688 what stands behind the hyphen.
func afterHyphen(c *call, next func(*call) *row) (*row, bool) {
	text, to := c.party()
	area, rest, ok := strings.Cut(text, "-")
	if _, whole := phone(area + rest); !ok || !whole || len(area) == 0 || area[0] != '0' {
		return next(c), false
	}
	if *to, ok = numbers.Parse(rest); !ok {
		return next(c), false
	}
	return nil, true
}

// asInteger loses zeros in front.
func asInteger(c *call, next func(*call) *row) (*row, bool) {
	text, to := c.party()
	r := next(c)
	if r != nil || !strings.HasPrefix(text, "0") {
		return r, false
	}
	n, ok := numbers.Parse(strings.TrimLeft(text, "0"))
	if ok {
		*to = n
	}
	return nil, ok
}

// anyB takes whatever stands in PhoneNoB. A binding holds digits only, so what is none is kept as a number made of it.
func anyB(c *call, next func(*call) *row) (*row, bool) {
	r := next(c)
	if r == nil {
		return nil, false
	}
	text := c.values[fPhoneNoB]
	n, ok := numbers.Parse(text)
	if !ok || n == c.request.A {
		n = c.reserved(0)
	}
	c.request.B = n
	return c.pardon(), true
}

// withoutX goes on without an X that is no number.
func withoutX(c *call, next func(*call) *row) (*row, bool) {
	r := next(c)
	if r == nil || !malformed(c, r) {
		return r, false
	}
	c.request.X = 0
	return c.pardon(), true
}

// withoutA goes on without an A: a number made for the call stands in the binding.
func withoutA(*Server) points {
	const nobody = "0000000000"
	return points{stages: map[string]stageFunc{
		"required": reading(func(c *call) bool {
			missing := c.binds() && c.values[fPhoneNoA] == ""
			if missing {
				c.set(fPhoneNoA, nobody)
			}
			return missing
		}),
		stageA: passed(func(c *call) bool {
			if c.values[fPhoneNoA] == nobody {
				c.request.A = c.reserved(0)
			}
			return false // counted before
		}),
	}}
}
