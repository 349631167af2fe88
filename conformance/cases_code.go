package conformance

// codeCases provoke the codes of the document, each by its own sign (COD).
var codeCases []testCase
