package report

// zhSentences are the forms of sentences in run directories, the more special ones first.
var zhSentences = []sentence{}
