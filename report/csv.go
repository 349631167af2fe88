package report

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"axbench/results"
)

// RunCSV writes the timeline of a run as CSV (RFC 4180, lines end in \n): a header, then a row for each second and phase in which
// something happened. A row is one second, so its counts are rates per second too. The columns, always in this order:
//
//	t_s                     second since the start, from 0
//	time                    its begin, RFC 3339 in UTC
//	phase, recorded         name; true, false, or empty for a phase that run.json does not have
//	planned … good_inside   the ledger and the counts of that second, as in timeline.ndjson
//	in_flight, queued       at the end of the second, of the whole generator
//	late_p99_ns … _max_ns   nanoseconds; response_* are of good answers and empty in a second without one
//	stall_max_ns            longest time that the generator stood still, from 1 ms on
//	cpu_cores, cpu_others, gc_pause_ns, rss_bytes   of the whole generator, the same for every phase of a second; cpu_others for
//	                        other processes
//	followups_*             the ledger of follow-up calls, on the last row of a second
//	class_*                 calls by class, in the order of results.Classes
//	code_*                  calls by code, in the order of the alphabet: every code of run.json, seen or not, and every other that came
//	codes_left_out          calls with codes beyond the first 512; only there if there are such
//
// Text is escaped as by Escape, so that no cell holds a control character, and text that a spreadsheet would take for a formula
// gets an apostrophe in front. Without a readable timeline.ndjson there is nothing to write, which is an error that names file and line.
func RunCSV(w io.Writer, rec *results.Record) error {
	list, err := rec.Timeline()
	if err != nil {
		return err
	}
	t := &csvTable{run: &rec.Run, codes: csvCodes(&rec.Run, list)}
	if len(t.codes) > maxCodeColumns {
		t.codes, t.cut = t.codes[:maxCodeColumns], true
	}
	out := csv.NewWriter(w)
	_ = out.Write(t.header()) // errors stay until Flush
	for i := range list {
		_ = out.Write(t.row(&list[i]))
	}
	out.Flush()
	return out.Error()
}

// maxCodeColumns bounds the width: a run has some fifty codes, a file that somebody made may have any number.
const maxCodeColumns = 512

type csvTable struct {
	run   *results.Run
	codes []string // escaped, sorted
	cut   bool
}

// csvColumns are the columns before those of classes and codes, each with its cell.
var csvColumns = []struct {
	name string
	cell func(*csvTable, *results.Second) string
}{
	{"t_s", func(_ *csvTable, s *results.Second) string { return whole64(s.T) }},
	{"time", func(t *csvTable, s *results.Second) string { return csvTime(t.run.Started, s.T) }},
	{"phase", func(_ *csvTable, s *results.Second) string { return csvText(s.Phase) }},
	{"recorded", func(t *csvTable, s *results.Second) string { return t.recorded(s.Phase) }},
	{"planned", func(_ *csvTable, s *results.Second) string { return whole64(s.Planned) }},
	{"sent", func(_ *csvTable, s *results.Second) string { return whole64(s.Sent) }},
	{"done", func(_ *csvTable, s *results.Second) string { return whole64(s.Done) }},
	{"good", func(_ *csvTable, s *results.Second) string { return whole64(s.Good) }},
	{"failed", func(_ *csvTable, s *results.Second) string { return whole64(s.Failed) }},
	{"unfinished", func(_ *csvTable, s *results.Second) string { return whole64(s.Unfinished) }},
	{"dropped", func(_ *csvTable, s *results.Second) string { return whole64(s.Dropped) }},
	{"not_offered", func(_ *csvTable, s *results.Second) string { return whole64(s.NotOffered) }},
	{"done_inside", func(_ *csvTable, s *results.Second) string { return whole64(s.DoneInside) }},
	{"good_inside", func(_ *csvTable, s *results.Second) string { return whole64(s.GoodInside) }},
	{"in_flight", func(_ *csvTable, s *results.Second) string { return whole64(s.InFlight) }},
	{"queued", func(_ *csvTable, s *results.Second) string { return whole64(s.Queued) }},
	{"late_p99_ns", func(_ *csvTable, s *results.Second) string { return whole64(s.LateP99NS) }},
	{"late_max_ns", func(_ *csvTable, s *results.Second) string { return whole64(s.LateMaxNS) }},
	{"stall_max_ns", func(_ *csvTable, s *results.Second) string { return whole64(s.StallMaxNS) }},
	{"response_p50_ns", func(_ *csvTable, s *results.Second) string { return unlessZero(s.RespP50NS) }},
	{"response_p90_ns", func(_ *csvTable, s *results.Second) string { return unlessZero(s.RespP90NS) }},
	{"response_p99_ns", func(_ *csvTable, s *results.Second) string { return unlessZero(s.RespP99NS) }},
	{"response_max_ns", func(_ *csvTable, s *results.Second) string { return unlessZero(s.RespMaxNS) }},
	{"cpu_cores", func(_ *csvTable, s *results.Second) string { return strconv.FormatFloat(s.CPU, 'f', -1, 64) }},
	{"cpu_others", func(_ *csvTable, s *results.Second) string { return strconv.FormatFloat(s.CPUOthers, 'f', -1, 64) }},
	{"gc_pause_ns", func(_ *csvTable, s *results.Second) string { return whole64(s.GCPauseNS) }},
	{"rss_bytes", func(_ *csvTable, s *results.Second) string { return whole64(s.RSSBytes) }},
	{"followups_planned", func(_ *csvTable, s *results.Second) string { return whole64(s.FollowUps.Planned) }},
	{"followups_done", func(_ *csvTable, s *results.Second) string { return whole64(s.FollowUps.Done) }},
	{"followups_failed", func(_ *csvTable, s *results.Second) string { return whole64(s.FollowUps.Failed) }},
	{"followups_unfinished", func(_ *csvTable, s *results.Second) string { return whole64(s.FollowUps.Unfinished) }},
	{"followups_dropped", func(_ *csvTable, s *results.Second) string { return whole64(s.FollowUps.Dropped) }},
	{"followups_not_offered", func(_ *csvTable, s *results.Second) string { return whole64(s.FollowUps.NotOffered) }},
}

