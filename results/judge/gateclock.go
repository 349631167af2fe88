package judge

import (
	"time"

	"axbench/results"
)

const (
	// skewTold is the skew from which on it is worth a note: less is within what a Date can tell.
	skewTold = 2 * time.Second
	// skewKept is the skew that every server must accept (SIG-11). The gateway's own text says 15 minutes for V1 and V3, and a
	// later page 31; a server that refused calls beyond what it must accept refused them for our clock.
	skewKept = 5 * time.Minute

	codeStale = "InvalidTimeStamp.Expired" // of V1 and V3 alike
)

// clock judges whether calls were refused because this machine's clock is off, and notes that it is.
func (v *verdict) clock() {
	low, high := v.run.Generator.SkewLowNS, v.run.Generator.SkewHighNS
	if low == nil || high == nil {
		return
	}
	// What is certain of the skew: nothing where zero lies between the bounds.
	var skew time.Duration
	refusing, told := "this machine's clock is %s behind the server's, and %s calls were refused for their timestamp: set the clock", "this machine's clock is %s behind the server's: set the clock"
	if *low > 0 {
		skew = time.Duration(*low)
	} else if *high < 0 {
		skew = -time.Duration(*high)
		refusing, told = "this machine's clock is %s ahead of the server's, and %s calls were refused for their timestamp: set the clock", "this machine's clock is %s ahead of the server's: set the clock"
	}
	if skew < skewTold {
		return
	}
	var refused int64
	for _, phase := range []*results.Phase{&v.run.Totals, &v.run.FollowUps} {
		for i := range phase.Codes {
			if c := &phase.Codes[i]; c.Code == codeStale {
				refused += c.Count - c.Expected
			}
		}
	}
	if refused > 0 && skew >= skewKept {
		v.fail(refusing, skew.Round(time.Second), Thousands(refused))
	} else {
		v.note(told, skew.Round(time.Second))
	}
}
