package emulator

import "unicode/utf8"

// mutantsReceipt are wrong in the record of a call through an X.
var mutantsReceipt = []*Deviation{
	{ID: "N48", Text: "OutId cut or re-encoded in call records", Clauses: []string{"PRM-OUT-3"}, Needs: "a bind with an OutId of more than eight bytes, and a call through its X",
		at: onReceipt(func(r *Receipt) bool {
			const room = 8
			if len(r.OutID) <= room {
				return false
			}
			cut := room
			for !utf8.RuneStart(r.OutID[cut]) {
				cut--
			}
			r.OutID = r.OutID[:cut]
			return true
		})},
}
