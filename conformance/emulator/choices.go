package emulator

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"axbench/conformance/contract"
	"axbench/conformance/numbers"
	"axbench/scenarios/strict"
)

// Choices are what the document leaves open and real endpoints did one way or the other. The zero value takes the default of
// each, which stands first among its values.
type Choices struct {
	Pos             strict.Pos        `yaml:"-" json:"-"`
	Action          string            `yaml:"action" jsonschema:"enum=BindAxb,enum=Axbbind,enum=both,description=name of the bind operation: the SDK's or that of the page's title"`
	Methods         string            `yaml:"methods" jsonschema:"enum=any,enum=get,enum=post,enum=query,description=get or post: only that method; query: both but no parameters in a body"`
	Signatures      string            `yaml:"signatures" jsonschema:"enum=both,enum=v1,enum=v3,description=signatures that are accepted"`
	Format          string            `yaml:"format" jsonschema:"enum=json,enum=xml,description=format of an answer when Format is absent"`
	BusinessStatus  int               `yaml:"business_status" jsonschema:"enum=200,enum=400,description=HTTP status of business errors (200)"`
	Zone            Zone              `yaml:"zone" jsonschema:"description=zone of Expiration (+08:00)"`
	MinAhead        Limitless         `yaml:"min_ahead" jsonschema:"description=Expiration is more than this ahead, or none (1m)"`
	MaxAhead        Limitless         `yaml:"max_ahead" jsonschema:"description=Expiration is at most this ahead (none)"`
	Expiry          string            `yaml:"expiry" jsonschema:"enum=exclusive,enum=inclusive,description=whether a binding still lives in the second of its Expiration"`
	Booleans        string            `yaml:"booleans" jsonschema:"enum=any_case,enum=exact,description=exact: only true and false"`
	Recording       string            `yaml:"recording" jsonschema:"enum=off,enum=on,description=IsRecordingEnabled when it is absent"`
	CountryCode     string            `yaml:"country_code" jsonschema:"enum=refuse,enum=strip,description=a number with +86 before it"`
	ServiceNumbers  string            `yaml:"service_numbers" jsonschema:"enum=refuse,enum=accept,description=95 and 400 numbers as A or B"`
	Hyphen          string            `yaml:"hyphen" jsonschema:"enum=refuse,enum=normalise,description=a landline with a hyphen"`
	SameNumber      string            `yaml:"same_number" jsonschema:"enum=refuse,enum=accept,description=A equal to B or to a given X"`
	UnknownPool     CodeName          `yaml:"unknown_pool" jsonschema:"description=code for a PoolKey that is no pool (isv.ILLEGAL_ARGUMENT)"`
	ForeignPool     CodeName          `yaml:"foreign_pool" jsonschema:"description=code for a pool of another account (isv.FORBIDDEN_ACTION)"`
	XUnknown        CodeName          `yaml:"x_unknown" jsonschema:"description=code for a PhoneNoX that nobody has (isv.NO_NOT_EXIST)"`
	XOtherPool      CodeName          `yaml:"x_other_pool" jsonschema:"description=code for a PhoneNoX of another pool of the account (isv.FORBIDDEN_ACTION)"`
	XOtherAccount   CodeName          `yaml:"x_other_account" jsonschema:"description=code for a PhoneNoX of another account (isv.NO_USED_BY_OTHERS)"`
	StrictRefusal   CodeName          `yaml:"strict_refusal" jsonschema:"description=code when a strict pool has no number in the city (isv.NO_AVAILABLE_NUMBER)"`
	Conflict        string            `yaml:"conflict" jsonschema:"enum=either_role,enum=same_role,description=same_role: A bound as B on an X is no conflict"`
	ConflictCode    CodeName          `yaml:"conflict_code" jsonschema:"description=code when a given X is bound to A or B (isv.BIND_CONFLICT)"`
	CityNames       string            `yaml:"city_names" jsonschema:"enum=suffix_stripped,enum=exact,description=whether 北京市 is 北京"`
	CityAliases     map[string]string `yaml:"city_aliases" jsonschema:"description=other names of cities: hangzhou: 杭州"`
	Pick            string            `yaml:"pick" jsonschema:"enum=uniform,enum=packed,description=packed: the first X that can take the pair instead of a random one"`
	XAndCity        string            `yaml:"x_and_city" jsonschema:"enum=x,enum=refuse,description=PhoneNoX together with ExpectCity: X wins or the call is refused"`
	SamePair        string            `yaml:"same_pair" jsonschema:"enum=new,enum=conflict,enum=same,description=the same A and B again without PhoneNoX: a new X or a refusal or the same binding again"`
	Extension       string            `yaml:"extension" jsonschema:"enum=sent,enum=absent,description=SecretBindDTO.Extension"`
	FailureDTO      string            `yaml:"failure_dto" jsonschema:"enum=absent,enum=as_null,enum=empty,description=SecretBindDTO of a refused bind"`
	Message         string            `yaml:"message" jsonschema:"enum=table,enum=english,enum=code,description=Message of business errors: the page's text or its translation or the code itself"`
	OKMessage       string            `yaml:"ok_message" jsonschema:"description=Message of OK (OK)"`
	RequestID       string            `yaml:"request_id" jsonschema:"enum=upper,enum=lower,description=letters of the RequestId"`
	SubsID          string            `yaml:"subs_id" jsonschema:"enum=16,enum=8,enum=19,enum=uuid,description=form of SubsId: so many digits or a UUID"`
	AfterISP        string            `yaml:"after_isp" jsonschema:"enum=none,enum=bound,description=whether a binding exists after an isp code that was injected or triggered"`
	PoolKeyBytes    int               `yaml:"pool_key_bytes" jsonschema:"minimum=1,maximum=4096,description=longest PoolKey (64)"`
	OutIDBytes      int               `yaml:"out_id_bytes" jsonschema:"minimum=1,maximum=4096,description=longest OutId and OutOrderId (256)"`
	Duplicates      string            `yaml:"duplicates" jsonschema:"enum=refuse,enum=first,enum=last,description=a parameter that stands twice; of first and last the value that is used must be the signed one"`
	UnknownParams   string            `yaml:"unknown_params" jsonschema:"enum=ignore,enum=refuse,description=parameters that the documentation does not have"`
	Empty           string            `yaml:"empty" jsonschema:"enum=absent,enum=refuse,description=an empty optional parameter"`
	ParamNames      string            `yaml:"param_names" jsonschema:"enum=exact,enum=any_case,description=letters in the names of parameters"`
	Missing         string            `yaml:"missing" jsonschema:"enum=metadata,enum=gateway,enum=business,description=who answers a missing required parameter: as the API's metadata says or always the gateway or never"`
	BadExpiration   CodeName          `yaml:"bad_expiration" jsonschema:"description=code for an Expiration that is not accepted (isv.EXPIRE_DATE_ILLEGAL)"`
	BadNumber       CodeName          `yaml:"bad_number" jsonschema:"description=code for a malformed number (isv.MOBILE_NUMBER_ILLEGAL)"`
	UnknownBinding  CodeName          `yaml:"unknown_binding" jsonschema:"description=code for a SubsId that is no binding (isv.ILLEGAL_ARGUMENT)"`
	Unverified      CodeName          `yaml:"unverified" jsonschema:"description=code for an account without real-name verification (isv.ACCOUNT_ABNORMAL)"`
	PermissionCode  CodeName          `yaml:"permission_denied" jsonschema:"description=code for a key without the right to an operation (isp.RAM_PERMISSION_DENY)"`
	AuthStatus      int               `yaml:"auth_status" jsonschema:"enum=0,enum=400,enum=403,enum=404,description=HTTP status of every authentication failure; 0: of each code its own"`
	Gzip            string            `yaml:"gzip" jsonschema:"enum=never,enum=asked,description=whether an answer is compressed for a client that accepts it"`
	Operations      []string          `yaml:"operations" jsonschema:"description=operations that exist (all)"`
	RememberExpired int               `yaml:"remember_expired" jsonschema:"minimum=0,maximum=10000000,description=how many expired bindings of a pool are still known to queries; 0: none (4096)"`
}

