package clusterautoscaler_test

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ca "github.com/scalemath/scalemath/clusterautoscaler"
)

// grownNode is the template of the option that a loop took for a pod that fits nowhere yet.
func grownTemplate(t *testing.T, in ca.Input, o ca.Options, st ca.State) (*ca.Template, ca.TemplateSource, ca.State) {
	t.Helper()
	in.Now = now
	in.Cluster.Pods = append(in.Cluster.Pods, pod("huge", "cpu", "5"))
	l, st, err := ca.Plan(o, in, st)
	if err != nil || len(l.ScaleUps) == 0 || len(l.ScaleUps[0].Options) == 0 {
		t.Fatalf("%s: %v", l.String(), err)
	}
	return l.ScaleUps[0].Options[0].Template, l.Templates["g"], st
}

func large(name string) *corev1.Node {
	return readyNode(name, "cpu", "8", "memory", "8Gi", "pods", "110")
}

// withFull are inputs of a group with the nodes, each with a pod that leaves no room for another.
func withFull(cloud *corev1.Node, nodes ...*corev1.Node) ca.Input {
	in := ca.Input{Cluster: ca.Cluster{Nodes: nodes}, Groups: []ca.NodeGroup{groupOf("g", 0, 10, nodes...)}}
	for _, n := range nodes {
		in.Cluster.Pods = append(in.Cluster.Pods, on(n.Name, pod("full-"+n.Name, "cpu", "7")))
	}
	if cloud != nil {
		in.Groups[0].Template = &ca.Template{Node: cloud}
	}
	return in
}

func TestR19Sources(t *testing.T) {
	since := func(n *corev1.Node, age time.Duration) *corev1.Node {
		n.Status.Conditions[0].LastTransitionTime = metav1.NewTime(now.Add(-age))
		return n
	}
	cordoned := large("cordoned")
	cordoned.Spec.Unschedulable = true
	going := large("going")
	going.Spec.Taints = []corev1.Taint{{Key: ca.TaintToBeDeleted, Value: "0", Effect: corev1.TaintEffectNoSchedule}}
	cached := ca.State{Templates: map[string]ca.CachedTemplate{"g": {Template: ca.Template{Node: large("cached")}, Since: now.Add(-time.Hour)}}}
	short := ca.DefaultOptions()
	short.NodeInfoCacheExpireTime = time.Minute
	for name, c := range map[string]struct {
		in   ca.Input
		st   ca.State
		o    ca.Options
		want ca.TemplateSource
	}{
		"a good node before all":               {withFull(large("c"), unready(large("n0")), large("n1")), cached, ca.DefaultOptions(), ca.FromNode},
		"the cache before the cloud":           {withFull(large("c"), cordoned), cached, ca.DefaultOptions(), ca.FromCache},
		"the cloud where the cache is old":     {withFull(large("c"), cordoned), cached, short, ca.FromCloud},
		"the cloud where no node is good":      {withFull(large("c"), going, unready(large("n0"))), ca.State{}, ca.DefaultOptions(), ca.FromCloud},
		"a minute is too short":                {withFull(large("c"), since(large("n0"), time.Minute)), ca.State{}, ca.DefaultOptions(), ca.FromCloud},
		"more than a minute":                   {withFull(large("c"), since(large("n0"), time.Minute+1)), ca.State{}, ca.DefaultOptions(), ca.FromNode},
		"a bad node for want of anything else": {withFull(nil, unready(large("n1"))), ca.State{}, ca.DefaultOptions(), ca.FromBadNode},
	} {
		if _, source, _ := grownTemplate(t, c.in, c.o, c.st); source != c.want {
			t.Errorf("%s: %s, want %s", name, source, c.want)
		}
	}
	_, _, st := grownTemplate(t, withFull(nil, large("n0")), ca.DefaultOptions(), ca.State{})
	if _, source, _ := grownTemplate(t, withFull(nil, unready(large("n0"))), ca.DefaultOptions(), st); source != ca.FromCache {
		t.Errorf("what one loop sees the next remembers: %s", source)
	}
}

