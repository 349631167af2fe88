package emulator

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"
	"unicode/utf8"
)

// pipe is a connection whose input is given and whose output is kept.
type pipe struct {
	in  *bytes.Reader
	out bytes.Buffer
}

func (p *pipe) Read(b []byte) (int, error)       { return p.in.Read(b) }
func (p *pipe) Write(b []byte) (int, error)      { return p.out.Write(b) }
func (p *pipe) Close() error                     { return nil }
func (p *pipe) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (p *pipe) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (p *pipe) SetDeadline(time.Time) error      { return nil }
func (p *pipe) SetReadDeadline(time.Time) error  { return nil }
func (p *pipe) SetWriteDeadline(time.Time) error { return nil }

// FuzzRequest sends bytes as a connection does: whatever comes, every answer is a whole one with a documented code, and
// nothing but a signed bind makes a binding.
func FuzzRequest(f *testing.F) {
	files, _ := filepath.Glob("testdata/wire/*.txt")
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(newBind().with("PhoneNoA", "x", "Format", "XML").get() + newBind().v3(nil)))
	f.Add([]byte("POST /?Action=%GG&%41=%&a=+ HTTP/1.1\r\nHost: [::1]:x\r\nContent-Type: application/json\r\nAuthorization: ACS3-HMAC-SHA256 Credential=a,SignedHeaders=;;,Signature=b\r\nContent-Length: 13\r\n\r\n{\"a\":[1,{}]}]"))
	c := &Config{Credentials: []Credential{{ID: "testId", Secret: "testSecret"}, {ID: "testId", Secret: "testSecret", Token: "testToken"}}}
	s, err := New(c, fixed)
	if err != nil {
		f.Fatal(err)
	}
	web := s.web()
	tell := func() (arrived, bound, live int64) {
		return int64(s.arrived.Load()), s.rows.ok.record.total(), int64(s.model.Live(noon))
	}
	f.Fuzz(func(t *testing.T, request []byte) {
		arrivedBefore, okBefore, liveBefore := tell()
		codes := s.rows.counts()
		p := &pipe{in: bytes.NewReader(request)}
		_ = web.ServeConn(&conn{Conn: p, server: s, wake: make(chan struct{}, 1)})
		arrived, ok, live := tell()
		counted := int64(0)
		for code, n := range s.rows.counts() {
			counted += n - codes[code]
			if findCode(code) == nil {
				t.Errorf("undocumented code %q", code)
			}
		}
		if counted != arrived-arrivedBefore || live-liveBefore > ok-okBefore {
			t.Errorf("%d calls, %d counted, %d OK, %d bindings", arrived-arrivedBefore, counted, ok-okBefore, live-liveBefore)
		}
		if bytes.Contains(request, []byte("HEAD ")) {
			return // answered without the body that its Content-Length speaks of
		}
		out := bufio.NewReader(&p.out)
		for range arrived - arrivedBefore {
			checkAnswer(t, out)
		}
		if rest, _ := io.ReadAll(out); len(rest) > 0 {
			t.Errorf("behind the last answer: %q", rest)
		}
	})
}

// checkAnswer reads one answer and decodes it.
func checkAnswer(t *testing.T, out *bufio.Reader) {
	res, err := http.ReadResponse(out, nil)
	for err == nil && res.StatusCode == http.StatusContinue {
		res, err = http.ReadResponse(out, nil)
	}
	if err != nil {
		t.Fatalf("no answer: %v", err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil || !utf8.Valid(body) {
		t.Fatalf("%v in %q", err, body)
	}
	switch kind := res.Header.Get("Content-Type"); kind {
	case "application/json;charset=utf-8":
		if !json.Valid(body) {
			t.Errorf("not JSON: %q", body)
		}
	case "text/xml;charset=utf-8":
		var v struct{ Code string }
		if err := xml.Unmarshal(body, &v); err != nil || v.Code == "" {
			t.Errorf("not XML: %v %q", err, body)
		}
	default:
		t.Errorf("content type %q", kind)
	}
}

// FuzzParameter signs a bind with one parameter of its own, so that it gets behind the signature: it is answered, and OK comes
// only with a binding.
func FuzzParameter(f *testing.F) {
	for _, s := range [][2]string{{"PhoneNoA", "057188992688"}, {"PhoneNoX", "17000000001"}, {"Expiration", "2099-1-31 23:59:59"}, {"ExpectCity", "北京市"}, {"OutId", "a b*c~d+e/%&=中\"'"},
		{"IsRecordingEnabled", "True"}, {"RingConfig", `{"a":"b"}`}, {"CallTimeout", "-1"}, {"Timestamp", "2026-11-23T08:30:00Z"}, {"Format", "xml"}, {"", ""}, {"Action", "UnbindSubscription"}} {
		f.Add(s[0], s[1])
	}
	s, err := New(&Config{}, fixed)
	if err != nil {
		f.Fatal(err)
	}
	web := s.web()
	f.Fuzz(func(t *testing.T, name, value string) {
		if name == "Signature" || len(name)+len(value) > 4<<10 {
			return
		}
		arrived, ok, live := s.arrived.Load(), s.rows.ok.record.total(), s.model.Live(noon)
		for _, request := range []string{newBind().with(name, value).get(), newBind().with(name, value).post()} {
			p := &pipe{in: bytes.NewReader([]byte(request))}
			_ = web.ServeConn(&conn{Conn: p, server: s, wake: make(chan struct{}, 1)})
			checkAnswer(t, bufio.NewReader(&p.out))
		}
		if s.rows.mismatch.record.total() > 0 {
			t.Errorf("%q=%q: a good signature does not match", name, value)
		}
		if s.arrived.Load() != arrived+2 || s.rows.ok.record.total()-ok != int64(s.model.Live(noon)-live) {
			t.Errorf("%q=%q: %d calls, %d OK, %d bindings", name, value, s.arrived.Load()-arrived, s.rows.ok.record.total()-ok, s.model.Live(noon)-live)
		}
	})
}
