package emulator

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
)

// The empty responder answers whatever it is asked with a new binding: no signature is checked, no parameter read and nothing is
// kept. It is the least that a target can cost, for finding out what a generator can do, and no target to learn anything from.
// Its answers are right one by one and together: RequestId, SubsId and X count up.

// emptyLine is the parent's first line to a child that is to be an empty responder.
const emptyLine = "config 0 empty\n"

// StartEmpty runs "exe emulate --child" as an empty responder on a free port of 127.0.0.1 and returns when it serves. It ends as a
// child of StartChild does; its Truth is empty.
func StartEmpty(exe string, stderr io.Writer) (*Child, error) {
	return startChildAsking(exec.Command(exe, "emulate", "--child"), []byte(emptyLine), stderr)
}

// serveEmpty is the child's side: it answers until the parent's lines end or ctx is done.
func serveEmpty(ctx context.Context, lines *bufio.Reader, out io.Writer) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(fmt.Errorf("empty responder: %w", err), tell(out, hello{Error: err.Error()}))
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	e := &empty{open: map[net.Conn]bool{}}
	ended := make(chan error, 1)
	go func() { ended <- e.serve(ctx, l) }()
	if err := tell(out, hello{URL: "http://" + l.Addr().String()}); err != nil {
		cancel()
		return errors.Join(err, <-ended)
	}
	heard := make(chan error, 1)
	go func() {
		heard <- truthless(lines, out)
		cancel()
	}()
	err = <-ended
	select {
	case talk := <-heard:
		return errors.Join(err, talk)
	default: // ctx is done: the parent's lines are not waited for
		return err
	}
}

// truthless answers each of the parent's questions with an empty record.
func truthless(lines *bufio.Reader, out io.Writer) error {
	for {
		if _, err := lines.ReadString('\n'); err != nil {
			if err == io.EOF {
				return nil
			}
			return fmt.Errorf("empty responder: parent: %w", err)
		}
		if err := tell(out, Truth{}); err != nil {
			return err
		}
	}
}

// empty is the responder: one goroutine for each connection.
type empty struct {
	answered atomic.Uint64

	mu   sync.Mutex
	open map[net.Conn]bool
	shut bool
}

// serve accepts connections until ctx is done, closes them all and waits for their goroutines.
func (e *empty) serve(ctx context.Context, l net.Listener) error {
	var all sync.WaitGroup
	defer all.Wait()
	defer context.AfterFunc(ctx, func() {
		_ = l.Close()
		e.mu.Lock()
		defer e.mu.Unlock()
		e.shut = true
		for c := range e.open {
			_ = c.Close()
		}
	})()
	for {
		c, err := l.Accept()
		if ctx.Err() != nil {
			if err == nil {
				_ = c.Close()
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("empty responder: %w", err)
		}
		if e.add(c) {
			all.Go(func() { e.talk(c) })
		}
	}
}

// add takes a connection in, unless all are being closed.
func (e *empty) add(c net.Conn) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.shut {
		_ = c.Close()
		return false
	}
	e.open[c] = true
	return true
}

// The longest request that is read, and what is said to one that is not answered.
const (
	emptyLongest = 64 << 10
	emptyRefusal = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
)

// talk answers on one connection until it ends, or says something that is no request or not for this host.
func (e *empty) talk(c net.Conn) {
	defer func() {
		_ = c.Close()
		e.mu.Lock()
		delete(e.open, c)
		e.mu.Unlock()
	}()
	buffer, have := make([]byte, 8<<10), 0
	answer := make([]byte, 0, 512)
	for {
		n, ok := emptyRequest(buffer[:have])
		switch {
		case !ok, have == emptyLongest:
			_, _ = io.WriteString(c, emptyRefusal)
			return
		case n > 0:
			have = copy(buffer, buffer[n:have])
			answer = e.answer(answer[:0])
			if _, err := c.Write(answer); err != nil {
				return
			}
			continue
		}
		if have == len(buffer) {
			buffer = append(buffer, make([]byte, min(len(buffer), emptyLongest-len(buffer)))...)
		}
		more, err := c.Read(buffer[have:])
		if have += more; err != nil && more == 0 {
			return
		}
	}
}

// emptyRequest returns the length of the request that data begins with, 0 if it is not whole yet. It is not ok when it names another
// host than this one, or its length in a way that is not understood here.
func emptyRequest(data []byte) (length int, ok bool) {
	end := bytes.Index(data, []byte("\r\n\r\n"))
	if end < 0 {
		return 0, true
	}
	head := data[:end+4]
	if from, to := headerValue(head, "Host"); from < 0 || !NamesHost(string(head[from:to])) {
		return 0, false
	}
	if from, _ := headerValue(head, "Transfer-Encoding"); from >= 0 {
		return 0, false
	}
	length = len(head)
	if from, to := headerValue(head, "Content-Length"); from >= 0 {
		n, err := strconv.Atoi(string(head[from:to]))
		if err != nil || n < 0 || n > emptyLongest {
			return 0, false
		}
		length += n
	}
	if length > len(data) {
		return 0, true
	}
	return length, true
}

// The answer, with digits in the places of what counts up.
const (
	emptyBody = `{"Code":"OK","Message":"OK","RequestId":"00000000-0000-4000-8000-############","SecretBindDTO":{"SubsId":"1############","SecretNo":"17#########"}}`
	emptyHead = "HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=utf-8\r\nContent-Length: "
)

var emptyAnswer = emptyHead + strconv.Itoa(len(emptyBody)) + "\r\n\r\n" + emptyBody

// answer appends the next answer.
func (e *empty) answer(b []byte) []byte {
	n := e.answered.Add(1)
	b = append(b, emptyAnswer...)
	for i, digits := len(b)-1, n; i >= 0; i-- {
		if b[i] == '#' {
			b[i] = byte('0' + digits%10)
			digits /= 10
		} else {
			digits = n
		}
	}
	return b
}
