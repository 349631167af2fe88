package report

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"

	"axbench/results"
)

// HTMLOptions says how a page is written.
type HTMLOptions struct {
	Lang string // "en", which "" is too, or "zh"
	Live bool   // the page of a run that goes on: its server feeds it and gives it LiveScript

	Series *Series // of the run, for who has it; nil reads it from the run directory
}

// LiveScript is the name, beside the page, of the script that a live page loads.
const LiveScript = "live.js"

// RunSectionNames are the sections of the page in their order. Each is an element <section id="NAME" data-section>. Those of
// RunShells hold charts, which a script draws; the others are plain HTML.
var RunSectionNames = []string{"verdict", "funnel", "slos", "codes", "time", "spread", "breakdown", "clauses", "generator", "facts", "notes"}

// RunShells are the sections that RunSections leaves out.
var RunShells = []string{"time", "spread"}

//go:embed pages/*.html.tmpl
var templateFiles embed.FS

// The assets of a page in the order in which they stand in it. Pages without charts have only the first of each.
var (
	pageStyles  = []string{"page.css", "uPlot.min.css", "charts.css"}
	pageScripts = []string{"page.js", "uPlot.iife.min.js", "charts.js"}

	capacityScripts = []string{"page.js", "uPlot.iife.min.js", "capacity.js"}
	trendScripts    = []string{"page.js", "uPlot.iife.min.js", "trend.js"}
)

// templatesOf returns the templates in a language: t and n in them are those of language.
func templatesOf(l language) *template.Template { return templates[l]() }

var templates = map[language]func() *template.Template{english: templateIn(english), chinese: templateIn(chinese)}

func templateIn(l language) func() *template.Template {
	return sync.OnceValue(func() *template.Template {
		funcs := template.FuncMap{"t": l.t, "say": l.say, "n": func(one, many string, n int) string { return l.n(one, many, int64(n)) }}
		return template.Must(template.New("").Funcs(funcs).ParseFS(templateFiles, "pages/*.html.tmpl"))
	})
}

// pageView is what every page has: its language, what it is called and what is embedded in it.
type pageView struct {
	Lang, Title, Policy string
	Live                bool
	Style               template.CSS
	Scripts             []template.JS
	Words               template.JS
}

// newPageView embeds the assets of those names. The policy lets these scripts run and no other, and nothing be loaded; a live page
// may ask its own server.
func newPageView(l language, title string, live bool, styles, scripts []string) (*pageView, error) {
	v := &pageView{Lang: l.tag(), Title: title, Live: live}
	var css strings.Builder
	for _, name := range styles {
		text, err := asset(name)
		if err != nil {
			return nil, err
		}
		css.WriteString(text)
	}
	v.Style = template.CSS(css.String())
	sources := ""
	for _, name := range scripts {
		text, err := asset(name)
		if err != nil {
			return nil, err
		}
		v.Scripts = append(v.Scripts, template.JS(text))
		sum := sha256.Sum256([]byte(text))
		sources += " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	v.Policy = "default-src 'none'; style-src 'unsafe-inline'; script-src" + sources
	if live {
		v.Policy += " 'self'; connect-src 'self'"
	}
	text, err := json.Marshal(wordsOf(l)) // escapes < > & as HTML needs it
	v.Words = template.JS(text)
	return v, err
}

// runPage is the whole page of a run.
type runPage struct {
	*pageView
	*runView
	Series template.JS // the charts' data, "" for none
}

// RunHTML writes the report of a run as one page that needs no network: all that Text says, and charts for a browser with scripts.
// Without them it reads as tables. Rec.Dir "" stands for a run that has no directory yet. What the directory cannot give is said
// in its place; the error is w's, or about o.
func RunHTML(w io.Writer, rec *results.Record, o HTMLOptions) error {
	l, err := languageOf(o.Lang)
	if err != nil {
		return err
	}
	page := &runPage{runView: newRunView(rec, l)}
	if o.Live {
		page.running(&rec.Run, l)
	}
	if err := page.chart(rec, o.Series, l); err != nil {
		return err
	}
	if page.pageView, err = newPageView(l, page.name(), o.Live, pageStyles, pageScripts); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := templatesOf(l).ExecuteTemplate(&b, "run.html.tmpl", page); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

// chart gives the page its series, or the reason why it has none.
func (p *runPage) chart(rec *results.Record, s *Series, l language) (err error) {
	if s == nil {
		if s, err = seriesOf(rec); err != nil {
			p.Missing = l.t("There are no charts: %s", Escape(err.Error()))
			return nil
		}
	}
	p.Times = timesOf(s)
	p.Series, err = s.Points().JS()
	return err
}

// RunSections returns what stands inside each section of the page but those of RunShells, by name: HTML that is safe to put there.
// With o.Series there is "times" as well, the table beside the charts.
func RunSections(rec *results.Record, o HTMLOptions) (map[string]string, error) {
	l, err := languageOf(o.Lang)
	if err != nil {
		return nil, err
	}
	view := newRunView(rec, l)
	if o.Live {
		view.running(&rec.Run, l)
	}
	names := slices.DeleteFunc(slices.Clone(RunSectionNames), func(name string) bool { return slices.Contains(RunShells, name) })
	if o.Series != nil {
		view.Times = timesOf(o.Series)
		names = append(names, "times")
	}
	sections := map[string]string{}
	for _, name := range names {
		var b strings.Builder
		if err := templatesOf(l).ExecuteTemplate(&b, name, view); err != nil {
			return nil, err
		}
		sections[name] = b.String()
	}
	return sections, nil
}
