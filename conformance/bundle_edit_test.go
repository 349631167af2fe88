package conformance

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"axbench/results"
)

// A run whose files were edited before they were sealed, and signed by the one who did it: every statement that follows from
// something else that is in the bundle is found wrong.
func TestEditedRunIsFound(t *testing.T) {
	files := small(t)
	pub := publicOf(signer)
	conform := func(edit func(c *results.Conform)) []bundleFile {
		return with(files, results.ConformFile, func(text []byte) []byte {
			c := &results.Conform{}
			if err := json.Unmarshal(text, c); err != nil {
				t.Fatal(err)
			}
			edit(c)
			c.Counts = results.CountWords(c.Clauses)
			text, _ = json.Marshal(c)
			return text
		})
	}
	line := func(edit func(e *results.Exchange)) []bundleFile {
		return with(files, results.EvidenceFile, func(text []byte) []byte {
			first, rest, _ := bytes.Cut(text, []byte("\n"))
			e := &results.Exchange{}
			if err := json.Unmarshal(first, e); err != nil {
				t.Fatal(err)
			}
			edit(e)
			first, _ = json.Marshal(e)
			return slices.Concat(first, []byte("\n"), rest)
		})
	}
	clause := func(edit func(c *results.ClauseResult)) []bundleFile {
		return conform(func(c *results.Conform) { edit(&c.Clauses[0]) })
	}
	if v := verifyFiles(resign(t, conform(func(*results.Conform) {}), signer), pub); v.ExitCode != 0 {
		t.Fatalf("unedited: %v", v.Differences)
	}
	for name, edited := range map[string][]bundleFile{
		"headline":              conform(func(c *results.Conform) { c.Headline = results.HeadlineNotConformant }),
		"exit code":             conform(func(c *results.Conform) { c.ExitCode++ }),
		"reasons":               conform(func(c *results.Conform) { c.Reasons = append(c.Reasons, "more") }),
		"another profile":       conform(func(c *results.Conform) { c.Profile = "seed" }),
		"another document":      conform(func(c *results.Conform) { c.Target.Document = "2038" }),
		"codes observed":        conform(func(c *results.Conform) { c.Codes.Observed++ }),
		"ids seen":              conform(func(c *results.Conform) { c.Unique[0].Seen++ }),
		"bindings":              conform(func(c *results.Conform) { c.Bindings.Created++ }),
		"fewer calls":           conform(func(c *results.Conform) { c.Calls-- }),
		"choices":               conform(func(c *results.Conform) { c.Choices = append(c.Choices, results.Choice{ID: "x"}) }),
		"a clause more":         conform(func(c *results.Conform) { c.Clauses = append(c.Clauses, c.Clauses[0]) }),
		"known failure":         conform(func(c *results.Conform) { c.Known = []results.KnownFailure{{Clause: "ACC-3", Expires: "2000-01-01"}} }),
		"not ended":             conform(func(c *results.Conform) { c.Partial = true }),
		"verdict":               clause(func(c *results.ClauseResult) { c.Verdict = results.ClauseWarn }),
		"not applicable":        clause(func(c *results.ClauseResult) { c.Verdict = results.ClauseNotApplicable }),
		"level":                 clause(func(c *results.ClauseResult) { c.Level = "MAY" }),
		"sentence":              clause(func(c *results.ClauseResult) { c.Sentence = "Anything goes." }),
		"decides":               clause(func(c *results.ClauseResult) { c.Decides = !c.Decides }),
		"known":                 clause(func(c *results.ClauseResult) { c.Known = "a friend says so" }),
		"checked":               clause(func(c *results.ClauseResult) { c.Checked++ }),
		"failed":                clause(func(c *results.ClauseResult) { c.Failed++ }),
		"observation":           clause(func(c *results.ClauseResult) { c.Observations[0].Verdict = results.ClauseFail }),
		"observation elsewhere": clause(func(c *results.ClauseResult) { c.Observations[0].Evidence = 1 }),
		"table":                 clause(func(c *results.ClauseResult) { c.Observations[0].Pass = []string{"isv.FLOW_LIMIT"} }),
		"code":                  line(func(e *results.Exchange) { e.Code = "isv.FLOW_LIMIT" }),
		"class":                 line(func(e *results.Exchange) { e.Class = results.ClassBusiness }),
		"status":                line(func(e *results.Exchange) { e.Status = 404 }),
		"body":                  line(func(e *results.Exchange) { e.Body = append(e.Body, '}') }),
		"other body": line(func(e *results.Exchange) {
			e.Body = bytes.Replace(e.Body, []byte(`"Code":"OK"`), []byte(`"Code":"ok"`), 1)
		}),
		"content type":    line(func(e *results.Exchange) { e.Head = bytes.Replace(e.Head, []byte("json"), []byte("html"), 1) }),
		"broken":          line(func(e *results.Exchange) { e.Broken = "RSP-3" }),
		"checked clauses": line(func(e *results.Exchange) { e.Checked = "" }),
		"RequestId":       line(func(e *results.Exchange) { e.RequestID = "x" }),
		"format":          line(func(e *results.Exchange) { e.Format = "XML" }),
		"failure":         line(func(e *results.Exchange) { e.Failure = "timeout" }),
		"operation":       line(func(e *results.Exchange) { e.Operation = "UnbindSubscription" }),
		"A for X":         line(func(e *results.Exchange) { e.X = e.A }),
		"line number":     line(func(e *results.Exchange) { e.Line = 2 }),
		"profile.json":    with(files, results.ProfileFile, func([]byte) []byte { return []byte(`[{"id":"x"}]`) }),
	} {
		if name == "line number" {
			refused(t, name, verifyFiles(sealRaw(files, edited), pub))
			continue
		}
		refused(t, name, verifyFiles(resign(t, edited, signer), pub))
	}
}

