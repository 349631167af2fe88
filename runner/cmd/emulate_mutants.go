package cmd

import (
	"slices"
	"strings"

	"axbench/conformance/emulator"
	"axbench/report"
)

// deviationIDs adds the ids of a flag to those of the configuration, each once.
func deviationIDs(flag string, have, texts []string, list []*emulator.Deviation) ([]string, error) {
	for _, id := range splitCommas(texts) {
		if !slices.ContainsFunc(list, func(d *emulator.Deviation) bool { return d.ID == id }) {
			return nil, usagef("--%s %q: no such id%s", flag, id, emulator.Meant(list, id)).withHint("axbench emulate --list-mutants lists them")
		}
		if !slices.Contains(have, id) {
			have = append(have, id)
		}
	}
	return have, nil
}

// deviationRow is one line of the list.
type deviationRow struct {
	ID      string   `json:"id"`
	Kind    string   `json:"kind"` // mutant or benign
	Point   string   `json:"point"`
	Clauses []string `json:"clauses"`
	Text    string   `json:"text"`
	Needs   string   `json:"needs,omitempty"`
}

// listMutants prints every deviation: mutants by family, then benign variants.
func (p *program) listMutants(asJSON bool) error {
	rows := []deviationRow{}
	for _, group := range []struct {
		kind string
		list []*emulator.Deviation
	}{{"mutant", emulator.Mutants()}, {"benign", emulator.BenignVariants()}} {
		for _, d := range group.list {
			rows = append(rows, deviationRow{d.ID, group.kind, d.Point(), append([]string{}, d.Clauses...), d.Text, d.Needs})
		}
	}
	if asJSON {
		return p.printJSON(struct {
			Deviations []deviationRow `json:"deviations"`
		}{rows})
	}
	o := p.textOptions()
	o.Width = 400 // the texts are the point here: nothing is cut
	var cells [][]string
	for _, r := range rows {
		cells = append(cells, []string{r.ID, r.Kind, r.Point, strings.Join(r.Clauses, " "), r.Text, r.Needs})
	}
	return report.WriteTable(p.stdout, o, []string{"id", "kind", "point", "clauses", "what it does", "needs"}, cells)
}
