package results

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Where Debian's libhdrhistogram-java puts the reference implementation.
const hdrJar = "/usr/share/java/hdrhistogram.jar"

// javaProcessor runs HdrHistogram's own HistogramLogProcessor. Without it the test is skipped, unless AXBENCH_NEED_JAVA is set.
func javaProcessor(t *testing.T, args ...string) string {
	t.Helper()
	java, err := exec.LookPath("java")
	if err == nil {
		_, err = os.Stat(hdrJar)
	}
	if err != nil {
		if os.Getenv("AXBENCH_NEED_JAVA") != "" {
			t.Fatalf("the reference reader is needed and not there: %v", err)
		}
		t.Skipf("no reference reader here (Debian: apt-get install libhdrhistogram-java default-jre-headless): %v", err)
	}
	var stderr bytes.Buffer
	cmd := exec.Command(java, append([]string{"-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", hdrJar, "org.HdrHistogram.HistogramLogProcessor"}, args...)...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil || stderr.Len() > 0 {
		t.Fatalf("%q: %v\n%s%s", args, err, out, stderr.String())
	}
	return string(out)
}

// javaSets are the values of the log that the reference reader is given, by tag and second.
func javaSets() map[[3]string][][]int64 {
	r := rand.New(rand.NewPCG(3, 5))
	var edges, wide, skewed []int64
	for shift := range 42 { // on both sides of every power of two, where buckets change their width
		for _, d := range []int64{-1, 0, 1} {
			if v := int64(1)<<shift + d; v <= HighestNS {
				edges = append(edges, v)
			}
		}
	}
	edges = append(edges, 0, LowestNS, HighestNS)
	for range 5000 {
		wide = append(wide, int64(math.Exp(r.Float64()*math.Log(float64(HighestNS)))))
		skewed = append(skewed, int64(3e6*math.Exp(r.NormFloat64())))
	}
	return map[[3]string][][]int64{
		{"main", "response", CodeGood}:                {skewed[:1700], skewed[1700:3000], skewed[3000:]},
		{"main", "response", "isv.FLOW_LIMIT"}:        {{7_000_000}, nil, {7_000_000, 7_000_000}},
		{"main", "service", CodeAll}:                  {wide[:10], wide[10:]},
		{"warm-up", "late", CodeAll}:                  {edges},
		{"main", ClockBound, CodeTimeout}:             {{10_001_000_000, HighestNS + 1, 2 * HighestNS}, {2 * HighestNS}, {10_002_000_000}},
		{FollowUpPhase, "response", CodeOther}:        {{1_500_000}},
		{"a phase, with 50 % |", "response", CodeAll}: {{2_500_000, 3_500_000}},
	}
}

// TestJavaReadsTheLog: the reference implementation finds the tags, counts, maxima and percentiles in a log of ours that we find.
func TestJavaReadsTheLog(t *testing.T) {
	dir, sets := filepath.Join(t.TempDir(), "run"), javaSets()
	w, err := Create(dir, newRun())
	if err != nil {
		t.Fatal(err)
	}
	for second := range 3 {
		var intervals []Interval
		for name, seconds := range sets {
			if second < len(seconds) && seconds[second] != nil {
				intervals = append(intervals, Interval{name[0], name[1], name[2], recorded(seconds[second]...)})
			}
		}
		at := start.Add(time.Duration(second) * time.Second)
		if err := w.AppendSecond(at, at.Add(time.Second), []Second{{T: int64(second), Phase: "main"}}, intervals); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Finish(finished()), w.Close()); err != nil {
		t.Fatal(err)
	}
	rec, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, IntervalFile)
	_, listed, _ := strings.Cut(javaProcessor(t, "-listtags", "-i", path), "Tags found in input file:\n")
	tags := strings.Fields(listed)
	slices.Sort(tags)
	if len(tags) != len(sets) || !slices.Equal(tags, rec.Tags()) {
		t.Fatalf("the reference reader finds the tags %q, we find %q", tags, rec.Tags())
	}
	for name := range sets {
		tag := TagOf(name[0], name[1], name[2])
		t.Run(tag, func(t *testing.T) {
			out := javaProcessor(t, "-i", path, "-tag", tag, "-outputValueUnitRatio", "1")
			for _, d := range differences(rec.tags[tag], out) {
				t.Error(d)
			}
			more := recorded(sets[name][0][0])
			if err := more.Merge(rec.tags[tag]); err != nil || len(differences(more, out)) == 0 {
				t.Errorf("a value more makes no difference, %v", err)
			}
		})
	}
	out := javaProcessor(t, "-i", path, "-tag", "main|response|good", "-outputValueUnitRatio", "1", "-start", "1", "-end", "2.5")
	for _, d := range differences(recorded(slices.Concat(sets[[3]string{"main", "response", CodeGood}][1:]...)...), out) {
		t.Error("from the second second on: " + d)
	}
}

