package report

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"axbench/results"

	"pgregory.net/rapid"
)

// checkText prints rec every way there is and holds what must be true of any report: it is made without a panic and
// moves nothing on the terminal that it was not asked to.
func checkText(t interface {
	Helper()
	Fatalf(string, ...any)
}, rec *results.Record) {
	t.Helper()
	for _, o := range []TextOptions{{}, {ASCII: true, Width: 1}, {Width: 1 << 20}, {Color: true, Width: 80}} {
		var b strings.Builder
		if err := Text(&b, rec, o); err != nil {
			t.Fatalf("%+v: %v", o, err)
		}
		got := b.String()
		if !utf8.ValidString(got) {
			t.Fatalf("%+v: the report is no UTF-8", o)
		}
		checkTerminal(t, got, o)
	}
}

// checkTerminal finds what would move something on a terminal, other than the colours that were asked for.
func checkTerminal(t interface {
	Helper()
	Fatalf(string, ...any)
}, got string, o TextOptions) {
	t.Helper()
	if o.Color {
		for _, s := range []style{bold, dim, red, green, yellow} {
			got = strings.ReplaceAll(got, "\x1b["+string(s)+"m", "")
		}
		got = strings.ReplaceAll(got, "\x1b[0m", "")
	}
	for i, r := range got {
		if r != '\n' && (r < 0x20 || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || o.ASCII && r >= 0x80) {
			t.Fatalf("%+v: %U in %q", o, r, got[max(0, i-20):min(len(got), i+20)])
		}
	}
}

var hostileTexts = []string{"", "main", "closed", "open", "MUST", "ns", "share", "undocumented", "OK", "p99(offered) < 1s", "无可用号码", "\x1b[2J\x1b]0;x\a", "\u202etxt",
	"\xff\xfe", "a\nb\r\nc", "=cmd|' /C calc'!A0", "<script>alert(1)</script>", "\"><img src=x onerror='alert(1)'>", "</style></pre>]]>-->", "javascript:alert(1)", "a\x00b\ufffe", "{{.}}&lt;", strings.Repeat("长", 300), strings.Repeat("x ", 300), "\u200b\u0301"}

// hostile fills v with anything its types can hold.
func hostile(t *rapid.T, v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "time"), 0)))
			return
		}
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				hostile(t, v.Field(i), depth)
			}
		}
	case reflect.Pointer:
		if rapid.Bool().Draw(t, "set") {
			v.Set(reflect.New(v.Type().Elem()))
			hostile(t, v.Elem(), depth)
		}
	case reflect.Slice:
		n := rapid.IntRange(0, 3).Draw(t, "length")
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			hostile(t, v.Index(i), depth+1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for _, name := range []string{"offered", "service", "lag"} {
			value := reflect.New(v.Type().Elem()).Elem()
			hostile(t, value, depth+1)
			v.SetMapIndex(reflect.ValueOf(name).Convert(v.Type().Key()), value)
		}
	case reflect.String:
		v.SetString(rapid.OneOf(rapid.SampledFrom(hostileTexts), rapid.String()).Draw(t, "text"))
	case reflect.Uint8:
		v.SetUint(uint64(rapid.Byte().Draw(t, "byte")))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Int, reflect.Int64:
		v.SetInt(rapid.OneOf(rapid.Int64(), rapid.Int64Range(0, 5), rapid.SampledFrom([]int64{math.MinInt64, math.MaxInt64})).Draw(t, "int"))
	case reflect.Float64:
		v.SetFloat(rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, 1, math.NaN(), math.Inf(1), math.Inf(-1)})).Draw(t, "float"))
	default:
		t.Fatalf("no filler for %s", v.Type())
	}
}

func TestTextOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rec := &results.Record{Dir: rapid.SampledFrom(hostileTexts).Draw(t, "dir")}
		hostile(t, reflect.ValueOf(&rec.Run).Elem(), 0)
		checkText(t, rec)
	})
}

// TestTextOfBrokenFiles: a report says what it cannot read and goes on.
func TestTextOfBrokenFiles(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/runs/nonconformant")); err != nil {
		t.Fatal(err)
	}
	rec, err := results.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	const says = "evidence.ndjson cannot be read"
	if strings.Contains(text(t, rec, TextOptions{}), says) {
		t.Error("a whole file is called broken")
	}
	if err := os.WriteFile(filepath.Join(dir, results.EvidenceFile), []byte("{\"code\":\n{}\n{}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := text(t, rec, TextOptions{}); !strings.Contains(got, says) || !strings.Contains(got, "Generator") {
		t.Errorf("a broken evidence.ndjson is not told:\n%s", got)
	}
}

func FuzzTextOfRunJSON(f *testing.F) {
	files, err := filepath.Glob("testdata/runs/*/run.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("no samples: %v", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"verdict":"\u001b[31m","phases":[{"name":"\u202e","latency":{"offered":{"count":1,"bound":true}}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		rec := &results.Record{Dir: "testdata/runs/nonconformant"}
		if json.Unmarshal(data, &rec.Run) != nil {
			return
		}
		checkText(t, rec)
	})
}