// sealRaw seals edited files with the conform.json of whole ones: they cannot be read as a run.
func sealRaw(whole, edited []bundleFile) []bundleFile {
	rec, err := recordOf(whole)
	if err != nil {
		panic(err)
	}
	var run []bundleFile
	for _, b := range bundled {
		data, _ := find(edited, b.name)
		run = append(run, bundleFile{b.name, data})
	}
	sealed, err := seal(run, &rec.Conform, signer)
	if err != nil {
		panic(err)
	}
	return sorted(sealed)
}

// What reads an archive of somebody else takes any bytes, and accepts only what it would have written itself.
func FuzzArchive(f *testing.F) {
	files := []bundleFile{{ManifestFile, []byte("{}\n")}, {ChecksumFile, nil}, {results.ConformFile, []byte("{}")}, {results.EvidenceFile, nil}, {results.ProfileFile, []byte("[]")}}
	f.Add(archive(files))
	f.Add(archive(nil))
	f.Add(archive([]bundleFile{{"../x", []byte("x")}}))
	f.Fuzz(func(t *testing.T, data []byte) {
		files, err := unarchive(data)
		if err != nil {
			return
		}
		if !bytes.Equal(archive(files), data) {
			t.Fatal("another archive was accepted")
		}
		v := &Verification{}
		if v.conclude(files, nil, nil); v.ExitCode == 0 {
			t.Fatal("verified without a key")
		}
	})
}

// A manifest and what it seals may be anything.
func FuzzManifest(f *testing.F) {
	m := Manifest{Schema: BundleSchema, Files: []Bundled{{results.ConformFile, 2, hashOf([]byte("{}"))}}}
	f.Add(m.encode(), []byte("{}"), []byte(""), []byte("[]"))
	f.Add([]byte(`{"schema":"axbench.bundle/v1"}`), []byte(`{"schema":"axbench.conform/v1","counts":{}}`), []byte("{}\n"), []byte("{}"))
	f.Fuzz(func(t *testing.T, manifest, conform, evidence, profile []byte) {
		run := []bundleFile{{results.ConformFile, conform}, {results.EvidenceFile, evidence}, {results.ProfileFile, profile}}
		v := &Verification{}
		v.conclude(append(run, bundleFile{ManifestFile, manifest}, bundleFile{ChecksumFile, checksum(manifest)}), nil, nil)
		if rec, err := recordOf(run); err == nil {
			sealed, err := seal(run, &rec.Conform, signer)
			if err != nil {
				t.Fatal(err)
			}
			v := &Verification{}
			v.conclude(sealed, nil, publicOf(signer))
			_ = v.Word()
		}
	})
}
