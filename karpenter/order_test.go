package karpenter

import (
	"slices"
	"sort"
	"testing"

	"pgregory.net/rapid"
)

// TestOrderIsGos holds the sequence of claims against sorting it with Go's sort before every pod.
func TestOrderIsGos(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var o order
		o.reset()
		type claim struct{ id, pods int32 }
		var plain []*claim
		low := rapid.IntRange(1, 12).Draw(t, "open a claim one time in")
		steps := rapid.IntRange(1, 1500).Draw(t, "steps")
		x := rapid.Uint64().Draw(t, "seed") | 1
		draw := func(n int) int {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
			return int(x % uint64(n))
		}
		for range steps {
			sort.Slice(plain, func(i, j int) bool { return plain[i].pods < plain[j].pods })
			o.sort()
			if !slices.EqualFunc(plain, o.seq, func(a *claim, b int32) bool { return a.id == b }) {
				t.Fatalf("with %d claims the sequences differ", len(plain))
			}
			switch n := len(plain); {
			case n == 0 || draw(low) == 0:
				plain = append(plain, &claim{int32(n), 1})
				o.add()
			case draw(8) == 0: // a pod that goes nowhere
			default:
				// Mostly one of the first, sometimes any.
				at := draw(n)
				if draw(3) > 0 {
					at = draw(min(n, 3))
				}
				plain[at].pods++
				o.grow(at)
			}
		}
	})
}
