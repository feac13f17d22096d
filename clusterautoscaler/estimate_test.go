package clusterautoscaler_test

import (
	"errors"
	"fmt"
	"sort"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/binpack/kube"
	ca "github.com/scalemath/scalemath/clusterautoscaler"
)

// plain is the estimate as its rules read, pod by pod and with nothing but the predicate itself (R28 to R34).
type plain struct {
	old, fresh []*corev1.Node
	pods       map[string][]*corev1.Pod // by node
	cursor     int
	got        map[string]bool // nodes that got a pod
}

func (e *plain) nodes() []*corev1.Node { return append(append([]*corev1.Node{}, e.old...), e.fresh...) }

// fits asks the cluster as it stands for every pod anew.
func (e *plain) fits(p *corev1.Pod, node *corev1.Node) (bool, kube.Why) {
	s, err := kube.NewSnapshot(kube.Options{AllLabels: true})
	if err != nil {
		panic(err)
	}
	at := kube.NodeID(0)
	for _, n := range e.nodes() {
		id, err := s.AddNode(n)
		if err != nil {
			panic(err)
		}
		if n == node {
			at = id
		}
		for _, there := range e.pods[n.Name] {
			c, _ := s.Class(there)
			if err := s.Place(c, id); err != nil {
				panic(err)
			}
		}
	}
	c, _ := s.Class(p)
	return s.Fits(c, at), s.Why(c, at)
}

func (e *plain) try(p *corev1.Pod, node *corev1.Node) bool {
	ok, _ := e.fits(p, node)
	if ok {
		e.pods[node.Name] = append(e.pods[node.Name], p)
		e.got[node.Name] = true
	}
	return ok
}

// search walks around from behind the last match, over some nodes of the whole list.
func (e *plain) search(p *corev1.Pod, from, end int) bool {
	all := e.nodes()
	for k := range all {
		i := (e.cursor + 1 + k) % len(all)
		if i >= from && i < end && e.try(p, all[i]) {
			e.cursor = i
			return true
		}
	}
	return false
}

func (e *plain) run(groups []ca.PodGroup, template *corev1.Node, most int) (int, []int) {
	order, placed := make([]int, len(groups)), make([]int, len(groups))
	for i := range order {
		order[i] = i
	}
	score := func(g int) float64 {
		r, have := kube.Requests(groups[g].Pods[0]), template.Status.Allocatable
		return float64(r.Cpu().MilliValue())/float64(have.Cpu().MilliValue()) + float64(r.Memory().Value())/float64(have.Memory().Value())
	}
	sort.SliceStable(order, func(i, j int) bool { return score(order[i]) > score(order[j]) })
	granted, refused := 0, false
	for _, g := range order {
		pods := groups[g].Pods
		for len(pods) > 0 && e.search(pods[0], len(e.old), len(e.old)+len(e.fresh)) {
			pods, placed[g] = pods[1:], placed[g]+1
		}
		if refused { // R32: later groups have only what is there
			continue
		}
		for ; len(pods) > 0; pods, placed[g] = pods[1:], placed[g]+1 {
			var last *corev1.Node
			if len(e.fresh) > 0 {
				last = e.fresh[len(e.fresh)-1]
				if e.try(pods[0], last) {
					continue
				}
				_, why := e.fits(pods[0], last)
				if spreadsOverHosts(pods[0]) && (why[0].Rule == kube.TopologySkew || why[0].Rule == kube.TopologyLabel) && e.search(pods[0], 0, len(e.old)+len(e.fresh)-1) {
					continue
				}
				if !e.got[last.Name] {
					break
				}
			}
			if refused = granted == most; refused {
				break
			}
			granted++
			node := template.DeepCopy()
			node.Name = fmt.Sprintf("fresh-%d", granted)
			node.Labels[corev1.LabelHostname] = node.Name
			if e.fresh = append(e.fresh, node); !e.try(pods[0], node) {
				break
			}
		}
	}
	return len(e.got), placed
}

func spreadsOverHosts(p *corev1.Pod) bool {
	for _, c := range p.Spec.TopologySpreadConstraints {
		if c.TopologyKey == corev1.LabelHostname {
			return true
		}
	}
	return false
}

