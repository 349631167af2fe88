package conformance

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"axbench/results"
)

// tap is a listener that passes connections on and remembers what went over them.
type tap struct {
	addr  string
	mu    sync.Mutex
	pairs []*pair
}

// pair is a request and what came back.
type pair struct{ request, answer []byte }

func newTap(t testing.TB, target string) *tap {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &tap{addr: l.Addr().String()}
	var all sync.WaitGroup
	t.Cleanup(func() {
		_ = l.Close()
		all.Wait()
	})
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { p.serve(c, target) })
		}
	})
	return p
}

// serve passes one connection on, until either side ends it.
func (p *tap) serve(client net.Conn, target string) {
	defer client.Close()
	server, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer server.Close()
	var now *pair
	note := func(data []byte, answer bool) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if now == nil || !answer && len(now.answer) > 0 {
			now = &pair{}
			p.pairs = append(p.pairs, now)
		}
		if answer {
			now.answer = append(now.answer, data...)
		} else {
			now.request = append(now.request, data...)
		}
	}
	var back sync.WaitGroup
	back.Go(func() {
		pump(client, server, func(b []byte) { note(b, true) })
		_ = client.Close()
	})
	pump(server, client, func(b []byte) { note(b, false) })
	_ = server.Close()
	back.Wait()
}

func pump(to io.Writer, from io.Reader, note func([]byte)) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			note(buf[:n])
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

var (
	sentNumber = regexp.MustCompile(`(?:PhoneNo[ABX]|SecretNo)=([0-9]{10,12})\b`)
	sentSecret = regexp.MustCompile(`\b(?:Signature|SignatureNonce)=([^& ]+)`)
	answeredID = regexp.MustCompile(`RequestId"?\s*[:>]\s*"?([^"<\r\n]+)`)
	answeredX  = regexp.MustCompile(`SecretNo"?\s*[:>]\s*"?([0-9]{11})`)
	likeSecret = regexp.MustCompile(`[A-Za-z0-9+/]{27}=|[0-9a-f]{32}`)
)

// A whole run of the suite, against an endpoint on which everything can be provoked: its bundle verifies, and no artefact shows a
// secret, a signature, a nonce or a telephone number in full (SLF-5): not the run's files, not the bundle, and not what is
// encoded in them.
func TestArtefactsShowNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("a long search by one goroutine: the race detector makes minutes of it and finds nothing")
	}
	var p *tap
	var keys []string
	dir := runDir(t, nil, func(c *Config) {
		p = newTap(t, c.Target.Addr)
		c.Target.Addr, c.Load.Calls = p.addr, 500
		for _, pair := range c.Credentials {
			keys = append(keys, pair.Secret)
		}
	})
	archive := verifies(t, dir)
	byID, secrets, numbers := p.sent(t)
	rec, err := results.OpenConform(dir)
	if err != nil {
		t.Fatal(err)
	}
	held := 0
	for i := range rec.Exchanges {
		e := &rec.Exchanges[i]
		text := strings.Join([]string{e.A, e.B, e.X, e.SubsID, e.Request, e.Answer, e.Detail, e.Code, e.RequestID, string(e.Head), string(e.Body)}, "\n")
		findSecrets(t, e.Line, text, keys, secrets)
		for _, number := range byID[e.RequestID] {
			held++
			if strings.Contains(text, number) {
				t.Errorf("line %d shows %s:\n%s", e.Line, number, text)
			}
		}
	}
	if held < 1000 || len(numbers) < 300 || len(secrets) < 1000 {
		t.Errorf("%d exchanges held against %d numbers and %d secrets: too few to say anything", held, len(numbers), len(secrets))
	}
	for _, path := range []string{filepath.Join(dir, results.ConformFile), filepath.Join(dir, results.ProfileFile), filepath.Join(dir, results.EvidenceFile), archive} {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		findSecrets(t, 0, string(data), keys, secrets)
		if bytes.HasPrefix(data, []byte("{")) && filepath.Base(path) != results.ConformFile {
			continue // its lines were searched, each for its own numbers: a pseudonym may be another's number by chance
		}
		for number := range numbers {
			if filepath.Base(path) != ArchiveFile && bytes.Contains(data, []byte(number)) {
				t.Errorf("%s shows %s", filepath.Base(path), number)
			}
		}
	}
	if data, _ := os.ReadFile(archive); bytes.Contains(data, []byte("bindaxb/provisioning")) || bytes.Contains(data, []byte("13800000001")) {
		t.Error("the bundle holds the provisioning")
	}
}

// findSecrets finds secrets in a text.
func findSecrets(t *testing.T, line int, text string, keys []string, secrets map[string]bool) {
	t.Helper()
	for _, found := range likeSecret.FindAllString(text, -1) {
		if secrets[found] {
			t.Errorf("line %d shows %s", line, found)
		}
	}
	for _, key := range keys {
		if strings.Contains(text, key) {
			t.Errorf("line %d shows the secret %s", line, key)
		}
	}
}

// sent is what went over the connections: numbers by the RequestId of the answer, signatures and nonces, and all numbers.
func (p *tap) sent(t *testing.T) (byID map[string][]string, secrets, numbers map[string]bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	byID, secrets, numbers = map[string][]string{}, map[string]bool{}, map[string]bool{}
	for _, x := range p.pairs {
		var own []string
		for _, m := range sentNumber.FindAllSubmatch(x.request, -1) {
			own = append(own, string(m[1]))
		}
		for _, m := range answeredX.FindAllSubmatch(x.answer, -1) {
			own = append(own, string(m[1]))
		}
		for _, number := range own {
			numbers[number] = true
		}
		if id := answeredID.FindSubmatch(x.answer); id != nil {
			byID[string(id[1])] = own
		}
		for _, m := range sentSecret.FindAllSubmatch(x.request, -1) {
			value, err := url.QueryUnescape(string(m[1]))
			if err == nil && len(value) > 20 {
				secrets[value] = true
			}
		}
	}
	return byID, secrets, numbers
}
