package cmd

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"axbench/conformance/numbers"
	"axbench/conformance/numbers/sizing"
	"axbench/results/judge"

	"github.com/urfave/cli/v2"
)

func (p *program) poolCommand() *cli.Command {
	return &cli.Command{
		Name:  "pool",
		Usage: "how many X numbers a pool needs; sends nothing",
		Description: "Simulates, in virtual time, the pool of the emulator under callers that know nothing of each other: a request that is\n" +
			"refused (isv.NO_AVAILABLE_NUMBER) is lost and does not come again. The answer is the smallest pool that refuses at most --refusal,\n" +
			"with --size also what that pool refuses and which rate it holds. Each share comes from ten independent simulations.\n" +
			"Erlang's loss formula stands beside it, with the reason where it does not apply.\n\n" +
			"Whose numbers: by default each binding has an A and a B that were never seen. --phones-a 20000 draws A from 20,000 people, all\n" +
			"alike; --phones-a 20000,1 lets the k-th of them call 1/k as often (Zipf; the number is the exponent). With --repeat-a 20% every\n" +
			"fifth binding has the A of one of the --recent requests before it, each as likely, and the others a new one. B likewise. A number\n" +
			"never stands twice on one X, so who has k bindings at once needs k X.\n\n" +
			"Cities: --city 北京=30% --city 上海=50% says which city is asked for; the rest asks for none. The X are split over the cities: the\n" +
			"load of each, and on top the same multiple of its square root. A --strict pool never takes the number of another city.\n\n" +
			"One X of the cloud serves up to 200 bindings at once, says the API's description; the page of 2019 says nothing of it.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "rate", Usage: "bindings asked for: `N`/s, N/m or N/h"},
			&cli.StringFlag{Name: "day", Usage: "CSV `FILE` of hour,rate instead, hours 0 to 23 and N/s, N/m or N/h: the highest hour counts; - reads stdin"},
			&cli.Float64Flag{Name: "peak", Value: 1, Usage: "multiply the rate by `F`: a pool is sized for its peak"},
			&cli.StringFlag{Name: "arrivals", Value: "poisson", Usage: "poisson (callers that know nothing of each other) or constant (evenly spaced)"},
			&cli.StringFlag{Name: "hold", Usage: "how long a binding is held: `TIME` such as 10m, 5m..30m (uniform), exp:10m (by its mean), lognormal:5m,40m (median and p99)"},
			&cli.StringFlag{Name: "ends", Value: "unbind", Usage: "unbind (at any instant) or expire (at the Expiration: a whole second, rounded down)"},
			&cli.StringFlag{Name: "phones-a", Usage: "`N[,SKEW]`: A is one of N people"},
			&cli.StringFlag{Name: "phones-b", Usage: "`N[,SKEW]`: B is one of N people"},
			&cli.StringFlag{Name: "repeat-a", Usage: "`SHARE` of bindings with the A of a recent one, such as 20%"},
			&cli.StringFlag{Name: "repeat-b", Usage: "`SHARE` of bindings with the B of a recent one"},
			&cli.IntFlag{Name: "recent", DefaultText: "as many as come in a mean hold time", Usage: "how many requests back --repeat-a and --repeat-b reach"},
			&cli.IntFlag{Name: "pairs", Value: numbers.MaxPairs, Usage: "bindings that one X serves at once"},
			&cli.StringSliceFlag{Name: "city", Usage: "`NAME=SHARE` of the bindings that ask for this city; repeatable"},
			&cli.BoolFlag{Name: "strict", Usage: "no X of another city than asked for"},
			&cli.StringFlag{Name: "refusal", Value: "0.1%", Usage: "`SHARE` of bindings that may be refused"},
			&cli.IntFlag{Name: "size", Usage: "a pool of `N` numbers: what it refuses, and which rate it holds"},
			&cli.IntFlag{Name: "bindings", DefaultText: "by the load, 300000 at least", Usage: "bindings counted for each size"},
			&cli.StringFlag{Name: "confidence", Value: "95%", Usage: "of intervals: 90%, 95% or 99%"},
			&cli.Int64Flag{Name: "seed", Value: 1, Usage: "fixes arrivals, hold times, numbers and the choice of X"},
			jsonFlag(),
		},
		Action: p.pool,
	}
}

