package scenarios

import (
	"errors"
	"os"
	"strings"
	"testing"

	"axbench/scenarios/strict"
)

// sound is a scenario without a fault; a case of TestWrong replaces one piece of it by another.
const sound = `schema: axbench.scenario/v1
name: t
phases:
  - {name: warm, record: false, duration: 1s, rate: 10/s}
  - {name: main, duration: 1s, rate: 10/s}
requests:
  - params:
      PoolKey: FC123456
      PhoneNoA: {mobile: 15000000000-15000000999}
      PhoneNoB: 15800000000
      Expiration: {in: 10m}
    expect: OK
slo:
  - good >= 99%
`

// each wrong class of file: what is replaced, and by what.
var wrong = []struct{ name, old, new string }{
	{"no schema", "schema: axbench.scenario/v1\n", ""},
	{"schema of another version", "scenario/v1", "scenario/v2"},
	{"no name", "name: t\n", ""},
	{"name with a slash", "name: t\n", "name: a/b\n"},
	{"unknown key", "phases:", "phase:"},
	{"unknown key in a phase", "record: false", "recorded: false"},
	{"duplicate key", "name: t\n", "name: t\nname: u\n"},
	{"not a duration", "duration: 1s, rate: 10/s}\nrequests", "duration: 10, rate: 10/s}\nrequests"},
	{"not a rate", "rate: 10/s}\nrequests", "rate: fast}\nrequests"},
	{"rate without unit", "rate: 10/s}\nrequests", "rate: 10}\nrequests"},
	{"rate of zero", "rate: 10/s}\nrequests", "rate: 0/s}\nrequests"},
	{"no duration", "duration: 1s, rate: 10/s}\nrequests", "rate: 10/s}\nrequests"},
	{"duration of zero", "duration: 1s, rate: 10/s}\nrequests", "duration: 0s, rate: 10/s}\nrequests"},
	{"no shape", "duration: 1s, rate: 10/s}\nrequests", "duration: 1s}\nrequests"},
	{"two shapes", "rate: 10/s}\nrequests", "rate: 10/s, poisson: 5/s}\nrequests"},
	{"open and closed", "rate: 10/s}\nrequests", "callers: 5}\nrequests"},
	{"think without callers", "rate: 10/s}\nrequests", "rate: 10/s, think: 1s}\nrequests"},
	{"think range", "rate: 10/s}\nrequests", "callers: 5, think: {min: 2s, max: 1s}}\nrequests"},
	{"steps and duration", "rate: 10/s}\nrequests", "steps: [{rate: 10/s, for: 2s}]}\nrequests"},
	{"ramp of zero", "rate: 10/s}\nrequests", "ramp: {from: 0, to: 0}}\nrequests"},
	{"burst without size", "rate: 10/s}\nrequests", "burst: {every: 1s}}\nrequests"},
	{"too many arrivals", "duration: 1s, rate: 10/s}\nrequests", "duration: 500h, rate: 1000000/s}\nrequests"},
	{"phase name twice", "{name: main", "{name: warm"},
	{"nothing recorded", "{name: main, ", "{record: false, "},
	{"no phases", "  - {name: warm, record: false, duration: 1s, rate: 10/s}\n  - {name: main, duration: 1s, rate: 10/s}\n", "  []\n"},
	{"signature", "name: t\n", "name: t\nsignature: v2\n"},
	{"form with GET", "name: t\n", "name: t\nmethod: GET\nplace: form\n"},
	{"target", "name: t\n", "name: t\ntarget: ftp://x/\n"},
	{"target with a password", "name: t\n", "name: t\ntarget: http://u:pw@h/\n"},
	{"document", "name: t\n", "name: t\ndocument: 2019-02\n"},
	{"allow host", "name: t\n", "name: t\nallow_host: example.com\n"},
	{"insecure", "name: t\n", "name: t\ninsecure: true\n"},
	{"plaintext", "name: t\n", "name: t\nsafety: {plaintext: true}\n"},
	{"credentials", "name: t\n", "name: t\naccess_key_secret: abc\n"},
	{"credentials as a parameter", "PoolKey: FC123456", "AccessKeyId: abc"},
	{"parameter of the protocol", "PoolKey: FC123456", "Timestamp: abc"},
	{"unknown parameter", "PhoneNoB: 15800000000", "PhoneNumberB: 15800000000"},
	{"missing parameter", "      PhoneNoB: 15800000000\n", ""},
	{"unsound number", "15800000000", "1580000abcd"},
	{"range upside down", "15000000000-15000000999", "15000000999-15000000000"},
	{"range with a hyphen in a landline", "{mobile: 15000000000-15000000999}", "{landline: 0571-88990000}"},
	{"mobile of ten digits", "15000000000-15000000999", "1500000000-1500000099"},
	{"landline without area code", "{mobile: 15000000000-15000000999}", "{landline: 8899000000-8899000099}"},
	{"two sources", "{mobile: 15000000000-15000000999}", "{mobile: 15000000000, list: [15000000001]}"},
	{"no source", "{mobile: 15000000000-15000000999}", "{order: random}"},
	{"order", "{mobile: 15000000000-15000000999}", "{mobile: 15000000000, order: shuffled}"},
	{"empty list", "{mobile: 15000000000-15000000999}", "{list: []}"},
	{"city elsewhere", "{mobile: 15000000000-15000000999}", "{cities: [北京]}"},
	{"template as a number", "{mobile: 15000000000-15000000999}", "{template: \"150{k}\"}"},
	{"placeholder", "      Expiration", "      OutId: {template: \"a{x}\"}\n      Expiration"},
	{"expiration too near", "{in: 10m}", "{in: 30s}"},
	{"expiration without unit", "{in: 10m}", "{in: 10}"},
	{"unknown code", "expect: OK", "expect: isv.MOBIL_NUMBER_ILLEGAL"},
	{"code of a later edition", "expect: OK", "expect: isv.SUBS_NOT_EXIST"},
	{"fault and OK", "expect: OK", "fault: bad-signature"},
	{"unknown fault", "expect: OK", "fault: signature"},
	{"weight", "expect: OK", "weight: 0"},
	{"operation", "expect: OK", "operation: BindAxn"},
	{"negative expects OK", "slo:", "negative: {share: 5%, of: [{params: {}}]}\nslo:"},
	{"share", "slo:", "negative: {share: 5, of: [{expect: isv.ILLEGAL_ARGUMENT}]}\nslo:"},
	{"unbind", "slo:", "bindings: {unbind: 2s}\nslo:"},
	{"unbind after the end", "slo:", "bindings: {unbind: after 10m}\nslo:"},
	{"rule", "good >= 99%", "goood >= 99%"},
	{"rule of an unknown phase", "good >= 99%", "good >= 99% in peak"},
	{"rule of a warm-up", "good >= 99%", "good >= 99% in warm"},
	{"safety range", "slo:", "safety: {a: [15000000000, 15x]}\nslo:"},
	{"csv without a folder", "{mobile: 15000000000-15000000999}", "{csv: rows.csv, column: a}"},
	{"csv elsewhere", "{mobile: 15000000000-15000000999}", "{csv: ../rows.csv, column: a}"},
	{"emulator as text", "slo:", "emulator: fast\nslo:"},
	{"loss of a generator", "slo:", "on_generator_loss: restart\nslo:"},
	{"loss of a generator with callers", "phases:\n  - {name: warm, record: false, duration: 1s, rate: 10/s}\n  - {name: main, duration: 1s, rate: 10/s}\n",
		"on_generator_loss: redistribute\nphases:\n  - {name: main, duration: 1s, callers: 10}\n"},
	{"missing arrivals of callers", "phases:\n  - {name: warm, record: false, duration: 1s, rate: 10/s}\n  - {name: main, duration: 1s, rate: 10/s}\n",
		"phases:\n  - {name: main, duration: 1s, callers: 10}\ngenerators: {missing: 1%}\n"},
	{"missing arrivals without a unit", "slo:", "generators: {missing: 0.1}\nslo:"},
	{"all arrivals missing", "slo:", "generators: {missing: 100%}\nslo:"},
	{"number of generators", "slo:", "generators: 4\nslo:"},
	{"second document", "slo:", "---\nslo:"},
	{"anchor", "name: t\n", "name: &n t\n"},
}

