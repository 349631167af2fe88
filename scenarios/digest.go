package scenarios

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"time"

	"axbench/conformance/traffic"
	"axbench/runner/pace"
)

// digestCalls is how many calls a digest looks at; of a longer plan it holds the number of arrivals as well. A closed plan
// has no arrivals: there it is the first digestClosed calls that would be made.
const (
	digestCalls  = 5_000_000
	digestClosed = 100_000
)

// Digest returns the SHA-256, in hex, over what the seed fixes: due time, phase, operation, deliberate fault and parameters
// of every call of the plan in order. Nonce, timestamp and {run} are not in it, and of an Expiration that counts from now
// only how far ahead it lies. Two runs with the same digest made the same calls at the same times.
func (s *Source) Digest(plan *pace.Plan) string {
	d := digester{source: s, h: sha256.New()}
	d.number(plan.Total())
	if plan.Closed() {
		for k := range int64(digestClosed) {
			d.call(k, 0, 0)
		}
		return d.sum()
	}
	cursor := plan.Cursor()
	for a, ok := cursor.Next(); ok && a.K < digestCalls; a, ok = cursor.Next() {
		d.call(a.K, a.Due, a.Phase)
	}
	return d.sum()
}

// digester feeds a hash in large pieces.
type digester struct {
	source *Source
	h      hash.Hash
	memo   traffic.Memo
	buf    []byte
}

// epoch stands for now, so that an Expiration is how far ahead it lies.
var epoch = time.Unix(0, 0)

func (d *digester) call(k int64, due time.Duration, phase int) {
	s := d.source
	t := s.templates[s.choose.at(k)]
	d.memo.Reset()
	t.fill(&d.memo, call{k: k, n: k + s.cfg.Offset, seed: s.cfg.Seed, run: "{run}", now: epoch})
	d.number(int64(due))
	d.number(int64(phase))
	d.buf = append(d.buf, byte(t.fault))
	d.text(t.op.Name)
	d.number(int64(len(d.memo.Params)))
	for _, p := range d.memo.Params {
		d.text(p.Name)
		d.text(p.Value)
	}
	if len(d.buf) > 16<<10 {
		d.h.Write(d.buf)
		d.buf = d.buf[:0]
	}
}

func (d *digester) number(n int64) { d.buf = binary.LittleEndian.AppendUint64(d.buf, uint64(n)) }

func (d *digester) text(s string) {
	d.number(int64(len(s)))
	d.buf = append(d.buf, s...)
}

func (d *digester) sum() string {
	d.h.Write(d.buf)
	return hex.EncodeToString(d.h.Sum(nil))
}
