package cmd

import (
	"os"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptCopyDir copies a directory: copydir FROM TO.
func scriptCopyDir(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: copydir FROM TO")
	}
	ts.Check(os.CopyFS(ts.MkAbs(args[1]), os.DirFS(ts.MkAbs(args[0]))))
}

func TestParseAge(t *testing.T) {
	good := map[string]time.Duration{"30d": 720 * time.Hour, "2w": 336 * time.Hour, "12h": 12 * time.Hour, "90m": 90 * time.Minute, "1h30m": 90 * time.Minute}
	for text, want := range good {
		if got, err := parseAge(text); got != want || err != nil {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"0d", "-1d", "d", "1.5d", "30", "99999d", "-1h", "0s", "soon"} {
		if got, err := parseAge(text); err == nil {
			t.Errorf("%s: %s", text, got)
		}
	}
}
