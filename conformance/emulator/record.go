package emulator

import (
	"sync/atomic"

	"axbench/conformance/contract"
)

// maxOperations is how many operations a record has room for, beside the calls whose operation was not known.
const maxOperations = 7

// record is what became of the calls that ended with one code. It is safe for concurrent use.
type record struct {
	counts  [maxOperations + 1]atomic.Int64 // 0: no operation, else its index and 1
	service atomic.Pointer[tally]           // made with the first answer: few codes ever come
}

// decided counts a call; op is nil where the operation was not known.
func (r *record) decided(op *operation) {
	if op == nil {
		r.counts[0].Add(1)
		return
	}
	r.counts[op.index+1].Add(1)
}

// total counts the calls of all operations.
func (r *record) total() (n int64) {
	for i := range r.counts {
		n += r.counts[i].Load()
	}
	return n
}

// took records how long an answer took.
func (r *record) took(d int64) {
	t := r.service.Load()
	if t == nil {
		t = &tally{}
		t.init(coarse)
		if !r.service.CompareAndSwap(nil, t) {
			t = r.service.Load()
		}
	}
	t.add(d)
}

// tell adds the record of a code to a truth.
func (r *record) tell(t *Truth, code string) {
	for i := range r.counts {
		n := r.counts[i].Load()
		if n == 0 {
			continue
		}
		name := ""
		if i > 0 {
			name = contract.Operations[i-1].Name
		}
		if t.CodesByOperation[name] == nil {
			t.CodesByOperation[name] = map[string]int64{}
		}
		t.CodesByOperation[name][code] = n
	}
	if service := r.service.Load(); service != nil {
		t.ServiceByCode[code] = service.quantiles()
	}
}
