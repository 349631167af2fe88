package conformance

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"axbench/conformance/client"
	"axbench/conformance/contract"
	"axbench/results"
	"axbench/runner/wire"
)

// recorder is a suite that judges and keeps answers which nobody sent.
type recorder struct {
	*suite
	kept []results.Exchange
}

func newRecorder(t interface{ Fatal(...any) }) *recorder {
	r := &recorder{}
	s, err := newSuite(context.Background(), Config{
		Profile: "strict", Credentials: map[string]client.Credentials{"main": client.BuiltIn()}, Host: "localhost", Path: "/",
		Load: Load{Memory: 1 << 16},
		Keep: func(e *results.Exchange) (int, error) {
			e.Line = len(r.kept) + 1
			text, err := json.Marshal(e)
			var read results.Exchange
			if err == nil {
				err = json.Unmarshal(text, &read)
			}
			r.kept = append(r.kept, read)
			return e.Line, err
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.base.shape = func(*request) {}
	r.suite = s
	return r
}

// answer judges and keeps one answer to a bind of a, b and x.
func (r *recorder) answer(a, b, x string, format contract.Format, status int, head, body string) *exchange {
	q := (&request{op: contract.BindAxb, format: format}).set("PoolKey", "FC123456").set("PhoneNoA", a).set("PhoneNoB", b)
	if x != "" {
		q.set("PhoneNoX", x)
	}
	q.until(r.suite, time.Now().Add(time.Hour))
	ex := r.prepared(q)
	r.build(ex)
	ex.status, ex.head, ex.body = status, []byte(head), []byte(body)
	ex.typ, ex.coding = headerOf(ex.head, "Content-Type"), headerOf(ex.head, "Content-Encoding")
	ex.started, ex.sent, ex.done = true, ex.stamp, ex.stamp
	r.judge(&testCase{name: "test"}, ex)
	return ex
}

// again judges what was kept once more, and returns where it comes to something else than is recorded and not hidden.
func (r *recorder) again() (wrong []string) {
	replay := newReplay(contract.Edition2019)
	for i := range r.kept {
		e := &r.kept[i]
		v := replay.next(e)
		for _, d := range v.differences(e) {
			if !slices.Contains(strings.Fields(e.Hidden), d.id) {
				wrong = append(wrong, fmt.Sprintf("line %d: %+v", e.Line, d))
			}
		}
	}
	return wrong
}

const jsonHead = "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=UTF-8\r\nContent-Length: 1\r\n"

var mobile = rapid.StringMatching(`1[3-9][0-9]{9}`)

// answerOf draws a JSON answer in which numbers, the nonce and the signature may stand in strings.
func answerOf(t *rapid.T, a, b, x, secret string) string {
	number := rapid.SampledFrom([]string{a, b, x, "17099999999", "+86" + a, a[:3] + "-" + a[3:7] + "-" + a[7:], "0571-88992688", "12345", "\\u0031" + a[1:], "%31" + b[1:]})
	text := func(name string) string {
		parts := rapid.SliceOfN(rapid.OneOf(number, rapid.SampledFrom([]string{"请求成功", " ", "OK", "a", "10.0.0.1", secret, "PhoneNoA=" + a, "Signature=abc%3D", "\\n", "java.lang."})), 0, 4).Draw(t, name)
		return strings.Join(parts, " ")
	}
	code := rapid.SampledFrom([]string{"OK", "isv.ILLEGAL_ARGUMENT", "isp.SYSTEM_ERROR", "SignatureDoesNotMatch", "MissingPhoneNoA", "isv.NEW", "ok"}).Draw(t, "code")
	id := rapid.SampledFrom([]string{"9297B722-A016-43FB-B51A-E54050D9369D", "9297B722-A016-43FB-B51A-057188992688", "8906582E-6722", "r1", ""}).Draw(t, "id")
	members := []string{`"Code":"` + code + `"`, `"RequestId":"` + id + `"`, `"Message":"` + text("message") + `"`}
	if rapid.Bool().Draw(t, "dto") {
		subs := rapid.SampledFrom([]string{"1000000768393849", "s" + a + b, a, "15", ""}).Draw(t, "SubsId")
		no := rapid.SampledFrom([]string{x, a, b, "17000000000", "+8617000000000", "170 0000 0000", "", "123456789012345678"}).Draw(t, "SecretNo")
		members = append(members, `"SecretBindDTO":{"SubsId":"`+subs+`","SecretNo":"`+no+`"}`)
	}
	return "{" + strings.Join(rapid.Permutation(members).Draw(t, "order"), ",") + "}"
}

// What redaction does to an answer changes nothing that it is judged by: numbers keep length, digits and equality, secrets stand in
// strings.
func TestRedactionChangesNoVerdict(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newRecorder(t)
		for range rapid.IntRange(1, 6).Draw(t, "answers") {
			a, b, x := mobile.Draw(t, "A"), mobile.Draw(t, "B"), mobile.Draw(t, "X")
			given := rapid.SampledFrom([]string{"", x, a}).Draw(t, "given")
			status := rapid.SampledFrom([]int{200, 400, 302}).Draw(t, "status")
			body := answerOf(t, a, b, x, client.BuiltIn().Secret)
			r.answer(a, b, given, contract.JSON, status, jsonHead, body)
			e := r.kept[len(r.kept)-1]
			if e.Hidden != "" || e.Cut {
				t.Fatalf("%s is hidden: %s\n%s", e.Hidden, body, e.Body)
			}
		}
		if wrong := r.again(); len(wrong) > 0 || r.harness != nil {
			t.Fatal(wrong, r.harness)
		}
	})
}

// Whatever an answer is: what is recorded of it comes to the same again, or is listed as hidden.
func TestRecordsRepeatWhateverTheyHold(t *testing.T) {
	junk := rapid.SampledFrom([]string{
		"\xff", "\x00", "\ufeff", `{"Code":"OK","Code":"OK"}`, `{"Signature":{"a":1}}`, `"Signature":12,`, "<BindAxbResponse>", "</Code>", "&#49;", "%2531", "{", "}", "[", `"`, ",", ":",
		"15000000001", "testsecret", "LTAI5tSomethingElse00", `\ud800`, "PhoneNoA", "SecretNo:", "\r\n", "<!DOCTYPE html>", "1e400", "Authorization: ",
	})
	rapid.Check(t, func(t *rapid.T) {
		r := newRecorder(t)
		for range rapid.IntRange(1, 5).Draw(t, "answers") {
			a, b, x := mobile.Draw(t, "A"), rapid.SampledFrom([]string{"15000000001", "", "0571-88992688", "１５０００００００００", "\x00\xff", "1"}).Draw(t, "B"), "17000000000"
			body := answerOf(t, a, a, x, "testsecret")
			for range rapid.IntRange(0, 4).Draw(t, "edits") {
				at := rapid.IntRange(0, len(body)).Draw(t, "at")
				body = body[:at] + junk.Draw(t, "junk") + body[at:]
			}
			body = rapid.SampledFrom([]string{body, string(zipped(body)), body + strings.Repeat("x", 9000), "\xef\xbb\xbf" + body, ""}).Draw(t, "form")
			head := rapid.SampledFrom([]string{jsonHead, "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 15000000001\r\nContent-Type: text/" + a + "\r\nContent-Encoding: gzip\r\n", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("y", 9000) + "\r\n"}).Draw(t, "head")
			format := rapid.SampledFrom([]contract.Format{contract.JSON, contract.XML}).Draw(t, "format")
			r.answer(a, b, rapid.SampledFrom([]string{"", x, b}).Draw(t, "given"), format, 200, head, body)
		}
		if wrong := r.again(); len(wrong) > 0 || r.harness != nil {
			t.Fatal(wrong, r.harness)
		}
	})
}

func zipped(body string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(body))
	_ = w.Close()
	return b.Bytes()
}

