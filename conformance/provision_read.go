package conformance

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"axbench/conformance/traffic"
	"axbench/scenarios/strict"
)

// The limits of durations in a provisioning file.
const (
	minExpiration = 2 * time.Minute // Expiration has to be more than a minute ahead when the call arrives
	maxExpiration = time.Hour       // bindings that nobody unbinds hold their numbers so long
	minDeadline   = 100 * time.Millisecond
	maxDeadline   = 5 * time.Minute
)

// ParseProvision reads a provisioning file strictly. name is the file's name in errors, which are *strict.Error; a secret that
// stands where the name of a variable belongs is in none of them. Nothing is looked up: neither a host nor the environment.
func ParseProvision(name string, data []byte) (*Provision, error) {
	p := &Provision{}
	if err := strict.Decode(name, data, 1, p); err != nil {
		return nil, err
	}
	for _, check := range []func() *strict.Error{p.checkTarget, p.checkPhones, p.checkBudget, p.checkCredentials, p.checkUsed, p.checkPools, p.checkChannels, p.checkCodes} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	for key, f := range p.Pools {
		f.spans = f.sorted()
		p.Pools[key] = f
	}
	return p, nil
}

func (p *Provision) checkTarget() *strict.Error {
	t := &p.Target
	if t.BaseURL != "" {
		if _, err := traffic.ParseTarget(t.BaseURL); err != nil {
			return badURL(&t.Pos, "base_url", err)
		}
	}
	if _, ok := readZone(t.Zone); !ok && t.Zone != "" {
		return t.Pos.Error("zone", "not a zone", "UTC, or an offset from it from -14:00 to +14:00, such as +08:00")
	}
	if t.Pos.Has("deadline") && (t.Deadline < minDeadline || t.Deadline > maxDeadline) {
		return t.Pos.Error("deadline", "out of range", fmt.Sprintf("from %s to %s", minDeadline, maxDeadline))
	}
	return nil
}

// badURL is the error about a URL, without repeating what may be a password in it.
func badURL(pos *strict.Pos, key string, err error) *strict.Error {
	problem, accepted := "not a URL of an endpoint", ""
	if u, ok := err.(*traffic.UsageError); ok {
		problem, accepted = u.Problem, strings.TrimPrefix(u.Hint, "accepted: ")
	}
	return pos.Error(key, problem, accepted)
}

var zoneForm = regexp.MustCompile(`^[+-][0-9]{2}:[0-5][0-9]$`)

// readZone reads UTC or +08:00. ok is false for everything else, the empty text too.
func readZone(text string) (zone *time.Location, ok bool) {
	if text == "UTC" {
		return time.UTC, true
	}
	if !zoneForm.MatchString(text) {
		return nil, false
	}
	minutes := (int(text[1]-'0')*10+int(text[2]-'0'))*60 + int(text[4]-'0')*10 + int(text[5]-'0')
	if minutes > 14*60 {
		return nil, false
	}
	if text[0] == '-' {
		minutes = -minutes
	}
	return time.FixedZone(text, minutes*60), true
}

func (p *Provision) checkBudget() *strict.Error {
	b := &p.Budget
	if b.Pos.Has("expiration") && (b.Expiration < minExpiration || b.Expiration > maxExpiration) {
		return b.Pos.Error("expiration", "out of range",
			fmt.Sprintf("from %s, since it has to be more than a minute ahead, to %s", minExpiration, maxExpiration))
	}
	if b.Calls > 0 && int64(b.Bindings) > b.Calls {
		return b.Pos.Error("bindings", "more bindings than calls", fmt.Sprintf("at most calls, which is %d", b.Calls))
	}
	return nil
}

func (p *Provision) checkChannels() *strict.Error {
	c := &p.Channels
	for _, channel := range []struct{ key, url string }{{"clock", c.Clock}, {"receipts", c.Receipts}} {
		if channel.url == "" {
			continue
		}
		e, err := traffic.ParseTarget(channel.url)
		switch {
		case err == nil && e.Emulator:
			return c.Pos.Error(channel.key, "not a URL", "http://127.0.0.1:PORT/PATH, or https on the host of base_url")
		case err != nil:
			return badURL(&c.Pos, channel.key, err)
		case e.Loopback:
			continue
		}
		own, err := traffic.ParseTarget(p.Target.BaseURL)
		switch {
		case err != nil || own.Host != e.Host:
			return c.Pos.Error(channel.key, "neither loopback nor the host of target.base_url", "a URL on 127.0.0.1, localhost or [::1], or on the endpoint's own host")
		case e.Scheme == "http" && own.Scheme != "http":
			return c.Pos.Error(channel.key, "without encryption", "https, as the endpoint itself")
		}
	}
	return nil
}

