package kube_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/binpack/kube"
)

// The dense form must answer as the plain one does, whatever the order in which values were numbered.
func TestSetsAreRequirements(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var u kube.Universe
		key := u.Key("k")
		for range rapid.IntRange(0, 70).Draw(t, "numbers taken before") {
			u.Value(key, rapid.StringMatching(`[a-z]{3}`).Draw(t, "taken"))
		}
		a, _ := drawn(t, "a")
		b, _ := drawn(t, "b")
		_, sa := u.Set(a)
		_, sb := u.Set(b)
		for _, v := range values {
			if n := u.Value(key, v); u.Has(key, &sa, n) != a.Has(v) {
				t.Fatalf("%v has %q: %v, the set says %v", a, v, a.Has(v), u.Has(key, &sa, n))
			}
		}
		if !u.Requirement(key, &sa).Equal(a) {
			t.Fatalf("%v came back as %v", a, u.Requirement(key, &sa))
		}
		if sa.Operator() != a.Operator() || sa.AllowsAbsent() != a.AllowsAbsent() {
			t.Fatalf("%v reads %s as a set", a, sa.Operator())
		}
		if got := u.SetsIntersect(key, &sa, &sb); got != a.Intersects(b) {
			t.Fatalf("%v intersects %v: %v, the sets say %v", a, b, a.Intersects(b), got)
		}
		both := sa.Clone()
		u.IntersectInto(key, &both, &sb)
		if got := u.Requirement(key, &both); !got.Equal(a.Intersect(b)) {
			t.Fatalf("%v and %v: %v, the sets say %v", a, b, a.Intersect(b), got)
		}
		if !u.Requirement(key, &sa).Equal(a) {
			t.Fatalf("a clone shares memory with its origin")
		}
	})
}

func TestNarrowingAllocatesNothing(t *testing.T) {
	var u kube.Universe
	key, zones := u.Set(must(t, "zone", kube.In, "a", "b", "c"))
	_, not := u.Set(must(t, "zone", kube.NotIn, "b"))
	work := zones.Clone()
	if n := testing.AllocsPerRun(100, func() {
		copy(work.Bits, zones.Bits)
		u.IntersectInto(key, &work, &not)
		if !u.SetsIntersect(key, &work, &zones) {
			t.Fatal("nothing left")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
