package karpenter

import "testing"

// BenchmarkDisruptRound is one round of disruption over 500 nodes with 10,000 pods from a snapshot: everything compiled,
// every method tried until one finds something. Full means that none does, so that every node is simulated.
func BenchmarkDisruptRound(b *testing.B) {
	for _, c := range []struct {
		name string
		free int
	}{{"full", 20}, {"busy", 150}, {"loose", 500}} {
		b.Run(c.name, func(b *testing.B) {
			s := fleet(500, 20, c.free)
			b.ReportAllocs()
			for b.Loop() {
				r, err := Disrupt(s, Options{})
				if err != nil {
					b.Fatal(err)
				}
				if (len(r.Commands) == 0) != (c.name == "full") {
					b.Fatalf("%d commands", len(r.Commands))
				}
			}
			b.ReportMetric(float64(len(s.Nodes)*b.N)/b.Elapsed().Seconds(), "nodes/s")
		})
		b.Run(c.name+"/compiled", func(b *testing.B) {
			d, err := NewDisruptor(fleet(500, 20, c.free), Options{})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				d.Disrupt(nil)
			}
		})
	}
}
