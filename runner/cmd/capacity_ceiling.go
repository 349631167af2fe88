package cmd

import (
	"fmt"

	"axbench/results"
	"axbench/runner/search"

	"github.com/urfave/cli/v2"
)

// boundByMachine keeps a search below what this machine was found to be able to send: beyond it only the generator would be measured.
func (p *program) boundByMachine(ctx *cli.Context, c *capacityPlan) error {
	ceiling, known, err := p.ceilingOf(ctx, c.loaded)
	if ceiling == nil || err != nil || ceiling.High == nil || known.Busy() || ctx.Bool("beyond-ceiling") {
		return err
	}
	follow, err := c.follow()
	if err != nil {
		return err
	}
	limit, text := *ceiling.High/follow, ceilingText(c.loaded, ceiling, known)
	if c.search.Start > limit {
		if ctx.IsSet("start") {
			return (&exitError{code: results.ExitInvalid, err: fmt.Errorf("--start %s is more than this machine can send, %s", ctx.String("start"), text)}).
				withHint("a lower --start; --beyond-ceiling searches all the same, and axbench calibrate measures anew")
		}
		c.search.Start = limit
	}
	if c.search.Max == 0 || c.search.Max > limit {
		c.search.Max, c.machine = limit, true
		c.notes = append(c.notes, searchBound(callsText(limit), text))
	}
	return nil
}

func searchBound(rate, ceiling string) string {
	return fmt.Sprintf("the search goes no further than %s/s: this machine can send no more, %s", rate, ceiling)
}

// ofMachine tells a search that ended at the ceiling of this machine for what it is: the generator was the limit.
func (c *capacityPlan) ofMachine(f *search.Finding) {
	if c.machine && f.End == search.Ceiling {
		f.End, f.LimitedBy = search.Generator, results.LimitGenerator
	}
}
