package cmd

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/urfave/cli/v2"
)

// fleetPayload is what the controller of a run tells its agents of it, beside what package fleet does: the scenario with everything that
// changes it. It holds no credentials.
type fleetPayload struct {
	scenarioText
	Args    []string `json:"args"`    // flags that change the scenario, as the controller has them
	Target  string   `json:"target"`  // URL
	Random  string   `json:"random"`  // hex: the head of every nonce
	Unbind  bool     `json:"unbind"`  // at the end at the latest
	Command []string `json:"command"` // makes the run again
}

// newPayload puts together what agents need to make the same calls.
func newPayload(flags *cli.Context, s *session) *fleetPayload {
	l, t := s.loaded, s.target
	var random [16]byte
	rand.Read(random[:])
	y := &fleetPayload{scenarioText: *l.text, Target: string(l.file.Target), Random: hex.EncodeToString(random[:]), Unbind: t.foreign, Command: s.command}
	if t.child != nil {
		y.Target = t.child.URL()
	}
	for _, f := range planFlags() {
		name := f.Names()[0]
		if !flags.IsSet(name) || name == "target" {
			continue
		}
		if _, ok := f.(*cli.StringSliceFlag); ok {
			for _, v := range flags.StringSlice(name) {
				y.Args = append(y.Args, "--"+name+"="+v)
			}
			continue
		}
		y.Args = append(y.Args, fmt.Sprintf("--%s=%v", name, flags.Value(name)))
	}
	y.Args = append(y.Args, "--target="+y.Target)
	if !flags.IsSet("seed") {
		y.Args = append(y.Args, fmt.Sprintf("--seed=%d", l.file.Seed))
	}
	return y
}

// readPayload loads the scenario that a controller has sent.
func (p *program) readPayload(data json.RawMessage) (*fleetPayload, *loaded, error) {
	y := &fleetPayload{}
	if err := json.Unmarshal(data, y); err != nil {
		return nil, nil, fmt.Errorf("the scenario that the controller has sent cannot be read: %w", err)
	}
	if random, err := hex.DecodeString(y.Random); err != nil || len(random) != 16 {
		return nil, nil, errors.New("the scenario that the controller has sent has no head for its nonces")
	}
	var l *loaded
	app := &cli.App{
		Name: "axbench", Writer: io.Discard, ErrWriter: io.Discard, HideHelp: true, HideVersion: true, Flags: planFlags(),
		DisableSliceFlagSeparator: true, ExitErrHandler: func(*cli.Context, error) {}, OnUsageError: onUsageError,
		Action: func(ctx *cli.Context) error {
			file, err := y.parse()
			if err != nil {
				return err
			}
			if l, err = loadFile(ctx, y.Name, file); l != nil {
				l.text = &y.scenarioText
			}
			return err
		},
	}
	args := slices.DeleteFunc(slices.Clone(y.Args), func(a string) bool { return len(a) < 3 || a[:2] != "--" })
	if err := app.Run(append([]string{"axbench"}, args...)); err != nil {
		return nil, nil, fmt.Errorf("the scenario that the controller has sent: %w", err)
	}
	return y, l, nil
}

// nonceHead is the payload's head of every nonce.
func (y *fleetPayload) nonceHead() (head [16]byte) {
	random, _ := hex.DecodeString(y.Random) // readPayload has looked at it
	copy(head[:], random)
	return head
}
