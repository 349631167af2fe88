package emulator

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"axbench/conformance/contract"
)

// allProbes are all of them, the cheap ones in the order in which they are tried. Each family has its own file.
var allProbes = slices.Concat(probesCodes, probesTransport, probesEnvelope, probesBenign, probesValidation, probesNumbers, probesGateway, probesAccounts, probesLoad, probesReceipt)

// evidence is how a deviation is seen. The zero evidence tries the cheap probes one after the other.
type evidence struct {
	probes []string // names, in their order on one server
	with   string   // lines of YAML beside the probes' configuration
	shows  string   // stands in what the deviating endpoint shows more often than in what the correct one does
	hides  string   // stands there less often
}

// shown says how each deviation is seen, by id. Each family has its own file.
var shown = merged(shownTransport, shownEnvelope, shownBenign, shownValidation, shownNumbers, shownGateway, shownAccounts, shownLoad, shownCodes, shownReceipt)

func merged[V any](tables ...map[string]V) map[string]V {
	all := map[string]V{}
	for _, table := range tables {
		maps.Copy(all, table)
	}
	return all
}

// showing is the evidence of deviations that one probe is enough for.
func showing(probe string, shows map[string]string) map[string]evidence {
	table := map[string]evidence{}
	for id, text := range shows {
		table[id] = evidence{probes: []string{probe}, shows: text}
	}
	return table
}

// TestDeviations shows that each deviation differs from the correct endpoint in what a client can see, and that it counts its
// hits.
func TestDeviations(t *testing.T) {
	for i, d := range slices.Concat(Mutants(), BenignVariants()) {
		if !tries(i) && !strings.HasPrefix(d.ID, "L") || raceEnabled && slices.Contains(slowToShow, d.ID) {
			continue
		}
		t.Run(d.ID, func(t *testing.T) {
			t.Parallel()
			how := shown[d.ID]
			differs, hit := how.tell(t, d)
			for try := 0; try < 10 && !differs && strings.Contains(d.Needs, "at the same time"); try++ {
				differs, hit = how.tell(t, d) // on a busy machine calls may pass one after the other
			}
			if !differs {
				t.Errorf("%s shows nothing that the correct endpoint does not show", d.ID)
			}
			if !hit && d.Point() != "setting" {
				t.Errorf("%s counted no hit", d.ID)
			}
		})
	}
}

// tell probes a new endpoint that deviates until it differs from the correct one, and holds how. hit is whether the deviation counted one.
func (how evidence) tell(t *testing.T, d *Deviation) (differs, hit bool) {
	t.Helper()
	want, s := correct(t, how), newSession(t, d.ID, how)
	for i, p := range sequence(t, how) {
		if got := s.run(p); got != want[i] {
			how.judge(t, want[i], got)
			differs = true
			break
		}
	}
	return differs, s.e.Hits()[d.ID] > 0
}

// judge holds what differs against what was to differ.
func (how evidence) judge(t *testing.T, want, got string) {
	t.Helper()
	if how.shows != "" && strings.Count(got, how.shows) <= strings.Count(want, how.shows) {
		t.Errorf("%q is not shown:\n%s", how.shows, difference(want, got))
	}
	if how.hides != "" && strings.Count(got, how.hides) >= strings.Count(want, how.hides) {
		t.Errorf("%q is not hidden:\n%s", how.hides, difference(want, got))
	}
	if testing.Verbose() {
		t.Log(difference(want, got))
	}
}

// difference shows the first line that differs.
func difference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	label := ""
	for i := range min(len(a), len(b)) {
		if strings.HasPrefix(a[i], "> ") {
			label = a[i]
		}
		if a[i] != b[i] {
			return fmt.Sprintf("%s\ncorrect:   %.600q\ndeviating: %.600q", label, a[i], b[i])
		}
	}
	return fmt.Sprintf("%s\n%d lines, %d from the deviating endpoint", label, len(a), len(b))
}

// TestProbesRepeat holds two runs of every probe against each other: what the correct endpoint shows depends on nothing but
// the seed and the requests.
func TestProbesRepeat(t *testing.T) {
	t.Parallel()
	var cheap evidence
	runs := [2][]string{correct(t, cheap), transcripts(t, cheap)}
	seq := sequence(t, cheap)
	for _, p := range allProbes {
		if p.costly {
			runs[0] = append(runs[0], correct(t, evidence{probes: []string{p.name}})...)
			runs[1] = append(runs[1], transcripts(t, evidence{probes: []string{p.name}})...)
			seq = append(seq, p)
		}
	}
	for i, p := range seq {
		if runs[0][i] != runs[1][i] {
			t.Errorf("probe %q does not repeat: %s", p.name, difference(runs[0][i], runs[1][i]))
		}
		if len(runs[0][i]) == 0 {
			t.Errorf("probe %q writes nothing down", p.name)
		}
	}
}

// TestProbesMeetEveryCode wants each of the document's codes from the correct endpoint.
func TestProbesMeetEveryCode(t *testing.T) {
	all := strings.Join(correct(t, evidence{}), "\n")
	for _, c := range contract.Edition2019.Codes() {
		if !strings.Contains(all, `"Code":"`+c.Name+`"`) {
			t.Errorf("no probe meets %s", c.Name)
		}
	}
}

// TestEvidenceNamesDeviations refuses entries of shown for ids that are not registered.
func TestEvidenceNamesDeviations(t *testing.T) {
	for id, how := range shown {
		if findDeviation(mutants, id) == nil && findDeviation(benign, id) == nil {
			t.Errorf("shown names %s, which is not registered", id)
		}
		sequence(t, how)
	}
}

