package client

import (
	"crypto/hmac"
	"encoding/base64"
	"hash"
	"slices"
	"strconv"
	"time"

	"axbench/conformance/contract"
	"axbench/conformance/signature"
)

// Draft is one call with a V1 signature of which every part can be made wrong on purpose. Its zero value but for Action,
// Nonce, Time and Credentials is a correct GET that asks for JSON. It is for tests of endpoints: Signer makes calls in
// number.
type Draft struct {
	Action      string
	Params      []signature.Param // of the operation, decoded, in any order
	Credentials Credentials
	Nonce       string
	Time        time.Time

	Method string // GET or POST; "" is GET, or POST with Form or Beside
	Form   bool   // everything in an x-www-form-urlencoded body
	Format string // value of Format; "" is JSON

	// What is wrong on purpose. Each is done at its step, in this order.
	Set       []signature.Param                         // before signing: parameters of this name get this value, or are added
	Drop      []string                                  // before signing: parameters that are left out
	SignAs    string                                    // the method that is signed; "" is Method
	BareKey   bool                                      // the key is the secret without the "&" behind it
	Hash      func() hash.Hash                          // of the HMAC; nil is SHA-1
	Spoil     func(signature string) string             // what is sent as Signature; nil sends the right one
	OmitSign  bool                                      // no parameter Signature
	Rearrange func([]signature.Param) []signature.Param // after signing: what goes out, Signature last; nil leaves it
	Escape    func(dst []byte, s string) []byte         // of names and values on the wire; nil is the canonical form
	Headers   []signature.Header                        // sent beside the usual ones
	Beside    []signature.Param                         // a form body that nobody signed, beside the query of a POST
}

// Built is a Draft as bytes. Signature is the one computed, whether or not it was sent. Valid is the one that the request would need as
// it goes out, with the credentials of the Draft: where nothing was changed after signing both are equal.
type Built struct {
	Request   []byte
	Signature string
	Sent      string // as Signature, "" without one
	Valid     string
	Signed    []signature.Param // what was signed, sorted
}

// Header adds a header field that is sent beside the usual ones.
func (d *Draft) Header(name, value string) {
	d.Headers = append(d.Headers, signature.Header{Name: name, Value: value})
}

// Build makes the whole HTTP/1.1 request for a host (with its port) and a path. The secret is in none of what it returns.
func (d *Draft) Build(host, path string) Built {
	params := d.signed()
	as := d.SignAs
	if as == "" {
		as = d.method()
	}
	b := Built{Signed: params}
	b.Signature = d.sign(signature.AppendStringToSignV1(nil, as, params))
	out := slices.Clone(params)
	if !d.OmitSign {
		value := b.Signature
		if d.Spoil != nil {
			value = d.Spoil(value)
		}
		b.Sent = value
		out = append(out, signature.Param{Name: "Signature", Value: value})
	}
	if d.Rearrange != nil {
		out = d.Rearrange(out)
	}
	b.Request = d.write(host, path, d.encode(out))
	b.Valid = d.valid(out)
	return b
}

// valid signs what goes out as a correct client would.
func (d *Draft) valid(out []signature.Param) string {
	params := slices.DeleteFunc(slices.Concat(out, d.Beside), func(p signature.Param) bool { return p.Name == "Signature" })
	signature.Sort(params)
	key := signature.NewV1Key(d.Credentials.Secret)
	return string(key.Append(nil, signature.AppendStringToSignV1(nil, d.method(), params)))
}

func (d *Draft) method() string {
	switch {
	case d.Method != "":
		return d.Method
	case d.Form, d.Beside != nil:
		return "POST"
	}
	return "GET"
}

// signed collects what is signed: common parameters and those of the operation, changed as asked.
func (d *Draft) signed() []signature.Param {
	format := d.Format
	if format == "" {
		format = contract.JSON.String()
	}
	params := []signature.Param{
		{Name: "AccessKeyId", Value: d.Credentials.ID}, {Name: "Action", Value: d.Action}, {Name: "Format", Value: format},
		{Name: "SignatureMethod", Value: "HMAC-SHA1"}, {Name: "SignatureNonce", Value: d.Nonce}, {Name: "SignatureVersion", Value: "1.0"},
		{Name: "Timestamp", Value: d.Time.UTC().Format(contract.TimestampLayout)}, {Name: "Version", Value: contract.Version},
	}
	if d.Credentials.Token != "" {
		params = append(params, signature.Param{Name: "SecurityToken", Value: d.Credentials.Token})
	}
	params = append(params, d.Params...)
	for _, set := range d.Set {
		if i := slices.IndexFunc(params, func(p signature.Param) bool { return p.Name == set.Name }); i >= 0 {
			params[i].Value = set.Value
		} else {
			params = append(params, set)
		}
	}
	params = slices.DeleteFunc(params, func(p signature.Param) bool { return slices.Contains(d.Drop, p.Name) })
	signature.Sort(params)
	return params
}

func (d *Draft) sign(stringToSign []byte) string {
	if d.Hash != nil {
		sum := hmac.New(d.Hash, []byte(d.Credentials.Secret+"&"))
		sum.Write(stringToSign)
		return base64.StdEncoding.EncodeToString(sum.Sum(nil))
	}
	key := signature.NewV1Key(d.Credentials.Secret)
	if d.BareKey {
		key = signature.NewBareV1Key(d.Credentials.Secret)
	}
	return string(key.Append(nil, stringToSign))
}

func (d *Draft) encode(params []signature.Param) (query []byte) {
	escape := d.Escape
	if escape == nil {
		escape = signature.AppendEscaped
	}
	for i, p := range params {
		if i > 0 {
			query = append(query, '&')
		}
		query = append(escape(query, p.Name), '=')
		query = escape(query, p.Value)
	}
	return query
}

func (d *Draft) write(host, path string, query []byte) []byte {
	body := query
	if !d.Form {
		body = d.encode(d.Beside)
	}
	r := append([]byte(d.method()), ' ')
	r = append(r, path...)
	if !d.Form {
		r = append(append(r, '?'), query...)
	}
	r = append(r, " HTTP/1.1\r\nHost: "+host+"\r\nUser-Agent: axbench\r\nAccept-Encoding: identity\r\n"...)
	for _, h := range d.Headers {
		r = append(r, h.Name+": "+h.Value+"\r\n"...)
	}
	switch {
	case d.Form, d.Beside != nil:
		r = append(r, "Content-Type: "+formType+"\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"...)
		return append(r, body...)
	case d.method() == "POST":
		r = append(r, "Content-Length: 0\r\n"...)
	}
	return append(r, "\r\n"...)
}
