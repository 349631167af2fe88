package report

import (
	"bytes"
	"strings"
	"testing"

	"axbench/results"
)

// TestRunningPageSaysThatARuleStoppedIt: while open calls are waited for, and only then.
func TestRunningPageSaysThatARuleStoppedIt(t *testing.T) {
	for lang, says := range map[string][2]string{
		"en": {"a rule stopped the run: no more calls are made, and open ones are waited for", "it stopped the run at 8.00 s; worst window: second 6 to 8"},
		"zh": {"一条规则停止了运行：不再发起请求，等待在途请求返回", "该规则在 8.00 s 时停止了运行；最差窗口：第 6 秒至第 8 秒"},
	} {
		for _, stopped := range []bool{true, false} {
			rec := openSample(t, "aborted")
			rec.Run.Verdict, rec.Run.ExitCode, rec.Run.Ended = results.VerdictPartial, nil, nil
			if !stopped {
				rec.Run.SLOs[0].AbortedNS = 0
			}
			var b bytes.Buffer
			if err := RunHTML(&b, rec, HTMLOptions{Lang: lang, Live: true}); err != nil {
				t.Fatal(err)
			}
			for _, s := range says {
				if strings.Contains(b.String(), s) != stopped {
					t.Errorf("%s, stopped %v: %q", lang, stopped, s)
				}
			}
		}
	}
}
