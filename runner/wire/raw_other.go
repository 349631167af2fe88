//go:build !unix

package wire

import (
	"net"
	"syscall"
	"time"
)

// defaultMaxIdle is below the 5 s after which common servers close, since the end of a connection is not seen here.
const defaultMaxIdle = 4 * time.Second

// rawConn returns nil: package net does all I/O.
func rawConn(*net.TCPConn) syscall.RawConn { return nil }

func (c *conn) poll(dst []byte) (int, error) { return c.read(dst) }

func (c *conn) onDescriptor(uintptr) bool { return true }
