package emulator

import (
	"strings"

	"axbench/conformance/contract"
	"axbench/conformance/signature"
)

var mutantsOptions = []*Deviation{
	{ID: "V29", Text: "IsRecordingEnabled=true refused", Clauses: []string{"PRM-REC-2"}, Needs: "a bind with IsRecordingEnabled=true",
		at: onStage(stageOptions, refusing(codeIllegal, "IsRecordingEnabled", func(c *call) bool { return strings.EqualFold(c.values[fIsRecordingEnabled], "true") }))},
	{ID: "V31", Text: "OutId mandatory", Clauses: []string{"PRM-OUT-1"}, Needs: "a bind without OutId",
		at: onStage(stageOptions, refusing(codeIllegal, "OutId", func(c *call) bool { return c.values[fOutID] == "" }))},
	{ID: "V32", Text: "OutId with Chinese, quotes, & and % fails", Clauses: []string{"PRM-OUT-2"}, Needs: "a bind with such an OutId",
		at: onStage(stageOptions, refusing(codeIllegal, "OutId", func(c *call) bool {
			return strings.IndexFunc(c.values[fOutID], func(r rune) bool { return r > '~' || strings.ContainsRune(`"'&%`, r) }) >= 0
		}))},
	{ID: "V34", Text: "ExpectCity mandatory", Clauses: []string{"PRM-CITY-1"}, Needs: "a bind without ExpectCity",
		at: onStage("bind city", refusing(codeIllegal, "ExpectCity", func(c *call) bool { return c.values[fExpectCity] == "" }))},
	{ID: "V36", Text: "unknown extra parameter refused", Clauses: []string{"PRM-UNK-1"}, Needs: "a bind with a parameter that the document of 2019 does not have",
		at: onStage(stageOptions, refusing(codeIllegal, "", strange))},
	{ID: "V37", Text: "parameter sent twice: signature covers one value, business logic uses the other", Clauses: []string{"SIG-21"}, Needs: "a signed bind with a parameter put in a second time, behind the first",
		at: onStage("read", bothOfTwo)},
	{ID: "V63", Text: "without ExpectCity -> isv.NO_AVAILABLE_NUMBER", Clauses: []string{"PRM-CITY-1"}, Needs: "a bind without ExpectCity",
		at: onStage("bind", keeping("isv.NO_AVAILABLE_NUMBER", "", func(c *call) bool { return c.values[fExpectCity] == "" }))},
	{ID: "V75", Text: `"False" read as true (any non-empty string is true)`, Clauses: []string{"PRM-REC-5"}, Needs: "QuerySubscriptionDetail after a bind with IsRecordingEnabled=False",
		at: onStage(stageOptions, reading(func(c *call) bool {
			v := c.values[fIsRecordingEnabled]
			return v != "" && !strings.EqualFold(v, "true") && c.recordAs("true")
		}))},
	{ID: "V77", Text: "OutId absent -> isp.SYSTEM_ERROR", Clauses: []string{"PRM-OUT-1"}, Needs: "a bind without OutId",
		at: onStage(stageOptions, refusing("isp.SYSTEM_ERROR", "OutId", func(c *call) bool { return !c.given.has(fOutID) }))},
	{ID: "V79", Text: "only True/False with a capital accepted, true/false refused", Clauses: []string{"PRM-REC-3"}, Needs: "a bind with IsRecordingEnabled=true or false",
		at: onStage(stageOptions, refusing(codeIllegal, "IsRecordingEnabled", func(c *call) bool {
			v := c.values[fIsRecordingEnabled]
			return c.given.has(fIsRecordingEnabled) && v != "True" && v != "False"
		}))},
	{ID: "V81", Text: "the same invalid request gets code 1 or code 2 at random", Clauses: []string{"INV-6"}, Needs: "the same refused bind several times", at: onDecision(oneOfTwo)},
	{ID: "V82", Text: "validation order differs by backend", Clauses: []string{"INV-6"}, Needs: "the same bind with several faults several times", at: onStage("bind pool", lastFaultFirst)},
	{ID: "V86", Text: "IsRecordingEnabled mandatory", Clauses: []string{"PRM-REC-1"}, Needs: "a bind without IsRecordingEnabled",
		at: onStage(stageOptions, refusing(codeIllegal, "IsRecordingEnabled", func(c *call) bool { return !c.given.has(fIsRecordingEnabled) }))},
	{ID: "V87", Text: "IsRecordingEnabled that is no Boolean read as false", Clauses: []string{"PRM-REC-4"}, Needs: "a bind with IsRecordingEnabled=maybe",
		at: onStage(stageOptions, reading(func(c *call) bool {
			v := c.values[fIsRecordingEnabled]
			return c.given.has(fIsRecordingEnabled) && !strings.EqualFold(v, "true") && !strings.EqualFold(v, "false") && c.recordAs("false")
		}))},
}

