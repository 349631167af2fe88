package conformance

// cityCases hold ExpectCity (PRM-CITY).
var cityCases []testCase
