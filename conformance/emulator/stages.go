package emulator

import (
	"net"
	"slices"
	"strings"

	"axbench/conformance/contract"
)

// stage is one named point that a call passes. run returns nil to let it pass.
type stage struct {
	name string
	run  func(c *call) *row
}

// front are the stages of every call, in their order. That of the gateway is not documented; it is known only that the key is
// looked up before the signature is compared. Authentication comes before all that could tell an unknown caller something
// (SIG-20). Behind them come the operation's own.
var front = []stage{
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
	{"account", (*call).checkAccount},
	{"permission", (*call).checkPermission},
	{"inject", (*call).inject},
	{"required", (*call).checkRequired},
}

func (c *call) checkMethod() *row {
	switch only := c.server.rules.Methods; string(c.ctx.Method()) {
	case "GET":
		if c.method = "GET"; only == "post" {
			return c.refuse(c.server.rows.method, "TRN-4")
		}
	case "POST":
		if c.method = "POST"; only == "get" {
			return c.refuse(c.server.rows.method, "TRN-4")
		}
	default:
		return c.refuse(c.server.rows.method, "TRN-4")
	}
	return nil
}

// checkHost accepts loopback names and those of the configuration, so that no web page can reach the emulator by a name of its
// own.
func (c *call) checkHost() *row {
	host, ok := hostName(text(c.ctx.Request.Header.Host()))
	switch {
	case !ok:
		return c.refuse(c.server.rows.product, "TRN-9")
	case isLoopback(host) || among(c.server.hosts, host):
		return nil
	}
	return c.refuse(c.server.rows.product, "TRN-1")
}

// among reports whether a host is one of names. An unspecified address among them, 0.0.0.0 or ::, stands for every address that
// is written in digits: a page of the web has a name.
func among(names []string, host string) bool {
	for _, name := range names {
		if strings.EqualFold(name, host) {
			return true
		}
		if ip := net.ParseIP(name); ip != nil && ip.IsUnspecified() && net.ParseIP(host) != nil {
			return true
		}
	}
	return false
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
		return c.refuse(c.server.rows.action, "TRN-1")
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
		return c.refuse(c.server.rows.notParameter, "TRN-9")
	case c.twice != "":
		name := spelt(c.twice, c.server.rules.ParamNames == "any_case")
		return c.wrong(c.server.rows.invalid(name), "SIG-21", name)
	}
	return nil
}

func (c *call) checkFormat() *row {
	if c.common.format == "" {
		return nil
	}
	format, err := contract.ParseFormat(c.common.format)
	if err != nil {
		return c.wrong(c.server.rows.format, "TRN-6", "Format")
	}
	c.format = format
	return nil
}

func (c *call) checkAction() *row {
	switch {
	case c.common.action == "":
		return c.wrong(c.server.rows.find("MissingAction"), "SIG-15", "Action")
	case c.common.version == "":
		return c.wrong(c.server.rows.find("MissingVersion"), "SIG-15", "Version")
	case c.common.version != contract.Version:
		return c.wrong(c.server.rows.version, "TRN-2", "Version")
	}
	if c.op = c.server.ops[c.common.action]; c.op == nil {
		return c.wrong(c.server.rows.action, "TRN-1", "Action")
	}
	return nil
}

// checkFlow takes a token of every limit that the call counts for.
func (c *call) checkFlow() *row {
	for _, l := range c.key.account.limits {
		if !l.take(c.op.index, c.read) {
			return c.tooFast(l)
		}
	}
	if len(c.key.limits) == 0 && len(c.server.perConn) == 0 {
		return nil
	}
	return c.checkNarrowFlow()
}

// checkNarrowFlow is for limits of a key or a connection.
func (c *call) checkNarrowFlow() *row {
	limits := c.key.limits
	if c.conn != nil {
		limits = append(limits[:len(limits):len(limits)], c.conn.limits...)
	}
	for _, l := range limits {
		if !l.take(c.op.index, c.read) {
			return c.tooFast(l)
		}
	}
	return nil
}

// checkAccount answers a caller whose account is in a state in which it is not served.
func (c *call) checkAccount() *row {
	if a := c.key.account; a.state != nil {
		return c.refuse(a.state, a.clause)
	}
	return nil
}

// checkPermission answers a key that may not call the operation.
func (c *call) checkPermission() *row {
	if len(c.key.deny) > 0 && slices.Contains(c.key.deny, c.op.Name) {
		return c.refuse(c.server.rules.permission, "COD-RAM_PERMISSION_DENY")
	}
	return nil
}

// instead answers a call with a code that it did nothing for. Where a binding exists after an isp code, the call goes its way
// and is answered with the code in the end.
func (c *call) instead(r *row) *row {
	if c.server.rules.AfterISP == "bound" && strings.HasPrefix(r.name, "isp.") && c.op.Operation == contract.BindAxb {
		c.after = r
		return nil
	}
	return c.refuse(r, codeClause(r.name))
}

// checkRequired refuses a call without what the operation needs.
func (c *call) checkRequired() *row {
	for i := range c.op.required {
		if w := &c.op.required[i]; c.values[w.field] == "" {
			return c.wrong(w.row, w.clause, w.name)
		}
	}
	return nil
}

// checkKnown refuses parameters that are not documented for any operation. A choice puts it in front.
func (c *call) checkKnown() *row {
	for i := range c.params {
		if spelt(c.params[i].Name, c.server.rules.ParamNames == "any_case") == "" {
			return c.wrong(c.server.rows.notParameter, "PRM-UNK-1", "")
		}
	}
	return nil
}

// checkEmpty refuses optional parameters that are there without a value. A choice puts it in front.
func (c *call) checkEmpty() *row {
	for i := range c.op.optional {
		if w := &c.op.optional[i]; c.given.has(w.field) && c.values[w.field] == "" {
			return c.wrong(w.row, w.clause, w.name)
		}
	}
	return nil
}
