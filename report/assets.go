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

// chartParts are the scripts that are put together from files of the folder charts, and these in their order.
var chartParts = map[string][]string{
	"charts.js":   {"format", "data", "frame", "time", "spread", "main"},
	"capacity.js": {"format", "frame", "signs", "capacity"},
	"trend.js":    {"format", "frame", "signs", "trend"},
	"compare.js":  {"format", "frame", "compare"},
}

var chartScripts = func() map[string]func() (string, error) {
	scripts := map[string]func() (string, error){}
	for name, parts := range chartParts {
		scripts[name] = scriptOf(parts)
	}
	return scripts
}()

// asset returns the text of a file of assets. A script of charts is its parts in one scope of their own.
func asset(name string) (string, error) {
	if script, ok := chartScripts[name]; ok {
		return script()
	}
	text, err := assetFiles.ReadFile("assets/" + name)
	return string(text), err
}

// scriptOf puts parts together, once.
func scriptOf(parts []string) func() (string, error) {
	return sync.OnceValues(func() (string, error) {
		var b strings.Builder
		b.WriteString("(function () {\n'use strict';\n")
		for _, part := range parts {
			text, err := assetFiles.ReadFile("assets/charts/" + part + ".js")
			if err != nil {
				return "", err
			}
			b.Write(text)
		}
		b.WriteString("})();\n")
		return b.String(), nil
	})
}
