package report

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
)

// uPlot is the file of the release, and nothing in a script ends its element.
func TestAssets(t *testing.T) {
	for name, c := range map[string]struct{ text, sum string }{
		"uPlot.iife.min.js": {uPlotJS, "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f"},
		"uPlot.min.css":     {uPlotCSS, "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04"},
	} {
		if sum := sha256.Sum256([]byte(c.text)); hex.EncodeToString(sum[:]) != c.sum {
			t.Errorf("%s is not that of uPlot 1.6.32: SHA-256 %x", name, sum)
		}
	}
	for _, s := range chartScripts() {
		if text := strings.ToLower(string(s.Text)); strings.Contains(text, "</script") || strings.Contains(text, "<!--") {
			t.Errorf("a script would end its element: %.60s", text)
		}
		if !strings.HasPrefix(s.Source, "'sha256-") || len(s.Source) != len("'sha256-'")+44 {
			t.Errorf("source %s", s.Source)
		}
	}
	if style := strings.ToLower(string(chartStyle())); strings.Contains(style, "</style") || strings.Contains(style, "@import") || strings.Contains(style, "url(") {
		t.Error("the style would end its element, or loads something")
	}
}
