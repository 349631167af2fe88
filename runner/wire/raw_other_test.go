//go:build !unix

package wire

const unixLike = false
