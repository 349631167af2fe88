package emulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// How long Serve waits after ctx is done: so long for requests that are being read, then for answers that are to come later,
// and then for those to be written.
const (
	requestTime = time.Second
	stopTime    = 30 * time.Second
	writeTime   = 2 * time.Second
	settleTime  = 50 * time.Millisecond // for idle connections: the HTTP server looks for open ones ten times a second
)

// Serve answers on l until ctx is done, then finishes every call it has accepted and returns nil. An answer that is due in
// more than 30 s goes out by then. It closes l. A Server serves once.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	web := s.web()
	if err := s.waiter.start(); err != nil {
		return fmt.Errorf("emulator: timer: %w", err)
	}
	defer s.waiter.stop()
	endH2 := func(context.Context) error { return nil }
	if s.secure != nil && s.secure.h2 != nil {
		web.NextProto("h2", s.secure.h2.take)
		endH2 = s.secure.h2.begin(l.Addr())
	}
	l, broken, end := s.attend(ctx, l)
	defer end()
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(listener{l, s}) }()
	var failed error
	select {
	case err := <-ended:
		close(s.stopping)
		at, cancel := context.WithCancel(ctx)
		cancel()
		_ = endH2(at) // at once
		return fmt.Errorf("emulator: %w", errors.Join(err, errors.New("the listener ended")))
	case failed = <-broken:
	case <-ctx.Done():
	}
	close(s.stopping)
	if s.secure != nil {
		s.secure.end()
	}
	_ = l.Close() // also when the server below has not begun yet, which its own shutdown would miss
	err := s.finish(ctx, web, endH2)
	if err == nil {
		<-ended
	}
	return errors.Join(failed, err)
}

// attend starts what goes on beside the connections: the sweep of idle ones, and the door of a server that refuses some, which
// takes the place of the listener. broken says that nobody listens any more; end waits for all, after stopping is closed.
func (s *Server) attend(ctx context.Context, l net.Listener) (at net.Listener, broken <-chan error, end func()) {
	ctx, cancel := context.WithCancel(ctx)
	failed := make(chan error, 1)
	var all sync.WaitGroup
	all.Go(s.sweepIdle)
	if s.faults != nil && s.faults.shut != nil {
		d := newDoor(l)
		l = d
		all.Go(func() {
			if err := s.faults.keep(ctx, d); err != nil {
				failed <- fmt.Errorf("emulator: %w", err)
			}
		})
	}
	return l, failed, func() {
		cancel()
		all.Wait()
	}
}

// finish waits for the calls that were accepted.
func (s *Server) finish(ctx context.Context, web *fasthttp.Server, endH2 func(context.Context) error) error {
	s.registry.stop(time.Now().Add(requestTime))
	late := time.AfterFunc(s.stopTime, s.waiter.hurry)
	defer late.Stop()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.stopTime+writeTime)
	defer cancel()
	settle, settled := context.WithTimeout(last, settleTime)
	s.registry.drain(settle)
	settled()
	unfinished := endH2(last)
	err := web.ShutdownWithContext(last)
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	s.registry.drain(last)
	if err = errors.Join(err, unfinished); err != nil {
		return fmt.Errorf("emulator: calls were still open after %v: %w", s.stopTime+writeTime, err)
	}
	return nil
}
