package conformance

import (
	"strings"
	"unicode"
)

// poolCases hold the number pool (PRM-POOL).
var poolCases = []testCase{
	{"pool/missing", []string{"PRM-POOL-1", "PRM-POOL-2"}, nil, func(t *trial) {
		t.refuse(t.bind().drop("PoolKey").saying("a bind without PoolKey"), missing("PoolKey"), "PRM-POOL-1")
		t.refuse(t.bind().set("PoolKey", "").saying("a bind with an empty PoolKey"), oneOf(anyBusiness, anyGateway), "PRM-POOL-2")
	}},
	{"pool/unknown", []string{"PRM-POOL-3"}, nil, func(t *trial) {
		want := oneOf(anyBusiness).orWarn(anyGateway, "isv.POOLKEY_NOT_EXISTS", "POOLKEY_NOT_EXIST")
		x := t.refuse(t.bind().set("PoolKey", t.unknownPool()).saying("a bind with a PoolKey that nobody has"), want, "PRM-POOL-3")
		t.chooseCode("unknown_pool", "the code for a PoolKey that nobody has", x)
		key := t.poolKey("main")
		for _, near := range []struct{ words, key string }{{"a digit behind it", key + "0"}, {"its last letter missing", key[:len(key)-1]}} {
			if near.key != "" && t.poolOf(near.key) == nil {
				t.refuse(t.bind().set("PoolKey", near.key).saying("a bind with a PoolKey with "+near.words), want, "PRM-POOL-3")
			}
		}
	}},
	{"pool/named", []string{"PRM-POOL-4", "RSP-13"}, []need{needNumbers("main")}, (*trial).namedPool},
	{"pool/spelling", []string{"PRM-POOL-5"}, nil, (*trial).poolSpelling},
	{"pool/foreign", []string{"PRM-POOL-6"}, []need{needPool("foreign")}, func(t *trial) {
		r := t.bind().set("PoolKey", t.poolKey("foreign")).drop("PhoneNoX").saying("a bind in a pool of another account")
		x := t.refuse(r, oneOf(anyBusiness).orWarn(anyGateway), "PRM-POOL-6")
		t.chooseCode("foreign_pool", "the code for a pool of another account", x)
	}},
	{"pool/stranger", []string{"PRM-POOL-6"}, []need{needCredential("other_account")}, func(t *trial) {
		r := t.bind().signedBy("other_account").drop("PhoneNoX").saying("a bind of another account in the main pool")
		t.refuse(r, oneOf(anyBusiness).orWarn(anyGateway), "PRM-POOL-6")
	}},
}

// missing is the table for a required parameter that is absent: the service refuses the argument, or the gateway did before it.
func missing(param string) outcomes {
	return oneOf("isv.ILLEGAL_ARGUMENT", "Missing"+param, "MissingParameter*", "Invalid"+param+"*").orWarn(anyBusiness, anyGateway)
}

// chooseCode notes which code an endpoint has for something the document names none, or several, for.
func (t *trial) chooseCode(id, text string, x *exchange) {
	value := x.code
	if !x.readable() || x.throttled() {
		value = unknownChoice
	}
	t.choose(id, text, value, x.got())
}

// chooseRefusal notes whether what the document leaves open is accepted.
func (t *trial) chooseRefusal(id, text string, x *exchange) {
	value := "refused"
	switch {
	case !x.readable() || x.throttled():
		value = unknownChoice
	case x.ok():
		value = "accepted"
	}
	t.choose(id, text, value, x.got())
}

// unknownPool is a key in the form of the main pool's that no pool has.
func (t *trial) unknownPool() string {
	key := []byte(t.poolKey("main"))
	for i, c := range key {
		switch {
		case c >= '0' && c <= '9':
			key[i] = '0' + byte(t.random.IntN(10))
		case i >= 2 && c < unicode.MaxASCII && unicode.IsLetter(rune(c)):
			key[i] = 'A' + byte(t.random.IntN(26))
		}
	}
	return string(key) + t.digits(6)
}

// digits are so many random digits.
func (t *trial) digits(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = '0' + byte(t.random.IntN(10))
	}
	return string(b)
}

// namedPool binds in the pools whose numbers are declared and looks whose the X are.
func (t *trial) namedPool() {
	for _, name := range []string{"main", "second"} {
		p := t.provision.Pool(name)
		if p == nil || len(p.Numbers) == 0 {
			continue
		}
		bound, judged := 0, 0
		for range min(10, t.bindings.left()) {
			r := t.bind().set("PoolKey", p.Key).saying("a bind in the pool " + name)
			if name != "main" {
				r.drop("PhoneNoX")
			}
			x := t.send(r)
			if !x.ok() || x.secretNo == "" {
				continue
			}
			bound++
			if t.ownX(x, p) {
				judged++
			}
		}
		switch {
		case bound == 0:
			t.unsure("no bind in the pool "+name+" was accepted", "PRM-POOL-4")
		case judged == 0:
			t.unseen("no X was one of the declared numbers of the pool "+name+", and they are not all of it", "PRM-POOL-4")
		}
	}
}

// ownX judges PRM-POOL-4 by one binding. An X that is not declared says nothing where the pool may have further ones: then it is false.
func (t *trial) ownX(x *exchange, p *PoolFacts) bool {
	switch {
	case p.Has(x.secretNo):
		t.saw(x, true, "a number of the pool", "a number of the pool", "PRM-POOL-4")
	case t.declaredX(x.secretNo):
		t.saw(x, false, "a number of the pool", "a number of another pool", "PRM-POOL-4")
	case p.Complete():
		t.saw(x, false, "a number of the pool", "a number that the pool does not have", "PRM-POOL-4")
	default:
		return false
	}
	return true
}

// poolSpelling sends keys that are nearly the main pool's.
func (t *trial) poolSpelling() {
	key := t.poolKey("main")
	refused := oneOf(anyBusiness).orWarn(anyGateway)
	other := strings.ToLower(key)
	if other == key {
		other = strings.ToUpper(key)
	}
	if other != key && t.poolOf(other) == nil {
		t.refuse(t.bind().set("PoolKey", other).saying("the key of the pool with its letters in the other case"), refused, "PRM-POOL-5")
	}
	t.refuse(t.bind().set("PoolKey", key+" ").saying("the key of the pool and a space"), refused, "PRM-POOL-5")
	long := key + strings.Repeat("0", 4096-len(key))
	t.refuse(t.bind().set("PoolKey", long).saying("a PoolKey of 4 KiB"), oneOf("isv.ILLEGAL_ARGUMENT", "isv.INVALID_PARAMETERS", anyGateway).orWarn(anyBusiness), "PRM-POOL-5")
}

// bindIn is a plain bind without a PhoneNoX in a declared pool.
func (t *trial) bindIn(name string) *request {
	return t.bind().set("PoolKey", t.poolKey(name)).drop("PhoneNoX")
}
