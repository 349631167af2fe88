package cmd

import (
	"crypto/rand"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"axbench/conformance/check"
	"axbench/conformance/client"
	"axbench/conformance/contract"
	"axbench/conformance/emulator"
	"axbench/conformance/signature"
	"axbench/conformance/traffic"
	"axbench/results"
	"axbench/runner/wire"

	"github.com/urfave/cli/v2"
)

func (p *program) callCommand() *cli.Command {
	return &cli.Command{
		Name:  "call",
		Usage: "send one signed call and check its answer",
		Description: "On loopback, parameters of BindAxb that are not given have values that suit the emulator; --bare sends none of them.\n" +
			"On another host every number has to be given, and a binding that was made is unbound at once.\n" +
			"Exit code 0 if the answer has the expected code, 3 if it has another one, 4 if it breaks the document, 7 if there is none.",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "target", Value: "emulator", Usage: "emulator (a fresh one), or the `URL` of an endpoint"},
			&cli.StringFlag{Name: "action", Value: contract.BindAxb.Name, Usage: "operation"},
			&cli.StringSliceFlag{Name: "param", Usage: "a parameter as `NAME=VALUE`; repeatable"},
			&cli.BoolFlag{Name: "bare", Usage: "send only the parameters given"},
			&cli.StringFlag{Name: "signature", Value: "v1", Usage: "v1 or v3"},
			&cli.StringFlag{Name: "method", Usage: "GET or POST (default: GET, or POST with --place form)"},
			&cli.StringFlag{Name: "place", Value: "query", Usage: "where parameters go: query or form"},
			&cli.StringFlag{Name: "format", Value: "JSON", Usage: "format of the answer: JSON or XML"},
			&cli.StringFlag{Name: "document", Value: contract.Edition2019.String(), Usage: "version of the document: 2019-01, 2019-06, current"},
			&cli.StringFlag{Name: "fault", Value: "none", Usage: "what is wrong on purpose: none, bad-signature, no-signature, stale-timestamp, unknown-key"},
			&cli.StringFlag{Name: "expect", Value: "OK", Usage: "`CODE` that the call must get"},
			&cli.DurationFlag{Name: "timeout", Value: 10 * time.Second, Usage: "for the whole answer"},
			&cli.BoolFlag{Name: "explain", Usage: "show how the call was signed and what the server made of it"},
			storeFlag(),
			jsonFlag(),
		}, targetFlags()...),
		Action: func(ctx *cli.Context) error {
			if err := noArguments(ctx); err != nil {
				return err
			}
			c, err := p.newCall(ctx)
			if err != nil {
				return err
			}
			return c.run()
		},
	}
}

// call is one call on its way.
type call struct {
	p        *program
	flags    *cli.Context
	endpoint traffic.Endpoint
	config   client.Config
	edition  contract.Edition
	fault    client.Fault
	op       *contract.Operation
	params   []signature.Param
	redactor *traffic.Redactor
}

// newCall reads the flags; nothing is sent before all of them are right and the guard has agreed.
func (p *program) newCall(ctx *cli.Context) (*call, error) {
	c := &call{p: p, flags: ctx}
	var err error
	if c.endpoint, err = traffic.ParseTarget(ctx.String("target")); err != nil {
		return nil, err
	}
	if c.op = contract.FindOperation(ctx.String("action")); c.op == nil {
		var known []string
		for _, op := range contract.Operations {
			known = append(known, op.Name)
		}
		return nil, usagef("--action %q is not known", ctx.String("action")).withHint(
			nearestHint(ctx.String("action"), known, "accepted: "+strings.Join(known, ", ")))
	}
	if err := c.readConfig(); err != nil {
		return nil, err
	}
	if c.params, err = callParams(c.op, ctx.StringSlice("param"), c.endpoint.Loopback && !ctx.Bool("bare"), time.Now()); err != nil {
		return nil, err
	}
	if err := c.guard(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *call) readConfig() (err error) {
	f := c.flags
	wrong := func(flag string, err error) error { return usagef("--%s: %w", flag, err) }
	if c.config.Scheme, err = client.ParseScheme(f.String("signature")); err != nil {
		return wrong("signature", err)
	}
	if c.config.Place, err = client.ParsePlace(f.String("place")); err != nil {
		return wrong("place", err)
	}
	if c.config.Format, err = contract.ParseFormat(f.String("format")); err != nil {
		return wrong("format", err)
	}
	if c.edition, err = contract.ParseEdition(f.String("document")); err != nil {
		return wrong("document", err)
	}
	if c.fault, err = client.ParseFault(f.String("fault")); err != nil {
		return wrong("fault", err)
	}
	if f.Duration("timeout") <= 0 {
		return usagef("--timeout must be above 0")
	}
	c.config.Method = strings.ToUpper(f.String("method"))
	switch {
	case c.config.Method == "" && c.config.Place == client.Form:
		c.config.Method = "POST"
	case c.config.Method == "":
		c.config.Method = "GET"
	case c.config.Method != "GET" && c.config.Method != "POST":
		return usagef("--method %q is not known, accepted: GET, POST", f.String("method"))
	case c.config.Method == "GET" && c.config.Place == client.Form:
		return usagef("--place form needs --method POST")
	}
	return nil
}

// callParams reads NAME=VALUE pairs. With defaults, parameters of BindAxb that are missing get values that suit the
// emulator. An unknown name is sent as it is: the gateway's answer to it may be what the call is for.
func callParams(op *contract.Operation, given []string, defaults bool, now time.Time) ([]signature.Param, error) {
	var list []signature.Param
	has := func(name string) bool {
		return slices.ContainsFunc(list, func(p signature.Param) bool { return p.Name == name })
	}
	for _, text := range given {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return nil, usagef("--param %q is no pair", text).withHint("NAME=VALUE, such as PhoneNoA=15010101010")
		}
		if has(name) {
			return nil, usagef("--param %s is given twice", name)
		}
		list = append(list, signature.Param{Name: name, Value: value})
	}
	if !defaults {
		return list, nil
	}
	suited := []signature.Param{{Name: "PoolKey", Value: emulator.BuiltinPool}}
	if op == contract.BindAxb {
		suited = append(suited, signature.Param{Name: "PhoneNoA", Value: "15010101010"}, signature.Param{Name: "PhoneNoB", Value: "15020202020"},
			signature.Param{Name: "Expiration", Value: now.Add(10 * time.Minute).In(contract.Zone).Format(contract.ExpirationLayout)})
	}
	for _, s := range suited {
		if !has(s.Name) {
			list = append(list, s)
		}
	}
	return list, nil
}

