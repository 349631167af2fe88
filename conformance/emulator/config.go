package emulator

import (
	"bytes"
	"fmt"
	"maps"
	"net"
	"slices"
	"time"

	"axbench/conformance/contract"
	"axbench/conformance/numbers"
	"axbench/scenarios/strict"
)

// The pair and the pool that every emulator has.
const (
	BuiltinID     = "testid"
	BuiltinSecret = "testsecret"
	BuiltinPool   = "FC123456"
)

// Config is what an emulator is: the section emulator of a scenario, or a file of its own. The zero Config is the built-in
// pair and pool, answering at once.
type Config struct {
	Pos         strict.Pos   `yaml:"-" json:"-"`
	Listen      string       `yaml:"listen" jsonschema:"description=address of axbench emulate; a run ignores it,example=127.0.0.1:8080"`
	Credentials []Credential `yaml:"credentials" jsonschema:"description=access keys beside the built-in testid with testsecret"`
	Pools       []Pool       `yaml:"pools" jsonschema:"description=number pools; FC123456 is there unless it is defined here"`
	Latency     Latency      `yaml:"latency" jsonschema:"description=how long a call takes; at once without it"`
	Codes       []Injected   `yaml:"codes" jsonschema:"description=codes that a share of the calls gets whatever they ask"`
	FlowLimit   Rate         `yaml:"flow_limit" jsonschema:"description=calls of one account and operation before isv.FLOW_LIMIT; one second's worth may come at once"`
	Seed        int64        `yaml:"seed" jsonschema:"description=fixes latencies and codes and the choice of numbers"`
}

// Credential is one access key. A key with a token is a temporary one and is refused without it; to let a key work both ways
// it stands here twice.
type Credential struct {
	Pos    strict.Pos `yaml:"-" json:"-"`
	ID     string     `yaml:"id" jsonschema:"required,description=access key id"`
	Secret string     `yaml:"secret" jsonschema:"required,description=access key secret"`
	Token  string     `yaml:"token" jsonschema:"description=security token (STS)"`
}

// Pool is one number pool.
type Pool struct {
	Pos     strict.Pos              `yaml:"-" json:"-"`
	Key     string                  `yaml:"key" jsonschema:"required,description=PoolKey"`
	Mode    string                  `yaml:"mode" jsonschema:"enum=default,enum=strict,description=strict: never a number of another city than asked for"`
	Pairs   int                     `yaml:"pairs" jsonschema:"minimum=1,maximum=200,description=bindings that one X serves at once (200)"`
	Numbers map[string][]NumberSpan `yaml:"numbers" jsonschema:"required,description=X numbers by city"`
}

// Latency is how long calls take: at most one of Fixed, Lognormal and Queue, and a stall on top.
type Latency struct {
	Pos       strict.Pos    `yaml:"-" json:"-"`
	Fixed     time.Duration `yaml:"fixed" jsonschema:"description=every call takes this long"`
	Lognormal *Lognormal    `yaml:"lognormal" jsonschema:"description=drawn for each call"`
	Queue     *Queue        `yaml:"queue" jsonschema:"description=servers behind one queue"`
	Stall     *Stall        `yaml:"stall" jsonschema:"description=a time in which nothing moves"`
}

// Lognormal is a distribution by two of its quantiles.
type Lognormal struct {
	Pos    strict.Pos    `yaml:"-" json:"-"`
	Median time.Duration `yaml:"median" jsonschema:"required"`
	P99    time.Duration `yaml:"p99" jsonschema:"required"`
}

// Queue is a queue of calls before Servers that take Service for each.
type Queue struct {
	Pos     strict.Pos    `yaml:"-" json:"-"`
	Servers int           `yaml:"servers" jsonschema:"required,minimum=1,maximum=100000"`
	Service time.Duration `yaml:"service" jsonschema:"required"`
}

// Stall is a window after the first call: time stands still in it for every call that is being served or arrives.
type Stall struct {
	Pos   strict.Pos    `yaml:"-" json:"-"`
	After time.Duration `yaml:"after" jsonschema:"required,description=counted from the first call"`
	For   time.Duration `yaml:"for" jsonschema:"required"`
}

