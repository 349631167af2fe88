package conformance

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"axbench/conformance/client"
	"axbench/results"
)

// MainCredential is the name of the credential that signs where no case needs another, and whose account owns the pools.
const MainCredential = "main"

// Pool returns what is declared of the pool of that name, nil when nothing is.
func (p *Provision) Pool(name string) *PoolFacts {
	f, ok := p.Pools[name]
	if !ok {
		return nil
	}
	return &f
}

// Zone returns the declared zone of Expiration; false when it has to be found out.
func (p *Provision) Zone() (*time.Location, bool) {
	zone, ok := readZone(p.Target.Zone)
	return zone, ok
}

// FlowCredential names the credential whose account has the declared flow limit: limited, or main where that is not declared.
func (p *Provision) FlowCredential() string {
	if _, ok := p.Credentials["limited"]; ok {
		return "limited"
	}
	return MainCredential
}

// Secrets returns the declared key pairs by name, read from the environment. env looks up a variable as os.Getenv does. The
// error has a *strict.Error for every variable that is not set, and names it and its credential; no error holds a value.
func (p *Provision) Secrets(env func(string) string) (map[string]client.Credentials, error) {
	out := make(map[string]client.Credentials, len(p.Credentials))
	var missing []error
	for _, name := range slices.Sorted(maps.Keys(p.Credentials)) {
		c := p.Credentials[name]
		read := func(key, variable string) string {
			if variable == "" {
				return ""
			}
			value := env(variable)
			if value == "" {
				missing = append(missing, c.Pos.Error(key, fmt.Sprintf("the environment variable %s of the credential %s is not set", variable, name),
					"export "+variable+"=… before the run, or a file without this credential"))
			}
			return value
		}
		out[name] = client.Credentials{ID: read("id_env", c.IDEnv), Secret: read("secret_env", c.SecretEnv), Token: read("token_env", c.TokenEnv),
			Source: "environment, credential " + name}
	}
	if len(missing) > 0 {
		return nil, errors.Join(missing...)
	}
	return out, nil
}

// Summary says for a report what is declared. file is the name of the provisioning file and data its bytes; without data
// nothing was declared.
func (p *Provision) Summary(file string, data []byte) results.Provisioning {
	out := results.Provisioning{Credentials: []string{}, Pools: []string{}, Unprovocable: map[string]string{}}
	if len(data) == 0 {
		return out
	}
	sum := sha256.Sum256(data)
	out.File, out.SHA256 = file, hex.EncodeToString(sum[:])
	out.Credentials = append(out.Credentials, slices.Sorted(maps.Keys(p.Credentials))...)
	out.Pools = append(out.Pools, slices.Sorted(maps.Keys(p.Pools))...)
	for code, how := range p.Codes {
		if how.Unprovocable != "" {
			out.Unprovocable[code] = how.Unprovocable
		}
	}
	out.Query, out.Unbind = p.Query.SubscriptionDetail, p.Query.Unbind
	out.Clock, out.Receipts = p.Channels.Clock != "", p.Channels.Receipts != ""
	return out
}

// magic reports whether a number stands for a fault in codes.
func (p *Provision) magic(n string) bool {
	for _, how := range p.Codes {
		if n == how.PhoneA || n == how.PhoneB || n == how.PhoneX {
			return true
		}
	}
	return false
}
