package conformance

import (
	"time"

	"axbench/scenarios/strict"
)

// ProvisionVersion is the name and version of the format of a provisioning file.
const ProvisionVersion = "bindaxb/provisioning/v1"

// Provision is what a vendor declares of an endpoint so that more of it can be provoked: a provisioning file. The zero value
// declares nothing. It names credentials by the environment variables that hold them, and holds no secret. It is not changed
// after it was read, so its methods are safe for concurrent use.
type Provision struct {
	Pos         strict.Pos            `yaml:"-" json:"-"`
	APIVersion  string                `yaml:"apiVersion" jsonschema:"required,enum=bindaxb/provisioning/v1,description=name and version of this format"`
	Target      ProvisionTarget       `yaml:"target" jsonschema:"description=the endpoint"`
	Phones      ProvisionPhones       `yaml:"phones" jsonschema:"description=the numbers that may be bound: nobody but their owners can be rung"`
	Budget      ProvisionBudget       `yaml:"budget" jsonschema:"description=what a run may use"`
	Credentials map[string]Credential `yaml:"credentials" jsonschema:"description=key pairs by name: main and second_of_main_account and other_account and limited and inactive and deleted and unverified and those that codes and pools name"`
	Pools       map[string]PoolFacts  `yaml:"pools" jsonschema:"description=number pools by name: main and second and small and strict and foreign and limited and those that codes name"`
	Query       ProvisionQuery        `yaml:"query" jsonschema:"description=neighbouring operations that the endpoint has"`
	Channels    ProvisionChannels     `yaml:"channels" jsonschema:"description=listeners beside the endpoint that speak as the admin listener of axbench emulate does"`
	Codes       map[string]Provoke    `yaml:"codes" jsonschema:"description=how to meet a code that nobody can provoke from outside; by code"`
}

// ProvisionTarget is the endpoint.
type ProvisionTarget struct {
	Pos          strict.Pos    `yaml:"-" json:"-"`
	BaseURL      string        `yaml:"base_url" jsonschema:"description=URL of the endpoint; --target goes before it,example=https://vendor.example/"`
	Zone         string        `yaml:"zone" jsonschema:"description=zone of Expiration: UTC or an offset; found out without it,example=+08:00"`
	FlowLimitRPS float64       `yaml:"flow_limit_rps" jsonschema:"minimum=0,maximum=1000000,description=calls of BindAxb a second before isv.FLOW_LIMIT: of the account of the credential limited or of main where that is not declared; 0: not declared"`
	Deadline     time.Duration `yaml:"deadline" jsonschema:"description=in which every answer is complete (10s),example=5s"`
}

// ProvisionPhones are the numbers that may be bound: single ones and ranges FROM-TO. Nobody but their owners can be rung.
type ProvisionPhones struct {
	Pos      strict.Pos `yaml:"-" json:"-"`
	A        []string   `yaml:"a" jsonschema:"description=for PhoneNoA: numbers and ranges FROM-TO,example=15000000000-15000000999"`
	B        []string   `yaml:"b" jsonschema:"description=for PhoneNoB,example=15800000000-15800000999"`
	Landline []string   `yaml:"landline" jsonschema:"description=landlines with their area code for either side,example=057188990000-057188990099"`
}

// ProvisionBudget bounds what a run may use.
type ProvisionBudget struct {
	Pos        strict.Pos    `yaml:"-" json:"-"`
	Bindings   int           `yaml:"bindings" jsonschema:"minimum=0,maximum=10000000,description=bindings made in all: those that are unbound again count too (2000 on loopback; 400 elsewhere)"`
	Expiration time.Duration `yaml:"expiration" jsonschema:"description=how long a binding lives where no case needs another: 2m to 1h (3m),example=3m"`
	Calls      int64         `yaml:"calls" jsonschema:"minimum=0,maximum=100000000,description=calls in all (1000000 on loopback; 5000 elsewhere)"`
	Rate       float64       `yaml:"rate" jsonschema:"minimum=0,maximum=1000000,description=calls a second at most (any on loopback; 5 elsewhere)"`
}

