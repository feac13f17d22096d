package histogram_test

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/vpa/histogram"
)

// hold compares a histogram with the simple one, to the last bit.
func hold(t interface{ Fatalf(string, ...any) }, h *histogram.Histogram, s *simple) {
	if lowest, highest := h.Range(); lowest != s.lowest || highest != s.highest {
		t.Fatalf("range %d..%d, want %d..%d", lowest, highest, s.lowest, s.highest)
	}
	if math.Float64bits(h.Total()) != math.Float64bits(s.total) {
		t.Fatalf("total %v, want %v", h.Total(), s.total)
	}
	if !h.Reference().Equal(s.reference) {
		t.Fatalf("reference %v, want %v", h.Reference(), s.reference)
	}
	for b := range s.weights {
		if math.Float64bits(h.Weight(b)) != math.Float64bits(s.weights[b]) {
			t.Fatalf("bucket %d weighs %v, want %v", b, h.Weight(b), s.weights[b])
		}
	}
	for p := -0.1; p < 1.2; p += 0.05 {
		if h.Percentile(p) != s.percentile(p) {
			t.Fatalf("percentile %v is %v, want %v", p, h.Percentile(p), s.percentile(p))
		}
	}
}

// Whatever happens to a histogram, it stays equal to the one that follows the rules to the letter.
func TestEqualsTheSimpleHistogram(t *testing.T) {
	layout := memory(t).Layout()
	rapid.Check(t, func(t *rapid.T) {
		halfLife := time.Duration(rapid.SampledFrom([]int{1, 24, 72, 7}).Draw(t, "half-life")) * time.Hour
		make2 := func() (*histogram.Histogram, *simple) {
			h, err := histogram.New(layout, halfLife)
			if err != nil {
				t.Fatal(err)
			}
			return h, newSimple(1e12, 1e7, 1.05, halfLife)
		}
		h, s := make2()
		value := rapid.OneOf(rapid.Float64Range(0, 1e9), rapid.Float64Range(-1, 2e12))
		when := rapid.Custom(func(t *rapid.T) time.Time {
			return start.Add(time.Duration(rapid.Int64Range(-400, 4000).Draw(t, "hours"))*time.Hour +
				time.Duration(rapid.Int64Range(0, 1e9).Draw(t, "ns")))
		})
		weight := rapid.OneOf(rapid.Just(0.1), rapid.Just(1.0), rapid.Float64Range(0, 1e-3))
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				v, w, at := value.Draw(t, "v"), weight.Draw(t, "w"), when.Draw(t, "t")
				if err := h.Add(v, w, at); err != nil {
					t.Fatal(err)
				}
				s.add(v, w, at)
			},
			"addAtOneMoment": func(t *rapid.T) {
				at := when.Draw(t, "t")
				m := histogram.At(at)
				for range 3 {
					v := value.Draw(t, "v")
					if err := h.AddAt(v, 1, &m); err != nil {
						t.Fatal(err)
					}
					s.add(v, 1, at)
				}
			},
			"addAndTakeBack": func(t *rapid.T) {
				v, at := value.Draw(t, "v"), when.Draw(t, "t")
				if err := errors.Join(h.Add(v, 1, at), h.Subtract(v, 1, at)); err != nil {
					t.Fatal(err)
				}
				s.add(v, 1, at)
				s.subtract(v, 1, at)
			},
			"subtract": func(t *rapid.T) {
				v, at := value.Draw(t, "v"), when.Draw(t, "t")
				if err := h.Subtract(v, 1, at); err != nil {
					t.Fatal(err)
				}
				s.subtract(v, 1, at)
			},
			"merge": func(t *rapid.T) {
				o, p := make2()
				for range rapid.IntRange(0, 4).Draw(t, "samples") {
					v, at := value.Draw(t, "v"), when.Draw(t, "t")
					if err := o.Add(v, 1, at); err != nil {
						t.Fatal(err)
					}
					p.add(v, 1, at)
				}
				before := o.State()
				if err := h.Merge(o); err != nil {
					t.Fatal(err)
				}
				s.merge(p)
				if after := o.State(); after.Total != before.Total || after.Reference != before.Reference {
					t.Fatalf("merging changed the argument")
				}
			},
			"checkpoint": func(t *rapid.T) {
				mine, simples := h.Checkpoint(), s.checkpoint()
				if mine.Total != simples.Total || !mine.Reference.Equal(simples.Reference) || !maps.Equal(mine.Weights, simples.Weights) {
					t.Fatalf("checkpoint %v, want %v", mine, simples)
				}
				// What was saved goes into a fresh one, as after a restart.
				h, s = make2()
				if err := h.Restore(mine); err != nil {
					t.Fatal(err)
				}
				s.restore(mine)
			},
			"state": func(t *rapid.T) {
				text, err := json.Marshal(h.State())
				if err != nil {
					t.Fatal(err)
				}
				var st histogram.State
				if err := json.Unmarshal(text, &st); err != nil {
					t.Fatal(err)
				}
				h, _ = make2()
				if err := h.SetState(st); err != nil {
					t.Fatal(err)
				}
			},
			"": func(t *rapid.T) { hold(t, h, s) },
		})
	})
}

// H11: an empty histogram may have a total.
func TestTooLightToCount(t *testing.T) {
	h := cpu(t)
	if err := h.Add(1, 0.00005, start); err != nil {
		t.Fatal(err)
	}
	if !h.Empty() || h.Total() == 0 || h.Percentile(0.5) != 0 {
		t.Errorf("empty %v, total %v, median %v; want an empty histogram with a total", h.Empty(), h.Total(), h.Percentile(0.5))
	}
}

