package emulator

import (
	"testing"
	"time"
)

// witness sleeps a millisecond at a time and sums by how much it overslept: that long the host stood still or was busy with others.
type witness struct {
	stop  chan struct{}
	stood chan time.Duration
}

// overslept is by how much a sleep may be too long on a quiet host.
const overslept = 10 * time.Millisecond

func newWitness() *witness {
	w := &witness{make(chan struct{}), make(chan time.Duration)}
	go func() {
		sum := time.Duration(0)
		for before := time.Now(); ; before = time.Now() {
			select {
			case <-w.stop:
				w.stood <- sum
				return
			case <-time.After(time.Millisecond):
			}
			if over := time.Since(before) - time.Millisecond; over > overslept {
				sum += over
			}
		}
	}()
	return w
}

// end returns how long the host stood still.
func (w *witness) end() time.Duration {
	close(w.stop)
	return <-w.stood
}

// quietly is for tests of times that only the machine's own clock can measure. It makes an attempt, which returns what was wrong.
// On a quiet host that fails the test at once; where the host stood still meanwhile another attempt is made, and if it does so
// each time, nothing is known and the test is skipped.
func quietly(t *testing.T, attempt func() []string) {
	t.Helper()
	const attempts = 5
	stood := time.Duration(0)
	for range attempts {
		w, began := newWitness(), time.Now()
		wrong := attempt()
		still := w.end()
		if len(wrong) == 0 {
			return
		}
		if still < time.Since(began)/20 { // too little to make a quantile wrong
			for _, text := range wrong {
				t.Error(text)
			}
			return
		}
		t.Logf("the host stood still for %v: %v", still, wrong)
		stood += still
	}
	t.Skipf("the host stood still for %v of %d attempts: it cannot be told what times are the server's", stood, attempts)
}
