package cmd

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"axbench/conformance"
	"axbench/conformance/client"
	"axbench/conformance/contract"
	"axbench/conformance/emulator"
	"axbench/conformance/traffic"
	"axbench/report"
	"axbench/results"
	"axbench/runner/pace"

	"github.com/urfave/cli/v2"
)

// conform is one run of the suite on its way.
type conform struct {
	*target
	p         *program
	flags     *cli.Context
	config    conformance.Config
	provision *conformance.Provision
	env       func(string) string // where the declared credentials are
	sign      ed25519.PrivateKey  // nil for none
	dir       string
	reports   []wantedReport
}

// newConform reads flags and files; nothing is sent or started before all of them are right.
func (p *program) newConform(ctx *cli.Context) (*conform, error) {
	c := &conform{p: p, flags: ctx, env: p.env, provision: &conformance.Provision{}}
	edition, err := contract.ParseEdition(ctx.String("document"))
	if err != nil {
		return nil, usagef("--document: %w", err)
	}
	c.config = conformance.Config{
		Profile: ctx.String("profile"), Only: ctx.StringSlice("only"), Edition: edition, Seed: ctx.Int64("seed"),
		Limit: ctx.Duration("limit"), Wait: ctx.Duration("wait"), Version: version(),
	}
	if c.config.Limit <= 0 || ctx.Duration("cleanup-time") <= 0 || c.config.Wait < 0 {
		return nil, usagef("--limit and --cleanup-time must be above 0, --wait must not be negative")
	}
	if err := conformance.CheckOnly(c.config.Profile, c.config.Only); err != nil {
		return nil, usagef("%w", err).withHint("axbench conform --list has the clauses and their profiles")
	}
	if c.reports, err = readReports(ctx, ctx.String("out"), report.CheckConformFormat); err != nil {
		return nil, err
	}
	for _, read := range []func() error{c.readProvision, c.readKnown, c.readBefore, c.readKey} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// readProvision reads what is declared of the endpoint.
func (c *conform) readProvision() error {
	name := c.flags.String("provision")
	if name == "" {
		return nil
	}
	text, err := c.p.readInput(name)
	if err != nil {
		return err
	}
	if c.provision, err = conformance.ParseProvision(name, text); err != nil {
		return err
	}
	c.config.Declared = c.provision.Summary(name, text)
	return nil
}

func (c *conform) readKnown() error {
	name := c.flags.String("known")
	if name == "" {
		return nil
	}
	text, err := c.p.readInput(name)
	if err != nil {
		return err
	}
	c.config.Known, err = conformance.ParseKnown(name, text)
	return err
}

// readBefore reads the choices of an earlier run.
func (c *conform) readBefore() error {
	name := c.flags.String("before")
	if name == "" {
		return nil
	}
	text, err := c.p.readInput(name)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&c.config.Before); err != nil {
		return usagef("--before %s: %w", name, err).withHint(results.ProfileFile + " of the directory of a conformance run")
	}
	return nil
}

func (c *conform) readKey() error {
	name := c.flags.String("sign-key")
	if name == "" {
		return nil
	}
	text, err := c.p.readInput(name)
	if err != nil {
		return err
	}
	if c.sign, err = conformance.ReadPrivateKey(text); err != nil {
		return usagef("--sign-key %s: %w", name, err).withHint("openssl genpkey -algorithm ed25519 -out key.pem makes one")
	}
	return nil
}

// run holds the target against the clauses and reports.
func (c *conform) run(ctx context.Context) error {
	if err := c.open(); err != nil {
		return err
	}
	defer c.close()
	writer, err := c.create()
	if err != nil {
		return err
	}
	defer writer.Close()
	journal, err := traffic.CreateJournal(filepath.Join(c.dir, traffic.JournalName))
	if err != nil {
		return fmt.Errorf("binding journal: %w", err)
	}
	m := newCaseMeter(c.p.stderr, isTerminal(c.p.stderr))
	c.config.Keep, c.config.Bound, c.config.Note = writer.AppendExchange, journal, m.note
	result, err := conformance.Run(ctx, c.config)
	m.close()
	if closing := journal.Close(time.Now()); err == nil {
		err = closing
	}
	if err != nil {
		return &exitError{code: results.ExitInternal, err: err, hint: "what was recorded until then is in " + c.dir}
	}
	c.cleanUp(result)
	if err := errors.Join(writer.Close(), c.write(result)); err != nil {
		return fmt.Errorf("%s: %w", c.dir, err)
	}
	return c.tell(ctx, result)
}

