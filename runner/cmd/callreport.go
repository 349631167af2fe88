package cmd

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"axbench/conformance/check"
	"axbench/conformance/traffic"
	"axbench/report"
	"axbench/results"
	"axbench/runner/wire"
)

// callReport is what one call came to, redacted.
type callReport struct {
	Operation  string          `json:"operation"`
	Target     string          `json:"target"`
	Method     string          `json:"method"`
	Signature  string          `json:"signature"`
	Format     string          `json:"format"`
	Document   string          `json:"document"`
	Code       string          `json:"code"` // of the answer, or why there is none
	Class      results.Class   `json:"class"`
	Documented bool            `json:"documented"`
	TextZH     string          `json:"text_zh"`
	TextEN     string          `json:"text_en"`
	HTTPStatus int             `json:"http_status"` // 0 without an answer
	Detail     string          `json:"detail"`      // why there is no answer
	ResponseNS int64           `json:"response_ns"` // from the first byte sent to the last byte read
	Violations []callViolation `json:"violations"`
	Request    string          `json:"request"`
	Answer     string          `json:"answer"`
	Explain    *explanation    `json:"explain,omitempty"`
	CleanUp    string          `json:"clean_up,omitempty"`
}

// codeOK is the code of success.
const codeOK = "OK"

type callViolation struct {
	Clause   string `json:"clause"`
	Level    string `json:"level"`
	Sentence string `json:"sentence"`
	Detail   string `json:"detail"`
}

// describe takes over what the checker found.
func (r *callReport) describe(res *check.Result) {
	switch {
	case res.Code == nil:
		r.Code, r.Class = results.CodeMalformed, results.ClassMalformed
	case res.Known == nil:
		r.Code, r.Class = report.Escape(string(res.Code)), results.ClassUndocumented
	default:
		r.Code, r.Class, r.Documented = report.Escape(string(res.Code)), traffic.ClassOf(res.Known.Group), true
		r.TextZH, r.TextEN = res.Known.ZH, res.Known.EN
	}
	for _, v := range res.Violations {
		r.Violations = append(r.Violations, callViolation{v.Clause.ID, v.Clause.Level.String(), v.Clause.Sentence, v.Detail})
	}
}

// exitCode judges one call as a run is judged: no answer, then what is wrong with it, then whether it is what was asked for.
func (r *callReport) exitCode(expect string) int {
	if r.Class == results.ClassTransport {
		return results.ExitNoData
	}
	for _, v := range r.Violations {
		if v.Level == "MUST" {
			return results.ExitNonconformant
		}
	}
	switch {
	case r.Class == results.ClassUndocumented || r.Class == results.ClassMalformed:
		return results.ExitNonconformant
	case r.Code != expect:
		return results.ExitSLO
	}
	return results.ExitPass
}

func (c *call) print(r *callReport) error {
	if c.flags.Bool("json") {
		return c.p.printJSON(r)
	}
	return c.p.print(r.text(c.p.textOptions()))
}

// text writes the report for a terminal. What came from outside is escaped line by line.
func (r *callReport) text(o report.TextOptions) string {
	var b strings.Builder
	section := func(title, margin, body string) {
		fmt.Fprintf(&b, "\n%s\n", title)
		for _, l := range strings.Split(strings.TrimRight(strings.ReplaceAll(body, "\r\n", "\n"), "\n"), "\n") {
			fmt.Fprintf(&b, "  %s%s\n", margin, report.Escape(l))
		}
	}
	fmt.Fprintf(&b, "%s at %s: %s, signature %s, %s, document %s\n", r.Operation, report.Escape(r.Target), r.Method, r.Signature, r.Format, r.Document)
	text := r.TextEN
	if !o.ASCII {
		text = strings.TrimSpace(r.TextZH + " " + text)
	}
	if r.Class == results.ClassTransport {
		fmt.Fprintf(&b, "no answer: %s, %s\n", r.Code, report.Escape(r.Detail))
	} else {
		fmt.Fprintf(&b, "%s (%s, HTTP %d) after %s: %s\n", r.Code, r.Class, r.HTTPStatus, time.Duration(r.ResponseNS).Round(time.Microsecond), text)
		if len(r.Violations) == 0 {
			b.WriteString("the answer breaks no clause\n")
		}
	}
	for _, v := range r.Violations {
		fmt.Fprintf(&b, "  %s %s: %s\n      %s\n", v.Level, v.Clause, v.Sentence, report.Escape(v.Detail))
	}
	if r.CleanUp != "" {
		fmt.Fprintf(&b, "%s\n", report.Escape(r.CleanUp))
	}
	section("request (access key id, signature and nonce removed, numbers as pseudonyms)", "> ", r.Request)
	if r.Answer != "" {
		section("answer", "< ", r.Answer)
	}
	if r.Explain != nil {
		section("signed, part by part", "", strings.Join(r.Explain.Canonical, "\n"))
		section("string to sign, from the parts as shown", "", r.Explain.StringToSign)
		section("what the server made of it", "", r.Explain.Server)
		for _, d := range r.Explain.Differences {
			fmt.Fprintf(&b, "  %s\n    sent   %s\n    server %s\n", report.Escape(d.What), report.Escape(d.Sent), report.Escape(d.Server))
		}
	}
	return b.String()
}

// unbind ends the binding that a call to a foreign host has made, and says what became of it. It goes through a journal, so
// that axbench cleanup can finish what fails here.
func (c *call) unbind(pool *wire.Pool, a *wire.Answer, res *check.Result) string {
	switch {
	case a.Failure != wire.None && a.Started:
		return "the call may have bound: without an answer nobody here knows its SubsId, so only expiry ends it"
	case len(res.SubsID) == 0 && string(res.Code) == codeOK:
		return "the call has bound, but the answer has no SubsId: only expiry ends it"
	case len(res.SubsID) == 0:
		return ""
	}
	dir, err := c.keep(res)
	if err != nil {
		return "the binding could not be written down and is left to expire: " + err.Error()
	}
	done, err := traffic.Cleanup(context.Background(), traffic.CleanupConfig{Journal: filepath.Join(dir, traffic.JournalName), Pool: pool,
		Client: c.config, Edition: c.edition, Ceiling: 1, Timeout: c.flags.Duration("timeout")})
	if err != nil || done.Left > 0 {
		return "the binding is still live: axbench cleanup " + dir + " unbinds it"
	}
	if err := os.RemoveAll(dir); err != nil {
		return "the binding was unbound; " + err.Error()
	}
	return "the binding was unbound"
}

// keep makes a run directory of this one call: run.json and the journal.
func (c *call) keep(res *check.Result) (dir string, err error) {
	now := time.Now()
	dir = newDir(c.flags, "call", now)
	run := &results.Run{Version: version(), Scenario: "call", Model: results.ModelOpen, Started: now.UTC(), Verdict: results.VerdictPartial,
		Target: results.Target{URL: c.endpoint.String(), Method: c.config.Method, Signature: c.config.Scheme.String(),
			Format: c.config.Format.String(), Document: c.edition.String()}}
	w, err := results.Create(dir, run)
	if err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	journal, err := traffic.CreateJournal(filepath.Join(dir, traffic.JournalName))
	if err != nil {
		return "", err
	}
	if err := journal.Bound(res.SubsID, res.SecretNo, c.param("PoolKey"), time.Time{}); err != nil {
		return "", err
	}
	return dir, journal.Close(now)
}
