package clients

import (
	"errors"
	"strings"
	"testing"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/auth"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/auth/credentials"
	sdkerrors "github.com/aliyun/alibaba-cloud-sdk-go/sdk/errors"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/dyplsapi"
)

// oldSDK is alibaba-cloud-sdk-go: V1, everything in the query.
type oldSDK struct {
	*dyplsapi.Client
	pool, method, format string
}

func newOldSDK(t *testing.T, k key, method, format string) *oldSDK {
	t.Helper()
	host := endpoint(t)
	var credential auth.Credential = credentials.NewAccessKeyCredential(k.id, k.secret)
	if k.token != "" {
		credential = credentials.NewStsTokenCredential(k.id, k.secret, k.token)
	}
	c, err := dyplsapi.NewClientWithOptions("cn-hangzhou", sdk.NewConfig().WithScheme("HTTP"), credential)
	if err != nil {
		t.Fatal(err)
	}
	c.Domain = host
	return &oldSDK{c, k.pool, method, format}
}

func (c *oldSDK) prepare(r *requests.RpcRequest) {
	r.Method, r.AcceptFormat = c.method, c.format
}

func (c *oldSDK) bind(r request) (code, requestID string, got binding, err error) {
	q := dyplsapi.CreateBindAxbRequest()
	c.prepare(q.RpcRequest)
	q.PoolKey, q.PhoneNoA, q.PhoneNoB, q.PhoneNoX = c.pool, r.a, r.b, r.x
	q.ExpectCity, q.OutId, q.Expiration = r.city, r.outID, expiration()
	q.IsRecordingEnabled = requests.NewBoolean(false)
	a, err := c.BindAxb(q)
	return a.Code, a.RequestId, binding{a.SecretBindDTO.SubsId, a.SecretBindDTO.SecretNo}, err
}

func (c *oldSDK) query(b binding) (code string, got detail, err error) {
	q := dyplsapi.CreateQuerySubscriptionDetailRequest()
	c.prepare(q.RpcRequest)
	q.PoolKey, q.SubsId, q.PhoneNoX = c.pool, b.subsID, b.x
	a, err := c.QuerySubscriptionDetail(q)
	d := &a.SecretBindDetailDTO
	return a.Code, detail{d.SubsId, d.PhoneNoA, d.PhoneNoB, d.PhoneNoX, d.ExpireDate, d.Status, d.NeedRecord}, err
}

func (c *oldSDK) unbind(b binding) (code string, err error) {
	q := dyplsapi.CreateUnbindSubscriptionRequest()
	c.prepare(q.RpcRequest)
	q.PoolKey, q.SubsId, q.SecretNo = c.pool, b.subsID, b.x
	a, err := c.UnbindSubscription(q)
	return a.Code, err
}

// oldWays are how the old SDK can call.
var oldWays = []struct {
	name           string
	key            key
	method, format string
}{
	{"POST", static, requests.POST, "JSON"},
	{"GET", static, requests.GET, "JSON"},
	{"POST XML", static, requests.POST, "XML"},
	{"GET XML", static, requests.GET, "XML"},
	{"POST STS", temporary, requests.POST, "JSON"},
	{"GET STS", temporary, requests.GET, "JSON"},
}

func TestOldSDK(t *testing.T) {
	for _, way := range oldWays {
		t.Run(way.name, func(t *testing.T) { journey(t, newOldSDK(t, way.key, way.method, way.format)) })
	}
}

// serverError is the gateway error that the old SDK made of an answer.
func serverError(t *testing.T, err error) *sdkerrors.ServerError {
	t.Helper()
	var got *sdkerrors.ServerError
	if !errors.As(err, &got) {
		t.Fatalf("error %v: want a ServerError", err)
	}
	return got
}

// TestOldSDKWrongSecret relies on the SDK's own hint: it says that the secret is wrong only if the string to sign that the emulator
// echoes equals its own, to the byte.
func TestOldSDKWrongSecret(t *testing.T) {
	for _, way := range oldWays {
		t.Run(way.name, func(t *testing.T) {
			way.key.secret += "?"
			_, _, _, err := newOldSDK(t, way.key, way.method, way.format).bind(newRequest())
			got := serverError(t, err)
			if got.HttpStatus() != 400 {
				t.Errorf("status %d, want 400", got.HttpStatus())
			}
			if way.format == "XML" { // this SDK reads no errors but JSON ones: the message is the whole body
				if !strings.Contains(got.Message(), "<Code>SignatureDoesNotMatch</Code>") {
					t.Errorf("message %q: want the code in it", got.Message())
				}
				return
			}
			if got.ErrorCode() != "SignatureDoesNotMatch" || !strings.HasPrefix(got.Recommend(), "InvalidAccessKeySecret") {
				t.Errorf("code %s, recommend %q; want SignatureDoesNotMatch, InvalidAccessKeySecret", got.ErrorCode(), got.Recommend())
			}
			if len(got.RequestId()) != 36 || got.HostId() == "" {
				t.Errorf("request id %q, host id %q: want both", got.RequestId(), got.HostId())
			}
		})
	}
}

// TestOldSDKUnknownKey must not get the hint about the secret.
func TestOldSDKUnknownKey(t *testing.T) {
	_, _, _, err := newOldSDK(t, nobody, requests.POST, "JSON").bind(newRequest())
	got := serverError(t, err)
	if got.HttpStatus() != 404 || got.ErrorCode() != "InvalidAccessKeyId.NotFound" || strings.HasPrefix(got.Recommend(), "InvalidAccessKeySecret") {
		t.Errorf("status %d, code %s, recommend %q", got.HttpStatus(), got.ErrorCode(), got.Recommend())
	}
}

// TestOldSDKTooFast gets a business code as an answer, and the gateway's as errors.
func TestOldSDKTooFast(t *testing.T) {
	for _, l := range limits {
		t.Run(l.code, func(t *testing.T) {
			code, err := tooFast(newOldSDK(t, l.key, requests.POST, "JSON"))
			if l.status == 200 {
				want(t, "bind too fast", code, err, l.code)
				return
			}
			if got := serverError(t, err); got.ErrorCode() != l.code || got.HttpStatus() != l.status {
				t.Errorf("code %s, status %d; want %s, %d", got.ErrorCode(), got.HttpStatus(), l.code, l.status)
			}
		})
	}
}
