package conformance

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"axbench/results"
)

// small is a signed bundle of a run about one clause, as files.
func small(t testing.TB) []bundleFile {
	t.Helper()
	dir := runDir(t, nil, func(c *Config) { c.Only = []string{"ACC-3"} })
	bundle, _ := bundleOf(t, dir, signer)
	files, err := readBundle(bundle)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// verifyFiles verifies files as an archive of them would be.
func verifyFiles(files []bundleFile, pub ed25519.PublicKey) *Verification {
	return verifyBytes(archive(files), pub)
}

func verifyBytes(data []byte, pub ed25519.PublicKey) *Verification {
	v := &Verification{}
	files, err := unarchive(data)
	v.conclude(files, err, pub)
	return v
}

// with returns the files with one of them changed.
func with(files []bundleFile, name string, change func([]byte) []byte) []bundleFile {
	files = slices.Clone(files)
	i := slices.IndexFunc(files, func(f bundleFile) bool { return f.name == name })
	files[i].data = change(bytes.Clone(files[i].data))
	return files
}

// refused holds that a bundle does not verify, whoever asks, and returns why.
func refused(t testing.TB, what string, v *Verification) string {
	t.Helper()
	if v.ExitCode != results.ExitNonconformant || len(v.Differences) == 0 || v.Word() != "does not verify" {
		t.Errorf("%s: exit code %d, %s, %v", what, v.ExitCode, v.Word(), v.Differences)
	}
	return strings.Join(v.Differences, "; ")
}

// A changed byte anywhere is found (SLF-6), with the key and without it: of every file in a directory, and of the archive.
func TestFlippedByteIsFound(t *testing.T) {
	files := small(t)
	pub := publicOf(signer)
	if v := verifyFiles(files, pub); v.ExitCode != 0 {
		t.Fatal(v.Differences)
	}
	dir := t.TempDir()
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f.name), f.data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range files {
		for _, at := range []int{0, len(f.data) / 2, len(f.data) - 1} {
			for _, bit := range []byte{1, 0x20, 0x80} {
				flipped := bytes.Clone(f.data)
				flipped[at] ^= bit
				if err := os.WriteFile(filepath.Join(dir, f.name), flipped, 0o644); err != nil {
					t.Fatal(err)
				}
				for _, key := range []ed25519.PublicKey{pub, nil} {
					if v := verify(t, dir, key); v.Intact {
						t.Errorf("%s byte %d is called intact", f.name, at)
					} else {
						refused(t, fmt.Sprint(f.name, " byte ", at), v)
					}
				}
			}
		}
		if err := os.WriteFile(filepath.Join(dir, f.name), f.data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if v := verify(t, dir, pub); v.ExitCode != 0 {
		t.Errorf("as it was: %v", v.Differences)
	}
	data := archive(files)
	step := underRace(53, 1) // of bytes, by a prime number: all bits and kinds of place come up
	for at := 0; at < len(data); at += step {
		if len(data) > 20_000 && at%7 != 0 && at > 4000 && at < len(data)-1000 {
			continue
		}
		data[at] ^= 1 << (at % 8)
		refused(t, fmt.Sprint("byte ", at, " of the archive"), verifyBytes(data, nil))
		data[at] ^= 1 << (at % 8)
	}
	unsigned := unsign(t, files)
	for _, name := range []string{ManifestFile, ChecksumFile} {
		text, _ := find(unsigned, name)
		for at := 0; at < len(text); at += step {
			flipped := with(unsigned, name, func(b []byte) []byte { b[at] ^= 1; return b })
			refused(t, fmt.Sprint(name, " unsigned, byte ", at), verifyFiles(flipped, nil))
		}
	}
}

// unsign seals the same run without a key.
func unsign(t testing.TB, files []bundleFile) []bundleFile { return resign(t, files, nil) }

// resign seals the files of a run again, whatever is in them.
func resign(t testing.TB, files []bundleFile, key ed25519.PrivateKey) []bundleFile {
	t.Helper()
	var run []bundleFile
	for _, b := range bundled {
		data, _ := find(files, b.name)
		run = append(run, bundleFile{b.name, data})
	}
	rec, err := recordOf(files)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := seal(run, &rec.Conform, key)
	if err != nil {
		t.Fatal(err)
	}
	return sorted(sealed)
}

func TestSigner(t *testing.T) {
	files := small(t)
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, ed25519.SeedSize))
	unsigned := unsign(t, files)
	if v := verifyFiles(unsigned, nil); v.ExitCode != results.ExitNoData || !v.Intact || v.Signed || v.SignerKnown {
		t.Errorf("unsigned: %+v", v)
	}
	if why := refused(t, "unsigned, a key is expected", verifyFiles(unsigned, publicOf(signer))); !strings.Contains(why, "not signed") {
		t.Error(why)
	}
	if why := refused(t, "another key", verifyFiles(files, publicOf(other))); !strings.Contains(why, "another key") {
		t.Error(why)
	}
	if v := verifyFiles(resign(t, files, other), publicOf(other)); v.ExitCode != 0 {
		t.Errorf("signed by another: %v", v.Differences)
	}
	refused(t, "signed again by another", verifyFiles(resign(t, files, other), publicOf(signer)))
	if v := verifyFiles(resign(t, files, other), nil); v.ExitCode != results.ExitNoData {
		t.Errorf("signed by another, nobody expected: %v", v.Differences)
	}
	sig := func(b []byte) func([]byte) []byte { return func([]byte) []byte { return b } }
	manifest, _ := find(files, ManifestFile)
	for name, changed := range map[string][]bundleFile{
		"signature of another":        with(files, SignatureFile, sig(ed25519.Sign(other, manifest))),
		"signature of something else": with(files, SignatureFile, sig(ed25519.Sign(signer, []byte("x")))),
		"empty signature":             with(files, SignatureFile, sig(nil)),
		"long signature":              with(files, SignatureFile, func(b []byte) []byte { return append(b, 0) }),
		"signature on an unsigned":    append(slices.Clone(unsigned), bundleFile{SignatureFile, ed25519.Sign(signer, manifest)}),
		"signature taken away":        slices.DeleteFunc(slices.Clone(files), func(f bundleFile) bool { return f.name == SignatureFile }),
	} {
		refused(t, name, verifyFiles(changed, nil))
		refused(t, name, verifyFiles(changed, publicOf(signer)))
	}
}

