package cmd

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"axbench/conformance/emulator"

	"github.com/urfave/cli/v2"
)

// defaultListen is where the emulator answers unless told otherwise: on loopback, on a port nobody else has.
const defaultListen = "127.0.0.1:8080"

func (p *program) emulateCommand() *cli.Command {
	return &cli.Command{
		Name:  "emulate",
		Usage: "serve the API as documented, until interrupted",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "listen", Usage: "`HOST:PORT` to listen on; port 0 takes a free one (default: " + defaultListen + ", or listen of the configuration)"},
			&cli.StringFlag{Name: "config", Usage: "YAML `FILE` with the settings of the emulator; - reads stdin"},
			&cli.BoolFlag{Name: "any-interface", Usage: "allow an address that other machines can reach"},
			&cli.BoolFlag{Name: "child", Hidden: true, Usage: "serve the process that started this one, over stdin and stdout"},
			jsonFlag(),
		},
		Action: p.emulate,
	}
}

func (p *program) emulate(ctx *cli.Context) error {
	if err := noArguments(ctx); err != nil {
		return err
	}
	if ctx.Bool("child") {
		return p.emulateChild()
	}
	cfg, err := p.emulatorConfig(ctx.String("config"))
	if err != nil {
		return err
	}
	address := firstOf(ctx.String("listen"), cfg.Listen, defaultListen)
	if err := checkListen(address, ctx.Bool("any-interface")); err != nil {
		return err
	}
	cfg.Listen = address
	server, err := emulator.New(cfg, nil)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", address, withoutAddress(err))
	}
	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := p.announce(listener.Addr().String(), cfg, ctx.Bool("json")); err != nil {
		listener.Close()
		return err
	}
	return server.Serve(stop, listener)
}

// emulateChild leaves interrupts to the parent: the terminal sends them to both, and the child ends with its stdin.
func (p *program) emulateChild() error {
	signal.Ignore(os.Interrupt)
	defer signal.Reset(os.Interrupt)
	return emulator.ServeChild(context.Background(), p.stdin, p.stdout)
}

func (p *program) emulatorConfig(name string) (*emulator.Config, error) {
	if name == "" {
		return &emulator.Config{}, nil
	}
	data, err := p.readInput(name)
	if err != nil {
		return nil, err
	}
	return emulator.Parse(name, data, 1)
}

// checkListen refuses what is no address, and one that is not loopback unless that was asked for. Only addresses that
// are written as loopback count: a name may stand for anything.
func checkListen(address string, anyInterface bool) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return usagef("--listen %q is no address", address).withHint("HOST:PORT, such as " + defaultListen)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return usagef("--listen %q: %q is no port", address, port).withHint("a number from 0 to 65535")
	}
	ip := net.ParseIP(host)
	if host == "localhost" || ip != nil && ip.IsLoopback() || anyInterface {
		return nil
	}
	return refusedf("%s can be reached from other machines, and the emulator's key is known to everybody", address).withHint(
		"listen on 127.0.0.1, or give --any-interface")
}

// announce prints where the emulator is and how to call it.
func (p *program) announce(address string, cfg *emulator.Config, asJSON bool) error {
	url := "http://" + address
	pools := []string{}
	for _, pool := range cfg.Pools {
		pools = append(pools, string(pool.Key))
	}
	if len(pools) == 0 {
		pools = append(pools, emulator.BuiltinPool)
	}
	if asJSON {
		return p.printJSON(struct {
			URL       string   `json:"url"`
			AccessKey string   `json:"access_key_id"`
			Pools     []string `json:"pools"`
		}{url, emulator.BuiltinID, pools})
	}
	return p.print(fmt.Sprintf("emulator at %s\n  access key  %s / %s (built in, no secret)\n  pool        %s\n  try         axbench call --target %s --explain\n",
		url, emulator.BuiltinID, emulator.BuiltinSecret, pools[0], url))
}

// withoutAddress takes the address out of an error of package net that says it once more.
func withoutAddress(err error) error {
	if op, ok := err.(*net.OpError); ok && op.Err != nil {
		return op.Err
	}
	return err
}

// firstOf returns the first text that is not empty.
func firstOf(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}
