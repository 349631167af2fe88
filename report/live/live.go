// Package live serves the page of a run during the run: the report of what has ended so far, sent anew each second while somebody
// looks, and the final report when the run is over. What the page says and draws is package report's, what is counted package
// results'; this package only keeps a browser up to date. It judges nothing and writes no file.
//
// A Server is fed as a sink of the run. AppendSecond copies the second and returns; counting, rendering and sending are done by
// goroutines that the Server owns: one that counts and renders, one that accepts, one for each connection. Close ends them all.
package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"axbench/report"
	"axbench/results"
)

// Config says what is served.
type Config struct {
	Run  *results.Run       // as it stands before the run begins: phases with what is planned, documented codes; it is copied
	Dir  string             // the run directory, for the exchanges kept there; "" for none
	Page report.HTMLOptions // the language; Live and Series are set by the Server
	// Add puts into the record what the seconds of a run do not tell: broken clauses, bindings, how its rules stand. It is called
	// before each rendering while the run goes on, by one goroutine at a time; nil adds nothing.
	Add func(*results.Record)
	// Guard wraps the handler with the check of the Host header; nil is for tests only.
	Guard func(http.Handler) http.Handler
}

// Limits of the server. A client is a browser that follows the run.
const (
	maxClients  = 32
	maxConns    = 128 // connections at once, clients included
	maxHeader   = 16 << 10
	readTime    = 10 * time.Second
	idleTime    = 60 * time.Second
	maxBehind   = 600              // seconds of the run that may wait to be counted
	renderEvery = time.Second      // at most one rendering in this time, but for the end
	renderEnd   = 30 * time.Second // longest wait for the end to be rendered
	farewell    = 2 * time.Second
	lastAnswers = 500 * time.Millisecond // longest wait for answers that are being written when the server ends
)

// Server serves the page of one run. Its methods are safe for concurrent use.
type Server struct {
	config    Config
	every     time.Duration // renderEvery, but for tests
	writeTime time.Duration // for one message, after which a slow client is dropped
	farewell  time.Duration // longest wait for clients to take the end
	web       *http.Server
	accepted  chan struct{} // closed when no connection is accepted any more

	mu      sync.Mutex
	waiting []second // not yet counted
	told    int64    // seconds that AppendSecond took
	behind  bool     // more waited than may: the page stands still until the end
	over    *ending  // what Finish brought
	state   *state   // the last one rendered, nil before the first
	changed chan struct{}
	clients int
	conns   int
	asked   bool // somebody waits for a state
	closed  bool

	wake     chan struct{} // to the renderer
	stop     chan struct{}
	rendered chan struct{} // closed when the renderer has ended
}

// second is what AppendSecond was passed, the Server's own.
type second struct {
	start, end time.Time
	lines      []results.Second
	intervals  []results.Interval
}

// ending is the finished run.
type ending struct {
	rec    *results.Record
	report string // where report.html is, for people
}

// Serve begins to serve the page on l, which it closes when Close is called.
func Serve(l net.Listener, c Config) *Server {
	s := newServer(c)
	s.start(l)
	return s
}

func (s *Server) start(l net.Listener) {
	go s.render()
	go func() {
		defer close(s.accepted)
		_ = s.web.Serve(l) // it ends with Close, or because the listener broke: the run goes on either way
	}()
}

func newServer(c Config) *Server {
	c.Page.Live = true
	s := &Server{config: c, every: renderEvery, writeTime: readTime, farewell: farewell, changed: make(chan struct{}), wake: make(chan struct{}, 1),
		stop: make(chan struct{}), rendered: make(chan struct{}), accepted: make(chan struct{})}
	handler := s.handler()
	if c.Guard != nil {
		handler = c.Guard(handler)
	}
	s.web = &http.Server{Handler: protect(handler), ReadTimeout: readTime, WriteTimeout: 3 * readTime, IdleTimeout: idleTime, MaxHeaderBytes: maxHeader,
		ErrorLog: log.New(io.Discard, "", 0), ConnState: s.connState}
	return s
}

// AppendSecond takes in one second of the run. Nothing passed in is kept, and it waits for nobody. It is part of the runner's sink;
// seconds come in order and from one goroutine at a time. The error says that the page fell behind and stands still until the end.
func (s *Server) AppendSecond(start, end time.Time, lines []results.Second, intervals []results.Interval) error {
	own, err := copySecond(start, end, lines, intervals)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.behind || len(s.waiting) >= maxBehind {
		s.behind, s.waiting = true, nil
		return errors.New("live page: more than " + fmt.Sprint(maxBehind) + " seconds wait to be shown")
	}
	s.waiting = append(s.waiting, *own)
	s.told++
	s.poke()
	return nil
}

// copySecond copies what a sink may not keep. The histograms become sparse.
func copySecond(start, end time.Time, lines []results.Second, intervals []results.Interval) (*second, error) {
	own := &second{start: start, end: end, lines: make([]results.Second, len(lines)), intervals: make([]results.Interval, 0, len(intervals))}
	for i := range lines {
		own.lines[i] = cloneLine(&lines[i])
	}
	for _, iv := range intervals {
		if iv.H == nil || iv.H.Count() == 0 {
			continue
		}
		h := results.NewHistogram()
		if err := h.Merge(iv.H); err != nil {
			return nil, err
		}
		iv.H = h
		own.intervals = append(own.intervals, iv)
	}
	return own, nil
}

// Finish gives the Server the finished run, with its verdict: every client gets it as the last state. report is the name of the
// page on disk, for people. Seconds that come later are dropped. It does not wait.
func (s *Server) Finish(rec *results.Record, report string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = &ending{rec: rec, report: report}
	s.poke()
}

// farewellAll waits until every client that follows the run has been sent the end: until it is rendered, which takes seconds after
// a run of hours, and then for 2 s at most.
func (s *Server) farewellAll() {
	limit := time.NewTimer(renderEnd)
	defer limit.Stop()
	for ready := false; ; {
		s.mu.Lock()
		clients, changed := s.clients, s.changed
		if !ready && s.state != nil && s.state.ended {
			ready = true
			limit.Reset(s.farewell)
		}
		s.mu.Unlock()
		if clients == 0 {
			return
		}
		select {
		case <-changed:
		case <-limit.C:
			return
		}
	}
}

// Close ends the server. After Finish it first gives every client 2 s at most to take the end; then open connections are cut. It may
// be called more than once.
func (s *Server) Close() {
	s.mu.Lock()
	over := s.over != nil && !s.closed
	s.mu.Unlock()
	if over {
		s.farewellAll()
	}
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.stop)
	}
	s.mu.Unlock()
	<-s.rendered
	last, cancel := context.WithTimeout(context.Background(), lastAnswers)
	defer cancel()
	if s.web.Shutdown(last) != nil {
		_ = s.web.Close()
	}
	<-s.accepted
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.conns > 0 || s.clients > 0 { // their goroutines are about to end
		changed := s.changed
		s.mu.Unlock()
		<-changed
		s.mu.Lock()
	}
}

// poke wakes the renderer. The caller holds mu.
func (s *Server) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// announce wakes everybody who waits for a change. The caller holds mu.
func (s *Server) announce() {
	close(s.changed)
	s.changed = make(chan struct{})
}
