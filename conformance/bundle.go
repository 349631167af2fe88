package conformance

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"axbench/results"
)

// A bundle is what a conformance run leaves for others to verify: a directory "bundle" of plain files, or the same files in one
// archive. It holds conform.json, profile.json and evidence.ndjson as the run wrote them; a manifest with the size and the
// SHA-256 of each, which says what the run was made with; the SHA-256 of the manifest; and, where it is signed, the ed25519
// signature over the manifest's bytes, raw, as openssl pkeyutl -verify -rawin takes it. There is nothing else in it: no
// provisioning file, no journal of bindings, no secret, and of telephone numbers pseudonyms. The manifest names the
// signer's key, so that a broken signature is found without knowing whose it is.

// BundleSchema is the name and version of the format of a bundle.
const BundleSchema = "axbench.bundle/v1"

// The files of a bundle beside those of the run.
const (
	ManifestFile  = "manifest.json"
	ChecksumFile  = "manifest.sha256" // as sha256sum -c reads it
	SignatureFile = "manifest.sig"
	ArchiveFile   = "bundle.zip" // beside the directory
)

// bundled are the files of the run, in the order of the manifest, and the most bytes that each may have.
var bundled = []struct {
	name string
	max  int64
}{
	{results.ConformFile, 32 << 20}, {results.EvidenceFile, results.MaxConformEvidence}, {results.ProfileFile, 1 << 20},
}

// maxManifest bounds each of the small files of a bundle.
const maxManifest = 64 << 10

// Manifest says what is in a bundle and what the run was made with.
type Manifest struct {
	Schema       string    `json:"schema"`
	Created      time.Time `json:"created"` // when the run ended
	Build        Build     `json:"build"`
	Seed         int64     `json:"seed"`
	Profile      string    `json:"profile"`
	Catalogue    string    `json:"catalogue_sha256"`
	Provisioning string    `json:"provisioning_sha256"` // "" when nothing was declared
	Files        []Bundled `json:"files"`
	Signer       string    `json:"signer"` // public key in hex; "" when nobody signed
}

// Build is what this executable was built from.
type Build struct {
	Version  string `json:"version"` // as conform.json has it
	Module   string `json:"module_version"`
	Go       string `json:"go"`
	Revision string `json:"vcs_revision"` // "" when it is not known
	Modified bool   `json:"vcs_modified"` // built from a working tree with changes
}

// Bundled is one file of a run in the manifest.
type Bundled struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// WriteBundle writes the bundle of the run whose directory is dir into its subdirectory "bundle", and beside it the same as
// one archive. rec is that directory as read; key signs, nil does not. The run must have ended. Each of the two appears whole
// or not at all. The bytes are the same for the same run, build and key.
func WriteBundle(dir string, rec *results.ConformRecord, key ed25519.PrivateKey) error {
	if rec.Conform.Partial {
		return errors.New("bundle: the run has not ended")
	}
	files, err := readRun(dir)
	if err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	files, err = seal(files, &rec.Conform, key)
	if err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	if err := writeBundleDir(filepath.Join(dir, results.BundleDir), files); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	return results.WriteFile(filepath.Join(dir, ArchiveFile), archive(files), 0o644)
}

// bundleFile is one entry of a bundle.
type bundleFile struct {
	name string
	data []byte
}

// readRun reads what a bundle takes from the directory of a run.
func readRun(dir string) ([]bundleFile, error) {
	var files []bundleFile
	for _, b := range bundled {
		data, err := os.ReadFile(filepath.Join(dir, b.name))
		if err != nil {
			return nil, err
		}
		if int64(len(data)) > b.max {
			return nil, fmt.Errorf("%s has %d bytes, and a bundle takes %d", b.name, len(data), b.max)
		}
		files = append(files, bundleFile{b.name, data})
	}
	return files, nil
}

// seal adds the manifest, its hash and its signature.
func seal(files []bundleFile, c *results.Conform, key ed25519.PrivateKey) ([]bundleFile, error) {
	m := Manifest{
		Schema: BundleSchema, Created: ended(c), Build: thisBuild(c.Version), Seed: c.Seed, Profile: c.Profile, Catalogue: c.Catalogue,
		Provisioning: c.Provisioning.SHA256,
	}
	for _, f := range files {
		m.Files = append(m.Files, Bundled{f.name, int64(len(f.data)), hashOf(f.data)})
	}
	if key != nil {
		m.Signer = hex.EncodeToString(key.Public().(ed25519.PublicKey))
	}
	text := m.encode()
	files = append([]bundleFile{{ManifestFile, text}, {ChecksumFile, checksum(text)}}, files...)
	if key != nil {
		files = slices.Insert(files, 2, bundleFile{SignatureFile, ed25519.Sign(key, text)})
	}
	return files, nil
}

// ended is when a run ended.
func ended(c *results.Conform) time.Time { return c.Started.Add(time.Duration(c.ElapsedNS)).UTC() }

// encode is the one form of a manifest: two that say the same are the same bytes.
func (m *Manifest) encode() []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(m); err != nil {
		panic("conformance: a manifest is data: " + err.Error())
	}
	return b.Bytes()
}

// checksum is the content of ChecksumFile.
func checksum(manifest []byte) []byte { return []byte(hashOf(manifest) + "  " + ManifestFile + "\n") }

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// thisBuild says what this executable was built from.
func thisBuild(version string) Build {
	b := Build{Version: version}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.Module, b.Go = info.Main.Version, info.GoVersion
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

// writeBundleDir makes a new directory with files in it, under a temporary name first.
func writeBundleDir(dir string, files []bundleFile) (err error) {
	if _, err := os.Lstat(dir); err == nil {
		return fmt.Errorf("%s is there already", dir)
	}
	temporary, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(temporary)
		}
	}()
	for _, f := range files {
		if err := results.WriteFile(filepath.Join(temporary, f.name), f.data, 0o644); err != nil {
			return err
		}
	}
	if err := os.Chmod(temporary, 0o755); err != nil {
		return err
	}
	return os.Rename(temporary, dir)
}
