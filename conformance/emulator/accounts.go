package emulator

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"axbench/conformance/contract"
	"axbench/conformance/numbers"
	"axbench/conformance/signature"
	"axbench/scenarios/strict"
)

// MainAccount is the account that owns the built-in key and pool, and the credentials and pools that stand outside an account.
const MainAccount = "main"

// Account is one customer: keys, pools and what it is charged for. Its state decides whether it is served.
type Account struct {
	Pos         strict.Pos   `yaml:"-" json:"-"`
	Name        string       `yaml:"name" jsonschema:"required,description=any name but main"`
	State       string       `yaml:"state" jsonschema:"enum=active,enum=unverified,enum=out_of_service,enum=never_subscribed,enum=unsubscribed,enum=gone,enum=abnormal,enum=no_partner,enum=partner_closed,description=every state but active is answered with its code"`
	Credentials []Credential `yaml:"credentials" jsonschema:"description=access keys of the account"`
	Pools       []Pool       `yaml:"pools" jsonschema:"description=number pools of the account"`
	Limits      []Limit      `yaml:"limits" jsonschema:"description=flow limits of this account instead of the common ones"`
}

// stateCodes are the codes of the states that an account can be in (bindaxb-doc:132-147); unverified is one of the Choices.
var stateCodes = map[string]string{
	"out_of_service":   "isv.OUT_OF_SERVICE",
	"never_subscribed": "isv.PRODUCT_UN_SUBSCRIPT",
	"unsubscribed":     "isv.PRODUCT_UNSUBSCRIBE",
	"gone":             "isv.ACCOUNT_NOT_EXISTS",
	"abnormal":         "isv.ACCOUNT_ABNORMAL",
	"no_partner":       "isv.PARTNER_NOT_EXIST",
	"partner_closed":   "isv.PARTNER_IS_CLOSED",
}

// stateClauses are the clauses that a refusal by state is made by.
var stateClauses = map[string]string{
	"unverified":       "ACC-1",
	"out_of_service":   "COD-OUT_OF_SERVICE",
	"never_subscribed": "COD-PRODUCT_UN_SUBSCRIPT",
	"unsubscribed":     "COD-PRODUCT_UNSUBSCRIBE",
	"gone":             "COD-ACCOUNT_NOT_EXISTS",
	"abnormal":         "COD-ACCOUNT_ABNORMAL",
	"no_partner":       "COD-PARTNER_NOT_EXIST",
	"partner_closed":   "COD-PARTNER_IS_CLOSED",
}

// Credential is one access key. A key with a token is a temporary one and is refused without it; to let a key work both ways
// it stands here twice.
type Credential struct {
	Pos    strict.Pos `yaml:"-" json:"-"`
	ID     string     `yaml:"id" jsonschema:"required,description=access key id"`
	Secret string     `yaml:"secret" jsonschema:"required,description=access key secret"`
	Token  string     `yaml:"token" jsonschema:"description=security token (STS)"`
	State  string     `yaml:"state" jsonschema:"enum=active,enum=inactive,enum=deleted,enum=expired,description=inactive keys are disabled and deleted ones unknown; expired: the token has run out"`
	Deny   []string   `yaml:"deny" jsonschema:"description=operations that the key may not call (RAM)"`
}

// account is who pays: the owner of keys and pools, and the scope of the flow limits.
type account struct {
	name   string
	state  *row   // what it is refused with; nil when it is active
	clause string // of that refusal
	limits []*limiter
	keys   []*key // in the order of the configuration
}

// key is one access key.
type key struct {
	id, token string
	hash      uint64 // for the nonces
	inactive  bool
	expired   bool // its token
	deny      []string
	account   *account
	limits    []*limiter // those counted by key
	v1, v3    sync.Pool  // *signature.V1Key, *signature.V3Key
}

// pool is a number pool and whose it is.
type pool struct {
	*numbers.Pool
	account *account
	names   map[string]bool // of its cities where they are compared exactly, else nil
	pairs   sync.Mutex      // held while a pair is looked up and bound, where it is bound once
}

// owned is one account with its name and position, the main one first.
type owned struct {
	name        string
	account     *Account // nil for the main one
	credentials []Credential
	pools       []Pool
}

// owners lists the accounts.
func (c *Config) owners() []owned {
	out := []owned{{name: MainAccount, credentials: c.Credentials, pools: c.Pools}}
	for i := range c.Accounts {
		a := &c.Accounts[i]
		out = append(out, owned{a.Name, a, a.Credentials, a.Pools})
	}
	return out
}

