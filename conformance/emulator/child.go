package emulator

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The protocol between a parent and the emulator that it runs as a child, over the child's standard streams. The parent writes
// "config N" and a line feed, then N bytes of YAML (N may be 0); "config N admin" asks for the second listener too, and "config 0
// empty" for an empty responder in place of an emulator. The child answers
// one line, {"url": …} or {"error": …}; beside an https URL stands "ca", the certificate of the authority that the child made, if it
// made one, and "admin" is the address of the second listener. From then on each line "truth" is answered by one line with a Truth.
// The end of the child's input is its order to stop: it finishes what it accepted and ends.

// maxConfig is the longest configuration that a child takes.
const maxConfig = 1 << 20

// childGC is how much garbage a child lets pile up, in per cent of what lives: it is a process of its own, and what it spends
// on collecting it would answer late.
const childGC = 400

// childStop is how long a child holds answers back once it is told to stop: its parent has drained and waits for nobody.
const childStop = time.Second

// hello is the child's first line.
type hello struct {
	URL   string `json:"url,omitempty"`
	CA    string `json:"ca,omitempty"` // PEM
	Admin string `json:"admin,omitempty"`
	Error string `json:"error,omitempty"`
}

// Second serves the admin listener of a child until ctx ends: package admin's, which this one cannot know.
type Second func(ctx context.Context, l net.Listener, s *Server) error

// ServeChild is the child's side: it serves on a free port of 127.0.0.1 until in ends or ctx is done, and then finishes
// what it accepted. A wrong configuration and a failed bind are told to the parent and returned. When ctx is done it does
// not wait for in. second serves the second listener where the parent asks for it.
func ServeChild(ctx context.Context, in io.Reader, out io.Writer, second Second) error {
	lines := bufio.NewReader(in)
	first, _ := lines.ReadString('\n') // open refuses one that is not whole
	if first == emptyLine {
		return serveEmpty(ctx, lines, out)
	}
	server, listener, admin, err := open(first, lines)
	if err != nil {
		return errors.Join(err, tell(out, hello{Error: err.Error()}))
	}
	debug.SetGCPercent(childGC)
	server.stopTime = childStop
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	h := hello{URL: server.URL(listener.Addr().String()), CA: string(server.CA())}
	if admin != nil {
		h.Admin = "http://" + admin.Addr().String()
		ended := make(chan error, 1)
		go func() { ended <- second(ctx, admin, server) }()
		defer func() {
			cancel()
			<-ended
		}()
	}
	if err := tell(out, h); err != nil {
		_ = listener.Close()
		return err
	}
	heard := make(chan error, 1)
	go func() {
		heard <- server.listen(lines, out)
		cancel()
	}()
	err = server.Serve(ctx, listener)
	select {
	case talk := <-heard:
		return errors.Join(err, talk)
	default:
		return err
	}
}

// open reads the configuration behind the parent's first line and binds; admin is nil unless the parent asks for it.
func open(line string, lines *bufio.Reader) (server *Server, listener, admin net.Listener, err error) {
	count, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "config ")
	count, second := strings.CutSuffix(count, " admin")
	n, bad := strconv.Atoi(count)
	if !ok || !strings.HasSuffix(line, "\n") || bad != nil || n < 0 || n > maxConfig {
		return nil, nil, nil, fmt.Errorf("emulator: the parent's first line is %.40q, want config and a count of bytes", line)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(lines, text); err != nil {
		return nil, nil, nil, fmt.Errorf("emulator: configuration of %d bytes: %w", n, err)
	}
	config, err := Parse("emulator", text, 1)
	if err != nil {
		return nil, nil, nil, err
	}
	if server, err = New(config, nil); err != nil {
		return nil, nil, nil, err
	}
	if listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, nil, nil, fmt.Errorf("emulator: %w", err)
	}
	if second {
		if admin, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			_ = listener.Close()
			return nil, nil, nil, fmt.Errorf("emulator: %w", err)
		}
	}
	return server, listener, admin, nil
}

// listen answers the parent's lines until they end.
func (s *Server) listen(lines *bufio.Reader, out io.Writer) error {
	for {
		line, err := lines.ReadString('\n')
		switch {
		case err == io.EOF && line == "":
			return nil
		case err != nil:
			return fmt.Errorf("emulator: parent: %w", err)
		case line != "truth\n":
			return fmt.Errorf("emulator: the parent says %.40q, want truth", line)
		}
		if err := tell(out, s.Truth()); err != nil {
			return err
		}
	}
}

