package fleet

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Options say where the bus is and how to get in: at most one of Creds, NKey and User.
type Options struct {
	URL            string // nats://, tls://, ws:// or wss://, several with commas between them; userinfo in it is refused
	Creds, NKey    string // files: JWT credentials, nkey seed
	CA, Cert, Key  string // PEM files
	User, Password string
	Name           string // of the connection, for the server's own lists

	server *Server // in this process
}

// Bus is a connection to the stream. Its methods are safe for concurrent use.
type Bus struct {
	nc   *nats.Conn
	js   jetstream.JetStream
	said atomic.Pointer[complaint]

	mu   sync.Mutex
	up   context.Context // ends when the connection breaks; another one begins with the next connection
	down context.CancelFunc
}

// complaint is what a server said last without being asked, such as that a right is missing.
type complaint struct {
	err error
	at  time.Duration // monotonic
}

const (
	dialTimeout = 3 * time.Second // of one attempt, handshakes included
	pingEvery   = time.Second     // and a connection that has left two of them unanswered is given up
	reconnectIn = 50 * time.Millisecond
	reconnectBy = time.Second // the longest pause between two attempts
)

// Dial connects, or says why not after one attempt at each server; from then on the connection is made again for ever when it breaks.
//
// A password, and a JWT that needs no signature (a bearer token), is sent in the clear to loopback only: elsewhere the server must offer TLS, and
// is not told the secret if it does not. The signatures of nkeys and other JWT credentials are worth nothing to who reads them, so those
// may go without. Errors hold neither passwords nor seeds.
func Dial(ctx context.Context, o Options) (*Bus, error) {
	b := &Bus{}
	b.connected(nil)
	list, err := o.connection()
	if err != nil {
		return nil, err
	}
	d := &dialer{ctx: ctx, inside: o.server}
	stop := context.AfterFunc(ctx, d.abandon)
	defer stop()
	list = append(list, nats.SetCustomDialer(d), nats.ReconnectHandler(b.connected), nats.DisconnectErrHandler(b.disconnected),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { b.said.Store(&complaint{err, monotonic()}) }))
	url := o.URL
	if o.server != nil {
		url = nats.DefaultURL // of no use, but that of a server with TLS would ask for it
		list = append(list, nats.InProcessServer(d))
	}
	if b.nc, err = nats.Connect(url, list...); err != nil {
		return nil, fmt.Errorf("connect to %s: %w", o.where(), errors.Join(ctx.Err(), explained(d, err)))
	}
	if d.settle(); ctx.Err() != nil {
		b.nc.Close()
		return nil, fmt.Errorf("connect to %s: %w", o.where(), ctx.Err())
	}
	if b.js, err = jetstream.New(b.nc); err != nil {
		b.nc.Close()
		return nil, err
	}
	return b, nil
}

// Close ends the connection. What waits for something ends with an error.
func (b *Bus) Close() {
	b.nc.Close()
	b.disconnected(nil, nil)
}

func (b *Bus) connected(*nats.Conn) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.down != nil {
		b.down()
	}
	b.up, b.down = context.WithCancel(context.Background())
}

func (b *Bus) disconnected(*nats.Conn, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.down()
}

// bounded returns a context for one request: it ends after d, and as soon as the connection breaks on which the answer would come.
func (b *Bus) bounded(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	b.mu.Lock()
	up := b.up
	b.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, d)
	stop := context.AfterFunc(up, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}

// explained says what a refusal means where the engine's words leave it open.
func explained(d *dialer, err error) error {
	switch {
	case errors.Is(err, nats.ErrNoServers) && d.failed() != nil:
		return d.failed()
	case errors.Is(err, nats.ErrSecureConnWanted):
		return fmt.Errorf("%w: the server has no TLS, and a secret would cross the network in the clear", err)
	}
	return err
}

// connection returns the options of the engine.
func (o *Options) connection() ([]nats.Option, error) {
	if o.server == nil {
		if err := o.checkURLs(); err != nil {
			return nil, err
		}
	}
	list := []nats.Option{
		nats.Name(o.Name),
		nats.Timeout(dialTimeout),
		nats.MaxReconnects(-1),
		nats.IgnoreAuthErrorAbort(), // a server that is being set up anew may refuse for a while
		nats.CustomReconnectDelay(pause),
		nats.ReconnectBufSize(-1), // what is sent while there is no connection fails at once, and is sent again by who waits for it
		nats.PingInterval(pingEvery),
		nats.MaxPingsOutstanding(2),
		nats.PermissionErrOnSubscribe(true),
	}
	credentials, clear, err := o.credentials()
	if err != nil {
		return nil, err
	}
	list = append(list, credentials...)
	if o.server != nil {
		return append(list, nats.IgnoreDiscoveredServers()), nil
	}
	if (o.Cert == "") != (o.Key == "") {
		return nil, errors.New("a client certificate and its key are only of use together")
	}
	if o.CA != "" {
		list = append(list, nats.RootCAs(o.CA))
	}
	if o.Cert != "" {
		list = append(list, nats.ClientCert(o.Cert, o.Key))
	}
	if !clear {
		return list, nil
	}
	// Servers that others name might be anywhere.
	list = append(list, nats.IgnoreDiscoveredServers())
	secure, err := o.mustEncrypt()
	if secure {
		list = append(list, nats.Secure())
	}
	return list, err
}

// pause returns how long to wait after so many rounds of attempts in vain.
func pause(rounds int) time.Duration {
	d := reconnectBy
	if rounds < 5 {
		d = min(d, reconnectIn<<max(0, rounds-1))
	}
	return d/2 + rand.N(d)
}

