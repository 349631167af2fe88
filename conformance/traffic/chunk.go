package traffic

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// What stands in facts: chunks, each a head and records. All numbers are little endian.
//
//	head: version, sequence number (4 bytes), from (8), to (8), facts lost before it by their kind (4 each), size of the records (4)
//	answer: kind, fingerprint of the RequestId
//	bound: kind, time (4: µs behind from), end of life (4: ms behind from), fingerprints of RequestId, SubsId, (X, A), (X, B)
//	unbound: kind, time, fingerprints of (X, A) and (X, B)
//	over: kind, time
//
// Times are Unix microseconds on the generator's clock. What comes in later chunks is not older than to. The upper half of a kind
// says which clauses the generator has found broken itself.
const (
	chunkVersion = 1
	chunkHead    = 1 + 4 + 8 + 8 + 4*4 + 4

	factAnswer  = 1
	factBound   = 2
	factUnbound = 3
	factOver    = 4
	factCounted = 0x10 // of the first of gathered; the others follow

	longestRecord = 1 + 4 + 4 + 4*8

	maxMicros = 1<<32 - 1
	maxMillis = 1<<32 - 1
)

// gathered are the clauses that a Gathering can find broken.
var gathered = [...]string{"RSP-2", "INV-1", "INV-2", "LOD-1"}

// places of gathered.
const (
	atRSP2 = iota
	atINV1
	atINV2
	atLOD1
)

// recordSize is the length of a record by its kind.
var recordSize = [16]int{factAnswer: 1 + 8, factBound: longestRecord, factUnbound: 1 + 4 + 2*8, factOver: 1 + 4}

// lostFacts counts facts that were not kept, by their kind less 1.
type lostFacts [4]uint32

// chunk is a stretch of what a generator collected.
type chunk struct {
	seq      uint32
	from, to int64
	lost     lostFacts // before it
	records  []byte
}

// writeHead writes the head of a chunk that has room for it in front of its records.
func (c *chunk) writeHead(dst []byte) {
	dst[0] = chunkVersion
	binary.LittleEndian.PutUint32(dst[1:], c.seq)
	binary.LittleEndian.PutUint64(dst[5:], uint64(c.from))
	binary.LittleEndian.PutUint64(dst[13:], uint64(c.to))
	for i, n := range c.lost {
		binary.LittleEndian.PutUint32(dst[21+4*i:], n)
	}
	binary.LittleEndian.PutUint32(dst[37:], uint32(len(dst)-chunkHead))
}

// maxTime bounds times so that nothing overflows: the year 9999 and before.
const maxTime = 253_402_300_800_000_000

// parseChunk reads the first chunk of b, which is not empty, and returns what stands behind it.
func parseChunk(b []byte) (c chunk, rest []byte, err error) {
	if b[0] != chunkVersion {
		return c, nil, fmt.Errorf("facts of version %d, accepted: %d", b[0], chunkVersion)
	}
	if len(b) < chunkHead {
		return c, nil, errors.New("facts end within a head")
	}
	c.seq = binary.LittleEndian.Uint32(b[1:])
	c.from, c.to = int64(binary.LittleEndian.Uint64(b[5:])), int64(binary.LittleEndian.Uint64(b[13:]))
	for i := range c.lost {
		c.lost[i] = binary.LittleEndian.Uint32(b[21+4*i:])
	}
	size := int64(binary.LittleEndian.Uint32(b[37:]))
	b = b[chunkHead:]
	switch {
	case c.from < 0 || c.to < c.from || c.to > maxTime:
		return c, nil, fmt.Errorf("facts from %d to %d", c.from, c.to)
	case size > int64(len(b)):
		return c, nil, errors.New("facts end within a chunk")
	}
	c.records, rest = b[:size], b[size:]
	for r := c.records; len(r) > 0; {
		n := recordSize[r[0]&15]
		if n == 0 || n > len(r) {
			return c, nil, fmt.Errorf("no record of facts begins with %#x, or it ends too early", r[0])
		}
		if r[0]&15 != factAnswer && c.from+int64(binary.LittleEndian.Uint32(r[1:])) > c.to {
			return c, nil, errors.New("a record of facts is later than its chunk")
		}
		r = r[n:]
	}
	return c, rest, nil
}

// fact is one record.
type fact struct {
	kind      byte
	counted   byte // clauses that the generator has counted, the first of gathered in bit 0
	at, until int64
	Prints
}

// next reads the first of records that parseChunk has looked at.
func (c *chunk) next(records []byte) (f fact, rest []byte) {
	f.kind, f.counted = records[0]&15, records[0]>>4
	b, u32, u64 := records[1:], binary.LittleEndian.Uint32, binary.LittleEndian.Uint64
	switch f.kind {
	case factAnswer:
		f.Request = u64(b)
	case factBound:
		f.at, f.until = c.from+int64(u32(b)), c.from+int64(u32(b[4:]))*1000
		f.Request, f.Subs, f.Pairs = u64(b[8:]), u64(b[16:]), [2]uint64{u64(b[24:]), u64(b[32:])}
	case factUnbound:
		f.at, f.Pairs = c.from+int64(u32(b)), [2]uint64{u64(b[4:]), u64(b[12:])}
	case factOver:
		f.at = c.from + int64(u32(b))
	}
	return f, records[recordSize[f.kind]:]
}

// floorDiv divides and rounds down.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
