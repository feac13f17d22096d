package keda_test

import (
	"math"
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"
	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/keda"
)

// TestQ1 is the rounding of a trigger's number.
func TestQ1(t *testing.T) {
	for _, c := range []struct {
		value float64
		want  string
	}{
		{0.0005, "1m"}, {0.00049999, "0"}, {0.0715, "71m"}, {-28.6, "0"}, {math.NaN(), "0"}, {math.Inf(1), "0"},
		{math.Inf(-1), "0"}, {2.6773697005752064e+16, "26773697005752064"}, {1000, "1k"}, {1.5, "1.500"},
	} {
		if q := keda.MetricQuantity(c.value); q.String() != c.want {
			t.Errorf("MetricQuantity(%v) = %s, want %s", c.value, q.String(), c.want)
		}
	}
	if q := keda.MetricQuantity(1e300); len(q.String()) < 100 {
		t.Errorf("1e300 lost digits: %s", q.String())
	}
}

// TestMetricQuantityIsNearest holds any number of a usual size against the nearest thousandth.
func TestMetricQuantityIsNearest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64Range(0, 1e9).Draw(t, "x")
		q := keda.MetricQuantity(x)
		if d := math.Abs(q.AsApproximateFloat64() - x); d > 0.0005000001+x*1e-15 {
			t.Fatalf("%v became %s", x, q.String())
		}
		if q.Cmp(resource.Quantity{}) < 0 {
			t.Fatalf("%v became negative: %s", x, q.String())
		}
	})
}
