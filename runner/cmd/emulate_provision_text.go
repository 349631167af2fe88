package cmd

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"axbench/conformance"
	"axbench/conformance/contract"
	"axbench/conformance/emulator"
)

// text writes the file.
func (d *declaration) text() string {
	var b strings.Builder
	d.writeHead(&b)
	d.writeTarget(&b)
	d.writeKeys(&b)
	d.writePools(&b)
	fmt.Fprintf(&b, "\nquery: {subscription_detail: %t, unbind: %t}\n", d.cfg.Has(contract.QuerySubscriptionDetail.Name), d.cfg.Has(contract.UnbindSubscription.Name))
	if d.admin != "" {
		fmt.Fprintf(&b, "channels: {clock: %s, receipts: %s}\n", quote(d.admin+"clock"), quote(d.admin+"calls"))
	} else {
		b.WriteString("# No channels: with --admin HOST:PORT the emulator has a clock that can be moved, and call records.\n")
	}
	d.writeCodes(&b)
	return b.String()
}

func (d *declaration) writeHead(b *strings.Builder) {
	b.WriteString("# What axbench conform is told of an emulator, as axbench emulate --provisioning prints it. The keys of the emulator are no\n" +
		"# secrets. They go into the environment, by hand or with\n" +
		"#   eval \"$(sed -n 's/^# export /export /p' FILE)\"\n#\n")
	for _, e := range d.exports {
		fmt.Fprintf(b, "# export %s=%s\n", e.name, shell(e.value))
	}
	fmt.Fprintf(b, "\napiVersion: %s\n", conformance.ProvisionVersion)
}

// shell writes a value as a word of the shell.
func shell(value string) string {
	if value != "" && strings.Trim(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == "" {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}

func (d *declaration) writeTarget(b *strings.Builder) {
	b.WriteString("target:\n")
	if d.base != "" {
		fmt.Fprintf(b, "  base_url: %s\n", quote(d.base))
	} else {
		b.WriteString("  # base_url is not known before the start, which chooses the port: give --target.\n")
	}
	fmt.Fprintf(b, "  zone: %s\n", quote(d.cfg.Choices.Zone.String()))
	account := &d.accounts[0]
	if d.limited != nil {
		account = d.limited
	}
	if rate := businessLimit(account.Limits); rate > 0 {
		fmt.Fprintf(b, "  flow_limit_rps: %g # of the account %s\n", rate, account.Name)
	}
	fmt.Fprintf(b, "phones:\n  a: [%s]\n  b: [%s]\n  landline: [\"057188990000-057188990099\"]\n",
		quote(d.phones("139", "137", "135", "150")), quote(d.phones("138", "136", "134", "158")))
	b.WriteString("budget: {bindings: 100000} # numbers of an emulator cost nothing\n")
}

func (d *declaration) writeKeys(b *strings.Builder) {
	b.WriteString("\ncredentials:\n")
	for _, k := range d.credentials {
		token := ""
		if k.token {
			token = ", token_env: " + variable(k.name, "TOKEN")
		}
		fmt.Fprintf(b, "  %s: {id_env: %s, secret_env: %s%s}\n", k.name, variable(k.name, "ID"), variable(k.name, "SECRET"), token)
	}
}

func (d *declaration) writePools(b *strings.Builder) {
	if len(d.chosen) == 0 {
		return
	}
	b.WriteString("\npools:\n")
	for _, c := range d.chosen {
		p := c.pool
		fmt.Fprintf(b, "  %s:\n    key: %s\n    size: %d\n", c.name, quote(p.Key), poolSize(p))
		if c.of != "" {
			fmt.Fprintf(b, "    of: %s\n", c.of)
		}
		if p.Strict {
			b.WriteString("    strict: true\n")
		}
		fmt.Fprintf(b, "    pairs: %d\n", pairsOf(p))
		if empty := d.emptyCity(); empty != "" {
			fmt.Fprintf(b, "    empty_city: %s\n", quote(empty))
		}
		if poolSize(p) > 0 {
			b.WriteString("    numbers:\n")
		}
		for _, city := range p.Cities {
			var ranges []string
			for _, r := range city.Ranges {
				ranges = append(ranges, quote(r.String()))
			}
			if len(ranges) > 0 {
				fmt.Fprintf(b, "      %s: [%s]\n", quote(city.Name), strings.Join(ranges, ", "))
			}
		}
	}
}

func (d *declaration) writeCodes(b *strings.Builder) {
	signs := map[string]string{}
	for _, k := range d.credentials {
		code := d.cfg.StateCode(k.name)
		if k.name == "ram_denied" {
			code = d.cfg.DeniedCode()
		}
		if k.name != "unverified" && documented(code) {
			signs[code] = "credential: " + k.name
		}
	}
	if _, taken := signs[d.cfg.StateCode("unverified")]; !taken && d.has("unverified") && documented(d.cfg.StateCode("unverified")) {
		signs[d.cfg.StateCode("unverified")] = "credential: unverified"
	}
	for _, g := range d.triggers() {
		signs[g.Code] = d.sign(&g)
	}
	if len(signs) == 0 {
		return
	}
	b.WriteString("\ncodes:\n")
	for _, code := range contract.Edition2019.Codes() {
		if sign, ok := signs[code.Name]; ok {
			fmt.Fprintf(b, "  %s: {%s}\n", code.Name, sign)
		}
	}
}

// sign writes a trigger as the keys of an entry.
func (d *declaration) sign(g *emulator.Trigger) string {
	var parts []string
	for _, s := range []struct{ key, value string }{{"phone_a", g.PhoneA}, {"phone_b", g.PhoneB}, {"phone_x", g.PhoneX}, {"pool", d.names[g.Pool]}, {"city", g.City}, {"out_id", g.OutID}} {
		if s.value != "" {
			parts = append(parts, s.key+": "+quote(s.value))
		}
	}
	if len(g.Header) > 0 {
		var headers []string
		for _, name := range slices.Sorted(maps.Keys(g.Header)) {
			headers = append(headers, quote(name)+": "+quote(g.Header[name]))
		}
		parts = append(parts, "header: {"+strings.Join(headers, ", ")+"}")
	}
	return strings.Join(parts, ", ")
}
