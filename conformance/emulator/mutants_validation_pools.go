package emulator

import "strings"

var mutantsPools = []*Deviation{
	{ID: "V01", Text: "PoolKey missing -> OK", Clauses: []string{"PRM-POOL-1"}, Needs: "a bind without PoolKey",
		at: onStage("required", reading(func(c *call) bool { return !c.given.has(fPoolKey) && c.takeDefaultPool() }))},
	{ID: "V03", Text: `PoolKey "" -> default pool, OK`, Clauses: []string{"PRM-POOL-2"}, Needs: "a bind with an empty PoolKey",
		at: onStage("required", reading(func(c *call) bool {
			return c.given.has(fPoolKey) && c.values[fPoolKey] == "" && c.takeDefaultPool()
		}))},
	{ID: "V04", Text: "unknown PoolKey -> OK from a default pool", Clauses: []string{"PRM-POOL-3", "PRM-POOL-6"}, Needs: "a bind with a PoolKey that is no pool of the account",
		at: onStage("bind pool", anyPool)},
	{ID: "V05", Text: "PoolKey compared case-insensitively or trimmed", Clauses: []string{"PRM-POOL-5"}, Needs: "a bind with a PoolKey in other letters or with spaces around it",
		at: onStage("bind pool", reading(likePool))},
	{ID: "V42", Text: "unknown PoolKey -> isp.DAO_EXCEPTION", Clauses: []string{"PRM-POOL-3", "INV-7"}, Needs: "a bind with a PoolKey that is no pool",
		at: onStage("bind pool", instead("isp.DAO_EXCEPTION", func(c *call, _ *row) bool {
			key := c.values[fPoolKey]
			return key != "" && len(key) <= c.server.rules.poolKeyBytes && c.server.pools[key] == nil
		}))},
	{ID: "V44", Text: "PoolKey longer than 64 bytes -> isp.DAO_EXCEPTION", Clauses: []string{"PRM-POOL-5"}, Needs: "a bind with a PoolKey that is too long",
		at: onStage("bind pool", instead("isp.DAO_EXCEPTION", func(c *call, _ *row) bool { return len(c.values[fPoolKey]) > c.server.rules.poolKeyBytes }))},
}

// takeDefaultPool puts the default pool's key into a bind.
func (c *call) takeDefaultPool() bool {
	if !c.binds() {
		return false
	}
	p := c.defaultPool()
	if p != nil {
		c.set(fPoolKey, p.Key())
	}
	return p != nil
}

// anyPool takes the default pool for every key that is none of the account's.
func anyPool(c *call, next func(*call) *row) (*row, bool) {
	key := c.values[fPoolKey]
	p := c.server.pools[key]
	if key == "" || len(key) > c.server.rules.poolKeyBytes || p != nil && p.account == c.key.account {
		return next(c), false
	}
	if p = c.defaultPool(); p == nil {
		return next(c), false
	}
	c.pool = p
	return nil, true
}

// likePool replaces a key that is nearly that of a pool of the account by it.
func likePool(c *call) bool {
	key := strings.TrimSpace(c.values[fPoolKey])
	if key == "" || c.server.pools[c.values[fPoolKey]] != nil {
		return false
	}
	for _, m := range c.server.model.Pools() {
		if strings.EqualFold(m.Key(), key) && c.server.pools[m.Key()].account == c.key.account {
			c.set(fPoolKey, m.Key())
			return true
		}
	}
	return false
}