// drawnPod is a pod of a group, with rules about others or without.
func drawnPod(t *rapid.T, name string) *corev1.Pod {
	p := pod(name, "cpu", rapid.SampledFrom([]string{"0", "100m", "250m", "700m", "1", "3"}).Draw(t, "cpu"), "memory", rapid.SampledFrom([]string{"1Mi", "100Mi", "1500Mi"}).Draw(t, "memory"))
	p.Labels = map[string]string{"app": name}
	selector := &metav1.LabelSelector{MatchLabels: p.Labels}
	switch rapid.IntRange(0, 7).Draw(t, "rule") {
	case 0:
		p.Spec.Containers[0].Ports = []corev1.ContainerPort{{HostPort: 80, ContainerPort: 80, Protocol: corev1.ProtocolTCP}}
	case 1:
		p.Spec.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{{LabelSelector: selector, TopologyKey: corev1.LabelHostname}}}}
	case 2, 3:
		key := rapid.SampledFrom([]string{corev1.LabelHostname, corev1.LabelTopologyZone}).Draw(t, "key")
		p.Spec.TopologySpreadConstraints = []corev1.TopologySpreadConstraint{{
			MaxSkew: int32(rapid.IntRange(1, 3).Draw(t, "skew")), TopologyKey: key, WhenUnsatisfiable: corev1.DoNotSchedule, LabelSelector: selector,
		}}
	}
	return p
}

// The closed forms, classes and skipping of full nodes give what the plain loop gives.
func TestEstimateIsThePlainLoop(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var groups []ca.PodGroup
		for g := range rapid.IntRange(1, 4).Draw(t, "groups") {
			groups = append(groups, alike(drawnPod(t, fmt.Sprintf("p%d", g)), rapid.IntRange(1, 14).Draw(t, "count")))
		}
		template := readyNode("template", "cpu", "2", "memory", "4Gi", "pods", fmt.Sprint(rapid.IntRange(2, 12).Draw(t, "pods")))
		template.Labels[corev1.LabelTopologyZone] = "a"
		e := plain{pods: map[string][]*corev1.Pod{}, got: map[string]bool{}}
		s, err := kube.NewSnapshot(kube.Options{AllLabels: true})
		if err != nil {
			t.Fatal(err)
		}
		for i := range rapid.IntRange(0, 2).Draw(t, "old") {
			n := readyNode(fmt.Sprintf("old-%d", i), "cpu", "1", "memory", "2Gi", "pods", "5")
			n.Labels[corev1.LabelTopologyZone] = "b"
			e.old = append(e.old, n)
			if _, err := s.AddNode(n); err != nil {
				t.Fatal(err)
			}
		}
		most := rapid.IntRange(1, 9).Draw(t, "most")
		nodes, placed := e.run(groups, template, most)
		got, err := ca.Estimate(ca.EstimateInput{Snapshot: s, Template: &ca.Template{Node: template}, Groups: groups, Limits: ca.Limits{MaxNodesPerScaleUp: most, GroupRoom: -1}})
		if err != nil {
			t.Fatal(err)
		}
		if got.Nodes != nodes || fmt.Sprint(got.Placed) != fmt.Sprint(placed) {
			t.Fatalf("%d nodes, placed %v; the plain loop: %d, %v", got.Nodes, got.Placed, nodes, placed)
		}
		if s.Len() != len(e.old) {
			t.Fatalf("the snapshot has %d nodes left behind", s.Len()-len(e.old))
		}
	})
}

func TestEstimateAllocatesPerNode(t *testing.T) {
	allocations := func(pods int) float64 {
		s, err := kube.NewSnapshot(kube.Options{AllLabels: true})
		if err != nil {
			t.Fatal(err)
		}
		each := fmt.Sprintf("%dm", 100_000/pods)
		in := ca.EstimateInput{
			Snapshot: s, Template: &ca.Template{Node: readyNode("template", "cpu", "10", "memory", "1Gi", "pods", "10000")},
			Groups: []ca.PodGroup{alike(pod("p", "cpu", each), pods)}, Limits: ca.Limits{GroupRoom: -1},
		}
		return testing.AllocsPerRun(5, func() {
			if e, err := ca.Estimate(in); err != nil || e.Nodes != 10 || e.Pods() != pods {
				t.Fatal(e, err)
			}
		})
	}
	if few, many := allocations(100), allocations(10_000); many > few {
		t.Errorf("%v allocations for 10,000 pods on 10 nodes, %v for 100", many, few)
	}
}

