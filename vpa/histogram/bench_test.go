package histogram_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/scalemath/scalemath/vpa/histogram"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func cpu(t testing.TB) *histogram.Histogram { return must(t, 1000, 0.01) }

func memory(t testing.TB) *histogram.Histogram { return must(t, 1e12, 1e7) }

func must(t testing.TB, max, first float64) *histogram.Histogram {
	l, err := histogram.Exponential(max, first, 1.05, histogram.Epsilon)
	if err != nil {
		t.Fatal(err)
	}
	h, err := histogram.New(l, 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// usages is a fixed series of usages around a level, in cores.
func usages(n int) []float64 {
	random := rand.New(rand.NewPCG(1, 2))
	out := make([]float64, n)
	for i := range out {
		out[i] = float64(int(1000*0.5*(0.3+random.ExpFloat64()))) / 1000
	}
	return out
}

// BenchmarkAdd adds samples a minute apart, each with its own usage.
func BenchmarkAdd(b *testing.B) {
	h, values := cpu(b), usages(1024)
	times := make([]time.Time, 1024)
	for i := range times {
		times[i] = start.Add(time.Duration(i) * time.Minute)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := h.Add(values[i&1023], 0.1, times[i&1023]); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAddAt adds what a scrape brings: one time, thirty-two histograms.
func BenchmarkAddAt(b *testing.B) {
	histograms, values := make([]*histogram.Histogram, 32), usages(1024)
	for i := range histograms {
		histograms[i] = cpu(b)
	}
	when := histogram.At(start)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i&31 == 0 {
			when = histogram.At(start.Add(time.Duration(i) * time.Minute / 32))
		}
		if err := histograms[i&31].AddAt(values[i&1023], 0.1, &when); err != nil {
			b.Fatal(err)
		}
	}
}

func filled(t testing.TB) *histogram.Histogram {
	h := cpu(t)
	for i, v := range usages(10000) {
		if err := h.Add(v, 0.1, start.Add(time.Duration(i)*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// BenchmarkAddTogether adds samples of one time, as of replicas that are measured together.
func BenchmarkAddTogether(b *testing.B) {
	h, values := cpu(b), usages(1024)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := h.Add(values[i&1023], 0.1, start); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPercentile(b *testing.B) {
	h := filled(b)
	b.ReportAllocs()
	for b.Loop() {
		h.Percentile(0.9)
	}
}

func BenchmarkMerge(b *testing.B) {
	h, into := filled(b), cpu(b)
	b.ReportAllocs()
	for b.Loop() {
		into.Reset()
		if err := into.Merge(h); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheckpoint(b *testing.B) {
	h := filled(b)
	b.ReportAllocs()
	for b.Loop() {
		h.Checkpoint()
	}
}

func BenchmarkRestore(b *testing.B) {
	c, into := filled(b).Checkpoint(), cpu(b)
	b.ReportAllocs()
	for b.Loop() {
		into.Reset()
		if err := into.Restore(c); err != nil {
			b.Fatal(err)
		}
	}
}
