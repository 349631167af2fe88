package cmd

import (
	"cmp"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"axbench/conformance"
	"axbench/conformance/contract"
	"axbench/conformance/emulator"
	"axbench/conformance/numbers"
)

// printProvisioning prints what to declare of an emulator instead of serving.
func (p *program) printProvisioning(cfg *emulator.Config, server *emulator.Server, admin string) error {
	base, ok := reachable(cfg.Listen)
	if ok {
		base = server.URL(base) + "/"
	}
	if admin, ok = reachable(admin); ok {
		admin = "http://" + admin + "/"
	}
	text, _, err := provisioningOf(cfg, base, admin)
	if err != nil {
		return err
	}
	return p.print(string(text))
}

// reachable is an address to connect to for one to listen on; false when its port is not known yet.
func reachable(listen string) (string, bool) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil || port == "0" {
		return "", false
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), true
}

// provisioningOf returns the provisioning file that fits an emulator and the environment that it names, by variable. base is
// the URL of the emulator and admin that of its admin listener, each with a slash at the end, or "" when it is not known.
func provisioningOf(cfg *emulator.Config, base, admin string) (text []byte, env map[string]string, err error) {
	d := declaration{cfg: cfg, accounts: cfg.AllAccounts(), pools: cfg.AllPools(), names: map[string]string{}, base: base, admin: admin}
	d.keys()
	d.choosePools()
	text = []byte(d.text())
	if _, err := conformance.ParseProvision("the provisioning file", text); err != nil {
		return nil, nil, fmt.Errorf("this configuration cannot be declared: %w", err)
	}
	env = map[string]string{}
	for _, e := range d.exports {
		env[e.name] = e.value
	}
	return text, env, nil
}

// declaration gathers what is declared of an emulator.
type declaration struct {
	cfg         *emulator.Config
	accounts    []emulator.Account // the main one first
	pools       []emulator.OwnedPool
	base, admin string

	credentials []declaredKey
	exports     []exported
	chosen      []declaredPool
	names       map[string]string // of chosen pools, by key
	limited     *emulator.Account // whose flow limit is declared; nil for the main account
}

// declaredKey is a credential of the file.
type declaredKey struct {
	name  string
	token bool
}

// exported is a variable of the environment.
type exported struct{ name, value string }

// declaredPool is a pool of the file under its name there.
type declaredPool struct {
	name, of string
	pool     emulator.OwnedPool
}

// keys chooses a key for every credential that the configuration has one for.
func (d *declaration) keys() {
	main := usable(&d.accounts[0])
	for i, name := range []string{conformance.MainCredential, "second_of_main_account"} {
		if i < len(main) {
			d.credential(name, main[i])
		}
	}
	other, limited := d.others()
	d.limited = limited
	d.credentialOf("other_account", other)
	d.credentialOf("limited", limited)
	for _, state := range []string{"inactive", "deleted"} {
		if k := d.keyWhere(func(k emulator.Credential) bool { return k.State == state }); k != nil {
			d.credential(state, *k)
		}
	}
	if k := d.keyWhere(func(k emulator.Credential) bool {
		return active(k.State) && slices.Contains(k.Deny, contract.BindAxb.Name)
	}); k != nil && documented(d.cfg.DeniedCode()) {
		d.credential("ram_denied", *k)
	}
	for i := range d.accounts {
		a := &d.accounts[i]
		if !active(a.State) && (a.State == "unverified" || documented(d.cfg.StateCode(a.State))) {
			d.credentialOf(a.State, a)
		}
	}
}

// others chooses another account, and one for its flow limit.
func (d *declaration) others() (other, limited *emulator.Account) {
	common := businessLimit(d.accounts[0].Limits)
	for i := 1; i < len(d.accounts); i++ {
		a := &d.accounts[i]
		if !active(a.State) || len(usable(a)) == 0 {
			continue
		}
		slow := businessLimit(a.Limits)
		slower := slow > 0 && (common == 0 || slow < common)
		switch {
		case limited == nil && slower && (a.Name == "limited" || other != nil):
			limited = a
		case other == nil:
			other = a
		}
	}
	return other, limited
}

