//go:build !linux || race

package emulator

import "net"

// direct is there on Linux only. The race detector needs package net, which tells it what a connection orders.
type direct struct{}

func newDirect(net.Conn) *direct { return nil }

func (*direct) read([]byte) (int, error) { return 0, nil }

func (*direct) write([]byte) (int, error) { return 0, nil }
