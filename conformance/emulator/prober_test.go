package emulator

import (
	"bufio"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"axbench/conformance/contract"
)

// probe is one way to look at an endpoint from outside. What it writes down must be the same for the same seed, however often
// it runs.
type probe struct {
	name   string
	run    func(p *prober)
	costly bool // is tried only where it is named
}

// prober is the client of a probe: it sends fixed requests and writes down what comes back, byte by byte but for Date.
type prober struct {
	t      testing.TB
	e      *endpoint
	probe  string
	number int // of the probe: its phone numbers are its own
	calls  int // parameters made, for nonces and phone numbers
	ahead  *atomic.Int64
	log    strings.Builder
}

// note writes a line of its own.
func (p *prober) note(format string, args ...any) { fmt.Fprintf(&p.log, format+"\n", args...) }

// different writes down how many values a field has among answers.
func (p *prober) different(field string, answers []observed) {
	values := map[string]bool{}
	for _, o := range answers {
		values[o.fields[field]] = true
	}
	p.note("%d %ss", len(values), field)
}

// advance moves the clock of the endpoint. Timestamps of later calls move with it.
func (p *prober) advance(d time.Duration) { p.ahead.Add(int64(d)) }

func (p *prober) now() time.Time { return noon.Add(time.Duration(p.ahead.Load())) }

// expires writes an Expiration so far ahead, in the default zone.
func (p *prober) expires(ahead time.Duration) string {
	return p.now().Add(ahead).In(contract.Zone).Format(contract.ExpirationLayout)
}

// params are those of a call of testid, with a nonce of their own. pairs are names and values; the value "-" removes.
func (p *prober) params(action string, pairs ...string) params {
	p.calls++
	return params{"Action": action, "Version": "2017-05-25", "Format": "JSON", "AccessKeyId": BuiltinID, "SignatureMethod": "HMAC-SHA1",
		"SignatureVersion": "1.0", "SignatureNonce": fmt.Sprintf("%s-%d", p.probe, p.calls), "Timestamp": p.now().Format(contract.TimestampLayout)}.with(pairs...)
}

// bind are those of a bind of a new pair in the built-in pool that works.
func (p *prober) bind(pairs ...string) params {
	out := p.params("BindAxb", "PoolKey", BuiltinPool, "Expiration", p.expires(24*time.Hour))
	out["PhoneNoA"], out["PhoneNoB"] = p.phone("150", p.calls), p.phone("158", p.calls)
	return out.with(pairs...)
}

// phone is the k-th number of this probe behind three digits; k < 10,000, and 10,000 probes are enough.
func (p *prober) phone(prefix string, k int) string {
	return fmt.Sprintf("%s%04d%04d", prefix, p.number, k)
}

// observed is what came back over one connection, or one answer of several.
type observed struct {
	raw    string // all bytes
	ended  string // eof, reset or timeout; "" for one answer of several
	status int
	header map[string]string // lower-case names
	body   string            // without chunks
	fields map[string]string // of JSON or XML, path to text
}

// code is the answer's, "?" for none.
func (o observed) code() string {
	if c := o.fields["Code"]; c != "" {
		return c
	}
	return "?"
}

func (o observed) x() string { return o.fields["SecretBindDTO.SecretNo"] }

func (o observed) subs() string { return o.fields["SecretBindDTO.SubsId"] }

// get sends signed parameters of the built-in key with GET.
func (p *prober) get(label string, q params) observed { return p.send(label, q.get()) }

// as sends parameters with GET as another key.
func (p *prober) as(id, secret, label string, q params) observed {
	return p.send(label, get(q.with("AccessKeyId", id).query("GET", secret)))
}

// send sends a request over a connection of its own and writes down all that comes until the end of it.
func (p *prober) send(label, request string) observed {
	o := p.exchange(request)
	p.record(label, o)
	return o
}

// short sends a call and writes down its code only.
func (p *prober) short(label string, q params) observed {
	o := p.exchange(q.get())
	p.note("%s: %d %s", label, o.status, o.code())
	return o
}

func (p *prober) record(label string, o observed) {
	p.note("> %s\n%s\n< %s", label, undated(o.raw), o.ended)
}

// machineTime is what follows the machine's own clock: the value of Date, and when a limit lets the next call pass.
var machineTime = regexp.MustCompile(`[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT|TimeLeft:\d+,Reset:\d+`)

func undated(s string) string { return machineTime.ReplaceAllString(s, "*") }

// readTime bounds the answer to what was written last: no endpoint needs it but one that hangs.
const readTime = 10 * time.Second

// exchange sends a request over a connection of its own. It writes nothing down, and many may run at a time.
func (p *prober) exchange(request string) observed {
	return p.dial().exchange(request)
}

