package conformance

// lateCases come at the end: they wait for time to pass, or come back to what was sent long before.
var lateCases []testCase
