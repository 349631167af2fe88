package fleet

import (
	"bufio"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// verdict is what a proxy does with a message of the server.
type verdict int

const (
	pass verdict = iota
	drop
	cut // the connection
)

// proxy stands between a client and a server, and may lose what the server says.
type proxy struct {
	listener net.Listener
	to       string
	wait     sync.WaitGroup

	mu    sync.Mutex
	conns []net.Conn
	judge func(payload string) verdict // of a message; nil passes all
}

func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, to: strings.TrimPrefix(to, "nats://")}
	p.wait.Go(p.accept)
	t.Cleanup(func() {
		l.Close()
		p.cut()
		p.wait.Wait()
	})
	return p
}

func (p *proxy) url() string { return "nats://" + p.listener.Addr().String() }

// judging sets what becomes of messages from now on.
func (p *proxy) judging(judge func(string) verdict) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.judge = judge
}

// cut breaks all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.Close()
	}
	p.conns = nil
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.to)
		if err != nil {
			client.Close()
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, client, server)
		p.mu.Unlock()
		p.wait.Go(func() {
			defer server.Close()
			_, _ = io.Copy(server, client)
		})
		p.wait.Go(func() {
			defer client.Close()
			defer server.Close()
			p.back(client, bufio.NewReader(server))
		})
	}
}

// back passes on what the server says, message by message.
func (p *proxy) back(client io.Writer, server *bufio.Reader) {
	for {
		line, err := server.ReadString('\n')
		if err != nil {
			return
		}
		var payload []byte
		if words := strings.Fields(line); len(words) > 3 && (words[0] == "MSG" || words[0] == "HMSG") {
			n, err := strconv.Atoi(words[len(words)-1])
			if err != nil {
				return
			}
			payload = make([]byte, n+2)
			if _, err := io.ReadFull(server, payload); err != nil {
				return
			}
			p.mu.Lock()
			judge := p.judge
			p.mu.Unlock()
			if judge != nil {
				switch judge(string(payload)) {
				case drop:
					continue
				case cut:
					return
				}
			}
		}
		if _, err := client.Write(append([]byte(line), payload...)); err != nil {
			return
		}
	}
}
