package emulator

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"axbench/conformance/signature"
)

// client is one connection that is kept.
type client struct {
	net.Conn
	r *bufio.Reader
}

func dial(t testing.TB, addr string) *client {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return &client{c, bufio.NewReader(c)}
}

// call sends a request and reads the answer's body away.
func (c *client) call(t testing.TB, request string) {
	if _, err := io.WriteString(c, request); err != nil {
		t.Error(err)
		return
	}
	length := 0
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			t.Error(err)
			return
		}
		if len(line) <= 2 {
			break
		}
		if v, ok := strings.CutPrefix(string(line), "Content-Length: "); ok {
			length, _ = strconv.Atoi(strings.TrimSpace(v))
		}
	}
	if _, err := c.r.Discard(length); err != nil {
		t.Error(err)
	}
}

// requests are as many signed binds, made before the clock runs.
func requests(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = newBind().get()
	}
	return out
}

// TestMain also is the child of the benchmarks: a server of its own, whose CPU time is not the client's.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "serve" {
		serveProcess(os.Args[2])
		return
	}
	if len(os.Args) > 2 && os.Args[1] == "emulate" {
		os.Exit(childProcess())
	}
	os.Exit(m.Run())
}

// serveProcess serves until its input ends and prints its CPU time for each line of it.
func serveProcess(kind string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	s, err := New(&Config{Seed: 1}, fixed)
	if err != nil {
		panic(err)
	}
	web := s.web()
	if kind == "empty" {
		web.Handler = func(*fasthttp.RequestCtx) {}
		go web.Serve(l)
	} else {
		go web.Serve(listener{l, s})
	}
	fmt.Println(l.Addr())
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		fmt.Println(cpu().Nanoseconds())
	}
}

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// benchmarkServer reports the CPU time that a server process spends on a call, over eight kept connections.
func benchmarkServer(b *testing.B, kind string) {
	cmd := exec.Command(os.Args[0], "serve", kind)
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer cmd.Wait()
	defer in.Close()
	lines := bufio.NewScanner(out)
	lines.Scan()
	addr := lines.Text()
	spent := func() float64 {
		fmt.Fprintln(in)
		lines.Scan()
		ns, err := strconv.ParseFloat(lines.Text(), 64)
		if err != nil {
			b.Fatal(err)
		}
		return ns
	}
	const conns = 8
	all := requests(b.N + 500)
	clients := make([]*client, conns)
	for i := range clients {
		clients[i] = dial(b, addr)
		defer clients[i].Close()
	}
	run := func(list []string) {
		done := make(chan struct{})
		for i, c := range clients {
			go func() {
				for k := i; k < len(list); k += conns {
					c.call(b, list[k])
				}
				done <- struct{}{}
			}()
		}
		for range clients {
			<-done
		}
	}
	run(all[:500])
	before := spent()
	b.ResetTimer()
	run(all[500:])
	b.StopTimer()
	b.ReportMetric((spent()-before)/float64(b.N), "server-cpu-ns/op")
}

func BenchmarkEmptyHandler(b *testing.B) { benchmarkServer(b, "empty") }

func BenchmarkEmulator(b *testing.B) { benchmarkServer(b, "emulator") }

// BenchmarkSignatureOnly is what signing the same call costs by itself.
func BenchmarkSignatureOnly(b *testing.B) {
	p := newBind().sorted()
	key := signature.NewV1Key(BuiltinSecret)
	var text, sign []byte
	b.ReportAllocs()
	for range b.N {
		signature.Sort(p)
		text = signature.AppendStringToSignV1(text[:0], "GET", p)
		sign = key.Append(sign[:0], text)
		if signature.Equal(sign, text) {
			b.Fatal("equal")
		}
	}
}

// BenchmarkHandler calls the handler without a connection.
func BenchmarkHandler(b *testing.B) {
	for _, kind := range []string{"V1", "V3", "refused"} {
		b.Run(kind, func(b *testing.B) {
			s, err := New(&Config{Seed: 1}, fixed)
			if err != nil {
				b.Fatal(err)
			}
			all := make([]fasthttp.Request, min(b.N, 20_000))
			for i := range all {
				text := newBind().get()
				switch kind {
				case "V3":
					text = newBind().v3(nil)
				case "refused":
					text = newBind().with("PhoneNoB", "1").get()
				}
				if err := all[i].Read(bufio.NewReader(strings.NewReader(text))); err != nil {
					b.Fatal(err)
				}
				all[i].URI()
			}
			var ctx fasthttp.RequestCtx
			ctx.Init(&fasthttp.Request{}, nil, silent{})
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				if i > 0 && i%len(all) == 0 {
					b.StopTimer()
					s.nonces = newNonces(maxNonces)
					b.StartTimer()
				}
				all[i%len(all)].CopyTo(&ctx.Request)
				ctx.Response.Reset()
				s.handle(&ctx)
			}
		})
	}
}

// BenchmarkCopyRequest is what BenchmarkHandler adds to the handler.
func BenchmarkCopyRequest(b *testing.B) {
	var r, to fasthttp.Request
	if err := r.Read(bufio.NewReader(strings.NewReader(newBind().get()))); err != nil {
		b.Fatal(err)
	}
	r.URI()
	b.ReportAllocs()
	for range b.N {
		r.CopyTo(&to)
	}
}
