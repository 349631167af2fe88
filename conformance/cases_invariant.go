package conformance

// invariantCases hold what several answers show together (INV).
var invariantCases []testCase
