package scenarios

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"axbench/conformance/contract"
	"axbench/conformance/traffic"
	"axbench/scenarios/strict"
)

// Parse reads a scenario. name is its name in errors; open reads the CSV files that it names, by their paths from the
// scenario's folder, and may be nil where there are none. An error about the file is a *strict.Error with file, line,
// column, field and what would be accepted.
func Parse(name string, data []byte, open func(path string) ([]byte, error)) (*File, error) {
	f := defaults()
	if err := strict.Decode(name, data, 1, f); err != nil {
		return nil, err
	}
	if !f.Pos.Has("drain") {
		f.Drain = f.Timeout
	}
	for _, check := range []func() error{f.checkHead, func() error { return f.load(open) }, f.checkPhases, f.checkRequests, f.checkBindings, f.checkGenerators, f.checkRules} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// onFlags are the keys that are flags only, in lower case without separators.
var onFlags = map[string]string{"allowhost": "--allow-host HOST", "insecure": "--insecure", "plaintext": "--plaintext"}

// ofCredentials are the keys that somebody would put credentials under.
var ofCredentials = []string{
	"accesskey", "accesskeyid", "accesskeysecret", "ak", "sk", "apikey", "credential", "credentials", "keyid", "password", "profile",
	"secret", "secretkey", "securitytoken", "ststoken", "token", "alibabacloudaccesskeyid", "alibabacloudaccesskeysecret", "alibabacloudsecuritytoken",
}

// ofProtocol are the parameters that the signature brings along.
var ofProtocol = []string{"action", "version", "signature", "signaturemethod", "signatureversion", "signaturenonce", "signaturetype", "timestamp", "regionid"}

// Refuse gives keys a reason of their own to be refused, see strict.
func (f *File) Refuse(key string) (problem, accepted string) {
	plain := strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(key))
	if flag, ok := onFlags[plain]; ok {
		return "this is never in a file: whoever starts the run decides it", "the flag " + flag + " on the command line"
	}
	if slices.Contains(ofCredentials, plain) {
		return "credentials are never in a file", "the environment (ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET) or a named profile"
	}
	if slices.Contains(ofProtocol, plain) && key != "signature" {
		return "this parameter comes with the signature of each call", "signature and region at the top of the file; fault in a request"
	}
	return "", ""
}

func (f *File) checkHead() error {
	switch {
	case f.Place == "form" && f.Method == "GET":
		return f.Pos.Error("place", "a GET has no form", "query, or method: POST")
	case f.Timeout <= 0:
		return f.Pos.Error("timeout", "a timeout must be above 0", "a duration such as 10s")
	case f.MaxLate <= 0:
		return f.Pos.Error("max_late", "a call cannot be sent without being late at all", "a duration such as 500ms")
	case strings.ContainsAny(f.Region, " \t\r\n&=") || len(f.Region) > 64:
		return f.Pos.Error("region", "not a region", "a region such as cn-hangzhou")
	}
	return nil
}

