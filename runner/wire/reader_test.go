package wire

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"bufio"
)

// readAll feeds raw in pieces of at most step bytes (as many as fit if 0) and then the end, and returns the verdict
// with the bytes that were taken.
func readAll(r *reader, raw string, step int) (verdict, int) {
	taken := 0
	for taken < len(raw) {
		space := r.space()
		if step > 0 && len(space) > step {
			space = space[:step]
		}
		n := copy(space, raw[taken:])
		taken += n
		if v := r.feed(n); v != more {
			return v, taken
		}
	}
	return r.eof(), taken
}

func newReader(l Limits) *reader {
	r := new(reader)
	r.reset(l.MaxHead, l.MaxBody)
	return r
}

// steps are the sizes of the pieces that answers come in.
var steps = []int{0, 1, 2, 3, 7, 100}

func TestReaderGood(t *testing.T) {
	for _, c := range goodCases {
		t.Run(c.name, func(t *testing.T) {
			for _, step := range steps {
				r := newReader(testLimits)
				v, taken := readAll(r, c.raw, step)
				if v != complete {
					t.Fatalf("pieces of %d: not complete: %s", step, r.detail)
				}
				var a Answer
				r.deliver(&a)
				// Whether the bytes behind the answer are seen depends on the pieces.
				extra := taken > len(c.raw)-trailing(c)
				checkGood(t, c, &a, extra)
				a.Release()
			}
		})
	}
}

// trailing is how many bytes of a case stand behind its answer.
func trailing(c answerCase) int {
	if !c.extra {
		return 0
	}
	r := newReader(testLimits)
	_, taken := readAll(r, c.raw, 1)
	r.drop()
	return len(c.raw) - taken
}

func checkGood(t *testing.T, c answerCase, a *Answer, extra bool) {
	t.Helper()
	proto := c.proto
	if proto == "" {
		proto = "HTTP/1.1"
	}
	if a.Failure != None || a.Detail != "" {
		t.Fatalf("failure %q: %s", a.Failure, a.Detail)
	}
	if a.Status != c.status || a.Proto != proto || string(a.Body) != c.body {
		t.Errorf("got %s %d %q, want %s %d %q", a.Proto, a.Status, a.Body, proto, c.status, c.body)
	}
	if keep := c.keep || c.extra && !extra; a.Extra != extra || a.KeepAlive != keep {
		t.Errorf("got extra %v, keep alive %v, want %v, %v", a.Extra, a.KeepAlive, extra, keep)
	}
	if !strings.HasPrefix(string(a.Head), "HTTP/1.") || !strings.HasSuffix(string(a.Head), "\r\n") || strings.Contains(string(a.Head), "\r\n\r\n") ||
		!strings.Contains(c.raw, string(a.Head)+"\r\n") {
		t.Errorf("head %q", a.Head)
	}
}

func TestReaderBad(t *testing.T) {
	for _, c := range badCases {
		t.Run(c.name, func(t *testing.T) {
			for _, step := range steps {
				r := newReader(testLimits)
				v, _ := readAll(r, c.raw, step)
				if v != broken || !strings.Contains(r.detail, c.detail) || r.detail == "" {
					t.Errorf("pieces of %d: verdict %d, detail %q, want %q", step, v, r.detail, c.detail)
				}
				if size := len(r.block.b); size > 4*(testLimits.MaxHead+testLimits.MaxBody+maxLine) {
					t.Errorf("held %d bytes", size)
				}
				r.drop()
			}
		})
	}
}

// TestReaderCut ends every good answer at every byte before its own end.
func TestReaderCut(t *testing.T) {
	for _, c := range goodCases {
		whole := c.raw[:len(c.raw)-trailing(c)]
		openFrom := len(whole)
		if c.open {
			openFrom = strings.Index(whole, "\r\n\r\n") + 4
		}
		for cut := range len(whole) {
			r := newReader(testLimits)
			v, _ := readAll(r, whole[:cut], 0)
			if want := cut >= openFrom; (v == complete) != want {
				t.Fatalf("%s cut at %d of %d: verdict %d", c.name, cut, len(whole), v)
			}
			if cut > 0 != r.started() {
				t.Fatalf("%s cut at %d: started %v", c.name, cut, r.started())
			}
			r.drop()
		}
	}
}

