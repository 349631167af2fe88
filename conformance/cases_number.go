package conformance

// numberCases hold the number X (PRM-X).
var numberCases []testCase
