package karpenter

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// rules gives the pods of a fleet what real ones have: 50 deployments, of which a fifth spread over zones, a tenth keep apart
// from their own on a node and a fifth have node affinity; a PodDisruptionBudget each.
func rules(s *Snapshot) *Snapshot {
	for n, node := range s.Nodes {
		node.Object.Labels[corev1.LabelTopologyZone] = string(rune('a' + n%2))
		for i, p := range node.Pods {
			d := (n*7 + i) % 50
			p.Labels = map[string]string{"app": fmt.Sprintf("d-%d", d)}
			same := &metav1.LabelSelector{MatchLabels: p.Labels}
			switch d % 10 {
			case 0, 1:
				p.Spec.TopologySpreadConstraints = []corev1.TopologySpreadConstraint{{
					MaxSkew: 5, TopologyKey: corev1.LabelTopologyZone, WhenUnsatisfiable: corev1.DoNotSchedule, LabelSelector: same,
				}}
			case 2:
				p.Spec.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{
					{TopologyKey: corev1.LabelHostname, LabelSelector: same},
				}}}
			case 3, 4:
				p.Spec.NodeSelector = map[string]string{LabelCapacityType: "on-demand"}
			}
		}
	}
	for d := range 50 {
		b := disruptionBudget(fmt.Sprintf("d-%d", d), 1)
		b.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"app": b.Name}}
		s.PDBs = append(s.PDBs, b)
	}
	s.DaemonSets = append(s.DaemonSets, daemonPod("agent", 20, 20), daemonPod("proxy", 20, 20))
	return s
}

// BenchmarkDisruptRound is one round of disruption over 500 nodes with 10,000 pods from a snapshot: everything compiled,
// every method tried until one finds something. Full means that none does, so that every node is simulated.
func BenchmarkDisruptRound(b *testing.B) {
	for _, c := range []struct {
		name string
		free int
	}{{"full", 20}, {"busy", 150}, {"loose", 500}, {"rules", 150}} {
		build := func() *Snapshot {
			s := fleet(500, 20, c.free)
			if c.name == "rules" {
				s = rules(s)
			}
			return s
		}
		b.Run(c.name, func(b *testing.B) {
			s := build()
			b.ReportAllocs()
			for b.Loop() {
				r, err := Disrupt(s, Options{})
				if err != nil {
					b.Fatal(err)
				}
				if c.name != "rules" && (len(r.Commands) == 0) != (c.name == "full") {
					b.Fatalf("%d commands", len(r.Commands))
				}
			}
			b.ReportMetric(float64(len(s.Nodes)*b.N)/b.Elapsed().Seconds(), "nodes/s")
		})
		b.Run(c.name+"/compiled", func(b *testing.B) {
			d, err := NewDisruptor(build(), Options{})
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

// BenchmarkThrift looks for several replacements as well: for each of 500 nodes, under each limit on the size of types.
func BenchmarkThrift(b *testing.B) {
	s := fleet(500, 20, 20)
	for b.Loop() {
		if _, err := Disrupt(s, Options{Thrift: Thrift{MostReplacements: 4}}); err != nil {
			b.Fatal(err)
		}
	}
}
