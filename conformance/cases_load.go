package conformance

// loadCases hold what shows under load only (LOD).
var loadCases []testCase
