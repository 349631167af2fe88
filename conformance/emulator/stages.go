package emulator

import (
	"net"
	"strings"

	"axbench/conformance/contract"
)

// stage is one named point that a call passes. run returns nil to let it pass.
type stage struct {
	name string
	run  func(c *call) *row
}

// stages in their order. That of the gateway is not documented; it is known only that the key is looked up before the signature
// is compared. Authentication comes before all that could tell an unknown caller something (SIG-20).
var stages = []stage{
	{"method", (*call).checkMethod},
	{"host", (*call).checkHost},
	{"path", (*call).checkPath},
	{"read", (*call).checkParams},
	{"scheme", (*call).checkScheme},
	{"format", (*call).checkFormat},
	{"action", (*call).checkAction},
	{"common", (*call).checkCommon},
	{"timestamp", (*call).checkTimestamp},
	{"key", (*call).checkKey},
	{"signature", (*call).checkSignature},
	{"nonce", (*call).checkNonce},
	{"flow", (*call).checkFlow},
	{"inject", (*call).inject},
	{"required", (*call).checkRequired},
	{"operation", func(c *call) *row { return c.op.run(c) }},
}

func (c *call) checkMethod() *row {
	switch string(c.ctx.Method()) {
	case "GET":
		c.method = "GET"
	case "POST":
		c.method = "POST"
	default:
		return c.server.rows.method
	}
	return nil
}

// checkHost accepts loopback names only, so that no web page can reach the emulator by a name of its own.
func (c *call) checkHost() *row {
	host, ok := hostName(text(c.ctx.Request.Header.Host()))
	switch {
	case !ok:
		return c.server.rows.product
	case isLoopback(host):
		return nil
	}
	for _, h := range c.server.hosts {
		if strings.EqualFold(h, host) {
			return nil
		}
	}
	return c.server.rows.product
}

// hostName takes an optional port off a Host header.
func hostName(s string) (host string, ok bool) {
	host, port := s, ""
	if rest, bracket := strings.CutPrefix(s, "["); bracket {
		host, port, ok = strings.Cut(rest, "]")
		if !ok || port != "" && port[0] != ':' {
			return "", false
		}
		port = strings.TrimPrefix(port, ":")
	} else if i := strings.LastIndexByte(s, ':'); i >= 0 {
		host, port = s[:i], s[i+1:]
	}
	for i := 0; i < len(port); i++ {
		if port[i] < '0' || port[i] > '9' {
			return "", false
		}
	}
	return host, true
}

// isLoopback reports whether a host is 127.0.0.0/8, ::1 or localhost, written so.
func isLoopback(host string) bool {
	if host == "127.0.0.1" || strings.EqualFold(host, "localhost") || host == "::1" {
		return true
	}
	return strings.HasPrefix(host, "127.") && net.ParseIP(host) != nil
}

func (c *call) checkPath() *row {
	if path := c.ctx.URI().PathOriginal(); len(path) != 0 && string(path) != "/" {
		return c.server.rows.action
	}
	return nil
}

// checkParams reads the parameters. A name that stands twice is refused: nobody could tell which value was meant (SIG-21).
func (c *call) checkParams() *row {
	c.readParams()
	if f := c.values[fFormat]; f != "" {
		c.format, _ = contract.ParseFormat(f) // as early as possible, since a refusal is written in it
	}
	switch {
	case c.bad:
		return c.server.rows.notParameter
	case c.twice != "":
		return c.server.rows.invalid(c.twice)
	}
	return nil
}

func (c *call) checkFormat() *row {
	if c.common.format == "" {
		return nil
	}
	format, err := contract.ParseFormat(c.common.format)
	if err != nil {
		return c.server.rows.format
	}
	c.format = format
	return nil
}

func (c *call) checkAction() *row {
	switch {
	case c.common.action == "":
		return c.server.rows.find("MissingAction")
	case c.common.version == "":
		return c.server.rows.find("MissingVersion")
	case c.common.version != contract.Version:
		return c.server.rows.version
	}
	if c.op = c.server.ops[c.common.action]; c.op == nil {
		return c.server.rows.action
	}
	return nil
}

// checkFlow takes a token of the account and operation.
func (c *call) checkFlow() *row {
	if flow := c.key.account.flow; len(flow) > 0 && !flow[c.op.index].take(c.read) {
		return c.server.rows.flow
	}
	return nil
}

// inject gives a share of the calls a code of its own, by the call's number.
func (c *call) inject() *row {
	if len(c.op.injected) == 0 {
		return nil
	}
	u := unit(random(c.server.seed, streamCode, c.number))
	for i := range c.op.injected {
		if u < c.op.injected[i].below {
			return c.op.injected[i].row
		}
	}
	return nil
}

// checkRequired refuses what the gateway needs of the operation and did not get.
func (c *call) checkRequired() *row {
	for i := range c.op.required {
		if c.values[c.op.required[i].field] == "" {
			return c.op.required[i].missing
		}
	}
	return nil
}
