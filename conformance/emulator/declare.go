package emulator

import (
	"slices"
	"time"

	"axbench/conformance/numbers"
)

// OwnedPool is a pool of a configuration with the account that owns it.
type OwnedPool struct {
	numbers.PoolConfig
	Account string
}

// AllPools returns the pools of all accounts as the emulator has them: those of the configuration in its order, with generated
// numbers as ranges, and the built-in one behind them unless it is replaced.
func (c *Config) AllPools() (list []OwnedPool) {
	pools := c.poolConfigs()
	for _, o := range c.owners() {
		for range o.pools {
			list = append(list, OwnedPool{pools[0], o.name})
			pools = pools[1:]
		}
	}
	for _, p := range pools {
		list = append(list, OwnedPool{p, MainAccount})
	}
	return list
}

// AllAccounts returns the accounts with their keys and the limits that hold for them, the main one first. Its built-in key is
// the first of its keys unless it stands in the configuration.
func (c *Config) AllAccounts() (list []Account) {
	for _, o := range c.owners() {
		if o.account != nil {
			other := *o.account
			if other.Limits == nil {
				other.Limits = c.limits()
			}
			list = append(list, other)
			continue
		}
		main := Account{Name: MainAccount, Pools: c.Pools, Limits: c.limits()}
		if !slices.ContainsFunc(c.Credentials, isBuiltin) {
			main.Credentials = append(main.Credentials, Credential{ID: BuiltinID, Secret: BuiltinSecret})
		}
		main.Credentials = append(main.Credentials, c.Credentials...)
		list = append(list, main)
	}
	return list
}

// isBuiltin reports whether a key is the built-in one, which then stands in the configuration itself.
func isBuiltin(k Credential) bool { return k.ID == BuiltinID && k.Token == "" }

// StateCode is the code that an account in that state is answered, "" for an active one.
func (c *Config) StateCode(state string) string {
	if state == "unverified" {
		return c.Choices.Unverified.or("isv.ACCOUNT_ABNORMAL")
	}
	return stateCodes[state]
}

// DeniedCode is the code for a key without the right to an operation.
func (c *Config) DeniedCode() string { return c.Choices.PermissionCode.or("isp.RAM_PERMISSION_DENY") }

// Has reports whether the endpoint has an operation.
func (c *Config) Has(operation string) bool { return c.Choices.exists(operation) }

// String is the zone as it is configured: +08:00, +00:00.
func (z Zone) String() string { return time.Time{}.In(z.location()).Format("-07:00") }
