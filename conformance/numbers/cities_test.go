package numbers

import (
	"reflect"
	"testing"
)

func TestCities(t *testing.T) {
	r := func(first string, n int) Range { return NewRange(must(t, first), n) }
	p := single(t, PoolConfig{Key: "P", Cities: []City{{"拉萨", nil}, {"北京市", []Range{r("17000000100", 70), r("17000000000", 1)}}, {"无", nil}, {"杭州", []Range{r("17100000000", 3)}}}})
	want := []City{{Name: "拉萨"}, {"北京", []Range{r("17000000100", 70), r("17000000000", 1)}}, {Name: "无"}, {"杭州", []Range{r("17100000000", 3)}}}
	if got := p.Cities(); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
