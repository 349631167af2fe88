package live

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"axbench/report"
	"axbench/results"
)

// state is a run as rendered at one instant. It is never changed; what is made of it on demand is made once.
type state struct {
	number   uint64 // of states, from 1
	at       time.Time
	counted  int64
	rec      *results.Record
	page     report.HTMLOptions // with the series, which goes on: it may hold more than the sections
	sections map[string]string
	versions map[string]uint64 // number of the state that changed the section

	ended    bool
	report   string
	verdict  results.Verdict
	exitCode *int

	mu       sync.Mutex
	html     []byte
	failed   error
	messages map[seen]*message
}

// seen is what a client has got: the number of a state, and how many seconds of the series. The zero value has nothing.
type seen struct {
	number  uint64
	seconds int64
}

// message is an event as it stands on the wire, and what a client has seen that got it.
type message struct {
	text []byte
	then seen
}

// update is the data of an event.
type update struct {
	Full     bool              `json:"full,omitempty"` // all of the state, not only what changed
	At       string            `json:"at"`             // HH:MM:SS of the server's clock, UTC
	Sections map[string]string `json:"sections"`
	Series   *report.Points    `json:"series"`

	Verdict  results.Verdict `json:"verdict,omitempty"` // of the end alone, as the next ones
	ExitCode *int            `json:"exit_code,omitempty"`
	Report   string          `json:"report,omitempty"` // where the page is on disk
}

// message returns the event that brings a client up to this state that has seen that much. A state that has ended is sent
// whole. Clients that have seen the same get the same bytes.
func (st *state) message(have seen) (*message, error) {
	if st.ended {
		have = seen{}
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	if m := st.messages[have]; m != nil {
		return m, nil
	}
	u := update{Full: have.number == 0, At: st.at.UTC().Format(time.TimeOnly), Sections: map[string]string{}, Series: st.page.Series.Since(have.seconds)}
	for name, html := range st.sections {
		if st.versions[name] > have.number {
			u.Sections[name] = html
		}
	}
	event := "state"
	if st.ended {
		event, u.Verdict, u.ExitCode, u.Report = "end", st.verdict, st.exitCode, report.Escape(st.report)
	}
	text, err := frame(event, st.number, &u)
	if err != nil {
		return nil, err
	}
	m := &message{text: text, then: seen{st.number, u.Series.Seconds}}
	if len(st.messages) < maxClients {
		st.messages[have] = m
	}
	return m, nil
}

// frame writes an event of a stream of events (HTML, "Server-sent events"), with v as JSON on one line.
func frame(event string, id uint64, v any) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "event: %s\nid: %d\ndata: ", event, id)
	enc := json.NewEncoder(&b) // ends with a line break
	enc.SetEscapeHTML(false)   // no HTML around it
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// wholePage returns the page with this state in it.
func (st *state) wholePage() ([]byte, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.html == nil && st.failed == nil {
		var b bytes.Buffer
		st.failed = report.RunHTML(&b, st.rec, st.page)
		st.html = b.Bytes()
	}
	return st.html, st.failed
}
