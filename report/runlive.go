package report

import "axbench/results"

// ReadSeries reads the series of a run directory, as the charts of its page draw it.
func ReadSeries(rec *results.Record) (*Series, error) { return seriesOf(rec) }

// running says on the page of a run that goes on what is so because it goes on.
func (v *runView) running(run *results.Run, l language) {
	if run.Verdict != results.VerdictPartial {
		return
	}
	v.Running = true
	v.Verdict.Word, v.Verdict.Mark, v.Verdict.Tone = l.t("RUNNING"), "●", "open"
	v.Verdict.Sentence = l.t("the run goes on: this page shows what has ended so far, and nothing is judged yet")
	if stoppedByRule(run) {
		v.Verdict.Sentence = l.t("a rule stopped the run: no more calls are made, and open ones are waited for")
	}
	v.Verdict.Exit = l.t("the exit code comes with the end")
	f := &v.Funnel
	f.Problems = nil // that calls are open is no problem yet
	if open := run.Totals.Planned - run.Totals.Ended(); open > 0 {
		f.Identity = l.t("%s + still open %s", f.Identity, count(open))
		f.Steps[2].Lost = ""
		if n := run.Totals.Sent - run.Totals.Done; n > 0 {
			f.Steps[2].Lost = l.t("-%s have no whole answer yet", count(n))
		}
	}
}
