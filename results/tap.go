package results

import (
	"bytes"
	"fmt"
	"os"
)

// Tap has f called with what each AppendSecond from now on appends, and with the evidence that was appended since the second before. The
// bytes are f's own. It is called by AppendSecond itself, once the files have it, and is not to take long. Whoever wants all of the
// directory taps it before anything is appended, and calls TapRest when all is.
func (w *Writer) Tap(f func(Fragment)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tap, w.tapped = f, f != nil
}

// TapRest has f of Tap called with the evidence that came after the last second, if there is any: with a fragment of that second that
// holds nothing else.
func (w *Writer) TapRest() {
	if evidence := w.takeEvidence(); w.tap != nil && len(evidence) > 0 {
		w.tap(Fragment{T: max(0, w.last), EndNS: w.lastNS, Evidence: evidence})
	}
}

// tapSecond hands on what AppendSecond has just appended.
func (w *Writer) tapSecond() {
	if w.tap != nil {
		w.tap(Fragment{T: max(0, w.last), EndNS: w.lastNS, Timeline: bytes.Clone(w.line), Intervals: bytes.Clone(w.log), Evidence: w.takeEvidence()})
	}
}

func (w *Writer) takeEvidence() (evidence []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	evidence, w.untapped = w.untapped, nil
	return evidence
}

// AppendFragment appends a fragment of another directory as it is, once all of it was found to be right: see Fragment.Read. Its second
// must come after those that were appended before; one that holds evidence alone may be of the same. Record counts its histograms too; they
// stay sparse, as whoever appends fragments has many directories to keep. Nothing of f is kept, and Tap does not see it.
func (w *Writer) AppendFragment(f *Fragment) error {
	_, intervals, evidence, err := f.Read()
	if err != nil {
		return err
	}
	timed := len(f.Timeline)+len(f.Intervals) > 0
	switch {
	case f.T < w.last:
		return fmt.Errorf("fragment of second %d: it comes after second %d", f.T, w.last)
	case f.T == w.last && timed:
		return fmt.Errorf("fragment of second %d: that second is there already", f.T)
	case w.intervals == nil:
		return fmt.Errorf("append a fragment: %w", os.ErrClosed)
	}
	w.set.small = true
	if _, err := w.intervals.Write(f.Intervals); err != nil {
		return fmt.Errorf("append a fragment: %w", err)
	}
	if _, err := w.timeline.Write(f.Timeline); err != nil {
		return fmt.Errorf("append a fragment: %w", err)
	}
	if timed {
		w.last, w.lastNS = f.T, f.EndNS
	}
	for i := range intervals {
		iv := &intervals[i]
		if err := w.set.add(TagOf(iv.Phase, iv.Clock, iv.Code), iv.H); err != nil {
			return fmt.Errorf("fragment of second %d: %w", f.T, err)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, err := w.evidence.Write(f.Evidence); err != nil {
		return fmt.Errorf("append a fragment: %w", err)
	}
	w.lines += len(evidence)
	return nil
}
