package fleet

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
)

func TestEmbedRefuses(t *testing.T) {
	dir := t.TempDir()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	a := newAuthority(t)
	cert, key := a.issue(t, "server")
	tls := "tls { cert_file: \"" + cert + "\", key_file: \"" + key + "\", ca_file: \"" + a.ca + "\" "
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	const users = "\nauthorization { users: [ {user: a, password: b} ] }\n"
	nkey := "authorization { users: [ {nkey: " + userKey(t) + "} ] }\n"
	for _, c := range []struct {
		name, config string
		o            EmbedOptions
		say          string // "": it starts
	}{
		{"the port is taken", "", EmbedOptions{Addr: taken.Addr().String()}, "listen tcp " + taken.Addr().String() + ": bind: address already in use"},
		{"no address of this machine", "", EmbedOptions{Addr: "192.0.2.1:0", Any: true}, "who may come in"},
		{"no port", "", EmbedOptions{Addr: "127.0.0.1"}, "HOST:PORT"},
		{"a port that is none", "", EmbedOptions{Addr: "127.0.0.1:nats"}, "no port"},
		{"no directory", "", EmbedOptions{Addr: "127.0.0.1:0", Dir: "-"}, "no directory"},
		{"a directory that is a file", "", EmbedOptions{Addr: "127.0.0.1:0", Dir: file}, "not a directory"},
		{"every interface", "", EmbedOptions{Addr: ":0"}, "other machines can reach"},
		{"every interface, with users", users, EmbedOptions{Addr: "0.0.0.0:0"}, "other machines can reach"},
		{"a name", "", EmbedOptions{Addr: "example.org:0"}, "other machines can reach"},
		{"any, nobody is asked", "", EmbedOptions{Addr: "0.0.0.0:0", Any: true}, "no configuration says who may come in"},
		{"any, TLS for everybody", tls + "}", EmbedOptions{Addr: "0.0.0.0:0", Any: true}, "who may come in"},
		{"any, who has nothing comes in", tls + "}" + users + "no_auth_user: a", EmbedOptions{Addr: "0.0.0.0:0", Any: true}, "no credentials"},
		{"any, passwords in the clear", users, EmbedOptions{Addr: "0.0.0.0:0", Any: true}, "no tls"},
		{"any, passwords and TLS for who wants it", tls + "}\nallow_non_tls: true" + users, EmbedOptions{Addr: "0.0.0.0:0", Any: true}, "no tls"},
		{"any on loopback", "", EmbedOptions{Addr: "127.0.0.1:0", Any: true}, ""},
		{"localhost", "", EmbedOptions{Addr: "localhost:0"}, ""},
		{"another address of loopback with TLS", tls + "}", EmbedOptions{Addr: "127.0.0.2:0"}, ""},
		{"no configuration", "", EmbedOptions{Addr: "127.0.0.1:0", ConfigFile: filepath.Join(dir, "missing")}, "missing"},
		{"an unknown word", "colour: red", EmbedOptions{Addr: "127.0.0.1:0"}, "colour"},
		{"no configuration at all", "tls { [", EmbedOptions{Addr: "127.0.0.1:0"}, "configuration of the bus"},
		{"monitoring", "http: 0.0.0.0:1", EmbedOptions{Addr: "127.0.0.1:0"}, "http is not for an embedded server"},
		{"cluster", "cluster { name: x, listen: 127.0.0.1:1 }", EmbedOptions{Addr: "127.0.0.1:0"}, "cluster is not"},
		{"leafnodes", "leafnodes { listen: 127.0.0.1:1 }", EmbedOptions{Addr: "127.0.0.1:0"}, "leafnodes is not"},
		{"websocket", "websocket { listen: 127.0.0.1:1, no_tls: true }", EmbedOptions{Addr: "127.0.0.1:0"}, "websocket is not"},
		{"listener, store and log are ours", "listen: 0.0.0.0:1, store_dir: /nowhere, log_file: /nowhere/log, pid_file: /nowhere/pid, jetstream: false, debug: true",
			EmbedOptions{Addr: "127.0.0.1:0"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.config != "" {
				c.o.ConfigFile = write(t, t.TempDir(), "bus.conf", c.config)
			}
			switch c.o.Dir {
			case "":
				c.o.Dir = filepath.Join(t.TempDir(), "bus")
			case "-":
				c.o.Dir = ""
			}
			s, err := Embed(c.o)
			if err == nil {
				defer s.Close()
				if !s.server.JetStreamConfig().SyncAlways {
					t.Error("it acknowledges what is not on the disk")
				}
				if b, err := Dial(within(t), s.Options()); err != nil {
					t.Error(err)
				} else {
					defer b.Close()
					if err := b.Prepare(within(t)); err != nil {
						t.Error(err)
					}
				}
			}
			if c.say == "" && err != nil || c.say != "" && (err == nil || !strings.Contains(err.Error(), c.say)) {
				t.Errorf("%v, want %q", err, c.say)
			}
		})
	}
	if err := checkAccessOf(t, nkey, "0.0.0.0"); err != nil {
		t.Errorf("nkeys on every interface: %v", err)
	}
	if err := checkAccessOf(t, tls+", verify: true }", "0.0.0.0"); err != nil {
		t.Errorf("certificates on every interface: %v", err)
	}
	if err := checkAccessOf(t, tls+"}"+users, "0.0.0.0"); err != nil {
		t.Errorf("passwords and TLS on every interface: %v", err)
	}
}

