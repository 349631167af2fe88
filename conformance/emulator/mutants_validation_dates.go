package emulator

import (
	"strings"
	"time"
)

var mutantsDates = []*Deviation{
	{ID: "V19", Text: "Expiration in the past -> OK", Clauses: []string{"PRM-EXP-3"}, Needs: "a bind with an Expiration that is over", at: onPoints(stageDate, intoThePast)},
	{ID: "V20", Text: "Expiration = now + 30 s -> OK", Clauses: []string{"PRM-EXP-6"}, Needs: "a bind with an Expiration less than a minute ahead",
		at: onStage(stageDate, soon)},
	{ID: "V21", Text: "2030-01-02T03:04:05Z accepted, or 01/02/2030 accepted with day and month swapped", Clauses: []string{"PRM-EXP-4"}, Needs: "a bind with an Expiration in such a form",
		at: onStage(stageDate, reading(otherForms))},
	{ID: "V22", Text: "date without time accepted", Clauses: []string{"PRM-EXP-4"}, Needs: "a bind with a date as Expiration",
		at: onStage(stageDate, reading(func(c *call) bool { return c.datedAs(c.values[fExpiration] + " 00:00:00") }))},
	{ID: "V26", Text: "bad Expiration answered isv.ILLEGAL_ARGUMENT", Clauses: []string{"PRM-EXP-3"}, Needs: "a bind with an Expiration that is over or malformed",
		at: onStage(stageDate, instead("isv.ILLEGAL_ARGUMENT", func(c *call, r *row) bool { return r == c.server.rules.badExpiration }))},
	{ID: "V66", Text: "only ISO-8601 with T and Z accepted; the documented form refused", Clauses: []string{"PRM-EXP-2"}, Needs: "any bind", at: onStage(stageDate, onlyISO)},
	{ID: "V67", Text: "2023-02-29 (no leap year) style dates accepted", Clauses: []string{"PRM-EXP-5"}, Needs: "a bind with a date that does not exist",
		at: onStage(stageDate, reading(overlong))},
	{ID: "V68", Text: "valid now + 2 min refused", Clauses: []string{"PRM-EXP-2", "PRM-EXP-6"}, Needs: "a bind with an Expiration two minutes ahead",
		at: onStage(stageDate, refusing("isv.EXPIRE_DATE_ILLEGAL", "Expiration", func(c *call) bool { return c.request.Expires.Sub(c.today) < 5*time.Minute }))},
	{ID: "V70", Text: "9999-12-31 wraps into the past -> isv.EXPIRE_DATE_ILLEGAL", Clauses: []string{"PRM-EXP-9"}, Needs: "a bind with an Expiration in the year 9999",
		at: onStage(stageDate, refusing("isv.EXPIRE_DATE_ILLEGAL", "Expiration", wraps))},
	{ID: "V84", Text: "Expiration missing or empty -> OK, ends after an hour", Clauses: []string{"PRM-EXP-1"}, Needs: "a bind without Expiration",
		at: onStage("required", reading(anHour))},
	{ID: "V85", Text: "one of two nodes reads Expiration as UTC", Clauses: []string{"PRM-EXP-7"}, Needs: "several binds with an Expiration that is over in one zone only, or queries",
		at: onStage(stageDate, reading(otherNode))},
}

const stageDate = "bind expiration"

// expiration is the call's Expiration in seconds of 1970, by the documented form and the endpoint's zone.
func (c *call) expiration() (seconds int64, ok bool) {
	seconds, ok = parseTime(c.values[fExpiration], ' ')
	return seconds - c.server.rules.offset, ok
}

// dated writes an instant in the documented form.
func (c *call) dated(seconds int64) string {
	return string(stampOf(nil, time.Unix(seconds, 0), c.server.rules.zone))
}

// datedAs replaces an Expiration that is not in the documented form by a text that is.
func (c *call) datedAs(text string) bool {
	if _, ok := c.expiration(); ok {
		return false
	}
	if _, ok := parseTime(text, ' '); !ok {
		return false
	}
	c.set(fExpiration, text)
	return true
}

// intoThePast makes no difference between what is over and what is to come. The binding has ended when it is made.
func intoThePast(*Server) points {
	return points{stages: map[string]stageFunc{
		stageDate: func(c *call, next func(*call) *row) (*row, bool) {
			seconds, ok := c.expiration()
			if !ok || seconds > c.today.Unix() {
				return next(c), false
			}
			c.request.Expires = time.Unix(seconds, 0)
			return nil, true
		},
		"bind": func(c *call, next func(*call) *row) (*row, bool) {
			if c.request.Expires.After(c.today) {
				return next(c), false
			}
			c.request.Expires = c.today.Add(time.Hour)
			r := next(c)
			if r == c.server.rows.ok {
				c.pool.Unbind(c.today, c.binding.SubsID, c.binding.X)
			}
			return r, false // counted before
		},
	}}
}

// soon has no minimum.
func soon(c *call, next func(*call) *row) (*row, bool) {
	seconds, ok := c.expiration()
	if ahead := seconds - c.today.Unix(); !ok || ahead <= 0 || ahead > c.server.rules.minAhead {
		return next(c), false
	}
	c.request.Expires = time.Unix(seconds, 0)
	return nil, true
}

// otherForms reads ISO 8601 in UTC, and 11/05/2030 as the 11th of May, with a time behind it or without.
func otherForms(c *call) bool {
	text := c.values[fExpiration]
	if seconds, ok := parseTime(text, 'T'); ok {
		return c.datedAs(c.dated(seconds))
	}
	if len(text) < 10 || text[2] != '/' || text[5] != '/' {
		return false
	}
	clock := text[10:]
	if clock == "" {
		clock = " 00:00:00"
	}
	return c.datedAs(text[6:10] + "-" + text[3:5] + "-" + text[:2] + clock)
}

// onlyISO refuses the documented form.
func onlyISO(c *call, next func(*call) *row) (*row, bool) {
	if _, ok := c.expiration(); ok {
		return c.wrong(c.server.rules.badExpiration, "COD-EXPIRE_DATE_ILLEGAL", "Expiration"), true
	}
	hit := false
	if seconds, ok := parseTime(c.values[fExpiration], 'T'); ok {
		hit = c.datedAs(c.dated(seconds))
	}
	return next(c), hit
}

// overlong counts days that a month does not have into the next one.
func overlong(c *call) bool {
	text := c.values[fExpiration]
	if len(text) != 19 || text[8] != '2' && text[8] != '3' {
		return false
	}
	beyond := strings.Index("29 30 31", text[8:10])
	first, ok := parseTime(text[:8]+"28"+text[10:], ' ')
	if !ok || beyond < 0 {
		return false
	}
	return c.datedAs(c.dated(first + int64(1+beyond/3)*24*60*60 - c.server.rules.offset))
}

// wraps reports whether nanoseconds of 1970 in 64 bits, which end in 2262, make a date of the past of it.
func wraps(c *call) bool { return c.request.Expires.Unix()*int64(time.Second) < c.today.UnixNano() }

// anHour is what a bind without Expiration gets.
func anHour(c *call) bool {
	if !c.binds() || c.values[fExpiration] != "" {
		return false
	}
	c.set(fExpiration, c.dated(c.today.Unix()+3600))
	return true
}

// otherNode reads the date in UTC, for one of two calls.
func otherNode(c *call) bool {
	seconds, ok := c.expiration()
	if !ok || c.coin() {
		return false
	}
	text := c.dated(seconds + c.server.rules.offset)
	if _, ok = parseTime(text, ' '); ok { // not beyond the year 9999
		c.set(fExpiration, text)
	}
	return ok
}
