package clients

import (
	"errors"
	"strings"
	"testing"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/alibabacloud-go/tea/tea"
)

// Where generic puts the parameters of an operation.
const (
	inQuery = "query"
	inForm  = "form"
	inJSON  = "json"
	inBoth  = "both" // query and JSON body, as the product's Go SDK v1.0.3 does
)

// generic is darabonba-openapi's CallApi, on which all newer Go SDKs stand. It signs with V3, or V1 where the algorithm is "v2".
type generic struct {
	*openapi.Client
	pool, method, place string
	xml                 bool // ask for XML
}

// way is how generic calls.
type way struct {
	name                     string
	key                      key
	algorithm, method, place string
}

// ways are how generic is tried.
var ways = []way{
	{"V3 query", static, "", "POST", inQuery},
	{"V3 GET", static, "", "GET", inQuery},
	{"V3 form", static, "", "POST", inForm},
	{"V3 JSON", static, "", "POST", inJSON},
	{"V3 both", static, "", "POST", inBoth},
	{"V3 STS query", temporary, "", "POST", inQuery},
	{"V3 STS form", temporary, "", "POST", inForm},
	{"V1 query", static, "v2", "POST", inQuery},
	{"V1 GET", static, "v2", "GET", inQuery},
	{"V1 form", static, "v2", "POST", inForm},
	{"V1 STS query", temporary, "v2", "POST", inQuery},
	{"V1 STS form", temporary, "v2", "POST", inForm},
}

// newGeneric makes a client. typed asks for the errors' own types, which are folded into one otherwise.
func newGeneric(t *testing.T, w way, typed bool) *generic {
	t.Helper()
	config := &utils.Config{
		AccessKeyId:     dara.String(w.key.id),
		AccessKeySecret: dara.String(w.key.secret),
		Endpoint:        dara.String(endpoint(t)),
		Protocol:        dara.String("http"),
	}
	if w.key.token != "" {
		config.SecurityToken = dara.String(w.key.token)
	}
	if w.algorithm != "" {
		config.SignatureAlgorithm = dara.String(w.algorithm)
	}
	c, err := openapi.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	c.DisableSDKError = dara.Bool(typed)
	return &generic{Client: c, pool: w.key.pool, method: w.method, place: w.place}
}

// call makes a call and converts the answer's body as the product SDKs do, with the client's own helper.
func (c *generic) call(action string, params map[string]string, answer any) error {
	kind := "formData"
	if c.place == inJSON || c.place == inBoth {
		kind = "json"
	}
	r, body := &utils.OpenApiRequest{}, "json"
	if c.xml {
		r.Headers, body = map[string]*string{"accept": dara.String("application/xml")}, "string"
	}
	if c.place == inQuery || c.place == inBoth {
		r.Query = map[string]*string{}
		for k, v := range params {
			r.Query[k] = dara.String(v)
		}
	}
	if c.place != inQuery {
		r.Body = params
	}
	result, err := c.CallApi(&utils.Params{
		Action: dara.String(action), Version: dara.String("2017-05-25"), Style: dara.String("RPC"), AuthType: dara.String("AK"),
		Protocol: dara.String("HTTPS"), // what the product SDKs say here; the client's own counts
		Pathname: dara.String("/"), Method: dara.String(c.method), ReqBodyType: dara.String(kind), BodyType: dara.String(body),
	}, r, &dara.RuntimeOptions{})
	if err != nil {
		return err
	}
	if text, ok := result["body"].(string); ok {
		return dara.Convert(dara.ParseXml(text, nil)[action+"Response"], answer)
	}
	return dara.Convert(result["body"], answer)
}

// The answers, as the product's Go SDK declares them.
type (
	bindAnswer struct {
		Code          *string `json:"Code"`
		RequestID     *string `json:"RequestId"`
		SecretBindDTO *struct {
			SubsID   *string `json:"SubsId"`
			SecretNo *string `json:"SecretNo"`
		} `json:"SecretBindDTO"`
	}
	detailAnswer struct {
		Code                *string `json:"Code"`
		SecretBindDetailDTO *struct {
			SubsID     *string `json:"SubsId"`
			PhoneNoA   *string `json:"PhoneNoA"`
			PhoneNoB   *string `json:"PhoneNoB"`
			PhoneNoX   *string `json:"PhoneNoX"`
			ExpireDate *string `json:"ExpireDate"`
			Status     *int64  `json:"Status"`
			NeedRecord *bool   `json:"NeedRecord"`
		} `json:"SecretBindDetailDTO"`
	}
	codeAnswer struct {
		Code *string `json:"Code"`
	}
)

func (c *generic) bind(r request) (code, requestID string, got binding, err error) {
	params := map[string]string{"PoolKey": c.pool, "PhoneNoA": r.a, "PhoneNoB": r.b, "ExpectCity": r.city, "OutId": r.outID,
		"Expiration": expiration(), "IsRecordingEnabled": "false"}
	if r.x != "" {
		params["PhoneNoX"] = r.x
	}
	var a bindAnswer
	err = c.call("BindAxb", params, &a)
	if d := a.SecretBindDTO; d != nil {
		got = binding{dara.StringValue(d.SubsID), dara.StringValue(d.SecretNo)}
	}
	return dara.StringValue(a.Code), dara.StringValue(a.RequestID), got, err
}

