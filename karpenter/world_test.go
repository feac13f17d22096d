package karpenter

import (
	"fmt"
	"math/rand"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"

	policyv1 "k8s.io/api/policy/v1"

	"github.com/scalemath/scalemath/cloudprovider"
)

// world makes random clusters in which every rule comes up.
type world struct{ *rand.Rand }

func (w world) one(list ...string) string { return list[w.Intn(len(list))] }

func (w world) chance(percent int) bool { return w.Intn(100) < percent }

func (w world) snapshot(pods, nodes int) *Snapshot {
	s := &Snapshot{InstanceTypes: map[string][]*cloudprovider.InstanceType{"": w.types(2 + w.Intn(20))}}
	s.Now = metav1.Now().Time
	for i := range 1 + w.Intn(3) {
		s.NodePools = append(s.NodePools, w.pool(fmt.Sprintf("pool-%d", i)))
	}
	for i := range w.Intn(3) {
		d := w.pod(fmt.Sprintf("daemon-%d", i))
		d.Spec.Affinity, d.Spec.TopologySpreadConstraints = nil, nil
		if w.chance(40) {
			d.Spec.NodeSelector = map[string]string{"karpenter.k8s.aws/instance-category": w.one("c", "m", "r")}
		}
		if w.chance(30) {
			terms := []corev1.NodeSelectorTerm{w.term(), w.term()}
			d.Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{NodeSelectorTerms: terms}}}
		}
		d.OwnerReferences = []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "DaemonSet", Name: d.Name}}
		s.DaemonSets = append(s.DaemonSets, d)
	}
	s.Namespaces = []*corev1.Namespace{
		{ObjectMeta: metav1.ObjectMeta{Name: "default", Labels: map[string]string{"kind": "main"}}}, {ObjectMeta: metav1.ObjectMeta{Name: "other"}},
	}
	for i := range nodes {
		s.Nodes = append(s.Nodes, w.node(s, i))
	}
	for i := range pods {
		s.Pending = append(s.Pending, w.pod(fmt.Sprintf("p%03d", i)))
	}
	if w.chance(30) {
		zero := intstr.FromInt32(0)
		s.PDBs = append(s.PDBs, &policyv1.PodDisruptionBudget{
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "none"},
			Spec:       policyv1.PodDisruptionBudgetSpec{Selector: selecting(map[string]string{"app": "a"}), MaxUnavailable: &zero},
		})
	}
	return s
}

func (w world) types(n int) []*cloudprovider.InstanceType {
	var out []*cloudprovider.InstanceType
	for i := range n {
		cpu := 1 << w.Intn(6)
		t := &cloudprovider.InstanceType{
			Name: fmt.Sprintf("t%d", i),
			Labels: map[string][]string{
				corev1.LabelArchStable:                  {w.one("amd64", "amd64", "arm64")},
				"karpenter.k8s.aws/instance-cpu":        {fmt.Sprint(cpu)},
				"karpenter.k8s.aws/instance-category":   {w.one("c", "m", "r")},
				"karpenter.k8s.aws/instance-generation": {fmt.Sprint(3 + w.Intn(5))},
			},
			Capacity: corev1.ResourceList{
				"cpu": resource.MustParse(fmt.Sprint(cpu)), "memory": resource.MustParse(fmt.Sprintf("%dGi", cpu*(2<<w.Intn(3)))),
				"pods": resource.MustParse(fmt.Sprint(5 + 10*cpu)),
			},
			Overhead: corev1.ResourceList{"cpu": resource.MustParse("80m"), "memory": resource.MustParse("300Mi")},
		}
		for _, zone := range []string{"a", "b", "c"} {
			for _, capacity := range []string{"spot", "on-demand"} {
				if w.chance(80) {
					t.Offerings = append(t.Offerings, cloudprovider.Offering{
						Zone: zone, CapacityType: capacity, Price: float64(cpu) * (0.01 + w.Float64()/20), Unavailable: w.chance(10),
					})
				}
			}
		}
		if w.chance(15) {
			t.Offerings = append(t.Offerings, cloudprovider.Offering{
				Zone: w.one("a", "b"), CapacityType: "reserved", ReservationID: w.one("r1", "r2"), ReservationCapacity: w.Intn(3), Price: 0.001,
			})
		}
		if w.chance(10) && len(t.Offerings) > 0 {
			t.Offerings[0].Capacity = corev1.ResourceList{"memory": resource.MustParse("1Gi")}
		}
		out = append(out, t)
	}
	return out
}

