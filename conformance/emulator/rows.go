package emulator

import (
	"strings"

	"axbench/conformance/contract"
	"axbench/conformance/numbers"
)

// row is one code that the emulator can answer, and what became of its answers.
type row struct {
	name    string
	message string
	status  int
	gateway bool // has the form of a gateway error
	record  record

	before, behind []byte // of a business answer in JSON: what stands around the RequestId, up to the fields of a success
}

// rows are all codes by name. The table is fixed, so that answering takes no lock.
type rows struct {
	byName   map[string]*row
	refusals []*row // by numbers.Refusal

	ok, flow, illegal, expire, mobile, forbidden                                      *row
	mismatch, incomplete, keyUnknown, keyInactive, nonceUsed, timeExpired, timeFormat *row
	version, action, product, format, method, signatureMethod, noToken                *row
	tokenMismatch, notParameter, signatureVersion, unreadable                         *row
}

// newRows makes the table from the document, with Missing<Name> and Invalid<Name> for every parameter it knows.
func newRows(cfg *Config) *rows {
	t := &rows{byName: map[string]*row{}}
	for _, e := range []contract.Edition{contract.Edition2019, contract.EditionMid2019, contract.EditionCurrent} {
		for _, c := range e.Codes() {
			t.add(&row{name: c.Name, message: c.ZH, status: 200})
		}
	}
	for _, c := range contract.GatewayCodes() {
		if !strings.HasSuffix(c.Name, "*") {
			t.add(&row{name: c.Name, message: c.EN, status: c.HTTPStatus, gateway: true})
		}
	}
	params := append([]contract.Param(nil), contract.CommonParams...)
	for _, op := range contract.Operations {
		params = append(params, op.Params...)
	}
	for _, p := range params {
		t.add(&row{name: "Missing" + p.Name, message: p.Name + " is mandatory for this action.", status: 400, gateway: true})
		t.add(&row{name: "Invalid" + p.Name, message: "Specified parameter " + p.Name + " is not valid.", status: 400, gateway: true})
	}
	t.add(&row{name: "InvalidParameter", message: "Specified parameter is not valid.", status: 400, gateway: true})
	t.add(&row{name: "InvalidRequest", message: "The request cannot be read.", status: 400, gateway: true})
	t.add(&row{name: "FlowLimited", message: "Request was denied due to flow limit.", status: 400, gateway: true}) // of sister operations
	for _, j := range cfg.Codes {
		t.addNamed(j.Code)
	}
	for _, g := range cfg.Triggers {
		t.addNamed(g.Code)
	}
	t.ok = t.find("OK")
	t.ok.message = "OK" // as every real answer has it, not 请求成功
	t.named()
	for _, r := range t.byName {
		r.before = append(appendJSON([]byte(`{"Message":"`), r.message), `","RequestId":"`...)
		r.behind = []byte(`","Code":"` + r.name + `"`)
	}
	for r := numbers.None; r <= numbers.Past; r++ {
		t.refusals = append(t.refusals, t.find(r.Code()))
	}
	return t
}

func (t *rows) named() {
	for to, name := range map[**row]string{
		&t.flow: "isv.FLOW_LIMIT", &t.illegal: "isv.ILLEGAL_ARGUMENT", &t.expire: "isv.EXPIRE_DATE_ILLEGAL",
		&t.mobile: "isv.MOBILE_NUMBER_ILLEGAL", &t.forbidden: "isv.FORBIDDEN_ACTION",
		&t.mismatch: "SignatureDoesNotMatch", &t.incomplete: "IncompleteSignature", &t.keyUnknown: "InvalidAccessKeyId.NotFound", &t.keyInactive: "InvalidAccessKeyId.Inactive",
		&t.nonceUsed: "SignatureNonceUsed", &t.timeExpired: "InvalidTimeStamp.Expired", &t.timeFormat: "InvalidTimeStamp.Format",
		&t.version: "InvalidVersion", &t.action: "InvalidAction.NotFound", &t.product: "InvalidProduct.NotFound",
		&t.format: "InvalidParameter.Format", &t.method: "UnsupportedHTTPMethod", &t.signatureMethod: "InvalidSignatureMethod",
		&t.noToken: "MissingSecurityToken", &t.tokenMismatch: "InvalidSecurityToken.MismatchWithAccessKey",
		&t.notParameter: "InvalidParameter", &t.signatureVersion: "InvalidSignatureVersion", &t.unreadable: "InvalidRequest",
	} {
		*to = t.find(name)
	}
}

// add keeps the first row of a name.
func (t *rows) add(r *row) {
	if t.byName[r.name] == nil {
		t.byName[r.name] = r
	}
}

// addNamed adds the row of a code that a configuration names.
func (t *rows) addNamed(name string) {
	if c := findCode(name); c != nil && c.Group == contract.Gateway {
		t.add(&row{name: name, message: c.EN, status: c.HTTPStatus, gateway: true})
		return
	}
	t.add(&row{name: name, message: name, status: 200})
}

// find returns the row of a name that is in the table.
func (t *rows) find(name string) *row {
	r := t.byName[name]
	if r == nil {
		panic("emulator: no row for code " + name)
	}
	return r
}

// invalid returns the row of Invalid<name>, or the one for parameters that the document does not know.
func (t *rows) invalid(name string) *row {
	if r := t.byName["Invalid"+name]; r != nil {
		return r
	}
	return t.notParameter
}

// counts returns how often each code was answered, without those that never were.
func (t *rows) counts() map[string]int64 {
	out := map[string]int64{}
	for name, r := range t.byName {
		if n := r.record.total(); n > 0 {
			out[name] = n
		}
	}
	return out
}
