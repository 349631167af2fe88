package report

import (
	"bytes"
	"os"
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
		var b bytes.Buffer
		if err := WriteCapacity(&b, rec, "json", Options{}); err != nil {
			t.Fatal(err)
		}
		if data, err := os.ReadFile(rec.Dir + "/" + results.CapacityFile); err != nil || !bytes.Equal(data, b.Bytes()) {
			t.Errorf("%s as JSON is another than the file, %v", s.name, err)
		}
	}
}

// TestCapacityDrawsNoEmptyGoodput draws goodput against rate as long as there was any.
func TestCapacityDrawsNoEmptyGoodput(t *testing.T) {
	const latency, goodput = "p99(offered) against rate", "Goodput against rate"
	rec := capacityRecord(t, &capacitySamples[0])
	for left := range 2 {
		none := 0.0
		for i := left; i < len(rec.Capacity.Curve); i++ {
			rec.Capacity.Curve[i].Goodput = &none
		}
		got := capacityText(t, rec, TextOptions{})
		if !strings.Contains(got, latency) || strings.Contains(got, goodput) != (left > 0) {
			t.Errorf("with goodput at %d rates:\n%s", left, got)
		}
		rec = capacityRecord(t, &capacitySamples[0])
	}
}

// TestCapacitySays holds what no report of a search may leave out, whatever the layout and the language.
func TestCapacitySays(t *testing.T) {
	cases := map[string]struct{ says, zh, not []string }{
		"saturation": {[]string{"FOUND", "exit code 0", "holds 487/s (between 480 and 495, 95 %), limited by saturation; plan for 384/s with 20 % headroom", "> 1.97 s", "bends at 478/s", "p99(offered) < 50ms was missed"},
			[]string{"可承受 487/s（480 至 495，置信度 95 %），瓶颈：饱和；建议按 384/s 规划（预留 20 % 余量）", "曲线在 478/s 处出现拐点"}, []string{"calibrate"}},
		"throttle":    {[]string{"holds 300/s (between 297 and 303, 95 %), limited by throttling", "flow limit of the account raised", "isv.FLOW_LIMIT 25.00 %"}, []string{"瓶颈：限流"}, []string{"bends"}},
		"exhaustion":  {[]string{"limited by exhausted numbers", "axbench capacity pool", "isv.NO_AVAILABLE_NUMBER 25.00 %"}, []string{"瓶颈：号码耗尽"}, nil},
		"generator":   {[]string{"GENERATOR LIMIT", "exit code 6", "holds at least 28,000/s, limited by the generator", "axbench calibrate", "cannot tell"}, []string{"至少可承受 28,000/s，瓶颈：压测端", "无法判断"}, []string{"FOUND"}},
		"ceiling":     {[]string{"FOUND", "holds at least 250/s, limited by the ceiling of the search", "held every rate up to the highest", "--max"}, []string{"至少可承受 250/s"}, []string{"between"}},
		"not-held":    {[]string{"NOT HELD", "exit code 3", "holds less than 25/s", "isp.SYSTEM_ERROR 2.80 %"}, []string{"可承受的速率低于 25/s"}, []string{"FOUND", "headroom"}},
		"interrupted": {[]string{"INTERRUPTED", "exit code 130", "so far: holds between 400/s and 800/s", "plan for 320/s"}, []string{"截至目前：可承受的速率在 400/s 与 800/s 之间"}, []string{"FOUND"}},
	}
	for i := range capacitySamples {
		name := capacitySamples[i].name
		rec := capacityRecord(t, &capacitySamples[i])
		c, ok := cases[name]
		if !ok {
			t.Errorf("nothing is asked of %s", name)
		}
		reports := map[string]string{"text": capacityText(t, rec, TextOptions{Width: 1 << 16}), "html": pageText(t, capacityHTML(t, rec, HTMLOptions{}))}
		for _, f := range []string{"markdown", "junit"} {
			var b bytes.Buffer
			if err := WriteCapacity(&b, rec, f, Options{}); err != nil {
				t.Fatal(err)
			}
			reports[f] = strings.ReplaceAll(b.String(), "&lt;", "<")
		}
		reports["junit"] = strings.ReplaceAll(reports["junit"], "&gt;", ">")
		zh := pageText(t, capacityHTML(t, rec, HTMLOptions{Lang: "zh"}))
		for format, got := range reports {
			for _, s := range c.says {
				if !strings.Contains(got, s) {
					t.Errorf("%s of %s does not say %q", format, name, s)
				}
			}
			for _, s := range c.not {
				if strings.Contains(got, s) {
					t.Errorf("%s of %s says %q", format, name, s)
				}
			}
		}
		for _, s := range c.zh {
			if !strings.Contains(zh, s) {
				t.Errorf("%s does not say %q", name, s)
			}
		}
	}
}
