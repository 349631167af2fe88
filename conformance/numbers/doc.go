// Package numbers is the model of number pools and bindings: which X serves which A and B, and until when.
//
// A pool holds X numbers by city. One X serves up to MaxPairs bindings at once as long as no A or B is repeated on it, in
// either role or, as the pool is configured, in the same one. What a number may look like, what a request says and which code
// a refusal gets is left to the callers.
//
// The time is an argument of every call. A binding is live while now < Expires, in an inclusive pool to the end of that
// second, and goes lazily: no call can tell one that is purged from one that is not yet. Those that ended last are remembered
// for Query and Update; one that is unbound is forgotten. Calls may come in another order than their times: within two seconds
// the pool's clock stands still rather than go back. It may be set forward and back by any time, too: what had ended by then
// stays ended, and what is bound afterwards lives by the new time.
//
// Choice is uniform from a seed, or packed: the first X that can take the pair. A bind costs about the same in an empty pool
// and in a nearly exhausted one: the X that are open are a bitmap with counts above it, and numbers that are bound on very many
// X carry a bitmap, too. A free X takes some 5 bytes, a binding some 120 and its phones. All types are safe for concurrent use,
// a pool under one lock, unless they say otherwise; the package starts no goroutine.
package numbers
