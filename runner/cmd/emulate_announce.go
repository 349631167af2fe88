package cmd

import (
	"fmt"
	"strings"
	"time"

	"axbench/conformance/emulator"
)

// announcement says where the emulator is and how to call it.
type announcement struct {
	URL       string   `json:"url"`
	AccessKey string   `json:"access_key_id"`
	Pools     []string `json:"pools"` // of the account main
	Admin     string   `json:"admin,omitempty"`
	CA        string   `json:"ca,omitempty"` // file
	Until     string   `json:"certificate_until,omitempty"`
	Mutants   []string `json:"mutants,omitempty"`
	Benign    []string `json:"benign,omitempty"`
	Journal   string   `json:"journal,omitempty"`

	authority bool // the emulator made one
}

// announce prints it.
func (e *emulation) announce(asJSON bool) error {
	a := announcement{URL: e.server.URL(e.listener.Addr().String()), AccessKey: emulator.BuiltinID, Pools: []string{}, CA: e.caOut,
		Mutants: e.config.Mutants, Benign: e.config.Benign, Journal: e.journalName, authority: e.server.CA() != nil}
	for _, pool := range e.server.Pools() {
		if pool.Account == emulator.MainAccount {
			a.Pools = append(a.Pools, pool.Key)
		}
	}
	if e.admin != nil {
		a.Admin = "http://" + e.admin.Addr().String() + "/"
	}
	if until := e.server.Expires(); !until.IsZero() {
		a.Until = until.UTC().Format(time.RFC3339)
	}
	if asJSON {
		return e.printJSON(a)
	}
	return e.print(a.text())
}

// mostPools is how many pools are named to people.
const mostPools = 6

func (a *announcement) text() string {
	var b strings.Builder
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(&b, "  %-11s %s\n", name, text)
		}
	}
	pools := strings.Join(a.Pools[:min(len(a.Pools), mostPools)], ", ")
	if more := len(a.Pools) - mostPools; more > 0 {
		pools += fmt.Sprintf(" and %d more", more)
	}
	try, ca := "axbench call --target "+a.URL+" --explain", ""
	switch {
	case a.CA != "":
		ca = a.CA + ", good until " + a.Until
		try += " --ca " + a.CA
	case a.authority:
		ca = "not written: --ca-out FILE writes its certificate, for clients to trust"
		try += " --insecure"
	}
	fmt.Fprintf(&b, "emulator at %s\n", a.URL)
	line("access key", emulator.BuiltinID+" / "+emulator.BuiltinSecret+" (built in, no secret)")
	line("pool", pools)
	line("admin", a.Admin)
	line("authority", ca)
	line("mutants", strings.Join(a.Mutants, ", "))
	line("benign", strings.Join(a.Benign, ", "))
	line("journal", a.Journal)
	line("try", try)
	return b.String()
}
