package conformance

import (
	"slices"

	"axbench/conformance/client"
	"axbench/results"
)

// accountCases hold who may call (ACC): the first two steps of the document.
var accountCases = []testCase{
	{"acc/unknown-key", []string{"ACC-3", "SIG-17"}, nil, func(t *trial) {
		r := t.bind().saying("a bind signed by an access key that does not exist").with(func(d *client.Draft) {
			d.Credentials = client.Credentials{ID: "LTAI" + newNonce()[:12], Secret: newNonce()}
		})
		x := t.refuse(r, unauthenticated, "ACC-3")
		t.gatewayCode(x, "InvalidAccessKeyId.NotFound")
		id := t.credential("").ID
		for _, near := range []struct{ words, id string }{
			{"with a character behind it", id + "x"}, {"without its last character", id[:max(0, len(id)-1)]},
		} {
			r := t.bind().with(func(d *client.Draft) { d.Credentials.ID = near.id })
			t.refuse(r.saying("a bind signed by the access key "+near.words), unauthenticated, "ACC-3")
		}
	}},
	{"acc/other-secret", []string{"ACC-5", "SIG-3", "SIG-17"}, nil, func(t *trial) {
		r := t.bind().saying("a bind signed with another secret").with(func(d *client.Draft) { d.Credentials.Secret = newNonce() })
		x := t.refuse(r, unauthenticated, "ACC-5", "SIG-3")
		t.gatewayCode(x, "SignatureDoesNotMatch")
		for _, name := range []string{"second_of_main_account", "other_account"} {
			if other, ok := t.credentials[name]; ok && other.Secret != t.credential("").Secret {
				r := t.bind().with(func(d *client.Draft) { d.Credentials.Secret = other.Secret })
				t.refuse(r.saying("a bind signed with the secret of another key that works"), unauthenticated, "ACC-5", "SIG-3")
			}
		}
	}},
	{"acc/unverified", []string{"ACC-1"}, []need{needCredential("unverified")}, func(t *trial) {
		want := oneOf(anyRefusal)
		if !t.ownsPool("unverified") { // then a refusal may be for the pool of somebody else
			want = oneOf(anyGateway, "isv.ACCOUNT_*", "isv.PRODUCT_*", "isv.PARTNER_*", "isv.OUT_OF_SERVICE").orSkip(anyRefusal)
		}
		t.refuse(t.bindAs("unverified").saying("a bind of an account that is not verified"), want, "ACC-1")
	}},
	{"acc/inactive", []string{"ACC-2", "SIG-17"}, []need{needCredential("inactive")}, func(t *trial) {
		x := t.refuse(t.bindAs("inactive").saying("a bind signed by an inactive key"), unauthenticated, "ACC-2")
		t.gatewayCode(x, "InvalidAccessKeyId.Inactive", "InvalidAccessKeyId.NotFound", "Forbidden.AccessKeyDisabled")
		t.refuse(t.bindAs("inactive").with(asForm).saying("a form signed by an inactive key"), unauthenticated, "ACC-2")
	}},
	{"acc/deleted", []string{"ACC-3"}, []need{needCredential("deleted")}, func(t *trial) {
		t.refuse(t.bindAs("deleted").saying("a bind signed by a deleted key"), unauthenticated, "ACC-3")
	}},
	{"acc/two-keys", []string{"ACC-4"}, []need{needCredential("second_of_main_account")}, twoKeys},
}

// ownsPool reports whether a pool is declared to be of the account of a credential.
func (t *trial) ownsPool(credential string) bool {
	for _, p := range t.provision.Pools {
		if p.Of == credential {
			return true
		}
	}
	return false
}

// twoKeys binds by each of two keys of one account, which are declared to be active, in one pool; what the one has bound the other
// must conflict with (ACC-4).
func twoKeys(t *trial) {
	const second = "second_of_main_account"
	main := func() *request { return t.bind().saying("a bind signed by the first key of the account") }
	other := func() *request {
		return t.bind().signedBy(second).saying("a bind signed by the second key of the account")
	}
	inactive := []string{"InvalidAccessKeyId.Inactive", "Forbidden.AccessKeyDisabled"}
	x, y := t.send(main()), t.send(other())
	for _, key := range []struct {
		x, control *exchange
		again      func() *request
	}{{x, y, main}, {y, x, other}} {
		switch {
		case key.x.ok():
			t.holds(key.x, true, "OK", "ACC-4")
		case key.x.readable() && key.control.ok():
			again := t.send(key.again())
			if !again.readable() || again.throttled() {
				t.word(again, results.ClauseInconclusive, "OK", "ACC-4")
				continue
			}
			t.holds(again, again.ok(), "OK (the other key of the account is served)", "ACC-4")
		case slices.Contains(inactive, key.x.code):
			t.holds(key.x, false, "OK", "ACC-4")
		default:
			t.word(key.x, results.ClauseInconclusive, "OK", "ACC-4")
		}
	}
	if x.ok() && y.ok() && x.secretNo != "" && y.secretNo != "" {
		t.acrossKeys(x, second, "the second key")
		t.acrossKeys(y, "", "the first key")
	}
}

// acrossKeys binds the A and X of a binding once more by the other key of the account.
func (t *trial) acrossKeys(x *exchange, by, words string) {
	r := t.bind().signedBy(by).set("PhoneNoX", x.secretNo).set("PhoneNoA", x.req.get("PhoneNoA"))
	t.refuseOnce(r.saying("a bind by "+words+" of an A and X that the other has bound"), must("isv.BIND_CONFLICT", "isv.NO_AVAILABLE_NUMBER"), "ACC-4")
}

// gatewayCode judges SIG-17: authentication failures have the gateway's codes with HTTP 4xx.
func (t *trial) gatewayCode(x *exchange, codes ...string) {
	if !x.readable() || x.throttled() || x.faulted() || !t.base.says(x) {
		return
	}
	want := oneOf(codes...)
	ok := x.gateway() && x.status/100 == 4 && want.word(x.code, x.known) == results.ClausePass
	t.holds(x, ok, want.String()+" with HTTP 4xx", "SIG-17")
}
