package check

import (
	"bytes"
	"compress/gzip"
	"slices"
	"strings"
	"testing"

	"axbench/conformance/contract"
)

// The values of the tables. None of them may show in a Detail.
const (
	testA     = "15000000001"
	testB     = "15800000002"
	testX     = "17100000003"
	subsID    = "1000000768393849"
	requestID = "9297B722-A016-43FB-B51A-E54050D9369D"
	nonce     = "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf"
	secret    = "testsecret"
	signature = "OLeaidS1JvxuMvnyHOwuJ+uX5qY="
)

const (
	okHead  = "HTTP/1.1 200 OK\r\nx-acs-request-id: " + requestID
	jsonCT  = "application/json;charset=utf-8"
	xmlCT   = "text/xml;charset=utf-8"
	goodDTO = `"SecretBindDTO":{"Extension":"130","SecretNo":"` + testX + `","SubsId":"` + subsID + `"}`
	good    = `{"Message":"OK","RequestId":"` + requestID + `","Code":"OK",` + goodDTO + `}`
	refusal = `{"Message":"isv.BIND_CONFLICT","RequestId":"` + requestID + `","Code":"isv.BIND_CONFLICT"}`
	gateway = `{"RequestId":"` + requestID + `","HostId":"dyplsapi.aliyuncs.com","Code":"SignatureNonceUsed",` +
		`"Message":"Specified signature nonce was used already.","Recommend":"https://example.com/?q=SignatureNonceUsed"}`
	goodXML = `<?xml version='1.0' encoding='UTF-8'?><BindAxbResponse><Message>OK</Message><RequestId>` + requestID +
		`</RequestId><Code>OK</Code><SecretBindDTO><Extension>130</Extension><SecretNo>` + testX + `</SecretNo><SubsId>` + subsID +
		`</SubsId></SecretBindDTO></BindAxbResponse>`
	gatewayXML = `<?xml version='1.0' encoding='UTF-8'?><Error><RequestId>` + requestID + `</RequestId><HostId>dyplsapi.aliyuncs.com</HostId>` +
		`<Code>SignatureDoesNotMatch</Code><Message>Specified signature is not matched with our calculation. server string to sign is:GET&amp;%2F&amp;` +
		`</Message><Recommend/></Error>`
	unbound = `{"Code":"OK","Message":"OK","RequestId":"` + requestID + `","ChargeId":"true"}`
	updated = `{"Code":"OK","Message":"OK","RequestId":"` + requestID + `"}`
	listed  = `{"Code":"OK","Message":"OK","RequestId":"` + requestID + `","SubsId":"` + subsID + `,1000000768393850"}`
	detail  = `{"Message":"OK","RequestId":"` + requestID + `","SecretBindDetailDTO":{"Status":1,"PhoneNoX":"` + testX +
		`","ExpireDate":"2019-09-05 12:00:00","NeedRecord":false,"PhoneNoB":"` + testB + `","SubsId":"` + subsID + `","PhoneNoA":"` + testA +
		`","GmtCreate":"2019-03-02 19:30:11"},"Code":"OK"}`
)

// testAnswer is one row. Zero fields mean: HTTP 200, the type of the body, BindAxb asked for JSON, nothing wrong.
type testAnswer struct {
	name   string
	body   string
	status int
	ct     string // "-": none
	ce     string
	op     *contract.Operation
	xml    bool   // asked for XML
	x      string // PhoneNoX as sent
	strict bool
	latest bool   // against the current edition
	want   string // ids of the clauses it breaks, by blanks, in any order
	must   string // those of them with level MUST, only where a test is about the level
	code   string // "-": not looked at
}

