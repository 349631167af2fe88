package report

import (
	"encoding/csv"
	"encoding/xml"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"axbench/results"
)

// TestRunJUnit: each sample has the cases that its record calls for, and is red exactly where its exit code is not 0.
func TestRunJUnit(t *testing.T) {
	for i := range samples {
		name := samples[i].name
		rec := sampleRun(t, name)
		text := rendered(t, rec, "junit")
		checkRunXML(t, text, &rec.Run)
		p := parseJUnit(t, text)
		green := rec.Run.ExitCode != nil && *rec.Run.ExitCode == 0
		if (p.Failures+p.Errors == 0) != green {
			t.Errorf("%s: %+v with exit code %v", name, p.parsedCounts, rec.Run.ExitCode)
		}
		want := map[string]string{"verdict": "", "ledger": "", "evidence": "", "valid": ""}
		for _, s := range rec.Run.SLOs {
			want[s.Rule] = map[bool]string{true: "", false: "failure"}[s.Pass != nil && *s.Pass]
			if s.Pass == nil {
				want[s.Rule] = "error"
			}
		}
		for _, v := range rec.Run.Violations {
			want[v.Clause] = map[bool]string{true: "failure", false: ""}[v.Count > 0 && v.Level == "MUST"]
		}
		switch name {
		case "nonconformant":
			want["verdict"], want["isv.MYSTERY_ERROR"] = "failure", "failure"
		case "slo-missed", "aborted":
			want["verdict"] = "failure"
		case "partial":
			want["verdict"], want["valid"] = "error", "error"
		case "invalid":
			want["verdict"], want["valid"] = "error", "error"
		case "no-data", "bounds":
			want["verdict"] = "error"
		case "fleet":
			want["verdict"], want["valid"], want["arrivals"] = "error", "error", "error"
			want["generator 0 (load-a)"], want["generator 1 (load-b)"], want["generator 2 (load-c)"], want["generator 3 (load-d)"] = "", "", "error", "error"
		}
		if name != "nonconformant" && rec.Run.Totals.Done > 0 {
			want["no undocumented code"] = ""
		}
		if got := outcomes(p); !maps.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// outcomes tells the element that stands in each case, "" for a pass.
func outcomes(p *parsedJUnit) map[string]string {
	list := map[string]string{}
	for _, s := range p.Suites {
		for _, c := range s.Cases {
			switch {
			case c.Failure != nil:
				list[c.Name] = "failure"
			case c.Error != nil:
				list[c.Name] = "error"
			case c.Skipped != nil:
				list[c.Name] = "skipped"
			default:
				list[c.Name] = ""
			}
		}
	}
	return list
}

// TestRunJUnitSays: what somebody who reads only this needs to know.
func TestRunJUnitSays(t *testing.T) {
	rec := sampleRun(t, "nonconformant")
	rec.Run.Violations[0].Checked = 0 // nothing could have broken it
	rec.Run.Phases[0].Done--
	var doc struct {
		Suites []struct {
			Props []junitProperty `xml:"properties>property"`
			Cases []struct {
				Name    string `xml:"name,attr"`
				Failure string `xml:"failure"`
				Out     string `xml:"system-out"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	text := rendered(t, rec, "junit")
	if err := xml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	props := map[string]string{}
	for _, p := range doc.Suites[0].Props {
		props[p.Name] = p.Value
	}
	if props["seed"] != "42" || props["scenario"] != "nonconformant" || props["target"] != "emulator" || props["version"] != "0.1.0" || props["exit_code"] != "4" {
		t.Errorf("properties %v", props)
	}
	says := map[string]string{"RSP-9": "SecretBindDTO: expected an object, got null", "isv.MYSTERY_ERROR": "\\x1b[31m神秘\\u202e", "verdict": "3 MUST violations of RSP-9",
		"RSP-5": "WARN, no MUST: broken 7 of 600 times", "RSP-2": "0 of 600, below 0.77 %"}
	for _, s := range doc.Suites {
		for _, c := range s.Cases {
			if want := says[c.Name]; !strings.Contains(c.Failure+c.Out, want) {
				t.Errorf("%s says %q%q, not %q", c.Name, c.Failure, c.Out, want)
			}
			delete(says, c.Name)
		}
	}
	if got := outcomes(parseJUnit(t, text)); len(says) > 0 || got["RSP-1"] != "skipped" || got["ledger"] != "error" {
		t.Errorf("no case of %v; RSP-1 %q, ledger %q", says, got["RSP-1"], got["ledger"])
	}
}

// TestCSVSums: the columns sum up to the run, and stand where they should.
func TestCSVSums(t *testing.T) {
	for i := range samples {
		rec := sampleRun(t, samples[i].name)
		rows, err := csv.NewReader(strings.NewReader(rendered(t, rec, "csv"))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		sums := map[string]int64{}
		for _, row := range rows[1:] {
			for k, cell := range row {
				n, _ := strconv.ParseInt(cell, 10, 64)
				sums[rows[0][k]] += n
			}
		}
		total := &rec.Run.Totals
		if sums["sent"] != total.Sent || sums["done"] != total.Done || sums["good"] != total.Good || sums["failed"] != total.Failed || sums["dropped"] != total.Dropped {
			t.Errorf("%s: %v, want %+v", samples[i].name, sums, total.Ledger)
		}
		var codes []string
		classes := map[results.Class]int64{}
		for _, c := range total.Codes {
			codes = append(codes, "code_"+c.Code)
			classes[c.Class] += c.Count
			if sums["code_"+c.Code] != c.Count {
				t.Errorf("%s: %d %s, want %d", samples[i].name, sums["code_"+c.Code], c.Code, c.Count)
			}
		}
		for _, c := range results.Classes {
			if sums["class_"+string(c)] != classes[c] {
				t.Errorf("%s: %d of class %s, want %d", samples[i].name, sums["class_"+string(c)], c, classes[c])
			}
		}
		slices.Sort(codes)
		if got := rows[0][len(rows[0])-len(codes):]; !slices.Equal(got, codes) || rows[0][0] != "t_s" || len(rows[0]) != len(csvColumns)+len(results.Classes)+len(codes) {
			t.Errorf("%s: columns %q", samples[i].name, rows[0])
		}
	}
}

// TestCSVText: what a spreadsheet would calculate with stays text, everything else stays as it is.
func TestCSVText(t *testing.T) {
	for in, want := range map[string]string{"main": "main", "": "", "=1+1": "'=1+1", "+x": "'+x", "-x": "'-x", "@x": "'@x", " =x": "' =x", "\t=x": `\x09=x`, "\r@x": `\x0d@x`, "a=b": "a=b",
		"＝x": "'＝x", "无": "无", "'=": "'="} {
		if got := csvText(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

// TestCSVIsBounded: a timeline with any number of codes makes a table of bounded width that loses no call.
func TestCSVIsBounded(t *testing.T) {
	dir := damaged(t, "pass", results.TimelineFile, func([]byte) []byte {
		var b strings.Builder
		b.WriteString(`{"t":0,"phase":"main","codes":{"OK":1`)
		for i := range 2000 {
			b.WriteString(`,"x` + strconv.Itoa(i) + `":2`)
		}
		b.WriteString("}}\n")
		return []byte(b.String())
	})
	rec, err := results.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(rendered(t, rec, "csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	sum := int64(0)
	for k, name := range rows[0] {
		if strings.HasPrefix(name, "code") {
			n, _ := strconv.ParseInt(rows[1][k], 10, 64)
			sum += n
		}
	}
	if last := len(rows[0]) - 1; rows[0][last] != "codes_left_out" || sum != 4001 || last != len(csvColumns)+len(results.Classes)+maxCodeColumns {
		t.Errorf("%d columns, the last %q, %d calls", last+1, rows[0][last], sum)
	}
}
