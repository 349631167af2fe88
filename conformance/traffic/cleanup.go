package traffic

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"axbench/conformance/check"
	"axbench/conformance/client"
	"axbench/conformance/contract"
	"axbench/results"
	"axbench/runner/wire"
)

// Defaults of CleanupConfig.
const (
	DefaultCleanupTime    = 30 * time.Second
	DefaultCleanupCeiling = 50 // calls a second
	defaultConnections    = 8
	cleanupAttempts       = 3 // for one binding in one clean-up
)

// CleanupConfig says how bindings are unbound. Nothing else may use Pool meanwhile: it is aborted when time is up.
type CleanupConfig struct {
	Journal     string        // path
	Pool        *wire.Pool    // to the target of the run
	Client      client.Config // signs as the run did
	Ceiling     float64       // calls a second; 0 is 50
	Limit       time.Duration // for all of it; 0 is 30 s
	Timeout     time.Duration // for one call; 0 is 10 s
	Connections int           // at a time; 0 is 8
	Edition     contract.Edition
	Now         func() time.Time // nil is time.Now
}

// CleanupResult says what became of the bindings in the journal: Total = Unbound + Gone + Expired + Left.
type CleanupResult struct {
	Total   int64            `json:"total"`
	Unbound int64            `json:"unbound"` // by this clean-up
	Gone    int64            `json:"gone"`    // the target says that there is no such binding
	Expired int64            `json:"expired"` // not asked for: their Expiration is over
	Left    int64            `json:"left"`    // still in the journal
	Calls   int64            `json:"calls"`   // attempts made
	Codes   map[string]int64 `json:"codes"`   // last answers of bindings that are left, by code
	Stopped string           `json:"stopped"` // why not all were tried: "time is up", "interrupted", …; "" when all were
	Took    time.Duration    `json:"took_ns"`
}

// Cleanup unbinds every binding in a journal. It may be repeated, and goes on where an earlier one or a kill left off; the
// journal is deleted when nothing in it can be alive. A call that fails is data: an error means that the journal or the
// signer cannot be used. A journal that is not there is no error: there is nothing to do.
func Cleanup(ctx context.Context, cfg CleanupConfig) (CleanupResult, error) {
	cfg = cfg.withDefaults()
	start := cfg.Now()
	j, list, err := resumeJournal(cfg.Journal)
	if errors.Is(err, fs.ErrNotExist) {
		return CleanupResult{Codes: map[string]int64{}}, nil
	}
	if err != nil {
		return CleanupResult{}, err
	}
	c := &cleaner{cfg: cfg, journal: j, checker: check.New(cfg.Edition), next: time.Now()}
	c.result = CleanupResult{Total: int64(len(list)), Codes: map[string]int64{}}
	err = c.run(ctx, list)
	r := c.result
	r.Left = r.Total - r.Unbound - r.Gone - r.Expired
	r.Took = cfg.Now().Sub(start)
	return r, errors.Join(err, j.Close(cfg.Now()))
}

