package contract_test

import (
	"fmt"
	"strings"
	"testing"

	"axbench/conformance/contract"
)

// TestParamsAreTheDocuments: the eight rows of the page, each with its name, type, duty and sample.
func TestParamsAreTheDocuments(t *testing.T) {
	lines := document(t)
	count := 0
	for _, p := range contract.BindAxb.Params {
		if p.Line == 0 {
			if p.Since == contract.Edition2019 || p.Required {
				t.Errorf("%s: not in the document, but since %v, required %v", p.Name, p.Since, p.Required)
			}
			continue
		}
		if p.Line != 39+count || p.Since != contract.Edition2019 {
			t.Errorf("%s: line %d since %v, want line %d of 2019-01", p.Name, p.Line, p.Since, 39+count)
		}
		count++
		duty := map[bool]string{true: "必须", false: "可选"}[p.Required]
		if want := strings.Join([]string{p.Name, p.Type, duty, p.Sample}, " "); !strings.HasPrefix(lines[p.Line], want) {
			t.Errorf("line %d: %q, want it to start with %q", p.Line, lines[p.Line], want)
		}
	}
	if count != 8 {
		t.Errorf("%d parameters of the document, want 8", count)
	}
}

func TestFieldsAreTheDocuments(t *testing.T) {
	lines := document(t)
	var always, onOK []string
	for _, f := range contract.BindAxb.Fields {
		if f.Always {
			always = append(always, f.Path)
		}
		if f.OnOK {
			onOK = append(onOK, f.Path)
		}
		parent, name, nested := strings.Cut(f.Path, ".")
		switch {
		case f.Line == 0:
		case nested && (!strings.Contains(lines[f.Line], parent+"."+name) || !f.OKOnly):
			t.Errorf("line %d: %q, want %s", f.Line, lines[f.Line], f.Path)
		case !nested && !strings.HasPrefix(lines[f.Line], f.Path+" "+f.Type+" "):
			t.Errorf("line %d: %q, want %s %s", f.Line, lines[f.Line], f.Path, f.Type)
		}
	}
	if got := fmt.Sprint(always); got != "[RequestId Code Message]" {
		t.Errorf("always there: %s", got)
	}
	if got := fmt.Sprint(onOK); got != "[SecretBindDTO SecretBindDTO.SubsId SecretBindDTO.SecretNo]" {
		t.Errorf("there on OK: %s", got)
	}
}

func TestOperations(t *testing.T) {
	required := map[string]string{
		"BindAxb":                 "PoolKey PhoneNoA! PhoneNoB Expiration!",
		"UnbindSubscription":      "SubsId! SecretNo!",
		"QuerySubscriptionDetail": "SubsId! PhoneNoX!",
		"UpdateSubscription":      "SubsId! PhoneNoX! OperateType!",
		"QuerySubsId":             "PhoneNoX!",
	}
	if len(contract.Operations) != len(required) {
		t.Errorf("%d operations, want %d", len(contract.Operations), len(required))
	}
	for _, op := range contract.Operations {
		if contract.FindOperation(op.Name) != op {
			t.Errorf("%s is not found", op.Name)
		}
		if op.Root != op.Name+"Response" || op.QPS <= 0 {
			t.Errorf("%s: root %s, %d calls a second", op.Name, op.Root, op.QPS)
		}
		var got []string
		seen := map[string]bool{}
		for _, p := range op.Params {
			if seen[p.Name] || op.FindParam(p.Name).Name != p.Name {
				t.Errorf("%s: parameter %s twice, or not found", op.Name, p.Name)
			}
			seen[p.Name] = true
			if p.Required {
				got = append(got, p.Name+map[bool]string{true: "!"}[p.GatewayRequired])
			} else if p.GatewayRequired {
				t.Errorf("%s: %s is required by the gateway only", op.Name, p.Name)
			}
		}
		if strings.Join(got, " ") != required[op.Name] {
			t.Errorf("%s: required %q, want %q (! by the gateway too)", op.Name, got, required[op.Name])
		}
		for _, common := range contract.CommonParams {
			if seen[common.Name] {
				t.Errorf("%s: %s is a common parameter too", op.Name, common.Name)
			}
		}
	}
	if contract.FindOperation("bindaxb") != nil || contract.FindOperation("Axbbind") != nil || contract.BindAxb.FindParam("phoneNoA") != nil {
		t.Error("names are compared loosely")
	}
}

// TestOwnCodes: what an operation has for itself stands in no list, and is found by it alone.
func TestOwnCodes(t *testing.T) {
	own := 0
	for _, op := range contract.Operations {
		for _, c := range op.Codes {
			own++
			if op.FindCode([]byte(c.Name)) != c || c.Group != contract.Gateway || c.HTTPStatus != 400 || c.EN == "" {
				t.Errorf("%s: %+v", op.Name, *c)
			}
			for _, e := range []contract.Edition{contract.Edition2019, contract.EditionMid2019, contract.EditionCurrent} {
				if e.Find([]byte(c.Name)) != nil {
					t.Errorf("%s is in the list of %v too", c.Name, e)
				}
			}
		}
	}
	if c := contract.QuerySubsID.FindCode([]byte("POOLKEY_NOT_EXIST")); own != 1 || len(contract.OwnCodes()) != 1 || c == nil || c.EN != "poolKey not exsit." {
		t.Errorf("%d codes, POOLKEY_NOT_EXIST: %+v", own, c)
	}
	if contract.BindAxb.FindCode([]byte("POOLKEY_NOT_EXIST")) != nil || contract.QuerySubsID.FindCode([]byte("poolkey_not_exist")) != nil {
		t.Error("a code that the operation does not have was found")
	}
}

func TestWords(t *testing.T) {
	tests := []struct{ got, want string }{
		{contract.JSON.String() + contract.XML.String(), "JSONXML"},
		{contract.Must.String() + contract.Should.String() + contract.May.String(), "MUSTSHOULDMAY"},
		{contract.Success.String() + contract.Business.String() + contract.Gateway.String() + contract.Undocumented.String(), "okbusinessgatewayundocumented"},
		{contract.Edition(9).String() + contract.Format(9).String() + contract.Level(9).String() + contract.Group(9).String(), "Edition(9)Format(9)Level(9)Group(9)"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
	for in, want := range map[string]contract.Format{"JSON": contract.JSON, "json": contract.JSON, "Xml": contract.XML} {
		if got, err := contract.ParseFormat(in); err != nil || got != want {
			t.Errorf("%s: %v, %v", in, got, err)
		}
	}
	if _, err := contract.ParseFormat("YAML"); err == nil {
		t.Error("YAML is accepted")
	}
}
