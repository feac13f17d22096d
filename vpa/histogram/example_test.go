package histogram_test

import (
	"fmt"
	"time"

	"github.com/scalemath/scalemath/vpa/histogram"
)

func Example() {
	layout, err := histogram.Exponential(1000, 0.01, 1.05, histogram.Epsilon)
	if err != nil {
		fmt.Println(err)
		return
	}
	usage, err := histogram.New(layout, 24*time.Hour)
	if err != nil {
		fmt.Println(err)
		return
	}
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for hour, cores := range []float64{0.1, 0.1, 0.1, 0.3, 0.9} {
		if err := usage.Add(cores, 1, day.Add(time.Duration(hour)*time.Hour)); err != nil {
			fmt.Println(err)
			return
		}
	}
	fmt.Printf("median %.3f cores, 90th percentile %.3f\n", usage.Percentile(0.5), usage.Percentile(0.9))
	fmt.Println(usage)
	// Output:
	// median 0.110 cores, 90th percentile 0.903
	// weight 5.302 in buckets 8 to 34, reference 2026-03-01T00:00:00Z
}

// A checkpoint survives a restart; what it loses is the last digits of the weights.
func ExampleHistogram_Checkpoint() {
	layout, err := histogram.Exponential(1e12, 1e7, 1.05, histogram.Epsilon)
	if err != nil {
		fmt.Println(err)
		return
	}
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	before, _ := histogram.New(layout, 24*time.Hour)
	_ = before.Add(300e6, 1, day)
	_ = before.Add(900e6, 2, day)
	saved := before.Checkpoint()
	fmt.Println(saved.Weights, saved.Total)

	after, _ := histogram.New(layout, 24*time.Hour)
	if err := after.Restore(saved); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.0f %.0f\n", before.Percentile(0.9), after.Percentile(0.9))
	// Output:
	// map[18:5000 34:10000] 3
	// 903203074 903203074
}
