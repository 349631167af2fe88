package runner

import (
	"maps"
	"testing"
	"time"
)

func TestBusyTime(t *testing.T) {
	const stat = "cpu  30 0 0 900 0 0 0 0 0 0\ncpu0 10 1 2 300 50 3 4 5 0 0\ncpu1 20 0 0 600 0 0 0 0 20 0\nintr 1 2 3\n"
	for _, tt := range []struct {
		name  string
		stat  string
		cores map[int]bool
		want  time.Duration
		ok    bool
	}{
		{"all", stat, nil, 450 * time.Millisecond, true},
		{"one", stat, map[int]bool{0: true}, 250 * time.Millisecond, true},
		{"none of them", stat, map[int]bool{7: true}, 0, false},
		{"another file", "cpu0 x 1 2 3 4 5 6 7 8\n", nil, 0, false},
		{"empty", "", nil, 0, false},
	} {
		if got, ok := busyTime([]byte(tt.stat), tt.cores); got != tt.want || ok != tt.ok {
			t.Errorf("%s: %s, %v; want %s, %v", tt.name, got, ok, tt.want, tt.ok)
		}
	}
	if busy, ok := machineTime(); !ok || busy <= 0 {
		t.Errorf("this machine: %s, %v", busy, ok)
	}
}

func TestCoreList(t *testing.T) {
	for list, want := range map[string]map[int]bool{
		"0": {0: true}, "0-2,5": {0: true, 1: true, 2: true, 5: true}, "": nil, "a": nil, "3-1": nil, "0-99999999": nil, "1,": nil,
	} {
		if got := coreList(list); !maps.Equal(got, want) || (got == nil) != (want == nil) {
			t.Errorf("%q: %v, want %v", list, got, want)
		}
	}
}
