package emulator

import (
	"encoding/json"
	"time"
)

// probesReceipt look at call records, which come over a channel beside the API.
var probesReceipt = []probe{
	{name: "call records", run: func(p *prober) {
		for _, out := range []string{"", "order-42", "your Out*Id~+/= 号码"} {
			q := p.bind("OutId", out)
			b := p.get("bind", q)
			for _, from := range []string{"PhoneNoA", "PhoneNoB"} {
				ring, ok := p.e.Ring(b.x(), q[from], time.Minute)
				record, err := json.Marshal(ring)
				p.note("call from %s: %v %v %s", from, ok, err, record)
			}
		}
	}},
}

var shownReceipt = map[string]evidence{
	"N48": {probes: []string{"call records"}, shows: `"out_id":"your Out"`},
}
