package scenarios

import (
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"axbench/conformance/client"
	"axbench/conformance/traffic"
	"axbench/runner"
)

// SourceConfig is what a run adds to its scenario.
type SourceConfig struct {
	Client client.Config // how to sign and write calls: File.Client with host, credentials and what flags changed
	Seed   int64         // File.Seed unless a flag changed it
	Offset int64         // added to the index of calls where numbers are taken; not negative
	Run    [16]byte      // random bits of the run: the head of every nonce
	// Unbind makes every binding end with the run at the latest, as foreign targets need it.
	Unbind bool
}

// Source makes the calls of a scenario. It implements runner.Source and is safe for concurrent use.
type Source struct {
	file      *File
	cfg       SourceConfig
	templates []*template
	right     int // templates before this one are right, the others deliberately wrong
	choose    chooser
	run       string // hex of Run
	signers   sync.Pool
}

var _ runner.Source = (*Source)(nil)

// NewSource prepares the calls of a scenario.
func NewSource(f *File, cfg SourceConfig) (*Source, error) {
	if cfg.Offset < 0 {
		return nil, fmt.Errorf("offset %d, accepted: 0 or more", cfg.Offset)
	}
	first, err := client.New(cfg.Client)
	if err != nil {
		return nil, err
	}
	s := &Source{file: f, cfg: cfg, run: hex.EncodeToString(cfg.Run[:])}
	s.signers.New = func() any {
		signer, _ := client.New(cfg.Client) // the same configuration as first
		return signer
	}
	s.signers.Put(first)
	bindings := f.Bindings.Unbind
	if cfg.Unbind && bindings.Then == traffic.Never {
		bindings.Then = traffic.UnbindAtEnd
	}
	all, right := f.templates()
	weights := make([]int, len(all))
	for i, r := range all {
		weights[i] = r.Weight
		s.templates = append(s.templates, newTemplate(r, cfg.Seed, bindings))
	}
	share := 0.0
	if f.Negative != nil {
		share = float64(f.Negative.Share)
	}
	s.right = right
	s.choose = newChooser(newStream(cfg.Seed, "request"), weights, right, share)
	return s, nil
}

// NewMemo returns an empty *traffic.Memo.
func (s *Source) NewMemo() any { return new(traffic.Memo) }

// Prepare writes call k as it is to be sent at now. The same k of the same seed and offset is the same call, but for nonce,
// timestamp, signature and an Expiration that counts from now.
func (s *Source) Prepare(dst *runner.Request, k int64, now time.Time) {
	m := dst.Memo.(*traffic.Memo)
	m.Reset()
	t := s.templates[s.choose.at(k)]
	m.Format = s.cfg.Client.Format
	t.fill(m, call{k: k, n: k + s.cfg.Offset, seed: s.cfg.Seed, run: s.run[:8], now: now})
	dst.K, dst.Operation = k, t.op.Name
	var nonce [64]byte
	s.sign(dst, m, appendHex(append(nonce[:0], s.run...), uint64(k)), now)
}

// Refresh signs the follow-up call in dst for now. Its nonce is that of the call it follows, marked as a follow-up's.
func (s *Source) Refresh(dst *runner.Request, now time.Time) {
	m := dst.Memo.(*traffic.Memo)
	dst.Operation = m.Operation.Name
	var nonce [64]byte
	s.sign(dst, m, appendHex(append(append(nonce[:0], s.run...), 'f'), uint64(dst.After)), now)
}

func (s *Source) sign(dst *runner.Request, m *traffic.Memo, nonce []byte, now time.Time) {
	signer := s.signers.Get().(*client.Signer)
	dst.Bytes = signer.Append(dst.Bytes[:0], m.Operation.Name, m.Params, nonce, now, m.Fault)
	s.signers.Put(signer)
}

// appendHex appends the 16 hexadecimal digits of n.
func appendHex(dst []byte, n uint64) []byte {
	const digits = "0123456789abcdef"
	for shift := 60; shift >= 0; shift -= 4 {
		dst = append(dst, digits[n>>shift&15])
	}
	return dst
}
