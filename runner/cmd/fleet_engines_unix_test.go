//go:build unix

package cmd

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"axbench/results"
)

// natsServer is the server that users have, in a process of its own.
type natsServer struct {
	*proc
	t           *testing.T
	bin, config string
	url         string
}

// again kills the server, and starts it at the same address with what it has stored.
func (s *natsServer) again(after time.Duration) {
	_ = s.Process.Kill()
	<-s.done
	time.Sleep(after)
	_, port, _ := strings.Cut(strings.TrimPrefix(s.url, "nats://"), ":")
	s.proc = startProc(s.t, s.bin, []string{"-c", s.config, "-p", port}, nil)
}

// startNATS builds the server, and starts it with one user.
func startNATS(t *testing.T, user, password string) *natsServer {
	t.Helper()
	dir := t.TempDir()
	bin := filepath.Join(dir, "nats-server")
	if out, err := exec.Command("go", "build", "-o", bin, "github.com/nats-io/nats-server/v2").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	ports := filepath.Join(dir, "ports")
	if err := os.Mkdir(ports, 0o700); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "nats.conf")
	text := fmt.Sprintf("listen: 127.0.0.1:-1\nports_file_dir: %q\njetstream {store_dir: %q, sync_interval: always}\nauthorization {user: %s, password: %s}\n",
		ports, filepath.Join(dir, "store"), user, password)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	server := startProc(t, bin, []string{"-c", config}, nil)
	var url string
	p := &proof{t: t}
	p.until("the server is up", func() bool {
		files, _ := filepath.Glob(filepath.Join(ports, "*.ports"))
		for _, f := range files {
			var listening struct{ Nats []string }
			if text, err := os.ReadFile(f); err == nil && json.Unmarshal(text, &listening) == nil && len(listening.Nats) > 0 {
				url = listening.Nats[0]
			}
		}
		return url != "" || server.over()
	})
	if url == "" {
		t.Fatalf("the server ended: %s", server.said())
	}
	return &natsServer{proc: server, t: t, bin: bin, config: config, url: url}
}

// emulatorApart starts a target of its own and returns its URL and that of its admin listener.
func emulatorApart(t *testing.T) (target, admin string) {
	t.Helper()
	path, err := exec.LookPath("axbench")
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(path, "emulate", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--json")
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	var hello struct{ URL, Admin string }
	if err := json.NewDecoder(bufio.NewReader(out)).Decode(&hello); err != nil {
		t.Fatal(err)
	}
	return hello.URL, strings.TrimSuffix(hello.Admin, "/")
}

// liveBindings asks an emulator how many bindings are alive.
func liveBindings(t *testing.T, admin string) int64 {
	t.Helper()
	answer, err := http.Get(admin + "/truth")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	var truth struct {
		Live int64 `json:"live_bindings"`
	}
	if err == nil {
		err = json.Unmarshal(text, &truth)
	}
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%v, %s", err, answer.Status)
	}
	return truth.Live
}

// readRun reads run.json of a run directory.
func readRun(dir string) (*results.Run, error) {
	run := &results.Run{}
	text, err := os.ReadFile(filepath.Join(dir, results.RunFile))
	if err != nil {
		return nil, err
	}
	return run, json.Unmarshal(text, run)
}
