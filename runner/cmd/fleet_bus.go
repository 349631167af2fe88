package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"axbench/results"
	"axbench/runner/fleet"

	"github.com/urfave/cli/v2"
)

// busFlags say how to get to the NATS server that connects controller and agents. A password is in the environment only.
func busFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "nats", Usage: "`URL` of a NATS server with JetStream, such as nats://10.0.0.5:4222"},
		&cli.StringFlag{Name: "nats-creds", Usage: "`FILE` with JWT credentials for it"},
		&cli.StringFlag{Name: "nats-nkey", Usage: "`FILE` with an nkey seed for it"},
		&cli.StringFlag{Name: "nats-ca", Usage: "PEM `FILE` with a root certificate to trust instead of the system's"},
		&cli.StringFlag{Name: "nats-cert", Usage: "PEM `FILE` with this side's certificate"},
		&cli.StringFlag{Name: "nats-key", Usage: "PEM `FILE` with the key of that certificate"},
	}
}

// Variables with the name and the password for a NATS server. No flag holds a secret.
const (
	envNATSUser     = "AXBENCH_NATS_USER"
	envNATSPassword = "AXBENCH_NATS_PASSWORD"
)

// busOptions reads busFlags.
func (p *program) busOptions(ctx *cli.Context, name string) fleet.Options {
	return fleet.Options{
		URL: ctx.String("nats"), Creds: ctx.String("nats-creds"), NKey: ctx.String("nats-nkey"),
		CA: ctx.String("nats-ca"), Cert: ctx.String("nats-cert"), Key: ctx.String("nats-key"),
		User: p.env(envNATSUser), Password: p.env(envNATSPassword), Name: name,
	}
}

// busTimeout is how long the first connection to the bus may take.
const busTimeout = 10 * time.Second

// dialBus connects to the bus. An agent may be there before its server: it tries for as long as patience lasts.
func dialBus(ctx context.Context, o fleet.Options, patience time.Duration) (*fleet.Bus, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		bus, err := fleet.Dial(ctx, o)
		if err == nil {
			return bus, nil
		}
		select {
		case <-ctx.Done():
			return nil, (&exitError{code: results.ExitNoData, err: fmt.Errorf("connect to the bus: %w", err)}).withHint("is the NATS server up, and do --nats and the credentials fit it?")
		case <-time.After(250 * time.Millisecond):
		}
	}
}

// processName names this process as no other one is.
func processName() string {
	return fmt.Sprintf("%s/%d/%x", hostName(), os.Getpid(), time.Now().UnixNano())
}

// hostName is this machine's name.
func hostName() string {
	host, err := os.Hostname()
	if err != nil || host == "" {
		return "unknown"
	}
	return host
}

// fleetError gives an error of package fleet its exit code: a run that did not begin, or has no place, measured nothing; one whose
// generator was given up is invalid.
func fleetError(err error) error {
	var known *exitError
	if err == nil || errors.As(err, &known) {
		return err
	}
	code := results.ExitInternal
	var over *fleet.AbortedError // before it began: afterwards it is no error of who made a part of it
	switch {
	case errors.As(err, &over), errors.Is(err, fleet.ErrNotFormed), errors.Is(err, fleet.ErrNoSlot), errors.Is(err, fleet.ErrNoSpec), errors.Is(err, fleet.ErrRival):
		code = results.ExitNoData
	case errors.Is(err, fleet.ErrFenced), errors.Is(err, fleet.ErrAlone):
		code = results.ExitInvalid
	}
	return &exitError{code: code, err: err}
}
