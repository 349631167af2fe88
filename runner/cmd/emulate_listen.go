package cmd

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"syscall"

	"axbench/conformance/emulator"
	"axbench/results"
)

// checkListen refuses what is no address, and one that is not loopback unless that was asked for; risk says why not. Only
// addresses that are written as loopback count: a name may stand for anything.
func checkListen(flag, address, risk string, anyInterface bool) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return usagef("--%s %q is no address", flag, address).withHint("HOST:PORT, such as " + defaultListen)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return usagef("--%s %q: %q is no port", flag, address, port).withHint("a number from 0 to 65535")
	}
	ip := net.ParseIP(host)
	if host == "localhost" || ip != nil && ip.IsLoopback() || anyInterface {
		return nil
	}
	return refusedf("%s can be reached from other machines, and %s", address, risk).withHint(
		"listen on 127.0.0.1, or give --any-interface")
}

// bind listens, or says why it cannot and what could be done.
func bind(what, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err == nil {
		return l, nil
	}
	failed := &exitError{code: results.ExitInternal, err: fmt.Errorf("%s on %s: %w", what, address, withoutAddress(err))}
	_, port, _ := net.SplitHostPort(address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, failed.withHint("another process listens there; port 0 takes a free one")
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, failed.withHint("this machine has no such address; 127.0.0.1 is always there")
	case errors.Is(err, syscall.EACCES):
		return nil, failed.withHint("port " + port + " is reserved by the system; one above 1023 is not")
	}
	return nil, failed
}

// forHosts answers a request only if it names a loopback host, the one that l listens on or one of names, so that no page of
// the web can reach the listener by a name of its own.
func forHosts(l net.Listener, h http.Handler, names ...string) http.Handler {
	own, _, _ := net.SplitHostPort(l.Addr().String())
	names = append([]string{own}, names...)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !emulator.NamesHost(r.Host, names...) {
			http.Error(w, "the Host header names none of this listener's hosts: use its address, or a name that it was told to listen on", http.StatusForbidden)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// withoutAddress takes the address out of an error of package net that says it once more.
func withoutAddress(err error) error {
	if op, ok := err.(*net.OpError); ok && op.Err != nil {
		return op.Err
	}
	return err
}
