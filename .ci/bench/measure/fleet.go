package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"axbench/runner/fleet"
)

const (
	fleetAgents  = 500
	fleetSeconds = 10
	fleetRecord  = 3000 // bytes
)

// serveFleet is the embedded server in a process of its own, so that its memory can be told: it says where it is and ends with its stdin.
func serveFleet(dir string) {
	s, err := fleet.Embed(fleet.EmbedOptions{Addr: "127.0.0.1:0", Dir: dir})
	if err != nil {
		fail(err)
	}
	defer s.Close()
	fmt.Println(s.URL())
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// fleetBus lets many agents append a record a second through one embedded server, while a controller follows them all.
func fleetBus() {
	self, err := os.Executable()
	if err != nil {
		fail(err)
	}
	cmd := exec.Command(self, "fleet-server", filepath.Join(work, "bus"))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		fail(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		fail(err)
	}
	if err := cmd.Start(); err != nil {
		fail(err)
	}
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		fail(err)
	}
	took, refused, behind, err := appendAll(strings.TrimSpace(url))
	memory := peakMemory(cmd.Process.Pid)
	in.Close()
	if err := errors.Join(err, cmd.Wait()); err != nil {
		fail(err)
	}
	slices.Sort(took)
	p50, p99 := took[len(took)/2], took[len(took)*99/100]
	row(fmt.Sprintf("bus: %d agents, %d bytes a second each: append p99", fleetAgents, fleetRecord), "≤ 250 ms", "%s (p50 %s, max %s)",
		ms(float64(p99)), ms(float64(p50)), ms(float64(took[len(took)-1])))
	row("  refused", "0", "%d of %d", refused, fleetAgents*fleetSeconds)
	row("  a controller that follows has the last record after", "", "%s", ms(float64(behind)))
	row("  memory of the server", "", "%.0f MB", float64(memory)/1e6)
}

// appendAll returns how long each append took, how many failed and how long after the last one the controller had them all.
func appendAll(url string) (took []time.Duration, refused int, behind time.Duration, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	controller, err := fleet.Dial(ctx, fleet.Options{URL: url})
	if err != nil {
		return nil, 0, 0, err
	}
	defer controller.Close()
	if err := controller.Prepare(ctx); err != nil {
		return nil, 0, 0, err
	}
	const id = "measured"
	agents := make([]*fleet.Bus, fleetAgents)
	for i := range agents {
		if agents[i], err = fleet.Dial(ctx, fleet.Options{URL: url}); err != nil {
			return nil, 0, 0, err
		}
		defer agents[i].Close()
	}
	all := errors.New("all")
	followed := make(chan error, 1)
	go func() {
		n := 0
		followed <- controller.Follow(ctx, fleet.Subject(id, ">"), func(fleet.Message) error {
			if n++; n == fleetAgents*fleetSeconds {
				return all
			}
			return nil
		})
	}()
	var mu sync.Mutex
	var wait sync.WaitGroup
	start := time.Now().Add(time.Second)
	for i, b := range agents {
		wait.Go(func() {
			var last uint64
			subject := fleet.Subject(id, "slot", fmt.Sprint(i))
			for second := range fleetSeconds {
				time.Sleep(time.Until(start.Add(time.Duration(second)*time.Second + time.Duration(i)*time.Second/fleetAgents)))
				data := append(fmt.Appendf(nil, "%d ", second), bytes.Repeat([]byte("x"), fleetRecord-2)...)
				began := time.Now()
				seq, err := b.Append(ctx, subject, data, last)
				mu.Lock()
				if took = append(took, time.Since(began)); err != nil {
					refused++
				}
				mu.Unlock()
				last = seq
			}
		})
	}
	wait.Wait()
	ended := time.Now()
	if refused > 0 {
		cancel() // they will never be all
	}
	if err := <-followed; !errors.Is(err, all) && refused == 0 {
		return nil, 0, 0, err
	}
	return took, refused, time.Since(ended), nil
}

// peakMemory returns the largest resident set of a process so far, in bytes; 0 where the system does not say.
func peakMemory(pid int) (bytes int64) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(data), "VmHWM:")
	_, _ = fmt.Sscanf(rest, "%d", &bytes)
	return bytes << 10
}
