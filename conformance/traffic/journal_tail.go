package traffic

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// tailRoom is the most that JournalTail.Take returns: it fits a message with room to spare.
const tailRoom = 128 << 10

// JournalTail reads what is added to a journal, so that others than its owner can unbind what was bound when the owner is gone. It
// is for one goroutine.
type JournalTail struct {
	j  *Journal
	at int64
}

// Tail returns a reader of all lines that the journal gets, the first binding's on. Nothing can be taken from a journal that is closed.
func (j *Journal) Tail() *JournalTail { return &JournalTail{j: j, at: int64(len(journalHead)) + 1} }

// Take returns the whole lines since the last call, at most 128 KiB of them: call again until there are none. A line that is longer
// alone is passed over, with an error.
func (t *JournalTail) Take() (lines []byte, err error) {
	t.j.mu.Lock()
	f, end := t.j.f, t.j.size
	t.j.mu.Unlock()
	if f == nil {
		return nil, errors.New("journal of bindings: closed")
	}
	if end <= t.at {
		return nil, nil
	}
	lines = make([]byte, min(end-t.at, tailRoom))
	if _, err := f.ReadAt(lines, t.at); err != nil {
		return nil, fmt.Errorf("journal of bindings: %w", err)
	}
	if n := bytes.LastIndexByte(lines, '\n') + 1; n > 0 {
		t.at += int64(n)
		return lines[:n], nil
	}
	return nil, t.skip(f, lines, end)
}

// skip goes on behind a line that begins with these bytes and is too long.
func (t *JournalTail) skip(f io.ReaderAt, room []byte, end int64) error {
	line := t.at
	for t.at < end {
		n := min(int64(len(room)), end-t.at)
		if _, err := f.ReadAt(room[:n], t.at); err != nil {
			return fmt.Errorf("journal of bindings: %w", err)
		}
		if i := bytes.IndexByte(room[:n], '\n'); i >= 0 {
			t.at += int64(i) + 1
			break
		}
		t.at += n
	}
	return fmt.Errorf("journal of bindings: a line of %d bytes stays where it is: at most %d are handed on", t.at-line, tailRoom)
}

// lastExpiry is the end of the year 9999: no Expiration is later.
const lastExpiry = 253_402_300_800

// Append adds lines of another journal, as a JournalTail takes them; its first line, the format, is left out. Bytes that are no such
// lines are an error, and then nothing is added. Lines may come twice: what unbinds from the journal finds out that a binding is gone.
func (j *Journal) Append(lines []byte) error {
	var text []byte
	var ends []int64 // of bindings that were made
	gone := int64(0)
	for n := 1; len(lines) > 0; n++ {
		line, rest, whole := bytes.Cut(lines, []byte("\n"))
		lines = rest
		if whole && string(line) == journalHead {
			continue
		}
		b, made, ok := parseLine(string(line))
		if unix := b.unix(); !whole || !ok || len(line) > tailRoom || unix < 0 || unix > lastExpiry {
			return fmt.Errorf("journal of bindings: line %d of what is to be added is not one of %s", n, journalHead)
		}
		if made {
			text = appendBound(text, b.SubsID, b.X, b.PoolKey, b.unix())
			ends = append(ends, b.unix())
		} else {
			text = AppendUnbound(text, b.SubsID)
			gone++
		}
	}
	if len(text) == 0 {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.foreign = true
	j.bound += int64(len(ends))
	j.unbound += gone
	for _, unix := range ends {
		j.expires(unix)
	}
	j.buf = append(j.buf, text...)
	return j.commit()
}
