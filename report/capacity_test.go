package report

import (
	"bytes"
	"strings"
	"testing"

	"axbench/results"
)

func capacityText(t testing.TB, rec *results.CapacityRecord, o TextOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := CapacityText(&b, rec, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCapacityTextGolden(t *testing.T) {
	for i := range capacitySamples {
		s := &capacitySamples[i]
		t.Run(s.name, func(t *testing.T) {
			rec := capacityRecord(t, s)
			got := capacityText(t, rec, TextOptions{})
			golden(t, "capacity/"+s.name+".txt", []byte(got))
			for n, line := range strings.Split(got, "\n") {
				if w := width(line); w > defaultWidth {
					t.Errorf("line %d has %d cells: %s", n+1, w, line)
				}
			}
			if s.name == "saturation" {
				golden(t, "capacity/"+s.name+".ascii.txt", []byte(capacityText(t, rec, TextOptions{ASCII: true, Width: 80})))
				golden(t, "capacity/"+s.name+".color.txt", []byte(capacityText(t, rec, TextOptions{Color: true, Width: 120})))
			}
		})
	}
}

func capacityHTML(t testing.TB, rec *results.CapacityRecord, o HTMLOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := CapacityHTML(&b, rec, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCapacityHTMLGolden(t *testing.T) {
	for i := range capacitySamples {
		s := &capacitySamples[i]
		rec := capacityRecord(t, s)
		golden(t, "capacity/"+s.name+".html", []byte(withoutAssets(t, capacityHTML(t, rec, HTMLOptions{}))))
		golden(t, "capacity/"+s.name+".zh.html", []byte(withoutAssets(t, capacityHTML(t, rec, HTMLOptions{Lang: "zh"}))))
	}
}

func TestCapacityFormatsGolden(t *testing.T) {
	for i := range capacitySamples {
		s := &capacitySamples[i]
		rec := capacityRecord(t, s)
		for _, f := range []struct{ name, suffix string }{{"markdown", "md"}, {"junit", "xml"}} {
			var b bytes.Buffer
			if err := WriteCapacity(&b, rec, f.name, Options{}); err != nil {
				t.Fatal(err)
			}
			golden(t, "capacity/"+s.name+"."+f.suffix, b.Bytes())
		}
	}
}