func (w world) pool(name string) *NodePool {
	p := &NodePool{ObjectMeta: metav1.ObjectMeta{Name: name}}
	weight := int32(w.Intn(3))
	p.Spec.Weight = &weight
	t := &p.Spec.Template
	if w.chance(50) {
		t.Spec.Requirements = append(t.Spec.Requirements, RequirementSpec{Key: LabelCapacityType, Operator: "In", Values: []string{"spot", "on-demand"}})
	}
	if w.chance(30) {
		t.Spec.Requirements = append(t.Spec.Requirements, RequirementSpec{Key: "karpenter.k8s.aws/instance-cpu", Operator: "Lt", Values: []string{"20"}})
	}
	if w.chance(20) {
		two := 2
		t.Spec.Requirements = append(t.Spec.Requirements, RequirementSpec{Key: "karpenter.k8s.aws/instance-category", Operator: "Exists", MinValues: &two})
	}
	if w.chance(30) {
		t.Spec.Requirements = append(t.Spec.Requirements, RequirementSpec{Key: corev1.LabelTopologyZone, Operator: "NotIn", Values: []string{w.one("a", "b", "c")}})
	}
	if w.chance(50) {
		t.Metadata.Labels = map[string]string{"team": w.one("x", "y")}
	}
	if w.chance(20) {
		t.Spec.Taints = []corev1.Taint{{Key: "dedicated", Value: "x", Effect: corev1.TaintEffect(w.one("NoSchedule", "PreferNoSchedule"))}}
	}
	if w.chance(30) {
		p.Spec.Limits = corev1.ResourceList{"cpu": resource.MustParse(fmt.Sprint(10 + w.Intn(200)))}
	}
	if w.chance(10) {
		p.Spec.Limits = corev1.ResourceList{"nodes": resource.MustParse(fmt.Sprint(w.Intn(8)))}
	}
	p.Spec.Disruption.ConsolidateAfter = After(0)
	return p
}

func (w world) node(s *Snapshot, i int) *Node {
	name := fmt.Sprintf("n%02d", i)
	t := s.InstanceTypes[""][w.Intn(len(s.InstanceTypes[""]))]
	labels := map[string]string{
		corev1.LabelHostname: name, corev1.LabelOSStable: "linux", corev1.LabelInstanceTypeStable: t.Name,
		corev1.LabelTopologyZone: w.one("a", "b", "c", "z"), LabelCapacityType: w.one("spot", "on-demand"),
	}
	for k, v := range t.Labels {
		labels[k] = v[0]
	}
	n := &Node{Object: &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}}
	n.Object.Status.Capacity, n.Object.Status.Allocatable = t.Capacity, t.Allocatable()
	if w.chance(85) {
		n.NodePool = s.NodePools[w.Intn(len(s.NodePools))].Name
		labels[LabelNodePool] = n.NodePool
		n.Uninitialized = w.chance(10)
	}
	n.Deleting = w.chance(8)
	if w.chance(10) {
		n.Object.Spec.Taints = []corev1.Taint{{Key: w.one("dedicated", corev1.TaintNodeNotReady, "cilium"), Value: w.one("", "x"), Effect: corev1.TaintEffect(w.one("NoSchedule", "NoExecute", "PreferNoSchedule"))}}
	}
	if w.chance(30) {
		labels["rack"] = w.one("1", "2")
	}
	for j := range w.Intn(6) {
		p := w.pod(fmt.Sprintf("%s-%d", name, j))
		p.Spec.NodeName = name
		p.Status.Phase = corev1.PodRunning
		if w.chance(10) {
			p.OwnerReferences = []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "DaemonSet", Name: "d"}}
		}
		n.Pods = append(n.Pods, p)
	}
	return n
}

func (w world) pod(name string) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		Name: name, Namespace: w.one("default", "default", "other"), UID: types.UID(name),
		Labels: map[string]string{"app": w.one("a", "b", "c", "d")},
	}}
	p.Spec.Containers = []corev1.Container{{Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{
		"cpu": resource.MustParse(w.one("100m", "250m", "1", "1", "3")), "memory": resource.MustParse(w.one("64Mi", "1Gi", "3Gi", "7Gi")),
	}}}}
	if w.chance(30) {
		p.Labels["version"] = w.one("1", "2")
	}
	if w.chance(10) {
		always := corev1.ContainerRestartPolicyAlways
		p.Spec.InitContainers = []corev1.Container{{Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{"cpu": resource.MustParse(w.one("2", "50m"))}}}}
		if w.chance(50) {
			p.Spec.InitContainers[0].RestartPolicy = &always
		}
	}
	if w.chance(8) {
		p.Spec.Containers[0].Ports = []corev1.ContainerPort{{HostPort: int32(8000 + w.Intn(2))}}
	}
	if w.chance(15) {
		p.Spec.NodeSelector = map[string]string{w.one(corev1.LabelTopologyZone, "team", corev1.LabelArchStable): w.one("a", "b", "x", "amd64")}
	}
	if w.chance(15) {
		p.Spec.Tolerations = []corev1.Toleration{{Operator: corev1.TolerationOpExists, Key: w.one("", "dedicated")}}
	}
	p.Spec.TopologySpreadConstraints = w.constraints(p)
	p.Spec.Affinity = w.affinity(p)
	return p
}

