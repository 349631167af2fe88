package deploy

import (
	"net/netip"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// MaxGenerators is how many agents a manifest places at most.
const MaxGenerators = 1000

// The shortest and the longest life of an agent. Records of a run are kept for thirty days.
const (
	minDeadline = time.Minute
	maxDeadline = 30 * 24 * time.Hour
)

const (
	maxArgs  = 100
	maxBytes = 4096 // of one argument, or of one path
)

// What names are made of. None of these characters means anything to YAML in quotes, to a unit, to a shell, or to NATS.
// A run's id is 48 characters long at most, because the host names in its pods, "axbench-<id>-<slot>", have to fit into 63.
var (
	runID      = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,46}[A-Za-z0-9])?$`)
	hostName   = regexp.MustCompile(`^(?:[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?)*\.?$`)
	hostPath   = regexp.MustCompile(`^/[A-Za-z0-9/._@+=,-]+$`)
	secretName = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$`)
	secretKey  = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]*$`)
	serverURL  = regexp.MustCompile(`^[A-Za-z]+://[A-Za-z0-9._:\[\]-]+$`)
	imageName  = regexp.MustCompile(`^(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?/)?[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`)
)

// reserved are the flags of the agent that have a setting of their own.
var reserved = []string{"nats", "run", "prefer", "allow-host", "nats-creds", "nats-nkey", "nats-ca", "nats-cert", "nats-key"}

// check holds what every kind asks for.
func (s Settings) check() error {
	if !runID.MatchString(s.Run) {
		return fieldf("run", "%q is no id of a run: up to 48 letters, digits, - and _, with a letter or a digit at both ends", s.Run)
	}
	if s.Generators < 1 || s.Generators > MaxGenerators {
		return fieldf("generators", "%d is not between 1 and %d", s.Generators, MaxGenerators)
	}
	if s.Deadline < minDeadline || s.Deadline > maxDeadline || s.Deadline%time.Second != 0 {
		return fieldf("deadline", "%v is not between %v and %v in whole seconds", s.Deadline, minDeadline, maxDeadline)
	}
	if err := checkPath("program", s.Program); err != nil {
		return err
	}
	if err := checkServers(s.NATS); err != nil {
		return err
	}
	for _, h := range s.AllowHosts {
		if !isHost(h) {
			return fieldf("allow-host", "%q is no host: a name or an address, without a scheme and without a port", h)
		}
	}
	if (s.Files.Cert == "") != (s.Files.Key == "") {
		return fieldf("nats-cert", "a certificate and its key (--nats-cert, --nats-key) go together")
	}
	return checkArgs(s.Args)
}

// checkServers takes what a client of NATS takes, less credentials: a manifest is read by many.
func checkServers(list string) error {
	for one := range strings.SplitSeq(list, ",") {
		u, err := url.Parse(one)
		if err != nil || !slices.Contains([]string{"nats", "tls", "ws", "wss"}, u.Scheme) || u.Opaque != "" {
			return fieldf("nats", "%q is no address of a NATS server such as nats://nats.example.com:4222 (or tls://, ws://, wss://)", redact(one))
		}
		if u.User != nil {
			return fieldf("nats", "user and password do not belong into a manifest: give them to the agents as AXBENCH_NATS_USER and AXBENCH_NATS_PASSWORD")
		}
		if !serverURL.MatchString(one) {
			return fieldf("nats", "%q has more than a host and a port", one)
		}
		port := u.Port()
		if !isHost(u.Hostname()) || strings.HasSuffix(u.Host, ":") || port != "" && !isPort(port) {
			return fieldf("nats", "%q has no host, or a port that is none", one)
		}
	}
	return nil
}

// redact leaves out what may be a password.
func redact(address string) string {
	if i := strings.LastIndexByte(address, '@'); i >= 0 {
		return "…" + address[i:]
	}
	return address
}

// isHost says whether h is a name or an address, without brackets.
func isHost(h string) bool {
	if a, err := netip.ParseAddr(h); err == nil {
		return a.Zone() == ""
	}
	return len(h) <= 253 && hostName.MatchString(h)
}

func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback() || strings.EqualFold(strings.TrimSuffix(host, "."), "localhost")
}

// checkPath takes an absolute path that needs no quotes anywhere.
func checkPath(field, p string) error {
	if len(p) > maxBytes || !hostPath.MatchString(p) || path.Clean(p) != p {
		return fieldf(field, "%q is no absolute path of letters, digits and /._@+=,- alone", p)
	}
	return nil
}

func checkArgs(args []string) error {
	if len(args) > maxArgs {
		return fieldf("args", "%d arguments, at most %d", len(args), maxArgs)
	}
	for i, a := range args {
		if len(a) > maxBytes || !utf8.ValidString(a) || strings.ContainsFunc(a, func(r rune) bool { return !unicode.IsPrint(r) }) {
			return fieldf("args", "argument %d is not printable text of at most %d bytes", i+1, maxBytes)
		}
		name, _, _ := strings.Cut(strings.TrimLeft(a, "-"), "=")
		if strings.HasPrefix(a, "-") && slices.Contains(reserved, name) {
			return fieldf("args", "--%s cannot be given to the agent this way: the manifest has a place for it", name)
		}
	}
	return nil
}

// checkKubernetes holds what a Job asks for.
func checkKubernetes(s Settings) error {
	if len(s.Image) > 512 || !imageName.MatchString(s.Image) {
		return fieldf("image", "%q is no name of an image such as registry.example.com/axbench:1.0", s.Image)
	}
	for _, one := range [][2]string{{"secret", s.Secret}, {"nats-secret", s.NATSSecret}} {
		if name := one[1]; name != "" && (len(name) > 253 || !secretName.MatchString(name)) {
			return fieldf(one[0], "%q is no name of a Secret: small letters, digits, - and .", name)
		}
	}
	if s.EnvFile != "" {
		return fieldf("env-file", "a Job takes credentials from Secrets (--secret, --nats-secret)")
	}
	keys := map[string]string{}
	for _, f := range s.Files.list() {
		if s.NATSSecret == "" {
			return fieldf(f.Flag, "it has to come from a Secret: name that with --nats-secret")
		}
		if key := f.Base(); len(key) > 253 || !secretKey.MatchString(key) {
			return fieldf(f.Flag, "%q is no key of a Secret: letters, digits, - and _, and . but at the beginning", key)
		}
		if other := keys[f.Base()]; other != "" && other != f.Path {
			return fieldf(f.Flag, "%s and %s would be the same key of the Secret", other, f.Path)
		}
		keys[f.Base()] = f.Path
	}
	for one := range strings.SplitSeq(s.NATS, ",") {
		if u, err := url.Parse(one); err == nil && loopback(u.Hostname()) {
			return fieldf("nats", "%s is the pod itself: name the server as the pods reach it", one)
		}
	}
	return nil
}

// checkHosted holds what systemd and Slurm ask for.
func checkHosted(s Settings) error {
	if s.Image != "" || s.Secret != "" || s.NATSSecret != "" {
		return fieldf("kind", "only Kubernetes has images and Secrets (--image, --secret, --nats-secret)")
	}
	if s.EnvFile != "" {
		if err := checkPath("env-file", s.EnvFile); err != nil {
			return err
		}
	}
	for _, f := range s.Files.list() {
		if err := checkPath(f.Flag, f.Path); err != nil {
			return err
		}
	}
	return nil
}
