package emulator

import (
	"bufio"
	"encoding/json"
	"io"
)

// sinkSize is how many refusals may wait to be written. Further ones are left out and counted: a slow disk delays no answer.
const sinkSize = 1 << 14

// WriteJournal appends every refusal from now on to w, one JSON object a line, soon after its decision. failed is told the
// first error of w, at most once; nothing is written after it. The returned stop writes what is left, waits for it and returns
// how many refusals may be missing, because they came too fast or could not be written. It is to be called once, after Serve; w
// may be closed then. A server has one such journal at a time.
func (s *Server) WriteJournal(w io.Writer, failed func(error)) (stop func() (missing int64)) {
	sink, unwritten := make(chan Refusal, sinkSize), make(chan int64, 1)
	go func() { unwritten <- drain(sink, w, failed) }()
	j := &s.journal
	j.mu.Lock()
	j.sink, j.lost = sink, 0
	j.mu.Unlock()
	return func() int64 {
		j.mu.Lock()
		j.sink = nil
		lost := j.lost
		j.mu.Unlock()
		close(sink)
		return lost + <-unwritten
	}
}

// drain writes refusals until there are no more to come, and flushes whenever none is waiting. It returns how many may
// not have been written.
func drain(sink <-chan Refusal, w io.Writer, failed func(error)) (missing int64) {
	out := bufio.NewWriter(w)
	lines := json.NewEncoder(out)
	broken, pending := false, int64(0) // pending: lines since the last flush
	for entry := range sink {
		if pending++; broken {
			continue
		}
		err := lines.Encode(entry)
		if err == nil && len(sink) == 0 {
			if err = out.Flush(); err == nil {
				pending = 0
			}
		}
		if err != nil {
			broken = true
			failed(err)
		}
	}
	if !broken && pending > 0 {
		if err := out.Flush(); err != nil {
			failed(err)
			return pending
		}
		pending = 0
	}
	return pending
}