// exchange sends the last request of a connection and reads until its end.
func (w *wire) exchange(request string) observed {
	defer w.c.Close()
	w.write(request)
	_ = w.c.CloseWrite()
	b, err := io.ReadAll(io.LimitReader(w.c, 1<<20))
	o := observed{raw: string(b), ended: endOf(err)}
	o.parse()
	return o
}

// endOf names the end of a connection.
func endOf(err error) string {
	var broken net.Error
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return "eof"
	case errors.As(err, &broken) && broken.Timeout():
		return "timeout"
	}
	return "reset"
}

// wire is a connection for several calls.
type wire struct {
	p *prober
	c *net.TCPConn
	r *bufio.Reader
}

func (p *prober) dial() *wire {
	c, err := net.Dial("tcp", p.e.addr)
	if err != nil {
		p.t.Fatal(err)
	}
	_ = c.SetDeadline(time.Now().Add(readTime))
	return &wire{p, c.(*net.TCPConn), bufio.NewReader(c)}
}

func (w *wire) write(request string) {
	_ = w.c.SetDeadline(time.Now().Add(readTime))
	_, _ = io.WriteString(w.c, request)
}

// call sends a request and reads one answer, as its header frames it.
func (w *wire) call(label, request string) observed {
	w.write(request)
	return w.answer(label)
}

// answer reads and writes down one answer.
func (w *wire) answer(label string) observed {
	o := w.read()
	w.p.record(label, o)
	return o
}

// read reads a head, and a body as long as the head says.
func (w *wire) read() observed {
	var b strings.Builder
	var o observed
	length, chunked := -1, false
	for {
		line, err := w.r.ReadString('\n')
		b.WriteString(line)
		if err != nil {
			o.ended = endOf(err)
			break
		}
		if line == "\r\n" {
			o.ended = w.body(&b, length, chunked)
			break
		}
		name, value, _ := strings.Cut(strings.ToLower(strings.TrimSpace(line)), ":")
		switch name {
		case "content-length":
			length, _ = strconv.Atoi(strings.TrimSpace(value))
		case "transfer-encoding":
			chunked = true
		}
	}
	o.raw = b.String()
	o.parse()
	return o
}

// body reads a body in chunks, of a length, or up to the end, and returns how the connection ended, if it did.
func (w *wire) body(b *strings.Builder, length int, chunked bool) string {
	switch {
	case chunked:
		for {
			line, err := w.r.ReadString('\n')
			b.WriteString(line)
			size, _ := strconv.ParseInt(strings.TrimSpace(line), 16, 32)
			if err != nil {
				return endOf(err)
			} else if _, err = io.CopyN(b, w.r, size+2); err != nil {
				return endOf(err)
			} else if size <= 0 {
				return ""
			}
		}
	case length >= 0:
		if _, err := io.CopyN(b, w.r, int64(min(length, 1<<20))); err != nil {
			return endOf(err)
		}
		return ""
	}
	_, err := io.Copy(b, w.r)
	return endOf(err)
}

// finish ends the sending side and writes down what else came and how the connection ended.
func (w *wire) finish() {
	_ = w.c.CloseWrite()
	b, err := io.ReadAll(io.LimitReader(w.r, 1<<20))
	w.p.note("rest: %q %s", undated(string(b)), endOf(err))
	w.c.Close()
}

// parse takes raw apart as far as it goes.
func (o *observed) parse() {
	o.header, o.fields = map[string]string{}, map[string]string{}
	head, body, _ := strings.Cut(o.raw, "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	if parts := strings.SplitN(lines[0], " ", 3); len(parts) > 1 {
		o.status, _ = strconv.Atoi(parts[1])
	}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		o.header[strings.ToLower(name)] = strings.TrimSpace(value)
	}
	if o.header["transfer-encoding"] == "chunked" {
		b, _ := io.ReadAll(httputil.NewChunkedReader(strings.NewReader(body)))
		body = string(b)
	}
	o.body = body
	var v any
	if json.Unmarshal([]byte(body), &v) == nil {
		flatten(o.fields, "", v)
	} else if strings.HasPrefix(body, "<") {
		flattenXML(o.fields, body)
	}
}

// flattenXML puts the texts of a document under their paths below the root.
func flattenXML(to map[string]string, body string) {
	d := xml.NewDecoder(strings.NewReader(body))
	var path []string
	for {
		token, err := d.Token()
		if err != nil {
			return
		}
		switch token := token.(type) {
		case xml.StartElement:
			path = append(path, token.Name.Local)
		case xml.EndElement:
			path = path[:max(0, len(path)-1)]
		case xml.CharData:
			if len(path) > 1 {
				to[strings.Join(path[1:], ".")] += string(token)
			}
		}
	}
}

// together runs n calls at the same time and writes down what they return, sorted: their order is nobody's.
func (p *prober) together(label string, n int, call func(i int) string) {
	lines := make([]string, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { lines[i] = call(i) })
	}
	all.Wait()
	slices.Sort(lines)
	p.note("%s:\n%s", label, strings.Join(lines, "\n"))
}
