package emulator

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestRefuse: in its windows nobody listens, between them somebody does, on the same address. Connections that are open stay,
// in both.
func TestRefuse(t *testing.T) {
	leaks(t)
	for _, layer := range []string{"", "tls: {}\n"} {
		e := serve(t, config(t, layer+"faults: [{kind: refuse, after: 50ms, for: 300ms, every: 900ms}]"), fixed)
		kept := dialFault(t, e)
		call := func() {
			t.Helper()
			io.WriteString(kept, newBind().get())
			if b, err := kept.some(); !strings.HasPrefix(b, "HTTP/1.1 200") {
				t.Errorf("the open connection: %q %v", b, err)
			}
		}
		call()
		for range 2 {
			for shut := false; !shut; shut = refused(t, e.addr) {
			}
			call()
			for open := false; !open; open = !refused(t, e.addr) {
			}
			call()
			served := false
			for range 1000 { // on a slow machine it may be shut again by now
				fresh, err := tryFault(t, e)
				if err != nil {
					continue
				}
				io.WriteString(fresh, newBind().get())
				if b, _ := fresh.some(); strings.HasPrefix(b, "HTTP/1.1 200") {
					served = true
					break
				}
			}
			if !served {
				t.Error("no new connection between two windows")
			}
		}
		kept.tcp.Close()
		if err := e.stop(); err != nil {
			t.Error(err)
		}
		if truth := e.Truth(); truth.Faults["refuse"] < 2 || truth.Arrivals != truth.Answered || truth.Open != 0 {
			t.Errorf("%+v", truth)
		}
		if !refused(t, e.addr) {
			t.Error("somebody listens after the end")
		}
	}
}

// refused tries to connect. A connection that was begun before and not accepted is reset, which counts as refused too.
func refused(t *testing.T, addr string) bool {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err == nil {
		c.Close()
		time.Sleep(time.Millisecond)
		return false
	}
	if !errors.Is(err, syscall.ECONNREFUSED) && !errors.Is(err, syscall.ECONNRESET) {
		t.Fatal(err)
	}
	return true
}

// TestRefuseAndStop stops while the door is shut, and one that was never to be opened again.
func TestRefuseAndStop(t *testing.T) {
	leaks(t)
	e := serve(t, config(t, "faults: [{kind: refuse, for: 24h}]"), fixed)
	c := dialFault(t, e)
	io.WriteString(c, newBind().get())
	if b, _ := c.some(); !strings.HasPrefix(b, "HTTP/1.1 200") {
		t.Errorf("%q", b)
	}
	for !refused(t, e.addr) {
	}
	if err := e.stop(); err != nil {
		t.Error(err)
	}
}

// TestDoorThatCannotOpen has another process on the port when the window is over: that ends the server, with a reason.
func TestDoorThatCannotOpen(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := newDoor(l)
	d.move(nil)
	thief, err := net.Listen("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	freed := make(chan error, 1)
	go func() { freed <- d.reopen(ctx) }()
	time.Sleep(30 * time.Millisecond)
	thief.Close() // only for a moment
	if err := <-freed; err != nil {
		t.Fatal(err)
	}
	accepted := make(chan error, 1)
	go func() {
		c, err := d.Accept()
		if err == nil {
			c.Close()
		}
		accepted <- err
	}()
	if refused(t, l.Addr().String()) {
		t.Error("the door is not open")
	}
	if err := <-accepted; err != nil {
		t.Error(err)
	}
	d.move(nil)
	if thief, err = net.Listen("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	defer thief.Close()
	d.patience = 20 * time.Millisecond
	if err := d.reopen(ctx); err == nil || !strings.Contains(err.Error(), "cannot listen again") {
		t.Errorf("%v", err)
	}
	cancel()
	if err := d.reopen(ctx); err != nil {
		t.Errorf("at the end: %v", err)
	}
	d.Close()
	if _, err := d.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a closed door accepts: %v", err)
	}
	if d.move(thief) {
		t.Error("a closed door was opened")
	}
}
