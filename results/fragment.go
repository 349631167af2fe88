package results

// Fragment is what one second of a run appended to its directory: whole lines of its files. It is how a run directory travels
// while it is written: the same fragments in the same order make the same files.
type Fragment struct {
	T         int64  `json:"t"`      // second since the start, from 0
	EndNS     int64  `json:"end_ns"` // when it ended, since the start
	Timeline  []byte `json:"timeline,omitempty"`
	Intervals []byte `json:"intervals,omitempty"`
	Evidence  []byte `json:"evidence,omitempty"` // recorded since the second before
}
