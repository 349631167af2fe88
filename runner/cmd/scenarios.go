package cmd

import (
	"strings"

	"axbench/conformance/emulator"
	"axbench/report"
	"axbench/scenarios"
	"axbench/scenarios/strict"

	"github.com/urfave/cli/v2"
)

// scenarioRow is one embedded scenario in the JSON form of the list.
type scenarioRow struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Duration    string   `json:"duration"`
	Phases      []string `json:"phases"`
}

func (p *program) scenariosCommand() *cli.Command {
	return &cli.Command{
		Name:      "scenarios",
		Usage:     "list the embedded scenarios",
		UsageText: "axbench scenarios [--json]\naxbench scenarios show NAME\naxbench scenarios schema",
		Flags:     []cli.Flag{jsonFlag()},
		Action:    p.listScenarios,
		Subcommands: []*cli.Command{
			{Name: "show", Usage: "print an embedded scenario as a file to start from", ArgsUsage: "NAME", Flags: []cli.Flag{jsonFlag()}, Action: p.showScenario},
			{Name: "schema", Usage: "print the JSON Schema of scenario files", Flags: []cli.Flag{jsonFlag()}, Action: p.scenarioSchema},
		},
	}
}

func (p *program) listScenarios(ctx *cli.Context) error {
	if ctx.NArg() > 0 {
		return usagef("unknown argument %q", ctx.Args().First()).withHint(
			nearestHint(ctx.Args().First(), []string{"show", "schema"}, "axbench scenarios show NAME prints a scenario, axbench scenarios schema the format"))
	}
	var rows []scenarioRow
	for _, name := range scenarios.Embedded() {
		f, err := scenarios.LoadEmbedded(name)
		if err != nil {
			return err
		}
		plan, err := f.Plan()
		if err != nil {
			return err
		}
		row := scenarioRow{Name: name, Description: string(f.Description), Duration: plan.Duration().String()}
		for _, ph := range plan.Phases() {
			row.Phases = append(row.Phases, ph.Name)
		}
		rows = append(rows, row)
	}
	if ctx.Bool("json") {
		return p.printJSON(rows)
	}
	var cells [][]string
	for _, r := range rows {
		cells = append(cells, []string{r.Name, r.Duration, strings.Join(strings.Fields(r.Description), " ")})
	}
	return report.WriteTable(p.stdout, p.textOptions(), []string{"name", ">length", "description"}, cells)
}

func (p *program) showScenario(ctx *cli.Context) error {
	name, err := oneArgument(ctx, "the name of the scenario")
	if err != nil {
		return err
	}
	text, err := scenarios.Text(name)
	if err != nil {
		return usagef("%w", err)
	}
	if ctx.Bool("json") {
		return p.printJSON(struct {
			Name string `json:"name"`
			File string `json:"file"`
		}{name, string(text)})
	}
	return p.print(string(text))
}

func (p *program) scenarioSchema(ctx *cli.Context) error {
	if err := noArguments(ctx); err != nil {
		return err
	}
	section, err := strict.Schema(&emulator.Config{}, "axbench emulator", nil)
	if err != nil {
		return err
	}
	schema, err := scenarios.Schema(section)
	if err != nil {
		return err
	}
	return p.print(strings.TrimRight(string(schema), "\n") + "\n")
}
