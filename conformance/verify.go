package conformance

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"axbench/results"
)

// Verification is what Verify found out about a bundle.
type Verification struct {
	Bundle   string    `json:"bundle"`   // as given
	Manifest *Manifest `json:"manifest"` // null when it cannot be read
	Headline string    `json:"headline"` // of the run, as conform.json has it; "" when it cannot be read

	Intact      bool `json:"intact"`       // every byte is as it was written, and a signature is that of the signer that the manifest names
	Signed      bool `json:"signed"`       // there is a signature
	SignerKnown bool `json:"signer_known"` // the signature is that of the given key

	Repeated    []Repeat    `json:"repeated"`
	NotRepeated []NotRepeat `json:"not_repeated"`
	Differences []string    `json:"differences"` // in sentences: why it does not verify
	More        int         `json:"more"`        // differences beyond those
	ExitCode    int         `json:"exit_code"`
}

// Repeat is a kind of check that was made again from what the bundle holds, and came to what is recorded.
type Repeat struct {
	What  string `json:"what"`
	Count int    `json:"count"`
}

// NotRepeat is what cannot be checked again from a bundle, and why.
type NotRepeat struct {
	Clause string `json:"clause"` // "" for what belongs to no clause
	Why    string `json:"why"`
	Count  int    `json:"count"` // exchanges or observations
}

// maxDifferences bounds the list of differences; the others are counted.
const maxDifferences = 50

// Verify checks the bundle at path, a directory or an archive, and repeats without a network what needs no request signature.
// pub is the key of the signer that is expected, nil for none. What is wrong with a bundle is in the result; an error means
// that path cannot be read.
//
// ExitCode is 0 for an intact bundle that pub signed and whose checks all come to the same again; 4 for one that does not
// verify: a byte is changed, an entry is missing or too much, the signature is missing or another's, or a repeated check
// comes to something else; 7 for one in which nothing is wrong when pub is nil: intact, signer unknown.
func Verify(path string, pub ed25519.PublicKey) (*Verification, error) {
	v := &Verification{Bundle: path, Repeated: []Repeat{}, NotRepeated: []NotRepeat{}, Differences: []string{}}
	files, err := readBundle(path)
	var bad badBundle
	if err != nil && !errors.As(err, &bad) {
		return nil, err
	}
	v.conclude(files, err, pub)
	return v, nil
}

// conclude checks what was read, or notes why no bundle could be.
func (v *Verification) conclude(files []bundleFile, err error, pub ed25519.PublicKey) {
	if err != nil {
		v.differ("%v", err)
	} else {
		v.check(files, pub)
	}
	switch {
	case len(v.Differences) > 0:
		v.ExitCode = results.ExitNonconformant
	case !v.SignerKnown:
		v.ExitCode = results.ExitNoData
	}
}

// Word says in a few words how it ended.
func (v *Verification) Word() string {
	switch {
	case len(v.Differences) > 0:
		return "does not verify"
	case !v.SignerKnown:
		return "intact, signer unknown"
	}
	return "verified"
}

func (v *Verification) differ(format string, args ...any) {
	if len(v.Differences) == maxDifferences {
		v.More++
		return
	}
	v.Differences = append(v.Differences, fmt.Sprintf(format, args...))
}

func (v *Verification) repeated(what string, n int) {
	if n == 0 {
		return
	}
	if i := slices.IndexFunc(v.Repeated, func(r Repeat) bool { return r.What == what }); i >= 0 {
		v.Repeated[i].Count += n
		return
	}
	v.Repeated = append(v.Repeated, Repeat{what, n})
}

func (v *Verification) notRepeated(clause, why string, n int) {
	if n == 0 {
		return
	}
	if i := slices.IndexFunc(v.NotRepeated, func(r NotRepeat) bool { return r.Clause == clause && r.Why == why }); i >= 0 {
		v.NotRepeated[i].Count += n
		return
	}
	v.NotRepeated = append(v.NotRepeated, NotRepeat{clause, why, n})
}

// check checks entries, hashes and signature, and only of an intact bundle what is in it.
func (v *Verification) check(files []bundleFile, pub ed25519.PublicKey) {
	m := v.readManifest(files)
	if m == nil {
		return
	}
	v.Manifest = m
	v.checkFiles(files, m)
	v.checkSignature(files, m, pub)
	if len(v.Differences) > 0 {
		return
	}
	v.Intact = true
	v.repeated("hashes of files", len(m.Files)+1)
	rec, err := recordOf(files)
	if err != nil {
		v.differ("%v", err)
		return
	}
	v.Headline = rec.Conform.Headline
	v.agree(m, &rec.Conform)
	v.repeat(rec, files)
}