func TestR21Pods(t *testing.T) {
	n := large("n0")
	in := withFull(nil, n)
	mirror := on("n0", pod("mirror", "cpu", "100m"))
	mirror.Annotations = map[string]string{corev1.MirrorPodAnnotationKey: "x"}
	gone := on("n0", ownedBy("DaemonSet", "gone", pod("gone")))
	gone.DeletionTimestamp = &metav1.Time{Time: now}
	in.Cluster.Pods = append(in.Cluster.Pods, mirror, gone, on("n0", ownedBy("DaemonSet", "log", pod("log"))))
	critical := ownedBy("DaemonSet", "cni", pod("cni"))
	critical.Spec.PriorityClassName = "system-node-critical"
	never := corev1.PreemptNever
	meek := ownedBy("DaemonSet", "meek", pod("meek"))
	meek.Spec.PriorityClassName, meek.Spec.PreemptionPolicy = "system-node-critical", &never
	elsewhere := ownedBy("DaemonSet", "gpu", pod("gpu"))
	elsewhere.Spec.NodeSelector = map[string]string{"gpu": "yes"}
	in.Cluster.DaemonSets = []*corev1.Pod{ownedBy("DaemonSet", "log", pod("log")), critical, meek, elsewhere}
	for force, want := range map[bool]string{false: "[mirror log cni]", true: "[mirror log cni meek]"} {
		o := ca.DefaultOptions()
		o.ForceDaemonSets = force
		template, _, _ := grownTemplate(t, in, o, ca.State{})
		if got := names(template.Pods); len(got) == 0 || textOf(got) != want {
			t.Errorf("force-ds %v: %v, want %v", force, got, want)
		}
		if template.Node.Labels[ca.LabelTemplateNode] != "true" || template.Node.Labels[corev1.LabelHostname] == "n0" {
			t.Errorf("%v", template.Node.Labels)
		}
	}
	if n.Labels[corev1.LabelHostname] != "n0" {
		t.Error("the input was modified")
	}
}

func textOf(names []string) string {
	out := "["
	for i, n := range names {
		if i > 0 {
			out += " "
		}
		out += n
	}
	return out + "]"
}

func TestR22Cloud(t *testing.T) {
	cloud := large("cloud")
	cloud.Labels[corev1.LabelInstanceTypeStable], cloud.Labels[corev1.LabelTopologyZone] = "m5.large", "eu-1a"
	in := withFull(cloud)
	in.Cluster.DaemonSets = []*corev1.Pod{ownedBy("DaemonSet", "log", pod("log", "cpu", "200m"))}
	template, _, _ := grownTemplate(t, in, ca.DefaultOptions(), ca.State{})
	if template.Node.Labels[corev1.LabelInstanceType] != "m5.large" || template.Node.Labels[corev1.LabelFailureDomainBetaZone] != "eu-1a" || len(template.Pods) != 1 {
		t.Errorf("%v, pods %v", template.Node.Labels, names(template.Pods))
	}
}

func TestR23Taints(t *testing.T) {
	n := large("n0")
	keep := corev1.Taint{Key: "team", Value: "a", Effect: corev1.TaintEffectPreferNoSchedule}
	for _, key := range []string{
		ca.TaintDeletionCandidate, corev1.TaintNodeMemoryPressure, "ignore-taint.cluster-autoscaler.kubernetes.io/x", "status-taint.cluster-autoscaler.kubernetes.io/x", "mine", "prefix/x", "state",
	} {
		n.Spec.Taints = append(n.Spec.Taints, corev1.Taint{Key: key, Effect: corev1.TaintEffectPreferNoSchedule})
	}
	n.Spec.Taints = append(n.Spec.Taints, keep)
	o := ca.DefaultOptions()
	o.StartupTaints, o.StartupTaintPrefixes, o.StatusTaints = []string{"mine"}, []string{"prefix/"}, []string{"state"}
	template, source, _ := grownTemplate(t, withFull(nil, n), o, ca.State{})
	if len(template.Node.Spec.Taints) != 1 || template.Node.Spec.Taints[0] != keep {
		t.Errorf("%v", template.Node.Spec.Taints)
	}
	if source != ca.FromBadNode {
		t.Errorf("a node with a startup taint is no good example: %s", source)
	}
}

func TestR24AWSFillsResources(t *testing.T) {
	cloud := readyNode("cloud", "cpu", "9", "memory", "8Gi", "pods", "110", "nvidia.com/gpu", "1")
	for provider, want := range map[ca.Provider]bool{ca.AWS: true, ca.Generic: false} {
		o := ca.DefaultOptions()
		o.Similar.Provider = provider
		template, _, _ := grownTemplate(t, withFull(cloud, large("n0")), o, ca.State{})
		_, capacity := template.Node.Status.Capacity["nvidia.com/gpu"]
		_, allocatable := template.Node.Status.Allocatable["nvidia.com/gpu"]
		if capacity != want || allocatable != want || template.Node.Status.Capacity.Cpu().Value() != 8 {
			t.Errorf("%q: %v", provider, template.Node.Status)
		}
	}
}
