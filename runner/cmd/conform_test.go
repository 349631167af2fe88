package cmd

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"os"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptFlip changes one byte of a file: flip FILE OFFSET
func scriptFlip(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: flip FILE OFFSET")
	}
	at, err := strconv.Atoi(args[1])
	ts.Check(err)
	data, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	data[at] ^= 1
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), data, 0o644))
}

// scriptKeyPair makes NAME.pem and NAME.pub, as openssl genpkey and openssl pkey -pubout do: keypair NAME
func scriptKeyPair(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: keypair NAME")
	}
	public, private, err := ed25519.GenerateKey(nil)
	ts.Check(err)
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	ts.Check(err)
	open, err := x509.MarshalPKIXPublicKey(public)
	ts.Check(err)
	for name, block := range map[string]*pem.Block{".pem": {Type: "PRIVATE KEY", Bytes: secret}, ".pub": {Type: "PUBLIC KEY", Bytes: open}} {
		ts.Check(os.WriteFile(ts.MkAbs(args[0]+name), pem.EncodeToMemory(block), 0o600))
	}
}
