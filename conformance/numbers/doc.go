// Package numbers is the model of number pools and bindings: which X serves which A and B, and until when.
//
// A pool holds X numbers by city. One X serves up to MaxPairs bindings at once as long as no A or B is repeated on it in
// either role. The time is an argument of every call and must not run backwards by much; a binding is live while
// now < Expires and goes lazily. What a number may look like, what a request says and which code a refusal gets is left to
// the callers.
//
// Choice is uniform from a seed. A bind costs the same in an empty pool and in a nearly exhausted one: free numbers are
// kept in lists, and numbers that are bound on very many X carry a bitmap. All types are safe for concurrent use unless they
// say otherwise; the package starts no goroutine.
package numbers
