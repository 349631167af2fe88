package report

import (
	"fmt"
	"time"

	"axbench/results"
)

// maxTimeRows bounds the table by time; longer runs get wider rows.
const maxTimeRows = 60

// timesView is the run by time, as a table for those who see no charts.
type timesView struct {
	Each    string // the length of a row
	Rows    []timeRow
	Problem string // why there is none
}

type timeRow struct {
	From, Phases        string
	Planned, Sent, Good string // a second
	P50, P99, Max, Lost string // lost: failed, unfinished and dropped calls
}

// timeBucket is what a row counts.
type timeBucket struct {
	phases                    []string
	planned, sent, good, lost int64
	seconds                   map[int64]bool
	response                  *results.Histogram
}

// timesOf reads the seconds of a run and merges them into rows. A histogram of a row is that of all its calls, so its quantiles
// are too.
func timesOf(rec *results.Record, l language) timesView {
	if rec.Dir == "" {
		return timesView{}
	}
	seconds, err := rec.Timeline()
	if err != nil {
		return timesView{Problem: l.t("%s cannot be read: %s", results.TimelineFile, Escape(err.Error()))}
	}
	last := int64(-1)
	for i := range seconds {
		last = max(last, seconds[i].T)
	}
	if last < 0 || last >= 1<<31 {
		return timesView{Problem: l.t("no second was recorded")}
	}
	width := (last + maxTimeRows) / maxTimeRows
	buckets := make([]timeBucket, last/width+1)
	for i := range seconds {
		if s := &seconds[i]; s.T >= 0 {
			buckets[s.T/width].add(s)
		}
	}
	v := timesView{Each: (time.Duration(width) * time.Second).String()}
	err = rec.EachInterval(func(second int64, phase, clock, code string, h *results.Histogram) error {
		if clock == results.ClockResponse.String() && code == results.CodeGood && second >= 0 && second <= last && phase != results.FollowUpPhase {
			b := &buckets[second/width]
			if b.response == nil {
				b.response = results.NewHistogram()
			}
			return b.response.Merge(h)
		}
		return nil
	})
	if err != nil {
		v.Problem = l.t("%s cannot be read: %s", results.IntervalFile, Escape(err.Error()))
	}
	for i := range buckets {
		v.Rows = append(v.Rows, buckets[i].row(int64(i)*width))
	}
	return v
}

func (b *timeBucket) add(s *results.Second) {
	if b.seconds == nil {
		b.seconds = map[int64]bool{}
	}
	b.seconds[s.T] = true
	if n := len(b.phases); n == 0 || b.phases[n-1] != s.Phase {
		b.phases = append(b.phases, s.Phase)
	}
	b.planned, b.sent, b.good = b.planned+s.Planned, b.sent+s.Sent, b.good+s.Good
	b.lost += s.Failed + s.Unfinished + s.Dropped
}

func (b *timeBucket) row(from int64) timeRow {
	perSecond := func(n int64) string {
		if len(b.seconds) == 0 {
			return "-"
		}
		return number(float64(n)/float64(len(b.seconds)), 1)
	}
	q := results.NewOfferedSet(b.response, nil).Summary()
	r := timeRow{From: fmt.Sprintf("%d:%02d", from/60, from%60), Planned: perSecond(b.planned), Sent: perSecond(b.sent), Good: perSecond(b.good), Lost: count(b.lost),
		P50: quantile(&q, "p50"), P99: quantile(&q, "p99"), Max: quantile(&q, "max")}
	switch n := len(b.phases); {
	case n == 0:
		r.Phases = "-"
	case n <= 2:
		r.Phases = Escape(joined(b.phases...))
	default:
		r.Phases = Escape(b.phases[0] + " … " + b.phases[n-1])
	}
	return r
}