// TestOwnServer works with a server of the user's own, in a process of its own.
func TestOwnServer(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds a server")
	}
	built := filepath.Join(t.TempDir(), "nats-server")
	if out, err := exec.Command("go", "build", "-o", built, "github.com/nats-io/nats-server/v2").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	servers := []string{built}
	if other := os.Getenv("AXBENCH_NATS_SERVER"); other != "" { // of another version
		servers = append(servers, other)
	}
	for _, server := range servers {
		t.Run(filepath.Base(filepath.Dir(server)), func(t *testing.T) { ownServer(t, server) })
	}
}

func ownServer(t *testing.T, program string) {
	dir := t.TempDir()
	address := ""
	start := func() *exec.Cmd {
		t.Helper()
		port := "-1"
		if address != "" {
			_, port, _ = net.SplitHostPort(address)
		}
		cmd := exec.Command(program, "-a", "127.0.0.1", "-p", port, "-js", "-sd", dir, "--ports_file_dir", dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		})
		for deadline := time.Now().Add(30 * time.Second); address == ""; time.Sleep(20 * time.Millisecond) {
			files, _ := filepath.Glob(filepath.Join(dir, "*.ports"))
			for _, f := range files {
				data, _ := os.ReadFile(f)
				if _, rest, ok := strings.Cut(string(data), "nats://"); ok {
					address, _, _ = strings.Cut(rest, `"`)
				}
			}
			if time.Now().After(deadline) {
				t.Fatal("the server did not say where it listens")
			}
		}
		return cmd
	}
	cmd := start()
	o := Options{URL: "nats://" + address}
	controller, agent := dial(t, o), dial(t, o)
	works(t, controller, agent)
	ctx := within(t)
	subject := Subject("x", "slot", "0")
	m, err := agent.Last(ctx, subject)
	if err != nil || m == nil {
		t.Fatal(m, err)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	start()
	seq, err := agent.Append(ctx, subject, []byte("ready"), m.Seq)
	if err != nil {
		t.Fatal(err)
	}
	if last, err := controller.Last(ctx, subject); err != nil || last == nil || last.Seq != seq {
		t.Errorf("%+v, %v; want record %d", last, err, seq)
	}
}

func userKey(t *testing.T) string {
	t.Helper()
	kp, err := nkeys.CreateUser()
	return public(t, kp, err)
}

// checkAccessOf judges a configuration for an address, without listening there.
func checkAccessOf(t *testing.T, config, host string) error {
	t.Helper()
	var o server.Options
	if err := readConfig(&o, write(t, t.TempDir(), "bus.conf", config)); err != nil {
		t.Fatal(err)
	}
	return checkAccess(&o, host, true)
}
