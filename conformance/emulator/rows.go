package emulator

import (
	"cmp"
	"net/http"
	"slices"
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
	denial  bool // of the gateway, and says what was not permitted
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
	tokenMismatch, tokenExpired, tokenMalformed, noPool                               *row
	notParameter, signatureVersion, unreadable                                        *row
}

// newRows makes the table from the document, with Missing<Name> and Invalid<Name> for every parameter it knows.
func newRows(cfg *Config) *rows {
	t := &rows{byName: map[string]*row{}}
	for _, e := range []contract.Edition{contract.Edition2019, contract.EditionMid2019, contract.EditionCurrent} {
		for _, c := range e.Codes() {
			t.addCode(cfg, c)
		}
	}
	for _, c := range append(contract.GatewayCodes(), contract.OwnCodes()...) {
		if !strings.HasSuffix(c.Name, "*") {
			t.addCode(cfg, c)
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
		t.addNamed(cfg, j.Code)
	}
	for _, g := range cfg.Triggers {
		t.addNamed(cfg, g.Code)
	}
	t.named()
	t.choose(&cfg.Choices)
	for _, r := range t.byName {
		r.before = append(appendJSON([]byte(`{"Message":"`), r.message), `","RequestId":"`...)
		r.behind = []byte(`","Code":"` + r.name + `"`)
	}
	for r := numbers.None; r <= numbers.Past; r++ {
		t.refusals = append(t.refusals, t.find(r.Code()))
	}
	return t
}

// named finds the rows that the code speaks of.
func (t *rows) named() {
	t.ok = t.find("OK")
	for to, name := range map[**row]string{
		&t.flow: "isv.FLOW_LIMIT", &t.illegal: "isv.ILLEGAL_ARGUMENT", &t.expire: "isv.EXPIRE_DATE_ILLEGAL",
		&t.mobile: "isv.MOBILE_NUMBER_ILLEGAL", &t.forbidden: "isv.FORBIDDEN_ACTION",
		&t.mismatch: "SignatureDoesNotMatch", &t.incomplete: "IncompleteSignature", &t.keyUnknown: "InvalidAccessKeyId.NotFound", &t.keyInactive: "InvalidAccessKeyId.Inactive",
		&t.nonceUsed: "SignatureNonceUsed", &t.timeExpired: "InvalidTimeStamp.Expired", &t.timeFormat: "InvalidTimeStamp.Format",
		&t.tokenExpired: "InvalidSecurityToken.Expired", &t.tokenMalformed: "InvalidSecurityToken.Malformed", &t.noPool: "POOLKEY_NOT_EXIST",
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

// addCode adds the row of a documented code.
func (t *rows) addCode(cfg *Config, c *contract.Code) {
	if c.Group == contract.Gateway {
		t.addGateway(c.Name, c)
		return
	}
	r := &row{name: c.Name, message: c.ZH, status: http.StatusOK}
	switch cfg.Choices.Message {
	case "english":
		r.message = c.EN
	case "code":
		r.message = c.Name
	}
	t.add(r)
}

func (t *rows) addGateway(name string, c *contract.Code) {
	t.add(&row{name: name, message: c.EN, status: c.HTTPStatus, gateway: true,
		denial: name == "NoPermission" || name == "Forbidden.RAM"})
}

// addNamed adds the row of a code that a configuration names.
func (t *rows) addNamed(cfg *Config, name string) {
	switch c := findCode(name); {
	case c == nil:
		t.add(&row{name: name, message: name, status: http.StatusOK})
	case c.Group == contract.Gateway: // of a family, such as Throttling.Else
		t.addGateway(name, c)
	default:
		t.addCode(cfg, c)
	}
}

// authFailures are the codes of calls that were not let in.
var authFailures = []string{"SignatureDoesNotMatch", "IncompleteSignature", "InvalidAccessKeyId.NotFound", "InvalidAccessKeyId.Inactive", "SignatureNonceUsed",
	"InvalidTimeStamp.Expired", "InvalidTimeStamp.Format", "InvalidSignatureMethod", "InvalidSignatureVersion", "MissingSecurityToken",
	"InvalidSecurityToken.Expired", "InvalidSecurityToken.Malformed", "InvalidSecurityToken.MismatchWithAccessKey", "MissingAccessKeyId", "MissingSignatureMethod",
	"MissingSignatureVersion", "MissingSignatureNonce", "MissingTimestamp", "MissingSignature"}

// choose gives the rows what is a matter of choice: statuses, and the Message of OK, which is OK in every real answer and not
// the page's 请求成功.
func (t *rows) choose(c *Choices) {
	t.ok.message = cmp.Or(c.OKMessage, "OK")
	for _, r := range t.byName {
		switch {
		case r.gateway && c.AuthStatus != 0 && slices.Contains(authFailures, r.name):
			r.status = c.AuthStatus
		case !r.gateway && r != t.ok && c.BusinessStatus != 0:
			r.status = c.BusinessStatus
		}
	}
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