// knownCredentials and knownPools are the names that cases ask for. Others have to be named by a code or a pool, so that a
// misspelt one is found.
var (
	knownCredentials = []string{MainCredential, "second_of_main_account", "other_account", "limited", "inactive", "deleted", "unverified"}
	knownPools       = []string{"main", "second", "small", "strict", "foreign", "limited"}
)

var (
	nameForm     = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)
	variableForm = regexp.MustCompile(`^[A-Z_][A-Z0-9_]{0,63}$`)
)

const acceptedName = "a small letter, then small letters, digits and _, 32 at most"

func (p *Provision) checkCredentials() *strict.Error {
	for _, name := range slices.Sorted(maps.Keys(p.Credentials)) {
		c := p.Credentials[name]
		if !nameForm.MatchString(name) {
			return c.Pos.Error("", "not a name of a credential", acceptedName)
		}
		variables := map[string]bool{}
		for _, v := range []struct{ key, name string }{{"id_env", c.IDEnv}, {"secret_env", c.SecretEnv}, {"token_env", c.TokenEnv}} {
			if v.name == "" && !c.Pos.Has(v.key) {
				continue
			}
			if !isVariable(v.name) {
				return c.Pos.Error(v.key, "not the name of an environment variable: an id, a secret or a token itself never stands in this file",
					"capital letters, digits and _, such as AXB_"+strings.ToUpper(name)+"_SECRET")
			}
			if variables[v.name] {
				return c.Pos.Error(v.key, "this variable stands before", "a variable of its own")
			}
			variables[v.name] = true
		}
	}
	return nil
}

// isVariable reports whether a text is the name of an environment variable and nothing that could be a key: those are of mixed
// letters, or long without a _.
func isVariable(text string) bool {
	switch {
	case !variableForm.MatchString(text), strings.HasPrefix(text, "LTAI"), strings.HasPrefix(text, "AKIA"):
		return false
	}
	return len(text) < 16 || strings.Contains(text, "_")
}

// credential reports whether a name is declared. The main one always is: without a declaration the command line has it.
func (p *Provision) credential(name string) bool {
	_, ok := p.Credentials[name]
	return ok || name == MainCredential
}

// undeclared is the error about a name that should be one of names.
func undeclared(pos *strict.Pos, key, what, name string, names []string) *strict.Error {
	problem := "no " + what + " of this name is declared"
	if near := strict.Nearest(name, names); near != "" {
		problem += fmt.Sprintf(", did you mean %q?", near)
	}
	return pos.Error(key, problem, strings.Join(names, ", "))
}

// credentialNames are those that may be referred to.
func (p *Provision) credentialNames() []string {
	names := append(slices.Collect(maps.Keys(p.Credentials)), MainCredential)
	slices.Sort(names)
	return slices.Compact(names)
}

// checkUsed refuses a name that nothing asks for: it is misspelt, or its code is missing.
func (p *Provision) checkUsed() *strict.Error {
	credentials, pools := slices.Clone(knownCredentials), slices.Clone(knownPools)
	for _, how := range p.Codes {
		credentials, pools = append(credentials, how.Credential), append(pools, how.Pool)
	}
	for name, f := range p.Pools {
		credentials = append(credentials, f.Of)
		if f.Of != "" { // a bind signed by that credential is made in its own pool
			pools = append(pools, name)
		}
	}
	unused := func(what, name string, names []string) (problem, accepted string) {
		problem = "nothing uses a " + what + " of this name"
		if near := strict.Nearest(name, names); near != "" {
			problem += fmt.Sprintf(", did you mean %q?", near)
		}
		return problem, strings.Join(names, ", ") + ", one that an entry of codes names, or a pool of another credential"
	}
	for _, name := range slices.Sorted(maps.Keys(p.Credentials)) {
		if c := p.Credentials[name]; !slices.Contains(credentials, name) {
			problem, accepted := unused("credential", name, knownCredentials)
			return c.Pos.Error("", problem, accepted)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Pools)) {
		if f := p.Pools[name]; !slices.Contains(pools, name) {
			problem, accepted := unused("pool", name, knownPools)
			return f.Pos.Error("", problem, accepted)
		}
	}
	return nil
}
