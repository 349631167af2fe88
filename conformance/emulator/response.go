package emulator

import (
	"bytes"

	"github.com/valyala/fasthttp"
)

// response is an answer that is composed and not yet written.
type response struct {
	status  int
	kind    []byte // Content-Type; nil for none
	body    []byte
	more    []headerField // beside those that every answer has
	close   bool          // Connection: close
	chunked bool          // instead of Content-Length
}

type headerField struct{ name, value string }

// add appends a header field.
func (a *response) add(name, value string) { a.more = append(a.more, headerField{name, value}) }

// Names and values of header fields, as the gateway in front of the service writes them.
var (
	typeJSON        = []byte("application/json;charset=utf-8")
	typeXML         = []byte("text/xml;charset=utf-8")
	nameRequestID   = []byte("x-acs-request-id")
	nameTraceID     = []byte("x-acs-trace-id")
	nameETag        = []byte("ETag")
	nameConnection  = []byte("Connection")
	keepAlive       = []byte("keep-alive")
	nameKeepAlive   = []byte("Keep-Alive")
	nameAllowOrigin = []byte("Access-Control-Allow-Origin")
	nameExpose      = []byte("Access-Control-Expose-Headers")
	anything        = []byte("*")
)

// send hands the answer to the HTTP server.
func (c *call) send() {
	a := &c.response
	header := &c.ctx.Response.Header
	if a.status != fasthttp.StatusOK {
		c.ctx.SetStatusCode(a.status)
	}
	if a.kind != nil {
		header.SetContentTypeBytes(a.kind)
	}
	header.SetCanonical(nameRequestID, c.id[:])
	header.SetCanonical(nameTraceID, c.marks[:32])
	header.SetCanonical(nameETag, c.marks[32:])
	header.SetCanonical(nameAllowOrigin, anything)
	header.SetCanonical(nameExpose, anything)
	switch {
	case a.close:
		c.ctx.SetConnectionClose()
	case !c.ctx.Request.Header.ConnectionClose():
		header.SetCanonical(nameConnection, keepAlive)
		if len(c.server.keepAlive) > 0 {
			header.SetCanonical(nameKeepAlive, c.server.keepAlive)
		}
	}
	if c.server.rules.Gzip == "asked" {
		c.compress(a)
	}
	for _, f := range a.more {
		header.SetCanonical([]byte(f.name), []byte(f.value))
	}
	if a.chunked {
		c.ctx.SetBodyStream(bytes.NewReader(bytes.Clone(a.body)), -1)
	} else {
		c.ctx.Response.SetBody(a.body)
	}
}