func (t *csvTable) header() []string {
	var row []string
	for _, c := range csvColumns {
		row = append(row, c.name)
	}
	for _, c := range results.Classes {
		row = append(row, "class_"+string(c))
	}
	for _, c := range t.codes {
		row = append(row, "code_"+c)
	}
	if t.cut {
		row = append(row, "codes_left_out")
	}
	return row
}

func (t *csvTable) row(s *results.Second) []string {
	var row []string
	for _, c := range csvColumns {
		row = append(row, c.cell(t, s))
	}
	for _, c := range results.Classes {
		row = append(row, whole64(s.Classes[c]))
	}
	counts, left := make(map[string]int64, len(s.Codes)), int64(0)
	for code, n := range s.Codes {
		name := Escape(code)
		if _, ok := slices.BinarySearch(t.codes, name); ok {
			counts[name] += n // two names may become one
		} else {
			left += n
		}
	}
	for _, c := range t.codes {
		row = append(row, whole64(counts[c]))
	}
	if t.cut {
		row = append(row, whole64(left))
	}
	return row
}

// csvCodes lists the codes of a run by name, escaped.
func csvCodes(run *results.Run, list []results.Second) []string {
	found := map[string]bool{}
	for _, phase := range append([]results.Phase{run.Totals}, run.Phases...) {
		for i := range phase.Codes {
			found[Escape(phase.Codes[i].Code)] = true
		}
	}
	for i := range list {
		for code := range list[i].Codes {
			found[Escape(code)] = true
		}
	}
	var codes []string
	for c := range found {
		codes = append(codes, c)
	}
	slices.Sort(codes)
	return codes
}

func (t *csvTable) recorded(phase string) string {
	for i := range t.run.Phases {
		if t.run.Phases[i].Name == phase {
			return strconv.FormatBool(t.run.Phases[i].Recorded)
		}
	}
	return ""
}

// csvTime is the begin of a second, "" beyond what a time holds.
func csvTime(started time.Time, second int64) string {
	if second < 0 || second > 1<<32 {
		return ""
	}
	return csvText(started.UTC().Add(time.Duration(second) * time.Second).Format(time.RFC3339Nano))
}

// csvText makes text from outside a cell that stays text in a spreadsheet.
func csvText(s string) string {
	s = Escape(s)
	if strings.IndexAny(strings.TrimLeft(s, " "), "=+-@＝＋－＠") == 0 {
		return "'" + s
	}
	return s
}

func whole64(n int64) string { return strconv.FormatInt(n, 10) }

func unlessZero(n int64) string {
	if n == 0 {
		return ""
	}
	return whole64(n)
}
