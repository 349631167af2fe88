package traffic

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"math/bits"
)

const (
	keptDigits  = 3  // leading digits of a number that stay: a mobile's network, a landline's area
	blockDigits = 18 // digits permuted at a time: 10^18 fits 60 bits
	rounds      = 10
)

// pseudonymizer maps digit strings to digit strings, one to one for every length, and keeps the leading digits. It is a
// Feistel network over just enough bits, walked until it falls back into the decimal range (Black and Rogaway, "Ciphers with
// arbitrary finite domains", 2002). It is not safe for concurrent use.
type pseudonymizer struct {
	mac hash.Hash
	in  [17]byte
	sum [sha256.Size]byte
}

func newPseudonymizer(key []byte) *pseudonymizer {
	return &pseudonymizer{mac: hmac.New(sha256.New, key)}
}

// digits replaces the ASCII digits of d in place. A country code of China before 11 more digits stays and the rest becomes
// what it would become alone; that is decided by length and leading digits only, which stay, so it remains one to one.
func (p *pseudonymizer) digits(d []byte) {
	switch {
	case len(d) == 13 && string(d[:2]) == "86":
		d = d[2:]
	case len(d) == 15 && string(d[:4]) == "0086":
		d = d[4:]
	}
	if len(d) <= keptDigits {
		return
	}
	length := len(d)
	d = d[keptDigits:]
	for block := 0; len(d) > 0; block++ {
		n := min(len(d), blockDigits)
		p.block(d[:n], length, block)
		d = d[n:]
	}
}

// block permutes the digits of one block. Length of the whole and number of the block choose the permutation.
func (p *pseudonymizer) block(d []byte, length, block int) {
	var v, limit uint64 = 0, 1
	for _, c := range d {
		v = v*10 + uint64(c-'0')
		limit *= 10
	}
	half := uint(bits.Len64(limit-1)+1) / 2
	for {
		v = p.feistel(v, half, length, block)
		if v < limit {
			break
		}
	}
	for i := len(d) - 1; i >= 0; i-- {
		d[i] = byte('0' + v%10)
		v /= 10
	}
}

// feistel permutes the numbers of 2*half bits.
func (p *pseudonymizer) feistel(v uint64, half uint, length, block int) uint64 {
	mask := uint64(1)<<half - 1
	left, right := v>>half, v&mask
	for r := range rounds {
		left, right = right, left^p.round(right, r, length, block)&mask
	}
	return left<<half | right
}

func (p *pseudonymizer) round(v uint64, r, length, block int) uint64 {
	binary.BigEndian.PutUint64(p.in[0:], v)
	binary.BigEndian.PutUint32(p.in[8:], uint32(length))
	binary.BigEndian.PutUint32(p.in[12:], uint32(block))
	p.in[16] = byte(r)
	p.mac.Reset()
	p.mac.Write(p.in[:])
	p.mac.Sum(p.sum[:0])
	return binary.BigEndian.Uint64(p.sum[:])
}