// Injected is a code that a share of the calls gets. Such a call has no effect.
type Injected struct {
	Pos          strict.Pos `yaml:"-" json:"-"`
	Code         string     `yaml:"code" jsonschema:"required,example=isv.FLOW_LIMIT"`
	Share        Share      `yaml:"share" jsonschema:"required"`
	Operation    string     `yaml:"operation" jsonschema:"enum=BindAxb,enum=UnbindSubscription,enum=QuerySubscriptionDetail,description=BindAxb without it"`
	Undocumented bool       `yaml:"undocumented" jsonschema:"description=must be true for a code that no list has"`
}

// Parse reads a configuration strictly. name and firstLine are for errors, which are *strict.Error. Empty data is the zero
// Config. What Parse accepts, New accepts.
func Parse(name string, data []byte, firstLine int) (*Config, error) {
	c := &Config{Seed: 1}
	if len(bytes.TrimSpace(data)) == 0 {
		return c, nil
	}
	if err := strict.Decode(name, data, firstLine, c); err != nil {
		return nil, err
	}
	return c, c.Check()
}

// Check says what is wrong with a configuration as a whole: nil, or a *strict.Error.
func (c *Config) Check() error {
	for _, check := range []func() *strict.Error{c.checkListen, c.checkCredentials, c.checkPools, c.checkLatency, c.checkCodes} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (c *Config) checkListen() *strict.Error {
	if c.Listen == "" {
		return nil
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return c.Pos.Error("listen", "not an address", "host:port, for example 127.0.0.1:8080")
	}
	return nil
}

func (c *Config) checkCredentials() *strict.Error {
	secrets, seen := map[string]string{BuiltinID: BuiltinSecret}, map[[2]string]bool{}
	for i := range c.Credentials {
		k := &c.Credentials[i]
		before, known := secrets[k.ID]
		switch {
		case k.ID == "":
			return k.Pos.Error("id", "no value is given", "an access key id")
		case k.Secret == "":
			return k.Pos.Error("secret", "no value is given", "an access key secret")
		case known && before != k.Secret:
			return k.Pos.Error("secret", "this key stands before with another secret", "one secret for a key")
		case seen[[2]string{k.ID, k.Token}]:
			return k.Pos.Error("id", "this key stands twice", "a key once without and once with a token")
		}
		secrets[k.ID] = k.Secret
		seen[[2]string{k.ID, k.Token}] = true
	}
	return nil
}

func (c *Config) checkPools() *strict.Error {
	for i := range c.Pools {
		p := &c.Pools[i]
		if len(p.Key) == 0 || len(p.Key) > maxPoolKey {
			return p.Pos.Error("key", "no key of a pool", fmt.Sprintf("1 to %d bytes", maxPoolKey))
		}
	}
	if err := numbers.Check(c.pools()); err != nil {
		var bad *numbers.ConfigError
		if bad, _ = err.(*numbers.ConfigError); bad == nil || bad.Pool >= len(c.Pools) {
			return c.Pos.Error("pools", err.Error(), "")
		}
		key := "numbers"
		if c.Pools[bad.Pool].Key != "" && c.poolTwice(bad.Pool) {
			key = "key"
		}
		return c.Pools[bad.Pool].Pos.Error(key, bad.Problem, "cities with ranges of numbers, each number once")
	}
	return nil
}

func (c *Config) poolTwice(i int) bool {
	return slices.ContainsFunc(c.Pools[:i], func(p Pool) bool { return p.Key == c.Pools[i].Key })
}

func (c *Config) checkLatency() *strict.Error {
	l := &c.Latency
	kinds := 0
	for _, set := range []bool{l.Fixed > 0, l.Lognormal != nil, l.Queue != nil} {
		if set {
			kinds++
		}
	}
	switch {
	case kinds > 1:
		return l.Pos.Error("", "more than one kind of latency", "one of fixed, lognormal, queue; stall beside it")
	case l.Lognormal != nil && l.Lognormal.Median <= 0:
		return l.Lognormal.Pos.Error("median", "not a positive time", "for example 20ms")
	case l.Lognormal != nil && l.Lognormal.P99 < l.Lognormal.Median:
		return l.Lognormal.Pos.Error("p99", "below the median", "at least the median")
	case l.Queue != nil && l.Queue.Servers < 1:
		return l.Queue.Pos.Error("servers", "no server", "at least 1")
	case l.Queue != nil && l.Queue.Service <= 0:
		return l.Queue.Pos.Error("service", "not a positive time", "for example 5ms")
	case l.Stall != nil && l.Stall.For <= 0:
		return l.Stall.Pos.Error("for", "not a positive time", "for example 2s")
	}
	return nil
}

func (c *Config) checkCodes() *strict.Error {
	sums := map[string]float64{}
	for i := range c.Codes {
		j := &c.Codes[i]
		op := j.operation()
		sums[op] += float64(j.Share)
		switch {
		case j.Code == "OK":
			return j.Pos.Error("code", "OK is what the other calls get", "any other code")
		case !codeName(j.Code):
			return j.Pos.Error("code", "not the name of a code", "1 to 64 letters, digits, '.', '_', '-'")
		case findCode(j.Code) == nil && !j.Undocumented:
			return j.Pos.Error("code", "no list has this code", "a code of axbench codes, or undocumented: true beside it")
		case contract.FindOperation(op) == nil:
			return j.Pos.Error("operation", "no such operation", "BindAxb, UnbindSubscription, QuerySubscriptionDetail")
		case sums[op] > 1+1e-9:
			return j.Pos.Error("share", "the shares add up to more than all calls", "at most 100% for one operation")
		}
	}
	return nil
}

func (j *Injected) operation() string {
	if j.Operation == "" {
		return contract.BindAxb.Name
	}
	return j.Operation
}

func codeName(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' || c == '_' || c == '-') {
			return false
		}
	}
	return len(s) > 0 && len(s) <= 64
}

