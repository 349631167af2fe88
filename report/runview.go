package report

import "axbench/results"

// runView is a run as its page tells it, in its order. All texts from outside are escaped for control characters; HTML is the
// template's.
type runView struct {
	lang    language
	Word    string
	Missing string
}

func newRunView(rec *results.Record, l language) *runView {
	return &runView{lang: l, Word: l.t(verdictWords[rec.Run.Verdict].word)}
}

// name is what the page is called.
func (v *runView) name() string { return v.Word }