var (
	javaLine = regexp.MustCompile(`(?m)^ *([0-9.]+) ([01]\.[0-9]{12}) +([0-9]+)(?: +[0-9.]+)?$`)
	javaMean = regexp.MustCompile(`#\[Mean +=\s*([0-9.]+), StdDeviation +=\s*[0-9.]+\]`)
	javaMax  = regexp.MustCompile(`#\[Max +=\s*([0-9.]+), Total count +=\s*([0-9]+)\]`)
	javaSize = regexp.MustCompile(`#\[Buckets +=\s*([0-9]+), SubBuckets +=\s*([0-9]+)\]`)
)

// differences holds what the reference reader prints of one tag against our histogram. It knows buckets only: our exact figures
// and what is above the range are not in them.
func differences(h *Histogram, out string) (found []string) {
	differ := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	var total, highest int64
	middles := 0.0
	h.Buckets(func(from, to, n int64) {
		if from < HighestNS {
			total, highest = total+n, to-1
			middles += float64(from+(to-from)/2) * float64(n)
		}
	})
	mean, most, size := javaMean.FindStringSubmatch(out), javaMax.FindStringSubmatch(out), javaSize.FindStringSubmatch(out)
	lines := javaLine.FindAllStringSubmatch(out, -1)
	if mean == nil || most == nil || size == nil || len(lines) < 2 || strings.Count(out, "\n") > len(lines)+12 {
		return []string{"not understood: " + out}
	}
	if want := []string{fmt.Sprintf("%d.000", highest), fmt.Sprint(total)}; total != h.Count()-h.Overflow() || !slices.Equal(most[1:], want) {
		differ("maximum and count %q, want %q", most[1:], want)
	}
	if size[2] != fmt.Sprint(1<<subBits) {
		differ("%s sub-buckets, want %d", size[2], 1<<subBits)
	}
	if f, err := strconv.ParseFloat(mean[1], 64); err != nil || math.Abs(f-middles/float64(total)) > 0.0011 {
		differ("mean of the buckets %v (%v), want %.3f", f, err, middles/float64(total))
	}
	for _, l := range lines {
		upTo, _ := strconv.ParseInt(l[3], 10, 64)
		p, _ := strconv.ParseFloat(l[2], 64)
		rank := max(Rank(p, total), 1)
		if exact := p * float64(total); math.Abs(exact-math.Round(exact)) < 1e-6 {
			rank = max(int64(math.Round(exact)), 1) // of a percentile that was printed with twelve places
		}
		_, end := BucketOf(h.ValueAtRank(rank))
		_, last := BucketOf(h.ValueAtRank(upTo))
		if want := fmt.Sprintf("%d.000", end-1); l[1] != want || last != end {
			differ("percentile %s is %s with %d values up to there, want %s; the last of them is below %d", l[2], l[1], upTo, want, last)
		}
	}
	return found
}
