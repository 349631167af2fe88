package emulator

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"axbench/conformance/contract"
)

// trial is one endpoint that is tried on clauses. What it breaks is noted and not told at once, since some endpoints have to
// break something. It is safe for concurrent use.
type trial struct {
	t        *testing.T
	e        *endpoint
	patience time.Duration // the deadline that is declared for an answer
	until    string        // nothing more is sent once this clause is known to be broken; "" to go on

	mu     sync.Mutex
	faults map[string][]string // by clause; "" are those of the case itself
	ids    map[string]bool     // RequestIds and SubsIds that were seen
}

// trialConfig is probeConfig with one account more, whose limit lifts soon.
var trialConfig = strings.Replace(probeConfig, "triggers:\n", `  - {name: brisk, credentials: [{id: brisk, secret: brisk-secret}], pools: [{key: FC-brisk, size: 50, first: "17000600000"}], limits: [{rate: 1/s, burst: 2}]}
triggers:
`, 1)

// newTrial serves trialConfig with a deviation, or without one.
func newTrial(t *testing.T, deviation, until string) *trial {
	text, patience := trialConfig, 30*time.Second
	if deviation != "" {
		text, patience = text+"\nmutants: ['"+deviation+"']\n", time.Second
	}
	return &trial{t: t, e: serve(t, config(t, text), fixed), patience: patience, until: until, faults: map[string][]string{}, ids: map[string]bool{}}
}

// note notes a broken clause.
func (tr *trial) note(clause, format string, args ...any) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if len(tr.faults[clause]) < 5 {
		tr.faults[clause] = append(tr.faults[clause], fmt.Sprintf(format, args...))
	}
}

// fault notes that the clause of the case is broken.
func (tr *trial) fault(format string, args ...any) { tr.note("", format, args...) }

// of are the faults of one clause: what its case found, and what was found in any answer.
func (tr *trial) of(clause string) []string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return slices.Concat(tr.faults[""], tr.faults[clause])
}

// call sends a request over a connection of its own.
func (tr *trial) call(request string) reply { return tr.pipeline(request)[0] }

// pipeline sends requests over one connection, all at once, and reads as many answers. Each is judged.
func (tr *trial) pipeline(requests ...string) []reply {
	raw, ended := tr.exchange(strings.Join(requests, ""), len(requests))
	replies := make([]reply, len(requests))
	for i, request := range requests {
		r := &replies[i]
		if raw = r.read(raw); r.broken == "" && i == len(requests)-1 && raw != "" {
			r.broken = fmt.Sprintf("%d bytes behind the last answer", len(raw))
		}
		r.late = ended == "timeout" && r.broken != ""
		tr.judge(request, r)
	}
	return replies
}

// exchange sends requests, reads as many answers as there should be, and then what else comes before the connection ends.
func (tr *trial) exchange(request string, answers int) (raw, ended string) {
	if tr.until != "" && len(tr.of(tr.until)) > 0 {
		return "", "over"
	}
	c, err := net.Dial("tcp", tr.e.addr)
	if err != nil {
		tr.t.Error(err)
		return "", "refused"
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(tr.patience))
	_, _ = io.WriteString(c, request)
	buffer := make([]byte, 64<<10)
	for whole := 0; whole < answers; whole = wholeAnswers(raw) {
		n, err := c.Read(buffer)
		if raw += string(buffer[:n]); err != nil {
			return raw, endOf(err)
		}
	}
	_ = c.(*net.TCPConn).CloseWrite()
	b, err := io.ReadAll(io.LimitReader(c, 1<<24))
	return raw + string(b), endOf(err)
}

// wholeAnswers counts the answers that have come.
func wholeAnswers(raw string) (n int) {
	for raw != "" {
		var r reply
		if raw = r.frame(raw); r.broken != "" {
			break
		}
		n++
	}
	return n
}

// bind binds a new pair, with names and values changed as in with.
func (tr *trial) bind(pairs ...string) reply { return tr.call(newBind().with(pairs...).get()) }

// as binds with another key.
func (tr *trial) as(id string, pairs ...string) reply {
	return tr.call(get(newBind().with("AccessKeyId", id).with(pairs...).query("GET", id+"-secret")))
}

// wants notes an answer whose code is none of those given.
func (tr *trial) wants(what string, r reply, codes ...string) {
	if !slices.Contains(codes, r.code()) {
		tr.fault("%s: got %d %s, want %v", what, r.status, r.code(), codes)
	}
}

// ok wants a success.
func (tr *trial) ok(what string, r reply) { tr.wants(what, r, "OK") }

// refused wants a documented code other than OK, of the gateway or of the caller's side.
func (tr *trial) refused(what string, r reply) {
	code := r.code()
	known := contract.Edition2019.Find([]byte(code))
	if known == nil || code == "OK" || strings.HasPrefix(code, "isp.") && code != "isp.RAM_PERMISSION_DENY" {
		tr.fault("%s: got %d %s, want a refusal of the caller's side", what, r.status, code)
	}
}

// gateway wants a refusal before the business layer.
func (tr *trial) gateway(what string, r reply, codes ...string) {
	tr.wants(what, r, codes...)
	if r.status < 400 {
		tr.fault("%s: HTTP status %d", what, r.status)
	}
}

// detail asks what is stored of a binding.
func (tr *trial) detail(p params, r reply) reply {
	return tr.call(newParams("QuerySubscriptionDetail").with("PoolKey", p["PoolKey"], "SubsId", r.subs(), "PhoneNoX", r.x()).get())
}

// capacity binds one A with ever new Bs in a pool, with a key, until it is refused, and returns how often that went well.
func (tr *trial) capacity(id, secret, pool, a string, most int) int {
	for n := range most + 1 {
		p := newBind().with("AccessKeyId", id, "PoolKey", pool, "PhoneNoA", a)
		if r := tr.call(get(p.query("GET", secret))); r.code() != "OK" {
			return n
		}
	}
	return most + 1
}

// at once runs calls at the same time and waits for them.
func atOnce(n int, one func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { one(i) })
	}
	all.Wait()
}

// later is an Expiration that lies ahead of now.
func later(d time.Duration) string {
	return noon.Add(d).In(contract.Zone).Format(contract.ExpirationLayout)
}

// bare takes the signature out of a request with V1.
func bare(request string) string {
	return regexp.MustCompile("&Signature=[^& ]*").ReplaceAllString(request, "")
}

// change puts one text of a request in the place of another, which must be there once.
func (tr *trial) change(request, old, new string) string {
	if strings.Count(request, old) != 1 {
		tr.t.Errorf("%q stands %d times in the request", old, strings.Count(request, old))
	}
	return strings.Replace(request, old, new, 1)
}

// lengthened gives a request whose body was changed its Content-Length again.
func lengthened(request string) string {
	head, body, _ := strings.Cut(request, "\r\n\r\n")
	return regexp.MustCompile("Content-Length: [0-9]+").ReplaceAllString(head, fmt.Sprint("Content-Length: ", len(body))) + "\r\n\r\n" + body
}

func noAuthorization(h http.Header) { h.Del("Authorization") }