// load reads the CSV files that the scenario names, each once.
func (f *File) load(open func(string) ([]byte, error)) error {
	f.tables = map[string]*table{}
	read := func(pos *strict.Pos, key, path string) error {
		if path == "" || f.tables[path] != nil {
			return nil
		}
		if !filepath.IsLocal(filepath.FromSlash(path)) {
			return pos.Error(key, "the file is outside the scenario's folder", "a relative path without ..")
		}
		if open == nil {
			return pos.Error(key, "there is no folder to read files from", "a scenario in a file")
		}
		data, err := open(path)
		if err != nil {
			var e *fs.PathError
			if errors.As(err, &e) {
				err = e.Err
			}
			return pos.Error(key, "the file cannot be read: "+err.Error(), "a path from the scenario's folder")
		}
		f.tables[path], err = readTable(path, data)
		return err
	}
	for i := range f.Schedule {
		if t := f.Schedule[i].Trace; t != nil {
			if err := read(&f.Schedule[i].Pos, "trace", t.CSV); err != nil {
				return err
			}
		}
	}
	all, _ := f.templates()
	for _, r := range all {
		for _, name := range names(r.Params) {
			v := r.Params[name]
			if err := read(&v.Pos, "csv", v.CSV); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *File) checkPhases() error {
	if len(f.Schedule) == 0 {
		return f.Pos.Error("phases", "the list is empty", "at least one phase")
	}
	seen := map[Name]bool{}
	recorded := false
	for i := range f.Schedule {
		p := &f.Schedule[i]
		if p.Name == "" {
			p.Name = nameOf(i, len(f.Schedule))
		}
		if seen[p.Name] {
			return p.Pos.Error("name", "a second phase of this name", "each name once")
		}
		seen[p.Name] = true
		if err := p.build(f.tables); err != nil {
			return err
		}
		if closed := p.Callers > 0; closed != f.Closed() {
			return p.Pos.Error("", "phases with arrivals (open model) and with callers (closed model) do not mix", "all phases with callers, or none")
		}
		recorded = recorded || p.Recorded()
	}
	if !recorded {
		return f.Pos.Error("phases", "no phase is recorded, so there would be nothing to judge", "at least one phase without record: false")
	}
	return nil
}

func (f *File) checkRequests() error {
	if len(f.Requests) == 0 {
		return f.Pos.Error("requests", "the list is empty", "at least one request")
	}
	if f.Negative != nil && len(f.Negative.Of) == 0 {
		return f.Pos.Error("negative", "there are no wrong calls to draw from", "at least one entry under of")
	}
	all, right := f.templates()
	for i, r := range all {
		if r.Operation == "" {
			r.Operation = "BindAxb"
		}
		if r.Name == "" {
			r.Name = r.Operation
		}
		r.Weight = max(1, r.Weight)
		if i >= right && r.Expect.ok() {
			return r.Pos.Error("expect", "a wrong call expects a code other than OK", "the code that it must get")
		}
		if err := f.checkRequest(r); err != nil {
			return err
		}
	}
	return nil
}

func (f *File) checkRequest(r *Request) error {
	op := contract.FindOperation(r.Operation)
	for _, code := range r.Expect {
		if (f.Edition().Find([]byte(code)) != nil || op.FindCode([]byte(code)) != nil) && !strings.Contains(code, "|") {
			continue
		}
		problem := "no code of the document or of its gateway"
		if e, ok := otherEdition(code); ok {
			return r.Pos.Error("expect", "edition "+f.Document+" of the document does not have this code", "a code of that edition, or document: "+e.String())
		}
		if near := strict.Nearest(code, f.Codes()); near != "" {
			problem += fmt.Sprintf(", did you mean %q?", near)
		}
		return r.Pos.Error("expect", problem, "a code such as OK or isv.MOBILE_NUMBER_ILLEGAL; axbench codes lists them")
	}
	sound := r.Expect.ok()
	if fault := r.Fault != "" && r.Fault != "none"; fault && sound {
		return r.Pos.Error("fault", "OK is expected of a call with a wrong signature", "expect with the code that it must get")
	}
	for _, name := range names(r.Params) {
		v := r.Params[name]
		if op.FindParam(name) == nil {
			problem := "unknown parameter"
			if near := strict.Nearest(name, params(op)); near != "" {
				problem += fmt.Sprintf(", did you mean %q?", near)
			}
			return v.Pos.Error("", problem, strings.Join(params(op), ", "))
		}
		if err := v.check(name, f.tables); err != nil {
			return err
		}
		if sound {
			if err := v.checkSound(name, f.tables); err != nil {
				return err
			}
		}
		r.Params[name] = v
	}
	if !sound {
		return nil
	}
	for _, p := range op.Params {
		if v, ok := r.Params[p.Name]; p.Required && (!ok || !v.isMapping() && v.fixed == "") {
			return r.Pos.Error("params", "OK is expected, but the required parameter "+p.Name+" is missing", "the parameter, or the code that its absence must get")
		}
	}
	return nil
}

// checkBindings holds the hold time against the times that bindings live.
func (f *File) checkBindings() error {
	if f.Bindings.Unbind.Then != traffic.UnbindAfter {
		return nil
	}
	for i := range f.Requests {
		r := &f.Requests[i]
		if in := r.Params["Expiration"].In; r.Expect.ok() && in != nil && in.From <= f.Bindings.Unbind.Hold {
			return f.Bindings.Pos.Error("unbind", fmt.Sprintf("bindings of requests[%d] may have expired by then", i), "a hold time below "+in.From.String()+", or a later Expiration")
		}
	}
	return nil
}

// checkGenerators refuses what needs arrivals where there are none.
func (f *File) checkGenerators() error {
	switch {
	case !f.Closed():
	case f.OnGeneratorLoss == LossRedistribute:
		return f.Pos.Error("on_generator_loss", "callers cannot be handed over: each waits for its own answers", "fail, or phases with arrivals (open model)")
	case f.Generators.Missing > 0:
		return f.Generators.Pos.Error("missing", "callers have no arrivals of which some could be missing", "0%, or phases with arrivals (open model)")
	}
	return nil
}

func (f *File) checkRules() error {
	for i := range f.SLO {
		r := &f.SLO[i]
		if r.Phase == "" {
			continue
		}
		at := slices.IndexFunc(f.Schedule, func(p Phase) bool { return string(p.Name) == r.Phase })
		switch {
		case at < 0:
			var known []string
			for _, p := range f.Schedule {
				known = append(known, string(p.Name))
			}
			return r.Pos.Error("", "there is no phase "+r.Phase, strings.Join(known, ", "))
		case !f.Schedule[at].Recorded():
			return r.Pos.Error("", "the phase "+r.Phase+" is not recorded", "a phase without record: false")
		}
	}
	return nil
}

// otherEdition finds an edition of the document that has a code.
func otherEdition(code string) (contract.Edition, bool) {
	for _, e := range []contract.Edition{contract.Edition2019, contract.EditionMid2019, contract.EditionCurrent} {
		if e.Find([]byte(code)) != nil && !strings.Contains(code, "|") {
			return e, true
		}
	}
	return 0, false
}

// Codes returns the names of the codes that are documented in the edition of the scenario, those of the gateway and of single
// operations included.
func (f *File) Codes() (out []string) {
	for _, c := range slices.Concat(f.Edition().Codes(), contract.GatewayCodes(), contract.OwnCodes()) {
		out = append(out, c.Name)
	}
	return out
}

// params returns the names of an operation's parameters.
func params(op *contract.Operation) (out []string) {
	for _, p := range op.Params {
		out = append(out, p.Name)
	}
	return out
}

// names returns the keys of a mapping in order.
func names(m map[string]Value) []string {
	out := make([]string, 0, len(m))
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
