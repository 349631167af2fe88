package report

// zhTexts are the fixed texts of the pages in Chinese, by their English form.
var zhTexts = map[string]string{}
