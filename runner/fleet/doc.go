// Package fleet spreads one run over many generators, on NATS JetStream: a controller owns the plan, agents carry out their part of it,
// and everything that anybody decides is a record in one stream, in order, from which the run can be told after any crash.
//
// What the engine has is the engine's: order, exclusive claim (an append that names the last record it has seen), replay, reconnect,
// encryption and credentials. What is here is what no engine has: the exact division of the arrivals (package pace), the
// permission to send that ends by itself (Lease), the ledger of who decided which arrival (Ledger), and the merge.
//
// # Why nothing is sent twice
//
// An agent may send for Spec.TTL from the sending of its last record that the stream took. The controller gives a slot up only after TTL
// and half a second of silence since it received that record, which was later, and by an append that the stream takes only if
// the slot has appended nothing since. If it is taken, the agent has stopped by itself and can never append again; if not, it is alive.
// Clocks need not agree for that, only run at the same speed. An epoch of the division never takes an arrival from a slot that is left.
//
// # The bus
//
// Records are in one stream of JetStream (Bus), which is embedded (Embed) or a server of the user's own from 2.9.10 on. That is to be told to
// write before it acknowledges ("jetstream { sync_interval: always }"): by default it does so up to two minutes later. The answer
// to an append may be lost; what stands in the stream then decides, never a message id. Beats and the clock are not kept.
//
// The package knows nothing of the API: what a run of it needs beside the engine's accounts travels as Extra, which package cmd
// makes and reads. Run methods own their goroutines and return when all have ended.
package fleet
