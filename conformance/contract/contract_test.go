package contract_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"axbench/conformance/contract"
)

// document reads the retyped lines of the page, by number.
func document(t *testing.T) map[int]string {
	t.Helper()
	data, err := os.ReadFile("testdata/bindaxb-doc.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := map[int]string{}
	for line := range strings.Lines(string(data)) {
		number, text, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if n, err := strconv.Atoi(number); ok && err == nil {
			lines[n] = text
		}
	}
	if len(lines) < 40 {
		t.Fatalf("%d lines of the document, want at least 40", len(lines))
	}
	return lines
}

// TestCodesAreTheDocuments: the 23 rows in their order, each with the page's own text, and no row left over.
func TestCodesAreTheDocuments(t *testing.T) {
	lines := document(t)
	codes := contract.Edition2019.Codes()
	if len(codes) != 23 {
		t.Errorf("%d codes, want 23", len(codes))
	}
	for i, c := range codes {
		if c.Line != 131+i {
			t.Errorf("%s: line %d, want %d", c.Name, c.Line, 131+i)
		}
		if got := c.Name + " " + c.ZH; got != lines[c.Line] {
			t.Errorf("line %d: %q, want %q", c.Line, got, lines[c.Line])
		}
		if c.EN == "" || c.HTTPStatus != 200 || c.Since != contract.Edition2019 {
			t.Errorf("%s: incomplete: %+v", c.Name, *c)
		}
		if want := map[bool]contract.Group{true: contract.Success, false: contract.Business}[c.Name == "OK"]; c.Group != want {
			t.Errorf("%s: group %v, want %v", c.Name, c.Group, want)
		}
	}
	if last := codes[len(codes)-1].Line; lines[last+1] != "" {
		t.Errorf("the page goes on behind line %d", last)
	}
}

func TestEditions(t *testing.T) {
	names := func(e contract.Edition) (list []string) {
		for _, c := range e.Codes() {
			list = append(list, c.Name)
			if !c.Editions[e] || c.Since > e {
				t.Errorf("%s in %v: listed, but Editions %v, Since %v", c.Name, e, c.Editions, c.Since)
			}
		}
		return list
	}
	without := func(a, b []string) (list []string) {
		for _, name := range a {
			if !slices.Contains(b, name) {
				list = append(list, name)
			}
		}
		return list
	}
	first, mid, now := names(contract.Edition2019), names(contract.EditionMid2019), names(contract.EditionCurrent)
	tests := []struct {
		what string
		got  []string
		want string
	}{
		{"gone in mid-2019", without(first, mid), "[isv.PRODUCT_UNSUBSCRIBE]"},
		{"new in mid-2019", without(mid, first), "[]"},
		{"gone today", without(first, now), "[isp.VENDOR_UNAVAILABLE isv.PARTNER_IS_CLOSED isv.NO_USED_BY_OTHERS isv.VENDOR_BIND_FAILED]"},
		{"new today", without(now, first), "[isv.SUBS_NOT_EXIST isv.BUY_NUM_OVER_LIMIT isv.POOLKEY_NOT_EXISTS isp.GATEWAY_ERROR isv.INVALID_PARAMETERS isv.UPDATE_CONFLICT]"},
	}
	for _, tt := range tests {
		if got := fmt.Sprint(tt.got); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.what, got, tt.want)
		}
	}
	for _, e := range []contract.Edition{contract.Edition2019, contract.EditionMid2019, contract.EditionCurrent} {
		if back, err := contract.ParseEdition(e.String()); err != nil || back != e {
			t.Errorf("%v reads back as %v, %v", e, back, err)
		}
	}
	if _, err := contract.ParseEdition("2018"); err == nil || !strings.Contains(err.Error(), "2019-06") {
		t.Errorf("2018: %v", err)
	}
}