func TestWrong(t *testing.T) {
	if _, err := Parse("t.yaml", []byte(sound), nil); err != nil {
		t.Fatalf("the sound file is refused: %v", err)
	}
	var out strings.Builder
	for _, tt := range wrong {
		if strings.Count(sound, tt.old) != 1 {
			t.Errorf("%s: %q stands %d times in the sound file", tt.name, tt.old, strings.Count(sound, tt.old))
		}
		_, err := Parse("t.yaml", []byte(strings.Replace(sound, tt.old, tt.new, 1)), nil)
		var e *strict.Error
		if !errors.As(err, &e) || e.Line < 1 || e.Problem == "" {
			t.Errorf("%s: no place in %v", tt.name, err)
			continue
		}
		out.WriteString(tt.name + "\n    " + err.Error() + "\n")
	}
	matches(t, "testdata/wrong/scenario.txt", []byte(out.String()))
}

// files that a scenario names, by path.
var csvFiles = map[string]string{
	"rows.csv":    "a,b\n15000000000,15800000000\n15000000001,15800000001\n",
	"letters.csv": "b,a\nx,15000000000\n\"multi\nline\",1500000abcd\n",
	"ragged.csv":  "a,b\n1\n",
	"quote.csv":   "a,b\n\"1,2\n",
	"empty.csv":   "",
	"header.csv":  "a,b\n",
	"latin.csv":   "a\n\xe4\n",
	"bare.csv":    "0\n0.5\n0.75\n",
	"at.csv":      "n,at\n1,0s\n2,250ms\n3,1.5\n",
	"back.csv":    "at\n1\n0.5\n",
	"word.csv":    "at\n1\nsoon\n",
}

