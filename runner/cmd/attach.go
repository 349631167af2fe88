package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"axbench/report"
	"axbench/results"
	"axbench/runner/fleet"

	"github.com/urfave/cli/v2"
)

func (p *program) attachCommand() *cli.Command {
	return &cli.Command{
		Name:      "attach",
		Usage:     "go on with a run of several generators whose controller was lost",
		ArgsUsage: "ID|DIR",
		Description: "ID is that of the run on its bus, DIR the run directory that its controller has left. Reads from the bus what the run is and what was reported of it, and leads it to its end: the report is of the whole. A server that was inside\n" +
			"the controller (--embed) is started again at its address, from what it stored in the run directory; another is named by --nats.\n" +
			"Generators hold their calls back when nobody leads them for longer than the lease, and go on when somebody does.\n\n" +
			"With --from the bus is not needed: the run is told from what its agents have written into their own run directories.",
		Flags: append(append(busFlags(),
			&cli.StringFlag{Name: "embed-config", Usage: "NATS configuration `FILE` of the server that was inside"},
			&cli.BoolFlag{Name: "any-interface", Usage: "allow an address that other machines can reach"},
			&cli.StringSliceFlag{Name: "from", Usage: "run directory `DIR` of an agent, in place of the bus; repeatable"},
		), slices.Concat(targetFlags(), uiFlags(), exportFlags(), baselineFlags(), outFlags("run directory", "<scenario>"),
			[]cli.Flag{reportFlag(report.RunFormats()), memoryFlag(), cleanupFlag(), langFlag(), jsonFlag()})...),
		Action: func(ctx *cli.Context) error {
			id, err := oneArgument(ctx, "the ID of the run")
			if err == nil {
				_, err = langOf(ctx)
			}
			if err == nil {
				err = checkSession(ctx)
			}
			if err != nil {
				return err
			}
			if _, err := os.Stat(filepath.Join(id, fleetFile)); err != nil {
				if err := fleet.CheckID(id); err != nil {
					return usagef("%w", err)
				}
			}
			return p.interruptible(func(c context.Context) error { return p.attach(c, ctx, id) })
		},
	}
}

// lostRun is a run whose controller is gone.
type lostRun struct {
	dir    string // run directory of that controller, "" where nobody knows it
	spec   fleet.Spec
	bus    fleet.Stream
	past   bool // of logs: nothing more comes
	hangUp func()
}

// attach finds the bus and the run on it, and leads it to its end.
func (p *program) attach(ctx context.Context, flags *cli.Context, id string) error {
	o := &fleetOptions{id: id, config: flags.String("embed-config"), any: flags.Bool("any-interface"), bus: p.busOptions(flags, "axbench attach")}
	lost, err := p.findRun(ctx, flags, o)
	if err != nil {
		return err
	}
	led := false
	defer func() {
		if !led { // else the run has taken the bus over
			lost.hangUp()
		}
	}()
	payload, l, err := p.readPayload(lost.spec.Payload)
	if err != nil {
		return err
	}
	o.weights, o.generators, o.lost = lost.spec.Weights, len(lost.spec.Weights), lost
	config := sessionConfig{
		dir: outDir(flags, string(l.file.Name), time.Now()), memoryIDs: flags.Int64("memory-ids") << 20, cleanupTime: flags.Duration("cleanup-time"),
		lang: flags.String("lang"), command: payload.Command,
	}
	l.notes = append(l.notes, lost.note())
	led = true
	return p.makeRun(ctx, flags, l, config, o)
}

// note qualifies the report of a run that was found again.
func (l *lostRun) note() string {
	if l.past {
		return fmt.Sprintf("this is the run %s as the logs of its agents tell it", l.spec.ID)
	}
	return fmt.Sprintf("the controller that began the run %s was lost: this is what the bus has of it", l.spec.ID)
}