// seedLike is what somebody gives who takes the name of a file for its content.
var seedLike = regexp.MustCompile(`^S[A-Z2-7]{40,}$|BEGIN|^eyJ`)

// credentials returns how to get in, and whether a secret is sent for that.
func (o *Options) credentials() (list []nats.Option, clear bool, err error) {
	n := 0
	for _, s := range []string{o.Creds, o.NKey, o.User} {
		if s != "" {
			n++
		}
	}
	switch {
	case n > 1:
		return nil, false, errors.New("credentials of more than one kind: one of a credentials file, an nkey file and a user with a password is enough")
	case o.User == "" && o.Password != "":
		return nil, false, errors.New("a password without a user")
	case n == 0 && o.server != nil && o.server.user != "":
		return []nats.Option{nats.UserInfo(o.server.user, o.server.password)}, false, nil
	case o.User != "":
		return []nats.Option{nats.UserInfo(o.User, o.Password)}, true, nil
	case o.NKey != "":
		if seedLike.MatchString(o.NKey) {
			return nil, false, errors.New("the nkey is to be the name of a file that holds the seed, and looks like the seed itself")
		}
		option, err := nats.NkeyOptionFromSeed(o.NKey)
		if err != nil {
			return nil, false, fmt.Errorf("nkey: %w", err)
		}
		return []nats.Option{option}, false, nil
	case o.Creds != "":
		if seedLike.MatchString(o.Creds) {
			return nil, false, errors.New("the credentials are to be the name of a file, and look like its content")
		}
		data, err := os.ReadFile(o.Creds)
		if err != nil {
			return nil, false, fmt.Errorf("credentials: %w", err)
		}
		return []nats.Option{nats.UserCredentials(o.Creds)}, bearer(data), nil
	}
	return nil, false, nil
}

var tokenPart = regexp.MustCompile(`eyJ[\w-]+\.([\w-]+)\.`)

// bearer tells whether the JWT of a credentials file is all that a server asks for.
func bearer(creds []byte) bool {
	m := tokenPart.FindSubmatch(creds)
	if m == nil {
		return true // it may be anything
	}
	body, err := base64.RawURLEncoding.DecodeString(string(m[1]))
	var claims struct {
		Nats struct {
			Bearer bool `json:"bearer_token"`
		} `json:"nats"`
	}
	return err != nil || json.Unmarshal(body, &claims) != nil || claims.Nats.Bearer
}

// urls returns the servers that the URL names.
func (o *Options) urls() []string {
	list := strings.Split(o.URL, ",")
	for i, s := range list {
		if list[i] = strings.TrimSpace(s); !strings.Contains(s, "://") {
			list[i] = "nats://" + list[i]
		}
	}
	return list
}

// checkURLs refuses what is no address of a server.
func (o *Options) checkURLs() error {
	if strings.Contains(o.URL, "@") {
		return errors.New("the URL of the bus holds a user, a password or a token: give them apart from it") // and is not repeated here
	}
	if o.URL == "" {
		return errors.New("no URL of a bus")
	}
	for _, s := range o.urls() {
		u, err := url.Parse(s)
		if err != nil || u.Hostname() == "" || !slices.Contains([]string{"nats", "tls", "ws", "wss"}, u.Scheme) || u.RawQuery != "" || u.Fragment != "" {
			return fmt.Errorf("%q is no URL of a bus: nats://HOST:PORT, tls://HOST:PORT, ws:// or wss:// is", s)
		}
	}
	return nil
}

// mustEncrypt tells whether a secret is to be sent to servers that offer TLS only, and refuses those that cannot.
func (o *Options) mustEncrypt() (bool, error) {
	must := false
	for _, s := range o.urls() {
		u, err := url.Parse(s)
		if err != nil {
			return false, err
		}
		if loopback(u.Hostname()) {
			continue
		}
		if must = true; u.Scheme == "ws" {
			return false, fmt.Errorf("a secret would cross the network to %s in the clear: wss:// does not do that", u.Host)
		}
	}
	return must, nil
}

// loopback tells whether a host is written as this machine's own; a name may stand for anything.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (o *Options) where() string {
	if o.server != nil {
		return "the embedded server"
	}
	return o.URL
}

// dialer opens the connections of a bus. Until it is settled they end with ctx.
type dialer struct {
	inside *Server

	mu   sync.Mutex
	ctx  context.Context
	conn net.Conn
	err  error // of the last attempt
}

// Dial implements nats.CustomDialer.
func (d *dialer) Dial(network, address string) (net.Conn, error) {
	d.mu.Lock()
	ctx := d.ctx
	d.mu.Unlock()
	return d.opened(ctx, func() (net.Conn, error) {
		return (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, network, address)
	})
}

// InProcessConn implements nats.InProcessConnProvider.
func (d *dialer) InProcessConn() (net.Conn, error) {
	d.mu.Lock()
	ctx := d.ctx
	d.mu.Unlock()
	return d.opened(ctx, func() (net.Conn, error) {
		pipe, err := d.inside.server.InProcessConn()
		if err != nil {
			return nil, err
		}
		return newInsideConn(pipe), nil
	})
}

func (d *dialer) opened(ctx context.Context, open func() (net.Conn, error)) (net.Conn, error) {
	conn, err := open()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err = err; err == nil && ctx.Err() != nil {
		conn.Close()
		return nil, ctx.Err()
	}
	d.conn = conn
	return conn, err
}

func (d *dialer) abandon() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.conn != nil {
		d.conn.Close()
	}
}

// settle lets connections live for as long as the bus.
func (d *dialer) settle() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ctx = context.Background()
}

func (d *dialer) failed() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.err
}
