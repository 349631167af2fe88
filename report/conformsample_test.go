package report

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"axbench/results"
)

// A conformSample is a conformance run that never was, committed below testdata/conform. go test ./report -update makes the
// directories and the golden reports anew.
type conformSample struct {
	name      string
	make      func() *results.Conform
	exchanges []results.Exchange
}

var conformSamples = []conformSample{
	{"nonconformant", nonconformantSample, sampleExchanges()},
	{"conformant", conformantSample, nil},
	{"incomplete", incompleteSample, nil},
	{"inconclusive", inconclusiveSample, nil},
}

// build writes the directory of s.
func (s *conformSample) build(t *testing.T) {
	t.Helper()
	dir := filepath.Join("testdata", "conform", s.name)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	c := s.make()
	w, err := results.CreateConform(dir, c)
	if err != nil {
		t.Fatal(err)
	}
	for i := range s.exchanges {
		if _, err := w.AppendExchange(&s.exchanges[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := results.WriteConform(dir, c); err != nil {
		t.Fatal(err)
	}
}

// conformRecord reads the committed directory of a sample, made anew with -update.
func conformRecord(t *testing.T, name string) *results.ConformRecord {
	t.Helper()
	if *update {
		for i := range conformSamples {
			if conformSamples[i].name == name {
				conformSamples[i].build(t)
			}
		}
	}
	rec, err := results.OpenConform(filepath.ToSlash(filepath.Join("testdata", "conform", name)))
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func sampleExchanges() []results.Exchange {
	one := func(ms int, caseName, code string, class results.Class, query, body string) results.Exchange {
		head := "HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=utf-8\r\nContent-Length: 139\r\nConnection: keep-alive\r\n\r\n"
		return results.Exchange{
			Evidence: results.Evidence{Time: sampleStart.Add(time.Duration(ms) * time.Millisecond), Phase: caseName, Operation: "BindAxb", Code: code, Class: class,
				Request: "GET /?AccessKeyId=removed&Action=BindAxb&Expiration=2026-03-01%2008%3A33%3A00&Format=JSON&" + query + "&PoolKey=FC123456&RegionId=cn-hangzhou" +
					"&Signature=removed&SignatureMethod=HMAC-SHA1&SignatureNonce=removed&SignatureVersion=1.0&Timestamp=2026-03-01T08%3A30%3A00Z&Version=2017-05-25 HTTP/1.1\r\n" +
					"Host: vendor.example\r\n\r\n",
				Answer: head + body, ResponseNS: int64(ms) * int64(time.Millisecond)},
			Case: caseName, Format: "JSON", Status: 200, Head: []byte(head), Body: []byte(body), Checked: "TRN-7 TRN-8 RSP-1", RequestID: "4E3F-1"}
	}
	list := []results.Exchange{
		one(12, "prm-a/malformed", "OK", results.ClassOK, "PhoneNoA=1500000%D9%A3&PhoneNoB=15800000017",
			`{"Code":"OK","Message":"OK","RequestId":"4E3F-1","SecretBindDTO":{"Extension":"","SecretNo":"17000000004","SubsId":"1000043"}}`),
		one(9, "trn/status", "isv.BIND_CONFLICT", results.ClassBusiness, "PhoneNoA=15000000001&PhoneNoB=15800000018&PhoneNoX=17000000004",
			`{"Code":"isv.BIND_CONFLICT","Message":"绑定冲突","RequestId":"4E3F-2"}`),
		one(31, "cod/expire", "isv.ILLEGAL_ARGUMENT", results.ClassBusiness, "PhoneNoA=15000000002&PhoneNoB=15800000019",
			`{"Code":"isv.ILLEGAL_ARGUMENT","Message":"<b>Expiration</b> \u001b[31m","RequestId":"4E3F-3"}`),
	}
	silent := one(0, "lod/step", "timeout", results.ClassTransport, "PhoneNoA=15000000003&PhoneNoB=15800000020", "")
	silent.Answer, silent.Head, silent.Body, silent.Status, silent.Failure = "", nil, nil, 0, "timeout"
	return append(list, silent)
}

func clauseResult(id, level, source, sentence, needs string, v results.ClauseWord) results.ClauseResult {
	chapter, _, _ := strings.Cut(id, "-")
	r := results.ClauseResult{ID: id, Chapter: chapter, Level: level, Profile: "seed", Source: source, Sentence: sentence, Check: "As the catalogue says.", Needs: needs, Verdict: v, Decides: true}
	if v == results.ClausePass {
		r.Checked = 3
		r.Observations = []results.Observation{{Case: "case/" + strings.ToLower(id), Verdict: v, Sent: "as the clause says", Expected: "a refusal", Got: "HTTP 200, isv.ILLEGAL_ARGUMENT", Times: 3}}
	}
	return r
}

func (s conformSampleClauses) at(id string) *results.ClauseResult {
	for i := range s {
		if s[i].ID == id {
			return &s[i]
		}
	}
	panic("no clause " + id)
}

type conformSampleClauses []results.ClauseResult

func sampleClauses() conformSampleClauses {
	return conformSampleClauses{
		clauseResult("ACC-1", "MUST", "bindaxb-doc:15", "The service is only for real-name verified accounts.", "P3", results.ClauseNotProvoked),
		clauseResult("ACC-3", "MUST", "bindaxb-doc:23", "A deleted or unknown AccessKeyId is refused.", "P0", results.ClausePass),
		clauseResult("ACC-4", "MUST", "bindaxb-doc:23", "A user may hold several key pairs; each Active pair works, with the same pools.", "P3", results.ClauseNotProvoked),
		clauseResult("TRN-3", "MAY", "bindaxb-doc:85,86", "Region cn-hangzhou is the sample region.", "P0", results.ClauseInfo),
		clauseResult("TRN-7", "MUST", ".NET client", "Content-Type names the body type.", "P0", results.ClausePass),
		clauseResult("TRN-8", "MUST", "RFC 8259", "The body is exactly one JSON object: UTF-8, no BOM, nothing after it, no duplicate key.", "P0", results.ClausePass),
		clauseResult("TRN-10", "SHOULD", "bindaxb-doc:99-118; .NET client", "A business answer is HTTP 2xx; success always is.", "P0", results.ClauseWarn),
		clauseResult("SIG-2", "MUST", "bindaxb-doc:21", "An unsigned request is refused.", "P0", results.ClausePass),
		clauseResult("PRM-A-1", "MUST", "bindaxb-doc:40", "PhoneNoA is required.", "P0", results.ClausePass),
		clauseResult("PRM-A-5", "MUST", "bindaxb-doc:152", "A malformed number gets isv.MOBILE_NUMBER_ILLEGAL.", "P0", results.ClauseFail),
		clauseResult("PRM-EXP-3", "MUST", "bindaxb-doc:42,151", "Expiration has the documented form.", "P0", results.ClauseFail),
		clauseResult("PRM-AB-1", "SHOULD", "project", "A equal to B is refused; never a server fault.", "P0", results.ClauseInfo),
		clauseResult("RSP-1", "MUST", "bindaxb-doc:48-52", "Every answer has Code, Message and RequestId.", "P0", results.ClausePass),
		clauseResult("RSP-2", "MUST", "bindaxb-doc:49", "RequestId is unique.", "P0", results.ClausePass),
		clauseResult("INV-4", "MUST", "bindaxb-doc:42", "A binding ends when its Expiration has passed.", "P5", results.ClauseNotProvoked),
		clauseResult("INV-6", "SHOULD", "project", "The same refused request gets the same Code each time.", "P0", results.ClauseError),
		clauseResult("LOD-6", "MUST", "project", "Every request ends in exactly one outcome.", "P0", results.ClauseInconclusive),
		clauseResult("COD-OK", "MUST", "bindaxb-doc:131", "OK: 请求成功.", "P1", results.ClausePass),
		clauseResult("COD-EXPIRE_DATE_ILLEGAL", "MUST", "bindaxb-doc:151", "isv.EXPIRE_DATE_ILLEGAL: 过期时间非法.", "P0", results.ClauseWarn),
		clauseResult("COD-FLOW_LIMIT", "MUST", "bindaxb-doc:146", "isv.FLOW_LIMIT: 业务流控.", "P1", results.ClauseNotProvoked),
		clauseResult("COD-DAO_EXCEPTION", "MUST", "bindaxb-doc:143", "isp.DAO_EXCEPTION: 数据库异常.", "P4", results.ClauseNotProvoked),
		clauseResult("COD-PARTNER_IS_CLOSED", "MUST", "bindaxb-doc:147", "isv.PARTNER_IS_CLOSED: partner被关停.", "P3", results.ClauseNotApplicable),
	}
}

// seen gives a clause an observation, and the verdict its reason.
func (s conformSampleClauses) seen(id string, failed int64, o results.Observation) *results.ClauseResult {
	r := s.at(id)
	if o.Verdict == "" {
		o.Verdict = r.Verdict
	}
	o.Times = max(o.Times, 1)
	r.Observations = append(r.Observations, o)
	r.Checked, r.Failed = r.Checked+int64(o.Times), r.Failed+failed
	if o.Evidence > 0 {
		r.Evidence = append(r.Evidence, o.Evidence)
	}
	if r.Reason == "" {
		r.Reason = o.Sent + ": expected " + o.Expected + ", got " + o.Got
	}
	return r
}

func nonconformantSample() *results.Conform {
	s := sampleClauses()
	refused := results.Observation{Case: "prm-a/malformed", Sent: "PhoneNoA=1500000٣, a digit of another script", Expected: "isv.MOBILE_NUMBER_ILLEGAL",
		Pass: []string{"isv.MOBILE_NUMBER_ILLEGAL"}, Warn: []string{"isv.ILLEGAL_ARGUMENT"}, Got: "HTTP 200, OK", Times: 3, Evidence: 1}
	s.seen("PRM-A-5", 3, refused)
	refused.Sent, refused.Evidence, refused.Times = "PhoneNoA=1.5e10", 0, 1
	s.seen("PRM-A-5", 1, refused)
	refused.Sent, refused.Verdict, refused.Got = "PhoneNoA=abc", results.ClausePass, "HTTP 200, isv.MOBILE_NUMBER_ILLEGAL"
	s.seen("PRM-A-5", 0, refused)
	s.seen("PRM-EXP-3", 1, results.Observation{Case: "prm-exp/form", Sent: "Expiration=tomorrow", Expected: "isv.EXPIRE_DATE_ILLEGAL", Got: "HTTP 200, OK"}).Known =
		"the vendor repairs it in the next version (until 2026-12-31)"
	s.seen("TRN-10", 17, results.Observation{Case: "trn/status", Sent: "every call", Expected: "A business answer is HTTP 2xx; success always is.",
		Got: "isv.BIND_CONFLICT with HTTP 409", Times: 17, Evidence: 2})
	s.seen("COD-EXPIRE_DATE_ILLEGAL", 1, results.Observation{Case: "cod/expire", Sent: "Expiration in the past", Expected: "isv.EXPIRE_DATE_ILLEGAL",
		Warn: []string{"isv.ILLEGAL_ARGUMENT"}, Got: "HTTP 200, isv.ILLEGAL_ARGUMENT", Evidence: 3})
	s.seen("TRN-3", 0, results.Observation{Case: "trn/region", Sent: "no RegionId", Got: "accepted"})
	s.seen("PRM-AB-1", 0, results.Observation{Case: "prm/same", Sent: "A = B", Got: "HTTP 200, isv.ILLEGAL_ARGUMENT"}).Decides = false
	s.seen("INV-6", 0, results.Observation{Case: "inv/same", Sent: "the same refused request", Got: "the case panicked: index out of range"}).Decides = false
	s.seen("LOD-6", 0, results.Observation{Case: "lod/step", Sent: "400 calls at 50/s", Got: "no answer: timeout", Times: 2, Evidence: 4})
	s.at("ACC-1").Reason = "not declared: credentials.unverified"
	s.at("ACC-4").Reason = "not declared: credentials.second_of_main_account"
	s.at("INV-4").Reason = "not declared: channels.clock, or --wait"
	s.at("COD-FLOW_LIMIT").Reason = "not declared: target.flow_limit_rps"
	s.at("COD-DAO_EXCEPTION").Reason = "not declared: codes.isp.DAO_EXCEPTION"
	s.at("COD-PARTNER_IS_CLOSED").Reason = "declared unprovocable: no partner model in this product"
	for id, n := range map[string]int64{"TRN-7": 1840, "TRN-8": 1840, "RSP-1": 1840, "RSP-2": 1822} {
		r := s.at(id)
		r.Checked, r.Bound99 = n, 4.61/float64(n)
	}
	c := baseSample(s)
	c.Headline, c.ExitCode = results.HeadlineNotConformant, results.ExitNonconformant
	c.Reasons = []string{"1 MUST clauses are broken: PRM-A-5", "2 entries of the known failures do not hold: SIG-2 (no longer fails), RSP-14 (expired on 2026-01-31)",
		"1 clauses could not be judged: LOD-6", "4 MUST clauses were not provoked: ACC-1, ACC-4, INV-4, COD-FLOW_LIMIT"}
	c.Notes = []string{"Expiration was read as +08:00: the zone was found out, not declared."}
	c.Choices = []results.Choice{
		{ID: "same_pair", Text: "What comes of a second bind of the same A and B?", Value: "another X", Detail: "2 of 2"},
		{ID: "order_of_faults", Text: "Which of two faults is told?", Value: "number first", Detail: "isv.MOBILE_NUMBER_ILLEGAL before isv.EXPIRE_DATE_ILLEGAL"},
		{ID: "message_language", Text: "In which language is Message?", Value: "unknown"},
	}
	c.Changed = []results.ChoiceChange{{ID: "same_pair", Before: "conflict", Now: "another X"}}
	c.Known = []results.KnownFailure{
		{Clause: "PRM-EXP-3", Reason: "the vendor repairs it in the next version", Expires: "2026-12-31"},
		{Clause: "SIG-2", Reason: "the old gateway did not look", Expires: "2026-12-31", Problem: "no longer fails"},
		{Clause: "RSP-14", Reason: "waits for the new client", Expires: "2026-01-31", Problem: "expired on 2026-01-31"},
	}
	c.Bindings = results.Bindings{Created: 412, Unbound: 300, Expired: 90, Unknown: 2, Left: 22}
	return c
}

func baseSample(s conformSampleClauses) *results.Conform {
	return &results.Conform{
		Version: "0.1.0", Started: sampleStart, ElapsedNS: int64(83 * time.Second), Seed: 42, Profile: "pop", Profiles: []string{"seed", "pop"},
		Target: results.Target{URL: "https://vendor.example/", Method: "GET", Signature: "v1", Format: "JSON", Document: "2019-01", TLS: "1.3"},
		Codes: results.CodesSeen{Of: 23, Observed: 9, Provoked: 7, Missing: []string{"isp.RAM_PERMISSION_DENY", "isv.OUT_OF_SERVICE", "isv.FLOW_LIMIT", "isp.DAO_EXCEPTION",
			"isv.PARTNER_IS_CLOSED"}},
		Clauses: s,
		Cases: []results.CaseResult{
			{Name: "prm-a/malformed", Clauses: []string{"PRM-A-1", "PRM-A-5"}, Calls: 14, ElapsedNS: int64(210 * time.Millisecond)},
			{Name: "trn/status", Clauses: []string{"TRN-7", "TRN-8", "TRN-10"}, Calls: 30, ElapsedNS: int64(900 * time.Millisecond)},
			{Name: "acc/unverified", Clauses: []string{"ACC-1"}, Skipped: "not declared: credentials.unverified"},
			{Name: "inv/expiry", Clauses: []string{"INV-4"}, Skipped: "not declared: channels.clock, or --wait"},
			{Name: "inv/expiry-again", Clauses: []string{"INV-4"}, Skipped: "not declared: channels.clock, or --wait"},
		},
		Unique: []results.Unique{{What: "RequestId", Clause: "RSP-2", Checked: 1822, Seen: 1822}, {What: "SubsId", Clause: "INV-1", Checked: 400, Seen: 412, Full: true}},
		Calls:  1840, Catalogue: "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9",
		Provisioning: results.Provisioning{File: "our vendor.yaml", SHA256: "5d41402abc4b2a76b9719d911017c592ae2ba1dd0f1fdb4d2c6f3c9d0b1e5a77",
			Credentials: []string{"main", "other_account"}, Pools: []string{"main", "small"},
			Unprovocable: map[string]string{"isv.PARTNER_IS_CLOSED": "no partner model in this product"}, Query: true, Unbind: true},
	}
}

// conformantSample is what everybody hopes for: nothing but PASS.
func conformantSample() *results.Conform {
	s := sampleClauses()
	for i := range s {
		s[i] = clauseResult(s[i].ID, s[i].Level, s[i].Source, s[i].Sentence, s[i].Needs, results.ClausePass)
	}
	c := baseSample(s)
	c.Headline, c.Target = results.HeadlineConformant, results.Target{URL: "emulator", Method: "GET", Signature: "v1", Format: "JSON", Document: "2019-01"}
	c.Codes = results.CodesSeen{Of: 23, Observed: 23, Provoked: 23}
	c.Cases, c.Provisioning.Unprovocable = c.Cases[:2], nil
	return c
}

// incompleteSample has nothing declared, and one of its chapters is all that was asked for.
func incompleteSample() *results.Conform {
	s := sampleClauses()[:3]
	s.at("ACC-1").Reason = "nothing was seen that could have shown it broken"
	c := baseSample(s)
	c.Headline, c.ExitCode = results.HeadlineIncomplete+" (2 MUST clauses not provoked)", results.ExitNoData
	c.Reasons = []string{"2 MUST clauses were not provoked: ACC-1, ACC-4"}
	c.Only, c.Provisioning, c.Unique = []string{"ACC-1", "ACC-3", "ACC-4"}, results.Provisioning{}, nil
	return c
}

// inconclusiveSample found nobody at home.
func inconclusiveSample() *results.Conform {
	s := sampleClauses()
	for i := range s {
		s[i] = clauseResult(s[i].ID, s[i].Level, s[i].Source, s[i].Sentence, s[i].Needs, results.ClauseInconclusive)
		s[i].Reason = "the target cannot be reached: refused (connect: connection refused)"
	}
	c := baseSample(s)
	c.Headline, c.ExitCode = results.HeadlineInconclusive, results.ExitNoData
	c.Reasons = []string{"22 clauses could not be judged: the target cannot be reached: refused (connect: connection refused)"}
	c.Codes, c.Unique, c.Calls = results.CodesSeen{Of: 23}, nil, 2
	return c
}
