package emulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// crowd runs binds at the same time, a few times over, and returns their answers.
func (p *prober) crowd(n int, bind func(k int) params) (list []observed) {
	for range 4 {
		calls, answers := make([]params, n), make([]observed, n)
		for k := range calls {
			calls[k] = bind(k)
		}
		connections := make([]*wire, n) // that are there already: dialling would spread the calls
		for k := range connections {
			connections[k] = p.dial()
		}
		requests := make([]string, n)
		for k := range requests {
			requests[k] = calls[k].get()
		}
		p.together("crowd", n, func(k int) string {
			answers[k] = connections[k].exchange(requests[k])
			answers[k].fields["asked"] = calls[k]["PhoneNoX"]
			return answers[k].code()
		})
		list = append(list, answers...)
	}
	return list
}

// distinct reports whether a text is another one for each answer.
func distinct(list []observed, text func(o observed) string) bool {
	seen := map[string]bool{}
	for _, o := range list {
		seen[text(o)] = true
	}
	return len(seen) == len(list)
}

var probesLoad = []probe{
	{name: "crowd with its own X", costly: true, run: func(p *prober) {
		list := p.crowd(16, func(k int) params { return p.bind("PhoneNoX", fmt.Sprint(17000020000+k)) })
		p.note("own X: %v", !slices.ContainsFunc(list, func(o observed) bool { return o.x() != o.fields["asked"] }))
		p.note("own SubsId: %v", distinct(list, observed.subs))
		p.note("whole: %v", !slices.ContainsFunc(list, func(o observed) bool { return !json.Valid([]byte(o.body)) }))
	}},
	{name: "crowd of one A", costly: true, run: func(p *prober) {
		a := p.phone("150", 9999)
		list := p.crowd(16, func(int) params { return p.bind("PhoneNoA", a) })
		p.note("own X: %v", distinct(list, observed.x))
	}},
	{name: "late replay", costly: true, run: func(p *prober) {
		q := p.bind()
		p.short("first", q)
		w := p.dial()
		defer w.c.Close()
		_ = w.c.SetDeadline(time.Now().Add(time.Minute))
		for range 101 {
			batch := ""
			for range 100 {
				batch += p.params("QuerySubscriptionDetail", "PoolKey", BuiltinPool, "SubsId", "1", "PhoneNoX", "1").get()
			}
			go w.write(batch)
			for range 100 {
				w.read()
			}
		}
		p.short("replayed", q)
	}},
	{name: "idle connection", costly: true, run: func(p *prober) {
		w := p.dial()
		w.call("first", p.bind().get())
		time.Sleep(idleLimit + 100*time.Millisecond)
		w.call("second", p.bind().get())
		w.c.Close()
	}},
	{name: "limit over connections", costly: true, run: func(p *prober) {
		for range 3 {
			w := p.dial()
			for range 2 {
				w.write(get(p.bind("PoolKey", "FC-limited", "AccessKeyId", "limited").query("GET", "limited-secret")))
				p.note("%s", w.read().code())
			}
			w.c.Close()
		}
	}},
	{name: "limit that lifts", costly: true, run: func(p *prober) {
		over := func() (met bool) { // of calls that come at once, however slow the machine is
			for try := 0; try < 20 && !met; try++ {
				w := p.dial()
				w.write(p.bind().get() + p.bind().get() + p.bind().get() + p.bind().get())
				for range 4 {
					met = w.read().code() == "isv.FLOW_LIMIT" || met
				}
				w.c.Close()
			}
			return met
		}
		lifted := func() (met bool) {
			for try := 0; try < 20 && !met; try++ {
				time.Sleep(200 * time.Millisecond)
				met = p.exchange(p.bind().get()).code() == "OK"
			}
			return met
		}
		p.note("over: %v", over())
		p.note("lifted: %v", lifted())
	}},
}

var shownLoad = map[string]evidence{
	"L02": {probes: []string{"crowd with its own X"}, shows: "own X: false"},
	"L04": {probes: []string{"crowd with its own X"}, shows: "own SubsId: false"},
	"L14": {probes: []string{"late replay"}, shows: "replayed: 200 OK"},
	"L16": {probes: []string{"idle connection"}, shows: "< reset"},
	"L17": {probes: []string{"crowd with its own X"}, shows: "whole: false"},
	"L21": {probes: []string{"limit over connections"}, shows: "OK"},
	"L80": {probes: []string{"limits"}, shows: "503"},
	"L81": {probes: []string{"limit that lifts"}, with: "limits: [{rate: 20/s, burst: 1}]", shows: "lifted: false"},
	"L82": {probes: []string{"crowd of one A"}, shows: "own X: false"},
}

// TestLimitedCallTakesANumber is what N32 shows of LOD-3: a call over the limit takes a number of the pool that it names.
func TestLimitedCallTakesANumber(t *testing.T) {
	how := evidence{probes: []string{"numbers after a limit of a key"}, with: "limits: [{rate: 1/m, burst: 4, per: key, operation: BindAxb}]"}
	right := correct(t, how)[0]
	if strings.Count(right, says("OK")) != 3 || !strings.Contains(right, "limited: 200 isv.FLOW_LIMIT") {
		t.Fatal(right)
	}
	if wrong := newSession(t, "N32", how).run(sequence(t, how)[0]); strings.Count(wrong, says("OK")) != 2 || !strings.Contains(wrong, says("isv.NO_AVAILABLE_NUMBER")) {
		t.Error(wrong)
	}
}
