package conformance

// Load says how long and how hard the load phase is.
type Load struct {
	Memory int64 // bytes for identifiers; 0 is traffic.DefaultMemoryIDs
}

func (l Load) memory() int64 { return l.Memory }
