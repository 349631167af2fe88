package emulator

import (
	"bytes"
	"strconv"
)

// headLength is how many bytes the head of an answer has, the empty line included; all of them when there is no such line.
func headLength(answer []byte) int {
	if i := bytes.Index(answer, []byte("\r\n\r\n")); i >= 0 {
		return i + 4
	}
	return len(answer)
}

// headerValue says where in a head the value of a header field stands; -1 when it does not.
func headerValue(head []byte, name string) (from, to int) {
	for at := 0; ; {
		next := bytes.Index(head[at:], []byte("\r\n"))
		if next < 0 {
			return -1, -1
		}
		line := head[at : at+next]
		if i := bytes.IndexByte(line, ':'); i >= 0 && bytes.EqualFold(line[:i], []byte(name)) {
			from, to = at+i+1, at+next
			for from < to && head[from] == ' ' {
				from++
			}
			return from, to
		}
		at += next + 2
	}
}

// framed is how many bytes the first answer in b has, as it was written by the HTTP server; -1 when it is not complete. bare
// answers have no body whatever their head says.
func framed(b []byte, bare bool) int {
	end := bytes.Index(b, []byte("\r\n\r\n"))
	if end < 0 {
		return -1
	}
	head := end + 4
	if bare || bodiless(b[:head]) {
		return head
	}
	if from, to := headerValue(b[:head], "Content-Length"); from >= 0 {
		n, err := strconv.Atoi(string(b[from:to]))
		switch {
		case err != nil || n < 0: // a deviation wrote it: nobody can tell where the answer ends
			return len(b)
		case head+n > len(b):
			return -1
		}
		return head + n
	}
	if from, _ := headerValue(b[:head], "Transfer-Encoding"); from >= 0 {
		return chunked(b, head)
	}
	return len(b)
}

// bodiless reports whether the status of a head says that no body follows.
func bodiless(head []byte) bool {
	_, rest, _ := bytes.Cut(head, []byte(" "))
	if len(rest) < 3 {
		return false
	}
	status := string(rest[:3])
	return status == "204" || status == "304" || status[0] == '1'
}

// chunked is where a chunked body that begins at an index ends; -1 when it is not complete.
func chunked(b []byte, at int) int {
	for {
		line := bytes.Index(b[at:], []byte("\r\n"))
		if line < 0 {
			return -1
		}
		size, err := strconv.ParseUint(string(b[at:at+line]), 16, 31)
		if err != nil {
			return len(b)
		}
		at += line + 2 + int(size) + 2
		if at > len(b) {
			return -1
		}
		if size == 0 {
			return at
		}
	}
}