// Equality survives across exchanges: a RequestId and a SubsId that come again, an X that two live bindings share, and one that is
// free again after the first was unbound.
func TestRecordsKeepWhatIsTheSame(t *testing.T) {
	r := newRecorder(t)
	const a, b, c, x = "15000000001", "15800000002", "15800000003", "17000000004"
	body := func(id, subs, no string) string {
		return `{"Code":"OK","Message":"OK","RequestId":"` + id + `","SecretBindDTO":{"SubsId":"` + subs + `","SecretNo":"` + no + `"}}`
	}
	for i, step := range []struct{ b, id, subs, broken string }{
		{b, "r1", "s1", ""}, {b, "r2", "s1", ""}, {c, "r3", "s2", "INV-2"}, {c, "r3", "s3", "INV-2 RSP-2"}, {c, "r5", "s1", "INV-1 INV-2"},
	} {
		r.answer(a, step.b, "", contract.JSON, 200, jsonHead, body(step.id, step.subs, x))
		if e := r.kept[i]; e.Broken != step.broken || e.Hidden != "" {
			t.Errorf("step %d breaks %q (hidden %q), want %q", i, e.Broken, e.Hidden, step.broken)
		}
	}
	for _, b := range r.bindings.list {
		r.ids.Unbound(b.prints.Pairs)
		q := r.trial(&testCase{name: "unbind"}).unbindRequest(b)
		q.ends = true
		ex := r.prepared(q)
		r.build(ex)
		ex.failure, ex.started = wire.Reset, true
		r.judge(&testCase{name: "unbind"}, ex)
	}
	r.answer(a, c, "", contract.JSON, 200, jsonHead, body("r9", "s9", x))
	if last := r.kept[len(r.kept)-1]; last.Broken != "" || last.Hidden != "" {
		t.Errorf("after unbinding: breaks %q, hidden %q", last.Broken, last.Hidden)
	}
	if wrong := r.again(); len(wrong) > 0 {
		t.Error(wrong)
	}
}

// An identifier that an endpoint makes of the numbers of a binding shows them nowhere, also not where it is asked for later.
func TestIdentifiersMadeOfNumbers(t *testing.T) {
	r := newRecorder(t)
	const a, b, x = "15012345678", "15887654321", "17011112222"
	body := `{"Code":"` + a + `","Message":"` + b + `","RequestId":"R` + a + `0000","SecretBindDTO":{"SubsId":"S` + a + b + `9","SecretNo":"` + x + `"}}`
	r.answer(a, b, "", contract.JSON, 200, jsonHead, strings.Replace(body, `"Code":"`+a, `"Code":"OK`, 1))
	r.answer(a, b, "", contract.JSON, 200, jsonHead, body)
	n := r.bindings.list[0]
	q := r.trial(&testCase{name: "unbind"}).unbindRequest(n)
	ex := r.prepared(q)
	r.build(ex)
	ex.status, ex.head, ex.body = 200, []byte(jsonHead), []byte(body)
	r.judge(&testCase{name: "unbind"}, ex)
	for _, e := range r.kept {
		text := fmt.Sprintf("%+v %s %s", e, e.Head, e.Body)
		for _, number := range []string{a, b, x} {
			if strings.Contains(text, number) {
				t.Errorf("line %d shows %s: %s", e.Line, number, text)
			}
		}
	}
	if r.kept[2].SubsID == "" || !strings.Contains(string(r.kept[0].Body), r.kept[2].SubsID) {
		t.Errorf("SubsId %q is another than in the answer %s", r.kept[2].SubsID, r.kept[0].Body)
	}
}
