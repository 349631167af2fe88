package check

import (
	"strings"
	"testing"

	"axbench/conformance/contract"
)

var benchmarks = []testAnswer{
	{name: "ok", body: good},
	{name: "ok-given-x", body: good, x: testX},
	{name: "ok-chinese", body: replace(good, `"Message":"OK"`, `"Message":"请求成功"`)},
	{name: "business", body: refusal},
	{name: "gateway", body: gateway, status: 400},
	{name: "unbind", body: unbound, op: contract.UnbindSubscription},
	{name: "query", body: detail, op: contract.QuerySubscriptionDetail, x: testX},
	{name: "escaped", body: replace(replace(good, "-", `\u002d`), "1710", `\u0031710`)},
	{name: "strict", body: good, strict: true},
	{name: "xml-ok", body: goodXML, xml: true},
	{name: "xml-business", body: refusalXML("BindAxbResponse", "isv.BIND_CONFLICT", "绑定冲突", ""), xml: true},
	{name: "xml-gateway", body: gatewayXML, xml: true, status: 400},
}

// set makes what Check takes, outside the measured part.
func (c *testAnswer) set() (*Checker, *Sent, *Answer) {
	sent := &Sent{Operation: contract.BindAxb, A: testA, B: testB, X: c.x, Secret: "a secret of thirty letters 000", Signature: signature, Nonce: nonce}
	if c.op != nil {
		sent.Operation = c.op
	}
	a := &Answer{Status: max(200, c.status), ContentType: []byte(jsonCT), Head: []byte(okHead), Body: []byte(c.body)}
	if c.xml {
		sent.Format = contract.XML
		a.ContentType = []byte(xmlCT)
	}
	if c.strict {
		return NewStrict(contract.Edition2019), sent, a
	}
	return New(contract.Edition2019), sent, a
}

func BenchmarkCheck(b *testing.B) {
	for _, c := range benchmarks {
		b.Run(c.name, func(b *testing.B) {
			checker, sent, a := c.set()
			var res Result
			b.ReportAllocs()
			b.SetBytes(int64(len(a.Body)))
			for b.Loop() {
				checker.Check(&res, sent, a)
			}
			if len(res.Violations) > 0 {
				b.Fatal(res.Violations)
			}
		})
	}
}

// A good answer costs no allocation, once a Result is warm.
func TestNoAllocations(t *testing.T) {
	for _, c := range benchmarks {
		checker, sent, a := c.set()
		var res Result
		if n := testing.AllocsPerRun(100, func() { checker.Check(&res, sent, a) }); n != 0 {
			t.Errorf("%s: %v allocations", c.name, n)
		}
		if len(res.Violations) > 0 || res.Code == nil {
			t.Errorf("%s: %v", c.name, res.Violations)
		}
	}
}

// Hostile bodies take memory in proportion to their length.
func TestBoundedMemory(t *testing.T) {
	const n = 20000
	for name, c := range map[string]testAnswer{
		"text in pieces": {xml: true, body: "<BindAxbResponse><Message>" + strings.Repeat("a<!---->&lt;", n) + "</Message></BindAxbResponse>"},
		"many escapes":   {body: `{"a":"` + strings.Repeat(`\u00e9`, n) + `"}`},
		"many strings":   {body: `{"a":[` + strings.Repeat(`"\t",`, n) + `0]}`},
		"many objects":   {body: `{"a":[` + strings.Repeat(`{"SubsId":{}},`, n) + `0]}`},
	} {
		t.Run(name, func(t *testing.T) {
			checker, sent, a := c.set()
			var res Result
			checker.Check(&res, sent, a)
			if res.reader.fault != "" {
				t.Fatal(res.reader.fault)
			}
			if got, most := cap(res.reader.scratch)+24*cap(res.reader.keys), 3*len(c.body); got > most {
				t.Errorf("%d bytes kept for a body of %d", got, len(c.body))
			}
		})
	}
}
