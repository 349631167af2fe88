package conformance

import (
	"sync"
	"time"

	"axbench/conformance/client"
	"axbench/runner/wire"
)

type edit = func(*client.Draft)

var unauthenticated = oneOf(anyGateway, "isv.ILLEGAL_ARGUMENT").orSkip(anyRefusal)
var flowLimitTable = must("isv.FLOW_LIMIT").orSkip("Throttling*", "FlowLimited")

func (s *suite) prepared(r *request) *exchange {
	return &exchange{req: r.clone(), nonce: newNonce(), stamp: time.Now()}
}
func (s *suite) build(x *exchange) {
	r := x.req
	x.stamp = time.Now()
	d := client.Draft{Action: r.op.Name, Params: r.params, Credentials: s.credential(r.as), Nonce: x.nonce, Time: x.stamp}
	for _, edit := range r.edits {
		edit(&d)
	}
	x.nonce = d.Nonce
	x.built = d.Build(s.cfg.Host, s.cfg.Path)
}
func (s *suite) over(c *testCase, pool *wire.Pool, x *exchange) {
	var a wire.Answer
	s.calls++
	pool.Do(x.built.Request, s.deadline(), &a, nil)
	x.take(&a)
	a.Release()
	s.judge(c, x)
}
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

type again1 struct{ x *exchange }

func (t *trial) remember(x *exchange) {
	if x.ok() {
		t.again = append(t.again, again1{x})
	}
}
func (p again1) request() (*request, bool) {
	x := p.x
	r := x.req.clone()
	r.edits = append([]edit{func(d *client.Draft) { d.Nonce, d.Time = x.nonce, x.stamp }}, r.edits...)
	return r, time.Since(x.stamp) < 14*time.Minute
}
