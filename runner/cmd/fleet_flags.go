package cmd

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"axbench/runner/fleet"

	"github.com/urfave/cli/v2"
)

// fleetFlags make of a run one of several generators. All but the first need it.
func fleetFlags() []cli.Flag {
	return append([]cli.Flag{
		&cli.IntFlag{Name: "generators", DefaultText: "this process alone", Usage: "let `N` agents make the calls (axbench agent)"},
		&cli.StringFlag{Name: "weights", DefaultText: "all alike", Usage: "parts of the generators in the plan, such as `2,1,1`"},
		&cli.BoolFlag{Name: "local", Usage: "start the agents on this machine, for a first try"},
		&cli.StringFlag{Name: "embed", DefaultText: "127.0.0.1:0 without --nats", Usage: "`ADDRESS` of a NATS server inside this process"},
		&cli.StringFlag{Name: "embed-config", Usage: "NATS configuration `FILE` of that server: tls, authorization, accounts"},
		&cli.StringFlag{Name: "run-id", DefaultText: "random", Usage: "`ID` of the run on the bus"},
		&cli.DurationFlag{Name: "lease", Value: 5 * time.Second, Usage: "how long a generator may send without its reports being taken"},
		&cli.DurationFlag{Name: "max-skew", Value: 10 * time.Millisecond, Usage: "how far from each other generators may begin"},
		&cli.DurationFlag{Name: "formation", Value: time.Minute, Usage: "longest time until all generators are ready"},
	}, busFlags()...)
}

// fleetOptions is what fleetFlags say.
type fleetOptions struct {
	weights    []int
	local      bool
	embed      string // address, "" for the user's own server
	config     string
	any        bool
	id         string
	lease      time.Duration
	skew       time.Duration
	formation  time.Duration
	generators int
	bus        fleet.Options
	lost       *lostRun // that axbench attach goes on with; nil for a new one
}

// readFleet reads fleetFlags; nil for a run of this process alone.
func (p *program) readFleet(ctx *cli.Context) (*fleetOptions, error) {
	n := ctx.Int("generators")
	if !ctx.IsSet("generators") {
		for _, f := range fleetFlags() {
			if name := f.Names()[0]; ctx.IsSet(name) && p.env(twin(name)) == "" {
				return nil, usagef("--%s belongs to --generators", name).withHint("axbench run SCENARIO --generators 4 --local is a first try")
			}
		}
		return nil, nil
	}
	if n < 1 || n > 10_000 {
		return nil, usagef("--generators %d is out of range", n).withHint("1 to 10000")
	}
	o := &fleetOptions{
		generators: n, local: ctx.Bool("local"), embed: ctx.String("embed"), config: ctx.String("embed-config"), any: ctx.Bool("any-interface"), id: ctx.String("run-id"),
		lease: ctx.Duration("lease"), skew: ctx.Duration("max-skew"), formation: ctx.Duration("formation"), bus: p.busOptions(ctx, "axbench run"),
	}
	var err error
	if o.weights, err = readWeights(ctx.String("weights"), n); err != nil {
		return nil, err
	}
	for _, d := range []struct {
		name   string
		v      time.Duration
		lo, hi time.Duration
	}{{"lease", o.lease, time.Second, time.Minute}, {"max-skew", o.skew, 10 * time.Microsecond, time.Minute}, {"formation", o.formation, time.Second, 24 * time.Hour}} {
		if d.v < d.lo || d.v > d.hi {
			return nil, usagef("--%s %s is out of range", d.name, d.v).withHint(fmt.Sprintf("%s to %s", d.lo, d.hi))
		}
	}
	return o, o.place()
}

// place settles where the bus is and what the run is called there.
func (o *fleetOptions) place() error {
	switch {
	case o.bus.URL != "" && (o.embed != "" || o.config != ""):
		return usagef("--nats names a server and --embed is one: give one of them")
	case o.bus.URL == "" && o.embed == "":
		o.embed = "127.0.0.1:0"
		if !o.local {
			return usagef("nobody could find the bus").withHint("--local starts the agents here; --embed 127.0.0.1:4222 or --nats URL is for agents elsewhere")
		}
	}
	if o.embed != "" {
		if _, port, err := net.SplitHostPort(o.embed); err != nil {
			return usagef("--embed %q is no address", o.embed).withHint("HOST:PORT, such as 127.0.0.1:4222")
		} else if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
			return usagef("--embed %q has no port", o.embed).withHint("HOST:PORT, such as 127.0.0.1:4222")
		}
	}
	if o.id == "" {
		var random [6]byte
		rand.Read(random[:])
		o.id = hex.EncodeToString(random[:])
	}
	if err := fleet.CheckID(o.id); err != nil {
		return usagef("--run-id: %w", err)
	}
	return nil
}

// readWeights reads "2,1,1"; nothing is that all are alike.
func readWeights(text string, n int) ([]int, error) {
	weights := make([]int, n)
	if text == "" {
		for i := range weights {
			weights[i] = 1
		}
		return weights, nil
	}
	parts := strings.Split(text, ",")
	if len(parts) != n {
		return nil, usagef("--weights has %d parts for %d generators", len(parts), n)
	}
	for i, part := range parts {
		w, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || w < 1 || w > 1000 {
			return nil, usagef("--weights: %q is no weight", part).withHint("whole numbers from 1 to 1000")
		}
		weights[i] = w
	}
	return weights, nil
}
