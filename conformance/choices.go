package conformance

import "axbench/results"

// changes lists the choices that went another way than before. A choice that one of the two runs could not find out is no change.
func changes(before, now []results.Choice) []results.ChoiceChange {
	was := map[string]string{}
	for _, c := range before {
		was[c.ID] = c.Value
	}
	list := []results.ChoiceChange{}
	for _, c := range now {
		if old := was[c.ID]; old != "" && old != unknownChoice && c.Value != unknownChoice && old != c.Value {
			list = append(list, results.ChoiceChange{ID: c.ID, Before: old, Now: c.Value})
		}
	}
	return list
}

// unknownChoice is the value of a choice that no probe could find out.
const unknownChoice = "unknown"
