package client

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"axbench/conformance/contract"
	"axbench/conformance/signature"
)

// Config says how calls are made. Its zero value but for Host and Credentials is a V1 GET with everything in the query that
// asks for JSON; Method may be left empty for that.
type Config struct {
	Scheme      Scheme
	Method      string // GET or POST; "" is GET, or POST with Form
	Place       Place
	Format      contract.Format // V1 always sends Format; V3 sends Accept, and Format for XML only
	Host        string          // Host header, with a port unless it is the scheme's own
	Path        string          // "" is "/", the path of the API
	Region      string          // RegionId; "" sends none
	UserAgent   string          // "" is "axbench"
	Credentials Credentials
}

// staleBy is the age of a StaleTimestamp: beyond every window that was published (15 and 31 minutes).
const staleBy = time.Hour

// unknownKey is the access key id of UnknownKey.
const unknownKey = "axbench-unknown-key"

// A Signer makes calls of one configuration. It belongs to one goroutine. It prints as its type only.
type Signer struct {
	cfg Config
	v1  *signature.V1Key
	v3  *signature.V3Key
	buf scratch
}

// scratch is what one call is made in. Strings in params and headers point into its byte slices, so none of them outlives the
// call.
type scratch struct {
	params    []signature.Param
	headers   []signature.Header
	nonce     []byte
	action    []byte
	stamp     []byte // Timestamp of the second in stampFor
	stampFor  int64
	body      []byte
	payload   []byte // payload hash, V3
	canonical []byte
	toSign    []byte
	signature []byte
}

// New returns a Signer, or an error that names the field, its value and what is accepted. No error holds a credential.
func New(cfg Config) (*Signer, error) {
	if cfg.Method == "" {
		cfg.Method = "GET"
		if cfg.Place == Form {
			cfg.Method = "POST"
		}
	}
	if cfg.Path == "" {
		cfg.Path = "/"
	}
	if cfg.UserAgent == "" {
		cfg.UserAgent = "axbench"
	}
	if err := cfg.check(); err != nil {
		return nil, err
	}
	s := &Signer{cfg: cfg}
	if cfg.Scheme == V1 {
		s.v1 = signature.NewV1Key(cfg.Credentials.Secret)
	} else {
		s.v3 = signature.NewV3Key(cfg.Credentials.Secret)
	}
	s.cfg.Credentials.Secret = "" // the keys are all that needs it
	return s, nil
}

func (c *Config) check() error {
	switch {
	case c.Scheme > V3:
		return fmt.Errorf("client: scheme %v, accepted: v1, v3", c.Scheme)
	case c.Method != "GET" && c.Method != "POST":
		return fmt.Errorf("client: method %q, accepted: GET, POST", c.Method)
	case c.Place > Form:
		return fmt.Errorf("client: place %v, accepted: query, form", c.Place)
	case c.Place == Form && c.Method != "POST":
		return errors.New("client: place form with method GET, accepted: POST")
	case c.Format > contract.XML:
		return fmt.Errorf("client: format %v, accepted: JSON, XML", c.Format)
	case c.Host == "" || !visible(c.Host):
		return fmt.Errorf("client: host %q, accepted: a host, with a port if needed", c.Host)
	case !strings.HasPrefix(c.Path, "/") || !visible(c.Path) || strings.ContainsAny(c.Path, "?#"):
		return fmt.Errorf("client: path %q, accepted: a path that starts with / and has no query", c.Path)
	case c.UserAgent != strings.TrimSpace(c.UserAgent) || !visible(strings.ReplaceAll(c.UserAgent, " ", "")):
		return fmt.Errorf("client: user agent %q, accepted: visible ASCII and single spaces", c.UserAgent)
	}
	return c.Credentials.check()
}

