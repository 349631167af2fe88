package emulator

import (
	"strings"
	"sync/atomic"

	"axbench/conformance/contract"
	"axbench/scenarios/strict"
)

// Injected is a code that a share of the calls gets, always or in a window. Such a call has no effect.
type Injected struct {
	Pos       strict.Pos `yaml:"-" json:"-"`
	Code      string     `yaml:"code" jsonschema:"required,example=isv.FLOW_LIMIT"`
	Share     Share      `yaml:"share" jsonschema:"description=of the calls; 100% without it when a window is given"`
	Operation string     `yaml:"operation" jsonschema:"description=BindAxb without it"`
	Window
	Undocumented bool `yaml:"undocumented" jsonschema:"description=must be true for a code that no list has"`
}

func (c *Config) checkCodes() *strict.Error {
	for i := range c.Codes {
		j := &c.Codes[i]
		op := j.operation()
		switch {
		case j.Code == "OK":
			return j.Pos.Error("code", "OK is what the other calls get", "any other code")
		case !codeName(j.Code):
			return j.Pos.Error("code", "not the name of a code", "1 to 64 letters, digits, '.', '_', '-'")
		case findCode(j.Code) == nil && !j.Undocumented:
			return j.Pos.Error("code", "no list has this code", "a code of axbench codes, or undocumented: true beside it")
		case contract.FindOperation(op) == nil:
			return j.Pos.Error("operation", "no such operation", strings.Join(operationNames(), ", "))
		case !j.Window.given() && j.Share == 0 && !j.Pos.Has("share"):
			return j.Pos.Error("share", "neither a share nor a window is given", "share, for example 1%; or after, for and every")
		}
		if err := j.Window.check(&j.Pos); err != nil {
			return err
		}
	}
	return c.checkShares()
}

// checkShares wants that at no time the codes of an operation are to come more often than there are calls.
func (c *Config) checkShares() *strict.Error {
	for _, name := range operationNames() {
		var list []*Injected
		var windows []interval
		for i := range c.Codes {
			if j := &c.Codes[i]; j.operation() == name {
				list, windows = append(list, j), append(windows, j.Window.interval())
			}
		}
		var over *Injected
		ok := starts(windows, func(_ interval, at int64) {
			sum := 0.0
			for i, j := range list {
				if !windows[i].open(at) {
					continue
				}
				if sum += j.share(); sum > 1+1e-9 && over == nil {
					over = j
				}
			}
		})
		switch {
		case over != nil:
			return over.Pos.Error("share", "the shares add up to more than all calls", "at most 100% for one operation at one time")
		case !ok:
			return list[len(list)-1].Pos.Error("every", tooManyWindows, periodsAccepted)
		}
	}
	return nil
}

func (j *Injected) operation() string {
	if j.Operation == "" {
		return contract.BindAxb.Name
	}
	return j.Operation
}

// share is of the calls in the window.
func (j *Injected) share() float64 { return shareIn(j.Share, &j.Pos, &j.Window) }

// shareIn is a share whose default is all calls when there is a window.
func shareIn(s Share, pos *strict.Pos, w *Window) float64 {
	if s == 0 && w.given() && !pos.Has("share") {
		return 1
	}
	return float64(s)
}

func codeName(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' || c == '_' || c == '-') {
			return false
		}
	}
	return len(s) > 0 && len(s) <= 64
}

// findCode looks a code up in every edition, and among those of single operations.
func findCode(name string) *contract.Code {
	for _, e := range []contract.Edition{contract.Edition2019, contract.EditionMid2019, contract.EditionCurrent} {
		if c := e.Find([]byte(name)); c != nil {
			return c
		}
	}
	for _, c := range contract.OwnCodes() {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// injected is an Injected at work.
type injected struct {
	row    *row
	share  float64
	window interval
	count  atomic.Int64 // of the calls that got the code
}

// addInjected gives each operation its codes.
func addInjected(cfg *Config, ops map[string]*operation, t *rows) {
	for i := range cfg.Codes {
		j := &cfg.Codes[i]
		op := ops[j.operation()]
		op.injected = append(op.injected, &injected{row: t.find(j.Code), share: j.share(), window: j.Window.interval()})
	}
}

// inject gives a share of the calls a code of its own, by the call's number.
func (c *call) inject() *row {
	if len(c.op.injected) == 0 {
		return nil
	}
	at := c.server.origin.since(c.read)
	u, sum := unit(random(c.server.seed, streamCode, c.number)), 0.0
	for _, j := range c.op.injected {
		if !j.window.open(at) {
			continue
		}
		if sum += j.share; u < sum {
			j.count.Add(1)
			return c.instead(j.row)
		}
	}
	return nil
}

// injections says how many calls got each code because they were drawn.
func (s *Server) injections() map[string]int64 {
	var out map[string]int64
	for name, op := range s.ops {
		if name != op.Name && s.ops[op.Name] != nil { // another name of the same operation
			continue
		}
		for _, j := range op.injected {
			if out == nil {
				out = map[string]int64{}
			}
			out[j.row.name] += j.count.Load()
		}
	}
	return out
}
