package emulator

import (
	"bytes"
	"net"
	"strings"
	"time"

	"axbench/conformance/contract"
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
	Seed        int64        `yaml:"seed" jsonschema:"description=fixes latencies and codes and faults and the choice of numbers"`
	Credentials []Credential `yaml:"credentials" jsonschema:"description=access keys of the account main beside the built-in testid with testsecret"`
	Pools       []Pool       `yaml:"pools" jsonschema:"description=number pools of the account main; FC123456 is there unless it is defined here"`
	Accounts    []Account    `yaml:"accounts" jsonschema:"description=other accounts"`
	FlowLimit   Rate         `yaml:"flow_limit" jsonschema:"description=calls of one account and operation before isv.FLOW_LIMIT; one second's worth may come at once"`
	Limits      []Limit      `yaml:"limits" jsonschema:"description=flow limits of every kind"`
	Latency     Latency      `yaml:"latency" jsonschema:"description=how long a call takes; at once without it"`
	Codes       []Injected   `yaml:"codes" jsonschema:"description=codes that a share of the calls gets whatever they ask"`
	Triggers    []Trigger    `yaml:"triggers" jsonschema:"description=calls that get a code because of a number or another sign in them"`
	Choices     Choices      `yaml:"choices" jsonschema:"description=what the document leaves open"`
	Idle        Limitless    `yaml:"idle" jsonschema:"description=how long an idle connection stays open; none: until the client closes (25s)"`
	Journal     JournalKeep  `yaml:"journal" jsonschema:"description=the record of refusals"`
	TLS         *TLS         `yaml:"tls" jsonschema:"description=speak TLS; tls: {} makes a local authority"`
	Mutants     []string     `yaml:"mutants" jsonschema:"description=ids of wrong behaviours to show; axbench emulate --list-mutants has them"`
	Benign      []string     `yaml:"benign" jsonschema:"description=ids of correct but unusual behaviours"`
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
	Operation    string     `yaml:"operation" jsonschema:"description=BindAxb without it"`
	Undocumented bool       `yaml:"undocumented" jsonschema:"description=must be true for a code that no list has"`
}

// Parse reads a configuration strictly. name and firstLine are for errors, which are *strict.Error. Empty data is the zero
// Config. What Parse accepts, New accepts, if it can read the files of tls.
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
	for _, check := range []func() *strict.Error{c.checkListen, c.checkAccounts, c.checkPools, c.checkFlow, c.checkLatency, c.checkCodes, c.checkTriggers,
		c.Choices.check, c.checkTLS, c.checkDeviations} {
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

func (c *Config) checkFlow() *strict.Error { return checkLimits(c.Limits) }

// maxPoolKey is the longest PoolKey, in bytes.
func (c *Config) maxPoolKey() int {
	if n := c.Choices.PoolKeyBytes; n > 0 {
		return n
	}
	return 64
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
			return j.Pos.Error("operation", "no such operation", strings.Join(operationNames(), ", "))
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