func (c *Config) checkAccounts() *strict.Error {
	names := map[string]bool{MainAccount: true}
	for i := range c.Accounts {
		a := &c.Accounts[i]
		switch {
		case a.Name == "":
			return a.Pos.Error("name", "no value is given", "a name")
		case names[a.Name]:
			return a.Pos.Error("name", "this account stands before", "each account once; keys and pools outside accounts belong to "+MainAccount)
		case len(a.Credentials) == 0:
			return a.Pos.Error("credentials", "an account without a key cannot call", "at least one")
		}
		names[a.Name] = true
		if err := checkLimits(a.Limits); err != nil {
			return err
		}
	}
	return c.checkCredentials()
}

// checkCredentials wants a key to have one secret and one account.
func (c *Config) checkCredentials() *strict.Error {
	type first struct{ secret, account string }
	before, seen := map[string]first{BuiltinID: {BuiltinSecret, MainAccount}}, map[[2]string]bool{}
	for _, o := range c.owners() {
		for i := range o.credentials {
			k := &o.credentials[i]
			was, known := before[k.ID]
			switch {
			case k.ID == "":
				return k.Pos.Error("id", "no value is given", "an access key id")
			case k.Secret == "":
				return k.Pos.Error("secret", "no value is given", "an access key secret")
			case k.State == "expired" && k.Token == "":
				return k.Pos.Error("state", "a key without a token does not expire", "active, inactive or deleted; or a token")
			case known && was.account != o.name:
				return k.Pos.Error("id", "this key belongs to account "+was.account, "a key of one account only")
			case known && was.secret != k.Secret:
				return k.Pos.Error("secret", "this key stands before with another secret", "one secret for a key")
			case seen[[2]string{k.ID, k.Token}]:
				return k.Pos.Error("id", "this key stands twice", "a key once without and once with a token")
			}
			if i := slices.IndexFunc(k.Deny, func(name string) bool { return contract.FindOperation(name) == nil }); i >= 0 {
				return k.Pos.Error("deny", fmt.Sprintf("no operation is called %q", k.Deny[i]), strings.Join(operationNames(), ", "))
			}
			before[k.ID] = first{k.Secret, o.name}
			seen[[2]string{k.ID, k.Token}] = true
		}
	}
	return nil
}

// addAccounts makes the accounts with their keys. The built-in key is the main account's unless it stands there itself.
func (s *Server) addAccounts(cfg *Config) map[string]*account {
	accounts := map[string]*account{}
	for _, o := range cfg.owners() {
		a := &account{name: o.name}
		limits := cfg.limits()
		if o.account != nil {
			if o.account.Limits != nil {
				limits = o.account.Limits
			}
			a.state, a.clause = s.stateRow(cfg, o.account.State), stateClauses[o.account.State]
		}
		for i := range limits {
			if limits[i].Per == "" || limits[i].Per == "account" {
				a.limits = append(a.limits, newLimiter(&limits[i], s.rows))
			}
		}
		if o.account == nil && !slices.ContainsFunc(o.credentials, isBuiltin) {
			s.addKey(Credential{ID: BuiltinID, Secret: BuiltinSecret}, a, limits)
		}
		for _, k := range o.credentials {
			s.addKey(k, a, limits)
		}
		accounts[o.name] = a
	}
	return accounts
}

// stateRow is what an account in that state is answered, nil for an active one.
func (s *Server) stateRow(cfg *Config, state string) *row {
	switch state {
	case "", "active":
		return nil
	case "unverified":
		return s.rows.find(cfg.Choices.Unverified.or("isv.ACCOUNT_ABNORMAL"))
	}
	return s.rows.find(stateCodes[state])
}

func (s *Server) addKey(c Credential, owner *account, limits []Limit) {
	if c.State == "deleted" {
		return
	}
	k := &key{id: c.ID, token: c.Token, account: owner, hash: s.nonces.key(c.ID), inactive: c.State == "inactive", expired: c.State == "expired", deny: c.Deny}
	k.v1.New = func() any { return signature.NewV1Key(c.Secret) }
	k.v3.New = func() any { return signature.NewV3Key(c.Secret) }
	for i := range limits {
		if limits[i].Per == "key" {
			k.limits = append(k.limits, newLimiter(&limits[i], s.rows))
		}
	}
	s.keys[c.ID] = append(s.keys[c.ID], k)
	owner.keys = append(owner.keys, k)
}