// open asks the guard, reads the credentials and makes the target ready.
func (c *conform) open() error {
	url := cmp.Or(c.flags.String("target"), c.provision.Target.BaseURL, "emulator")
	endpoint, err := c.guard(url)
	if err != nil {
		return err
	}
	c.target = &target{endpoint: endpoint, foreign: !endpoint.Loopback, credentials: client.BuiltIn(), addr: endpoint.Addr(), host: endpoint.HostHeader(), path: endpoint.Path}
	if endpoint.Emulator {
		err = c.openEmulator()
	} else {
		err = c.readCredentials()
	}
	if err != nil {
		return err
	}
	if err := c.p.reach(c.flags, c.target); err != nil {
		return err
	}
	c.config.Target, c.config.Host, c.config.Path, c.config.Foreign = c.wire, c.host, c.path, c.foreign
	c.config.Provision = c.provision
	c.config.Describe = results.Target{URL: endpoint.String(), Method: "GET", Signature: "v1", Format: "JSON", Document: c.config.Edition.String(), TLS: c.verified, Proxy: c.proxy}
	return nil
}

// guard asks whether these calls may leave the machine: elsewhere budget, rate and numbers have to be declared.
func (c *conform) guard(url string) (traffic.Endpoint, error) {
	a, b, landline := c.provision.Ranges()
	budget := c.provision.Budget
	g := traffic.Guard{
		Target: url, AllowHost: c.flags.String("allow-host"), Plaintext: c.flags.Bool("plaintext"), Insecure: c.flags.Bool("insecure"),
		Budget: budget.Calls, Ceiling: budget.Rate, A: a, B: b, Plan: traffic.GuardPlan{Calls: budget.Calls, Peak: budget.Rate, A: a, B: b},
		Keys: traffic.GuardKeys{Budget: "budget.calls", Ceiling: "budget.rate", A: "phones.a", B: "phones.b"},
	}
	allowed, err := g.Check()
	if err != nil {
		return traffic.Endpoint{}, err
	}
	for _, line := range allowed.Lines {
		fmt.Fprintf(c.p.stderr, "axbench: %s\n", line)
	}
	if allowed.Foreign && len(landline) > 0 {
		fmt.Fprintf(c.p.stderr, "axbench: landlines for either side, in %s\n", counted(int64(len(landline)), "declared range"))
	}
	return allowed.Endpoint, nil
}

// readCredentials reads the declared key pairs from the environment; main may come from where every command has it.
func (c *conform) readCredentials() error {
	secrets, err := c.provision.Secrets(c.env)
	if err != nil {
		return usagef("%w", err)
	}
	if _, ok := secrets[conformance.MainCredential]; !ok {
		main, err := c.p.credentials(c.flags.String("key-profile"), c.endpoint)
		if err != nil {
			return err
		}
		if secrets == nil {
			secrets = map[string]client.Credentials{}
		}
		secrets[conformance.MainCredential] = main
	}
	c.config.Credentials, c.credentials = secrets, secrets[conformance.MainCredential]
	return nil
}

// openEmulator starts the embedded emulator as one on which everything can be provoked, and declares it, unless a file declares something else.
func (c *conform) openEmulator() error {
	sample := emulator.ConformanceSample()
	if err := c.startEmulator(c.p, string(sample), true); err != nil {
		return err
	}
	if c.flags.String("provision") != "" {
		return c.readCredentials()
	}
	config, err := emulator.Parse("the embedded emulator", sample, 1)
	var text []byte
	var env map[string]string
	if err == nil {
		text, env, err = provisioningOf(config, c.child.URL()+"/", c.child.Admin()+"/")
	}
	if err == nil {
		c.provision, err = conformance.ParseProvision("emulator", text)
	}
	if err != nil {
		_ = c.child.Stop()
		return fmt.Errorf("declare the emulator: %w", err)
	}
	c.config.Declared = c.provision.Summary("emulator", text)
	c.env = func(name string) string { return env[name] }
	return c.readCredentials()
}