// readManifest returns the manifest; nil after a difference that leaves nothing to compare with.
func (v *Verification) readManifest(files []bundleFile) *Manifest {
	text, ok := find(files, ManifestFile)
	if !ok {
		v.differ("%s is missing", ManifestFile)
		return nil
	}
	if sum, ok := find(files, ChecksumFile); !ok {
		v.differ("%s is missing", ChecksumFile)
	} else if !bytes.Equal(sum, checksum(text)) {
		v.differ("%s is not that of %s", ChecksumFile, ManifestFile)
	}
	m := &Manifest{}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(m)
	if _, more := d.Token(); err == nil && more != io.EOF {
		err = errors.New("there is something behind it")
	}
	switch {
	case err != nil:
		v.differ("%s cannot be read: %v", ManifestFile, err)
		return nil
	case m.Schema != BundleSchema:
		v.differ("%s: schema is %q, this program reads %q", ManifestFile, m.Schema, BundleSchema)
		return nil
	case !bytes.Equal(m.encode(), text):
		v.differ("%s is not as it was written", ManifestFile)
	}
	return m
}

// checkFiles holds the entries against the manifest.
func (v *Verification) checkFiles(files []bundleFile, m *Manifest) {
	if len(m.Files) != len(bundled) {
		v.differ("%s names %d files, and a bundle has %d", ManifestFile, len(m.Files), len(bundled))
		return
	}
	for i, b := range bundled {
		want := m.Files[i]
		data, ok := find(files, b.name)
		switch {
		case want.Name != b.name:
			v.differ("%s names %q in place of %s", ManifestFile, want.Name, b.name)
		case !ok:
			v.differ("%s is missing", b.name)
		case int64(len(data)) != want.Size:
			v.differ("%s has %d bytes, and %s says %d", b.name, len(data), ManifestFile, want.Size)
		case hashOf(data) != want.SHA256:
			v.differ("%s is changed: its SHA-256 is not that of %s", b.name, ManifestFile)
		}
	}
}

// checkSignature holds the signature against the key that the manifest names, and that one against the key that is expected.
func (v *Verification) checkSignature(files []bundleFile, m *Manifest, pub ed25519.PublicKey) {
	text, _ := find(files, ManifestFile)
	sig, signed := find(files, SignatureFile)
	v.Signed = signed
	named, err := hex.DecodeString(m.Signer)
	switch {
	case !signed && m.Signer != "":
		v.differ("%s is missing: the manifest names a signer", SignatureFile)
		return
	case signed && m.Signer == "":
		v.differ("%s is there, and the manifest names no signer", SignatureFile)
		return
	case signed && (err != nil || len(named) != ed25519.PublicKeySize):
		v.differ("%s: the signer is no ed25519 key", ManifestFile)
		return
	case signed && !ed25519.Verify(named, text, sig):
		v.differ("the signature is not that of the signer that the manifest names")
		return
	case pub == nil:
		return
	case !signed:
		v.differ("the bundle is not signed")
		return
	case !ed25519.Verify(pub, text, sig):
		v.differ("another key signed: %s", m.Signer)
		return
	}
	v.SignerKnown = true
	v.repeated("signature", 1)
}

// recordOf reads conform.json and evidence.ndjson as a run's directory is read.
func recordOf(files []bundleFile) (*results.ConformRecord, error) {
	conform, _ := find(files, results.ConformFile)
	evidence, _ := find(files, results.EvidenceFile)
	return results.ParseConform(conform, evidence)
}

// agree holds the manifest against conform.json.
func (v *Verification) agree(m *Manifest, c *results.Conform) {
	same := func(what string, ok bool) {
		if !ok {
			v.differ("%s and %s do not agree on %s", ManifestFile, results.ConformFile, what)
		}
	}
	same("when the run ended", m.Created.Equal(ended(c)))
	same("the version", m.Build.Version == c.Version)
	same("the seed", m.Seed == c.Seed)
	same("the profile", m.Profile == c.Profile)
	same("the catalogue", m.Catalogue == c.Catalogue)
	same("the provisioning", m.Provisioning == c.Provisioning.SHA256)
	if c.Partial {
		v.differ("%s says that the run has not ended", results.ConformFile)
	}
}
