package client

import (
	"axbench/conformance/contract"
	"axbench/conformance/signature"
)

// signV3 collects and signs the parameters of the operation and the headers.
func (s *Signer) signV3(params []signature.Param, fault Fault) {
	b := &s.buf
	b.params = append(b.params, params...)
	if s.cfg.Format == contract.XML {
		b.add("Format", "XML")
	}
	if s.cfg.Region != "" {
		b.add("RegionId", s.cfg.Region)
	}
	signature.Sort(b.params)

	query, hash := b.params, signature.EmptyPayloadHash
	b.body = b.body[:0]
	if s.cfg.Place == Form {
		query = nil
		b.body = signature.AppendCanonicalQuery(b.body, b.params)
		b.payload = signature.AppendPayloadHash(b.payload[:0], b.body)
		hash = view(b.payload)
	}
	s.collectHeaders(hash, fault)

	b.canonical = signature.AppendCanonicalRequestV3(b.canonical[:0], s.cfg.Method, s.cfg.Path, query, b.headers, hash)
	b.toSign = signature.AppendStringToSignV3(b.toSign[:0], b.canonical)
	b.signature = s.v3.Append(b.signature[:0], b.toSign)
	b.spoil(fault)
}

// collectHeaders lists the signed headers in their order.
func (s *Signer) collectHeaders(hash string, fault Fault) {
	b := &s.buf
	h := b.headers[:0]
	if s.cfg.Place == Form {
		h = append(h, signature.Header{Name: "content-type", Value: formType})
	}
	h = append(h, signature.Header{Name: "host", Value: s.cfg.Host})
	token := s.token(fault)
	if token != "" {
		h = append(h, signature.Header{Name: "x-acs-accesskey-id", Value: s.keyID(fault)})
	}
	h = append(h,
		signature.Header{Name: "x-acs-action", Value: view(b.action)},
		signature.Header{Name: "x-acs-content-sha256", Value: hash},
		signature.Header{Name: "x-acs-date", Value: view(b.stamp)},
	)
	if token != "" {
		h = append(h, signature.Header{Name: "x-acs-security-token", Value: token})
	}
	b.headers = append(h,
		signature.Header{Name: "x-acs-signature-nonce", Value: view(b.nonce)},
		signature.Header{Name: "x-acs-version", Value: contract.Version},
	)
}

// writeV3 writes the request: the signed headers as they were signed, Host first.
func (s *Signer) writeV3(dst []byte, fault Fault) []byte {
	b := &s.buf
	dst = s.writeLine(dst)
	if s.cfg.Place == Query && len(b.params) > 0 {
		dst = append(dst, '?')
		dst = signature.AppendCanonicalQuery(dst, b.params)
	}
	dst = s.writeHead(dst)
	if s.cfg.Format == contract.XML {
		dst = append(dst, "Accept: application/xml\r\n"...)
	} else {
		dst = append(dst, "Accept: application/json\r\n"...)
	}
	for i := range b.headers {
		if b.headers[i].Name == "host" {
			continue
		}
		dst = append(dst, b.headers[i].Name...)
		dst = append(dst, ": "...)
		dst = append(dst, b.headers[i].Value...)
		dst = append(dst, "\r\n"...)
	}
	if fault != NoSignature {
		dst = append(dst, "Authorization: "+signature.AlgorithmV3+" Credential="...)
		dst = append(dst, s.keyID(fault)...)
		dst = append(dst, ",SignedHeaders="...)
		dst = signature.AppendSignedHeaders(dst, b.headers)
		dst = append(dst, ",Signature="...)
		dst = append(dst, b.signature...)
		dst = append(dst, "\r\n"...)
	}
	return s.writeBody(dst)
}