func tell(out io.Writer, v any) error {
	b, err := json.Marshal(v)
	if err == nil {
		_, err = out.Write(append(b, '\n'))
	}
	if err != nil {
		return fmt.Errorf("emulator: parent: %w", err)
	}
	return nil
}

// Child is an emulator in a process of its own. Its methods are safe for concurrent use.
type Child struct {
	url   string
	admin string
	ca    []byte
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan []byte // of the child; closed at their end

	mu      sync.Mutex // one question at a time
	stopped bool
	lost    error // why there are no more answers
}

// patience is how long a parent waits for an answer of its child, and for its end before it is killed.
const patience = 10 * time.Second

// StartChild runs "exe emulate --child" with a configuration and returns when it serves. What the child prints to its
// standard error goes to stderr. The child ends with Stop, and by itself when this process ends; it does not hear signals of
// the terminal. With admin it has the second listener.
func StartChild(exe string, config []byte, admin bool, stderr io.Writer) (*Child, error) {
	return startChild(exec.Command(exe, "emulate", "--child"), config, admin, stderr)
}

func startChild(cmd *exec.Cmd, config []byte, admin bool, stderr io.Writer) (*Child, error) {
	question := fmt.Appendf(nil, "config %d", len(config))
	if admin {
		question = append(question, " admin"...)
	}
	return startChildAsking(cmd, append(append(question, '\n'), config...), stderr)
}

// startChildAsking starts a child and says its first words to it.
func startChildAsking(cmd *exec.Cmd, question []byte, stderr io.Writer) (*Child, error) {
	cmd.Stderr = stderr
	apart(cmd)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("emulator: child: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("emulator: child: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("emulator: child: %w", err)
	}
	c := &Child{cmd: cmd, in: in, lines: make(chan []byte, 1)}
	go c.read(out)
	told, err := c.greet(question)
	if err == nil {
		return c, nil
	}
	if end := c.Stop(); !told {
		err = errors.Join(err, end)
	}
	return nil, err
}

// read hands on the child's lines. It ends with them; Stop waits for that.
func (c *Child) read(out io.Reader) {
	defer close(c.lines)
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		c.lines <- line
	}
}

// greet sends the first words and takes the address. told says that the error is the child's own word.
func (c *Child) greet(question []byte) (told bool, err error) {
	var h hello
	if err := c.ask(question, &h); err != nil {
		return false, err
	}
	if h.Error != "" {
		return true, errors.New(h.Error)
	}
	c.url, c.ca, c.admin = h.URL, []byte(h.CA), h.Admin
	return false, nil
}

// ask writes a question and reads the answer into v.
func (c *Child) ask(question []byte, v any) error {
	if c.lost != nil {
		return c.lost
	}
	if _, err := c.in.Write(question); err != nil {
		return fmt.Errorf("emulator: child: %w", err)
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case line, ok := <-c.lines:
		if !ok {
			return errors.New("emulator: the child ended without an answer")
		}
		if err := json.Unmarshal(bytes.TrimSpace(line), v); err != nil {
			return fmt.Errorf("emulator: the child's answer: %w", err)
		}
		return nil
	case <-timer.C:
		c.lost = fmt.Errorf("emulator: no answer of the child in %v", patience)
		return c.lost
	}
}

// URL is the root of the child's endpoint: http://127.0.0.1:PORT, or https where its configuration says so.
func (c *Child) URL() string { return c.url }

// Admin is the root of the child's second listener, "" without one.
func (c *Child) Admin() string { return c.admin }

// CA is the root that vouches for the child's certificate, as PEM; empty unless the child made one.
func (c *Child) CA() []byte { return c.ca }

// Truth asks the child for its record.
func (c *Child) Truth() (t Truth, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return t, errors.New("emulator: the child is stopped")
	}
	return t, c.ask([]byte("truth\n"), &t)
}

// Stop tells the child to finish and waits for its end; one that does not end in ten seconds is killed, which is an error.
// Only the first call has an effect.
func (c *Child) Stop() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return nil
	}
	c.stopped = true
	_ = c.in.Close()
	late := time.AfterFunc(patience, func() { _ = c.cmd.Process.Kill() })
	defer late.Stop()
	for range c.lines {
	}
	if err := c.cmd.Wait(); err != nil {
		return fmt.Errorf("emulator: child: %w", err)
	}
	return nil
}
