package vpa_test

import (
	"testing"
	"time"

	"github.com/scalemath/scalemath/vpa"
)

// at is a time some minutes after the start.
func at(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }

func aggregate(t testing.TB) *vpa.Aggregate {
	a, err := vpa.NewAggregate(vpa.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

const day = 24 * time.Hour

// S1, S2.
func TestSamplesInAndOutOfOrder(t *testing.T) {
	a, w := aggregate(t), vpa.Window{}
	for _, step := range []struct {
		name string
		got  vpa.Outcome
		want vpa.Outcome
	}{
		{"negative cpu", w.AddCPU(a, at(0), -1), vpa.NegativeValue},
		{"first cpu", w.AddCPU(a, at(1), 100), vpa.Accepted},
		{"same time cpu", w.AddCPU(a, at(1), 100), vpa.OutOfOrder},
		{"earlier cpu", w.AddCPU(a, at(0), 100), vpa.OutOfOrder},
		{"cpu from the future", w.AddCPU(a, at(100000), 100), vpa.Accepted},
		{"negative memory", w.AddMemory(a, at(0), -1, day, vpa.Profile{}), vpa.NegativeValue},
		{"first memory", w.AddMemory(a, at(5), 1e9, day, vpa.Profile{}), vpa.Accepted},
		{"same time memory", w.AddMemory(a, at(5), 2e9, day, vpa.Profile{}), vpa.Accepted},
		{"earlier memory", w.AddMemory(a, at(4), 3e9, day, vpa.Profile{}), vpa.OutOfOrder},
	} {
		if step.got != step.want {
			t.Errorf("%s: %s, want %s", step.name, step.got, step.want)
		}
	}
	if n, first, last := a.Samples(); n != 2 || !first.Equal(at(1)) || !last.Equal(at(100000)) {
		t.Errorf("%d samples from %v to %v, want the two of CPU that were accepted (S3)", n, first, last)
	}
	if w := a.Memory().Weight(a.Memory().Layout().Bucket(2e9)); w == 0 {
		t.Error("the memory peak does not count")
	}
}

// M2 to M6: of each window only the peak counts, stamped with the window's end.
func TestOnlyThePeakOfAWindowCounts(t *testing.T) {
	a, w := aggregate(t), vpa.Window{}
	for m, bytes := range []vpa.Amount{3e8, 5e8, 4e8, 5e8} {
		w.AddMemory(a, at(m), bytes, time.Hour, vpa.Profile{})
	}
	w.AddMemory(a, at(61), 1e8, time.Hour, vpa.Profile{})
	layout := a.Memory().Layout()
	for bytes, heavy := range map[float64]bool{3e8: false, 4e8: false, 5e8: true, 1e8: true} {
		if got := a.Memory().Weight(layout.Bucket(bytes)) > 0.1; got != heavy {
			t.Errorf("the bucket of %g counts: %v, want %v", bytes, got, heavy)
		}
	}
}

// M5: a window opened by 0 bytes ignores what comes; the repair sees it.
func TestZeroOpensAWindow(t *testing.T) {
	for _, profile := range []vpa.Profile{{}, {ZeroPeak: true}} {
		a, w := aggregate(t), vpa.Window{}
		w.AddMemory(a, at(0), 0, day, profile)
		for m := range 99 {
			w.AddMemory(a, at(m+1), 4<<30, day, profile)
		}
		if o := w.AddMemory(a, at(200), 4<<30, day, profile); !profile.ZeroPeak && o != vpa.Silenced {
			t.Errorf("a silenced sample: %s", o)
		}
		seen := a.Memory().Weight(a.Memory().Layout().Bucket(4<<30)) > 0.1
		if seen != profile.ZeroPeak {
			t.Errorf("profile %v: 99 samples of 4 GiB count: %v", profile.ZeroPeak, seen)
		}
	}
}

// O1 to O4.
func TestKillsRaiseMemory(t *testing.T) {
	how := vpa.OOM{Ratio: 1.2, MinBump: 100 << 20}
	for _, test := range []struct {
		name          string
		usage         vpa.Amount
		request, want vpa.Amount
	}{
		{"a gibibyte rises by a fifth", 0, 1 << 30, 1288490188},
		{"a little rises by 100 MiB", 0, 50 << 20, 150 << 20},
		{"usage above the request counts", 2 << 30, 1 << 30, 2576980377},
	} {
		a, w := aggregate(t), vpa.Window{}
		if test.usage > 0 {
			w.AddMemory(a, at(0), test.usage, day, vpa.Profile{})
		}
		if o := w.RecordOOM(a, at(1), test.request, how, day, vpa.Profile{}); o != vpa.Accepted {
			t.Fatal(o)
		}
		// A second kill must not compound the first.
		w.RecordOOM(a, at(2), test.request, how, day, vpa.Profile{})
		_, highest := a.Memory().Range()
		if want := a.Memory().Layout().Bucket(float64(test.want)); highest != want {
			t.Errorf("%s: bucket %d, want %d", test.name, highest, want)
		}
	}
	a, w := aggregate(t), vpa.Window{}
	w.AddMemory(a, at(0).Add(3*day), 1e9, day, vpa.Profile{})
	if o := w.RecordOOM(a, at(0).Add(3*day-day), 1e9, how, day, vpa.Profile{}); !o.Taken() {
		t.Errorf("a kill a window late: %s, want it taken", o)
	}
	w = vpa.Window{}
	w.AddMemory(a, at(0).Add(3*day), 1e9, day, vpa.Profile{})
	if o := w.RecordOOM(a, at(0).Add(3*day-day-1), 1e9, how, day, vpa.Profile{}); o != vpa.LateOOM {
		t.Errorf("a kill more than a window late: %s, want LateOOM", o)
	}
}

// M2: an accepted late kill moves the memory clock back, after which older usage is accepted again; the repair keeps it.
func TestALateKillMovesTheClockBack(t *testing.T) {
	for _, profile := range []vpa.Profile{{}, {OOMClock: true}} {
		a, w := aggregate(t), vpa.Window{}
		w.AddMemory(a, at(100), 1e9, day, profile)
		if o := w.RecordOOM(a, at(10), 1e9, vpa.OOM{Ratio: 1}, day, profile); o == vpa.ClockMovedBack == profile.OOMClock {
			t.Errorf("fixed %v: a late kill: %s", profile.OOMClock, o)
		}
		want := vpa.Accepted
		if profile.OOMClock {
			want = vpa.OutOfOrder
		}
		if o := w.AddMemory(a, at(50), 1e9, day, profile); o != want {
			t.Errorf("fixed %v: usage older than the latest: %s, want %s", profile.OOMClock, o, want)
		}
	}
}
