package emulator

import (
	"net/http"
	"strings"
)

// probesTransport look at how calls and answers travel.
var probesTransport = []probe{
	{name: "formats", run: func(p *prober) {
		for _, format := range []string{"JSON", "json", "XML", "xml", "-"} {
			p.get("bind "+format, p.bind("Format", format))
			p.get("refused "+format, p.bind("Format", format, "PhoneNoA", "1500000"))
			p.get("gateway "+format, p.bind("Format", format, "Expiration", "-"))
		}
		p.send("unsigned", get("Action=BindAxb&Version=2017-05-25"))
	}},
	{name: "connection", run: func(p *prober) {
		w := p.dial()
		var answers []observed
		for _, x := range []string{"17000000001", "17000000002"} {
			answers = append(answers, w.call("X "+x, p.bind("PhoneNoX", x).get()))
		}
		p.different("RequestId", answers)
		w.finish()
	}},
	{name: "coding", run: func(p *prober) {
		for _, coding := range []string{"identity", "gzip", "deflate, br"} {
			p.send(coding, strings.Replace(p.bind().get(), "\r\n\r\n", "\r\nAccept-Encoding: "+coding+"\r\n\r\n", 1))
		}
	}},
	{name: "actions", run: func(p *prober) {
		for _, action := range []string{"BindAxb", "NoSuchAction", "Axbbind", "AxbBind", "bindaxb", "QuerySecretNoDetail"} {
			p.get(action, p.bind("Action", action))
		}
		p.get("other version", p.bind("Version", "1999-01-01"))
		p.get("region", p.bind("RegionId", "cn-hangzhou"))
	}},
	{name: "methods", run: func(p *prober) {
		p.send("GET", p.bind().get())
		p.send("POST, query", strings.Replace(get(p.bind().query("POST", BuiltinSecret)), "GET", "POST", 1))
		p.send("POST, form", p.bind().post())
		p.send("V3", p.bind().v3(nil))
		p.send("V3, XML", p.bind().v3(func(h http.Header) { h.Set("Accept", "application/xml") }))
	}},
	{name: "texts", run: func(p *prober) {
		p.get("Chinese", p.bind("ExpectCity", "北京", "OutId", `a b*c~d+e/%&=中"'`))
	}},
	{name: "redirects", run: func(p *prober) {
		for _, host := range []string{"127.0.0.1:1", "localhost:1"} {
			request := strings.Replace(p.bind().get(), "127.0.0.1:1", host, 1)
			o := p.send("as "+host, request)
			if _, to, ok := strings.Cut(o.header["location"], "//"); ok {
				there, uri, _ := strings.Cut(to, "/")
				p.send("followed to "+there, "GET /"+uri+" HTTP/1.1\r\nHost: "+there+"\r\n\r\n")
			}
		}
	}},
	{name: "twelve", run: func(p *prober) {
		for range 12 {
			p.get("bind", p.bind())
		}
	}},
}

