// Package emulator is the endpoint as documented: BindAxb and the four operations on bindings over HTTP/1.1, with both
// signatures, the gateway in front, pools of numbers behind, and a latency that is known.
//
// A call goes through stages (see stages.go): each has a name, looks at one thing and may refuse. What a binding is, is left
// to package numbers; what is signed, to package signature; what the document lists, to package contract. The package shares
// no code with the client or the checker, so that a mistake of one is not hidden by the other.
//
// A Server keeps its truth: what it answered and how long each call really took, from the last byte read to the first byte
// written. It runs in this process (New, Serve) or in a child (StartChild in the parent, ServeChild in the child), so that a
// load generator's health is its own.
//
// What goes wrong on purpose is in the configuration: codes (inject.go), faults of connections (fault.go), latency, and single
// wrong behaviours (deviation.go). All but the behaviours may have windows, which count from the first call (window.go).
//
// Goroutines: Serve owns those of its connections, a timer, the sweep of idle connections and the door of a fault, and returns
// when they have ended. A Child owns the process and one reader. Nothing here reads an environment variable, prints, or listens
// elsewhere than where it is told.
package emulator
