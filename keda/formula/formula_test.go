package formula_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/scalemath/scalemath/keda/formula"
)

func Example() {
	f, err := formula.Compile("float(queue > 100 ? queue / 10 : base)", []string{"queue", "base"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, queue := range []float64{50, 500} {
		fmt.Println(f.Eval(time.Time{}, map[string]any{"queue": queue, "base": 3.0}))
	}
	// Output:
	// 3 <nil>
	// 50 <nil>
}

func TestUnknownNamesAreRefused(t *testing.T) {
	for _, text := range []string{"a + c", "a +", "", "a.b.c", "b()"} {
		if _, err := formula.Compile(text, []string{"a", "b"}); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}

// TestManyReaders uses one formula from several goroutines, each with its own time; run it with -race.
func TestManyReaders(t *testing.T) {
	f, err := formula.Compile("float(now().Hour()) + a", []string{"a"})
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for hour := range 8 {
		wait.Go(func() {
			for range 100 {
				got, err := f.Eval(time.Date(2026, 5, 1, hour, 0, 0, 0, time.UTC), map[string]any{"a": 0.5})
				if err != nil || got != float64(hour)+0.5 {
					t.Errorf("hour %d: %v %v", hour, got, err)
					return
				}
			}
		})
	}
	wait.Wait()
}
