package conformance

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// privatePEM is a key as openssl genpkey -algorithm ed25519 writes it.
func privatePEM(t testing.TB, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func TestKeys(t *testing.T) {
	private, public := privatePEM(t, signer), PublicKeyPEM(publicOf(signer))
	key, err := ReadPrivateKey(append([]byte("a comment\n"), private...))
	if err != nil || !key.Equal(signer) {
		t.Fatal(err)
	}
	pub, err := ReadPublicKey(append(public, "\n"...))
	if err != nil || !pub.Equal(publicOf(signer)) {
		t.Fatal(err)
	}
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	otherDER, err := x509.MarshalPKIXPublicKey(&other.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	otherPublic := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: otherDER})
	junk := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("sentinelKEY")})
	for name, tt := range map[string]struct {
		text []byte
		want string // in the errors for a private and for a public key
		also string
	}{
		"nothing":        {nil, "no PEM block", "no PEM block"},
		"no PEM":         {[]byte("sentinelKEY"), "no PEM block", "no PEM block"},
		"private":        {private, "", "this is a private key"},
		"public":         {public, "this is a public key", ""},
		"two":            {append(bytes.Clone(private), private...), "more than one", "more than one"},
		"another kind":   {privatePEM(t, other), "another kind", "private key"},
		"another public": {otherPublic, "public key", "another kind"},
		"encrypted":      {pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("sentinelKEY")}), "encrypted", "encrypted"},
		"a certificate":  {pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("sentinelKEY")}), "CERTIFICATE", "CERTIFICATE"},
		"junk":           {junk, "PKCS#8", "private key"},
		"cut short":      {private[:len(private)-30], "no PEM block", "no PEM block"},
	} {
		_, err := ReadPrivateKey(tt.text)
		_, also := ReadPublicKey(tt.text)
		for _, got := range []struct {
			err  error
			want string
		}{{err, tt.want}, {also, tt.also}} {
			switch {
			case got.want == "" && got.err != nil, got.want != "" && (got.err == nil || !strings.Contains(got.err.Error(), got.want)):
				t.Errorf("%s: %v, want %q", name, got.err, got.want)
			case got.err != nil && strings.Contains(got.err.Error(), "sentinel"):
				t.Errorf("%s: the error shows the key: %v", name, got.err)
			}
		}
	}
}

// Anybody with openssl and sha256sum can check a bundle without this program.
func TestOpenSSLAgrees(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("no openssl here")
	}
	dir := t.TempDir()
	run := func(args ...string) {
		t.Helper()
		cmd := exec.Command(openssl, args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Skipf("openssl %s: %v: %s", args[0], err, out) // an old one without ed25519
		}
	}
	run("genpkey", "-algorithm", "ed25519", "-out", "key.pem")
	run("pkey", "-in", "key.pem", "-pubout", "-out", "pub.pem")
	private, err := ReadPrivateKey(read(t, filepath.Join(dir, "key.pem")))
	if err != nil {
		t.Fatal(err)
	}
	public, err := ReadPublicKey(read(t, filepath.Join(dir, "pub.pem")))
	if err != nil || !public.Equal(private.Public()) || !bytes.Equal(PublicKeyPEM(public), read(t, filepath.Join(dir, "pub.pem"))) {
		t.Fatal("another public key", err)
	}
	manifest := (&Manifest{Schema: BundleSchema}).encode()
	for name, data := range map[string][]byte{ManifestFile: manifest, SignatureFile: ed25519.Sign(private, manifest)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(openssl, "pkeyutl", "-verify", "-pubin", "-inkey", "pub.pem", "-rawin", "-in", ManifestFile, "-sigfile", SignatureFile)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// A bundle of every version of the format that there was can be read for ever.
func TestSampleBundle(t *testing.T) {
	v := verify(t, "testdata/bundle.v1.zip", publicOf(signer))
	if !v.Intact || !v.Signed || !v.SignerKnown || v.Manifest.Seed != 1 {
		t.Errorf("%+v", v)
	}
}
