package report

// scriptWords are the texts that the scripts of a page show, by the key under which they look them up. Beside them every section's
// static text is in the templates.
var scriptWords = map[string]string{
	// The page.
	"theme_auto": "theme: auto", "theme_light": "theme: light", "theme_dark": "theme: dark",
	"copy": "copy", "copied": "copied", "copy_failed": "select and copy by hand",
	// The charts.
	"planned": "planned", "sent": "sent", "good": "good", "in_flight": "in flight", "queued": "queued", "open": "calls without an end",
	"dropped": "dropped", "unfinished": "unfinished", "not_offered": "not offered",
	"late": "lateness p99", "cpu": "CPU", "gc": "GC pause", "cores": "cores",
	"response": "response", "service": "service", "offered": "offered", "calls": "calls", "other": "other", "bound": "lower bound",
	"not_recorded": "not recorded", "drain": "drain", "no_data": "no data", "reset": "show all",
	"zoom_hint": "Drag across a chart to zoom in, double click to show all.",
	// The charts of a search for capacity.
	"held": "held", "missed": "missed", "cannot_tell": "cannot tell", "probe": "probe", "plan": "plan", "asked": "asked for",
	// The charts of a comparison.
	"baseline": "baseline", "new": "new",
	// The live page.
	"connecting": "connecting", "live": "live", "last_state": "last state of", "retrying": "trying again", "gave_up": "not tried again",
	"try_again": "try again", "exit_code": "exit code", "report_in": "report:", "ended": "the run has ended", "lost": "connection lost: this is the last state",
}

// wordsOf returns the texts of scripts in a language.
func wordsOf(l language) map[string]string {
	words := map[string]string{}
	for key, text := range scriptWords {
		words[key] = l.t(text)
	}
	return words
}
