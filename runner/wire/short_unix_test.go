//go:build unix

package wire

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const shortEnv = "WIRE_TEST_SHORT" // an address: the test binary opens forty connections to it with files for half of them

func init() { children[shortEnv] = dialShort }

// dialShort is the child of TestShort.
func dialShort(addr string) {
	limit := syscall.Rlimit{Cur: 24, Max: 24}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		panic(err)
	}
	p := NewPool(Target{Addr: addr, Host: addr}, Limits{})
	refused, mu := 0, sync.Mutex{}
	var calls sync.WaitGroup
	for range 40 {
		calls.Go(func() {
			var a Answer
			p.Do([]byte(getRequest), time.Second, &a, nil)
			mu.Lock()
			defer mu.Unlock()
			if a.Failure == Refused {
				refused++
			}
		})
	}
	calls.Wait()
	fmt.Println(refused, p.Short())
}

// TestShort: connections that this machine has no file for are counted apart from those that the target refuses.
func TestShort(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	var held []net.Conn
	done := make(chan struct{})
	go func() { // never answers, so that no connection serves two calls
		defer close(done)
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			held = append(held, c)
		}
	}()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), shortEnv+"="+ln.Addr().String())
	out, err := child.Output()
	ln.Close()
	<-done
	for _, c := range held {
		c.Close()
	}
	var refused, short int
	if _, e := fmt.Sscan(string(out), &refused, &short); err != nil || e != nil {
		t.Fatalf("%v, %v: %s", err, e, strings.TrimSpace(string(out)))
	}
	if short < 10 || short != refused || len(held) == 0 {
		t.Errorf("%d of 40 calls were refused, %d for want of files, and %d connections were made; want some of each", refused, short, len(held))
	}
	for _, err := range []error{syscall.ECONNREFUSED, syscall.ETIMEDOUT, errors.New("x")} {
		if ownShortage(&net.OpError{Op: "dial", Err: err}) {
			t.Errorf("%v is no shortage of this machine", err)
		}
	}
}
