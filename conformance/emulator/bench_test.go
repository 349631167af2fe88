package emulator

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

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
	flag.Parse()
	if flag.Lookup("test.parallel").Value.String() == flag.Lookup("test.parallel").DefValue {
		_ = flag.Set("test.parallel", "4") // most tests here wait more than they compute
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
		debug.SetGCPercent(childGC)
		go web.Serve(listener{l, s})
	}
	fmt.Println(l.Addr())
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		fmt.Println(cpu().Nanoseconds())
	}
}

// process is a server process with kept connections to it.
type process struct {
	in      io.WriteCloser
	out     *bufio.Scanner
	clients []*client
}

const conns = 8

func start(b *testing.B, kind string) *process {
	cmd := exec.Command(os.Args[0], "serve", kind)
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	p := &process{in: in, out: bufio.NewScanner(out)}
	p.out.Scan()
	for range conns {
		p.clients = append(p.clients, dial(b, p.out.Text()))
	}
	b.Cleanup(func() {
		for _, c := range p.clients {
			c.Close()
		}
		in.Close()
		cmd.Wait()
	})
	p.run(b, requests(500))
	return p
}

// spent is the CPU time of the process in nanoseconds.
func (p *process) spent(b *testing.B) float64 {
	fmt.Fprintln(p.in)
	p.out.Scan()
	ns, err := strconv.ParseFloat(p.out.Text(), 64)
	if err != nil {
		b.Fatal(err)
	}
	return ns
}

// run sends requests over all connections and returns the CPU time that the process took for them.
func (p *process) run(b *testing.B, list []string) float64 {
	before := p.spent(b)
	done := make(chan struct{})
	for i, c := range p.clients {
		go func() {
			for k := i; k < len(list); k += conns {
				c.call(b, list[k])
			}
			done <- struct{}{}
		}()
	}
	for range p.clients {
		<-done
	}
	return p.spent(b) - before
}

func benchmarkServer(b *testing.B, kind string) {
	p := start(b, kind)
	all := requests(b.N)
	b.ResetTimer()
	b.ReportMetric(p.run(b, all)/float64(b.N), "server-cpu-ns/op")
}

func BenchmarkEmptyHandler(b *testing.B) { benchmarkServer(b, "empty") }

func BenchmarkEmulator(b *testing.B) { benchmarkServer(b, "emulator") }

// BenchmarkAgainstEmpty sends to both servers in turns, so that a noisy machine is noisy for both, and reports the CPU time of
// a call to the emulator over that of one to the empty handler and of its signature. The limit is 1.5.
func BenchmarkAgainstEmpty(b *testing.B) {
	empty, full := start(b, "empty"), start(b, "emulator")
	const turn = 1000
	var spent [3]float64
	n := 0
	for ; n < b.N; n += turn {
		list := requests(turn)
		spent[0] += empty.run(b, list)
		spent[1] += full.run(b, list)
		before := cpu()
		sign(b, turn)
		spent[2] += float64(cpu() - before)
	}
	b.ReportMetric(spent[0]/float64(n), "empty-ns/op")
	b.ReportMetric(spent[1]/float64(n), "emulator-ns/op")
	b.ReportMetric(spent[2]/float64(n), "signature-ns/op")
	b.ReportMetric(spent[1]/(spent[0]+spent[2]), "ratio")
}

// sign makes n V1 signatures of the same call, and compares them as a verifier does.
func sign(b *testing.B, n int) {
	p := newBind().sorted()
	key := signature.NewV1Key(BuiltinSecret)
	var text, sum []byte
	for range n {
		signature.Sort(p)
		text = signature.AppendStringToSignV1(text[:0], "GET", p)
		sum = key.Append(sum[:0], text)
		if signature.Equal(sum, text) {
			b.Fatal("equal")
		}
	}
}

// BenchmarkSignatureOnly is what signing the same call costs by itself.
func BenchmarkSignatureOnly(b *testing.B) {
	b.ReportAllocs()
	sign(b, b.N)
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
