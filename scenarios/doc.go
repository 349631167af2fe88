// Package scenarios is the scenario file: its format, the embedded scenarios, and the requests that a scenario makes
// (Source, the runner.Source of this API). A scenario says everything about a run but who signs it and which foreign hosts
// are allowed: those are never in a file.
//
//	schema: axbench.scenario/v1
//	name: evening
//	phases:
//	  - {name: warm-up, record: false, duration: 10s, rate: 50/s}
//	  - {name: main, duration: 2m, poisson: 400/s}
//	requests:
//	  - params:
//	      PoolKey: FC123456
//	      PhoneNoA: {mobile: 15000000000-15000999999}
//	      PhoneNoB: {mobile: 15800000000-15800999999}
//	      Expiration: {in: 10m}
//	negative:
//	  share: 2%
//	  of:
//	    - {name: bad number, params: {…}, expect: isv.MOBILE_NUMBER_ILLEGAL}
//	bindings: {unbind: after 2s}
//	slo:
//	  - p99(offered) < 100ms
//
// Every field is described in scenario.schema.json and, in Go, at File.
//
// # Numbers
//
// Call k of a run is a pure function of the seed, k and the offset: each draw is a hash of (seed, k, what is drawn), so
// neither the order in which calls are prepared nor another call changes it. Number ranges are walked in order by k plus
// the offset, unless the file says order: random. Where A and B are both walked, B moves on by one each time both ranges
// have come round, so that no pair comes twice before all pairs have come.
//
// When calls are due is left to runner/pace, what the emulator section means to conformance/emulator, how calls are signed
// to conformance/client and what becomes of answers to conformance/traffic. The package starts no goroutines; a *File is
// not changed after Parse and, like a *Source, safe for concurrent use.
package scenarios
