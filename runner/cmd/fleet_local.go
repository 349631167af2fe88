package cmd

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// localAgents are agents that this process has started.
type localAgents struct {
	list  []*exec.Cmd
	group sync.WaitGroup
	ended func(slot int, err error) // told of each that ends with an error
}

// agentsDir is the folder in a run directory with the run directories that local agents write themselves.
const agentsDir = "agents"

// startAgents starts an agent for each slot. They have this process's environment: with it its credentials.
func (r *fleetRun) startAgents(ended func(slot int, err error)) (*localAgents, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this executable to start the agents: %w", err)
	}
	a := &localAgents{ended: ended}
	for i := range r.generators {
		args := []string{"agent", "--nats", r.url(), "--run", r.id, "--prefer", strconv.Itoa(i), "--wait", (r.formation + 10*time.Second).String(),
			"--out", filepath.Join(r.s.dir, agentsDir, strconv.Itoa(i))}
		for _, name := range []string{"allow-host", "ca", "profile", "nats-creds", "nats-nkey", "nats-ca", "nats-cert", "nats-key", "calibration"} {
			if v := r.flags.String(name); v != "" {
				args = append(args, "--"+name, v)
			}
		}
		for _, name := range []string{"insecure", "plaintext"} {
			if r.flags.Bool(name) {
				args = append(args, "--"+name)
			}
		}
		c := exec.Command(exe, args...)
		c.Stderr = &prefixed{to: r.p, prefix: fmt.Sprintf("generator %d: ", i)}
		c.SysProcAttr = ownGroup() // Ctrl-C is for this process, which ends them
		if err := c.Start(); err != nil {
			a.stop()
			return nil, fmt.Errorf("start agent %d: %w", i, err)
		}
		a.list = append(a.list, c)
		a.group.Go(func() {
			if err := c.Wait(); err != nil {
				a.ended(i, err)
			}
		})
	}
	return a, nil
}

// agentsEnd is how long local agents may take to end when their run has.
const agentsEnd = 5 * time.Second

// stop waits for the agents, and ends those that do not end by themselves.
func (a *localAgents) stop() {
	if a == nil {
		return
	}
	ended := make(chan struct{})
	go func() { a.group.Wait(); close(ended) }()
	for _, sig := range []os.Signal{nil, syscall.SIGTERM, os.Kill} {
		if sig != nil {
			for _, c := range a.list {
				if err := c.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
					_ = c.Process.Kill()
				}
			}
		}
		select {
		case <-ended:
			return
		case <-time.After(agentsEnd):
		}
	}
	<-ended
}

// prefixed writes lines to stderr behind the name of who has written them.
type prefixed struct {
	to     *program
	prefix string
	line   []byte
}

func (w *prefixed) Write(b []byte) (int, error) {
	for _, c := range b {
		if w.line = append(w.line, c); c == '\n' {
			w.to.say("axbench: %s%s", w.prefix, strings.TrimPrefix(string(w.line), "axbench: "))
			w.line = w.line[:0]
		}
	}
	return len(b), nil
}