func TestReaderFields(t *testing.T) {
	const raw = "HTTP/1.1 103 x\r\nContent-Type: text/early\r\n\r\n" + head200 + "content-TYPE:  application/json;charset=utf-8\t \r\n" +
		"Content-Type: text/xml\r\nContent-Encoding: gzip\r\nContent-Encoding: br\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"
	for _, step := range steps {
		r := newReader(testLimits)
		if v, _ := readAll(r, raw, step); v != complete {
			t.Fatal(r.detail)
		}
		var a Answer
		r.deliver(&a)
		if string(a.ContentType) != "application/json;charset=utf-8" || string(a.ContentEncoding) != "gzip" {
			t.Errorf("type %q, encoding %q", a.ContentType, a.ContentEncoding)
		}
		a.Release()
	}
	r := newReader(testLimits)
	if v, _ := readAll(r, head200+"Content-Type:\r\nContent-Length: 0\r\n\r\n", 0); v != complete {
		t.Fatal(r.detail)
	}
	var a Answer
	r.deliver(&a)
	if a.ContentType == nil || len(a.ContentType) != 0 || a.ContentEncoding != nil {
		t.Errorf("empty type %#v, absent encoding %#v", a.ContentType, a.ContentEncoding)
	}
}

// FuzzReader feeds an answer whole and in pieces: the verdict must not depend on the pieces, and what is complete must
// be the same to net/http.
func FuzzReader(f *testing.F) {
	for i, c := range append(append([]answerCase(nil), goodCases...), badCases...) {
		f.Add([]byte(c.raw), uint8(i))
	}
	f.Fuzz(func(t *testing.T, raw []byte, step uint8) {
		if len(raw) > 16<<10 {
			return
		}
		whole, pieces := newReader(testLimits), newReader(testLimits)
		v1, _ := readAll(whole, string(raw), 0)
		v2, _ := readAll(pieces, string(raw), int(step)+1)
		if v1 != v2 || whole.detail != pieces.detail {
			t.Fatalf("whole: %d %q, in pieces: %d %q", v1, whole.detail, v2, pieces.detail)
		}
		if v1 != complete {
			if v1 != broken || whole.detail == "" {
				t.Fatalf("verdict %d, detail %q", v1, whole.detail)
			}
			return
		}
		var a, b Answer
		whole.deliver(&a)
		pieces.deliver(&b)
		defer a.Release()
		defer b.Release()
		if a.Status != b.Status || !bytes.Equal(a.Head, b.Head) || !bytes.Equal(a.Body, b.Body) ||
			!bytes.Equal(a.ContentType, b.ContentType) || a.Proto != b.Proto {
			t.Fatalf("whole: %d %q %q, in pieces: %d %q %q", a.Status, a.Head, a.Body, b.Status, b.Head, b.Body)
		}
		compare(t, raw, &a)
	})
}

// compare reads raw with net/http.
func compare(t *testing.T, raw []byte, a *Answer) {
	br := bufio.NewReader(bytes.NewReader(raw))
	for {
		resp, err := http.ReadResponse(br, &http.Request{Method: "GET"})
		if err != nil {
			if strings.Contains(err.Error(), "bad trailer key") {
				return // a field Trailer that lists a field of the framing is refused there, and no matter of framing here
			}
			t.Fatalf("net/http: %v", err)
		}
		if resp.StatusCode < 200 {
			continue
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Fatalf("net/http: body: %v", err)
		}
		if resp.StatusCode != a.Status || resp.Proto != a.Proto || !bytes.Equal(body, a.Body) {
			t.Fatalf("net/http: %s %d %q, here: %s %d %q", resp.Proto, resp.StatusCode, body, a.Proto, a.Status, a.Body)
		}
		return
	}
}
