package traffic

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"axbench/conformance/client"
	"axbench/runner/wire"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// service is an endpoint that unbinds.
type service struct {
	mu    sync.Mutex
	alive map[string]bool
	calls []unbound
	reply func(n int, subsID string) (status int, code, message string) // nil, or "" for the usual answer
	hang  chan struct{}                                                 // closed at the end; set to keep every call waiting
}

type unbound struct{ subsID, secretNo, poolKey string }

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	s.mu.Lock()
	s.calls = append(s.calls, unbound{q.Get("SubsId"), q.Get("SecretNo"), q.Get("PoolKey")})
	n, id := len(s.calls), q.Get("SubsId")
	status, code, message := 200, "", ""
	if s.reply != nil {
		status, code, message = s.reply(n, id)
	}
	if code == "" && s.alive[id] {
		code, message = "OK", "OK"
		delete(s.alive, id)
	} else if code == "" {
		code, message = "isv.ILLEGAL_ARGUMENT", "subs not exist"
	}
	hang := s.hang
	s.mu.Unlock()
	if hang != nil {
		<-hang
	}
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"Code":%q,"Message":%q,"RequestId":"2297B722-A016-43FB-B51A-%012d"}`, code, message, n)
}

// cleanupOf starts s and writes a journal of n bindings that s knows, and more lines.
func cleanupOf(t *testing.T, s *service, n int, more ...string) CleanupConfig {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.alive = map[string]bool{}
	path, j := journalIn(t)
	for i := range n {
		id := fmt.Sprintf("10000000000%05d", i)
		s.alive[id] = true
		must(t, j.Bound([]byte(id), []byte(testX), "FC123456", testExpires))
	}
	must(t, j.Close(testNow))
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	must(t, err)
	for _, line := range more {
		_, err := f.WriteString(line)
		must(t, err)
	}
	must(t, f.Close())
	host := server.Listener.Addr().String()
	pool := wire.NewPool(wire.Target{Addr: host, Host: host}, wire.Limits{})
	t.Cleanup(pool.Close)
	return CleanupConfig{
		Journal: path, Pool: pool, Ceiling: 1e6, Now: func() time.Time { return testNow },
		Client: client.Config{Host: host, Credentials: client.BuiltIn()},
	}
}

func remains(t *testing.T, cfg CleanupConfig) int {
	t.Helper()
	list, err := ReadJournal(cfg.Journal)
	if errors.Is(err, os.ErrNotExist) {
		return -1
	}
	must(t, err)
	return len(list)
}

func TestCleanupUnbindsEverything(t *testing.T) {
	s := &service{}
	cfg := cleanupOf(t, s, 50, "+ 7000000000000001 17000000002 FC1 "+fmt.Sprint(testNow.Unix()-1)+"\n", "+ 7000000000000002 17000000003 FC2 0\n", "+ torn")
	r, err := Cleanup(context.Background(), cfg)
	must(t, err)
	if r.Total != 52 || r.Unbound != 50 || r.Gone != 1 || r.Expired != 1 || r.Left != 0 || r.Stopped != "" || r.Calls != 51 {
		t.Errorf("%+v", r)
	}
	if len(s.alive) != 0 || remains(t, cfg) != -1 {
		t.Errorf("%d alive, journal holds %d", len(s.alive), remains(t, cfg))
	}
	seen := map[unbound]bool{}
	for _, c := range s.calls {
		seen[c] = true
	}
	if len(seen) != 51 || !seen[unbound{"1000000000000003", testX, "FC123456"}] || !seen[unbound{"7000000000000002", "17000000003", "FC2"}] {
		t.Errorf("calls %v", s.calls)
	}
	if r, err = Cleanup(context.Background(), cfg); err != nil || r.Total != 0 {
		t.Errorf("once more: %+v, %v", r, err)
	}
}

func TestCleanupGoesOnAfterFailures(t *testing.T) {
	s := &service{}
	s.reply = func(n int, id string) (int, string, string) {
		switch {
		case n == 2:
			return 400, "Throttling.User", "Request was denied due to user flow control."
		case id == "1000000000000004":
			return 200, "isp.RAM_PERMISSION_DENY", "no"
		case id == "1000000000000005":
			return 200, "odd.15010101010", "no"
		}
		return 200, "", ""
	}
	cfg := cleanupOf(t, s, 10)
	r, err := Cleanup(context.Background(), cfg)
	must(t, err)
	if r.Unbound != 8 || r.Left != 2 || r.Calls != 11 || r.Codes["isp.RAM_PERMISSION_DENY"] != 1 || r.Codes["~other"] != 1 || len(r.Codes) != 2 {
		t.Errorf("%+v", r)
	}
	if remains(t, cfg) != 2 {
		t.Errorf("journal holds %d", remains(t, cfg))
	}
	s.reply = nil
	if r, err = Cleanup(context.Background(), cfg); err != nil || r.Total != 2 || r.Unbound != 2 || remains(t, cfg) != -1 {
		t.Errorf("second time: %+v, %v", r, err)
	}
}

func TestCleanupCanBeInterrupted(t *testing.T) {
	s := &service{hang: make(chan struct{})}
	cfg := cleanupOf(t, s, 30)
	cfg.Connections, cfg.Timeout = 4, time.Hour
	release := s.hang
	defer close(release)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		for { // until all four hang
			s.mu.Lock()
			n := len(s.calls)
			s.mu.Unlock()
			if n >= 4 {
				cancel()
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	r, err := Cleanup(ctx, cfg)
	must(t, err)
	if r.Stopped != "interrupted" || r.Left != 30 || r.Unbound != 0 || remains(t, cfg) != 30 {
		t.Errorf("%+v, journal holds %d", r, remains(t, cfg))
	}
}

func TestCleanupEndsInTime(t *testing.T) {
	s := &service{hang: make(chan struct{})}
	cfg := cleanupOf(t, s, 30)
	release := s.hang
	defer close(release)
	cfg.Limit, cfg.Timeout = 50*time.Millisecond, time.Hour
	r, err := Cleanup(context.Background(), cfg)
	must(t, err)
	if r.Stopped != "time is up" || r.Left != 30 || !strings.Contains(r.String(), "30 left (time is up)") {
		t.Errorf("%+v", r)
	}
}

func TestCleanupKeepsItsCeiling(t *testing.T) {
	s := &service{}
	cfg := cleanupOf(t, s, 11)
	cfg.Ceiling = 100
	begin := time.Now()
	r, err := Cleanup(context.Background(), cfg)
	must(t, err)
	if took := time.Since(begin); r.Unbound != 11 || took < 10*10*time.Millisecond {
		t.Errorf("11 calls at 100/s took %v: %+v", took, r)
	}
}

func TestCleanupGivesUpOnADeadTarget(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	host := l.Addr().String()
	must(t, l.Close())
	cfg := cleanupOf(t, &service{}, 1000)
	cfg.Pool = wire.NewPool(wire.Target{Addr: host, Host: host}, wire.Limits{})
	defer cfg.Pool.Close()
	r, err := Cleanup(context.Background(), cfg)
	must(t, err)
	if r.Stopped != "the target does not answer" || r.Left != 1000 || r.Calls > 50 {
		t.Errorf("%+v", r)
	}
}

func TestCleanupErrors(t *testing.T) {
	cfg := cleanupOf(t, &service{}, 1)
	cfg.Client.Credentials = client.Credentials{}
	if _, err := Cleanup(context.Background(), cfg); err == nil {
		t.Error("no credentials: no error")
	}
	if remains(t, cfg) != 1 {
		t.Error("the journal is gone")
	}
	must(t, os.WriteFile(cfg.Journal, []byte("hello\n"), 0o600))
	if _, err := Cleanup(context.Background(), cfg); err == nil || !strings.Contains(err.Error(), ":1: ") {
		t.Errorf("not a journal: %v", err)
	}
}