const (
	stageOptions = "bind options"
	codeIllegal  = "isv.ILLEGAL_ARGUMENT"
)

// recordAs replaces IsRecordingEnabled.
func (c *call) recordAs(value string) bool {
	c.set(fIsRecordingEnabled, value)
	return true
}

// strange reports whether there is a parameter that neither every call has nor a bind by the document of 2019.
func strange(c *call) bool {
	for _, p := range c.params {
		known := contract.BindAxb.FindParam(p.Name)
		if known != nil && known.Since == contract.Edition2019 {
			continue
		}
		common := false
		for i := range contract.CommonParams {
			common = common || contract.CommonParams[i].Name == p.Name
		}
		if !common {
			return true
		}
	}
	return false
}

// bothOfTwo signs the first of two values and uses the last.
func bothOfTwo(c *call, next func(*call) *row) (*row, bool) {
	r := next(c)
	if r == nil || c.twice == "" || c.twice == "Signature" || c.bad {
		return r, false
	}
	c.twice = ""
	c.query, c.body, c.params = firsts(c.query), firsts(c.body), firsts(c.params)
	return c.pardon(), true
}

// firsts keeps the first parameter of each name, of sorted ones.
func firsts(params []signature.Param) []signature.Param {
	kept := params[:0]
	for i := range params {
		if len(kept) == 0 || kept[len(kept)-1].Name != params[i].Name {
			kept = append(kept, params[i])
		}
	}
	return kept
}

// oneOfTwo is undecided about what is wrong with a bind.
func oneOfTwo(c *call, r *row) (*row, bool) {
	if !c.binds() || !validates(c.stage) || c.coin() {
		return r, false
	}
	c.message = ""
	if other := c.server.rows.find(codeIllegal); r != other {
		return other, true
	}
	return c.server.rows.find(codeMobile), true
}

// checks are the stages that look at the parameters of a bind alone, in their order.
var checks = []string{stageA, stageB, stageX, "bind distinct", "bind city", stageDate, stageOptions}

// validates reports whether a stage looks at parameters of a bind.
func validates(stage string) bool {
	for _, name := range checks {
		if name == stage {
			return true
		}
	}
	return stage == "bind pool"
}

// lastFaultFirst goes through the checks backwards, for one of two calls. What A and B have to do with each other is known
// only when both were read.
func lastFaultFirst(c *call, next func(*call) *row) (*row, bool) {
	if c.coin() {
		return next(c), false
	}
	var found *row
	for i := len(checks) - 1; i >= 0 && found == nil; i-- {
		if checks[i] != "bind distinct" {
			found = c.check(checks[i])
		}
	}
	if found == nil {
		return next(c), false
	}
	clause, param := c.clause, c.param
	usual := next(c)
	for _, name := range checks {
		if usual == nil {
			usual = c.check(name)
		}
	}
	c.clause, c.param, c.message = clause, param, ""
	return found, usual != found
}

// check runs the stage of the operation that has a name. What needs a pool passes without one.
func (c *call) check(name string) *row {
	if name == "bind city" && c.pool == nil {
		return nil
	}
	for i := range c.op.stages {
		if c.op.stages[i].name == name {
			return c.op.stages[i].run(c)
		}
	}
	return nil
}
