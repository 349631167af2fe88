package client

import (
	"axbench/conformance/contract"
	"axbench/conformance/signature"
)

const formType = "application/x-www-form-urlencoded"

// signV1 collects and signs the parameters: those of the operation and the common ones.
func (s *Signer) signV1(params []signature.Param, fault Fault) {
	b := &s.buf
	b.add("AccessKeyId", s.keyID(fault))
	b.add("Action", view(b.action))
	b.params = append(b.params, params...)
	b.add("Format", s.cfg.Format.String())
	if s.cfg.Region != "" {
		b.add("RegionId", s.cfg.Region)
	}
	if token := s.token(fault); token != "" {
		b.add("SecurityToken", token)
	}
	b.add("SignatureMethod", "HMAC-SHA1")
	b.add("SignatureNonce", view(b.nonce))
	b.add("SignatureVersion", "1.0")
	b.add("Timestamp", view(b.stamp))
	b.add("Version", contract.Version)
	signature.Sort(b.params)

	b.canonical = signature.AppendCanonicalQuery(b.canonical[:0], b.params)
	b.toSign = signature.AppendStringToSignV1(b.toSign[:0], s.cfg.Method, b.params)
	b.signature = s.v1.Append(b.signature[:0], b.toSign)
	b.spoil(fault)
}

// writeV1 writes the request: the canonical query and Signature behind it, in the URL or in the body.
func (s *Signer) writeV1(dst []byte, fault Fault) []byte {
	b := &s.buf
	b.body = b.body[:0]
	dst = s.writeLine(dst)
	if s.cfg.Place == Form {
		b.body = b.appendSignedQuery(b.body, fault)
		dst = s.writeHead(dst)
		dst = append(dst, "Content-Type: "+formType+"\r\n"...)
		return s.writeBody(dst)
	}
	dst = append(dst, '?')
	dst = b.appendSignedQuery(dst, fault)
	return s.writeBody(s.writeHead(dst))
}

func (b *scratch) appendSignedQuery(dst []byte, fault Fault) []byte {
	dst = append(dst, b.canonical...)
	if fault == NoSignature {
		return dst
	}
	dst = append(dst, "&Signature="...)
	return signature.AppendEscaped(dst, view(b.signature))
}
