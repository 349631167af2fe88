package cmd

import (
	"slices"
	"strings"

	"axbench/conformance"
	"axbench/conformance/contract"
	"axbench/report"

	"github.com/urfave/cli/v2"
)

// clauseRow is one clause in the JSON form of the list.
type clauseRow struct {
	ID       string   `json:"id"`
	Level    string   `json:"level"`
	Profile  string   `json:"profile"`
	Needs    string   `json:"needs"`
	Source   string   `json:"source"`
	Sentence string   `json:"sentence"`
	Check    string   `json:"check"`
	Note     string   `json:"note"`
	Cases    []string `json:"cases"` // that can say something of it; "every answer" is the continuous check
}

// listClauses prints the catalogue with the cases of each clause.
func (p *program) listClauses(ctx *cli.Context) error {
	profiles, err := conformance.ProfilesOf(ctx.String("profile"))
	if err != nil {
		return usagef("--profile: %w", err)
	}
	if !ctx.IsSet("profile") {
		profiles, _ = conformance.ProfilesOf("strict") // a list leaves nothing out unless it is asked to
		profiles = append(profiles, "self")
	}
	only := ctx.StringSlice("only")
	var rows []clauseRow
	for _, c := range slices.Concat(contract.Catalogue, contract.SelfClauses) {
		if slices.Contains(profiles, c.Profile) && (len(only) == 0 || slices.Contains(only, c.ID)) {
			rows = append(rows, newClauseRow(c))
		}
	}
	if len(rows) == 0 || len(only) > len(rows) {
		return usagef("no clause is called so in these profiles: %s", strings.Join(only, ", ")).withHint("axbench conform --list has them all")
	}
	if ctx.Bool("json") {
		return p.printJSON(struct {
			Clauses []clauseRow `json:"clauses"`
		}{rows})
	}
	cells := [][]string{}
	for _, r := range rows {
		cells = append(cells, []string{r.ID, r.Level, r.Profile, r.Needs, r.Source, r.Sentence})
	}
	return report.WriteTable(p.stdout, p.textOptions(), []string{"clause", "level", "profile", "needs", "source", "sentence"}, cells)
}

func newClauseRow(c *contract.Clause) clauseRow {
	row := clauseRow{ID: c.ID, Level: c.Level.String(), Profile: c.Profile, Needs: c.Needs.String(), Source: c.Source, Sentence: c.Sentence,
		Check: c.Check, Note: c.Note, Cases: []string{}}
	if c.Profile == "self" {
		row.Needs = "-"
	}
	for _, known := range contract.Clauses {
		if known.ID == c.ID {
			row.Cases = append(row.Cases, "every answer")
		}
	}
	for _, info := range conformance.Cases() {
		if slices.Contains(info.Clauses, c.ID) {
			row.Cases = append(row.Cases, info.Name)
		}
	}
	return row
}
