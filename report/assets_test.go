package report

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
)

// uPlot is the file of its release, and nothing in what is embedded ends its element or loads something.
func TestAssets(t *testing.T) {
	sums := map[string]string{
		"uPlot.iife.min.js": "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f",
		"uPlot.min.css":     "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04",
	}
	for _, name := range slices.Concat(pageStyles, pageScripts, capacityScripts, compareScripts, trendScripts) {
		text, err := asset(name)
		if err != nil || len(text) == 0 {
			t.Fatalf("%s: %d bytes, %v", name, len(text), err)
		}
		sum := sha256.Sum256([]byte(text))
		if want := sums[name]; want != "" && hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s is not that of uPlot 1.6.32: SHA-256 %x", name, sum)
		}
		lower := strings.ToLower(text)
		for _, bad := range []string{"</script", "</style", "<!--", "@import", "url("} {
			if strings.Contains(lower, bad) {
				t.Errorf("%s holds %q", name, bad)
			}
		}
	}
	parts, err := assetFiles.ReadDir("assets/charts")
	if err != nil || len(parts) == 0 {
		t.Fatalf("%d parts of scripts, %v", len(parts), err)
	}
	for _, p := range parts {
		name, named := strings.TrimSuffix(p.Name(), ".js"), false
		for _, list := range chartParts {
			named = named || slices.Contains(list, name)
		}
		if !named {
			t.Errorf("%s is part of no script", p.Name())
		}
	}
	if _, err := asset("none.js"); err == nil {
		t.Error("no error for an asset that is not there")
	}
}
