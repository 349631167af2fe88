package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"axbench/report"
	"axbench/results"
	"axbench/results/judge"

	"github.com/urfave/cli/v2"
)

// trendMetrics are drawn unless --metric says what.
var trendMetrics = []string{"p50(offered)", "p99(offered)", "good", "goodput"}

func (p *program) resultsTrendCommand() *cli.Command {
	return &cli.Command{
		Name:  "trend",
		Usage: "what metrics were over the runs of a scenario",
		Description: "METRIC is the left side of a rule: p99(offered), good, goodput, share(isv.FLOW_LIMIT), p90(service) in main.\n" +
			"Without --scenario it is that of the newest run. Runs that are invalid or did not end are shown and joined by no line. Points differ\n" +
			"by chance too: axbench compare decides whether a run is worse, and no change points are marked here.",
		Flags: []cli.Flag{
			storeFlag(),
			&cli.StringFlag{Name: "scenario", Usage: "the runs of that scenario"},
			&cli.StringFlag{Name: "tag", Usage: "only runs that bear that tag"},
			&cli.StringSliceFlag{Name: "metric", DefaultText: "p50(offered), p99(offered), good, goodput", Usage: "`METRIC` to show, repeatable"},
			&cli.IntFlag{Name: "limit", Value: 50, Usage: "so many of the newest runs, 0 for all"},
			&cli.StringFlag{Name: "output", Usage: "`FILE` to write a page with charts to, whole or not at all"},
			langFlag(), jsonFlag(),
		},
		Action: p.resultsTrend,
	}
}

func (p *program) resultsTrend(ctx *cli.Context) error {
	if err := noArguments(ctx); err != nil {
		return err
	}
	if _, err := langOf(ctx); err != nil {
		return err
	}
	metrics, err := trendMetricsOf(ctx)
	if err != nil {
		return err
	}
	output := ctx.String("output")
	if output == "-" {
		return usagef("--output - is no file: stdout has the text, or with --json the data")
	}
	if output != "" {
		if err := checkOutput(output, ""); err != nil {
			return usagef("--output: %w", err)
		}
	}
	trend, err := p.readTrend(ctx, metrics)
	if err != nil {
		return err
	}
	if output != "" {
		if err := p.writeTrend(trend, output, ctx.String("lang")); err != nil {
			return err
		}
	}
	if ctx.Bool("json") {
		return p.printJSON(trend)
	}
	if err := report.TrendText(p.stdout, trend, p.textOptions()); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

func trendMetricsOf(ctx *cli.Context) (list []judge.Metric, err error) {
	texts := ctx.StringSlice("metric")
	if len(texts) == 0 {
		texts = trendMetrics
	}
	for _, text := range texts {
		m, err := judge.ParseMetric(text)
		if err != nil {
			return nil, usagef("--metric: %w", err)
		}
		if !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return list, nil
}

// readTrend measures the runs that are asked for.
func (p *program) readTrend(ctx *cli.Context, metrics []judge.Metric) (*results.Trend, error) {
	want, err := wantOf(ctx)
	if err != nil {
		return nil, err
	}
	want.Kind = results.KindRun
	limit := ctx.Int("limit")
	if limit < 0 {
		return nil, usagef("--limit %d is below 0", limit).withHint("0 takes all")
	}
	store := ctx.String("store")
	entries, err := results.Entries(store, want)
	if err != nil {
		return nil, usagef("--store: %w", err)
	}
	var list []results.Entry
	others := false
	for e := range entries {
		if want.Scenario == "" {
			want.Scenario = e.Scenario
		}
		if e.Scenario != want.Scenario {
			others = true
			continue
		}
		if list = append(list, e); len(list) == limit {
			break
		}
	}
	if len(list) == 0 {
		return nil, &exitError{code: results.ExitNoData, err: fmt.Errorf("no such run in %s: there is nothing to show", store),
			hint: "axbench results list names what there is"}
	}
	if others {
		p.say("axbench: the runs of %s, the newest one's scenario: --scenario names another\n", report.Escape(want.Scenario))
	}
	slices.Reverse(list)
	return measureTrend(list, metrics), nil
}

// measureTrend measures runs, oldest first.
func measureTrend(list []results.Entry, metrics []judge.Metric) *results.Trend {
	trend := &results.Trend{Schema: results.TrendSchema, Scenario: list[0].Scenario}
	for _, m := range metrics {
		trend.Metrics = append(trend.Metrics, results.TrendMetric{Name: m.String(), Unit: m.Unit()})
	}
	var before *results.Run
	for _, e := range list {
		run := results.TrendRun{Entry: e, Changes: []results.TrendChange{}}
		rec, err := results.Open(e.Dir)
		for _, m := range metrics {
			if err != nil {
				run.Values = append(run.Values, results.TrendValue{Reason: unread(err)})
				continue
			}
			slo := m.Measure(rec)
			run.Values = append(run.Values, results.TrendValue{Value: slo.Value, Low: slo.Low, High: slo.High, Bound: slo.Bound, Reason: slo.Reason})
		}
		if err == nil {
			if before != nil {
				run.Changes = results.TrendChanges(before, &rec.Run)
			}
			before = &rec.Run
		}
		trend.Runs = append(trend.Runs, run)
	}
	return trend
}

// unread says why the directory of a run cannot be measured.
func unread(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "the directory has no " + results.IntervalFile
	}
	return err.Error()
}

// writeTrend writes the page. Its links lead from where it stands to the pages of the runs that have one.
func (p *program) writeTrend(trend *results.Trend, output, lang string) error {
	for i := range trend.Runs {
		r := &trend.Runs[i]
		r.Report = linkTo(filepath.Join(r.Dir, reportFile), filepath.Dir(output))
	}
	var b bytes.Buffer
	if err := report.TrendHTML(&b, trend, version(), report.HTMLOptions{Lang: lang}); err != nil {
		return err
	}
	if err := p.writeOutput(output, b.Bytes()); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

// linkTo is the address of a file from a page in a folder, "" where there is no such file.
func linkTo(file, folder string) string {
	if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	from, err1 := filepath.Abs(folder)
	to, err2 := filepath.Abs(file)
	path, err3 := filepath.Rel(from, to)
	if errors.Join(err1, err2, err3) != nil {
		return ""
	}
	return (&url.URL{Path: filepath.ToSlash(path)}).String()
}
