package scenarios

import (
	"encoding/json"
	"regexp"
	"testing"

	"axbench/results/judge"
)

// An editor accepts what the parser does, and marks what is no rule in its form.
func TestPatternOfRules(t *testing.T) {
	var schema struct {
		Pattern  string
		Examples []string
	}
	if err := json.Unmarshal([]byte((*Rule)(nil).SchemaJSON()), &schema); err != nil {
		t.Fatal(err)
	}
	pattern, err := regexp.Compile(schema.Pattern)
	if err != nil {
		t.Fatal(err)
	}
	right := append(schema.Examples, "p99 < 50ms", "  p99.90( response )<=1.5s  in  peak ", "p50(service, isv.FLOW_LIMIT) >= 20 ms in main", "p75 < 12μs", "max < 1s abort",
		"share(~other) <= 0.1 %", "good>=0.99", "goodput > 449.5", "violations <= 0", "count ( timeout ) < 10 over 1m30s in a,b ,c abort after 5s", "p99 < 1s in over, abort abort")
	for _, text := range right {
		if _, err := judge.ParseRule(text); err != nil || !pattern.MatchString(text) {
			t.Errorf("%q: in the pattern %v, %v", text, pattern.MatchString(text), err)
		}
	}
	for _, text := range []string{"", "good", "good 99%", "good => 99%", "good >= 99% im main", "good >= 99% in", "good >= 99% in a,", "good >= 99% over", "good >= 99% in main over 5s",
		"good >= 99% abort in main", "good >= 99% after 5s", "p99 < 50 minutes", "p99(offered < 50ms", "good >= 99%over 5s"} {
		if _, err := judge.ParseRule(text); err == nil || pattern.MatchString(text) {
			t.Errorf("%q: in the pattern %v, %v", text, pattern.MatchString(text), err)
		}
	}
}