// visible reports whether s is made of visible ASCII only, so that it cannot end a header line.
func visible(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// Append appends the whole HTTP/1.1 request of one call of operation op. params are those of the operation, decoded and in
// any order; it sorts a copy. nonce has to be new for every call; now is the wall clock, whose fraction of a second is cut
// off. It allocates nothing once dst and the Signer's buffers have grown.
func (s *Signer) Append(dst []byte, op string, params []signature.Param, nonce []byte, now time.Time, fault Fault) []byte {
	s.begin(op, nonce, now, fault)
	if s.cfg.Scheme == V1 {
		s.signV1(params, fault)
		return s.writeV1(dst, fault)
	}
	s.signV3(params, fault)
	return s.writeV3(dst, fault)
}

// Explanation is one call taken apart, for people who compare it with what a server computed. It holds the access key id, the
// token and a valid signature, but never the secret.
type Explanation struct {
	Canonical    string // V1: the canonical query; V3: the canonical request
	StringToSign string
	Signature    string
	Request      []byte
}

// Explain makes the same call as Append and keeps the steps of its signature. Signature is what was sent, so with the fault
// BadSignature it is the changed one, and with NoSignature the one that was left out.
func (s *Signer) Explain(op string, params []signature.Param, nonce []byte, now time.Time, fault Fault) Explanation {
	request := s.Append(nil, op, params, nonce, now, fault)
	return Explanation{
		Canonical:    string(s.buf.canonical),
		StringToSign: string(s.buf.toSign),
		Signature:    string(s.buf.signature),
		Request:      request,
	}
}

// begin fills in what both schemes need. Operation and nonce become header values with V3: escaping leaves their usual
// characters alone and keeps others from ending a line.
func (s *Signer) begin(op string, nonce []byte, now time.Time, fault Fault) {
	b := &s.buf
	if fault == StaleTimestamp {
		now = now.Add(-staleBy)
	}
	if sec := now.Unix(); sec != b.stampFor || len(b.stamp) == 0 {
		b.stamp = now.UTC().AppendFormat(b.stamp[:0], contract.TimestampLayout)
		b.stampFor = sec
	}
	b.params = b.params[:0]
	if s.cfg.Scheme == V1 {
		b.nonce = append(b.nonce[:0], nonce...)
		b.action = append(b.action[:0], op...)
		return
	}
	b.nonce = signature.AppendEscaped(b.nonce[:0], view(nonce))
	b.action = signature.AppendEscaped(b.action[:0], op)
}

func (s *Signer) keyID(fault Fault) string {
	if fault == UnknownKey {
		return unknownKey
	}
	return s.cfg.Credentials.ID
}

func (s *Signer) token(fault Fault) string {
	if fault == UnknownKey {
		return ""
	}
	return s.cfg.Credentials.Token
}

func (b *scratch) add(name, value string) {
	b.params = append(b.params, signature.Param{Name: name, Value: value})
}

// spoil changes the first character of the signature to another one of its alphabet.
func (b *scratch) spoil(fault Fault) {
	if fault != BadSignature {
		return
	}
	if b.signature[0] == 'a' {
		b.signature[0] = 'b'
	} else {
		b.signature[0] = 'a'
	}
}

// view is b as a string without a copy. It is for strings that end with the call: scratch is overwritten by the next one.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// writeLine writes the request line up to the query.
func (s *Signer) writeLine(dst []byte) []byte {
	dst = append(dst, s.cfg.Method...)
	dst = append(dst, ' ')
	return append(dst, s.cfg.Path...)
}

// writeHead ends the request line and writes the header fields that every call has.
func (s *Signer) writeHead(dst []byte) []byte {
	dst = append(dst, " HTTP/1.1\r\nHost: "...)
	dst = append(dst, s.cfg.Host...)
	dst = append(dst, "\r\nUser-Agent: "...)
	dst = append(dst, s.cfg.UserAgent...)
	return append(dst, "\r\nAccept-Encoding: identity\r\n"...)
}

// writeBody ends the head and writes the body. A POST says the length of an empty body too.
func (s *Signer) writeBody(dst []byte) []byte {
	if s.cfg.Method == "POST" {
		dst = append(dst, "Content-Length: "...)
		dst = strconv.AppendInt(dst, int64(len(s.buf.body)), 10)
		dst = append(dst, "\r\n"...)
	}
	dst = append(dst, "\r\n"...)
	return append(dst, s.buf.body...)
}

// Format writes the type's name for every verb: a Signer holds the secret.
func (s *Signer) Format(f fmt.State, _ rune) { fmt.Fprint(f, "client.Signer") }
