package conformance

import (
	"sync"
	"time"

	"axbench/conformance/client"
	"axbench/runner/wire"
)

// resend is a call that was accepted and is to be sent once more much later: a nonce is used once, on every node (SIG-9, LOD-5).
type resend struct {
	x *exchange
}

// resendAge is how old a call may be at most to be refused for its nonce: a Timestamp is good for 15 minutes.
const resendAge = 14 * time.Minute

// remember keeps an accepted call for the end of the run.
func (t *trial) remember(x *exchange) {
	if x.ok() {
		t.resends = append(t.resends, resend{x})
	}
}

// request is the same call again, byte for byte. ok is false when its Timestamp would be refused by now.
func (p resend) request() (r *request, ok bool) {
	return sameCall(p.x), time.Since(p.x.stamp) < resendAge
}

// resent is a call that was sent, byte for byte the same.
func (t *trial) resent(x *exchange) *request { return sameCall(x) }

func sameCall(x *exchange) *request {
	r := x.req.clone()
	r.edits = append([]edit{func(d *client.Draft) { d.Nonce, d.Time = x.nonce, x.stamp }}, r.edits...)
	return r
}

// sameNonce gives a call the nonce of one that was sent.
func sameNonce(x *exchange) edit {
	return func(d *client.Draft) { d.Nonce = x.nonce }
}

// together sends calls at the same instant, each over a connection that has served before where connections are kept. It waits for all.
func (t *trial) together(pools []*wire.Pool, list []*exchange) {
	answers := make([]wire.Answer, len(list))
	begin := make(chan struct{})
	var all sync.WaitGroup
	for i, x := range list {
		t.calls++
		all.Go(func() {
			<-begin
			pools[i%len(pools)].Do(x.built.Request, t.deadline(), &answers[i], nil)
		})
	}
	close(begin)
	all.Wait()
	for i, x := range list {
		x.take(&answers[i])
		answers[i].Release()
		t.judge(t.c, x)
	}
}