// create makes the directory.
func (c *conform) create() (*results.ConformWriter, error) {
	c.dir = outDir(c.flags, "conform", time.Now())
	w, err := results.CreateConform(c.dir, &results.Conform{
		Version: version(), Started: time.Now().UTC(), Seed: c.config.Seed, Target: c.config.Describe, Profile: c.config.Profile, Provisioning: c.config.Declared,
	})
	if err != nil {
		return nil, usagef("directory: %w", err).withHint("name an empty or new directory with --out")
	}
	return w, nil
}

// cleanUp unbinds what the cases left bound, where the endpoint is declared to have the operation.
func (c *conform) cleanUp(result *results.Conform) {
	if !c.provision.Query.Unbind || result.Bindings.Left == 0 {
		return
	}
	rate := pace.Rate{}
	clean := c.cleanupConfig(client.Config{Scheme: client.V1}, filepath.Join(c.dir, traffic.JournalName), rate, c.flags.Duration("cleanup-time"), 0)
	if c.provision.Budget.Rate > 0 {
		clean.Ceiling = c.provision.Budget.Rate
	}
	clean.Edition = c.config.Edition
	r, err := traffic.Cleanup(context.Background(), clean)
	if err != nil {
		c.p.warnf("clean-up: %v", err)
		return
	}
	ended := r.Unbound + r.Gone
	result.Bindings.Unbound += min(ended, result.Bindings.Left)
	result.Bindings.Left -= min(ended, result.Bindings.Left)
	if r.Left > 0 {
		c.p.warnf("clean-up: %s: axbench cleanup %s goes on", r, c.dir)
	}
}

// write makes the directory whole: verdicts, choices, page and bundle.
func (c *conform) write(result *results.Conform) error {
	if err := results.WriteConform(c.dir, result); err != nil {
		return err
	}
	choices, err := json.MarshalIndent(result.Choices, "", "  ")
	if err != nil {
		return err
	}
	if err := results.WriteFile(filepath.Join(c.dir, results.ProfileFile), append(choices, '\n'), 0o644); err != nil {
		return err
	}
	rec, err := results.OpenConform(c.dir)
	if err != nil {
		return err
	}
	var page, junit bytes.Buffer
	if err := errors.Join(report.ConformHTML(&page, rec, report.HTMLOptions{Lang: c.flags.String("lang")}), report.ConformJUnit(&junit, rec)); err != nil {
		return err
	}
	err = errors.Join(
		results.WriteFile(filepath.Join(c.dir, reportFile), page.Bytes(), 0o644),
		results.WriteFile(filepath.Join(c.dir, "junit.xml"), junit.Bytes(), 0o644),
		conformance.WriteBundle(c.dir, rec, c.sign),
	)
	if name := c.flags.String("junit"); name != "" && err == nil {
		err = results.WriteFile(name, junit.Bytes(), 0o644)
	}
	return err
}

// tell prints the report and returns the exit code. An interrupted run ends as such whatever it saw.
func (c *conform) tell(ctx context.Context, result *results.Conform) error {
	rec, err := results.OpenConform(c.dir)
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	err = c.p.writeReports(c.flags, c.reports, func(b *bytes.Buffer, format string, o report.Options) error {
		o.Text.Verbose = c.flags.Bool("verbose")
		return report.WriteConform(b, rec, format, o)
	})
	switch {
	case toStdout(c.reports):
	case c.flags.Bool("json"):
		err = errors.Join(err, c.p.printJSON(result))
	default:
		o := c.p.textOptions()
		o.Verbose = c.flags.Bool("verbose")
		err = errors.Join(err, report.ConformText(c.p.stdout, rec, o))
	}
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	fmt.Fprintf(c.p.stderr, "axbench: directory %s\n", c.dir)
	var by interrupted
	if errors.As(context.Cause(ctx), &by) {
		return exit(by.code)
	}
	return exit(result.ExitCode)
}
