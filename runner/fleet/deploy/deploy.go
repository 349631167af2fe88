// Package deploy writes what places agents of a fleet on hosts: a Job for Kubernetes, a unit for systemd, a batch script for Slurm.
//
// What it is given may come from anywhere. Names, addresses and paths are held to a grammar that leaves nothing to quote;
// further arguments of the agent may hold any printable text, and are quoted so that they reach it as they were given.
// Credentials are never part of what is written, only where they will be found.
//
// It starts nothing and reads nothing but its own templates. Whether the hosts, the image and the files exist is not known here.
package deploy

import (
	"bytes"
	"embed"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"
)

// The kinds of manifests.
const (
	Kubernetes = "kubernetes"
	Systemd    = "systemd"
	Slurm      = "slurm"
)

// Defaults that whoever asks for a manifest may want. A Settings without them has none.
const (
	DefaultProgram    = "/usr/local/bin/axbench"
	DefaultEnvFile    = "/etc/axbench/agent.env" // of systemd
	DefaultSecret     = "axbench-api"
	DefaultNATSSecret = "axbench-nats"
)

// Settings say what is placed. The kinds differ in what they need; what a kind has no place for must be empty.
type Settings struct {
	Run        string        // id of the run
	NATS       string        // addresses of the servers, commas between them, without user and password
	Generators int           // how many agents: 1 to MaxGenerators
	Deadline   time.Duration // longest life of an agent, whole seconds
	Program    string        // absolute path of axbench where the agent runs
	AllowHosts []string      // foreign hosts that the agents may send to
	Files      Files         // what the agent shows to the NATS server, and what it expects of it
	Args       []string      // further arguments of the agent

	Image      string // Kubernetes: the container image
	Secret     string // Kubernetes: Secret with the credentials of the API, "" for none
	NATSSecret string // Kubernetes: Secret with user and password of the NATS server and with Files, "" for none

	EnvFile string // systemd and Slurm: absolute path of a file of mode 0600 with credentials, NAME=VALUE a line, "" for none
}

// Files are absolute paths on the hosts of the agents. For Kubernetes their last elements are keys of NATSSecret. Each may be empty.
type Files struct {
	Creds, Nkey, CA, Cert, Key string
}

// list returns what there is, by the names of the agent's flags.
func (f Files) list() (list []file) {
	for _, one := range []file{{"nats-creds", f.Creds}, {"nats-nkey", f.Nkey}, {"nats-ca", f.CA}, {"nats-cert", f.Cert}, {"nats-key", f.Key}} {
		if one.Path != "" {
			list = append(list, one)
		}
	}
	return list
}

type file struct{ Flag, Path string }

// Base is the last element of the path.
func (f file) Base() string { return path.Base(f.Path) }

//go:embed kubernetes.yaml systemd.service slurm.sh
var texts embed.FS

// format is how one kind is written.
type format struct {
	text  string // file of the template
	quote func(string) string
	slot  string                 // what stands for the slot, quoted already; "" where the template says it
	place func(file) string      // where the agent finds a file, quoted already
	check func(s Settings) error // what only this kind asks for
}

// credentialsMount is where a container has NATSSecret.
const credentialsMount = "/etc/axbench/nats"

var formats = map[string]format{
	Kubernetes: {
		text: "kubernetes.yaml", quote: quoteArg, slot: `"$(JOB_COMPLETION_INDEX)"`, check: checkKubernetes,
		place: func(f file) string { return quoteArg(credentialsMount + "/" + f.Base()) },
	},
	Systemd: {
		text: "systemd.service", quote: quoteUnit, slot: "%i", check: checkHosted,
		place: func(f file) string { return `"${CREDENTIALS_DIRECTORY}/` + f.Flag + `"` }, // one name, whatever the file's
	},
	Slurm: {text: "slurm.sh", quote: quoteShell, check: checkHosted, place: func(f file) string { return quoteShell(f.Path) }},
}

// Kinds lists the kinds that Manifest knows.
func Kinds() []string { return []string{Kubernetes, Systemd, Slurm} }

// FieldError says which setting cannot be used, and why.
type FieldError struct {
	Field  string // as the flag of axbench agent manifest: run, nats, allow-host; args for further arguments
	Reason string
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Reason }

func fieldf(field, format string, args ...any) error {
	return &FieldError{Field: field, Reason: fmt.Sprintf(format, args...)}
}

// Manifest writes one kind. The error is a *FieldError. It is safe for concurrent use.
func Manifest(kind string, s Settings) ([]byte, error) {
	f, ok := formats[kind]
	if !ok {
		return nil, fieldf("kind", "unknown kind %q, accepted: %s", kind, strings.Join(Kinds(), ", "))
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	if err := f.check(s); err != nil {
		return nil, err
	}
	t, err := template.New(f.text).Funcs(template.FuncMap{"q": f.quote, "yaml": quoteYAML}).ParseFS(texts, f.text)
	if err != nil {
		return nil, fmt.Errorf("template of %s: %w", kind, err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, s.view(f)); err != nil {
		return nil, fmt.Errorf("template of %s: %w", kind, err)
	}
	return out.Bytes(), nil
}

// view is what a template sees beside the settings.
type view struct {
	Settings
	Argv    []string // the agent's arguments, quoted
	Mounted []file
	Keys    []string // of NATSSecret
	Name    string   // of the job
	Last    int      // slot
	Seconds int64
	Clock   string // what Slurm gives a job, which is told to end a minute before
}

func (s Settings) view(f format) view {
	v := view{
		Settings: s, Argv: s.argv(f), Mounted: s.Files.list(), Name: jobName(s.Run), Last: s.Generators - 1,
		Seconds: int64(s.Deadline / time.Second), Clock: clock(s.Deadline + time.Minute),
	}
	for _, one := range v.Mounted {
		if !slices.Contains(v.Keys, one.Base()) {
			v.Keys = append(v.Keys, one.Base())
		}
	}
	return v
}

// argv is the agent's command line after the program. What was given comes last, so that it cannot take a flag of ours for its value.
func (s Settings) argv(f format) []string {
	list := []string{"agent", "--nats", s.NATS, "--run", s.Run}
	for _, h := range s.AllowHosts {
		list = append(list, "--allow-host", h)
	}
	for i, word := range list {
		list[i] = f.quote(word)
	}
	for _, one := range s.Files.list() {
		list = append(list, f.quote("--"+one.Flag), f.place(one))
	}
	if f.slot != "" {
		list = append(list, f.quote("--prefer"), f.slot)
	}
	for _, word := range s.Args {
		list = append(list, f.quote(word))
	}
	return list
}

// jobName is a label of DNS, as Kubernetes asks for: the id may have what that has not.
func jobName(run string) string {
	return "axbench-" + strings.ToLower(strings.ReplaceAll(run, "_", "-"))
}

// clock writes d as days-hours:minutes:seconds.
func clock(d time.Duration) string {
	s := int64(d / time.Second)
	return strconv.FormatInt(s/86400, 10) + fmt.Sprintf("-%02d:%02d:%02d", s/3600%24, s/60%60, s%60)
}
