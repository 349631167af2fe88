package conformance

// transportCases hold how messages travel (TRN).
var transportCases []testCase