// term is a term of node affinity.
func (w world) term() corev1.NodeSelectorTerm {
	e := corev1.NodeSelectorRequirement{
		Key: w.one(corev1.LabelTopologyZone, "team", LabelCapacityType, "karpenter.k8s.aws/instance-generation"), Operator: corev1.NodeSelectorOperator(w.one("In", "NotIn", "In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")),
	}
	switch e.Operator {
	case "In", "NotIn":
		e.Values = []string{w.one("a", "b", "x", "spot", "4", "5")}
	case "Gt", "Lt":
		e.Values = []string{w.one("3", "5")}
	}
	return corev1.NodeSelectorTerm{MatchExpressions: []corev1.NodeSelectorRequirement{e}}
}

func (w world) constraints(p *corev1.Pod) (out []corev1.TopologySpreadConstraint) {
	for w.chance(20) {
		t := corev1.TopologySpreadConstraint{
			MaxSkew: int32(1 + w.Intn(2)), TopologyKey: w.one(corev1.LabelTopologyZone, corev1.LabelHostname, LabelCapacityType),
			WhenUnsatisfiable: corev1.UnsatisfiableConstraintAction(w.one("DoNotSchedule", "ScheduleAnyway")),
			LabelSelector:     selecting(map[string]string{"app": w.one(p.Labels["app"], "a")}),
		}
		if w.chance(15) {
			n := int32(1 + w.Intn(4))
			t.MinDomains = &n
		}
		if w.chance(15) {
			t.TopologyKey = w.one("team", "rack", corev1.LabelInstanceTypeStable)
		}
		if w.chance(15) {
			policy := corev1.NodeInclusionPolicy(w.one("Honor", "Ignore"))
			t.NodeTaintsPolicy = &policy
		}
		if w.chance(15) {
			policy := corev1.NodeInclusionPolicy(w.one("Honor", "Ignore"))
			t.NodeAffinityPolicy = &policy
		}
		if w.chance(15) {
			t.MatchLabelKeys = []string{"version", "app"}[:1+w.Intn(2)]
		}
		out = append(out, t)
	}
	return out
}

func (w world) affinity(p *corev1.Pod) *corev1.Affinity {
	if w.chance(60) {
		return nil
	}
	a := &corev1.Affinity{}
	expression := w.term
	if w.chance(40) {
		a.NodeAffinity = &corev1.NodeAffinity{}
		if w.chance(50) {
			a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution = &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{expression(), expression()}}
		}
		if w.chance(60) {
			a.NodeAffinity.PreferredDuringSchedulingIgnoredDuringExecution = []corev1.PreferredSchedulingTerm{
				{Weight: int32(w.Intn(3)), Preference: expression()}, {Weight: int32(w.Intn(3)), Preference: expression()},
			}
		}
	}
	term := func() corev1.PodAffinityTerm {
		t := corev1.PodAffinityTerm{
			TopologyKey: w.one(corev1.LabelTopologyZone, corev1.LabelHostname), LabelSelector: selecting(map[string]string{"app": w.one(p.Labels["app"], "a")}),
		}
		if w.chance(10) {
			t.TopologyKey = w.one("team", "rack", LabelCapacityType)
		}
		if w.chance(10) {
			t.Namespaces = []string{w.one("default", "other")}
		}
		if w.chance(10) {
			t.NamespaceSelector = selecting(map[string]string{"kind": "main"})
		}
		if w.chance(10) {
			t.LabelSelector = &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: w.one("app", "version"), Operator: metav1.LabelSelectorOperator(w.one("Exists", "DoesNotExist"))}}}
		}
		return t
	}
	if w.chance(35) {
		a.PodAffinity = &corev1.PodAffinity{}
		if w.chance(50) {
			a.PodAffinity.RequiredDuringSchedulingIgnoredDuringExecution = []corev1.PodAffinityTerm{term()}
		} else {
			a.PodAffinity.PreferredDuringSchedulingIgnoredDuringExecution = []corev1.WeightedPodAffinityTerm{{Weight: 5, PodAffinityTerm: term()}}
		}
	}
	if w.chance(40) {
		a.PodAntiAffinity = &corev1.PodAntiAffinity{}
		if w.chance(60) {
			a.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution = []corev1.PodAffinityTerm{term()}
		} else {
			a.PodAntiAffinity.PreferredDuringSchedulingIgnoredDuringExecution = []corev1.WeightedPodAffinityTerm{{Weight: 5, PodAffinityTerm: term()}, {Weight: 9, PodAffinityTerm: term()}}
		}
	}
	return a
}