func (c *testAnswer) check(t testing.TB, res *Result) {
	t.Helper()
	sent := &Sent{Operation: c.op, A: testA, B: testB, X: c.x, SubsID: subsID, Secret: secret, Signature: signature, Nonce: nonce}
	if sent.Operation == nil {
		sent.Operation = contract.BindAxb
	}
	a := &Answer{Status: c.status, ContentType: []byte(c.ct), ContentEncoding: []byte(c.ce), Head: []byte(okHead), Body: []byte(c.body)}
	if a.Status == 0 {
		a.Status = 200
	}
	switch {
	case c.ct == "-":
		a.ContentType = nil
	case c.ct == "" && c.xml:
		a.ContentType = []byte(xmlCT)
	case c.ct == "":
		a.ContentType = []byte(jsonCT)
	}
	if c.xml {
		sent.Format = contract.XML
	}
	edition := contract.Edition2019
	if c.latest {
		edition = contract.EditionCurrent
	}
	checker := New(edition)
	if c.strict {
		checker = NewStrict(edition)
	}
	checker.Check(res, sent, a)
	if string(a.Body) != c.body {
		t.Error("Check changed the body")
	}
}

func ids(vs []Violation) string {
	var list []string
	for _, v := range vs {
		list = append(list, v.Clause.ID)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

func musts(vs []Violation) string {
	return ids(slices.DeleteFunc(slices.Clone(vs), func(v Violation) bool { return v.Clause.Level != contract.Must }))
}

func sorted(want string) string {
	list := strings.Fields(want)
	slices.Sort(list)
	return strings.Join(list, " ")
}

func runTable(t *testing.T, table []testAnswer) {
	var shared Result // one for all rows: nothing of one answer may be left in the next
	for _, c := range table {
		t.Run(c.name, func(t *testing.T) {
			var fresh Result
			c.check(t, &fresh)
			c.check(t, &shared)
			if got := ids(fresh.Violations); got != sorted(c.want) {
				t.Errorf("violations %q, want %q: %v", got, sorted(c.want), fresh.Violations)
			}
			if got := ids(shared.Violations); got != sorted(c.want) || !bytes.Equal(fresh.Code, shared.Code) || fresh.Checked != shared.Checked {
				t.Errorf("a used Result says %q, code %q, a fresh one %q, %q", got, shared.Code, sorted(c.want), fresh.Code)
			}
			if got := musts(fresh.Violations); c.must != "" && got != sorted(c.must) {
				t.Errorf("MUST violations %q, want %q", got, c.must)
			}
			if c.code != "-" && string(fresh.Code) != c.code {
				t.Errorf("code %q, want %q", fresh.Code, c.code)
			}
			if (fresh.Code == nil) != (c.code == "") && c.code != "-" {
				t.Errorf("code is nil: %v", fresh.Code == nil)
			}
			for _, v := range fresh.Violations {
				checkDetail(t, v.Detail)
				if i := slices.IndexFunc(Clauses(), func(k *contract.Clause) bool { return k.ID == v.Clause.ID }); !fresh.Checked.Has(i) {
					t.Errorf("%s is broken and not checked", v.Clause.ID)
				}
			}
		})
	}
}

// checkDetail holds a Detail against the values of the tables.
func checkDetail(t testing.TB, detail string) {
	t.Helper()
	if detail == "" {
		t.Error("a violation without Detail")
	}
	for _, value := range []string{testA, testB, testX, subsID, requestID, nonce, secret, signature, "isv.", "isp.", "Specified", "dypls"} {
		if strings.Contains(detail, value) {
			t.Errorf("the Detail %q shows the value %q", detail, value)
		}
	}
}

// replace returns s with old replaced, which must be there.
func replace(s, old, new string) string {
	if !strings.Contains(s, old) {
		panic("not in the sample: " + old)
	}
	return strings.ReplaceAll(s, old, new)
}

func zip(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

func refusalWith(code, message string) string {
	return replace(replace(refusal, `"Message":"isv.BIND_CONFLICT"`, `"Message":"`+message+`"`), `"Code":"isv.BIND_CONFLICT"`, `"Code":"`+code+`"`)
}
