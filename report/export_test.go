package report

// What the tests in a browser compare with.
var (
	SeriesOf    = seriesOf
	Duration    = durationF
	Rate        = rate
	PerS        = perS
	Count       = count
	ScriptWords = scriptWords
)

// TrendSample is a trend with everything that one can have.
var TrendSample = trendSample
