package traffic

import (
	"fmt"
	"os"
	"syscall"
)

// mappedChunk is how much of a file is reserved and mapped at a time.
const mappedChunk = 1 << 20

// mapped appends to a file through memory: what was appended is in the file, also when the process is killed, without a
// system call each. The space is reserved first, so a full disk is an error and not a signal. Until close the file ends in
// zeros. It is for one goroutine at a time.
type mapped struct {
	f    *os.File
	mem  []byte
	base int64 // where mem is in the file
	n    int   // how much of mem is used
}

// newMapped appends behind the first size bytes of f, which is open for reading and writing. It returns nil where that cannot
// be had: not every file system maps and reserves.
func newMapped(f *os.File, size int64) *mapped {
	m := &mapped{f: f, base: size &^ (mappedChunk - 1)}
	if m.open() != nil {
		return nil
	}
	m.n = int(size - m.base)
	return m
}

func (m *mapped) open() error {
	fd := int(m.f.Fd())
	if err := syscall.Fallocate(fd, 0, m.base, mappedChunk); err != nil {
		return fmt.Errorf("reserve space: %w", err)
	}
	mem, err := syscall.Mmap(fd, m.base, mappedChunk, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("map: %w", err)
	}
	m.mem, m.n = mem, 0
	return nil
}

// append puts a line that ends in a line feed into the file, the line feed last: a line that a kill cut short has none.
func (m *mapped) append(line []byte) error {
	last := len(line) - 1
	if err := m.copy(line[:last]); err != nil {
		return err
	}
	return m.copy(line[last:])
}

func (m *mapped) copy(b []byte) error {
	for len(b) > 0 {
		if m.n == len(m.mem) {
			if err := m.next(); err != nil {
				return err
			}
		}
		k := copy(m.mem[m.n:], b)
		m.n += k
		b = b[k:]
	}
	return nil
}

// next goes on to the chunk behind a full one. Without one the full one stays.
func (m *mapped) next() error {
	full := m.mem
	m.base += mappedChunk
	if err := m.open(); err != nil {
		m.base -= mappedChunk
		return err
	}
	return syscall.Munmap(full)
}

// close ends the file behind what was appended.
func (m *mapped) close() error {
	size := m.base + int64(m.n)
	if err := syscall.Munmap(m.mem); err != nil {
		return fmt.Errorf("unmap: %w", err)
	}
	return m.f.Truncate(size)
}