// findCode looks a code up in every edition.
func findCode(name string) *contract.Code {
	for _, e := range []contract.Edition{contract.Edition2019, contract.EditionMid2019, contract.EditionCurrent} {
		if c := e.Find([]byte(name)); c != nil {
			return c
		}
	}
	return nil
}

// pools returns the configured pools and the built-in one behind them.
func (c *Config) pools() []numbers.PoolConfig {
	var out []numbers.PoolConfig
	var taken []numbers.Range
	builtin := true
	for _, p := range c.Pools {
		config := numbers.PoolConfig{Key: p.Key, Strict: p.Mode == "strict", MaxPairs: p.Pairs}
		for _, name := range slices.Sorted(maps.Keys(p.Numbers)) {
			in := numbers.City{Name: name}
			for _, s := range p.Numbers[name] {
				in.Ranges = append(in.Ranges, s.Range)
				taken = append(taken, s.Range)
			}
			config.Cities = append(config.Cities, in)
		}
		builtin = builtin && p.Key != BuiltinPool
		out = append(out, config)
	}
	if builtin {
		if p := builtinPool(taken); len(p.Cities) > 0 {
			out = append(out, p)
		}
	}
	return out
}

// builtinCity is how many numbers the built-in pool has in each city: with 200 pairs each, all five together hold ten
// million bindings, and a phone may be bound 50,000 times.
const builtinCity = 10_000

// builtinPool is the pool FC123456, without the cities whose numbers are taken by a configured pool.
func builtinPool(taken []numbers.Range) numbers.PoolConfig {
	p := numbers.PoolConfig{Key: BuiltinPool}
	first, _ := numbers.Parse("17000000000")
	for i, name := range []string{"北京", "上海", "广州", "深圳", "杭州"} {
		r := numbers.NewRange(first+numbers.Number(i*builtinCity), builtinCity)
		if !slices.ContainsFunc(taken, func(t numbers.Range) bool { return t.First <= r.Last && r.First <= t.Last }) {
			p.Cities = append(p.Cities, numbers.City{Name: name, Ranges: []numbers.Range{r}})
		}
	}
	return p
}
