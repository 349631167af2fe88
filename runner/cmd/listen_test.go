package cmd

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

type fixedListener struct {
	net.Listener
	address net.TCPAddr
}

func (l fixedListener) Addr() net.Addr { return &l.address }

// TestForHosts: a listener answers by the names of this machine, and not by one that somebody's page has given it.
func TestForHosts(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "here") })
	for _, tt := range []struct {
		listens, host string
		want          int
	}{
		{"127.0.0.1", "127.0.0.1:9", 200}, {"127.0.0.1", "localhost", 200}, {"127.0.0.1", "[::1]:9", 200},
		{"127.0.0.1", "example.com", 403}, {"127.0.0.1", "127.0.0.1.example.com:9", 403}, {"127.0.0.1", "10.1.2.3:9", 403}, {"127.0.0.1", "", 403},
		{"10.1.2.3", "10.1.2.3:9", 200}, {"10.1.2.3", "10.1.2.4", 403},
		{"0.0.0.0", "10.1.2.3:9", 200}, {"0.0.0.0", "example.com", 403}, {"10.1.2.3", "LoadGen.internal:9", 200}, {"10.1.2.3", "internal", 403},
	} {
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
		r.Host = tt.host
		forHosts(fixedListener{address: net.TCPAddr{IP: net.ParseIP(tt.listens)}}, h, "loadgen.internal").ServeHTTP(w, r)
		if w.Code != tt.want || (w.Body.String() == "here") != (tt.want == 200) {
			t.Errorf("on %s, Host %q: %d %q, want %d", tt.listens, tt.host, w.Code, w.Body, tt.want)
		}
	}
}
