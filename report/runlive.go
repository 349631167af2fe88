package report

import "axbench/results"

// ReadSeries reads the series of a run directory, as the charts of its page draw it.
func ReadSeries(rec *results.Record) (*Series, error) { return seriesOf(rec) }

// running says in the banner that the run goes on, where that is known to be so.
func (b *bannerView) running(l language) {
	if b.Verdict != string(results.VerdictPartial) {
		return
	}
	b.Word, b.Mark, b.Tone = l.t("RUNNING"), "●", "open"
	b.Sentence = l.t("the run goes on: this page shows what has ended so far, and nothing is judged yet")
}
