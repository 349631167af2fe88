package emulator

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"axbench/conformance/numbers"
)

// Limits of a request.
const (
	maxHead   = 16 << 10
	maxBody   = 64 << 10
	maxParams = 256
)

// Server is one emulator. It is made by New and safe for concurrent use.
type Server struct {
	clock      func() time.Time // the real one, as far as Config.Clock lets it
	skew       time.Duration    // of Config.Clock
	offset     atomic.Int64     // of the business clock, nanoseconds
	seed       uint64
	hosts      []string // that a Host header may name beside the loopback ones
	rules      rules
	keepAlive  []byte // value of the header
	idle       time.Duration
	model      *numbers.Model
	pools      map[string]*pool
	keys       map[string][]*key
	ops        map[string]*operation
	rows       *rows
	nonces     *nonces
	origin     *origin // of windows
	latency    *latency
	faults     *faults // nil for a server without any
	registry   *registry
	perConn    []Limit
	waiter     waiter
	truth      truth
	journal    journal
	front      []stage
	deviations *deviations // nil for a server without any
	secure     *secure     // nil without TLS
	calls      sync.Pool   // *call
	arrived    atomic.Uint64
	rings      atomic.Uint64 // calls through an X
	stopTime   time.Duration // see the constant
	stopping   chan struct{} // closed when Serve is told to end
}

// New makes an emulator. clock is the time that Timestamp and nonces are held against, and with the offset of MoveClock also
// Expiration; nil is time.Now. Latency always follows the machine's own clock. It returns what is wrong with cfg as Parse
// would.
func New(cfg *Config, clock func() time.Time) (*Server, error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	if clock == nil {
		clock = time.Now
	}
	cfg = cfg.changed()
	s := &Server{clock: aheadOf(clock, cfg.Clock.offset()), skew: cfg.Clock.offset(), seed: uint64(cfg.Seed), pools: map[string]*pool{}, keys: map[string][]*key{}, rows: newRows(cfg),
		nonces: newNonces(maxNonces), origin: newOrigin(), registry: newRegistry(), waiter: newWaiter(), stopTime: stopTime,
		front: frontStages(&cfg.Choices), stopping: make(chan struct{})}
	s.latency, s.faults = newLatency(cfg, s.rows, s.origin), newFaults(cfg, s.origin)
	s.rules = newRules(&cfg.Choices, s.rows)
	s.ops = newOperations(cfg, s.rows)
	s.setIdle(cfg)
	s.hosts = cfg.hosts()
	if err := s.addPools(cfg, s.addAccounts(cfg)); err != nil {
		return nil, err
	}
	for _, l := range cfg.limits() {
		if l.Per == "connection" {
			s.perConn = append(s.perConn, l)
		}
	}
	s.calls.New = func() any { return new(call) }
	if err := s.setTLS(cfg); err != nil {
		return nil, err
	}
	s.truth.init()
	s.journal.init(cfg.Journal.Keep)
	return s, s.deviate(cfg)
}

// changed returns the configuration with what its deviations set.
func (c *Config) changed() *Config {
	out := *c
	for _, d := range c.chosen() {
		if d.Set != nil {
			d.Set(&out)
		}
	}
	return &out
}

// idleTime is how long the gateway keeps an idle connection.
const idleTime = 25 * time.Second

func (s *Server) setIdle(cfg *Config) {
	switch {
	case !cfg.Idle.set:
		s.idle = idleTime
	case !cfg.Idle.none:
		s.idle = cfg.Idle.d
	}
	if s.idle >= time.Second {
		s.keepAlive = fmt.Appendf(nil, "timeout=%d", s.idle/time.Second)
	}
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
