package deploy

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// sound are settings that every kind takes, and those that only kind does.
func sound(kind string) Settings {
	s := Settings{
		Run: "night-7", NATS: "nats://nats.example.com:4222", Generators: 4, Deadline: 2 * time.Hour, Program: "/opt/axbench/bin/axbench",
		AllowHosts: []string{"dypls.example.com"},
	}
	if kind == Kubernetes {
		s.Image, s.Secret, s.NATSSecret = "registry.example.com:5000/team/axbench:1.0", "axbench-api", "axbench-nats"
	} else {
		s.EnvFile = "/etc/axbench/agent.env"
	}
	return s
}

// wanted is the command line that an agent in a slot has to be started with.
func wanted(kind string, s Settings, slot string) []string {
	list := []string{s.Program, "agent", "--nats", s.NATS, "--run", s.Run}
	for _, h := range s.AllowHosts {
		list = append(list, "--allow-host", h)
	}
	for _, f := range s.Files.list() {
		at := f.Path
		switch kind {
		case Kubernetes:
			at = "/etc/axbench/nats/" + f.Path[strings.LastIndexByte(f.Path, '/')+1:]
		case Systemd:
			at = credentialsDirectory + "/" + f.Flag
		}
		list = append(list, "--"+f.Flag, at)
	}
	prefer := []string{"--prefer", slot}
	if kind == Slurm {
		return slices.Concat(list[:2], prefer, list[2:], s.Args)
	}
	return slices.Concat(list, prefer, s.Args)
}

// started reads a manifest back as the system that it is for does, and returns the agent's command line in slot 3.
func started(t rapid.TB, kind string, s Settings, text []byte) []string {
	t.Helper()
	switch kind {
	case Kubernetes:
		return kubernetesCommand(t, text, "3")
	case Systemd:
		return unitCommand(t, text, "3")
	default:
		return slurmCommand(t, s, text)["3"]
	}
}

// kinds lists what can be read back on this machine.
func kinds(t rapid.TB) []string {
	t.Helper()
	list := Kinds()
	if why := noBash(); why != "" {
		t.Logf("%s is not read back: %s", Slurm, why)
		list = slices.DeleteFunc(list, func(k string) bool { return k == Slurm })
	}
	return list
}

func manifest(t rapid.TB, kind string, s Settings) []byte {
	t.Helper()
	text, err := Manifest(kind, s)
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	return text
}

// readBack makes a manifest and holds the command line that comes of it.
func readBack(t rapid.TB, kind string, s Settings) {
	t.Helper()
	text := manifest(t, kind, s)
	if got, want := started(t, kind, s, text), wanted(kind, s, "3"); !slices.Equal(got, want) {
		t.Fatalf("%s starts\n%q, want\n%q\nfrom\n%s", kind, got, want, text)
	}
}

