package kube_test

import (
	"slices"
	"strconv"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/binpack/kube"
)

// naive is a second implementation of the rules, written for the eye: for every question it walks over all nodes and all
// pods, one rule after the other. The snapshot must agree with it after any series of changes.
type naive struct {
	nodes      []*naiveNode
	namespaces map[string]map[string]string
}

type naiveNode struct {
	node *corev1.Node
	pods []*corev1.Pod
	gone bool
}

func (v naive) clone() naive {
	out := naive{namespaces: v.namespaces}
	for _, n := range v.nodes {
		out.nodes = append(out.nodes, &naiveNode{n.node, slices.Clone(n.pods), n.gone})
	}
	return out
}

func (v naive) fits(pod *corev1.Pod, at *naiveNode) bool {
	return !at.gone && v.alone(pod, at.node) && ports(pod, at.pods) && resources(pod, at) && v.spreads(pod, at) && v.others(pod, at)
}

func (naive) alone(pod *corev1.Pod, node *corev1.Node) bool {
	taints := node.Spec.Taints
	if node.Spec.Unschedulable {
		taints = append(slices.Clone(taints), corev1.Taint{Key: "node.kubernetes.io/unschedulable", Effect: "NoSchedule"})
	}
	return tolerated(pod, taints) && selected(pod, node)
}

func tolerated(pod *corev1.Pod, taints []corev1.Taint) bool {
	for _, t := range taints {
		ok := t.Effect != "NoSchedule" && t.Effect != "NoExecute"
		for _, o := range pod.Spec.Tolerations {
			value := o.Operator == "Exists" || (o.Operator == "" || o.Operator == "Equal") && o.Value == t.Value
			ok = ok || (o.Effect == "" || o.Effect == t.Effect) && (o.Key == "" || o.Key == t.Key) && value
		}
		if !ok {
			return false
		}
	}
	return true
}

func selected(pod *corev1.Pod, node *corev1.Node) bool {
	for k, want := range pod.Spec.NodeSelector {
		if have, ok := node.Labels[k]; !ok || have != want {
			return false
		}
	}
	if pod.Spec.Affinity == nil || pod.Spec.Affinity.NodeAffinity == nil || pod.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution == nil {
		return true
	}
	for _, t := range pod.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms {
		all := len(t.MatchExpressions)+len(t.MatchFields) > 0
		for _, f := range t.MatchFields {
			all = all && (f.Key == "metadata.name" && node.Name == f.Values[0]) == (f.Operator == "In")
		}
		for _, e := range t.MatchExpressions {
			have, ok := node.Labels[e.Key]
			switch in := ok && slices.Contains(e.Values, have); e.Operator {
			case "In":
				all = all && in
			case "NotIn":
				all = all && !in
			case "Exists":
				all = all && ok
			case "DoesNotExist":
				all = all && !ok
			case "Gt", "Lt":
				x, err := strconv.ParseInt(have, 10, 64)
				y, _ := strconv.ParseInt(e.Values[0], 10, 64)
				all = all && ok && err == nil && (e.Operator == "Gt" && x > y || e.Operator == "Lt" && x < y)
			}
		}
		if all {
			return true
		}
	}
	return false
}

func ports(pod *corev1.Pod, on []*corev1.Pod) bool {
	for _, p := range taken(pod) {
		for _, o := range on {
			for _, q := range taken(o) {
				every := p.HostIP == "0.0.0.0" || q.HostIP == "0.0.0.0"
				if p.HostPort == q.HostPort && p.Protocol == q.Protocol && (p.HostIP == q.HostIP || every) {
					return false
				}
			}
		}
	}
	return true
}

// taken lists the host ports of containers and sidecars, with the defaults written out.
func taken(pod *corev1.Pod) []corev1.ContainerPort {
	var out []corev1.ContainerPort
	for _, c := range append(slices.Clone(pod.Spec.Containers), pod.Spec.InitContainers...) {
		init := slices.ContainsFunc(pod.Spec.InitContainers, func(i corev1.Container) bool { return i.Name == c.Name })
		if init && (c.RestartPolicy == nil || *c.RestartPolicy != "Always") {
			continue
		}
		for _, p := range c.Ports {
			if p.HostIP == "" {
				p.HostIP = "0.0.0.0"
			}
			if p.Protocol == "" {
				p.Protocol = "TCP"
			}
			if p.HostPort > 0 {
				out = append(out, p)
			}
		}
	}
	return out
}