// mostLimited is the highest flow limit that is worth declaring, in calls a second.
const mostLimited = 1_000_000

// businessLimit is how many calls of BindAxb a second one key may make before isv.FLOW_LIMIT; 0 without a limit.
func businessLimit(limits []emulator.Limit) (rate float64) {
	for _, l := range limits {
		if l.Rate <= mostLimited && (l.Style == "" || l.Style == "business") && l.Per != "connection" && (l.Operation == "" || l.Operation == contract.BindAxb.Name) {
			if r := float64(l.Rate); rate == 0 || r < rate {
				rate = r
			}
		}
	}
	return rate
}

func active(state string) bool { return state == "" || state == "active" }

// documented reports whether the document has a code.
func documented(code string) bool {
	return slices.ContainsFunc(contract.Edition2019.Codes(), func(c *contract.Code) bool { return c.Name == code })
}

// usable are the keys of an account that may bind, each once; those without a token first.
func usable(a *emulator.Account) (keys []emulator.Credential) {
	for _, k := range a.Credentials {
		if active(k.State) && !slices.Contains(k.Deny, contract.BindAxb.Name) {
			keys = append(keys, k)
		}
	}
	slices.SortStableFunc(keys, func(a, b emulator.Credential) int { return cmp.Compare(min(1, len(a.Token)), min(1, len(b.Token))) })
	seen := map[string]bool{}
	return slices.DeleteFunc(keys, func(k emulator.Credential) bool {
		twice := seen[k.ID]
		seen[k.ID] = true
		return twice
	})
}

// keyWhere finds a key of an active account.
func (d *declaration) keyWhere(is func(emulator.Credential) bool) *emulator.Credential {
	for _, a := range d.accounts {
		if i := slices.IndexFunc(a.Credentials, is); i >= 0 && active(a.State) {
			return &a.Credentials[i]
		}
	}
	return nil
}

// credentialOf declares the first usable key of an account, if there is one.
func (d *declaration) credentialOf(name string, a *emulator.Account) {
	if a == nil || d.has(name) {
		return
	}
	if keys := usable(a); len(keys) > 0 {
		d.credential(name, keys[0])
	}
}

func (d *declaration) has(credential string) bool {
	return slices.ContainsFunc(d.credentials, func(k declaredKey) bool { return k.name == credential })
}

func (d *declaration) credential(name string, k emulator.Credential) {
	d.credentials = append(d.credentials, declaredKey{name, k.Token != ""})
	d.exports = append(d.exports, exported{variable(name, "ID"), k.ID}, exported{variable(name, "SECRET"), k.Secret})
	if k.Token != "" {
		d.exports = append(d.exports, exported{variable(name, "TOKEN"), k.Token})
	}
}

// variable names the variable that holds a part of a credential.
func variable(credential, part string) string {
	return "AXB_" + strings.ToUpper(credential) + "_" + part
}

// mostSmall is how many X a pool that is meant to be used up has at most.
const mostSmall = 20

// choosePools finds a pool for each name that a suite asks for.
func (d *declaration) choosePools() {
	mine := d.poolsOf(emulator.MainAccount)
	normal := slices.DeleteFunc(slices.Clone(mine), func(p emulator.OwnedPool) bool { return p.Strict })
	main := -1
	if len(normal) > 0 {
		main = max(0, slices.IndexFunc(normal, func(p emulator.OwnedPool) bool { return p.Key == emulator.BuiltinPool }))
		d.take("main", "", normal[main])
		normal = slices.Delete(normal, main, main+1)
	}
	if i := slices.IndexFunc(mine, func(p emulator.OwnedPool) bool { return p.Strict }); i >= 0 {
		name := "strict"
		if main < 0 {
			name = "main"
		}
		d.take(name, "", mine[i])
	}
	slices.SortStableFunc(normal, func(a, b emulator.OwnedPool) int { return cmp.Compare(poolSize(a), poolSize(b)) })
	if len(normal) > 0 && poolSize(normal[0]) <= mostSmall {
		d.take("small", "", normal[0])
		normal = normal[1:]
	}
	if len(normal) > 0 {
		d.take("second", "", normal[0])
	}
	d.poolsOfOthers()
	for i, g := range d.triggers() { // pools that only a sign names
		if at := d.poolAt(g.Pool); at >= 0 && d.names[g.Pool] == "" {
			d.take(fmt.Sprintf("sign_%d", i+1), "", d.pools[at])
		}
	}
}