func (cfg CleanupConfig) withDefaults() CleanupConfig {
	if cfg.Ceiling <= 0 {
		cfg.Ceiling = DefaultCleanupCeiling
	}
	if cfg.Limit <= 0 {
		cfg.Limit = DefaultCleanupTime
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 10 * time.Second
	}
	if cfg.Connections <= 0 {
		cfg.Connections = defaultConnections
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return cfg
}

// cleaner is one clean-up at work.
type cleaner struct {
	cfg     CleanupConfig
	journal *Journal
	checker *check.Checker

	mu      sync.Mutex
	result  CleanupResult
	next    time.Time // when the next call may be sent
	failed  int       // calls in a row without an answer
	stop    context.CancelCauseFunc
	harness error
}

// reasons that end a clean-up before its end.
var (
	errTimeUp      = errors.New("time is up")
	errInterrupted = errors.New("interrupted")
	errUnreachable = errors.New("the target does not answer")
)

// run works on the list with several workers, and returns when all have ended.
func (c *cleaner) run(parent context.Context, list []Binding) error {
	ctx, stop := context.WithCancelCause(parent)
	defer stop(nil)
	ctx, release := context.WithTimeoutCause(ctx, c.cfg.Limit, errTimeUp)
	defer release()
	c.stop = stop

	signers := make([]*client.Signer, min(c.cfg.Connections, len(list)))
	for i := range signers {
		var err error
		if signers[i], err = client.New(c.cfg.Client); err != nil {
			return err
		}
	}
	work := make(chan Binding)
	var workers, watcher sync.WaitGroup
	for _, s := range signers {
		workers.Go(func() {
			w := &unbinder{c: c, signer: s}
			for b := range work {
				w.unbind(ctx, b)
			}
		})
	}
	ended := make(chan struct{})
	watcher.Go(func() { c.abortAfter(ctx, ended) })
	c.feed(ctx, list, work)
	close(work)
	workers.Wait()
	if ctx.Err() != nil && c.result.Unbound+c.result.Gone+c.result.Expired < c.result.Total {
		c.result.Stopped = stopReason(ctx, parent)
	}
	close(ended)
	watcher.Wait()
	return c.harness
}

// feed hands out the bindings that can be alive.
func (c *cleaner) feed(ctx context.Context, list []Binding, work chan<- Binding) {
	for _, b := range list {
		if !b.Expires.IsZero() && !c.cfg.Now().Before(b.Expires) {
			c.ended(b, codeExpired)
			continue
		}
		select {
		case work <- b:
		case <-ctx.Done():
			return
		}
	}
}

func stopReason(ctx, parent context.Context) string {
	if parent.Err() != nil {
		return errInterrupted.Error()
	}
	return context.Cause(ctx).Error()
}

// abortAfter ends the calls in flight once ctx is over, again and again, since one may just be starting.
func (c *cleaner) abortAfter(ctx context.Context, ended <-chan struct{}) {
	select {
	case <-ended:
		return
	case <-ctx.Done():
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		c.cfg.Pool.Abort()
		select {
		case <-ended:
			return
		case <-tick.C:
		}
	}
}

// slot waits for the next call's turn under the ceiling. Turns that nobody took are not made up for.
func (c *cleaner) slot(ctx context.Context) bool {
	c.mu.Lock()
	now := time.Now()
	at := c.next
	if at.Before(now) {
		at = now
	}
	c.next = at.Add(time.Duration(float64(time.Second) / c.cfg.Ceiling))
	c.mu.Unlock()
	return sleep(ctx, at.Sub(now))
}

// sleep waits for d and reports whether ctx is still on.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// unbinder is one worker of a clean-up.
type unbinder struct {
	c      *cleaner
	signer *client.Signer
	memo   Memo
	res    check.Result
	answer wire.Answer
	bytes  []byte
	nonce  [32]byte
}

// unbind tries to unbind one binding, more than once where that can help: an unbind may be repeated.
func (w *unbinder) unbind(ctx context.Context, b Binding) {
	pause := 200 * time.Millisecond
	for attempt := 1; w.c.slot(ctx); attempt++ {
		code := w.call(b)
		switch {
		case code == "OK", code == codeGone:
			w.c.ended(b, code)
			return
		case attempt == cleanupAttempts || !worthRepeating(code):
			w.c.left(code)
			return
		}
		if !sleep(ctx, pause) {
			break
		}
		pause *= 4
	}
}

// What may have become of a binding beside OK: every answer that says that there is no such binding, and its Expiration.
const (
	codeGone    = "gone"
	codeExpired = "expired"
)

func worthRepeating(code string) bool {
	return isThrottle(code) || code == results.CodeReset || code == results.CodeTimeout || code == results.CodeFraming ||
		code == "isp.SYSTEM_ERROR" || code == "InternalError" || code == "ServiceUnavailable"
}

// call makes one call and returns its code.
func (w *unbinder) call(b Binding) string {
	var random [16]byte
	rand.Read(random[:]) // never fails
	hex.Encode(w.nonce[:], random[:])
	w.memo.Reset()
	UnbindParams(&w.memo, b.PoolKey, b.SubsID, b.X)
	w.bytes = w.signer.Append(w.bytes[:0], contract.UnbindSubscription.Name, w.memo.Params, w.nonce[:], w.c.cfg.Now(), client.NoFault)
	w.c.cfg.Pool.Do(w.bytes, w.c.cfg.Timeout, &w.answer, nil)
	a := &w.answer
	w.c.called(a.Failure == wire.None)
	if a.Failure != wire.None {
		return string(a.Failure)
	}
	sent := check.Sent{Operation: contract.UnbindSubscription, Format: w.c.cfg.Client.Format}
	w.c.checker.Check(&w.res, &sent, &check.Answer{
		Status: a.Status, ContentType: a.ContentType, ContentEncoding: a.ContentEncoding, Head: a.Head, Body: a.Body,
	})
	switch {
	case string(w.res.Code) == "OK":
		return "OK"
	case isGone(&w.res):
		return codeGone
	case w.res.Code == nil:
		return results.CodeMalformed
	case w.res.Known == nil:
		return results.CodeOther
	}
	return w.res.Known.Name
}

// isGone reports whether an answer to UnbindSubscription says that the binding is gone: unbound now, or not there. Recorded
// answers of the real service (2019) say the latter with isv.ILLEGAL_ARGUMENT and "subs not exist".
func isGone(res *check.Result) bool {
	switch string(res.Code) {
	case "OK", "isv.SUBS_NOT_EXIST":
		return true
	case "isv.ILLEGAL_ARGUMENT":
		return bytes.Contains(res.Message, []byte("subs not exist"))
	}
	return false
}

// ended notes a binding that is gone.
func (c *cleaner) ended(b Binding, code string) {
	err := c.journal.Unbound(b.SubsID)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch code {
	case codeGone:
		c.result.Gone++
	case codeExpired:
		c.result.Expired++
	default:
		c.result.Unbound++
	}
	if err != nil && c.harness == nil {
		c.harness = err
		c.stop(err)
	}
}

// left notes a binding that stays.
func (c *cleaner) left(code string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.result.Codes[code]++
}

// called counts attempts, and gives up on a target that does not answer at all.
func (c *cleaner) called(answered bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.result.Calls++
	if answered {
		c.failed = 0
		return
	}
	if c.failed++; c.failed >= cleanupAttempts*c.cfg.Connections {
		c.stop(errUnreachable)
	}
}

// String says what a clean-up did in one line.
func (r CleanupResult) String() string {
	s := fmt.Sprintf("%d bindings: %d unbound, %d were gone, %d expired, %d left", r.Total, r.Unbound, r.Gone, r.Expired, r.Left)
	if r.Stopped != "" {
		s += " (" + r.Stopped + ")"
	}
	return s
}
