package fleet

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	beatRoot   = "axbench.ctl."
	beatWithin = 250 * time.Millisecond // for the server to have taken it
	beatBytes  = 64 << 10               // no beat is larger
)

// SendBeat tells the agents of a run how it stands. It returns when the server has it, or after a quarter of a second with an error; a beat that was not
// sent is none to send later.
func (b *Bus) SendBeat(id string, beat Beat) error {
	if err := CheckID(id); err != nil {
		return err
	}
	data, err := json.Marshal(beat)
	if err != nil {
		return err
	}
	if err = b.nc.Publish(beatRoot+id, data); err == nil {
		err = b.nc.FlushTimeout(beatWithin)
	}
	if err != nil {
		return fmt.Errorf("beat: %w", err)
	}
	return nil
}

// Beats calls each for every beat of a run from now on, one at a time, in order, also after broken connections. What is no beat is left out.
// After stop has returned each is not called again; each must not call stop.
func (b *Bus) Beats(id string, each func(Beat)) (stop func(), err error) {
	return b.listen(beatRoot, id, func(m *nats.Msg) {
		var beat Beat
		if len(m.Data) <= beatBytes && json.Unmarshal(m.Data, &beat) == nil && beat.State != "" {
			each(beat)
		}
	})
}

// listen calls each for what comes in on a core subject of a run until stop is called.
func (b *Bus) listen(root, id string, each func(*nats.Msg)) (stop func(), err error) {
	if err := CheckID(id); err != nil {
		return nil, err
	}
	var mu sync.Mutex
	stopped := false
	sub, err := b.nc.Subscribe(root+id, func(m *nats.Msg) {
		mu.Lock()
		defer mu.Unlock()
		if !stopped {
			each(m)
		}
	})
	if err == nil {
		err = b.nc.FlushTimeout(ackWithin) // the server knows of it
	}
	if err != nil {
		if sub != nil {
			_ = sub.Unsubscribe()
		}
		return nil, fmt.Errorf("listen to %s%s: %w", root, id, err)
	}
	return func() {
		_ = sub.Unsubscribe() // a connection that is closed has none
		mu.Lock()
		defer mu.Unlock()
		stopped = true
	}, nil
}
