package judge

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"axbench/results"
)

// UnlikeError is two sides of runs that are not compared: they did different things.
type UnlikeError struct {
	Differences []results.Difference // that decide, at least one
	Never       bool                 // an open and a closed model are not compared at all
}

func (e *UnlikeError) Error() string {
	var list []string
	for _, d := range e.Differences {
		list = append(list, fmt.Sprintf("%s: %s as baseline, %s now", d.What, d.Base, d.New))
	}
	return "the runs are unlike: " + strings.Join(list, "; ")
}

// alike refuses unlike runs.
func (c *comparison) alike() error {
	var deciding []results.Difference
	never := false
	for _, d := range c.out.Differences {
		if d.Decides {
			deciding = append(deciding, d)
			never = never || d.What == differModel
		}
	}
	if len(deciding) == 0 || c.in.AllowDifferent && !never {
		return nil
	}
	return &UnlikeError{deciding, never}
}

const differModel = "model"

// Unlike tells, before a run begins, why it will not be comparable with a baseline: an *UnlikeError, nil if nothing speaks against it.
func Unlike(base []*results.Course, run *results.Run) error {
	c := &comparison{out: &results.Comparison{}}
	for _, b := range base {
		c.out.Differences = append(c.out.Differences, differ(b.Run, run)...)
	}
	return c.alike()
}

// differences lists in what the runs are unlike: every run against the first of the baseline, each difference once.
func differences(in CompareInput) []results.Difference {
	list := []results.Difference{}
	first := in.Base[0].Run
	for _, c := range slices.Concat(in.Base[1:], in.New) {
		for _, d := range differ(first, c.Run) {
			if !slices.Contains(list, d) {
				list = append(list, d)
			}
		}
	}
	return list
}

// differ lists in what two runs are unlike. Equal digests mean the same calls at the same times.
func differ(a, b *results.Run) (list []results.Difference) {
	add := func(what, x, y string, decides bool) {
		if x != y {
			list = append(list, results.Difference{What: what, Base: orNone(x), New: orNone(y), Decides: decides})
		}
	}
	add("scenario", a.Scenario, b.Scenario, true)
	add(differModel, a.Model, b.Model, true)
	add("phases", phaseText(a), phaseText(b), true)
	add("kind of target", targetKind(a.Target.URL), targetKind(b.Target.URL), true)
	add("document", a.Target.Document, b.Target.Document, true)
	add("method", a.Target.Method, b.Target.Method, true)
	add("signature", a.Target.Signature, b.Target.Signature, true)
	add("format", a.Target.Format, b.Target.Format, true)
	same := a.Seed == b.Seed && a.Offset == b.Offset
	if same && len(list) == 0 { // otherwise other numbers are what is to be expected
		add("requests (digest)", short(a.Digest), short(b.Digest), true)
	}
	add("seed", strconv.FormatInt(a.Seed, 10), strconv.FormatInt(b.Seed, 10), false)
	add("offset", strconv.FormatInt(a.Offset, 10), strconv.FormatInt(b.Offset, 10), false)
	add("target", a.Target.URL, b.Target.URL, false)
	add("TLS", a.Target.TLS, b.Target.TLS, false)
	add("proxy", a.Target.Proxy, b.Target.Proxy, false)
	add("axbench", a.Version, b.Version, false)
	add("host", hostText(&a.Host), hostText(&b.Host), false)
	return list
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func short(digest string) string { return digest[:min(len(digest), 12)] }

// phaseText tells the phases of a run in one line: name, shape, length, and which are not recorded.
func phaseText(run *results.Run) string {
	var list []string
	for i := range run.Phases {
		p := &run.Phases[i]
		text := p.Name + " " + p.Shape
		if p.DurationNS > 0 {
			text += " for " + Duration(p.DurationNS)
		}
		if !p.Recorded {
			text += " (not recorded)"
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

// targetKind is where calls went: the embedded emulator, this machine, or another one.
func targetKind(url string) string {
	if url == "emulator" {
		return "emulator"
	}
	_, host, _ := strings.Cut(url, "://")
	host, _, _ = strings.Cut(host, "/")
	if strings.HasPrefix(host, "127.") || strings.HasPrefix(host, "localhost") || strings.HasPrefix(host, "[::1]") {
		return "loopback"
	}
	return "another host"
}

func hostText(h *results.Host) string {
	return fmt.Sprintf("%s/%s, %d cores, %s, %s", h.OS, h.Arch, h.Cores, h.Go, h.Clock)
}

// shortSeconds is the length below which slow swings of a target do not show within a run.
const shortSeconds = 20

// note says what qualifies the figures.
func (c *comparison) note() {
	for _, d := range c.out.Differences {
		if d.Decides {
			c.out.Notes = append(c.out.Notes, fmt.Sprintf("the runs are unlike in %s: %s as baseline, %s now", d.What, d.Base, d.New))
		} else {
			c.out.Notes = append(c.out.Notes, fmt.Sprintf("%s differs: %s as baseline, %s now", d.What, d.Base, d.New))
		}
	}
	if len(c.in.Base) == 1 && len(c.in.New) == 1 {
		c.out.Notes = append(c.out.Notes, "one run a side: how much runs differ among themselves is not known and is in no interval; several a side tell")
	}
	shortest := math.Inf(1)
	for _, r := range slices.Concat(c.out.Base, c.out.New) {
		shortest = math.Min(shortest, r.Seconds)
	}
	if shortest < shortSeconds {
		c.out.Notes = append(c.out.Notes, fmt.Sprintf("the shortest run has %s recorded: swings of the target that take longer than a few seconds do not show in it", Duration(int64(shortest*1e9))))
	}
	missing := map[string]bool{}
	for _, r := range slices.Concat(c.in.Base, c.in.New) {
		for _, p := range r.Phases {
			if !slices.Contains(c.phases, p.Phase.Name) && !missing[p.Phase.Name] {
				missing[p.Phase.Name] = true
				c.out.Notes = append(c.out.Notes, fmt.Sprintf("phase %s is not recorded in every run and was left out", p.Phase.Name))
			}
		}
	}
}