func (c *call) param(name string) string {
	for _, p := range c.params {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// guard asks whether this call may leave the machine. The command itself is budget and ceiling, one call and its unbind, and the
// numbers on the command line are the declared ones.
func (c *call) guard() error {
	g := traffic.Guard{
		Target: c.flags.String("target"), AllowHost: c.flags.String("allow-host"), Plaintext: c.flags.Bool("plaintext"),
		Insecure: c.flags.Bool("insecure"), Budget: 2, Ceiling: 1, Plan: traffic.GuardPlan{Calls: 2, Peak: 1},
	}
	if c.op != contract.BindAxb && c.param("PhoneNoA") == "" && c.param("PhoneNoB") == "" { // no telephone will ring
		_, err := g.CheckHost()
		return err
	}
	declare := func(name string) []traffic.Numbers {
		v := c.param(name)
		if v == "" {
			return nil
		}
		if strings.Trim(v, "0123456789") != "" {
			g.Plan.Odd = append(g.Plan.Odd, v)
			return nil
		}
		return []traffic.Numbers{{From: v, To: v}}
	}
	g.A, g.B = declare("PhoneNoA"), declare("PhoneNoB")
	g.Plan.A, g.Plan.B = g.A, g.B
	if c.op != contract.BindAxb { // an update brings one of the two, and needs no other
		g.A = slices.Concat(g.A, g.B)
		g.B = g.A
	}
	_, err := g.Check()
	return err
}

// run makes the call and prints what came of it.
func (c *call) run() error {
	t, err := c.p.connect(c.flags, c.endpoint, "")
	if err != nil {
		return err
	}
	defer t.close()
	c.config = t.clientConfig(c.config)
	c.redactor = traffic.NewRedactor(t.credentials.ID, t.credentials.Secret, t.credentials.Token)
	signer, err := client.New(c.config)
	if err != nil {
		return usagef("%w", err)
	}
	nonce := make([]byte, 16)
	rand.Read(nonce)
	made := signer.Explain(c.op.Name, c.params, hex.AppendEncode(nil, nonce), time.Now(), c.fault)
	var answer wire.Answer
	t.pool.Do(made.Request, c.flags.Duration("timeout"), &answer, nil)
	r, res := c.report(made, &answer)
	if !c.endpoint.Loopback && c.op == contract.BindAxb {
		r.CleanUp = c.unbind(t.pool, &answer, res)
	}
	if err := c.print(r); err != nil {
		return err
	}
	return exit(r.exitCode(c.flags.String("expect")))
}

// report checks the answer and redacts the exchange.
func (c *call) report(made client.Explanation, a *wire.Answer) (*callReport, *check.Result) {
	numbers := []string{c.param("PhoneNoA"), c.param("PhoneNoB"), c.param("PhoneNoX"), c.param("SecretNo")}
	r := &callReport{Operation: c.op.Name, Target: c.flags.String("target"), Method: c.config.Method, Signature: c.config.Scheme.String(),
		Format: c.config.Format.String(), Document: c.edition.String(), Violations: []callViolation{}}
	res := &check.Result{}
	var known *contract.Code
	if a.Failure != wire.None {
		r.Code, r.Class, r.Detail = string(a.Failure), results.ClassTransport, a.Detail
	} else {
		sent := &check.Sent{Operation: c.op, Format: c.config.Format, A: numbers[0], B: numbers[1], X: numbers[2], SubsID: c.param("SubsId")}
		check.New(c.edition).Check(res, sent, &check.Answer{Status: a.Status, ContentType: a.ContentType,
			ContentEncoding: a.ContentEncoding, Head: a.Head, Body: a.Body})
		r.HTTPStatus, r.ResponseNS = a.Status, int64(a.Times.Done.Sub(a.Times.Sent))
		known = res.Known
		r.describe(res)
		numbers = append(numbers, string(res.SecretNo))
	}
	r.Request, r.Answer = c.redactor.Exchange(made.Request, a.Head, a.Body, numbers...)
	if c.flags.Bool("explain") {
		x := &explainer{redactor: c.redactor, numbers: numbers, scheme: c.config.Scheme}
		e := x.explain(made, known, string(res.Message))
		r.Explain = &e
	}
	return r, res
}