func openCSV(path string) ([]byte, error) {
	text, ok := csvFiles[path]
	if !ok {
		return nil, &os.PathError{Op: "open", Path: "/somewhere/" + path, Err: os.ErrNotExist}
	}
	return []byte(text), nil
}

func TestWrongCSV(t *testing.T) {
	var out strings.Builder
	const a, rate = "{mobile: 15000000000-15000000999}", "duration: 1s, rate: 10/s}\nrequests"
	for _, tt := range []struct{ name, old, new string }{
		{"no file", a, "{csv: none.csv, column: a}"},
		{"no column", a, "{csv: rows.csv}"},
		{"unknown column", a, "{csv: rows.csv, column: c}"},
		{"unsound number", a, "{csv: letters.csv, column: a}"},
		{"ragged", a, "{csv: ragged.csv, column: a}"},
		{"open quote", a, "{csv: quote.csv, column: a}"},
		{"empty", a, "{csv: empty.csv, column: a}"},
		{"no rows", a, "{csv: header.csv, column: a}"},
		{"latin-1", a, "{csv: latin.csv, column: a}"},
		{"trace backwards", rate, "trace: back.csv}\nrequests"},
		{"trace of words", rate, "trace: word.csv}\nrequests"},
		{"trace without at", rate, "trace: rows.csv}\nrequests"},
		{"trace longer than its phase", rate, "duration: 1s, trace: at.csv}\nrequests"},
	} {
		_, err := Parse("t.yaml", []byte(strings.Replace(sound, tt.old, tt.new, 1)), openCSV)
		var e *strict.Error
		if !errors.As(err, &e) || e.Line < 1 {
			t.Errorf("%s: no place in %v", tt.name, err)
			continue
		}
		out.WriteString(tt.name + "\n    " + err.Error() + "\n")
	}
	matches(t, "testdata/wrong/csv.txt", []byte(out.String()))
}

// No message repeats a phone number, whichever line is wrong.
func TestMessagesHoldNoNumbers(t *testing.T) {
	lines := strings.Split(sound, "\n")
	broken := 0
	for i := range lines {
		for _, spoil := range []string{"zzz: 15010101010", lines[i] + " 15010101010", lines[i] + ": 15010101010", "  - 15010101010"} {
			text := strings.Join(append(append(append([]string{}, lines[:i]...), spoil), lines[i+1:]...), "\n")
			if _, err := Parse("t.yaml", []byte(text), nil); err != nil {
				broken++
				if strings.Contains(err.Error(), "1501010") || strings.Contains(err.Error(), "1580000") {
					t.Errorf("%q: %v", spoil, err)
				}
			}
		}
	}
	if broken < 20 {
		t.Errorf("only %d of the spoilt files were refused", broken)
	}
}

// FuzzParse: whatever the bytes, a scenario that can be planned, or an error with a place.
func FuzzParse(f *testing.F) {
	for _, name := range Embedded() {
		text, _ := Text(name)
		f.Add(text)
	}
	f.Add([]byte(sound))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse("t.yaml", data, openCSV)
		var e *strict.Error
		if err != nil {
			if !errors.As(err, &e) || e.Line < 1 || strings.Contains(err.Error(), "\n") {
				t.Fatalf("error without a place: %v", err)
			}
			return
		}
		s := source(t, file, file.Seed, 0)
		r := request(s)
		for k := range int64(20) {
			s.Prepare(r, k, noon)
			if len(r.Bytes) == 0 || r.Operation == "" {
				t.Fatalf("call %d is empty", k)
			}
		}
	})
}
