package conformance

// phoneCases hold the numbers A and B (PRM-A, PRM-B, PRM-AB).
var phoneCases []testCase
