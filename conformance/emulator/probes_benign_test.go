package emulator

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"strings"
	"time"

	"axbench/conformance/contract"
)

// probesBenign look at what the document leaves open.
var probesBenign = []probe{
	{name: "open", run: func(p *prober) {
		p.get("A is B", p.bind("PhoneNoB", p.phone("150", p.calls+1)))
		p.get("+86", p.bind("PhoneNoA", "+86"+p.phone("150", 9000)))
		p.get("95", p.bind("PhoneNoA", "9516812345"))
		p.get("hyphen", p.bind("PhoneNoA", "0571-88992688"))
		p.get("empty X", p.bind("PhoneNoX", ""))
		q := p.bind("poolkey", BuiltinPool)
		delete(q, "PoolKey")
		p.get("poolkey", q)
		p.get("suffix", p.bind("PoolKey", "FC000003", "ExpectCity", "北京市"))
		p.get("unknown pool", p.bind("PoolKey", "FC000009"))
		p.get("unknown X", p.bind("PhoneNoX", "17088888888"))
		p.get("no SubsId", p.params("QuerySubscriptionDetail", "PoolKey", BuiltinPool, "PhoneNoX", "17000000000"))
	}},
	{name: "isp", run: func(p *prober) {
		refused := p.bind("PhoneNoA", magic("isp.DAO_EXCEPTION"), "PhoneNoX", "17000000010")
		p.get("isp code", refused)
		p.get("B again", p.bind("PhoneNoB", refused["PhoneNoB"], "PhoneNoX", "17000000010"))
	}},
	{name: "expiry", run: func(p *prober) {
		first := p.bind("PhoneNoX", "17000000012", "Expiration", p.expires(2*time.Minute))
		p.get("first", first)
		for range 3 {
			p.get(p.now().Format(contract.ExpirationLayout), p.bind("PhoneNoA", first["PhoneNoA"], "PhoneNoX", "17000000012"))
			p.advance(time.Minute)
		}
	}},
	{name: "zone", run: func(p *prober) {
		for _, zone := range []*time.Location{contract.Zone, time.UTC} {
			p.get("in two hours", p.bind("Expiration", p.now().Add(2*time.Hour).In(zone).Format(contract.ExpirationLayout)))
		}
	}},
	{name: "pieces", run: func(p *prober) {
		w := p.dial()
		defer w.c.Close()
		w.write(p.bind().get())
		_ = w.c.CloseWrite()
		b, reads := make([]byte, 1<<16), 0
		for {
			n, err := w.c.Read(b)
			if err != nil {
				break
			}
			reads += min(n, 1)
		}
		p.note("in one piece: %v", reads == 1)
	}},
	{name: "protocol", run: func(p *prober) {
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(p.e.CA())
		transport := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: roots}}
		defer transport.CloseIdleConnections()
		res, err := (&http.Client{Transport: transport, Timeout: readTime}).Get(p.e.URL(p.e.addr) + "/?" + p.bind().query("GET", BuiltinSecret))
		if err != nil {
			p.note("%T", err)
			return
		}
		defer res.Body.Close()
		p.note("%s %s", res.Proto, res.Status)
	}},
	{name: "pairs", run: func(p *prober) {
		var answers []observed
		for range 3 {
			o := p.get("bind", p.bind())
			p.note("SubsId of %d characters, RequestId in upper case: %v", len(o.subs()), strings.ToUpper(o.fields["RequestId"]) == o.fields["RequestId"])
			answers = append(answers, o)
		}
		p.different("SecretBindDTO.SecretNo", answers)
	}},
	{name: "auth", run: func(p *prober) {
		p.as(BuiltinID, "wrong", "wrong secret", p.bind())
		p.as("nobody", "wrong", "unknown key", p.bind())
		p.as("inactive", "inactive-secret", "inactive", p.bind())
		p.get("old", p.bind("Timestamp", "2020-01-01T00:00:00Z"))
	}},
}

