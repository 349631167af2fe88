package cmd

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"axbench/conformance/client"
	"axbench/conformance/contract"
	"axbench/conformance/traffic"
	"axbench/results"

	"github.com/urfave/cli/v2"
)

// endpointAnswering serves bodies by action.
func endpointAnswering(t *testing.T, bodies map[string]string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json;charset=utf-8")
		fmt.Fprint(w, strings.ReplaceAll(bodies[r.FormValue("Action")], "ID", strings.ToUpper(r.FormValue("SignatureNonce"))))
	}))
	t.Cleanup(s.Close)
	return s
}

const (
	bindsWell     = `{"Code":"OK","Message":"OK","RequestId":"ID","SecretBindDTO":{"SubsId":"1000000000000001","SecretNo":"17012345678"}}`
	unbindsWell   = `{"Code":"OK","Message":"OK","RequestId":"ID","ChargeId":"true"}`
	unbindsNot    = `{"Code":"isp.RAM_PERMISSION_DENY","Message":"RAM权限DENY","RequestId":"ID"}`
	foreignSecret = "sentinelSECRETsentinelSECRET99"
)

// foreignCall makes a call to s as if it were no loopback host.
func foreignCall(t *testing.T, s *httptest.Server) (stdout string) {
	t.Helper()
	var out bytes.Buffer
	env := map[string]string{client.EnvID: "LTAI5tSENTINELid", client.EnvSecret: foreignSecret}
	p := &program{stdin: strings.NewReader(""), stdout: &out, stderr: &out, env: func(name string) string { return env[name] }}
	app := p.app()
	for _, c := range app.Commands {
		if c.Name == "call" {
			c.Action = func(ctx *cli.Context) error {
				made, err := p.newCall(ctx)
				if err != nil {
					return err
				}
				made.endpoint.Loopback = false
				return made.run()
			}
		}
	}
	if err := app.Run([]string{"axbench", "call", "--target", s.URL, "--explain", "--timeout", "2s"}); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, secret := range []string{"17012345678", "15010101010", "15020202020", foreignSecret, env[client.EnvID]} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%s stands in the output:\n%s", secret, out.String())
		}
	}
	return out.String()
}

// TestForeignCallUnbinds: a call to another host leaves no binding, or says how to end it.
func TestForeignCallUnbinds(t *testing.T) {
	t.Chdir(t.TempDir())
	out := foreignCall(t, endpointAnswering(t, map[string]string{"BindAxb": bindsWell, "UnbindSubscription": unbindsWell}))
	if !strings.Contains(out, "the binding was unbound") {
		t.Errorf("the unbind is not told:\n%s", out)
	}
	if left, err := results.List(store); err != nil || len(left) != 0 {
		t.Errorf("run directories are left: %v, %v", left, err)
	}

	out = foreignCall(t, endpointAnswering(t, map[string]string{"BindAxb": bindsWell, "UnbindSubscription": unbindsNot}))
	left, err := results.List(store)
	if err != nil || len(left) != 1 {
		t.Fatalf("run directories: %v, %v; want one", left, err)
	}
	if !strings.Contains(out, "axbench cleanup "+left[0]) {
		t.Errorf("the way to unbind it is not told:\n%s", out)
	}
	list, err := traffic.ReadJournal(filepath.Join(left[0], traffic.JournalName))
	if err != nil || len(list) != 1 || list[0].X != "17012345678" {
		t.Errorf("journal: %v, %v", list, err)
	}
	if info, err := os.Stat(filepath.Join(left[0], traffic.JournalName)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("journal: %v, %v; want mode 0600", info, err)
	}
}

