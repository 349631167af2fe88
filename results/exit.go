package results

// The exit codes of every command. 130 and 143 stand beside them for a run that was interrupted.
const (
	ExitPass          = 0
	ExitInternal      = 1 // axbench itself failed
	ExitUsage         = 2 // bad use or an invalid file
	ExitSLO           = 3 // an SLO was missed
	ExitNonconformant = 4 // a MUST violation or an undocumented code
	ExitRegression    = 5 // worse than the baseline
	ExitInvalid       = 6 // the generator was the limit, the plan was not kept
	ExitNoData        = 7 // nothing measured, incomplete or inconclusive
	ExitRefused       = 8 // a safety guard refused
)
