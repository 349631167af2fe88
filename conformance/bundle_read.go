package conformance

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"

	"axbench/results"
)

// sizeLimit returns the most bytes that an entry of a bundle may have; 0 for a name that no bundle has.
func sizeLimit(name string) int64 {
	switch name {
	case ManifestFile, ChecksumFile, SignatureFile:
		return maxManifest
	}
	for _, b := range bundled {
		if b.name == name {
			return b.max
		}
	}
	return 0
}

// maxArchive is more than the archive of the largest bundle has.
var maxArchive = func() int64 {
	n := int64(4 * maxManifest)
	for _, b := range bundled {
		n += b.max
	}
	return n
}()

// badBundle is an error about what a bundle holds, not about reading it.
type badBundle struct{ error }

func noBundlef(format string, args ...any) error { return badBundle{fmt.Errorf(format, args...)} }

// readBundle reads the entries of a bundle, sorted: a directory, that of a run with a bundle in it, or an archive. A badBundle says
// what no bundle has; any other that path cannot be read.
func readBundle(path string) ([]bundleFile, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	switch {
	case info.Mode().IsRegular():
		return readArchive(path)
	case !info.IsDir():
		return nil, fmt.Errorf("%s is neither a file nor a directory", path)
	}
	inner := filepath.Join(path, results.BundleDir)
	if in, err := os.Lstat(inner); err == nil && in.IsDir() { // which no bundle has
		path = inner
	}
	return readBundleDir(path)
}

// readBundleDir reads a directory of plain files.
func readBundleDir(dir string) ([]bundleFile, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []bundleFile
	for _, e := range entries {
		limit := sizeLimit(e.Name())
		switch {
		case limit == 0:
			return nil, noBundlef("%q is no file of a bundle", e.Name())
		case !e.Type().IsRegular():
			return nil, noBundlef("%s is no plain file", e.Name())
		}
		data, err := readPlain(filepath.Join(dir, e.Name()), limit)
		if err != nil {
			return nil, err
		}
		files = append(files, bundleFile{e.Name(), data})
	}
	return sorted(files), nil
}

// readPlain reads a file that is no longer than limit.
func readPlain(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, noBundlef("%s is no plain file", filepath.Base(path)))
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = noBundlef("%s is longer than %d bytes", filepath.Base(path), limit)
	}
	return data, err
}

func readArchive(path string) ([]bundleFile, error) {
	data, err := readPlain(path, maxArchive)
	if err != nil {
		return nil, err
	}
	return unarchive(data)
}

// archive is the one archive of files: a ZIP with the entries in the order of their names, stored, without times, attributes,
// comments or extra fields. So every byte of it follows from the files.
func archive(files []bundleFile) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range sorted(files) {
		writeEntry(w, f)
	}
	if err := w.Close(); err != nil {
		panic("conformance: writing to memory: " + err.Error())
	}
	return b.Bytes()
}

// noDate is the first day that a ZIP can name: entries have no time, and tools complain of a day 0.
const noDate = 1<<5 | 1

func writeEntry(w *zip.Writer, f bundleFile) {
	h := &zip.FileHeader{
		Name: f.name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(f.data), CompressedSize64: uint64(len(f.data)), UncompressedSize64: uint64(len(f.data)),
	}
	h.ModifiedDate = noDate //lint:ignore SA1019 CreateRaw writes this field and not Modified, which would add an extra field
	e, err := w.CreateRaw(h)
	if err == nil {
		_, err = e.Write(f.data)
	}
	if err != nil {
		panic("conformance: writing to memory: " + err.Error())
	}
}

// unarchive reads an archive and refuses what archive would not have made of the same files: compressed entries, other
// names, and a changed byte anywhere.
func unarchive(data []byte) ([]bundleFile, error) {
	if !shortDirectory(data) {
		return nil, noBundlef("no archive of a bundle: it does not end in a directory of a few entries")
	}
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, noBundlef("no archive of a bundle: %w", err)
	}
	if len(r.File) > len(bundled)+3 {
		return nil, noBundlef("%d entries, and a bundle has %d at most", len(r.File), len(bundled)+3)
	}
	var files []bundleFile
	for _, e := range r.File {
		switch limit := sizeLimit(e.Name); {
		case limit == 0:
			return nil, noBundlef("%q is no file of a bundle", e.Name)
		case slices.ContainsFunc(files, func(f bundleFile) bool { return f.name == e.Name }):
			return nil, noBundlef("%s is there twice", e.Name)
		case e.Method != zip.Store || e.UncompressedSize64 != e.CompressedSize64:
			return nil, noBundlef("%s is compressed", e.Name)
		case e.UncompressedSize64 > uint64(limit):
			return nil, noBundlef("%s is longer than %d bytes", e.Name, limit)
		}
		content, err := readEntry(e)
		if err != nil {
			return nil, noBundlef("%s: %w", e.Name, err)
		}
		files = append(files, bundleFile{e.Name, content})
	}
	if !bytes.Equal(archive(files), data) {
		return nil, noBundlef("the archive is not as it was written")
	}
	return sorted(files), nil
}

// shortDirectory reports whether data ends as an archive of few entries and without a comment does, so that reading it takes
// little memory.
func shortDirectory(data []byte) bool {
	const end = 22 // bytes of the record behind the directory
	if len(data) < end {
		return false
	}
	tail := data[len(data)-end:]
	size, offset := binary.LittleEndian.Uint32(tail[12:]), binary.LittleEndian.Uint32(tail[16:])
	return string(tail[:4]) == "PK\x05\x06" && size <= 1<<10 && int64(offset)+int64(size)+end == int64(len(data))
}

func readEntry(e *zip.File) ([]byte, error) {
	r, err := e.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, int64(e.UncompressedSize64)))
}

func sorted(files []bundleFile) []bundleFile {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b bundleFile) int { return bytes.Compare([]byte(a.name), []byte(b.name)) })
	return files
}

// find returns the content of a file, and whether it is there.
func find(files []bundleFile, name string) ([]byte, bool) {
	for _, f := range files {
		if f.name == name {
			return f.data, true
		}
	}
	return nil, false
}
