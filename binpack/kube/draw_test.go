package kube_test

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/binpack/kube"
)

var (
	someKeys = []string{"zone", "rack", corev1.LabelHostname}
	someApps = []string{"web", "db", "job"}
)

func drawSelector(t *rapid.T) *metav1.LabelSelector {
	switch rapid.IntRange(0, 6).Draw(t, "selector") {
	case 0:
		return nil
	case 1:
		return &metav1.LabelSelector{}
	case 2:
		return &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "app", Operator: "NotIn", Values: []string{rapid.SampledFrom(someApps).Draw(t, "not")}}}}
	case 3:
		return &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "tier", Operator: "Exists"}}}
	}
	return app(rapid.SampledFrom(someApps).Draw(t, "app"))
}

func drawTerm(t *rapid.T) corev1.PodAffinityTerm {
	term := corev1.PodAffinityTerm{TopologyKey: rapid.SampledFrom(someKeys).Draw(t, "key"), LabelSelector: drawSelector(t)}
	switch rapid.IntRange(0, 4).Draw(t, "namespaces") {
	case 0:
		term.Namespaces = []string{"other"}
	case 1:
		term.NamespaceSelector = &metav1.LabelSelector{}
	case 2:
		term.NamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"team": "a"}}
	}
	if rapid.IntRange(0, 4).Draw(t, "matchLabelKeys") == 0 {
		term.MatchLabelKeys = []string{"tier"}
	}
	return term
}

func drawPod(t *rapid.T, i int) *corev1.Pod {
	p := newPod(fmt.Sprint("p", i), "cpu", fmt.Sprint(rapid.IntRange(0, 30).Draw(t, "cpu")*100, "m"))
	p.Namespace = rapid.SampledFrom([]string{"default", "default", "other"}).Draw(t, "namespace")
	p.Labels["app"] = rapid.SampledFrom(someApps).Draw(t, "app")
	p.Labels["name"] = p.Name
	chance := func(name string, oneIn int) bool { return rapid.IntRange(1, oneIn).Draw(t, name) == 1 }
	if chance("tier", 2) {
		p.Labels["tier"] = rapid.SampledFrom([]string{"x", "y"}).Draw(t, "tier value")
	}
	if chance("terminating", 8) {
		p.DeletionTimestamp = &metav1.Time{}
	}
	if chance("extended", 6) {
		p.Spec.Containers[0].Resources.Requests["example.com/gpu"] = list("q", "1")["q"]
	}
	if chance("port", 6) {
		p.Spec.Containers[0].Ports = []corev1.ContainerPort{{HostPort: int32(rapid.IntRange(80, 81).Draw(t, "port number")), HostIP: rapid.SampledFrom([]string{"", "10.0.0.1"}).Draw(t, "ip")}}
	}
	if chance("toleration", 2) {
		p.Spec.Tolerations = []corev1.Toleration{{Key: "dedicated", Operator: "Exists"}}
	}
	if chance("cordon", 6) {
		p.Spec.Tolerations = append(p.Spec.Tolerations, corev1.Toleration{Key: "node.kubernetes.io/unschedulable", Operator: "Exists", Effect: "NoSchedule"})
	}
	if chance("node selector", 5) {
		p.Spec.NodeSelector = map[string]string{"zone": rapid.SampledFrom([]string{"a", "b"}).Draw(t, "zone wanted")}
	}
	p.Spec.Affinity = &corev1.Affinity{}
	if chance("node affinity", 4) {
		required := &corev1.NodeSelector{}
		for range rapid.IntRange(0, 2).Draw(t, "terms") {
			required.NodeSelectorTerms = append(required.NodeSelectorTerms, corev1.NodeSelectorTerm{MatchExpressions: []corev1.NodeSelectorRequirement{
				{Key: "zone", Operator: rapid.SampledFrom([]kube.Operator{"In", "NotIn"}).Draw(t, "op"), Values: []string{"a", "c"}},
				{Key: "rack", Operator: rapid.SampledFrom([]kube.Operator{"Exists", "DoesNotExist"}).Draw(t, "rack op")},
			}})
		}
		p.Spec.Affinity.NodeAffinity = &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: required}
	}
	if chance("affinity", 3) {
		a := &corev1.PodAffinity{}
		for range rapid.IntRange(1, 2).Draw(t, "affinity terms") {
			a.RequiredDuringSchedulingIgnoredDuringExecution = append(a.RequiredDuringSchedulingIgnoredDuringExecution, drawTerm(t))
		}
		p.Spec.Affinity.PodAffinity = a
	}
	if chance("anti", 3) {
		p.Spec.Affinity.PodAntiAffinity = &corev1.PodAntiAffinity{RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{drawTerm(t)}}
	}
	if chance("spread", 3) {
		for range rapid.IntRange(1, 2).Draw(t, "constraints") {
			c := corev1.TopologySpreadConstraint{
				MaxSkew: int32(rapid.IntRange(1, 2).Draw(t, "skew")), TopologyKey: rapid.SampledFrom(someKeys).Draw(t, "key"),
				WhenUnsatisfiable: rapid.SampledFrom([]corev1.UnsatisfiableConstraintAction{corev1.DoNotSchedule, corev1.DoNotSchedule, corev1.ScheduleAnyway}).Draw(t, "when"),
				LabelSelector:     drawSelector(t),
			}
			if chance("minDomains", 3) {
				n := int32(rapid.IntRange(1, 3).Draw(t, "minDomains value"))
				c.MinDomains = &n
			}
			if chance("ignore affinity", 3) {
				policy := corev1.NodeInclusionPolicyIgnore
				c.NodeAffinityPolicy = &policy
			}
			if chance("honor taints", 3) {
				policy := corev1.NodeInclusionPolicyHonor
				c.NodeTaintsPolicy = &policy
			}
			if chance("matchLabelKeys", 3) {
				c.MatchLabelKeys = []string{"tier", "absent"}
			}
			p.Spec.TopologySpreadConstraints = append(p.Spec.TopologySpreadConstraints, c)
		}
	}
	return p
}

func drawNode(t *rapid.T, i int) *corev1.Node {
	n := newNode(fmt.Sprint("n", i))
	if z := rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(t, "zone"); z != "" {
		n.Labels["zone"] = z
	}
	if r := rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "rack"); r != "" {
		n.Labels["rack"] = r
	}
	if rapid.IntRange(1, 5).Draw(t, "taint") == 1 {
		n.Spec.Taints = []corev1.Taint{{Key: "dedicated", Value: "x", Effect: rapid.SampledFrom([]corev1.TaintEffect{"NoSchedule", "NoExecute", "PreferNoSchedule"}).Draw(t, "effect")}}
	}
	n.Spec.Unschedulable = rapid.IntRange(1, 8).Draw(t, "cordon") == 1
	n.Status.Allocatable["pods"] = list("q", fmt.Sprint(rapid.IntRange(1, 6).Draw(t, "pods")))["q"]
	n.Status.Allocatable["example.com/gpu"] = list("q", fmt.Sprint(rapid.IntRange(0, 2).Draw(t, "gpus")))["q"]
	return n
}