func resources(pod *corev1.Pod, at *naiveNode) bool {
	room := at.node.Status.Allocatable.Pods().Value()
	if int64(len(at.pods)+1) > room {
		return false
	}
	for name, want := range kube.Requests(pod) {
		free := at.node.Status.Allocatable[name].DeepCopy()
		for _, o := range at.pods {
			free.Sub(kube.Requests(o)[name])
		}
		if want.Sign() > 0 && want.Cmp(free) > 0 {
			return false
		}
	}
	return true
}

func (v naive) spreads(pod *corev1.Pod, at *naiveNode) bool {
	var hard []corev1.TopologySpreadConstraint
	for _, c := range pod.Spec.TopologySpreadConstraints {
		if c.WhenUnsatisfiable == corev1.DoNotSchedule {
			hard = append(hard, c)
		}
	}
	for _, c := range hard {
		domain, ok := at.node.Labels[c.TopologyKey]
		if !ok {
			return false
		}
		selector := selectorOf(pod, c.LabelSelector, c.MatchLabelKeys)
		counts := map[string]int{}
		for _, n := range v.nodes {
			counts = v.count(counts, n, pod, c, hard, selector)
		}
		least := 0
		if c.MinDomains == nil || len(counts) >= int(*c.MinDomains) {
			for _, n := range counts {
				least = n
			}
			for _, n := range counts {
				least = min(least, n)
			}
		}
		self := 0
		if selector.Matches(labels.Set(pod.Labels)) {
			self = 1
		}
		if counts[domain]+self-least > int(c.MaxSkew) {
			return false
		}
	}
	return true
}

func (naive) count(counts map[string]int, n *naiveNode, pod *corev1.Pod, c corev1.TopologySpreadConstraint, hard []corev1.TopologySpreadConstraint, selector labels.Selector) map[string]int {
	if n.gone || c.NodeAffinityPolicy == nil && !selected(pod, n.node) || c.NodeTaintsPolicy != nil && !tolerated(pod, n.node.Spec.Taints) {
		return counts
	}
	for _, h := range hard {
		if _, ok := n.node.Labels[h.TopologyKey]; !ok {
			return counts
		}
	}
	d := n.node.Labels[c.TopologyKey]
	counts[d] += 0
	for _, o := range n.pods {
		if !selector.Empty() && o.Namespace == pod.Namespace && o.DeletionTimestamp == nil && selector.Matches(labels.Set(o.Labels)) {
			counts[d]++
		}
	}
	return counts
}

func selectorOf(pod *corev1.Pod, s *metav1.LabelSelector, keys []string) labels.Selector {
	out, err := metav1.LabelSelectorAsSelector(s)
	if err != nil {
		panic(err)
	}
	if s == nil {
		return out
	}
	for _, k := range keys {
		if value, ok := pod.Labels[k]; ok {
			r, _ := labels.SelectorFromSet(labels.Set{k: value}).Requirements()
			out = out.Add(r...)
		}
	}
	return out
}

// matches tells whether a term of one pod selects another.
func (v naive) matches(owner *corev1.Pod, t corev1.PodAffinityTerm, other *corev1.Pod) bool {
	in := slices.Contains(t.Namespaces, other.Namespace)
	if len(t.Namespaces) == 0 && t.NamespaceSelector == nil {
		in = owner.Namespace == other.Namespace
	}
	if t.NamespaceSelector != nil {
		s, _ := metav1.LabelSelectorAsSelector(t.NamespaceSelector)
		in = in || s.Matches(labels.Set(v.namespaces[other.Namespace]))
	}
	return in && selectorOf(owner, t.LabelSelector, t.MatchLabelKeys).Matches(labels.Set(other.Labels))
}

func terms(pod *corev1.Pod) (affinity, anti []corev1.PodAffinityTerm) {
	if a := pod.Spec.Affinity; a != nil {
		if a.PodAffinity != nil {
			affinity = a.PodAffinity.RequiredDuringSchedulingIgnoredDuringExecution
		}
		if a.PodAntiAffinity != nil {
			anti = a.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution
		}
	}
	return affinity, anti
}

func (v naive) others(pod *corev1.Pod, at *naiveNode) bool {
	affinity, anti := terms(pod)
	// together tells whether two nodes share a domain.
	together := func(a, b *corev1.Node, key string) bool {
		x, ok := a.Labels[key]
		y, also := b.Labels[key]
		return ok && also && x == y
	}
	all := func(o *corev1.Pod) bool {
		for _, t := range affinity {
			if !v.matches(pod, t, o) {
				return false
			}
		}
		return true
	}
	anywhere, here := false, true
	for _, t := range affinity {
		if _, ok := at.node.Labels[t.TopologyKey]; !ok {
			return false
		}
		found := false
		for _, n := range v.nodes {
			for _, o := range n.pods {
				if n.gone || !all(o) {
					continue
				}
				if _, ok := n.node.Labels[t.TopologyKey]; ok {
					anywhere = true
				}
				found = found || together(n.node, at.node, t.TopologyKey)
			}
		}
		here = here && found
	}
	if !here && (anywhere || !all(pod)) {
		return false
	}
	for _, n := range v.nodes {
		for _, o := range n.pods {
			if n.gone {
				continue
			}
			for _, t := range anti {
				if v.matches(pod, t, o) && together(n.node, at.node, t.TopologyKey) {
					return false
				}
			}
			_, theirs := terms(o)
			for _, t := range theirs {
				if v.matches(o, t, pod) && together(n.node, at.node, t.TopologyKey) {
					return false
				}
			}
		}
	}
	return true
}

func TestClassIsThatOfTheCanonicalForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var short, long kube.Classifier
		short.AllLabels = rapid.Bool().Draw(t, "all labels")
		long.AllLabels = short.AllLabels
		for i := range rapid.IntRange(1, 12).Draw(t, "pods") {
			p := drawPod(t, i)
			p.Spec.Volumes = drawVolumes(t)
			for range rapid.IntRange(1, 2).Draw(t, "times") {
				want, err := long.WrittenOut(p)
				got, also := short.Class(p)
				if got != want || (err == nil) != (also == nil) {
					t.Fatalf("class %d (%v), not %d (%v)", got, also, want, err)
				}
				p = p.DeepCopy()
			}
		}
	})
}

func TestSnapshotAgreesWithTheNaiveRules(t *testing.T) { rapid.Check(t, snapshotAgrees) }

func FuzzSnapshot(f *testing.F) { f.Fuzz(rapid.MakeFuzz(snapshotAgrees)) }

func snapshotAgrees(t *rapid.T) {
	var pods []*corev1.Pod
	for i := range rapid.IntRange(1, 8).Draw(t, "pods") {
		pods = append(pods, drawPod(t, i))
	}
	spaces := []*corev1.Namespace{{ObjectMeta: metav1.ObjectMeta{Name: "other", Labels: map[string]string{"team": "a"}}}}
	second := naive{namespaces: map[string]map[string]string{"other": {"team": "a"}}}
	s, err := kube.NewSnapshot(kube.Options{Namespaces: spaces}, pods...)
	if err != nil {
		t.Fatal(err)
	}
	var saved []naive
	var marks []kube.Mark
	for range rapid.IntRange(1, 25).Draw(t, "steps") {
		pod := rapid.SampledFrom(pods).Draw(t, "pod")
		class, err := s.Class(pod)
		if err != nil {
			t.Fatal(err)
		}
		at := 0
		if len(second.nodes) > 0 {
			at = rapid.IntRange(0, len(second.nodes)-1).Draw(t, "at")
		}
		switch op := rapid.IntRange(0, 9).Draw(t, "step"); {
		case op <= 1 || len(second.nodes) == 0:
			n := drawNode(t, len(second.nodes))
			second.nodes = append(second.nodes, &naiveNode{node: n})
			if _, err := s.AddNode(n); err != nil {
				t.Fatal(err)
			}
		case op == 2 && !second.nodes[at].gone:
			second.nodes[at].gone = true
			if err := s.RemoveNode(kube.NodeID(at)); err != nil {
				t.Fatal(err)
			}
		case op == 3:
			saved, marks = append(saved, second.clone()), append(marks, s.Mark())
		case op == 4 && len(marks) > 0:
			last := len(marks) - 1
			s.Undo(marks[last])
			second, saved, marks = saved[last], saved[:last], marks[:last]
		case op == 5 && len(second.nodes[at].pods) > 0 && !second.nodes[at].gone:
			x := second.nodes[at]
			gone := x.pods[0]
			x.pods = x.pods[1:]
			class, _ := s.Class(gone)
			if err := s.Remove(class, kube.NodeID(at)); err != nil {
				t.Fatal(err)
			}
		case !second.nodes[at].gone && (op == 6 || second.fits(pod, second.nodes[at])):
			second.nodes[at].pods = append(second.nodes[at].pods, pod)
			if err := s.Place(class, kube.NodeID(at)); err != nil {
				t.Fatal(err)
			}
		}
		for _, p := range pods {
			class, _ := s.Class(p)
			for i, n := range second.nodes {
				want, got, why := second.fits(p, n), s.Fits(class, kube.NodeID(i)), s.Why(class, kube.NodeID(i))
				if want != got || got != (len(why) == 0) {
					t.Fatalf("%s on %s: naive %v, snapshot %v, why: %s", p.Name, n.node.Name, want, got, why)
				}
			}
		}
	}
}
