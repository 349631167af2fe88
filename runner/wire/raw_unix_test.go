//go:build unix

package wire

const unixLike = true
