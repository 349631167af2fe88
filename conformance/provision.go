package conformance

import (
	"time"

	"axbench/scenarios/strict"
)

// ProvisionVersion is the name and version of the format of a provisioning file.
const ProvisionVersion = "bindaxb/provisioning/v1"

// Provision is what a vendor declares of an endpoint so that more of it can be provoked: a provisioning file. The zero value
// declares nothing. It names credentials by the environment variables that hold them, and holds no secret.
type Provision struct {
	Pos         strict.Pos            `yaml:"-" json:"-"`
	APIVersion  string                `yaml:"apiVersion"`
	Target      ProvisionTarget       `yaml:"target"`
	Phones      ProvisionPhones       `yaml:"phones"`
	Budget      ProvisionBudget       `yaml:"budget"`
	Credentials map[string]Credential `yaml:"credentials"` // main, second_of_main_account, other_account, inactive, unverified, and those that codes name
	Pools       map[string]PoolFacts  `yaml:"pools"`       // main, second, small, strict, foreign
	Query       ProvisionQuery        `yaml:"query"`
	Channels    ProvisionChannels     `yaml:"channels"`
	Codes       map[string]Provoke    `yaml:"codes"` // by code: how to meet it
}

// ProvisionTarget is the endpoint.
type ProvisionTarget struct {
	Pos          strict.Pos    `yaml:"-" json:"-"`
	BaseURL      string        `yaml:"base_url"`
	Zone         string        `yaml:"zone"`           // of Expiration: +08:00, UTC; "" is found out
	FlowLimitRPS float64       `yaml:"flow_limit_rps"` // calls of BindAxb a second before isv.FLOW_LIMIT; 0 is not declared
	Deadline     time.Duration `yaml:"deadline"`       // in which every answer is complete (TRN-13); 0 is 10 s
}

// ProvisionPhones are the numbers that may be bound: single ones and ranges FROM-TO. Nobody but their owners can be rung.
type ProvisionPhones struct {
	Pos      strict.Pos `yaml:"-" json:"-"`
	A        []string   `yaml:"a"`
	B        []string   `yaml:"b"`
	Landline []string   `yaml:"landline"` // for either side
}

// ProvisionBudget bounds what a run may use.
type ProvisionBudget struct {
	Pos        strict.Pos    `yaml:"-" json:"-"`
	Bindings   int           `yaml:"bindings"`   // made in all, unbound ones included; 0 is 2000 on loopback, 400 elsewhere
	Expiration time.Duration `yaml:"expiration"` // how long a binding lives where no case needs another; 0 is 3 m
	Calls      int64         `yaml:"calls"`      // in all; 0 is 1,000,000 on loopback, 5,000 elsewhere
	Rate       float64       `yaml:"rate"`       // calls a second at most; 0 is none on loopback, 5 elsewhere
}

// Credential names the environment variables that hold one key pair.
type Credential struct {
	Pos       strict.Pos `yaml:"-" json:"-"`
	IDEnv     string     `yaml:"id_env"`
	SecretEnv string     `yaml:"secret_env"`
	TokenEnv  string     `yaml:"token_env"`
}

// PoolFacts is what is known of one number pool.
type PoolFacts struct {
	Pos       strict.Pos          `yaml:"-" json:"-"`
	Key       string              `yaml:"key"`
	Size      int                 `yaml:"size"`       // how many X it has; 0 is not declared
	Numbers   map[string][]string `yaml:"numbers"`    // X numbers by city, single ones and ranges
	EmptyCity string              `yaml:"empty_city"` // a city of which it has no number
	Strict    bool                `yaml:"strict"`     // it never gives a number of another city than asked for
	Pairs     int                 `yaml:"pairs"`      // bindings that one X serves at once; 0 is not declared
	Of        string              `yaml:"of"`         // the credential whose account owns it; "" is main
	Number    string              `yaml:"number"`     // one X of it, where numbers are not declared
}

// ProvisionQuery says which neighbouring operations the endpoint has.
type ProvisionQuery struct {
	Pos                strict.Pos `yaml:"-" json:"-"`
	SubscriptionDetail bool       `yaml:"subscription_detail"` // QuerySubscriptionDetail: a second channel
	Unbind             bool       `yaml:"unbind"`              // UnbindSubscription: bindings are ended as soon as they have served
}

// ProvisionChannels are listeners beside the endpoint. They speak as the admin listener of the emulator does.
type ProvisionChannels struct {
	Pos      strict.Pos `yaml:"-" json:"-"`
	Clock    string     `yaml:"clock"`    // URL; POST {"advance": "1m30s"} moves the clock that bindings expire by
	Receipts string     `yaml:"receipts"` // URL; POST {"x": X, "from": A} rings an X and answers with the call record
}

// Provoke says how a code is met that nobody can provoke from outside, or why it cannot be.
type Provoke struct {
	Pos          strict.Pos        `yaml:"-" json:"-"`
	Credential   string            `yaml:"credential"` // sign with this one
	PhoneA       string            `yaml:"phone_a"`    // a number that stands for the fault
	PhoneB       string            `yaml:"phone_b"`
	PhoneX       string            `yaml:"phone_x"`
	Pool         string            `yaml:"pool"` // name of a pool above
	City         string            `yaml:"city"`
	OutID        string            `yaml:"out_id"`
	Header       map[string]string `yaml:"header"`
	Unprovocable string            `yaml:"unprovocable"` // the reason; then nothing else is given
}