func TestEntries(t *testing.T) {
	files := small(t)
	pub := publicOf(signer)
	for _, f := range files {
		gone := slices.DeleteFunc(slices.Clone(files), func(g bundleFile) bool { return g.name == f.name })
		refused(t, f.name+" is missing", verifyFiles(gone, pub))
		renamed := append(slices.Clone(gone), bundleFile{strings.ToUpper(f.name), f.data})
		refused(t, f.name+" under another name", verifyFiles(renamed, pub))
		refused(t, f.name+" twice", verifyFiles(append(slices.Clone(files), f), pub))
		refused(t, f.name+" is empty", verifyFiles(with(files, f.name, func([]byte) []byte { return nil }), pub))
	}
	for _, name := range []string{
		"more", "../evil", "/etc/passwd", `..\evil`, "a/b", "conform.json/", "CON", "", ".", "conform.json\x00", "bindings.journal", "report.html", strings.Repeat("x", 60_000),
	} {
		refused(t, fmt.Sprintf("entry %.20q", name), verifyFiles(append(slices.Clone(files), bundleFile{name, nil}), pub))
	}
	big := with(files, ManifestFile, func([]byte) []byte { return make([]byte, maxManifest+1) })
	if why := refused(t, "large", verifyFiles(big, pub)); !strings.Contains(why, "longer than") {
		t.Error(why)
	}
}

