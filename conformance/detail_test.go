package conformance

import (
	"testing"

	"axbench/conformance/contract"
)

func TestSubscriptionReadsFieldsAsText(t *testing.T) {
	x := &exchange{req: &request{op: contract.QuerySubscriptionDetail}, code: "OK"}
	x.body = []byte(`{"Code":"OK","SecretBindDetailDTO":{"PhoneNoA":"15000000000","NeedRecord":false,"Status":1}}`)
	fields, ok := x.subscription()
	if !ok || fields["PhoneNoA"] != "15000000000" || fields["NeedRecord"] != "false" || fields["Status"] != "1" {
		t.Errorf("got %v %v", fields, ok)
	}
	x.body = []byte(`{"Code":"OK"}`)
	if _, ok := x.subscription(); ok {
		t.Error("an answer without the object has a subscription")
	}
}

func TestShowsComparesHiddenDigits(t *testing.T) {
	for _, c := range []struct {
		answered string
		want     bool
	}{{"15000000001", true}, {"150****0001", true}, {"150****0002", false}, {"***********", false}, {"1500000001", false}, {"", false}} {
		if got := shows(c.answered, "15000000001"); got != c.want {
			t.Errorf("%q: %v", c.answered, got)
		}
	}
}