// TestManifest: the agent is started with what was given, also where every format has its own idea of a character.
func TestManifest(t *testing.T) {
	cases := []struct {
		name   string
		change func(*Settings)
	}{
		{"as it is", func(*Settings) {}},
		{"one generator of its own hosts", func(s *Settings) { s.AllowHosts = nil; s.Generators = 4 }},
		{"several servers", func(s *Settings) { s.NATS = "tls://a.example.com:4222,wss://[2001:db8::1]:443,nats://10.0.0.7" }},
		{"several hosts", func(s *Settings) { s.AllowHosts = []string{"a.example.com", "2001:db8::1", "10.1.2.3"} }},
		{"a run with capitals", func(s *Settings) { s.Run = "20260102T030405Z-quick_start-00ff" }},
		{"files for the bus", func(s *Settings) {
			s.Files = Files{Creds: "/etc/axbench/agent.creds", CA: "/etc/axbench/ca.pem", Cert: "/etc/axbench/tls.crt", Key: "/etc/axbench/tls.key"}
		}},
		{"an nkey", func(s *Settings) { s.Files = Files{Nkey: "/etc/axbench/agent.nk"} }},
		{"further arguments", func(s *Settings) { s.Args = []string{"--ca", "/etc/axbench/root.pem", "--profile=a b"} }},
		{"quotes", func(s *Settings) {
			s.Args = []string{`a'b"c`, `'`, `"`, `\`, `\"`, `'"'"'`, "`id`", "", " ", "#x", ";", "&&", "|", "{}", "[]", "*"}
		}},
		{"variables", func(s *Settings) {
			s.Args = []string{"$(id)", "$$(id)", "$", "$$", "$HOME", "${HOME}", "$(JOB_COMPLETION_INDEX)", "a$(JOB_COMPLETION_INDEX)b", "%i", "%%i", "%", "$1", "$@"}
		}},
		{"what looks like another type", func(s *Settings) {
			s.Args = []string{"yes", "null", "~", "1e3", "0440", "- x", "a: b", "? x", "!!int 3", "&a", "*a", "---"}
		}},
		{"other scripts", func(s *Settings) { s.Args = []string{"杭州", "é", "😀"} }},
	}
	for _, c := range cases {
		for _, kind := range kinds(t) {
			t.Run(c.name+" "+kind, func(t *testing.T) {
				s := sound(kind)
				c.change(&s)
				readBack(t, kind, s)
			})
		}
	}
}

// TestManifestAnyArgs: whatever printable text is handed to the agent reaches it as it is.
func TestManifestAnyArgs(t *testing.T) {
	list := kinds(t)
	rapid.Check(t, func(rt *rapid.T) {
		kind := rapid.SampledFrom(list).Draw(rt, "kind")
		s := sound(kind)
		s.Args = rapid.SliceOfN(hostile(), 0, 5).Draw(rt, "args")
		text, err := Manifest(kind, s)
		if field := (*FieldError)(nil); errors.As(err, &field) && field.Field == "args" {
			if slices.IndexFunc(s.Args, func(a string) bool { return !plain(a) || strings.HasPrefix(a, "-") }) < 0 {
				rt.Fatalf("%q is refused: %v", s.Args, err)
			}
			return
		} else if err != nil {
			rt.Fatal(err)
		}
		if got, want := started(rt, kind, s, text), wanted(kind, s, "3"); !slices.Equal(got, want) {
			rt.Fatalf("%s starts\n%q, want\n%q", kind, got, want)
		}
	})
}

// plain says what has to be taken.
func plain(s string) bool {
	for _, r := range s {
		if r < ' ' || r > '~' {
			return false
		}
	}
	return len(s) < 1000
}

// hostile draws text of what means something to YAML, a unit or a shell, and of anything else.
func hostile() *rapid.Generator[string] {
	parts := rapid.SampledFrom([]string{`"`, `'`, `\`, "`", "$", "$(id)", "${HOME}", "%i", "%", "\n", "\r\n", "\t", "\x00", "\x1b[2J", "\u2028", "\u202e", "\ufeff", "\xff",
		" ", "#", ": ", "- ", ";", "&&", "|", ">", "*", "?", "[", "]", "{", "}", "{{", "}}", ",", "@", "/", "--", "=", "EOF", "END_OF_TASK", "\nRestart=always", "\nExecStartPre=/bin/id", "a", "7", "杭", "é"})
	return rapid.Custom(func(t *rapid.T) string {
		if rapid.Bool().Draw(t, "any") {
			return rapid.String().Draw(t, "text")
		}
		return strings.Join(rapid.SliceOfN(parts, 0, 8).Draw(t, "parts"), "")
	})
}

// FuzzManifest: what is not refused starts the agent with what was given, and nothing else is added to what a harmless one has.
func FuzzManifest(f *testing.F) {
	f.Add(0, "night-7", "nats://n.example.com", "image:1", "secret", "/a/b.creds", "host", "arg")
	f.Add(1, "a\nExecStart=/bin/id", "nats://$(id):1", "image\n", "s\"", "/a b", "h%i", "\n")
	f.Add(2, "a$(id)", "nats://u:p@n", "i'", "s;", "/a'b", "`id`", "'; id; '")
	f.Add(0, "a\"\nkind: Pod", "nats://n#\n", "i: {}", "&s", "/x/..", "*h", "$(HOME)")
	f.Fuzz(func(t *testing.T, which int, run, nats, image, secret, creds, host, arg string) {
		list := kinds(t)
		kind := list[int(uint(which)%uint(len(list)))]
		s := sound(kind)
		s.Run, s.NATS, s.AllowHosts, s.Args, s.Files.Creds = run, nats, []string{host}, []string{arg}, creds
		if kind == Kubernetes {
			s.Image, s.Secret, s.NATSSecret = image, secret, secret
		} else {
			s.EnvFile, s.Program = image, secret
		}
		everyField(t, kind, s)
	})
}

// TestManifestHostile does the same with what is likely to break out.
func TestManifestHostile(t *testing.T) {
	fields := []func(*Settings, string){
		func(s *Settings, v string) { s.Run = v },
		func(s *Settings, v string) { s.NATS = v },
		func(s *Settings, v string) { s.NATS = "nats://" + v },
		func(s *Settings, v string) { s.NATS = "nats://h" + v + ":4222" },
		func(s *Settings, v string) { s.NATS = "nats://h:4222" + v },
		func(s *Settings, v string) { s.Program = v },
		func(s *Settings, v string) { s.Program = "/a" + v },
		func(s *Settings, v string) { s.AllowHosts = []string{v} },
		func(s *Settings, v string) { s.AllowHosts = []string{"h" + v} },
		func(s *Settings, v string) { s.Files.Creds = v },
		func(s *Settings, v string) { s.Files.Creds = "/a/b" + v },
		func(s *Settings, v string) { s.Image = v },
		func(s *Settings, v string) { s.Image = "i" + v },
		func(s *Settings, v string) { s.Secret = v },
		func(s *Settings, v string) { s.NATSSecret = v },
		func(s *Settings, v string) { s.EnvFile = v },
		func(s *Settings, v string) { s.EnvFile = "/a" + v },
	}
	list := kinds(t)
	rapid.Check(t, func(rt *rapid.T) {
		kind := rapid.SampledFrom(list).Draw(rt, "kind")
		s := sound(kind)
		rapid.SampledFrom(fields).Draw(rt, "field")(&s, hostile().Draw(rt, "value"))
		everyField(rt, kind, s)
	})
}

// everyField makes a manifest of settings that may be anything and, where they are not refused, looks at all of it.
func everyField(t rapid.TB, kind string, s Settings) {
	t.Helper()
	text, err := Manifest(kind, s)
	if err != nil {
		if field := (*FieldError)(nil); !errors.As(err, &field) || field.Reason == "" {
			t.Fatalf("%T: %v", err, err)
		}
		return
	}
	if got, want := started(t, kind, s, text), wanted(kind, s, "3"); !slices.Equal(got, want) {
		t.Fatalf("%s starts\n%q, want\n%q", kind, got, want)
	}
	if got, want := outline(t, kind, text), outline(t, kind, manifest(t, kind, like(kind, s))); !slices.Equal(got, want) {
		t.Fatalf("%s has\n%q, want\n%q", kind, got, want)
	}
}

// like are harmless settings that have what s has.
func like(kind string, s Settings) Settings {
	h := sound(kind)
	h.AllowHosts, h.Args = make([]string, len(s.AllowHosts)), make([]string, len(s.Args))
	for i := range h.AllowHosts {
		h.AllowHosts[i] = "h"
	}
	for _, one := range []struct {
		got  string
		want *string
	}{{s.Secret, &h.Secret}, {s.NATSSecret, &h.NATSSecret}, {s.EnvFile, &h.EnvFile}} {
		if one.got == "" {
			*one.want = ""
		}
	}
	if s.Files.Creds != "" {
		h.Files.Creds = "/a/b"
	}
	return h
}

// outline is what a manifest consists of, without the values that were given.
func outline(t rapid.TB, kind string, text []byte) []string {
	t.Helper()
	switch kind {
	case Kubernetes:
		return keysOf("", kubernetesTree(t, text))
	case Systemd:
		var list []string
		for _, s := range unitSettings(t, text) {
			list = append(list, s.section+"/"+s.name)
		}
		return list
	default:
		// Nothing of a script but words in single quotes may come from outside, and comments; so its lines are the same in number.
		return make([]string, strings.Count(string(text), "\n"))
	}
}

func TestManifestRefuses(t *testing.T) {
	long := strings.Repeat("x", 5000)
	cases := []struct {
		name, field string
		change      func(*Settings)
	}{
		{"no run", "run", func(s *Settings) { s.Run = "" }},
		{"a run of two words", "run", func(s *Settings) { s.Run = "a b" }},
		{"a run that is a subject of its own", "run", func(s *Settings) { s.Run = "a.b" }},
		{"a run with a wildcard", "run", func(s *Settings) { s.Run = ">" }},
		{"a run with a line break", "run", func(s *Settings) { s.Run = "a\n" }},
		{"a run of 49 characters", "run", func(s *Settings) { s.Run = strings.Repeat("x", 49) }},
		{"a run that ends in a hyphen", "run", func(s *Settings) { s.Run = "a-" }},
		{"no generators", "generators", func(s *Settings) { s.Generators = 0 }},
		{"too many generators", "generators", func(s *Settings) { s.Generators = MaxGenerators + 1 }},
		{"no deadline", "deadline", func(s *Settings) { s.Deadline = 0 }},
		{"a deadline of half seconds", "deadline", func(s *Settings) { s.Deadline = 90*time.Second + time.Millisecond }},
		{"a deadline beyond the records", "deadline", func(s *Settings) { s.Deadline = 31 * 24 * time.Hour }},
		{"no program", "program", func(s *Settings) { s.Program = "" }},
		{"a program of the path", "program", func(s *Settings) { s.Program = "axbench" }},
		{"a program with a space", "program", func(s *Settings) { s.Program = "/opt/a b" }},
		{"a program above", "program", func(s *Settings) { s.Program = "/opt/../axbench" }},
		{"no server", "nats", func(s *Settings) { s.NATS = "" }},
		{"a server without a scheme", "nats", func(s *Settings) { s.NATS = "nats.example.com:4222" }},
		{"a server of another kind", "nats", func(s *Settings) { s.NATS = "http://nats.example.com" }},
		{"a server with a password", "nats", func(s *Settings) { s.NATS = "nats://u:secret@nats.example.com" }},
		{"a second server with a password", "nats", func(s *Settings) { s.NATS = "nats://a,nats://u:secret@nats.example.com" }},
		{"a broken server with a password", "nats", func(s *Settings) { s.NATS = "nats://u:secret%@nats.example.com" }},
		{"a server with a path", "nats", func(s *Settings) { s.NATS = "ws://nats.example.com/x" }},
		{"a server with a query", "nats", func(s *Settings) { s.NATS = "nats://nats.example.com?" }},
		{"a server without a host", "nats", func(s *Settings) { s.NATS = "nats://:4222" }},
		{"port 0", "nats", func(s *Settings) { s.NATS = "nats://a:0" }},
		{"port 65536", "nats", func(s *Settings) { s.NATS = "nats://a:65536" }},
		{"half a port", "nats", func(s *Settings) { s.NATS = "nats://a:" }},
		{"a zone", "nats", func(s *Settings) { s.NATS = "nats://[fe80::1%25eth0]:4222" }},
		{"an empty server", "nats", func(s *Settings) { s.NATS = "nats://a," }},
		{"a host with a scheme", "allow-host", func(s *Settings) { s.AllowHosts = []string{"https://a"} }},
		{"a host with a port", "allow-host", func(s *Settings) { s.AllowHosts = []string{"a:443"} }},
		{"any host", "allow-host", func(s *Settings) { s.AllowHosts = []string{"*"} }},
		{"an empty host", "allow-host", func(s *Settings) { s.AllowHosts = []string{""} }},
		{"a certificate without its key", "nats-cert", func(s *Settings) { s.Files.Cert = "/a/tls.crt" }},
		{"an argument with a line break", "args", func(s *Settings) { s.Args = []string{"a\nb"} }},
		{"an argument with NUL", "args", func(s *Settings) { s.Args = []string{"a\x00b"} }},
		{"an argument that is no text", "args", func(s *Settings) { s.Args = []string{"\xff"} }},
		{"an argument that turns the line around", "args", func(s *Settings) { s.Args = []string{"\u202e"} }},
		{"a long argument", "args", func(s *Settings) { s.Args = []string{long} }},
		{"many arguments", "args", func(s *Settings) { s.Args = make([]string, maxArgs+1) }},
		{"a second run", "args", func(s *Settings) { s.Args = []string{"--run", "other"} }},
		{"another server", "args", func(s *Settings) { s.Args = []string{"-nats=nats://u:p@a"} }},
		{"a host by the back door", "args", func(s *Settings) { s.Args = []string{"--allow-host", "a"} }},
	}
	for _, kind := range Kinds() {
		for _, c := range append(cases, refusals[kind]...) {
			s := sound(kind)
			c.change(&s)
			_, err := Manifest(kind, s)
			if field := (*FieldError)(nil); !errors.As(err, &field) || field.Field != c.field {
				t.Errorf("%s, %s: %v, want a refusal of %s", kind, c.name, err, c.field)
			} else if strings.Contains(err.Error(), "secret@") || strings.Contains(err.Error(), "u:") {
				t.Errorf("%s, %s: the password is shown: %v", kind, c.name, err)
			}
		}
	}
	if _, err := Manifest("nomad", sound(Systemd)); err == nil || !strings.Contains(err.Error(), "kubernetes, systemd, slurm") {
		t.Errorf("an unknown kind: %v", err)
	}
}

// refusals are those of one kind.
var refusals = map[string][]struct {
	name, field string
	change      func(*Settings)
}{
	Kubernetes: {
		{"no image", "image", func(s *Settings) { s.Image = "" }},
		{"an image with a variable", "image", func(s *Settings) { s.Image = "$(IMAGE)" }},
		{"an image with a capital", "image", func(s *Settings) { s.Image = "example.com/Axbench" }},
		{"half a digest", "image", func(s *Settings) { s.Image = "axbench@sha256:00" }},
		{"a Secret with a capital", "secret", func(s *Settings) { s.Secret = "Axbench" }},
		{"a Secret with a space", "nats-secret", func(s *Settings) { s.NATSSecret = "a b" }},
		{"a file and no Secret", "nats-creds", func(s *Settings) { s.NATSSecret = ""; s.Files.Creds = "/a/b" }},
		{"a hidden file", "nats-creds", func(s *Settings) { s.Files.Creds = "/a/..b" }},
		{"a directory", "nats-creds", func(s *Settings) { s.Files.Creds = "/" }},
		{"two files of a name", "nats-nkey", func(s *Settings) { s.Files.Creds = "/a/x"; s.Files.Nkey = "/b/x" }},
		{"the pod itself", "nats", func(s *Settings) { s.NATS = "nats://127.0.0.1:4222" }},
		{"the pod itself, by name", "nats", func(s *Settings) { s.NATS = "nats://a,nats://LOCALHOST.:4222" }},
		{"a file of credentials", "env-file", func(s *Settings) { s.EnvFile = "/etc/axbench/agent.env" }},
	},
	Systemd: {
		{"an image", "kind", func(s *Settings) { s.Image = "axbench" }},
		{"a Secret", "kind", func(s *Settings) { s.Secret = "axbench" }},
		{"a relative file", "env-file", func(s *Settings) { s.EnvFile = "agent.env" }},
		{"a pattern", "env-file", func(s *Settings) { s.EnvFile = "/etc/*.env" }},
		{"a file that may be missing", "env-file", func(s *Settings) { s.EnvFile = "-/etc/agent.env" }},
		{"a file with a specifier", "nats-ca", func(s *Settings) { s.Files.CA = "/etc/%i" }},
	},
	Slurm: {
		{"a Secret for the bus", "kind", func(s *Settings) { s.NATSSecret = "axbench" }},
		{"a file with a space", "nats-ca", func(s *Settings) { s.Files.CA = "/etc/a b" }},
	},
}

func TestImageNames(t *testing.T) {
	for _, good := range []string{"axbench", "axbench:1.0", "a/b/c", "localhost:5000/axbench", "registry.example.com/a_b/c-d__e:v1.2-rc", "axbench@sha256:" + strings.Repeat("0a", 32),
		"ghcr.io/o/axbench:1@sha256:" + strings.Repeat("ff", 32)} {
		s := sound(Kubernetes)
		if s.Image = good; string(manifest(t, Kubernetes, s)) == "" {
			t.Error(good)
		}
	}
}