func TestFind(t *testing.T) {
	tests := []struct {
		edition contract.Edition
		code    string
		want    string // name of the row; "" for undocumented
		group   contract.Group
	}{
		{contract.Edition2019, "OK", "OK", contract.Success},
		{contract.Edition2019, "isv.BIND_CONFLICT", "isv.BIND_CONFLICT", contract.Business},
		{contract.Edition2019, "isv.SUBS_NOT_EXIST", "", 0},
		{contract.EditionCurrent, "isv.SUBS_NOT_EXIST", "isv.SUBS_NOT_EXIST", contract.Business},
		{contract.EditionMid2019, "isv.PRODUCT_UNSUBSCRIBE", "", 0},
		{contract.Edition2019, "SignatureDoesNotMatch", "SignatureDoesNotMatch", contract.Gateway},
		{contract.Edition2019, "InvalidTimeStamp.Expired", "InvalidTimeStamp.Expired", contract.Gateway},
		{contract.Edition2019, "MissingPhoneNoA", "Missing*", contract.Gateway},
		{contract.Edition2019, "MissingParameter", "MissingParameter", contract.Gateway},
		{contract.EditionCurrent, "InvalidPoolKey", "Invalid*", contract.Gateway},
		{contract.Edition2019, "Throttling", "Throttling", contract.Gateway},
		{contract.Edition2019, "Throttling.User", "Throttling.User", contract.Gateway},
		{contract.Edition2019, "Throttling.Else", "Throttling*", contract.Gateway},
		{contract.Edition2019, "Missing", "", 0},
		{contract.Edition2019, "Invalid", "", 0},
		{contract.Edition2019, "Missing*", "", 0},
		{contract.Edition2019, "Invalid<script>", "", 0},
		{contract.Edition2019, "Missing PoolKey", "", 0},
		{contract.Edition2019, "Missing号", "", 0},
		{contract.Edition2019, "missingPoolKey", "", 0},
		{contract.Edition2019, "ok", "", 0},
		{contract.Edition2019, "OK ", "", 0},
		{contract.Edition2019, "isv.bind_conflict", "", 0},
		{contract.Edition2019, "isv.BIND_CONFLICT\n", "", 0},
		{contract.Edition2019, "", "", 0},
	}
	for _, tt := range tests {
		c := tt.edition.Find([]byte(tt.code))
		switch {
		case c == nil && tt.want != "":
			t.Errorf("%v %q: undocumented, want %s", tt.edition, tt.code, tt.want)
		case c != nil && (c.Name != tt.want || c.Group != tt.group):
			t.Errorf("%v %q: %s of group %v, want %q of group %v", tt.edition, tt.code, c.Name, c.Group, tt.want, tt.group)
		}
	}
	if contract.Edition2019.Find(nil) != nil {
		t.Error("nil has a row")
	}
}

func TestFindDoesNotAllocate(t *testing.T) {
	for _, code := range []string{"OK", "isv.FLOW_LIMIT", "MissingPhoneNoA", "nobody.KNOWS"} {
		bytes := []byte(code)
		if n := testing.AllocsPerRun(100, func() { contract.Edition2019.Find(bytes) }); n != 0 {
			t.Errorf("Find(%q): %v allocations, want none", code, n)
		}
	}
}

func TestGatewayCodes(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range contract.GatewayCodes() {
		if seen[c.Name] {
			t.Errorf("%s: twice", c.Name)
		}
		seen[c.Name] = true
		if c.Group != contract.Gateway || c.HTTPStatus < 400 || c.HTTPStatus > 599 || c.EN == "" || c.ZH != "" || c.Line != 0 {
			t.Errorf("%s: %+v", c.Name, *c)
		}
		if strings.HasSuffix(c.Name, "*") {
			continue
		}
		for _, e := range []contract.Edition{contract.Edition2019, contract.EditionMid2019, contract.EditionCurrent} {
			if e.Find([]byte(c.Name)) != c {
				t.Errorf("%s: not found in %v", c.Name, e)
			}
		}
	}
	for _, name := range []string{"SignatureDoesNotMatch", "SignatureNonceUsed", "InvalidAccessKeyId.NotFound", "Missing*", "Invalid*", "Throttling*"} {
		if !seen[name] {
			t.Errorf("%s: missing", name)
		}
	}
	want := contract.Edition2019.Find([]byte("SignatureDoesNotMatch")).EN
	if !strings.HasPrefix(contract.MismatchV1, want) {
		t.Errorf("MismatchV1 %q does not start with %q", contract.MismatchV1, want)
	}
}

// TestCodesAreCopies: a caller that reorders its list changes no other's.
func TestCodesAreCopies(t *testing.T) {
	contract.Edition2019.Codes()[0] = nil
	contract.GatewayCodes()[0] = nil
	if contract.Edition2019.Codes()[0] == nil || contract.GatewayCodes()[0] == nil {
		t.Error("the lists are shared")
	}
}
