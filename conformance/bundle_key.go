package conformance

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// The kinds of PEM blocks: PKCS#8 and PKIX, as openssl genpkey -algorithm ed25519 and openssl pkey -pubout write them.
const (
	pemPrivate = "PRIVATE KEY"
	pemPublic  = "PUBLIC KEY"
)

// ReadPrivateKey reads an ed25519 private key: one PEM block of PKCS#8. Nothing of the key is in an error.
func ReadPrivateKey(text []byte) (ed25519.PrivateKey, error) {
	der, err := onePEM(text, pemPrivate)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, errors.New("the private key is not in the form of PKCS#8")
	}
	private, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("the private key is of another kind (%T), accepted: ed25519", key)
	}
	return private, nil
}

// ReadPublicKey reads an ed25519 public key: one PEM block of PKIX.
func ReadPublicKey(text []byte) (ed25519.PublicKey, error) {
	der, err := onePEM(text, pemPublic)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, errors.New("the public key is not in the form of PKIX")
	}
	public, ok := key.(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("the public key is of another kind (%T), accepted: ed25519", key)
	}
	return public, nil
}

// PublicKeyPEM is what ReadPublicKey reads.
func PublicKeyPEM(key ed25519.PublicKey) []byte {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		panic("conformance: an ed25519 key has a form: " + err.Error())
	}
	return pem.EncodeToMemory(&pem.Block{Type: pemPublic, Bytes: der})
}

// onePEM returns the content of the only PEM block of a text.
func onePEM(text []byte, kind string) ([]byte, error) {
	block, rest := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("no PEM block, accepted: one with BEGIN %s", kind)
	}
	if more, _ := pem.Decode(rest); more != nil {
		return nil, fmt.Errorf("more than one PEM block, accepted: one with BEGIN %s", kind)
	}
	switch {
	case block.Type == kind:
		return block.Bytes, nil
	case block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "":
		return nil, errors.New("the private key is encrypted, accepted: one that is not")
	case kind == pemPublic && block.Type == pemPrivate:
		return nil, errors.New("this is a private key, accepted: the public one (openssl pkey -pubout)")
	case kind == pemPrivate && block.Type == pemPublic:
		return nil, errors.New("this is a public key, accepted: the private one")
	}
	return nil, fmt.Errorf("a PEM block with BEGIN %q, accepted: BEGIN %s", block.Type, kind)
}
