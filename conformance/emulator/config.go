package emulator

import (
	"bytes"
	"fmt"
	"net"
	"slices"

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
	Hosts       []string     `yaml:"hosts" jsonschema:"description=names that clients may call the emulator by beside the loopback ones and that of listen,example=emulator.internal"`
	Seed        int64        `yaml:"seed" jsonschema:"description=fixes latencies and codes and faults and the choice of numbers"`
	Credentials []Credential `yaml:"credentials" jsonschema:"description=access keys of the account main beside the built-in testid with testsecret"`
	Pools       []Pool       `yaml:"pools" jsonschema:"description=number pools of the account main; FC123456 is there unless it is defined here"`
	Accounts    []Account    `yaml:"accounts" jsonschema:"description=other accounts"`
	FlowLimit   Rate         `yaml:"flow_limit" jsonschema:"description=calls of one account and operation before isv.FLOW_LIMIT; one second's worth may come at once"`
	Limits      []Limit      `yaml:"limits" jsonschema:"description=flow limits of every kind"`
	Latency     Latency      `yaml:"latency" jsonschema:"description=how long a call takes; at once without it"`
	Codes       []Injected   `yaml:"codes" jsonschema:"description=codes that a share of the calls gets whatever they ask; always or in a window"`
	Faults      []Fault      `yaml:"faults" jsonschema:"description=what goes wrong with connections"`
	Triggers    []Trigger    `yaml:"triggers" jsonschema:"description=calls that get a code because of a number or another sign in them"`
	Choices     Choices      `yaml:"choices" jsonschema:"description=what the document leaves open"`
	Clock       ClockOff     `yaml:"clock" jsonschema:"description=an emulator whose clock is off: Date and Timestamp and nonces and Expiration follow it"`
	Idle        Limitless    `yaml:"idle" jsonschema:"description=how long an idle connection stays open; none: until the client closes (25s)"`
	Journal     JournalKeep  `yaml:"journal" jsonschema:"description=the record of refusals"`
	TLS         *TLS         `yaml:"tls" jsonschema:"description=speak TLS; tls: {} makes a local authority"`
	Mutants     []string     `yaml:"mutants" jsonschema:"description=ids of wrong behaviours to show; axbench emulate --list-mutants has them"`
	Benign      []string     `yaml:"benign" jsonschema:"description=ids of correct but unusual behaviours"`
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
	for _, check := range []func() *strict.Error{c.checkListen, c.checkHosts, c.checkClock, c.checkAccounts, c.checkPools, c.checkFlow, c.checkLatency, c.checkCodes, c.checkFaults, c.checkTriggers,
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

// hosts are the names beside the loopback ones that the emulator answers to: the host of Listen, and Hosts. A Listen without
// a host means every address.
func (c *Config) hosts() []string {
	out := slices.Clone(c.Hosts)
	if host, _, err := net.SplitHostPort(c.Listen); err == nil {
		if host == "" {
			host = net.IPv6unspecified.String()
		}
		out = append(out, host)
	}
	return out
}

func (c *Config) checkHosts() *strict.Error {
	for i, host := range c.Hosts {
		if name, ok := hostName(host); host == "" || !ok || name != host && net.ParseIP(host) == nil {
			return c.Pos.Error(fmt.Sprintf("hosts[%d]", i), "not the name of a host", "a name or an address, without a port")
		}
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
