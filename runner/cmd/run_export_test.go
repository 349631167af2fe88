package cmd

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"axbench/results"
	"axbench/runner/record"
)

// noted is a sink that writes down who was told what.
type noted struct {
	name  string
	into  *[]string
	fails error
}

func (n noted) AppendSecond(start, end time.Time, lines []results.Second, intervals []results.Interval) error {
	*n.into = append(*n.into, n.name+" "+lines[0].Phase+" "+intervals[0].Clock+" "+end.Sub(start).String())
	return n.fails
}

// TestSinks: the run directory is told first and decides; who looks on can break nothing.
func TestSinks(t *testing.T) {
	broken := errors.New("the disk is full")
	for _, tt := range []struct {
		name              string
		dir, first, other error
		want              []string
	}{
		{"sound", nil, nil, nil, []string{"dir main late 1s", "first main late 1s", "other main late 1s"}},
		{"an onlooker fails", nil, broken, nil, []string{"dir main late 1s", "first main late 1s", "other main late 1s"}},
		{"the directory fails", broken, nil, nil, []string{"dir main late 1s"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var told []string
			s := &sinks{dir: noted{"dir", &told, tt.dir}, looking: []record.Sink{noted{"first", &told, tt.first}, noted{"other", &told, tt.other}}}
			err := s.AppendSecond(time.Unix(0, 0), time.Unix(1, 0), []results.Second{{Phase: "main"}}, []results.Interval{{Clock: "late"}})
			if !errors.Is(err, tt.dir) || !reflect.DeepEqual(told, tt.want) {
				t.Errorf("%v, told %q; want %v, %q", err, told, tt.dir, tt.want)
			}
		})
	}
}