func TestCallParams(t *testing.T) {
	now := time.Date(2026, 3, 1, 15, 55, 0, 0, time.UTC)
	text := func(op *contract.Operation, given []string, defaults bool) string {
		list, err := callParams(op, given, defaults, now)
		if err != nil {
			return err.Error()
		}
		var parts []string
		for _, p := range list {
			parts = append(parts, p.Name+"="+p.Value)
		}
		return strings.Join(parts, "&")
	}
	cases := []struct{ name, got, want string }{
		{"defaults", text(contract.BindAxb, nil, true), "PoolKey=FC123456&PhoneNoA=15010101010&PhoneNoB=15020202020&Expiration=2026-03-02 00:05:00"},
		{"some given", text(contract.BindAxb, []string{"PhoneNoA=1", "PoolKey="}, true), "PhoneNoA=1&PoolKey=&PhoneNoB=15020202020&Expiration=2026-03-02 00:05:00"},
		{"bare", text(contract.BindAxb, []string{"PhoneNoA=1"}, false), "PhoneNoA=1"},
		{"other operation", text(contract.UnbindSubscription, []string{"SubsId=1"}, true), "SubsId=1&PoolKey=FC123456"},
		{"equals sign in the value", text(contract.BindAxb, []string{"OutId=a=b"}, false), "OutId=a=b"},
		{"unknown name", text(contract.BindAxb, []string{"Zone=1"}, false), "Zone=1"},
		{"no pair", text(contract.BindAxb, []string{"x"}, true), `--param "x" is no pair`},
		{"no name", text(contract.BindAxb, []string{"=x"}, true), `--param "=x" is no pair`},
		{"twice", text(contract.BindAxb, []string{"A=1", "A=1"}, true), "--param A is given twice"},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
}

func TestCallExitCode(t *testing.T) {
	broken := []callViolation{{Clause: "RSP-9", Level: "MUST"}}
	weak := []callViolation{{Clause: "RSP-5", Level: "SHOULD"}}
	cases := []struct {
		name   string
		r      callReport
		expect string
		want   int
	}{
		{"as expected", callReport{Code: "OK", Class: results.ClassOK}, "OK", 0},
		{"a weak clause broken", callReport{Code: "OK", Class: results.ClassOK, Violations: weak}, "OK", 0},
		{"another code", callReport{Code: "isv.BIND_CONFLICT", Class: results.ClassBusiness}, "OK", 3},
		{"the other code asked for", callReport{Code: "isv.BIND_CONFLICT", Class: results.ClassBusiness}, "isv.BIND_CONFLICT", 0},
		{"a clause broken", callReport{Code: "OK", Class: results.ClassOK, Violations: broken}, "OK", 4},
		{"an undocumented code", callReport{Code: "x", Class: results.ClassUndocumented}, "x", 4},
		{"no readable code", callReport{Code: results.CodeMalformed, Class: results.ClassMalformed}, "OK", 4},
		{"no answer", callReport{Code: results.CodeTimeout, Class: results.ClassTransport}, "OK", 7},
	}
	for _, c := range cases {
		if got := c.r.exitCode(c.expect); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

// TestGuardOfCalls: a call that can make a telephone ring needs its number said plainly, one that cannot needs only the host.
func TestGuardOfCalls(t *testing.T) {
	for _, c := range []struct {
		name    string
		args    []string
		refused string // what is missing; "" when the call may go
	}{
		{"query", []string{"--action", "QuerySubsId", "--param", "PhoneNoX=17000000000"}, ""},
		{"update of the end", []string{"--action", "UpdateSubscription", "--param", "OperateType=updateExpire", "--param", "Expiration=2030-01-01 00:00:00"}, ""},
		{"update of A", []string{"--action", "UpdateSubscription", "--param", "PhoneNoA=15010101010"}, ""},
		{"update of B", []string{"--action", "UpdateSubscription", "--param", "PhoneNoB=15010101010"}, ""},
		{"update of B to what is no number", []string{"--action", "UpdateSubscription", "--param", "PhoneNoB=+8615010101010"}, "no A numbers are declared"},
		{"bind without B", []string{"--param", "PhoneNoA=15010101010"}, "no B numbers are declared"},
		{"bind", []string{"--param", "PhoneNoA=15010101010", "--param", "PhoneNoB=15020202020"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &program{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard, env: func(string) string { return "" }}
			app := p.app()
			for _, command := range app.Commands {
				if command.Name == "call" {
					command.Action = func(ctx *cli.Context) error {
						_, err := p.newCall(ctx)
						return err
					}
				}
			}
			err := app.Run(append([]string{"axbench", "call", "--target", "https://dypls.example.com/", "--allow-host", "dypls.example.com"}, c.args...))
			if c.refused == "" && err != nil || c.refused != "" && (err == nil || !strings.Contains(err.Error(), c.refused)) {
				t.Errorf("got %v, want %q", err, c.refused)
			}
		})
	}
}
