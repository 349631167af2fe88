package scenarios

import (
	"time"

	"axbench/conformance/client"
	"axbench/conformance/contract"
	"axbench/runner/pace"
	"axbench/scenarios/strict"
)

// SchemaName is the name and version of the format.
const SchemaName = "axbench.scenario/v1"

// File is a scenario as it was read, with defaults filled in. Make one with Parse.
type File struct {
	Pos         strict.Pos `yaml:"-"`
	Schema      string     `yaml:"schema" jsonschema:"required,enum=axbench.scenario/v1" jsonschema_description:"Name and version of this format."`
	Name        Name       `yaml:"name" jsonschema:"required,example=evening" jsonschema_description:"Names the run directory: letters, digits, dot, underscore and hyphen."`
	Description string     `yaml:"description" jsonschema_description:"What the scenario is for, in a sentence."`

	Target    Target `yaml:"target" jsonschema_description:"emulator (default) or the URL of an endpoint."`
	Document  string `yaml:"document" jsonschema:"enum=2019-01,enum=2019-06,enum=current" jsonschema_description:"Edition of the document whose codes are in force. Default 2019-01."`
	Signature string `yaml:"signature" jsonschema:"enum=v1,enum=v3" jsonschema_description:"How calls are signed. Default v3."`
	Method    string `yaml:"method" jsonschema:"enum=GET,enum=POST" jsonschema_description:"HTTP method. Default POST."`
	Place     string `yaml:"place" jsonschema:"enum=query,enum=form" jsonschema_description:"Where parameters go. Default query. A form needs POST."`
	Format    string `yaml:"format" jsonschema:"enum=JSON,enum=XML" jsonschema_description:"Format of answers that is asked for. Default JSON."`
	Region    string `yaml:"region" jsonschema_description:"RegionId, sent when given."`

	Seed        int64         `yaml:"seed" jsonschema_description:"Fixes arrivals, numbers and order. Default 1."`
	Timeout     time.Duration `yaml:"timeout" jsonschema_description:"From the first byte sent to the last byte of the answer. Default 10s."`
	Patience    time.Duration `yaml:"patience" jsonschema_description:"How long an arrival waits for a free slot before it is dropped. Default 10s."`
	Drain       time.Duration `yaml:"drain" jsonschema_description:"How long open calls may take after the last phase. Default: timeout."`
	MaxInFlight int           `yaml:"max_in_flight" jsonschema:"minimum=1,maximum=100000" jsonschema_description:"Calls open at once. Default: the highest rate times a second, at least 64."`
	MaxLate     time.Duration `yaml:"max_late" jsonschema_description:"An arrival that is later than this by the generator's own doing is not offered. Default 500ms."`
	Late        LateGate      `yaml:"late" jsonschema_description:"How late the generator may be for the run to be valid."`

	Schedule []Phase   `yaml:"phases" jsonschema:"required" jsonschema_description:"Follow each other without a pause. All have arrivals (open model), or all have callers (closed model)."`
	Requests []Request `yaml:"requests" jsonschema:"required" jsonschema_description:"Templates of calls, drawn by weight."`
	Negative *Negative `yaml:"negative" jsonschema_description:"A share of deliberately wrong calls."`
	Bindings Bindings  `yaml:"bindings" jsonschema_description:"What becomes of bindings."`
	SLO      []Rule    `yaml:"slo" jsonschema_description:"What must hold of the recorded phases. Default: good >= 99%."`
	Safety   Safety    `yaml:"safety" jsonschema_description:"What a run may do at most. A foreign host needs all of it but breaker."`

	OnGeneratorLoss string     `yaml:"on_generator_loss" jsonschema:"enum=fail,enum=redistribute" jsonschema_description:"Of a run that several generators make, when one is lost: fail (default) ends the run; redistribute deals what the lost one still had to do over the others. Either way arrivals that nobody offered make the run invalid."`
	Generators      Generators `yaml:"generators" jsonschema_description:"What a run that several generators make is allowed."`

	// Emulator is the section for conformance/emulator as it is in the file, empty when absent.
	Emulator strict.Raw `yaml:"emulator" jsonschema_description:"Settings of the embedded emulator."`

	tables map[string]*table // CSV files by path as written
}

// LateGate says how late the generator may be for the run to be valid; zero values are the defaults.
type LateGate struct {
	P99 time.Duration `yaml:"p99" jsonschema_description:"How late 1 % of the calls of a phase may be, or wait for max_in_flight. Default 10ms."`
	Max time.Duration `yaml:"max" jsonschema_description:"How late 1 % of the calls of any second may be, and how long the generator may stand still. Default 200ms."`
}

// Generators says what a run that several generators make is allowed, beside its validity gate.
type Generators struct {
	Pos     strict.Pos `yaml:"-"`
	Missing Allowance  `yaml:"missing" jsonschema_description:"Share of the arrivals that may not have been offered, as when a generator was lost, without making the run invalid. Default 0%."`
}