// An archive in any other form than the one is refused, though the same files are in it.
func TestArchiveForms(t *testing.T) {
	files := small(t)
	whole := archive(files)
	build := func(edit func(*zip.FileHeader), comment string) []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for _, f := range files {
			h := &zip.FileHeader{Name: f.name}
			edit(h)
			e, err := w.CreateHeader(h)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := e.Write(f.data); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.SetComment(comment); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	link := func(h *zip.FileHeader) { h.SetMode(os.ModeSymlink | 0o777) }
	for name, data := range map[string][]byte{
		"compressed":           build(func(h *zip.FileHeader) { h.Method = zip.Deflate }, ""),
		"stored otherwise":     build(func(*zip.FileHeader) {}, ""),
		"symlinks":             build(link, ""),
		"comment":              build(func(*zip.FileHeader) {}, "hello"),
		"extra field":          build(func(h *zip.FileHeader) { h.Extra = []byte{1, 0, 0, 0} }, ""),
		"something in front":   append([]byte("#!/bin/sh\n"), whole...),
		"something behind":     append(bytes.Clone(whole), 0),
		"twice":                append(bytes.Clone(whole), whole...),
		"other order":          reversed(files),
		"nothing":              nil,
		"no archive":           []byte("hello"),
		"an end and no start":  whole[len(whole)-22:],
		"an empty archive":     archive(nil),
		"a directory of lies":  lying(whole),
		"an endless directory": append(bytes.Repeat([]byte("PK\x01\x02"), 1<<20), whole[len(whole)-22:]...),
	} {
		refused(t, name, verifyBytes(data, publicOf(signer)))
	}
	for at := 0; at < len(whole); at += max(1, len(whole)/300) {
		refused(t, fmt.Sprint("cut at ", at), verifyBytes(whole[:at], publicOf(signer)))
	}
}

// reversed is an archive whose entries are in another order.
func reversed(files []bundleFile) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range slices.Backward(sorted(files)) {
		writeEntry(w, f)
	}
	_ = w.Close()
	return b.Bytes()
}

// lying is an archive in which an entry claims to have 4 GB.
func lying(whole []byte) []byte {
	data := bytes.Clone(whole)
	at := bytes.LastIndex(data, []byte("PK\x01\x02"))
	copy(data[at+20:], []byte{0xfe, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff})
	return data
}

// A directory holds plain files of the known names, and nothing else is opened.
func TestBundleDirectory(t *testing.T) {
	files := small(t)
	pub := publicOf(signer)
	write := func(t *testing.T) string {
		dir := t.TempDir()
		for _, f := range files {
			if err := os.WriteFile(filepath.Join(dir, f.name), f.data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	for name, spoil := range map[string]func(dir string) error{
		"one more file": func(dir string) error { return os.WriteFile(filepath.Join(dir, "notes.txt"), nil, 0o644) },
		"a hidden file": func(dir string) error { return os.WriteFile(filepath.Join(dir, ".x"), nil, 0o644) },
		"a directory":   func(dir string) error { return os.Mkdir(filepath.Join(dir, "more"), 0o755) },
		"a named pipe":  func(dir string) error { return replace(dir, func(p string) error { return makePipe(p) }) },
		"a symbolic link": func(dir string) error {
			return replace(dir, func(p string) error { return os.Symlink("conform.json", p) })
		},
		"a link outside": func(dir string) error {
			return replace(dir, func(p string) error { return os.Symlink("/dev/zero", p) })
		},
		"a directory file": func(dir string) error { return replace(dir, func(p string) error { return os.Mkdir(p, 0o755) }) },
		"a file too long":  func(dir string) error { return os.Truncate(filepath.Join(dir, results.ProfileFile), 1<<20+1) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(t)
			if err := spoil(dir); err != nil {
				t.Fatal(err)
			}
			refused(t, name, verify(t, dir, pub))
		})
	}
	empty := t.TempDir()
	refused(t, "an empty directory", verify(t, empty, pub))
	if _, err := Verify(filepath.Join(empty, "none"), pub); !os.IsNotExist(err) {
		t.Errorf("no such path: %v", err)
	}
	if _, err := Verify(os.DevNull, pub); err == nil {
		t.Error("a device was read")
	}
}

// replace puts something else in the place of profile.json.
func replace(dir string, with func(path string) error) error {
	path := filepath.Join(dir, results.ProfileFile)
	if err := os.Remove(path); err != nil {
		return err
	}
	return with(path)
}
