package emulator

var probesAccounts = []probe{
	{name: "keys", run: func(p *prober) {
		p.as("second", "second-secret", "second", p.bind())
		p.as("inactive", "inactive-secret", "inactive", p.bind())
		p.as("deleted", "deleted-secret", "deleted", p.bind())
		p.as("sts", "sts-secret", "sts", p.bind("SecurityToken", "sts-token"))
	}},
	{name: "key of nobody", run: func(p *prober) { p.as("LTAInobody", "nothing", "nobody", p.bind()) }},
	{name: "conflict across keys", run: func(p *prober) {
		first := p.bind("PhoneNoX", p.ownX(0))
		p.get("first", first)
		p.as("second", "second-secret", "second", p.bind("PhoneNoA", first["PhoneNoA"], "PhoneNoX", p.ownX(0)))
	}},
}

var shownAccounts = map[string]evidence{
	"A01": {probes: []string{"states"}, shows: says("OK")},
	"A03": {probes: []string{"bind"}, shows: says("InvalidAccessKeyId.Inactive")},
	"A04": {probes: []string{"keys"}, shows: says("isv.FORBIDDEN_ACTION")},
	"A80": {probes: []string{"key of nobody"}, shows: says("OK")},
	"G22": {probes: []string{"keys"}, shows: says("OK")},
}
