package fleet

import (
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// EmbedOptions say how the bus is to run inside of this process.
type EmbedOptions struct {
	Addr       string // HOST:PORT; port 0 takes a free one
	Dir        string // where the records are kept: another server with the same one goes on where this ended
	ConfigFile string // a NATS server configuration: tls, authorization, accounts, operator, limits. Listener, store and log are not taken from it
	Any        bool   // an address that other machines reach is allowed, if ConfigFile says who may come in
}

// Server is a bus inside of this process.
type Server struct {
	server         *server.Server
	host           string
	tls            bool
	inside         bool   // whether a connection inside of the process can get in
	user, password string // of that connection, if the configuration lets in those only that it knows
}

// Embed starts a server; it listens when Embed returns. A record is on the disk before it is acknowledged.
//
// An address that is not loopback is taken only with Any and a configuration that says who may come in: users, nkeys, an operator, or TLS that verifies
// clients. If it has passwords it must have TLS too: without it they would cross the network in the clear.
func Embed(o EmbedOptions) (*Server, error) {
	host, port, err := splitAddr(o.Addr)
	if err != nil {
		return nil, err
	}
	if o.Dir == "" {
		return nil, errors.New("no directory for the records of the bus")
	}
	options := &server.Options{}
	if o.ConfigFile != "" {
		if err := readConfig(options, o.ConfigFile); err != nil {
			return nil, err
		}
	}
	if err := checkAccess(options, host, o.Any); err != nil {
		return nil, fmt.Errorf("bus on %s: %w", o.Addr, err)
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, err
	}
	s := &Server{host: host, tls: options.TLSConfig != nil && !options.AllowNonTLS}
	s.admitSelf(options)
	own(options, host, port, o.Dir)
	log := &fatalLog{}
	if s.server, err = server.NewServer(options); err != nil {
		return nil, fmt.Errorf("bus: %w", err)
	}
	s.server.SetLogger(log, false, false)
	s.server.Start()
	if err := log.failed(); err != nil {
		s.Close()
		return nil, fmt.Errorf("bus: %w", err)
	}
	if !s.server.ReadyForConnections(10*time.Second) || !s.server.JetStreamEnabled() {
		s.Close()
		return nil, errors.New("bus: the server did not become ready")
	}
	return s, nil
}

// URL says where the server is, for processes on this machine.
func (s *Server) URL() string {
	scheme, host := "nats", s.host
	if s.tls {
		scheme = "tls"
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return scheme + "://" + net.JoinHostPort(host, strconv.Itoa(s.server.Addr().(*net.TCPAddr).Port))
}

// Options say how this process itself gets in: without a socket if that is possible. Where the configuration leaves it open who that is (an
// operator, users of several accounts, users by their certificates) credentials are to be added.
func (s *Server) Options() Options {
	if !s.inside {
		return Options{URL: s.URL()}
	}
	return Options{URL: s.URL(), server: s}
}

// Close ends the server and returns when it has ended.
func (s *Server) Close() {
	s.server.Shutdown()
	s.server.WaitForShutdown()
}

func splitAddr(addr string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		return "", 0, fmt.Errorf("%q is no address of a bus: HOST:PORT is", addr)
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return "", 0, fmt.Errorf("%q is no address of a bus: %q is no port", addr, text)
	}
	return host, int(n), nil
}

// readConfig lets the engine read a configuration of its own.
func readConfig(options *server.Options, file string) error {
	err := options.ProcessConfigFile(file)
	if list, ok := err.(interface{ Errors() []error }); ok && len(list.Errors()) == 0 {
		err = nil // warnings only
	}
	if err != nil {
		return fmt.Errorf("configuration of the bus: %w", err)
	}
	for what, there := range map[string]bool{
		"cluster":        options.Cluster.Port != 0 || options.Cluster.Name != "" || len(options.Routes) > 0,
		"gateway":        options.Gateway.Name != "" || options.Gateway.Port != 0,
		"leafnodes":      options.LeafNode.Port != 0 || len(options.LeafNode.Remotes) > 0,
		"websocket":      options.Websocket.Port != 0,
		"mqtt":           options.MQTT.Port != 0,
		"http":           options.HTTPPort != 0 || options.HTTPSPort != 0,
		"prof_port":      options.ProfPort != 0,
		"proxy_protocol": options.ProxyProtocol,
	} {
		if there {
			return fmt.Errorf("configuration of the bus: %s: %s is not for an embedded server, which listens on one address: a nats-server of your own can do that", file, what)
		}
	}
	if options.Authorization != "" {
		return fmt.Errorf("configuration of the bus: %s: authorization by a token is not supported: users or nkeys are", file)
	}
	return nil
}

// own sets what a configuration has no say in.
func own(o *server.Options, host string, port int, dir string) {
	if port == 0 {
		port = server.RANDOM_PORT
	}
	o.Host, o.Port, o.DontListen, o.ClientAdvertise = host, port, false, ""
	o.JetStream, o.StoreDir, o.SyncAlways = true, dir, true
	o.NoSigs, o.NoLog, o.LogFile, o.Syslog, o.RemoteSyslog = true, true, "", false, ""
	o.PidFile, o.PortsFileDir = "", ""
	o.DisableJetStreamBanner = true
}

// checkAccess refuses an address that lets in whoever reaches it.
func checkAccess(o *server.Options, host string, anyone bool) error {
	if loopback(host) {
		return nil
	}
	if !anyone {
		return errors.New("other machines can reach that address")
	}
	known := len(o.Users)+len(o.Nkeys)+len(o.TrustedOperators)+len(o.TrustedKeys) > 0 || o.Username != "" || o.AuthCallout != nil
	encrypted := o.TLSConfig != nil && !o.AllowNonTLS
	switch {
	case o.NoAuthUser != "" || o.DefaultSentinel != "":
		return errors.New("other machines can reach that address, and the configuration lets in who has no credentials")
	case !known && !(encrypted && o.TLSConfig.ClientAuth == tls.RequireAndVerifyClientCert):
		return errors.New("other machines can reach that address, and no configuration says who may come in: authorization, an operator, or tls with verify does")
	case !encrypted && hasPasswords(o):
		return errors.New("passwords would cross the network in the clear: the configuration has users with passwords and no tls")
	}
	return nil
}

func hasPasswords(o *server.Options) bool {
	for _, u := range o.Users {
		if u.Password != "" {
			return true
		}
	}
	return o.Password != "" || o.AuthCallout != nil
}

// admitSelf makes a user for this process, if there are users and it is clear which account is that of the run.
func (s *Server) admitSelf(o *server.Options) {
	s.inside = !o.TLSMap // which looks at certificates; there are none inside of a process
	if !s.inside || len(o.TrustedOperators)+len(o.TrustedKeys) > 0 || o.AuthCallout != nil {
		return
	}
	if o.Username != "" {
		o.Users = append(o.Users, &server.User{Username: o.Username, Password: o.Password})
		o.Username, o.Password = "", ""
	}
	accounts := map[string]*server.Account{}
	note := func(a *server.Account) {
		name := ""
		if a != nil {
			name = a.Name
		}
		if name == "" || name != o.SystemAccount {
			accounts[name] = a
		}
	}
	for _, u := range o.Users {
		note(u.Account)
	}
	for _, u := range o.Nkeys {
		note(u.Account)
	}
	if len(accounts) != 1 {
		return
	}
	s.user, s.password = "axbench-"+rand.Text(), rand.Text()
	for _, a := range accounts {
		o.Users = append(o.Users, &server.User{Username: s.user, Password: s.password, Account: a})
	}
}

// fatalLog keeps the first fatal error of a server and drops everything else that it says.
type fatalLog struct {
	mu  sync.Mutex
	err error
}

func (l *fatalLog) failed() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// Fatalf implements server.Logger. An error from the system says by itself what failed and where.
func (l *fatalLog) Fatalf(format string, v ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return
	}
	l.err = fmt.Errorf(format, v...)
	for _, x := range v {
		if op := (*net.OpError)(nil); errors.As(asError(x), &op) {
			l.err = op
		}
	}
}

func asError(x any) error {
	err, _ := x.(error)
	return err
}

// Noticef implements server.Logger.
func (l *fatalLog) Noticef(string, ...any) {}

// Warnf implements server.Logger.
func (l *fatalLog) Warnf(string, ...any) {}

// Errorf implements server.Logger.
func (l *fatalLog) Errorf(string, ...any) {}

// Debugf implements server.Logger.
func (l *fatalLog) Debugf(string, ...any) {}

// Tracef implements server.Logger.
func (l *fatalLog) Tracef(string, ...any) {}
