package emulator

import "sync"

// QueueTruth is what a latency.queue knows of itself, since the first call and without the stalls, in which it stands still.
// Times are nanoseconds.
type QueueTruth struct {
	Servers     int     `json:"servers"`
	Service     int64   `json:"service_ns"`
	Calls       int64   `json:"calls"`        // that came to it
	Waited      int64   `json:"waited"`       // of which so many found all servers busy
	Waiting     int64   `json:"waiting"`      // now
	MaxWaiting  int64   `json:"max_waiting"`  // most at one time, at the instants at which a call came
	MeanWaiting float64 `json:"mean_waiting"` // over time
	MeanWait    float64 `json:"mean_wait_ns"` // over the calls, those that did not wait too
	Utilisation float64 `json:"utilisation"`  // share of the servers' time in which they were busy
}

// queue gives calls to servers in the order in which they come. It is safe for concurrent use.
type queue struct {
	service int64

	mu      sync.Mutex
	free    []int64 // heap of the instants at which servers are free
	pending ring    // the instants at which the calls that wait are to begin, in order
	calls   int64
	waited  int64
	most    int64   // most that waited
	wait    float64 // of all calls together; a sum of int64 would overflow within a day of a long queue
}

func newQueue(servers int, service int64) *queue {
	return &queue{service: service, free: make([]int64, servers)}
}

// served gives the call that comes at an instant to the server that is free first, and returns when it is done.
func (q *queue) served(at int64) int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	begin := max(at, q.free[0])
	q.calls++
	q.pending.dropUntil(at)
	if begin > at {
		q.waited++
		q.wait += float64(begin - at)
		q.pending.push(begin)
		q.most = max(q.most, int64(q.pending.n))
	}
	done := begin + q.service
	q.replaceFirst(done)
	return done
}

// replaceFirst puts an instant in the place of the earliest one of the heap.
func (q *queue) replaceFirst(done int64) {
	i := 0
	for {
		child := 2*i + 1
		if child >= len(q.free) {
			break
		}
		if child+1 < len(q.free) && q.free[child+1] < q.free[child] {
			child++
		}
		if q.free[child] >= done {
			break
		}
		q.free[i] = q.free[child]
		i = child
	}
	q.free[i] = done
}

// truth is the record of the time from first to now, in which every call came.
func (q *queue) truth(first, now int64) *QueueTruth {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pending.dropUntil(now)
	out := &QueueTruth{Servers: len(q.free), Service: q.service, Calls: q.calls, Waited: q.waited, Waiting: int64(q.pending.n), MaxWaiting: q.most}
	ahead := 0.0 // of the waiting and the service that is given away, what lies behind now
	for i := range q.pending.n {
		ahead += float64(q.pending.at(i) - now)
	}
	if q.calls > 0 {
		out.MeanWait = q.wait / float64(q.calls)
	}
	if span := float64(now - first); span > 0 {
		out.MeanWaiting = max(0, q.wait-ahead) / span
		busy := float64(q.calls) * float64(q.service)
		for _, f := range q.free {
			busy -= float64(max(0, f-now))
		}
		out.Utilisation = min(1, max(0, busy)/span/float64(len(q.free)))
	}
	return out
}

// ring is a list of instants that grows at one end and shrinks at the other.
type ring struct {
	places []int64 // a power of two
	first  int
	n      int
}

func (r *ring) at(i int) int64 { return r.places[(r.first+i)&(len(r.places)-1)] }

func (r *ring) push(v int64) {
	if r.n == len(r.places) {
		grown := make([]int64, max(64, 2*r.n))
		for i := range r.n {
			grown[i] = r.at(i)
		}
		r.places, r.first = grown, 0
	}
	r.places[(r.first+r.n)&(len(r.places)-1)] = v
	r.n++
}

// dropUntil takes away what lies at an instant or before it.
func (r *ring) dropUntil(now int64) {
	for r.n > 0 && r.at(0) <= now {
		r.first = (r.first + 1) & (len(r.places) - 1)
		r.n--
	}
}
