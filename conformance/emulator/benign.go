package emulator

import (
	"slices"
	"strings"
	"time"

	"axbench/conformance/numbers"
)

// benignVariants are right and unusual. A line of the list that has several alternatives has one variant for each that the
// correct endpoint does not show by itself: B08.chunked, B08.close, B08.h2.
var benignVariants = slices.Concat(benignForms, benignChoices, moreBenignForms, moreBenignMessages, moreBenignChoices)

// benignForms have an unusual form.
var benignForms = []*Deviation{
	{ID: "B01", Text: "one unknown extra top-level field, one unknown extra DTO field", at: business.tree(func(c *call, body *node) bool {
		if dto := body.find("SecretBindDTO"); dto != nil {
			dto.add(textNode("GroupId", "7"))
		}
		return body.add(textNode("ServerTime", "1795422600"))
	})},
	{ID: "B08.chunked", Text: "Transfer-Encoding chunked instead of Content-Length", at: everyAnswer.answer(func(c *call, a *response) bool {
		a.chunked = true
		return true
	})},
	{ID: "B08.close", Text: "Connection: close on every answer", at: everyAnswer.answer(func(c *call, a *response) bool {
		a.close = true
		return true
	})},
	{ID: "B08.h2", Text: "HTTP/2 for clients that ask for it", Needs: "a client that speaks TLS: one is made without tls in the configuration", Set: func(c *Config) {
		with := TLS{}
		if c.TLS != nil {
			with = *c.TLS
		}
		with.HTTP2 = true
		c.TLS = &with
	}},
}

// benignChoices went another way where the document leaves one open.
var benignChoices = []*Deviation{
	{ID: "B04.zh", Text: "Message 请求成功 on success", Set: func(c *Config) { c.Choices.OKMessage = "请求成功" }},
	{ID: "B04.text", Text: "Message on success is another non-empty text", Set: func(c *Config) { c.Choices.OKMessage = "the binding was made" }},
	{ID: "B06.null", Text: "on errors SecretBindDTO null", Set: func(c *Config) { c.Choices.FailureDTO = "as_null" }},
	{ID: "B06.empty", Text: "on errors SecretBindDTO {}", Set: func(c *Config) { c.Choices.FailureDTO = "empty" }},
	{ID: "B11", Text: "missing parameter answered by the gateway (MissingPoolKey, HTTP 400) instead of isv.ILLEGAL_ARGUMENT", Set: func(c *Config) { c.Choices.Missing = "gateway" }},
	{ID: "B12", Text: "bad Expiration answered isv.ILLEGAL_ARGUMENT", Set: func(c *Config) { c.Choices.BadExpiration = "isv.ILLEGAL_ARGUMENT" }},
	{ID: "B13", Text: "one X reused for two disjoint pairs (A1,B1) and (A2,B2)", Set: func(c *Config) { c.Choices.Pick = "packed" }},
	{ID: "B15.8", Text: "SubsId of 8 digits", Set: func(c *Config) { c.Choices.SubsID = "8" }},
	{ID: "B15.19", Text: "SubsId of 19 digits", Set: func(c *Config) { c.Choices.SubsID = "19" }},
	{ID: "B15.uuid", Text: "SubsId a UUID", Set: func(c *Config) { c.Choices.SubsID = "uuid" }},
	{ID: "B16.landline", Text: "X a landline", Needs: "no pool " + BuiltinPool + " in the configuration", Set: func(c *Config) {
		c.replaceBuiltin("01062000000", "02152000000", "02032000000", "075522000000", "057182000000")
	}},
	{ID: "B16.95", Text: "X a 95-number", Needs: "no pool " + BuiltinPool + " in the configuration", Set: func(c *Config) {
		c.replaceBuiltin("9516800000", "9516810000", "9516820000", "9516830000", "9516840000")
	}},
	{ID: "B19", Text: "A equal to B accepted", Set: func(c *Config) { c.Choices.SameNumber = "accept" }},
	{ID: "B20.utc", Text: "server zone UTC", Set: func(c *Config) { c.Choices.Zone = Zone{set: true} }},
	{ID: "B23.400", Text: "auth failures HTTP 400", Set: func(c *Config) { c.Choices.AuthStatus = 400 }},
	{ID: "B23.403", Text: "auth failures HTTP 403", Set: func(c *Config) { c.Choices.AuthStatus = 403 }},
	{ID: "B23.404", Text: "auth failures HTTP 404", Set: func(c *Config) { c.Choices.AuthStatus = 404 }},
	{ID: "B25.conflict", Text: "the same pair again without PhoneNoX is isv.BIND_CONFLICT", Set: func(c *Config) { c.Choices.SamePair = "conflict" }},
	{ID: "B28", Text: "a burst answered isv.FLOW_LIMIT at a low limit: 5/s of an account", Set: func(c *Config) { c.limitAll(Limit{Rate: 5, Burst: 5}) }},
}

