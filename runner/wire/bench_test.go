//go:build unix

package wire

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// startServer runs the bare server as a process of its own, so that its CPU is not counted.
func startServer(b *testing.B, kind string) string {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serveEnv+"="+kind)
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { in.Close(); cmd.Wait() })
	addr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(addr)
}

// cpu returns what this process used so far.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// spread runs b.N calls on n goroutines and reports the CPU of a call.
func spread(b *testing.B, n int, worker func() (call func())) {
	var (
		left atomic.Int64
		wg   sync.WaitGroup
	)
	calls := make([]func(), n)
	for i := range calls {
		calls[i] = worker()
		calls[i]()
	}
	left.Store(int64(b.N))
	b.ReportAllocs()
	b.ResetTimer()
	before := cpu(b)
	for _, call := range calls {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				call()
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64((cpu(b)-before).Nanoseconds())/float64(b.N)/1e3, "cpu-µs/op")
}

// BenchmarkDo measures calls to a bare server. "net" does the same by means of package net alone, and "floor" is
// what is the least with package net: a write and a read, without pool, instants, deadline or framing.
func BenchmarkDo(b *testing.B) {
	for _, n := range []int{1, 16, 64, 256} {
		for _, slow := range []bool{false, true} {
			name := map[bool]string{false: "raw", true: "net"}[slow]
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				p := NewPool(Target{Addr: startServer(b, "answer")}, Limits{})
				p.slow = slow
				defer p.Close()
				var told atomic.Int64
				req := []byte(getRequest)
				spread(b, n, func() func() {
					a := new(Answer)
					sending := func(time.Time) { told.Add(1) }
					return func() {
						p.Do(req, 10*time.Second, a, sending)
						if a.Failure != None {
							b.Error(a.Failure, a.Detail)
						}
					}
				})
			})
		}
		b.Run(fmt.Sprintf("floor/%d", n), func(b *testing.B) {
			addr := startServer(b, "answer")
			req := []byte(getRequest)
			spread(b, n, func() func() {
				conn, err := net.Dial("tcp", addr)
				if err != nil {
					b.Fatal(err)
				}
				b.Cleanup(func() { conn.Close() })
				buf := make([]byte, 4096)
				return func() {
					if _, err := conn.Write(req); err != nil {
						b.Error(err)
					}
					if _, err := conn.Read(buf); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

// BenchmarkReader measures the judgement of an answer that is there.
func BenchmarkReader(b *testing.B) {
	answer := []byte(okAnswer)
	var (
		r reader
		a Answer
	)
	b.ReportAllocs()
	b.SetBytes(int64(len(answer)))
	for b.Loop() {
		a.Release()
		r.reset(defaultMaxHead, defaultMaxBody)
		if n := copy(r.space(), answer); r.feed(n) != complete {
			b.Fatal(r.detail)
		}
		r.deliver(&a)
	}
}

// BenchmarkInFlight measures the memory of calls that wait for their answer, goroutines included.
func BenchmarkInFlight(b *testing.B) {
	const calls = 2000
	p := NewPool(Target{Addr: startServer(b, "silent")}, Limits{})
	req := []byte(getRequest)
	var before, after runtime.MemStats
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		var (
			wg   sync.WaitGroup
			sent atomic.Int64
		)
		for range calls {
			wg.Go(func() {
				var a Answer
				p.Do(req, time.Minute, &a, func(time.Time) { sent.Add(1) })
			})
		}
		for sent.Load() < calls {
			time.Sleep(time.Millisecond)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		used := after.HeapInuse + after.StackInuse - before.HeapInuse - before.StackInuse
		b.ReportMetric(float64(used)/calls, "B/call")
		p.Abort()
		wg.Wait()
	}
}
