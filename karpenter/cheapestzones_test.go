package karpenter

import (
	"fmt"
	"maps"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// zonesOf are the zones of new nodes that a plan has decided upon, by pod; pods elsewhere are absent.
func zonesOf(plan *Plan) map[*corev1.Pod]string {
	out := map[*corev1.Pod]string{}
	for i := range plan.Claims {
		r, ok := plan.Claims[i].Requirements.Get(corev1.LabelTopologyZone)
		if values := r.Values(); ok && !r.Complement() && len(values) == 1 {
			for _, p := range plan.Claims[i].Pods {
				out[p] = values[0]
			}
		}
	}
	return out
}

// checkZones counts for each hard rule about zones of a pod that is placed how many pods it selects in each zone, and
// compares that with upstream's plan.
func checkZones(t testing.TB, upstream, cheapest *Plan) {
	t.Helper()
	before, after := zonesOf(upstream), zonesOf(cheapest)
	count := func(zones map[*corev1.Pod]string, s *kube.PodSelector) map[string]int {
		out := map[string]int{}
		for p, zone := range zones {
			if s.Namespace(p.Namespace, nil) && s.Labels(p.Labels) {
				out[zone]++
			}
		}
		return out
	}
	seen := map[string]bool{}
	compare := func(p *corev1.Pod, s *kube.PodSelector) {
		key := fmt.Sprint(p.Namespace, s.String())
		if seen[key] {
			return
		}
		seen[key] = true
		if b, a := count(before, s), count(after, s); !maps.Equal(b, a) {
			t.Fatalf("rule of pod %s: upstream counts %v, here %v", p.Name, b, a)
		}
	}
	for i := range cheapest.Placements {
		q := &cheapest.Placements[i]
		if q.Failure != nil {
			continue
		}
		affinity, err := kube.NewPodAffinity(q.Pod)
		if err != nil {
			t.Fatal(err)
		}
		spread, err := kube.SpreadConstraints(q.Pod)
		if err != nil {
			t.Fatal(err)
		}
		for j := range spread {
			if spread[j].Hard && spread[j].TopologyKey == corev1.LabelTopologyZone {
				compare(q.Pod, &spread[j].Selector)
			}
		}
		for _, list := range [][]kube.AffinityTerm{affinity.Affinity, affinity.AntiAffinity} {
			for j := range list {
				if list[j].TopologyKey == corev1.LabelTopologyZone {
					compare(q.Pod, &list[j].Selector)
				}
			}
		}
	}
}
