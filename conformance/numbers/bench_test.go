package numbers

import (
	"fmt"
	"runtime"
	"testing"
	"time"
)

// BenchmarkBind binds and unbinds in a pool in three states: empty, all but ten numbers full, and with an A that is bound on
// all but ten numbers.
func BenchmarkBind(b *testing.B) {
	for _, size := range []int{10_000, 1_000_000} {
		for _, state := range []string{"empty", "full", "repeated"} {
			b.Run(fmt.Sprintf("%d/%s", size, state), func(b *testing.B) {
				p := single(b, PoolConfig{Key: "P", MaxPairs: 1, Cities: []City{{"北京", []Range{NewRange(must(b, "17000000000"), size)}}}})
				if state == "repeated" {
					p.limit = 2
				}
				a, far := must(b, "15000000000"), start.Add(time.Hour)
				for i := range size - 10 {
					r := Request{A: must(b, "13000000000") + Number(i), B: must(b, "15800000000") + Number(i), Expires: far}
					switch state {
					case "empty":
						continue
					case "repeated":
						r.A = a
					}
					if _, refusal := p.Bind(start, r); refusal != None {
						b.Fatal(refusal)
					}
				}
				b.ReportAllocs()
				b.ResetTimer()
				for i := range b.N {
					got, refusal := p.Bind(start, Request{A: a, B: must(b, "13900000000") + Number(i), Expires: far})
					if refusal != None {
						b.Fatal(refusal)
					}
					p.Unbind(start, got.SubsID, got.X)
				}
			})
		}
	}
}

// BenchmarkMemory reports bytes for each free number of a pool of a million, and for each binding.
func BenchmarkMemory(b *testing.B) {
	const size, bindings = 1_000_000, 200_000
	for range b.N {
		before := heap()
		p := single(b, PoolConfig{Key: "P", Cities: []City{{"北京", []Range{NewRange(must(b, "17000000000"), size)}}}})
		free := heap()
		for i := range bindings {
			r := Request{A: must(b, "15000000000") + Number(i%3000), B: must(b, "15800000000") + Number(i/3000), Expires: start.Add(time.Hour)}
			if _, refusal := p.Bind(start, r); refusal != None {
				b.Fatal(refusal)
			}
		}
		b.ReportMetric((free-before)/size, "B/number")
		b.ReportMetric((heap()-free)/bindings, "B/binding")
		runtime.KeepAlive(p)
	}
}