// The values of File.OnGeneratorLoss.
const (
	LossFail         = "fail"
	LossRedistribute = "redistribute"
)

// Negative is a share of deliberately wrong calls among all calls.
type Negative struct {
	Share Share     `yaml:"share" jsonschema:"required" jsonschema_description:"Share of all calls, such as 5%."`
	Of    []Request `yaml:"of" jsonschema:"required" jsonschema_description:"Templates of wrong calls, drawn by weight; each says what it expects."`
}

// Request is a template of calls.
type Request struct {
	Pos       strict.Pos       `yaml:"-"`
	Name      string           `yaml:"name" jsonschema_description:"For people. Default: the operation."`
	Weight    int              `yaml:"weight" jsonschema:"minimum=1,maximum=1000000" jsonschema_description:"How often it is drawn, against the others. Default 1."`
	Operation string           `yaml:"operation" jsonschema:"enum=BindAxb,enum=UnbindSubscription,enum=QuerySubscriptionDetail,enum=UpdateSubscription,enum=QuerySubsId" jsonschema_description:"Default BindAxb."`
	Params    map[string]Value `yaml:"params" jsonschema_description:"Parameters of the operation: a value as it is sent, or how values are made."`
	Expect    Codes            `yaml:"expect" jsonschema_description:"The code the call must get, or a list of which it must get one. Default OK."`
	Fault     string           `yaml:"fault" jsonschema:"enum=none,enum=bad-signature,enum=no-signature,enum=stale-timestamp,enum=unknown-key" jsonschema_description:"What is deliberately wrong with the signature. Default none."`
}

// Bindings says what becomes of the bindings that a run makes. On a foreign host they are unbound at the latest at the end.
type Bindings struct {
	Pos    strict.Pos `yaml:"-"`
	Unbind Unbind     `yaml:"unbind" jsonschema_description:"never (default: they expire), end, or after a hold time such as 'after 2s'."`
}

// Safety bounds what a run may do; the guard compares it with the plan.
type Safety struct {
	A       Ranges `yaml:"a" jsonschema_description:"A numbers that may be bound."`
	B       Ranges `yaml:"b" jsonschema_description:"B numbers that may be bound."`
	Budget  int64  `yaml:"budget" jsonschema:"minimum=1" jsonschema_description:"Calls in all, follow-up calls included."`
	Ceiling Rate   `yaml:"ceiling" jsonschema_description:"Calls a second at most, follow-up calls included."`
	Breaker *bool  `yaml:"breaker" jsonschema_description:"Stop when too many calls fail authentication or are throttled. Default: on for foreign hosts."`
}

// defaults returns a File with the values of keys that are not in the file.
func defaults() *File {
	return &File{
		Target: "emulator", Document: "2019-01", Signature: "v3", Method: "POST", Place: "query", Format: "JSON",
		Seed: 1, Timeout: 10 * time.Second, Patience: 10 * time.Second, MaxLate: 500 * time.Millisecond,
		OnGeneratorLoss: LossFail,
	}
}

// Edition returns the edition of the document whose codes are in force.
func (f *File) Edition() contract.Edition {
	e, _ := contract.ParseEdition(f.Document) // one of the enumeration
	return e
}

// Client returns how calls are signed and written, without host, path, user agent and credentials.
func (f *File) Client() client.Config {
	scheme, _ := client.ParseScheme(f.Signature) // each is one of its enumeration
	place, _ := client.ParsePlace(f.Place)
	format, _ := contract.ParseFormat(f.Format)
	return client.Config{Scheme: scheme, Method: f.Method, Place: place, Format: format, Region: f.Region}
}

// Closed reports whether the scenario is of the closed model.
func (f *File) Closed() bool { return len(f.Schedule) > 0 && f.Schedule[0].Callers > 0 }

// Phases returns the phases for pace.NewPlan.
func (f *File) Phases() []pace.Phase {
	out := make([]pace.Phase, len(f.Schedule))
	for i := range f.Schedule {
		out[i] = f.Schedule[i].phase
	}
	return out
}

// Plan fixes the arrivals of the scenario as it stands, with its own seed and ceiling.
func (f *File) Plan() (*pace.Plan, error) {
	return pace.NewPlan(f.Phases(), f.Seed, f.Safety.Ceiling.Rate)
}

// templates returns all templates, the wrong ones last, and how many are right ones.
func (f *File) templates() (all []*Request, right int) {
	for i := range f.Requests {
		all = append(all, &f.Requests[i])
	}
	right = len(all)
	if f.Negative != nil {
		for i := range f.Negative.Of {
			all = append(all, &f.Negative.Of[i])
		}
	}
	return all, right
}