// pool answers axbench capacity pool.
func (p *program) pool(ctx *cli.Context) error {
	if err := noArguments(ctx); err != nil {
		return err
	}
	q, err := p.poolQuestion(ctx)
	if err != nil {
		return err
	}
	progress := p.poolProgress(time.Now())
	study, err := sizing.New(q.demand, q.effort, q.refusal, progress)
	if err != nil {
		return q.usage(err)
	}
	if q.size > sizing.MaxSize || ctx.IsSet("size") && q.size < 1 {
		return usagef("--size %d is out of range", q.size).withHint(fmt.Sprintf("1 to %d", sizing.MaxSize))
	}
	return p.interruptibleWith("nothing more is simulated", func(interrupt context.Context) error {
		a, err := q.answer(interrupt, study)
		var stop interrupted
		if errors.As(err, &stop) {
			return exit(stop.code)
		}
		if err != nil {
			return q.usage(err)
		}
		if ctx.Bool("json") {
			return p.printJSON(a)
		}
		return p.printPool(a)
	})
}

// poolPatience is how long a search is silent.
const poolPatience = 3 * time.Second

// poolProgress returns what tells of each point on stderr once the search has taken a while.
func (p *program) poolProgress(begin time.Time) func(*sizing.Point) {
	return func(point *sizing.Point) {
		if time.Since(begin) > poolPatience {
			p.say("axbench: %s X at %s: %s refused\n", judge.Thousands(int64(point.Size)), perSecond(point.Rate), percentText(point.Share))
		}
	}
}

// flags of the fields that sizing.FieldError names.
var poolFlags = map[string]string{"rate": "--rate", "hold": "--hold", "a": "--phones-a or --repeat-a", "b": "--phones-b or --repeat-b", "pairs": "--pairs",
	"city": "--city", "strict": "--strict", "target": "--refusal", "requests": "--bindings", "confidence": "--confidence"}

// usage makes an error of sizing one of use, with what would be accepted.
func (q *poolQuestion) usage(err error) error {
	var field *sizing.FieldError
	var much *sizing.TooMuch
	switch {
	case errors.As(err, &field):
		return usagef("%s: %w", poolFlags[field.Field], field.Err)
	case errors.As(err, &much):
		hint := "fewer --bindings"
		if much.Most > 0 {
			hint = fmt.Sprintf("up to %s bindings at once (rate times hold time)", judge.Thousands(int64(much.Most)))
		}
		if q.size > 0 {
			hint += ", or a smaller --size"
		} else if need := q.erlangNeed(); need > 0 {
			hint += fmt.Sprintf("; by Erlang's formula the pool of this demand needs %s X", judge.Thousands(int64(need)))
		}
		return usagef("too much to simulate: %w", err).withHint(hint)
	case errors.Is(err, sizing.ErrNoSize):
		return usagef("a pool of %s X refuses more than %s still", judge.Thousands(int64(sizing.MaxSize)), percentText(q.refusal)).withHint("a lower rate, or numbers that repeat less")
	case errors.Is(err, sizing.ErrNoRate):
		return usagef("no rate of up to a thousand times what Erlang's formula gives, nor down to a thousandth, is the highest one for %s refusals", percentText(q.refusal)).
			withHint("another --size, or numbers that repeat less")
	}
	return err
}

// erlangNeed is the size of the pool by Erlang's formula, 0 where it does not apply or the pool would be too large.
func (q *poolQuestion) erlangNeed() int {
	d := &q.demand
	if d.ErlangApplies() != "" || d.Strict || d.Load() > 1e9 {
		return 0
	}
	return (sizing.ErlangServers(d.Load(), q.refusal, math.MaxInt32) + d.Pairs - 1) / d.Pairs
}