func TestR33Limits(t *testing.T) {
	for name, c := range map[string]struct {
		limits ca.Limits
		nodes  int
		limit  ca.Limit
	}{
		"none":                      {ca.Limits{GroupRoom: -1}, 8, ca.NoLimit},
		"per scale-up":              {ca.Limits{GroupRoom: -1, MaxNodesPerScaleUp: 3}, 3, ca.PerScaleUp},
		"room of the group":         {ca.Limits{GroupRoom: 2, MaxNodesPerScaleUp: 3}, 2, ca.GroupCapacity},
		"no room at all":            {ca.Limits{GroupRoom: 0}, 0, ca.GroupCapacity},
		"cluster":                   {ca.Limits{GroupRoom: -1, MaxNodesTotal: 10, CurrentNodes: 9}, 1, ca.ClusterMaximum},
		"cluster is full":           {ca.Limits{GroupRoom: -1, MaxNodesTotal: 10, CurrentNodes: 10}, 0, ca.ClusterMaximum},
		"cluster is more than full": {ca.Limits{GroupRoom: -1, MaxNodesTotal: 10, CurrentNodes: 11}, 0, ca.ClusterMaximum},
		"exactly enough":            {ca.Limits{GroupRoom: 8}, 8, ca.NoLimit},
	} {
		s, err := kube.NewSnapshot(kube.Options{AllLabels: true})
		if err != nil {
			t.Fatal(err)
		}
		e, err := ca.Estimate(ca.EstimateInput{Snapshot: s, Template: &ca.Template{Node: readyNode("t")}, Groups: []ca.PodGroup{alike(pod("p", "cpu", "3"), 8)}, Limits: c.limits})
		if err != nil || e.Nodes != c.nodes || e.Limit != c.limit {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
}

// A pod with a spread over hosts that goes to a node that is there makes upstream ask for a node too many (R34).
func TestR34ExistingNodesCount(t *testing.T) {
	spread := pod("p", "cpu", "1")
	spread.Labels = map[string]string{"app": "p"}
	spread.Spec.TopologySpreadConstraints = []corev1.TopologySpreadConstraint{{
		MaxSkew: 1, TopologyKey: corev1.LabelHostname, WhenUnsatisfiable: corev1.DoNotSchedule, LabelSelector: &metav1.LabelSelector{MatchLabels: spread.Labels},
	}}
	for fixed, want := range map[bool]int{false: 2, true: 1} {
		s, err := kube.NewSnapshot(kube.Options{AllLabels: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.AddNode(readyNode("old", "cpu", "2", "memory", "1Gi", "pods", "9")); err != nil {
			t.Fatal(err)
		}
		e, err := ca.Estimate(ca.EstimateInput{
			Snapshot: s, Template: &ca.Template{Node: readyNode("t")}, Groups: []ca.PodGroup{alike(spread, 3)},
			Limits: ca.Limits{GroupRoom: -1}, Profile: ca.Profile{CountNewNodesOnly: fixed},
		})
		if err != nil || e.Nodes != want || e.Pods() != 3 || e.Existing != 1 {
			t.Errorf("fixed %v: %+v, %v", fixed, e, err)
		}
	}
}

func TestEstimateErrors(t *testing.T) {
	s, err := kube.NewSnapshot(kube.Options{AllLabels: true})
	if err != nil {
		t.Fatal(err)
	}
	good := ca.EstimateInput{Snapshot: s, Template: &ca.Template{Node: readyNode("t")}, Groups: []ca.PodGroup{alike(pod("p"), 1)}}
	for text, edit := range map[string]func(in *ca.EstimateInput){
		"invalid input: snapshot: is missing":               func(in *ca.EstimateInput) { in.Snapshot = nil },
		"invalid input: template: is missing":               func(in *ca.EstimateInput) { in.Template = &ca.Template{} },
		"invalid input: groups[0].pods: is empty":           func(in *ca.EstimateInput) { in.Groups = []ca.PodGroup{{}} },
		"invalid input: maxNodesPerScaleUp: -1 is negative": func(in *ca.EstimateInput) { in.Limits.MaxNodesPerScaleUp = -1 },
		"invalid input: maxNodesTotal: -2 is negative":      func(in *ca.EstimateInput) { in.Limits.MaxNodesTotal = -2 },
		"invalid input: currentNodes: -3 is negative":       func(in *ca.EstimateInput) { in.Limits.CurrentNodes = -3 },
	} {
		in := good
		edit(&in)
		if _, err := ca.Estimate(in); !errors.Is(err, ca.ErrInvalid) || err.Error() != text {
			t.Errorf("%v, want %s", err, text)
		}
	}
}
