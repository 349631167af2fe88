package conformance

// optionCases hold the optional parameters (PRM-REC, PRM-OUT, PRM-UNK).
var optionCases []testCase
