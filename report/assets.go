package report

import (
	"embed"
	"strings"
	"sync"
)

// The assets of pages: the style and script of every page, uPlot 1.6.32 as released (MIT, assets/uPlot.LICENSE), and the charts that
// are drawn with it.
//
//go:embed assets
var assetFiles embed.FS

// chartParts are the parts of the script of the charts, in their order.
var chartParts = []string{"format", "data", "frame", "time", "spread", "main"}

// asset returns the text of a file of assets. "charts.js" is its parts in one scope of their own.
func asset(name string) (string, error) {
	if name == "charts.js" {
		return chartScript()
	}
	text, err := assetFiles.ReadFile("assets/" + name)
	return string(text), err
}

var chartScript = sync.OnceValues(func() (string, error) {
	var b strings.Builder
	b.WriteString("(function () {\n'use strict';\n")
	for _, part := range chartParts {
		text, err := assetFiles.ReadFile("assets/charts/" + part + ".js")
		if err != nil {
			return "", err
		}
		b.Write(text)
	}
	b.WriteString("})();\n")
	return b.String(), nil
})
