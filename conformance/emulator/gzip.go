package emulator

import (
	"bytes"
	"compress/gzip"
	"strconv"
	"strings"
)

var nameAcceptEncoding = []byte("Accept-Encoding")

// compress compresses an answer for a client that accepts it, as the gateway sometimes does: in chunks, with Vary. Behind it
// nothing looks at the body.
func (c *call) compress(a *response) {
	a.add("Vary", "Accept-Encoding")
	if !acceptsGzip(text(c.ctx.Request.Header.PeekCanonical(nameAcceptEncoding))) {
		return
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(a.body) // into memory
	_ = w.Close()
	a.body, a.chunked = b.Bytes(), true
	a.add("Content-Encoding", "gzip")
}

// acceptsGzip reads an Accept-Encoding (RFC 9110, 12.5.3).
func acceptsGzip(s string) bool {
	any := false
	for _, part := range strings.Split(s, ",") {
		coding, params, _ := strings.Cut(part, ";")
		q := 1.0
		if name, value, ok := strings.Cut(strings.TrimSpace(params), "="); ok && strings.EqualFold(strings.TrimSpace(name), "q") {
			q, _ = strconv.ParseFloat(strings.TrimSpace(value), 64)
		}
		switch coding = strings.TrimSpace(coding); {
		case strings.EqualFold(coding, "gzip"):
			return q > 0
		case coding == "*":
			any = q > 0
		}
	}
	return any
}
