package conformance

// expirationCases hold Expiration (PRM-EXP).
var expirationCases []testCase
