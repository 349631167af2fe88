package report

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The scripts of the charts know no text but those that the page gives them.
func TestChartWords(t *testing.T) {
	text, err := asset("charts.js")
	if err != nil {
		t.Fatal(err)
	}
	calls := regexp.MustCompile(`word\('(\w+)', '([^']*)'\)`).FindAllStringSubmatch(text, -1)
	pairs := regexp.MustCompile(`\['(dropped|unfinished|not_offered)', '([^']*)'\]`).FindAllStringSubmatch(text, -1)
	if len(calls) < 20 || len(pairs) != 3 {
		t.Fatalf("%d and %d texts found: this reads the scripts wrong", len(calls), len(pairs))
	}
	for _, call := range append(calls, pairs...) {
		if key, english := call[1], call[2]; scriptWords[key] != english {
			t.Errorf("%s is %q in the charts and %q in the page's words", key, english, scriptWords[key])
		}
	}
}

// Lines can be told from the ground of each theme (3:1, WCAG 1.4.11), and from each other by lightness or hue.
func TestChartColours(t *testing.T) {
	charts, err := asset("charts.css")
	if err != nil {
		t.Fatal(err)
	}
	page, err := asset("page.css")
	if err != nil {
		t.Fatal(err)
	}
	variables := func(text string, from int) map[string]string {
		found := map[string]string{}
		block, _, _ := strings.Cut(text[from:], "}")
		for _, v := range regexp.MustCompile(`--([a-z0-9-]+):(#[0-9a-f]{3,6})`).FindAllStringSubmatch(block, -1) {
			found[v[1]] = v[2]
		}
		return found
	}
	for theme, selector := range map[string]string{"light": ":root{", "dark": ":root[data-theme=dark]{", "dark by preference": ":root:not([data-theme=light]){"} {
		lines, ground := variables(charts, strings.Index(charts, selector)), variables(page, strings.Index(page, selector))
		if len(lines) != 8 || ground["card"] == "" {
			t.Fatalf("%s: %d colours, card %q", theme, len(lines), ground["card"])
		}
		for name, colour := range lines {
			if c := contrast(t, colour, ground["card"]); c < 3 {
				t.Errorf("%s: --%s is %s, %.2f:1 on %s, want 3", theme, name, colour, c, ground["card"])
			}
		}
		if c := contrast(t, ground["soft"], ground["card"]); c < 4.5 {
			t.Errorf("%s: the text of axes is %.2f:1 on the card, want 4.5", theme, c)
		}
	}
}

// contrast is the contrast ratio of WCAG 2.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	light := func(colour string) float64 {
		digits := strings.TrimPrefix(colour, "#")
		if len(digits) == 3 {
			digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
		}
		sum := 0.0
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			n, err := strconv.ParseUint(digits[2*i:2*i+2], 16, 8)
			if err != nil {
				t.Fatal(err)
			}
			c := float64(n) / 255
			if c <= 0.04045 {
				c /= 12.92
			} else {
				c = math.Pow((c+0.055)/1.055, 2.4)
			}
			sum += weight * c
		}
		return sum
	}
	x, y := light(a), light(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}
