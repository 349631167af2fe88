package conformance

// signatureCases hold the signature of calls (SIG).
var signatureCases []testCase