// Credential names the environment variables that hold one key pair.
type Credential struct {
	Pos       strict.Pos `yaml:"-" json:"-"`
	IDEnv     string     `yaml:"id_env" jsonschema:"required,description=name of the environment variable with the access key id,example=AXB_MAIN_ID"`
	SecretEnv string     `yaml:"secret_env" jsonschema:"required,description=name of the environment variable with the secret,example=AXB_MAIN_SECRET"`
	TokenEnv  string     `yaml:"token_env" jsonschema:"description=name of the environment variable with the security token of a temporary key,example=AXB_MAIN_TOKEN"`
}

// PoolFacts is what is known of one number pool.
type PoolFacts struct {
	Pos       strict.Pos          `yaml:"-" json:"-"`
	Key       string              `yaml:"key" jsonschema:"required,description=PoolKey,example=FC123456"`
	Size      int                 `yaml:"size" jsonschema:"minimum=0,maximum=100000000,description=how many X it has; 0: not declared"`
	Numbers   map[string][]string `yaml:"numbers" jsonschema:"description=X numbers by city: single ones and ranges FROM-TO; all of them when size says as many"`
	EmptyCity string              `yaml:"empty_city" jsonschema:"description=a city of which it has no number"`
	Strict    bool                `yaml:"strict" jsonschema:"description=whether it never gives a number of another city than asked for"`
	Pairs     int                 `yaml:"pairs" jsonschema:"minimum=0,maximum=1000000,description=bindings that one X serves at once; 0: not declared"`
	Of        string              `yaml:"of" jsonschema:"description=the credential whose account owns it (main)"`
	Number    string              `yaml:"number" jsonschema:"description=one X of it where numbers are not declared"`

	spans []numberSpan // of Numbers, sorted; nil when it was not read from a file
}

// ProvisionQuery says which neighbouring operations the endpoint has.
type ProvisionQuery struct {
	Pos                strict.Pos `yaml:"-" json:"-"`
	SubscriptionDetail bool       `yaml:"subscription_detail" jsonschema:"description=QuerySubscriptionDetail: a second look at what was bound"`
	Unbind             bool       `yaml:"unbind" jsonschema:"description=UnbindSubscription: bindings are ended as soon as they have served"`
}

// ProvisionChannels are listeners beside the endpoint. They speak as the admin listener of the emulator does.
type ProvisionChannels struct {
	Pos      strict.Pos `yaml:"-" json:"-"`
	Clock    string     `yaml:"clock" jsonschema:"description=URL; a POST of advance: 1m30s moves the clock that bindings expire by"`
	Receipts string     `yaml:"receipts" jsonschema:"description=URL; a POST of x and from rings an X and answers with the call record"`
}

// Provoke says how a code is met that nobody can provoke from outside, or why it cannot be.
type Provoke struct {
	Pos          strict.Pos        `yaml:"-" json:"-"`
	Credential   string            `yaml:"credential" jsonschema:"description=sign with this one of credentials"`
	PhoneA       string            `yaml:"phone_a" jsonschema:"description=PhoneNoA that stands for the fault; no other call gets this number"`
	PhoneB       string            `yaml:"phone_b" jsonschema:"description=PhoneNoB that stands for the fault"`
	PhoneX       string            `yaml:"phone_x" jsonschema:"description=PhoneNoX that stands for the fault"`
	Pool         string            `yaml:"pool" jsonschema:"description=one of pools by its name here"`
	City         string            `yaml:"city" jsonschema:"description=ExpectCity"`
	OutID        string            `yaml:"out_id" jsonschema:"description=OutId"`
	Header       map[string]string `yaml:"header" jsonschema:"description=headers of the request"`
	Unprovocable string            `yaml:"unprovocable" jsonschema:"description=why nothing can provoke it; then nothing else is given"`
}
