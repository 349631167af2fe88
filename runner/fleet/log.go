package fleet

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"
)

// LogEntry is one line of an agent's log: what the run is, what the controller decided, or what the agent reported.
type LogEntry struct {
	Spec     *Spec       `json:"spec,omitempty"`
	Plan     *Plan       `json:"plan,omitempty"`
	Revision uint64      `json:"revision,omitempty"` // of Plan
	Slot     int         `json:"slot"`
	Record   *SlotRecord `json:"record,omitempty"`
}

// agentLog writes entries down, those before it has a writer too.
type agentLog struct {
	mu    sync.Mutex
	early []LogEntry
	out   io.Writer
	err   error
}

func (l *agentLog) add(e LogEntry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.out == nil {
		l.early = append(l.early, e)
		return
	}
	l.write(e)
}

// write writes one line. The caller holds mu.
func (l *agentLog) write(e LogEntry) {
	line, err := json.Marshal(&e)
	if err == nil {
		_, err = l.out.Write(append(line, '\n'))
	}
	if l.err == nil {
		l.err = err
	}
}

func (l *agentLog) keep(w io.Writer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.out = w
	for _, e := range l.early {
		l.write(e)
	}
	l.early = nil
}

func (l *agentLog) failed() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// maxLogLine bounds a line of a log: a window with all that may be in it.
const maxLogLine = 16 << 20

// ReadLog reads the log of an agent. A last line that was cut off is left out. name stands for it in errors.
func ReadLog(name string, r io.Reader) (list []LogEntry, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLogLine)
	var torn error
	for n := 1; lines.Scan(); n++ {
		if torn != nil {
			return nil, torn
		}
		var e LogEntry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			torn = fmt.Errorf("%s:%d: no line of a log: %w", name, n, err)
			continue
		}
		list = append(list, e)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(list) == 0 || list[0].Spec == nil || list[0].Spec.Schema != Schema {
		return nil, fmt.Errorf("%s is no log of an agent: it does not begin with what the run is", name)
	}
	return list, nil
}

// past is a stream of what was said already. It takes what is appended and shows it to nobody.
type past struct {
	mu       sync.Mutex
	messages []Message
	seq      uint64
	last     map[string]Message
}

// Past makes of the logs of agents the stream that they reported to, as far as they tell it: for Control with Resume and Past. It returns what the
// run is. Slots whose log is missing are as if their agents had died before the first report.
func Past(logs ...[]LogEntry) (Stream, *Spec, error) {
	var spec *Spec
	var plan *LogEntry
	bySlot := map[int][]*SlotRecord{}
	for _, log := range logs {
		own := map[int]bool{}
		for i := range log {
			e := &log[i]
			switch {
			case e.Spec != nil && spec != nil && e.Spec.ID != spec.ID:
				return nil, nil, fmt.Errorf("logs of two runs, %s and %s", spec.ID, e.Spec.ID)
			case e.Spec != nil:
				spec = e.Spec
			case e.Plan != nil && (plan == nil || e.Revision > plan.Revision):
				plan = e
			case e.Record != nil:
				own[e.Slot] = true
				bySlot[e.Slot] = append(bySlot[e.Slot], e.Record)
			}
		}
		if len(own) > 1 {
			return nil, nil, errors.New("one log has records of two slots")
		}
	}
	if spec == nil || plan == nil {
		return nil, nil, errors.New("the logs do not say what the run is and what was decided")
	}
	p := &past{last: map[string]Message{}}
	if err := p.put(subjectPlan, spec.ID, plan.Plan); err != nil {
		return nil, nil, err
	}
	for i := range spec.Weights {
		records := bySlot[i]
		if len(records) == 0 {
			records = []*SlotRecord{{Kind: KindClaim}}
		}
		for _, r := range records {
			if err := p.put(subjectSlot+"."+strconv.Itoa(i), spec.ID, r); err != nil {
				return nil, nil, err
			}
		}
	}
	return p, spec, nil
}

func (p *past) put(part, id string, v any) error {
	data, err := json.Marshal(v)
	if err == nil {
		_, err = p.Add(context.Background(), Subject(id)+"."+part, data)
	}
	return err
}

// Append implements Stream.
func (p *past) Append(ctx context.Context, subject string, data []byte, last uint64) (uint64, error) {
	p.mu.Lock()
	have := p.last[subject].Seq
	p.mu.Unlock()
	if have != last {
		return 0, ErrOther
	}
	return p.Add(ctx, subject, data)
}

// Add implements Stream.
func (p *past) Add(_ context.Context, subject string, data []byte) (uint64, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seq++
	m := Message{Subject: subject, Seq: p.seq, Data: data}
	p.last[subject] = m
	p.messages = append(p.messages, m)
	return p.seq, nil
}

// Last implements Stream.
func (p *past) Last(_ context.Context, subject string) (*Message, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m, ok := p.last[subject]; ok {
		return &m, nil
	}
	return nil, nil
}

// Follow implements Stream: it hands over what there was when it was called.
func (p *past) Follow(ctx context.Context, _ string, each func(Message) error) error {
	p.mu.Lock()
	messages := p.messages
	p.mu.Unlock()
	for _, m := range messages {
		if err := each(m); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return ctx.Err()
}

// SendBeat implements Stream: nobody listens.
func (p *past) SendBeat(string, Beat) error { return nil }

// Beats implements Stream.
func (p *past) Beats(string, func(Beat)) (func(), error) { return func() {}, nil }

// ServeClock implements Stream: nobody asks.
func (p *past) ServeClock(string, func() time.Time, []byte) (func(), error) {
	return func() {}, nil
}

// AskClock implements Stream.
func (p *past) AskClock(context.Context, string, func() time.Time) (offset, rtt time.Duration, key []byte, err error) {
	return 0, 0, nil, errors.New("nobody leads a run that is over")
}
