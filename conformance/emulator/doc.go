// Package emulator is the endpoint as documented: BindAxb, UnbindSubscription and QuerySubscriptionDetail over HTTP/1.1, with
// both signatures, the gateway in front, pools of numbers behind, and a latency that is known.
//
// A call goes through stages (see stages.go): each has a name, looks at one thing and may refuse. What a binding is, is left
// to package numbers; what is signed, to package signature; what the document lists, to package contract. The package shares
// no code with the client or the checker, so that a mistake of one is not hidden by the other.
//
// A Server keeps its truth: what it answered and how long each call really took, from the last byte read to the first byte
// written. It runs in this process (New, Serve) or in a child (StartChild in the parent, ServeChild in the child), so that a
// load generator's health is its own.
//
// Goroutines: Serve owns those of its connections and one timer, and returns when they have ended. A Child owns the process
// and one reader. Nothing here reads an environment variable, prints, or listens elsewhere than where it is told.
package emulator
