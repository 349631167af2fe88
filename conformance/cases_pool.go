package conformance

// poolCases hold the parameter PoolKey (PRM-POOL).
var poolCases []testCase
