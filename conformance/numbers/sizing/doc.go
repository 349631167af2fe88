// Package sizing says how many X a number pool needs, by running the model of package numbers, the one that the emulator runs,
// in virtual time.
//
// A Demand says who asks for bindings and how long they are held. A Study simulates it on pools of any size: At gives the share
// of refusals with its interval, Need the smallest pool for a target, Holds the highest rate for a pool. Refused requests are
// lost: they do not come again.
//
// Each figure comes from Replications independent simulations, so that its interval needs no assumption on how the refusals of
// one of them hang together: they come in clusters. A simulation begins with the bindings that would be live if no request
// had ever been refused, as far as there is room, goes on unrecorded for two mean hold times, and only then counts. Pools of all sizes see the same
// requests (common random numbers), which makes the share fall with the size but for a residue that is small beside the
// interval.
//
// Where Erlang's loss formula applies it is computed too: it holds for any distribution of hold times. What a demand costs in
// memory and requests is bounded, and refused before anything is simulated.
//
// A Study simulates on Effort.Workers goroutines, which end before its methods return. It is not safe for concurrent use. The
// same Demand and Effort give the same figures on every machine, whatever the number of workers.
package sizing
