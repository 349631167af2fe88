package conformance

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"axbench/conformance/emulator"
	"axbench/results"
)

// signer is a key of the tests.
var signer = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))

func publicOf(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

// runDir runs the suite against an emulator on which everything can be provoked, and writes the directory that a run leaves.
func runDir(t testing.TB, change func(*emulator.Config), more func(*Config)) string {
	t.Helper()
	_, known := full(t, change)
	dir := t.TempDir()
	w, err := results.CreateConform(dir, &results.Conform{})
	if err != nil {
		t.Fatal(err)
	}
	c := hold(t, "", func(c *Config) {
		known(c)
		c.Keep = w.AppendExchange
		if more != nil {
			more(c)
		}
	})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	writeRun(t, dir, c)
	return dir
}

// writeRun writes what is known of a run at its end.
func writeRun(t testing.TB, dir string, c *results.Conform) {
	t.Helper()
	if err := results.WriteConform(dir, c); err != nil {
		t.Fatal(err)
	}
	choices, err := json.Marshal(c.Choices)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, results.ProfileFile), append(choices, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// bundleOf bundles a run's directory, and returns the bundle and its archive.
func bundleOf(t testing.TB, dir string, key ed25519.PrivateKey) (bundle, archive string) {
	t.Helper()
	rec, err := results.OpenConform(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteBundle(dir, rec, key); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, results.BundleDir), filepath.Join(dir, ArchiveFile)
}

// verify verifies a bundle that can be read.
func verify(t testing.TB, path string, pub ed25519.PublicKey) *Verification {
	t.Helper()
	v, err := Verify(path, pub)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// aimedAt are the clauses that mutants are aimed at.
func aimedAt(ids []string) (clauses []string) {
	for _, m := range emulator.Mutants() {
		if slices.Contains(ids, m.ID) {
			clauses = append(clauses, m.Clauses...)
		}
	}
	return clauses
}

// Runs about what is wrong with an endpoint: the bundle verifies in both forms, and everything comes to the same again.
func TestBundleOfARun(t *testing.T) {
	for name, mutants := range map[string][]string{
		"codes and ids": {"E04", "E12"}, "binding data": {"E27"}, "disclosure": {"N23"}, "trailing bytes": {"T16"}, "gzip": {"T18"},
		"one SubsId": {"N21"}, "invalid UTF-8": {"T12"}, "RequestId is the nonce": {"E38"}, "never answers": {"T08"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			verifies(t, runDir(t, func(c *emulator.Config) { c.Mutants = mutants }, func(c *Config) { c.Only, c.Load.Calls = aimedAt(mutants), 500 }))
		})
	}
}

// verifies bundles a run and verifies it in every form, and returns the archive.
func verifies(t *testing.T, dir string) (archive string) {
	t.Helper()
	bundle, archive := bundleOf(t, dir, signer)
	for _, path := range []string{bundle, archive, dir} {
		v := verify(t, path, publicOf(signer))
		if v.ExitCode != 0 || !v.Intact || !v.Signed || !v.SignerKnown || len(v.Differences) > 0 || v.Word() != "verified" {
			t.Fatalf("%s: %d %s: %s", path, v.ExitCode, v.Word(), strings.Join(v.Differences, "\n"))
		}
	}
	v := verify(t, archive, nil)
	if v.ExitCode != results.ExitNoData || !v.Intact || !v.Signed || v.SignerKnown || v.Word() != "intact, signer unknown" {
		t.Errorf("without a key: %d %s", v.ExitCode, v.Word())
	}
	for _, r := range v.Repeated {
		t.Logf("%6d %s", r.Count, r.What)
	}
	for _, r := range v.NotRepeated {
		t.Logf("%6d not: %s %s", r.Count, r.Clause, r.Why)
	}
	return archive
}
