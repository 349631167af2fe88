package emulator

// mutantsAccounts are wrong about who a key belongs to and what it may do.
var mutantsAccounts = []*Deviation{
	{ID: "A01", Text: "account without real-name verification served", Clauses: []string{"ACC-1"}, Needs: "an account in state unverified",
		at: onStage("account", forgiving(func(c *call, _ *row) bool { return c.key.account.clause == "ACC-1" }))},
	{ID: "A03", Text: "only the newest of two Active key pairs works", Clauses: []string{"ACC-4"}, Needs: "a second key of the account", at: onStage("key", newestOnly)},
	{ID: "A04", Text: "pools owned by the AccessKey, not by the account", Clauses: []string{"ACC-4"}, Needs: "a second key of the account", at: onStage("bind pool", poolsOfKey)},
	{ID: "A80", Text: "unknown AccessKeyId served as the owner of the pool that it names", Clauses: []string{"ACC-3"}, Needs: "a bind with a random AccessKeyId", at: onPoints("key", anybody)},
	{ID: "G22", Text: "inactive AccessKey accepted", Clauses: []string{"ACC-2"}, Needs: "a key in state inactive",
		at: onStage("key", forgiving(func(c *call, r *row) bool { return r == c.server.rows.keyInactive && c.key != nil }))},
}

// newestOnly takes the key that was made last, which stands last in the configuration, for the one that works.
func newestOnly(c *call, next func(*call) *row) (*row, bool) {
	r := next(c)
	if r != nil {
		return r, false
	}
	newest := c.key
	for _, k := range c.key.account.keys {
		if !k.inactive {
			newest = k
		}
	}
	if newest.id == c.key.id {
		return nil, false
	}
	return c.wrong(c.server.rows.keyInactive, "ACC-2", "AccessKeyId"), true
}

// poolsOfKey gives all pools of an account to its first key.
func poolsOfKey(c *call, next func(*call) *row) (*row, bool) {
	r := next(c)
	if r != nil || c.key.id == c.key.account.keys[0].id {
		return r, false
	}
	return c.wrong(c.server.rules.foreignPool, "PRM-POOL-6", "PoolKey"), true
}

// anybody serves keys that nobody has. What they signed cannot be checked.
func anybody(s *Server) points {
	return points{stages: map[string]stageFunc{
		"key": func(c *call, next func(*call) *row) (*row, bool) {
			r := next(c)
			p := s.pools[c.values[fPoolKey]]
			if r != s.rows.keyUnknown || p == nil {
				return r, false
			}
			for _, k := range p.account.keys {
				if !k.inactive && k.token == c.common.token {
					c.key = k
					return c.pardon(), true
				}
			}
			return r, false
		},
		"signature": forgiving(func(c *call, r *row) bool { return r == s.rows.mismatch && c.key.id != c.common.key }),
	}}
}
