package cmd

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// repeated parses a command line of run and returns what would make it again with seed 7.
func repeated(t *testing.T, args, env []string) []string {
	t.Helper()
	p := &program{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard, env: func(name string) string {
		for _, e := range env {
			if v, ok := strings.CutPrefix(e, name+"="); ok {
				return v
			}
		}
		return ""
	}}
	app := p.app()
	var words []string
	for _, c := range app.Commands {
		if c.Name == "run" {
			c.Action = func(ctx *cli.Context) error {
				if err := p.applyTwins(ctx); err != nil {
					return err
				}
				words = repeatCommand(ctx, 7)
				return nil
			}
		}
	}
	ordered, err := order(app, args)
	if err == nil {
		err = app.Run(append([]string{app.Name}, ordered...))
	}
	if err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return words
}

func TestRepeatCommand(t *testing.T) {
	cases := []struct {
		name, args string
		env        []string
		want       string
	}{
		{"nothing set", "run peak", nil, "axbench run peak --seed 7"},
		{"another seed was asked for", "run peak --seed 3", nil, "axbench run peak --seed 7"},
		{"values", "run --rate 500/s peak --duration 1m30s --warmup=5s --offset 4 --target http://127.0.0.1:8080", nil,
			"axbench run peak --target http://127.0.0.1:8080 --offset 4 --rate 500/s --duration 1m30s --warmup 5s --seed 7"},
		{"repeatable", "run peak --slo good>=99% --slo p99(offered)<1s", nil, "axbench run peak --slo good>=99% --slo p99(offered)<1s --seed 7"},
		{"from the environment", "run peak", []string{"AXBENCH_SCALE=0.5", "AXBENCH_SLO=good>=1%\ngood>=2%"}, "axbench run peak --scale 0.5 --slo good>=1% --slo good>=2% --seed 7"},
		{"where results go", "run peak --out x --json --lang zh --report csv=y --ui 127.0.0.1:0 --ui-linger 1s --any-interface", nil, "axbench run peak --seed 7"},
		{"a guard is loosened by hand only", "run peak --target https://vendor.example --allow-host vendor.example --plaintext --insecure", nil,
			"axbench run peak --target https://vendor.example --seed 7"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := repeated(t, strings.Fields(c.args), c.env)
			if text := strings.Join(got, " "); text != c.want {
				t.Errorf("got  %s\nwant %s", text, c.want)
			}
			if again := repeated(t, got[1:], nil); !slices.Equal(again, got) {
				t.Errorf("run again it says %q", again)
			}
		})
	}
}
