package emulator

import (
	"bytes"
	"strings"
	"sync"
)

// maxRedirects bounds how many redirected calls are remembered.
const maxRedirects = 10_000

// redirectOnce sends a call to the other name of loopback and serves it when it comes under that.
func redirectOnce(status int) points {
	redirect := &row{name: "Redirect", status: status, gateway: true}
	var mu sync.Mutex
	sent := map[string]bool{} // host and URI
	return points{
		stages: map[string]stageFunc{"host": func(c *call, next func(*call) *row) (*row, bool) {
			if r := next(c); r != nil {
				return r, false
			}
			here, there := c.hostNames()
			uri := string(c.ctx.RequestURI())
			mu.Lock()
			defer mu.Unlock()
			if sent[here+uri] {
				return nil, false
			}
			if len(sent) >= maxRedirects {
				clear(sent)
			}
			sent[there+uri] = true
			return redirect, true
		}},
		answer: func(c *call, r *row, a *response) bool {
			if r == redirect {
				_, there := c.hostNames()
				a.redirectTo(c.server.URL(there+c.port()) + string(c.ctx.RequestURI()))
			}
			return false // counted above
		},
	}
}

// redirectSecure sends every call over plain HTTP to https.
func redirectSecure(*Server) points {
	redirect := &row{name: "Redirect", status: 301, gateway: true}
	return points{
		stages: map[string]stageFunc{"host": func(c *call, next func(*call) *row) (*row, bool) {
			if r := next(c); r != nil || c.server.Secure() {
				return r, false
			}
			return redirect, true
		}},
		answer: func(c *call, r *row, a *response) bool {
			if r == redirect {
				a.redirectTo("https://" + string(c.ctx.Request.Header.Host()) + string(c.ctx.RequestURI()))
			}
			return false
		},
	}
}

func (a *response) redirectTo(location string) {
	a.kind, a.body = nil, nil
	a.add("Location", location)
}

// hostNames are the name that the call came under and the other one of loopback.
func (c *call) hostNames() (here, there string) {
	here, _ = hostName(string(c.ctx.Request.Header.Host()))
	if strings.EqualFold(here, "localhost") {
		return here, "127.0.0.1"
	}
	return here, "localhost"
}

// port is the port of the Host header with its colon, "" if it has none.
func (c *call) port() string {
	host := c.ctx.Request.Header.Host()
	if i := bytes.LastIndexByte(host, ':'); i > bytes.IndexByte(host, ']') {
		return string(host[i:])
	}
	return ""
}

// refuseMethod answers a method with 405 and says which one is allowed.
func refuseMethod(method, allowed string) points {
	refusal := &row{name: "UnsupportedHTTPMethod", message: "This http method is not supported.", status: 405, gateway: true}
	return points{
		stages: map[string]stageFunc{"method": func(c *call, next func(*call) *row) (*row, bool) {
			if string(c.ctx.Method()) != method {
				return next(c), false
			}
			return c.refuse(refusal, "TRN-4"), true
		}},
		answer: func(c *call, r *row, a *response) bool {
			if r == refusal {
				a.add("Allow", allowed)
			}
			return false
		},
	}
}