// check says what is wrong: the enumerations were checked by the reader, and here for a Choices that was not read.
func (c *Choices) check() *strict.Error {
	for _, name := range c.Operations {
		if contract.FindOperation(name) == nil {
			return c.Pos.Error("operations", fmt.Sprintf("no operation is called %q", name), strings.Join(operationNames(), ", "))
		}
	}
	if len(c.Operations) > 0 && !slices.Contains(c.Operations, contract.BindAxb.Name) {
		return c.Pos.Error("operations", "BindAxb is missing", "BindAxb and any of the others")
	}
	if c.MaxAhead.set && !c.MaxAhead.none && c.MaxAhead.d <= c.minAhead() {
		return c.Pos.Error("max_ahead", "not more than min_ahead", "none, or a longer time")
	}
	for alias, name := range c.CityAliases {
		if alias == "" || name == "" {
			return c.Pos.Error("city_aliases", "a name is empty", "another name and the city's, for example hangzhou: 杭州")
		}
	}
	return nil
}

// minAhead is by how much Expiration must lie after now: more than that; negative without a minimum.
func (c *Choices) minAhead() time.Duration {
	switch {
	case !c.MinAhead.set:
		return time.Minute
	case c.MinAhead.none:
		return -1
	}
	return c.MinAhead.d
}

// maxAhead is how far ahead Expiration may lie at most; 0 without a maximum.
func (c *Choices) maxAhead() time.Duration { return c.MaxAhead.d }

// shape gives a pool what is a matter of choice.
func (c *Choices) shape(p *numbers.PoolConfig) {
	p.SameRole, p.AllowSame = c.Conflict == "same_role", c.SameNumber == "accept"
	p.Packed, p.Inclusive = c.Pick == "packed", c.Expiry == "inclusive"
	if p.Remember = c.RememberExpired; p.Remember == 0 && c.Pos.Has("remember_expired") {
		p.Remember = -1
	}
}

// exists reports whether the endpoint has an operation.
func (c *Choices) exists(name string) bool {
	return len(c.Operations) == 0 || slices.Contains(c.Operations, name)
}

func operationNames() (names []string) {
	for _, op := range contract.Operations {
		names = append(names, op.Name)
	}
	return names
}

// codeOr returns the code that was chosen, or the default.
func (n CodeName) or(usual string) string {
	if n == "" {
		return usual
	}
	return string(n)
}
