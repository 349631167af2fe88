package report

import "axbench/results"

// fleetView says what each of several generators did, and the ledger of all.
type fleetView struct {
	Rows    []fleetRow
	Sum     partRow
	Left    string // how many have no row
	Stories []string
	Ledger  []ledgerLine
	All     []fleetRow // every one, where some have none above
}

// fleetRow is a generator, and why it was not valid.
type fleetRow struct {
	partRow
	Why []said
}

// fleetOf is nil for a run that one generator made.
func fleetOf(run *results.Run, l language) *fleetView {
	f := run.Fleet
	if f == nil {
		return nil
	}
	v := &fleetView{Sum: sumRowOf(run, l), Left: leftOut(f, l), Stories: partStories(f, l, Escape), Ledger: fleetLedger(run, l)}
	for _, p := range shownParts(f) {
		v.Rows = append(v.Rows, fleetRowOf(run, p, l))
	}
	if v.Left != "" {
		for i := range f.Generators {
			v.All = append(v.All, fleetRowOf(run, &f.Generators[i], l))
		}
	}
	return v
}

func fleetRowOf(run *results.Run, p *results.Part, l language) fleetRow {
	r := fleetRow{partRow: partRowOf(run, p, l, Escape)}
	r.Host = Escape(r.Host)
	for _, w := range p.Generator.Why {
		r.Why = append(r.Why, l.say(w))
	}
	return r
}
