package emulator

import (
	"axbench/conformance/contract"
	"axbench/conformance/numbers"
)

// subscription is what names a binding.
type subscription struct {
	id    numbers.SubsID
	x     numbers.Number
	valid bool // SubsId and X have the form of such
}

// checkSubscription finds the pool, by its key or, with ProductType, by the X.
func (c *call) checkSubscription() *row {
	sub := c.subscription()
	if c.values[fPoolKey] != "" {
		return c.checkPool()
	}
	if c.values[fProductType] == "" {
		return c.wrong(c.server.rows.illegal, "PRM-POOL-1", "PoolKey")
	}
	if owner := c.server.model.Owner(sub.x); owner != nil {
		if p := c.server.pools[owner.Key()]; p.account == c.key.account {
			c.pool = p
		}
	}
	return nil
}

// subscription reads SubsId and the X.
func (c *call) subscription() (s subscription) {
	number := c.values[fPhoneNoX]
	if c.op.Operation == contract.UnbindSubscription {
		number = c.values[fSecretNo]
	}
	var okID, okX bool
	s.id, okID = c.server.parseSubsID(c.values[fSubsID])
	s.x, okX = numbers.Parse(number)
	s.valid = okID && okX
	return s
}

// unbind ends a binding.
func (c *call) unbind() *row {
	sub := c.subscription()
	var refusal numbers.Refusal = numbers.Unknown
	if c.pool != nil && sub.valid {
		c.binding, refusal = c.pool.Unbind(c.today, sub.id, sub.x)
	}
	return c.found(refusal)
}

// detail tells of a binding.
func (c *call) detail() *row {
	sub := c.subscription()
	var refusal numbers.Refusal = numbers.Unknown
	if c.pool != nil && sub.valid {
		c.binding, refusal = c.pool.Query(c.today, sub.id, sub.x)
	}
	return c.found(refusal)
}

// found answers an unknown binding as the real service did in 2019.
func (c *call) found(refusal numbers.Refusal) *row {
	switch refusal {
	case numbers.None:
		return c.server.rows.ok
	case numbers.Unknown:
		c.says("subs not exist")
		return c.wrong(c.server.rules.unknownBinding, "COD-ILLEGAL_ARGUMENT", "SubsId")
	}
	return c.refuse(c.server.rows.refusals[refusal], "COD-ILLEGAL_ARGUMENT")
}

// checkListed finds the pool of an X, by its key or else by the X. A key that is no pool of the account has a code of its own
// here, which the API's metadata registers with the gateway.
func (c *call) checkListed() *row {
	var ok bool
	if c.request.X, ok = c.secret(c.values[fPhoneNoX]); !ok {
		return c.wrong(c.server.rules.badNumber, "PRM-X-4", "PhoneNoX")
	}
	if key := c.values[fPoolKey]; key != "" {
		c.pool = c.server.pools[key]
		if c.pool == nil || c.pool.account != c.key.account {
			return c.wrong(c.server.rows.noPool, "PRM-POOL-3", "PoolKey")
		}
		return nil
	}
	if owner := c.server.model.Owner(c.request.X); owner != nil && c.server.pools[owner.Key()].account == c.key.account {
		c.pool = c.server.pools[owner.Key()]
		return nil
	}
	return c.notInPool()
}

// listBindings tells of all bindings on an X.
func (c *call) listBindings() *row {
	if c.list = c.pool.On(c.today, c.request.X); c.list == nil {
		return c.notInPool()
	}
	return c.server.rows.ok
}