// shownTransport says how the transport mutants are seen.
var shownTransport = map[string]evidence{
	"T02":  {probes: []string{"bind"}, shows: "Content-Type: text/html"},
	"T03":  {probes: []string{"bind"}, hides: "Content-Type"},
	"T04":  {probes: []string{"bind"}, shows: "\r\n\r\n\ufeff{"},
	"T06":  {probes: []string{"bind"}, hides: `}`},
	"T08":  {probes: []string{"connection"}, shows: "{\"Took\":3}HTTP/1.1 200 OK"},
	"T12":  {probes: []string{"bind"}, shows: "\"Message\":\"\xb2OK\""},
	"T14":  {probes: []string{"formats"}, hides: "<BindAxbResponse>"},
	"T15":  {probes: []string{"bind"}, shows: `,"Code":"isv.ILLEGAL_ARGUMENT"}`},
	"T16":  {probes: []string{"bind"}, shows: `,'Took':NaN,}`},
	"T17":  {probes: []string{"bind"}, shows: `"{\"Message\":`},
	"T18":  {probes: []string{"coding"}, shows: "\r\n\r\n\x1f\x8b"},
	"T19":  {probes: []string{"redirects"}, shows: "> followed to localhost:1\nHTTP/1.1 200 OK"},
	"T21":  {probes: []string{"bind"}, shows: "HTTP/1.1 204"},
	"T23":  {probes: []string{"connection"}, hides: `"SecretNo":"17000000002"`},
	"T25":  {probes: []string{"actions"}, shows: `"Code":"OK"`},
	"T28":  {probes: []string{"actions"}, shows: "> Axbbind\nHTTP/1.1 200 OK"},
	"T29":  {probes: []string{"bind"}, shows: `"Code":"InvalidVersion"`},
	"T32":  {probes: []string{"bind"}, shows: `"Code":"MissingRegionId"`},
	"T34":  {probes: []string{"formats"}, shows: "\r\n\r\nMessage=OK\n"},
	"T35":  {probes: []string{"refusals"}, shows: "HTTP/1.1 500"},
	"T36":  {probes: []string{"refusals"}, hides: `"RequestId"`},
	"T37":  {probes: []string{"redirects"}, shows: "Location: https://127.0.0.1:1/?"},
	"T39":  {probes: []string{"formats"}, shows: "HTTP/1.1 403"},
	"T40":  {probes: []string{"methods"}, shows: "HTTP/1.1 405"},
	"T50":  {probes: []string{"actions"}, shows: `"Code":"OK"}`},
	"T52":  {probes: []string{"actions"}, hides: `"Code":"InvalidVersion"`},
	"T53":  {probes: []string{"actions"}, shows: `"Code":"InvalidRegionId"`},
	"T54":  {probes: []string{"methods"}, shows: "HTTP/1.1 405"},
	"T55":  {probes: []string{"methods"}, shows: `"Code":"Missing`},
	"T56":  {probes: []string{"texts"}, shows: "isv.ILLEGAL_ARGUMENT"},
	"T57":  {probes: []string{"formats"}, shows: "<Code>InvalidParameter.Format"},
	"T58":  {probes: []string{"formats"}, shows: "<BindAxbResponse>"},
	"T59":  {probes: []string{"formats"}, shows: "<BindAxbResponse>"},
	"T60":  {probes: []string{"bind"}, shows: "}}\n{}"},
	"T61":  {probes: []string{"bind"}, shows: "}};"},
	"T62":  {probes: []string{"bind"}, shows: `[{"Message"`},
	"T63":  {probes: []string{"bind"}, shows: `callback({"Message"`},
	"T64":  {probes: []string{"bind"}, shows: ")]}',\n{"},
	"T65":  {probes: []string{"bind"}, shows: "\x00M\x00e\x00s"},
	"T66":  {probes: []string{"bind"}, shows: "\"Message\":\"\nOK"},
	"T68":  {probes: []string{"bind"}, shows: `"SubsId":"1000000000000001"}}`},
	"T69":  {probes: []string{"bind"}, shows: "\xc7\xeb"},
	"T70":  {probes: []string{"bind"}, shows: "{/* "},
	"T71":  {probes: []string{"bind"}, shows: "}}\x00"},
	"T72":  {probes: []string{"bind"}, shows: "Content-Length: 175"},
	"T73":  {probes: []string{"connection"}, shows: "Content-Length: 161"},
	"T74":  {probes: []string{"bind"}, shows: "Content-Length: 2\r\n"},
	"T75":  {probes: []string{"bind"}, shows: "Transfer-Encoding: chunked"},
	"T76":  {probes: []string{"bind"}, shows: "Transfer-Encoding: chunked\r\n\r\na8\r\n{"},
	"T77":  {probes: []string{"connection"}, shows: "< reset"},
	"T78":  {probes: []string{"bind"}, hides: "}}"},
	"T79":  {probes: []string{"twelve"}, hides: "HTTP/1.1"},
	"T80":  {probes: []string{"bind"}, shows: "> bind\n200 OK"},
	"T81":  {probes: []string{"twelve"}, hides: "HTTP/1.1"},
	"T82":  {probes: []string{"bind"}, shows: "text/xml"},
	"T83":  {probes: []string{"formats"}, hides: "text/xml"},
	"T84":  {probes: []string{"bind"}, shows: "application/octet-stream"},
	"T85":  {probes: []string{"bind"}, shows: "HTTP/1.1 500"},
	"T86":  {probes: []string{"bind"}, shows: "HTTP/1.1 400"},
	"T87":  {probes: []string{"bind"}, shows: "Content-Length: 0\r\n"},
	"T88":  {probes: []string{"refusals"}, shows: "HTTP/1.1 404"},
	"T89":  {probes: []string{"redirects"}, shows: "> followed to localhost:1\nHTTP/1.1 200 OK"},
	"T90":  {probes: []string{"bind"}, shows: "Content-Encoding: gzip"},
	"T91":  {probes: []string{"formats"}, hides: "HTTP/1.1 400"},
	"T92":  {probes: []string{"formats"}, shows: "Content-Length: 0\r\n"},
	"T93":  {probes: []string{"formats"}, hides: `{"RequestId"`},
	"T94":  {probes: []string{"formats"}, shows: `{"error":{"code":"MissingExpiration"`},
	"T95":  {probes: []string{"formats"}, shows: "\r\n\r\nExpiration is mandatory"},
	"T97":  {probes: []string{"formats"}, hides: "</BindAxbResponse>"},
	"T98":  {probes: []string{"formats"}, shows: "encoding='GBK'"},
	"T99":  {probes: []string{"formats"}, shows: "<Error>"},
	"T100": {probes: []string{"bind"}, shows: "charset=gbk"},
	"T96":  {probes: []string{"formats"}, hides: `MissingExpiration`},
}

// leftTransport are probes that the transport mutants must leave as they are.
var leftTransport = merged(
	leaving("bind", "T14 T18 T25 T35 T36 T39 T50 T52 T53 T54 T55 T56 T57 T83 T88 T91 T92 T93 T94 T95 T96 T97 T98 T99"),
	leaving("states", "T15 T21 T68 T84 T85 T86 T87"),
)
