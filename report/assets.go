package report

import (
	"crypto/sha256"
	_ "embed" // the assets
	"encoding/base64"
	"html/template"
)

// uPlot 1.6.32, unmodified (MIT, assets/uPlot.LICENSE), and the charts drawn with it.
var (
	//go:embed assets/uPlot.iife.min.js
	uPlotJS string
	//go:embed assets/uPlot.min.css
	uPlotCSS string
	//go:embed assets/charts.js
	chartsJS string
	//go:embed assets/charts.css
	chartsCSS string
)

// script is a script that stands in a page: its text is to be the whole content of a script element, without a blank around it, and
// its source is what the page's policy allows.
type script struct {
	Text   template.JS
	Source string // "'sha256-…'"
}

func scriptOf(text string) script {
	sum := sha256.Sum256([]byte(text))
	return script{template.JS(text), "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"}
}

// chartScripts are the scripts of the charts, to stand behind the elements "series" and "words", in this order.
func chartScripts() []script { return []script{scriptOf(uPlotJS), scriptOf(chartsJS)} }

// chartStyle is the style of the charts.
func chartStyle() template.CSS { return template.CSS(uPlotCSS + "\n" + chartsCSS) }