// poolsOfOthers finds the pools in which other credentials than the main one bind: of an account in a special state too, so that
// its state is the only thing wrong with its calls.
func (d *declaration) poolsOfOthers() {
	other, _ := d.others()
	for _, owner := range []struct {
		name, of string
		account  *emulator.Account
	}{{"foreign", "other_account", other}, {"limited", "limited", d.limited}} {
		if owner.account == nil {
			continue
		}
		if pools := d.poolsOf(owner.account.Name); len(pools) > 0 {
			d.take(owner.name, owner.of, pools[0])
		}
	}
	for _, a := range d.accounts {
		name := a.State
		if pools := d.poolsOf(a.Name); !active(a.State) && len(pools) > 0 && d.has(name) && d.names[pools[0].Key] == "" {
			d.take(name, name, pools[0])
		}
	}
}

func (d *declaration) poolsOf(account string) []emulator.OwnedPool {
	return slices.DeleteFunc(slices.Clone(d.pools), func(p emulator.OwnedPool) bool { return p.Account != account })
}

func (d *declaration) poolAt(key string) int {
	return slices.IndexFunc(d.pools, func(p emulator.OwnedPool) bool { return p.Key == key })
}

func (d *declaration) take(name, of string, p emulator.OwnedPool) {
	d.chosen = append(d.chosen, declaredPool{name, of, p})
	d.names[p.Key] = name
}

// poolSize is how many X a pool has.
func poolSize(p emulator.OwnedPool) (n int) {
	for _, city := range p.Cities {
		for _, r := range city.Ranges {
			n += r.Size()
		}
	}
	return n
}

// pairsOf is how many bindings one X of a pool serves at once.
func pairsOf(p emulator.OwnedPool) int { return cmp.Or(p.MaxPairs, numbers.MaxPairs) }

// triggers are the signs of documented codes for BindAxb, the first of each code, in the order of the document.
func (d *declaration) triggers() (list []emulator.Trigger) {
	for _, code := range contract.Edition2019.Codes() {
		i := slices.IndexFunc(d.cfg.Triggers, func(g emulator.Trigger) bool {
			return g.Code == code.Name && (g.Operation == "" || g.Operation == contract.BindAxb.Name) && (g.Pool == "" || d.poolAt(g.Pool) >= 0)
		})
		if i >= 0 {
			list = append(list, d.cfg.Triggers[i])
		}
	}
	return list
}

// emptyCity is a city of which no pool has a number.
func (d *declaration) emptyCity() string {
	taken := map[string]bool{}
	for alias := range d.cfg.Choices.CityAliases {
		taken[alias] = true
	}
	for _, p := range d.pools {
		for _, city := range p.Cities {
			taken[city.Name] = true
		}
	}
	for _, name := range []string{"拉萨", "三亚", "漠河", "喀什", "伊宁"} {
		if !taken[name] {
			return name
		}
	}
	return ""
}

// phones is a stretch of mobile numbers that no pool has, behind the first of the prefixes that is free.
func (d *declaration) phones(prefixes ...string) string {
	for _, prefix := range prefixes {
		first, _ := numbers.Parse(prefix + "00000000")
		r := numbers.NewRange(first, 100_000)
		if !slices.ContainsFunc(d.pools, func(p emulator.OwnedPool) bool {
			return slices.ContainsFunc(p.Cities, func(c numbers.City) bool {
				return slices.ContainsFunc(c.Ranges, func(x numbers.Range) bool { return x.First <= r.Last && r.First <= x.Last })
			})
		}) {
			return r.String()
		}
	}
	return ""
}

// quote writes a text as YAML that is read back as it is.
func quote(text string) string { return strconv.Quote(text) }