func TestRefusals(t *testing.T) {
	h := cpu(t)
	if err := h.Add(0.5, 1, start); err != nil {
		t.Fatal(err)
	}
	before := h.State()
	for _, bad := range [][2]float64{{math.NaN(), 1}, {1, math.NaN()}, {1, -1}, {1, math.Inf(1)}, {1, 1e250}} {
		if err := h.Add(bad[0], bad[1], start); !errors.Is(err, histogram.ErrInvalid) {
			t.Errorf("Add(%v): %v, want ErrInvalid", bad, err)
		}
		if err := h.Subtract(bad[0], bad[1], start); !errors.Is(err, histogram.ErrInvalid) {
			t.Errorf("Subtract(%v): %v, want ErrInvalid", bad, err)
		}
	}
	for _, c := range []histogram.Checkpoint{{Total: -1}, {Total: math.NaN()}, {Total: math.Inf(1)}, {Weights: map[int]uint32{-1: 1}},
		{Weights: map[int]uint32{176: 1, 3: 1, 500: 2}}} {
		if err := h.Restore(c); !errors.Is(err, histogram.ErrCorrupt) {
			t.Errorf("Restore(%v): %v, want ErrCorrupt", c, err)
		}
	}
	for _, s := range []histogram.State{{First: -1}, {First: 170, Weights: make([]float64, 7)}, {Lowest: 176}, {Highest: -1}, {Total: math.NaN()},
		{Weights: []float64{-1}}, {Lowest: 1, Highest: 3}} {
		if err := h.SetState(s); !errors.Is(err, histogram.ErrCorrupt) {
			t.Errorf("SetState(%v): %v, want ErrCorrupt", s, err)
		}
	}
	if after := h.State(); after.Total != before.Total || after.Lowest != before.Lowest || after.Reference != before.Reference {
		t.Errorf("a refusal changed the histogram from %v to %v", before, after)
	}
	other, err := histogram.New(cpu(t).Layout(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []*histogram.Histogram{nil, {}, memory(t), other} {
		if err := h.Merge(o); !errors.Is(err, histogram.ErrDifferent) {
			t.Errorf("Merge: %v, want ErrDifferent", err)
		}
	}
	var zero histogram.Histogram
	if err := zero.Add(1, 1, start); !errors.Is(err, histogram.ErrInvalid) || zero.Percentile(0.5) != 0 {
		t.Errorf("the zero value: %v, want ErrInvalid", err)
	}
	if _, err := histogram.New(cpu(t).Layout(), -1); !errors.Is(err, histogram.ErrInvalid) {
		t.Errorf("a negative half-life: %v, want ErrInvalid", err)
	}
}

// A half-life of 0 is a histogram that forgets nothing.
func TestWithoutDecay(t *testing.T) {
	h, err := histogram.New(cpu(t).Layout(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		if err := h.Add(float64(i), 1, start.AddDate(i, 0, 0)); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Subtract(0, 1, start); err != nil {
		t.Fatal(err)
	}
	if h.Total() != 9 || h.Weight(0) != 0 || h.Weight(h.Layout().Bucket(9)) != 1 {
		t.Errorf("total %v, want 9 plain weights", h.Total())
	}
	if err := h.Merge(h); err != nil || h.Total() != 18 {
		t.Errorf("merged with itself: total %v, %v", h.Total(), err)
	}
}

func TestAddAllocatesNothing(t *testing.T) {
	h := filled(t)
	values := usages(1024)
	i, when := 0, start
	if n := testing.AllocsPerRun(1000, func() {
		when = when.Add(time.Minute)
		i++
		if err := h.Add(values[i&1023], 0.1, when); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations an Add, want none", n)
	}
}

// FuzzHistogram does to a histogram what the bytes say and wants neither a panic nor anything that is not a number.
func FuzzHistogram(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
	f.Add([]byte("add subtract merge restore state add subtract"))
	layout := memory(f).Layout()
	f.Fuzz(func(t *testing.T, script []byte) {
		memory := func(t *testing.T) *histogram.Histogram {
			h, err := histogram.New(layout, 24*time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			return h
		}
		h := memory(t)
		for len(script) >= 6 {
			op, a, b, c := script[0], script[1], script[2], script[3:6]
			script = script[6:]
			value := float64(a) * math.Exp2(float64(b)/4)
			when := start.Add(time.Duration(int8(c[0]))*time.Duration(c[1])*time.Hour*24 + time.Duration(c[2]))
			switch op % 6 {
			case 0, 1:
				_ = h.Add(value, float64(c[2])/100, when)
			case 2:
				_ = h.Subtract(value, float64(c[2])/100, when)
			case 3:
				o := memory(t)
				_ = o.Add(value, 1, when)
				_ = h.Merge(o)
			case 4:
				_ = h.Restore(histogram.Checkpoint{Reference: when, Total: value, Weights: map[int]uint32{int(a): uint32(b), int(b): 1}})
			case 5:
				if err := h.SetState(h.State()); err != nil {
					t.Fatalf("the histogram's own state: %v", err)
				}
			}
			if p := h.Percentile(0.9); !(p >= 0 && p <= 2e12) {
				t.Fatalf("90th percentile %v", p)
			}
			if !(h.Total() >= 0) || math.IsInf(h.Total(), 0) {
				t.Fatalf("total %v", h.Total())
			}
			if err := memory(t).Restore(h.Checkpoint()); err != nil {
				t.Fatalf("the histogram's own checkpoint: %v", err)
			}
		}
	})
}
