package histogram_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/vpa/histogram"
)

// H1, H3: both layouts of the Vertical Pod Autoscaler have 176 buckets; the starts are those of the study.
func TestLayoutsOfTheVerticalPodAutoscaler(t *testing.T) {
	for _, test := range []struct {
		name      string
		layout    *histogram.Layout
		lastStart float64
	}{{"cpu", cpu(t).Layout(), 1021.109}, {"memory", memory(t).Layout(), 1.0211e12}} {
		if n := test.layout.Buckets(); n != 176 {
			t.Errorf("%s: %d buckets, want 176", test.name, n)
		}
		if got := test.layout.Start(175); math.Abs(got/test.lastStart-1) > 1e-4 {
			t.Errorf("%s: last bucket starts at %v, want %v", test.name, got, test.lastStart)
		}
		if got := test.layout.End(175); got != test.layout.Start(175) {
			t.Errorf("%s: the last bucket ends at %v, want its start", test.name, got)
		}
	}
}

// H2 and the thresholds the study lists: the first amounts of buckets 1 to 8 in millicores.
func TestThresholdsInMillicores(t *testing.T) {
	l := cpu(t).Layout()
	for i, milli := range []int{10, 21, 32, 44, 56, 69, 82, 96} {
		if got := l.Bucket(float64(milli) / 1000); got != i+1 {
			t.Errorf("%dm is in bucket %d, want %d", milli, got, i+1)
		}
		if got := l.Bucket(float64(milli-1) / 1000); got != i {
			t.Errorf("%dm is in bucket %d, want %d", milli-1, got, i)
		}
	}
}

// H6: the starts of nearly all buckets fall into the bucket below.
func TestStartsFallIntoTheBucketBelow(t *testing.T) {
	for _, l := range []*histogram.Layout{cpu(t).Layout(), memory(t).Layout()} {
		below := 0
		for b := range l.Buckets() {
			if l.Bucket(l.Start(b)) == b-1 {
				below++
			}
		}
		if below != 174 {
			t.Errorf("%d starts fall into the bucket below, want 174", below)
		}
	}
}

// The index must give what the logarithm gives for every amount near an edge and for any value.
func TestBucketIsThatOfTheLogarithm(t *testing.T) {
	mine := map[string]*histogram.Layout{"cpu": cpu(t).Layout(), "memory": memory(t).Layout()}
	formula := map[string]*simple{"cpu": newSimple(1000, 0.01, 1.05, 1), "memory": newSimple(1e12, 1e7, 1.05, 1)}
	for milli := range 1_200_000 {
		v := float64(milli) / 1000
		if got, want := mine["cpu"].Bucket(v), formula["cpu"].bucket(v); got != want {
			t.Fatalf("%dm is in bucket %d, the formula gives %d", milli, got, want)
		}
	}
	for b := range 176 {
		edge := int64(mine["memory"].Start(b))
		for amount := max(0, edge-2000); amount < edge+2000; amount++ {
			if got, want := mine["memory"].Bucket(float64(amount)), formula["memory"].bucket(float64(amount)); got != want {
				t.Fatalf("%d bytes are in bucket %d, the formula gives %d", amount, got, want)
			}
		}
		for _, name := range []string{"cpu", "memory"} {
			v := mine[name].Start(b)
			for range 64 {
				if got, want := mine[name].Bucket(v), formula[name].bucket(v); got != want {
					t.Fatalf("%s %v is in bucket %d, the formula gives %d", name, v, got, want)
				}
				v = math.Nextafter(v, math.Inf(1))
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		first := rapid.Float64Range(1e-6, 1e9).Draw(t, "first")
		ratio := rapid.Float64Range(1.0005, 4).Draw(t, "ratio")
		largest := first * rapid.Float64Range(1.1, 1e6).Draw(t, "max/first")
		l, err := histogram.Exponential(largest, first, ratio, 1e-4)
		if err != nil {
			t.Skip(err)
		}
		s := newSimple(largest, first, ratio, 1)
		v := rapid.OneOf(rapid.Float64Range(0, largest*2), rapid.Custom(func(t *rapid.T) float64 {
			return l.Start(rapid.IntRange(0, l.Buckets()-1).Draw(t, "bucket"))
		})).Draw(t, "v")
		if got, want := l.Bucket(v), s.bucket(v); got != want {
			t.Fatalf("%v is in bucket %d, the formula gives %d", v, got, want)
		}
	})
}

// H4.
func TestLinearLayout(t *testing.T) {
	l, err := histogram.Linear(10, 0.1, histogram.Epsilon)
	if err != nil {
		t.Fatal(err)
	}
	if l.Buckets() != 101 {
		t.Errorf("%d buckets, want 101", l.Buckets())
	}
	for v, want := range map[float64]int{-1: 0, 0: 0, 0.05: 0, 0.25: 2, 5.05: 50, 10.5: 100, 1e9: 100, math.Inf(1): 100, math.Inf(-1): 0} {
		if got := l.Bucket(v); got != want {
			t.Errorf("%v is in bucket %d, want %d", v, got, want)
		}
	}
}

func TestLayoutsThatMakeNoSense(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, a := range [][4]float64{{0, 1, 2, 1}, {10, 0, 2, 1}, {10, 1, 1, 1}, {10, 1, 2, 0}, {nan, 1, 2, 1}, {10, nan, 2, 1}, {10, 1, nan, 1},
		{10, 1, 2, nan}, {inf, 1, 2, 1}, {10, 1, inf, 1}, {1e300, 1e-300, 1.0000001, 1}, {-1, 1, 2, 1}} {
		if _, err := histogram.Exponential(a[0], a[1], a[2], a[3]); !errors.Is(err, histogram.ErrInvalid) {
			t.Errorf("Exponential(%v): error %v, want ErrInvalid", a, err)
		}
	}
	for _, a := range [][3]float64{{0, 1, 1}, {10, 0, 1}, {10, 1, 0}, {1e12, 1, 1}, {nan, 1, 1}} {
		if _, err := histogram.Linear(a[0], a[1], a[2]); !errors.Is(err, histogram.ErrInvalid) {
			t.Errorf("Linear(%v): error %v, want ErrInvalid", a, err)
		}
	}
}