func (c *generic) query(b binding) (code string, got detail, err error) {
	var a detailAnswer
	err = c.call("QuerySubscriptionDetail", map[string]string{"PoolKey": c.pool, "SubsId": b.subsID, "PhoneNoX": b.x}, &a)
	if d := a.SecretBindDetailDTO; d != nil {
		got = detail{dara.StringValue(d.SubsID), dara.StringValue(d.PhoneNoA), dara.StringValue(d.PhoneNoB), dara.StringValue(d.PhoneNoX),
			dara.StringValue(d.ExpireDate), dara.Int64Value(d.Status), dara.BoolValue(d.NeedRecord)}
	}
	return dara.StringValue(a.Code), got, err
}

func (c *generic) unbind(b binding) (code string, err error) {
	var a codeAnswer
	err = c.call("UnbindSubscription", map[string]string{"PoolKey": c.pool, "SubsId": b.subsID, "SecretNo": b.x}, &a)
	return dara.StringValue(a.Code), err
}

func TestGeneric(t *testing.T) {
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) { journey(t, newGeneric(t, w, false)) })
	}
}

// TestGenericWrongSecret wants the client's one error type, and with the conversion off the one of its own.
func TestGenericWrongSecret(t *testing.T) {
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			w.key.secret += "?"
			_, _, _, err := newGeneric(t, w, false).bind(newRequest())
			var folded *tea.SDKError
			if !errors.As(err, &folded) {
				t.Fatalf("error %T %v: want a *tea.SDKError", err, err)
			}
			if tea.StringValue(folded.Code) != "SignatureDoesNotMatch" || tea.IntValue(folded.StatusCode) != 400 {
				t.Errorf("code %s, status %d; want SignatureDoesNotMatch, 400", tea.StringValue(folded.Code), tea.IntValue(folded.StatusCode))
			}
			_, _, _, err = newGeneric(t, w, true).bind(newRequest())
			refused(t, err, "SignatureDoesNotMatch", 400)
		})
	}
}

// refused wants a ClientError with a code and a status.
func refused(t *testing.T, err error, code string, status int) {
	t.Helper()
	var got *openapi.ClientError
	if !errors.As(err, &got) {
		t.Fatalf("error %T %v: want a *client.ClientError", err, err)
	}
	if dara.StringValue(got.Code) != code || dara.IntValue(got.StatusCode) != status || len(dara.StringValue(got.RequestId)) != 36 {
		t.Errorf("code %s, status %d, request id %q; want %s, %d and a UUID", dara.StringValue(got.Code), dara.IntValue(got.StatusCode),
			dara.StringValue(got.RequestId), code, status)
	}
}

// TestGenericXML asks for XML, which the client's helper reads. An error it reads itself, but only if the Content-Type is
// text/xml;charset=utf-8 to the letter.
func TestGenericXML(t *testing.T) {
	w := way{key: static, method: "POST", place: inQuery}
	c := newGeneric(t, w, true)
	c.xml = true
	b := bound(t, c, newRequest())
	code, err := c.unbind(b)
	want(t, "unbind", code, err, "OK")
	w.key.id = "nobody"
	c = newGeneric(t, w, true)
	c.xml = true
	_, _, _, err = c.bind(newRequest())
	refused(t, err, "InvalidAccessKeyId.NotFound", 404)
}

// TestGenericStaleToken is a temporary key without its token, and with another one.
func TestGenericStaleToken(t *testing.T) {
	for _, w := range ways {
		if w.key != temporary {
			continue
		}
		t.Run(w.name, func(t *testing.T) {
			w.key.token = ""
			_, _, _, err := newGeneric(t, w, true).bind(newRequest())
			refused(t, err, "MissingSecurityToken", 400)
			w.key.token = "another"
			_, _, _, err = newGeneric(t, w, true).bind(newRequest())
			refused(t, err, "InvalidSecurityToken.MismatchWithAccessKey", 400)
		})
	}
}

// TestGenericTooFast gets a business code as an answer, and Throttling.* as the error that says when to try again.
func TestGenericTooFast(t *testing.T) {
	for _, algorithm := range []string{"", "v2"} {
		for _, l := range limits {
			t.Run(algorithm+" "+l.code, func(t *testing.T) {
				code, err := tooFast(newGeneric(t, way{key: l.key, algorithm: algorithm, method: "POST", place: inQuery}, true))
				switch {
				case l.status == 200:
					want(t, "bind too fast", code, err, l.code)
				case strings.HasPrefix(l.code, "Throttling."):
					throttled(t, err, l.code, l.status)
				default:
					refused(t, err, l.code, l.status)
				}
			})
		}
	}
}

// throttled wants a ThrottlingError with a time to wait, which the client takes from the headers x-ratelimit-user-api and
// x-ratelimit-user: no longer than until the next call of the minute.
func throttled(t *testing.T, err error, code string, status int) {
	t.Helper()
	var got *openapi.ThrottlingError
	if !errors.As(err, &got) {
		t.Fatalf("error %T %v: want a *client.ThrottlingError", err, err)
	}
	if dara.StringValue(got.Code) != code || dara.IntValue(got.StatusCode) != status {
		t.Errorf("code %s, status %d; want %s, %d", dara.StringValue(got.Code), dara.IntValue(got.StatusCode), code, status)
	}
	if got.RetryAfter == nil || *got.RetryAfter <= 0 || *got.RetryAfter > time.Minute.Milliseconds() {
		t.Errorf("RetryAfter %d ms: want up to a minute", dara.Int64Value(got.RetryAfter))
	}
}