// TestReferenceIDs wants a deviation for every id of the reference lists: the mutants that an endpoint can show, which are all
// but the R family, and the benign variants, of which one line may have several: B08.chunked.
func TestReferenceIDs(t *testing.T) {
	for file, list := range map[string][]*Deviation{"testdata/mutants.txt": mutants, "testdata/benign.txt": benign} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		if len(lines) < 14 {
			t.Fatalf("%s has %d lines", file, len(lines))
		}
		for _, line := range lines {
			id, _, _ := strings.Cut(line, "\t")
			if strings.HasPrefix(id, "B") {
				if !slices.ContainsFunc(list, func(d *Deviation) bool { return d.ID == id || strings.HasPrefix(d.ID, id+".") }) {
					t.Errorf("no variant of %s is registered", line)
				}
			} else if findDeviation(list, id) == nil {
				t.Errorf("not registered: %s", line)
			}
		}
	}
}

// TestDeviationsAreDescribed wants a text without an article of code, and clauses that exist.
func TestDeviationsAreDescribed(t *testing.T) {
	for _, d := range slices.Concat(mutants, benign) {
		for _, id := range d.Clauses {
			if contract.FindClause(id) == nil {
				t.Errorf("%s names clause %s, which there is not", d.ID, id)
			}
		}
		if strings.HasPrefix(d.ID, "B") == (len(d.Clauses) > 0) {
			t.Errorf("%s: a mutant breaks a clause and a benign variant breaks none: %v", d.ID, d.Clauses)
		}
	}
}

// TestWrongIDs wants an error that stands at the id and helps.
func TestWrongIDs(t *testing.T) {
	for text, want := range map[string]string{
		"mutants: [T02, T2]":        `f:1:16: mutants[1]: no such id, did you mean "T02"? ("T2"); accepted: ids of axbench emulate --list-mutants`,
		"mutants:\n- T02\n- t04":    `f:3:3: mutants[1]: no such id, did you mean "T04"? ("t04")`,
		"mutants: [T02, T03, T02]":  "f:1:21: mutants[2]: this id stands before",
		"mutants: [nonsense]":       `f:1:11: mutants[0]: no such id ("nonsense")`,
		"mutants: [B08.close]":      "mutants[0]: this id is not of this list but of the other",
		"benign: [T02]":             "benign[0]: this id is not of this list but of the other",
		"benign: [B08]":             "benign[0]: no such id: its variants are B08.chunked, B08.close, B08.h2",
		"benign: [B08.clos]":        `benign[0]: no such id, did you mean "B08.close"?`,
		"mutants: [T02]\nbenign: 7": "f:2:9: benign: ",
	} {
		if _, err := Parse("f", []byte(text), 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n  %v\n  want %s", text, err, want)
		}
	}
	if err := (&Config{Mutants: []string{"T2"}}).Check(); err == nil || !strings.Contains(err.Error(), `mutants[0]: no such id, did you mean "T02"?`) {
		t.Errorf("without a file: %v", err)
	}
	if _, err := Parse("f", []byte("mutants: [T02]\nbenign: [B08.close]"), 1); err != nil {
		t.Error(err)
	}
}

// session is one server with the probes that run on it one after the other.
type session struct {
	t     *testing.T
	e     *endpoint
	ahead atomic.Int64
}

// newSession starts a server with one deviation, or a correct one for "".
func newSession(t *testing.T, id string, how evidence) *session {
	t.Helper()
	c := *probed(t, how.with)
	if findDeviation(mutants, id) != nil {
		c.Mutants = []string{id}
	} else if id != "" {
		c.Benign = []string{id}
	}
	s := &session{t: t}
	s.e = serve(t, &c, func() time.Time { return noon.Add(time.Duration(s.ahead.Load())) })
	return s
}

// configs are configurations by the lines beside that of the probes: they are read once.
var configs sync.Map // string: *Config

func probed(t *testing.T, with string) *Config {
	t.Helper()
	c, ok := configs.Load(with)
	if !ok {
		c, _ = configs.LoadOrStore(with, config(t, probeConfig+with+"\n"))
	}
	return c.(*Config)
}

// run runs a probe and returns what it wrote down.
func (s *session) run(p probe) string {
	number := slices.IndexFunc(allProbes, func(q probe) bool { return q.name == p.name })
	before := s.ahead.Load()
	r := &prober{t: s.t, e: s.e, probe: p.name, number: number, ahead: &s.ahead}
	p.run(r)
	s.ahead.Store(before)
	return r.log.String()
}

// sequence are the probes that an evidence names, or all cheap ones.
func sequence(t *testing.T, how evidence) (list []probe) {
	t.Helper()
	for _, name := range how.probes {
		i := slices.IndexFunc(allProbes, func(p probe) bool { return p.name == name })
		if i < 0 {
			t.Fatalf("no probe is called %q", name)
		}
		list = append(list, allProbes[i])
	}
	for _, p := range allProbes {
		if len(how.probes) == 0 && !p.costly {
			list = append(list, p)
		}
	}
	return list
}

// transcripts runs the probes of an evidence on a correct server.
func transcripts(t *testing.T, how evidence) (list []string) {
	t.Helper()
	s := newSession(t, "", how)
	for _, p := range sequence(t, how) {
		list = append(list, s.run(p))
	}
	return list
}

// rightOnes are the transcripts of correct servers, by what was run.
var rightOnes sync.Map // string: func() []string

// correct is transcripts, once for each sequence.
func correct(t *testing.T, how evidence) []string {
	t.Helper()
	key := strings.Join(how.probes, "|") + "\n" + how.with
	f, _ := rightOnes.LoadOrStore(key, sync.OnceValue(func() []string { return transcripts(t, how) }))
	return f.(func() []string)()
}