// shownBenign says how the benign variants are seen.
var shownBenign = merged(
	map[string]evidence{
		"B08.h2": {probes: []string{"protocol"}, with: "tls: {}", shows: "HTTP/2.0 200"},
		"B28":    {probes: []string{"twelve"}, shows: "isv.FLOW_LIMIT"},
		"B62":    {probes: []string{"bind"}, hides: "x-acs-request-id"},
		"B81":    {probes: []string{"bind"}, hides: "Extension"},
		"B87":    {probes: []string{"open"}, shows: "> +86\nHTTP/1.1 200 OK\r\nDate: *\r\nContent-Type: application/json;charset=utf-8\r\nContent-Length: 168"},
		"B95":    {probes: []string{"open"}, shows: "isv.NO_AVAILABLE_NUMBER"},
	},
	showing("bind", map[string]string{
		"B01":          `"GroupId":"7"},"ServerTime":"1795422600"}`,
		"B04.zh":       `"Message":"请求成功"`,
		"B04.text":     `"Message":"the binding was made"`,
		"B08.chunked":  "Transfer-Encoding: chunked",
		"B08.close":    "Connection: close",
		"B16.95":       `"SecretNo":"9516`,
		"B16.landline": `"SecretNo":"0`,
		"B50":          "\r\n\r\n{\"SecretBindDTO\":{\"SubsId\":",
		"B51":          "{\n  \"Message\": \"OK\",",
		"B52":          "}}\n\n",
		"B60.bare":     "application/json\r\n",
		"B60.upper":    "application/json; charset=UTF-8",
		"B61":          "Set-Cookie: ",
		"B63":          "HTTP/1.1 200 OK\r\nKeep-Alive",
		"B64":          "\r\ncontent-length: ",
		"B65":          "Content-Length:1",
		"B66.other":    "HTTP/1.1 200 As You Wish\r\n",
		"B66.none":     "HTTP/1.1 200 \r\n",
		"B69":          "HTTP/1.1 202 ",
		"B99":          "Keep-Alive: timeout=2\r\n",
		"B101":         `"Message":"\ud83dOK`,
	}),
	showing("refusals", map[string]string{
		"B06.null":    `"SecretBindDTO":null`,
		"B06.empty":   `"SecretBindDTO":{}`,
		"B11":         `"Code":"MissingPoolKey"`,
		"B12":         "isv.ILLEGAL_ARGUMENT",
		"B53.unicode": `"Message":"\u`,
		"B80.english": `"Message":"illegal argument"`,
		"B80.code":    `"Message":"isv.ILLEGAL_ARGUMENT"`,
		"B84":         "isv.FORBIDDEN_ACTION",
	}),
	showing("open", map[string]string{
		"B19":           `"Code":"OK"`,
		"B53.slash":     `https:\/\/api`,
		"B85.forbidden": "isv.FORBIDDEN_ACTION",
		"B85.partner":   "isv.PARTNER_NOT_EXIST",
		"B88":           `"Code":"OK"`,
		"B89":           `"Code":"OK"`,
		"B93":           `"Code":"OK"`,
		"B94":           "isv.ILLEGAL_ARGUMENT",
		"B98":           "InvalidAction.NotFound",
	}),
	showing("pairs", map[string]string{
		"B13":      "1 SecretBindDTO.SecretNos",
		"B15.8":    "SubsId of 8 characters",
		"B15.19":   "SubsId of 19 characters",
		"B15.uuid": "SubsId of 36 characters",
		"B82":      "RequestId in upper case: false",
	}),
	showing("auth", map[string]string{"B23.400": "HTTP/1.1 400", "B23.403": "HTTP/1.1 403", "B23.404": "HTTP/1.1 404"}),
	showing("formats", map[string]string{
		"B54":     `<?xml version="1.0" encoding="UTF-8"?>`,
		"B55":     ">\n  <Code>",
		"B57":     `"Advice"`,
		"B60.xml": "application/xml",
	}),
	showing("states", map[string]string{"B90": "isv.PRODUCT_UNSUBSCRIBE", "B92": `"Code":"Forbidden.RAM"`}),
	showing("zone", map[string]string{"B20.utc": `"Code":"OK"`}),
	showing("pair", map[string]string{"B25.conflict": "isv.BIND_CONFLICT"}),
	showing("actions", map[string]string{"B91": `"Code":"OK"`, "B100": `"Code":"OK"`}),
	showing("limits", map[string]string{"B67": "HTTP/1.1 429"}),
	showing("coding", map[string]string{"B83": "\x1f\x8b"}),
	showing("pieces", map[string]string{"B68": "false"}),
	showing("isp", map[string]string{"B96": "isv.BIND_CONFLICT"}),
	showing("expiry", map[string]string{"B86": "isv.BIND_CONFLICT"}),
	map[string]evidence{"B56": {probes: []string{"formats"}, hides: "HostId"}},
)
