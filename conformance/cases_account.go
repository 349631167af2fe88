package conformance

import (
	"axbench/conformance/client"
)

// accountCases hold who may call (ACC): the first two steps of the document.
var accountCases = []testCase{
	{"acc/unknown-key", []string{"ACC-3", "SIG-17"}, nil, func(t *trial) {
		r := t.bind().saying("a bind signed by an access key that does not exist").with(func(d *client.Draft) {
			d.Credentials = client.Credentials{ID: "LTAI" + newNonce()[:12], Secret: newNonce()}
		})
		x := t.refuse(r, oneOf(anyRefusal), "ACC-3")
		t.gatewayCode(x, "InvalidAccessKeyId.NotFound")
	}},
	{"acc/other-secret", []string{"ACC-5", "SIG-3", "SIG-17"}, nil, func(t *trial) {
		r := t.bind().saying("a bind signed with another secret").with(func(d *client.Draft) { d.Credentials.Secret = newNonce() })
		x := t.refuse(r, oneOf(anyRefusal), "ACC-5", "SIG-3")
		t.gatewayCode(x, "SignatureDoesNotMatch")
	}},
	{"acc/unverified", []string{"ACC-1"}, []need{needCredential("unverified")}, func(t *trial) {
		t.refuse(t.bindAs("unverified").saying("a bind of an account that is not verified"), oneOf(anyRefusal), "ACC-1")
	}},
	{"acc/inactive", []string{"ACC-2", "SIG-17"}, []need{needCredential("inactive")}, func(t *trial) {
		x := t.refuse(t.bindAs("inactive").saying("a bind signed by an inactive key"), oneOf(anyRefusal), "ACC-2")
		t.gatewayCode(x, "InvalidAccessKeyId.Inactive", "Forbidden.AccessKeyDisabled")
	}},
	{"acc/deleted", []string{"ACC-3"}, []need{needCredential("deleted")}, func(t *trial) {
		t.refuse(t.bindAs("deleted").saying("a bind signed by a deleted key"), oneOf(anyRefusal), "ACC-3")
	}},
	{"acc/two-keys", []string{"ACC-4"}, []need{needCredential("second_of_main_account")}, func(t *trial) {
		const second = "second_of_main_account"
		first := t.accept(t.bind(), nil, "ACC-4")
		t.accept(t.bind().signedBy(second).saying("a bind signed by the second key of the account"), []string{anyRefusal}, "ACC-4")
		if !first.ok() {
			return
		}
		r := t.bind().signedBy(second).set("PhoneNoX", first.secretNo).set("PhoneNoA", first.req.get("PhoneNoA"))
		t.refuseOnce(r.saying("a bind by the second key of an A and X that the first key has bound"), must("isv.BIND_CONFLICT", "isv.NO_AVAILABLE_NUMBER"), "ACC-4")
	}},
}

// gatewayCode judges SIG-17: authentication failures have the gateway's codes with HTTP 4xx.
func (t *trial) gatewayCode(x *exchange, codes ...string) {
	if !x.readable() {
		return
	}
	want := oneOf(codes...)
	ok := x.gateway() && x.status/100 == 4 && want.word(x.code, x.known) == "PASS"
	t.holds(x, ok, want.String()+" with HTTP 4xx", "SIG-17")
}
