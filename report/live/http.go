package live

import (
	_ "embed"
	"io"
	"net"
	"net/http"
	"time"

	"axbench/report"
)

//go:embed live.js
var script []byte

// ownPolicy is for answers that are no page. Scripts and styles of the page are the matter of the policy that stands in it, with the
// hashes of its scripts.
const (
	ownPolicy  = "default-src 'none'; frame-ancestors 'none'"
	pagePolicy = "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

// handler knows the four paths.
func (s *Server) handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			s.servePage(w, r)
		case "/events":
			s.serveEvents(w, r)
		case "/" + report.LiveScript:
			w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
			_, _ = w.Write(script)
		case "/healthz":
			_, _ = io.WriteString(w, "ok\n")
		default:
			http.Error(w, "there is nothing at this path: the page is at /", http.StatusNotFound)
		}
	})
}

// protect sets what every answer carries, and lets nothing but reading through.
func protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Type", "text/plain; charset=utf-8")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Content-Security-Policy", ownPolicy)
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "this is only to be read: GET or HEAD", http.StatusMethodNotAllowed)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// fromElsewhere says that a browser asks for a page of another origin, which could not read the answer but would take up room.
func fromElsewhere(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site != "" && site != "same-origin" && site != "none"
}

// connState counts connections and refuses those beyond maxConns.
func (s *Server) connState(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch state {
	case http.StateNew:
		if s.conns++; s.conns > maxConns {
			c.Close()
		}
	case http.StateClosed, http.StateHijacked:
		s.conns--
		s.announce()
	}
}

// servePage writes the page with the latest state.
func (s *Server) servePage(w http.ResponseWriter, r *http.Request) {
	st := s.latest(r)
	if st == nil {
		http.Error(w, "the page is being closed", http.StatusServiceUnavailable)
		return
	}
	html, err := st.wholePage()
	if err != nil {
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", pagePolicy)
	_, _ = w.Write(html)
}

// latest returns a state that is not old, for which it asks the renderer if there is none. It returns nil when the request or the
// server ends before.
func (s *Server) latest(r *http.Request) *state {
	return s.await(r, func() bool {
		if s.state != nil && (s.state.ended || s.over == nil && (s.behind || s.state.counted >= s.told || time.Since(s.state.at) < 2*s.every)) {
			return true
		}
		s.asked = true
		s.poke()
		return false
	})
}

// after returns a state behind the numbered one, or nil when the request or the server ends before.
func (s *Server) after(r *http.Request, number uint64) *state {
	return s.await(r, func() bool { return s.state.number > number })
}

// await returns the state as soon as there is one that will do. ok is called with mu held.
func (s *Server) await(r *http.Request, ok func() bool) *state {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !ok() {
		changed, gone := s.changed, false
		s.mu.Unlock()
		select {
		case <-changed:
		case <-r.Context().Done():
			gone = true
		case <-s.stop:
			gone = true
		}
		s.mu.Lock()
		if gone {
			return nil
		}
	}
	return s.state
}

// serveEvents streams the states of the run to one client. It gets all of the present one first, whatever it has seen before;
// then, each time it has taken what was sent, what changed up to the latest. So a slow client skips states, holds one message at
// most, and is dropped when it does not take one in time. The stream ends behind the end.
func (s *Server) serveEvents(w http.ResponseWriter, r *http.Request) {
	out := http.NewResponseController(w)
	if fromElsewhere(r) {
		http.Error(w, "a page of another origin asks", http.StatusForbidden)
		return
	}
	if r.Method == http.MethodHead {
		w.Header().Set("Content-Type", "text/event-stream")
		return
	}
	if !s.enter() {
		w.Header().Set("Retry-After", "5")
		http.Error(w, "as many pages as may follow this run", http.StatusServiceUnavailable)
		return
	}
	defer s.leave()
	_ = out.SetReadDeadline(time.Time{}) // the request was read; the connection may stay silent as long as it likes
	w.Header().Set("Content-Type", "text/event-stream")
	send := func(text []byte) bool {
		if out.SetWriteDeadline(time.Now().Add(s.writeTime)) != nil {
			return false
		}
		if _, err := w.Write(text); err != nil {
			return false
		}
		return out.Flush() == nil
	}
	if !send([]byte("retry: 2000\n\n")) {
		return
	}
	var have seen
	for st := s.latest(r); st != nil; st = s.after(r, have.number) {
		m, err := st.message(have)
		if err != nil || !send(m.text) || st.ended {
			return
		}
		have = m.then
	}
}

// enter counts a client in, if there is room.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.clients >= maxClients {
		return false
	}
	s.clients++
	s.poke()
	return true
}

// leave counts a client out.
func (s *Server) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients--
	s.announce()
}
