package report

import (
	"fmt"
	"io"
	"strings"

	"axbench/results"
)

// EntriesText lists directories of a store for a terminal, a row each in the order given. A name is written without its time, which
// stands beside it: so it refers to its directory too.
func EntriesText(w io.Writer, list []results.Entry, o TextOptions) error {
	p := newPage(o)
	usual, all := usualTarget(list)
	last := "tags"
	switch {
	case all:
		p.para("  ", "all against "+p.safe(usual), dim)
	case len(list) > 0:
		last = "tags, target"
		p.para("  ", "against "+p.safe(usual)+" where no other target is named", dim)
	}
	t := newTable("when (UTC)", "name", "kind", "verdict", ">exit", ">rate", ">p50", ">p99", last)
	for i := range list {
		e := &list[i]
		f := &e.Figures
		verdict, st := entryVerdict(e, p.safe)
		row := []string{e.Started.UTC().Format("2006-01-02 15:04"), p.safe(shortName(e)), string(e.Kind), verdict, "-", "-", "-", "-", p.safe(tagsAndTarget(e, usual))}
		if e.ExitCode != nil {
			row[4] = fmt.Sprint(*e.ExitCode)
		}
		if f.Rate != nil {
			row[5] = rate(*f.Rate)
		}
		if f.P50NS != nil {
			row[6], row[7] = duration(*f.P50NS), duration(*f.P99NS)
		}
		if f.Bound {
			row[7] = "> " + row[7]
		}
		t.row(normal, row...)
		t.rows[len(t.rows)-1][3].style = st
	}
	p.table(t)
	_, err := io.WriteString(w, p.out.String())
	return err
}

// shortName is the end of a directory's name, from the scenario on.
func shortName(e *results.Entry) string {
	if results.IsDirName(e.Name) {
		_, name, _ := strings.Cut(e.Name, "-")
		return name
	}
	return e.Name
}

// usualTarget is the target that most of list have, and whether all of them do.
func usualTarget(list []results.Entry) (target string, all bool) {
	times := map[string]int{}
	for i := range list {
		t := list[i].Target
		if times[t]++; times[t] > times[target] || times[t] == times[target] && t < target {
			target = t
		}
	}
	return target, len(times) == 1
}

func tagsAndTarget(e *results.Entry, usual string) string {
	tags := strings.Join(e.Tags, ", ")
	switch {
	case e.Target == usual:
		return tags
	case tags == "":
		return e.Target
	}
	return tags + "; " + e.Target
}

// entryVerdict is the verdict of any kind of directory in a word or two.
func entryVerdict(e *results.Entry, esc func(string) string) (string, style) {
	word := esc(e.Verdict)
	switch {
	case e.Partial:
		return string(results.VerdictPartial), yellow
	case strings.HasPrefix(e.Verdict, results.HeadlineIncomplete):
		return "incomplete", yellow
	case e.ExitCode == nil:
		return word, yellow
	}
	switch *e.ExitCode {
	case results.ExitPass:
		return word, green
	case results.ExitSLO, results.ExitNonconformant, results.ExitRegression:
		return word, red
	}
	return word, yellow
}
