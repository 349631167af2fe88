package client_test

import (
	"fmt"
	"testing"
	"time"

	"axbench/conformance/client"
)

// calls are one call each, a second apart every thousand calls.
func calls(t interface{ Fatal(...any) }) map[string]func() {
	list := map[string]func(){}
	for _, cfg := range configs() {
		if cfg.Region != "" || cfg.Format.String() != "JSON" {
			continue
		}
		s := signer(t, cfg)
		var dst []byte
		now := noon
		list[fmt.Sprintf("%v/%s/%v/token=%v", cfg.Scheme, cfg.Method, cfg.Place, cfg.Credentials.Token != "")] = func() {
			now = now.Add(time.Millisecond)
			dst = s.Append(dst[:0], "BindAxb", documented, nonce, now, client.NoFault)
		}
	}
	return list
}

func TestAppendDoesNotAllocate(t *testing.T) {
	for name, call := range calls(t) {
		call()
		if n := testing.AllocsPerRun(2000, call); n != 0 {
			t.Errorf("%s: %v allocations a call, want none", name, n)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	for name, call := range calls(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				call()
			}
		})
	}
}
