package report

import (
	"fmt"
	"time"
)

// maxTimeRows bounds the table by time; longer runs get wider rows.
const maxTimeRows = 60

// timesView is the run by time, as a table for those who see no charts.
type timesView struct {
	Each string // the length of a row
	Rows []timeRow
}

type timeRow struct {
	From                string
	Planned, Sent, Good string // a second
	P50, P90, P99, Max  string
	Lost                string // failed, unfinished, dropped and not offered calls
}

// timesOf is the table of a series, at most maxTimeRows long.
func timesOf(s *Series) timesView {
	v := timesView{}
	for i, r := range s.rows(maxTimeRows) {
		if i == 0 {
			v.Each = (time.Duration(r.To-r.From) * time.Second).String()
		}
		row := timeRow{From: fmt.Sprintf("%d:%02d", r.From/60, r.From%60), Planned: number(r.Planned, 1), Sent: number(r.Sent, 1), Good: number(r.Good, 1),
			P50: someTime(r.P50), P90: someTime(r.P90), P99: someTime(r.P99), Max: someTime(r.Max), Lost: count(r.Failed)}
		if r.Closed {
			row.Planned = "-"
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

// someTime writes ns, of which there is none below 0.
func someTime(ns int64) string {
	if ns < 0 {
		return "-"
	}
	return duration(ns)
}