// replaceBuiltin gives the built-in pool other numbers, for each of its cities those from a first one, unless the configuration
// has a pool of that key itself.
func (c *Config) replaceBuiltin(first ...string) {
	for _, o := range c.owners() {
		if slices.ContainsFunc(o.pools, func(p Pool) bool { return p.Key == BuiltinPool }) {
			return
		}
	}
	p := Pool{Pos: c.Pos, Key: BuiltinPool, Numbers: map[string][]NumberSpan{}}
	for i, city := range builtinCities {
		n, _ := numbers.Parse(first[i])
		p.Numbers[city] = []NumberSpan{{numbers.NewRange(n, builtinCity)}}
	}
	c.Pools = append(slices.Clone(c.Pools), p)
}

// limitAll adds a limit that holds for every account.
func (c *Config) limitAll(l Limit) {
	c.Limits = append(slices.Clone(c.Limits), l)
	c.Accounts = slices.Clone(c.Accounts)
	for i := range c.Accounts {
		if a := &c.Accounts[i]; a.Limits != nil {
			a.Limits = append(slices.Clone(a.Limits), l)
		}
	}
}

// moreBenignChoices are further choices.
var moreBenignChoices = []*Deviation{
	{ID: "B80.english", Text: "Message in English", Set: func(c *Config) { c.Choices.Message = "english" }},
	{ID: "B80.code", Text: "Message is the code again", Set: func(c *Config) { c.Choices.Message = "code" }},
	{ID: "B81", Text: "SecretBindDTO without Extension", Set: func(c *Config) { c.Choices.Extension = "absent" }},
	{ID: "B82", Text: "RequestId in lower case", Set: func(c *Config) { c.Choices.RequestID = "lower" }},
	{ID: "B83", Text: "gzip for clients that accept it", Needs: "Accept-Encoding: gzip", Set: func(c *Config) { c.Choices.Gzip = "asked" }},
	{ID: "B84", Text: "a PhoneNoX that nobody has is isv.FORBIDDEN_ACTION", Set: func(c *Config) { c.Choices.XUnknown = "isv.FORBIDDEN_ACTION" }},
	{ID: "B85.forbidden", Text: "an unknown PoolKey is isv.FORBIDDEN_ACTION", Set: func(c *Config) { c.Choices.UnknownPool = "isv.FORBIDDEN_ACTION" }},
	{ID: "B85.partner", Text: "an unknown PoolKey is isv.PARTNER_NOT_EXIST", Set: func(c *Config) { c.Choices.UnknownPool = "isv.PARTNER_NOT_EXIST" }},
	{ID: "B86", Text: "a binding still lives in the second of its Expiration", Set: func(c *Config) { c.Choices.Expiry = "inclusive" }},
	{ID: "B87", Text: "+86 before a number is taken off", Set: func(c *Config) { c.Choices.CountryCode = "strip" }},
	{ID: "B88", Text: "95 and 400 numbers accepted as A and B", Set: func(c *Config) { c.Choices.ServiceNumbers = "accept" }},
	{ID: "B89", Text: "a landline with a hyphen is the number without it", Set: func(c *Config) { c.Choices.Hyphen = "normalise" }},
	{ID: "B90", Text: "an account without real-name verification is isv.PRODUCT_UNSUBSCRIBE", Set: func(c *Config) { c.Choices.Unverified = "isv.PRODUCT_UNSUBSCRIBE" }},
	{ID: "B91", Text: "Axbbind works beside BindAxb", Set: func(c *Config) { c.Choices.Action = "both" }},
	{ID: "B92", Text: "a key without the right to bind is refused by the gateway: Forbidden.RAM", Set: func(c *Config) { c.Choices.PermissionCode = "Forbidden.RAM" }},
	{ID: "B93", Text: "letters in the names of parameters do not matter", Set: func(c *Config) { c.Choices.ParamNames = "any_case" }},
	{ID: "B94", Text: "an empty optional parameter is refused", Set: func(c *Config) { c.Choices.Empty = "refuse" }},
	{ID: "B95", Text: "北京市 is no name of 北京", Set: func(c *Config) { c.Choices.CityNames = "exact" }},
	{ID: "B96", Text: "a binding exists after an isp code", Set: func(c *Config) { c.Choices.AfterISP = "bound" }},
	{ID: "B98", Text: "only BindAxb exists", Set: func(c *Config) { c.Choices.Operations = []string{"BindAxb"} }},
	{ID: "B99", Text: "idle connections are closed after 2 s", Set: func(c *Config) { c.Idle = Limitless{d: 2 * time.Second, set: true} }},
	{ID: "B100", Text: "letters in the name of Action do not matter", at: onStage("action", func(c *call, next func(*call) *row) (*row, bool) {
		for name := range c.server.ops {
			if name != c.common.action && strings.EqualFold(name, c.common.action) {
				c.common.action = name
				return next(c), true
			}
		}
		return next(c), false
	})},
	{ID: "B101", Text: `half of a surrogate pair in Message, escaped: \ud83d`, at: inJSON.answer(func(c *call, a *response) bool { return a.inMessage(c.format, `\ud83d`) })},
}