// findRun finds the run that a controller has lost: on its bus, or in the logs of its agents.
func (p *program) findRun(ctx context.Context, flags *cli.Context, o *fleetOptions) (*lostRun, error) {
	if dirs := flags.StringSlice("from"); len(dirs) > 0 {
		return readLogs(o.id, dirs)
	}
	lost := &lostRun{}
	dir, where, err := findLost(flags.String("store"), o.id)
	switch {
	case err == nil:
		o.id = where.ID
		if lost.dir = dir; o.bus.URL == "" {
			if o.embed = where.Embed; o.embed == "" {
				o.bus.URL = where.NATS
			}
		}
	case o.bus.URL == "":
		return nil, err
	}
	bus, server, err := openBus(ctx, o, filepath.Join(lost.dir, busDir))
	if err != nil {
		return nil, err
	}
	lost.bus, lost.hangUp = bus, func() {
		bus.Close()
		if server != nil {
			server.Close()
		}
	}
	if err := lost.read(ctx, o.id); err != nil {
		lost.hangUp()
		return nil, err
	}
	return lost, nil
}

// readLogs makes a run of the logs of its agents.
func readLogs(id string, dirs []string) (*lostRun, error) {
	var logs [][]fleet.LogEntry
	for _, dir := range dirs {
		name := filepath.Join(dir, fleetLog)
		f, err := os.Open(name)
		if err != nil {
			return nil, usagef("--from: %w", err).withHint("the run directory of an agent, which has a file " + fleetLog)
		}
		log, err := fleet.ReadLog(name, f)
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, usagef("--from: %w", err)
		}
		logs = append(logs, log)
	}
	stream, spec, err := fleet.Past(logs...)
	if err != nil {
		return nil, usagef("--from: %w", err)
	}
	if spec.ID != id {
		return nil, usagef("--from: these are logs of the run %s, not of %s", spec.ID, id)
	}
	return &lostRun{spec: *spec, bus: stream, past: true, hangUp: func() {}}, nil
}

// read reads what the run is.
func (l *lostRun) read(ctx context.Context, id string) error {
	try, cancel := context.WithTimeout(ctx, busTimeout)
	defer cancel()
	m, err := l.bus.Last(try, fleet.Subject(id, "spec"))
	if err != nil || m == nil {
		return errors.Join(&exitError{code: results.ExitNoData, err: fmt.Errorf("the bus knows no run %s", id)}, err)
	}
	if err := json.Unmarshal(m.Data, &l.spec); err != nil || l.spec.Schema != fleet.Schema {
		return usagef("the run %s has the schema %q, this program reads %q", id, l.spec.Schema, fleet.Schema)
	}
	if l.spec.Version != version() {
		return usagef("the run %s is of axbench %s, this is %s", id, l.spec.Version, version())
	}
	return nil
}

// findLost finds the run directory in a store that a controller has left behind.
func findLost(store, id string) (dir string, where *whereabouts, err error) {
	if w := readWhereabouts(id); w != nil {
		return id, w, nil
	}
	entries, err := os.ReadDir(store)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", nil, usagef("--store: %w", err)
	}
	for _, e := range entries {
		if w := readWhereabouts(filepath.Join(store, e.Name())); w != nil && w.ID == id {
			return filepath.Join(store, e.Name()), w, nil
		}
	}
	return "", nil, (&exitError{code: results.ExitNoData, err: fmt.Errorf("no run directory in %s says where the bus of the run %s is", filepath.ToSlash(store), id)}).withHint(
		"--nats URL names the server, --store FOLDER the folder with the directory of the controller that was lost")
}

// readWhereabouts reads where the bus of a run is from the directory of its controller; nil if that does not say.
func readWhereabouts(dir string) *whereabouts {
	w := &whereabouts{}
	data, err := os.ReadFile(filepath.Join(dir, fleetFile))
	if err != nil || json.Unmarshal(data, w) != nil || fleet.CheckID(w.ID) != nil {
		return nil
	}
	return w
}
