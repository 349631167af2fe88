package conformance

import (
	"axbench/conformance/contract"
	"axbench/results"
)

// codesSeen counts which of the document's codes came, and which came when they were provoked.
type codesSeen struct {
	list               []*contract.Code
	observed, provoked map[string]bool
}

func newCodesSeen(e contract.Edition) codesSeen {
	return codesSeen{list: e.Codes(), observed: map[string]bool{}, provoked: map[string]bool{}}
}

func (c *codesSeen) seen(x *exchange) {
	if x.known != nil {
		c.observed[x.known.Name] = true
	}
}

// meant notes that a code came to a request that was to get it.
func (c *codesSeen) meant(name string) { c.provoked[name] = true }

func (c *codesSeen) report() results.CodesSeen {
	r := results.CodesSeen{Of: len(c.list), Missing: []string{}}
	for _, code := range c.list {
		if c.observed[code.Name] {
			r.Observed++
		} else {
			r.Missing = append(r.Missing, code.Name)
		}
		if c.provoked[code.Name] {
			r.Provoked++
		}
	}
	return r
}
