package runner

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of /proc/stat: USER_HZ is 100 on every architecture that Go runs on.
const tick = time.Second / 100

// machineTime returns the time that the cores which this process may run on have spent for any process, the time that a
// hypervisor took from them included. ok is false where the system does not say.
func machineTime() (busy time.Duration, ok bool) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, false
	}
	return busyTime(text, allowedCores())
}

// busyTime adds up the lines of the cores in a /proc/stat, of all of them for nil.
func busyTime(stat []byte, cores map[int]bool) (busy time.Duration, ok bool) {
	for line := range bytes.Lines(stat) {
		fields := bytes.Fields(line)
		if len(fields) < 9 || len(fields[0]) < 4 || !bytes.HasPrefix(fields[0], []byte("cpu")) {
			continue
		}
		core, err := strconv.Atoi(string(fields[0][3:]))
		if err != nil || cores != nil && !cores[core] {
			continue
		}
		for i, f := range fields[1:9] { // user nice system idle iowait irq softirq steal; guests are in user already
			n, err := strconv.ParseInt(string(f), 10, 64)
			if err != nil {
				return 0, false
			}
			if i != 3 && i != 4 {
				busy += time.Duration(n) * tick
			}
		}
		ok = true
	}
	return busy, ok
}

// allowedCores returns the cores that this process may run on, nil where the system does not say.
func allowedCores() map[int]bool {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return nil
	}
	_, list, ok := bytes.Cut(text, []byte("\nCpus_allowed_list:"))
	if !ok {
		return nil
	}
	list, _, _ = bytes.Cut(list, []byte("\n"))
	return coreList(string(bytes.TrimSpace(list)))
}

// coreList reads a list such as "0-3,8", nil for anything else.
func coreList(list string) map[int]bool {
	cores := map[int]bool{}
	for part := range strings.SplitSeq(list, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, err := strconv.Atoi(first)
		to, err2 := strconv.Atoi(last)
		if err != nil || err2 != nil || from > to || to >= 1<<16 {
			return nil
		}
		for core := from; core <= to; core++ {
			cores[core] = true
		}
	}
	return cores
}
