package emulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"axbench/conformance/contract"
	"axbench/conformance/numbers"
	"axbench/conformance/signature"
)

// Limits of a request.
const (
	maxHead   = 16 << 10
	maxBody   = 64 << 10
	maxParams = 256
)

// Server is one emulator. It is made by New and safe for concurrent use.
type Server struct {
	clock   func() time.Time
	seed    uint64
	hosts   []string // that a Host header may name beside the loopback ones
	model   *numbers.Model
	keys    map[string][]*key
	ops     map[string]*operation
	rows    *rows
	nonces  *nonces
	latency *latency
	waiter  waiter
	truth   truth
	stages  []stage
	calls   sync.Pool // *call
	arrived atomic.Uint64
}

// account is who pays: the owner of keys and pools, and the scope of the flow limit.
type account struct {
	name string
	flow []bucket // by operation.index; empty without a limit
}

// key is one access key.
type key struct {
	id, token string
	hash      uint64 // for the nonces
	account   *account
	v1, v3    sync.Pool // *signature.V1Key, *signature.V3Key
}

// New makes an emulator. clock is the time that Timestamp, nonces and Expiration are held against; nil is time.Now. Latency
// always follows the machine's own clock. It returns what is wrong with cfg as Parse would.
func New(cfg *Config, clock func() time.Time) (*Server, error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	if clock == nil {
		clock = time.Now
	}
	model, err := numbers.New(uint64(cfg.Seed), cfg.pools())
	if err != nil {
		return nil, fmt.Errorf("emulator: %w", err)
	}
	s := &Server{clock: clock, seed: uint64(cfg.Seed), model: model, keys: map[string][]*key{}, rows: newRows(cfg),
		nonces: newNonces(maxNonces), latency: newLatency(&cfg.Latency, uint64(cfg.Seed)), waiter: newWaiter(), stages: stages}
	s.ops = newOperations(cfg, s.rows)
	if host, _, err := net.SplitHostPort(cfg.Listen); err == nil && host != "" {
		s.hosts = append(s.hosts, host)
	}
	owner := newAccount("main", cfg.FlowLimit)
	s.addKey(Credential{ID: BuiltinID, Secret: BuiltinSecret}, owner)
	for _, c := range cfg.Credentials {
		if c.ID != BuiltinID || c.Token != "" {
			s.addKey(c, owner)
		}
	}
	s.calls.New = func() any { return new(call) }
	s.truth.init()
	return s, nil
}

func newAccount(name string, limit Rate) *account {
	a := &account{name: name}
	if limit > 0 {
		a.flow = make([]bucket, len(contract.Operations))
		for i := range a.flow {
			a.flow[i] = newBucket(limit)
		}
	}
	return a
}

func (s *Server) addKey(c Credential, owner *account) {
	k := &key{id: c.ID, token: c.Token, account: owner, hash: s.nonces.key(c.ID)}
	k.v1.New = func() any { return signature.NewV1Key(c.Secret) }
	k.v3.New = func() any { return signature.NewV3Key(c.Secret) }
	s.keys[c.ID] = append(s.keys[c.ID], k)
}

// stopTime is how long Serve waits, after ctx is done, for the answers that it owes.
const stopTime = 30 * time.Second

// Serve answers on l until ctx is done, then finishes every call it has accepted and returns nil. It closes l. A Server
// serves once.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	web := s.web()
	if err := s.waiter.start(); err != nil {
		return fmt.Errorf("emulator: timer: %w", err)
	}
	defer s.waiter.stop()
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(listener{l, s}) }()
	select {
	case err := <-ended:
		return fmt.Errorf("emulator: %w", errors.Join(err, errors.New("the listener ended")))
	case <-ctx.Done():
	}
	_ = l.Close() // also when the server below has not begun yet, which its own shutdown would miss
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if err := web.ShutdownWithContext(last); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("emulator: calls were still open after %v: %w", stopTime, err)
	}
	<-ended
	return nil
}

// web is the HTTP server around the handler.
func (s *Server) web() *fasthttp.Server {
	return &fasthttp.Server{
		Handler:                      s.handle,
		ErrorHandler:                 s.unreadable,
		Logger:                       silent{},
		ReadBufferSize:               maxHead,
		MaxRequestBodySize:           maxBody,
		Concurrency:                  1 << 20,
		NoDefaultServerHeader:        true,
		NoDefaultContentType:         true,
		DisablePreParseMultipartForm: true,
		LazyRequestTime:              true,
		CloseOnShutdown:              true,
	}
}

type silent struct{}

func (silent) Printf(string, ...any) {}
