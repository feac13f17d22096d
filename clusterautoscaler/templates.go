package clusterautoscaler

import (
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// LabelTemplateNode marks nodes that stand for those to come.
const LabelTemplateNode = "cluster-autoscaler.kubernetes.io/template-node"

// goodFor is how long a node must have been ready to be an example for others (R19).
const goodFor = time.Minute

// TemplateSource is where a template comes from (R19).
type TemplateSource string

// The sources.
const (
	FromNode    TemplateSource = "node"    // a node of the group that runs and is ready
	FromCache   TemplateSource = "cache"   // such a node, seen before
	FromCloud   TemplateSource = "cloud"   // what the cloud says
	FromBadNode TemplateSource = "badNode" // a node of the group that is not ready, for want of better
)

// templates finds what a new node of every group is like (R19 to R24), and what is worth remembering of it.
func (w *world) templates(o *Options, in *Input, cache map[string]CachedTemplate) (map[string]*Template, map[string]TemplateSource, map[string]CachedTemplate) {
	found, source, kept := map[string]*Template{}, map[string]TemplateSource{}, map[string]CachedTemplate{}
	good, bad := make([]int, len(w.groups)), make([]int, len(w.groups))
	for i := range good {
		good[i], bad[i] = -1, -1
	}
	for i := range w.nodes {
		g := w.groupOf[i]
		if g < 0 {
			continue
		}
		if isExample(w.nodes[i].object, in.Now) {
			if good[g] < 0 {
				good[g] = i
			}
		} else if bad[g] < 0 {
			bad[g] = i
		}
	}
	for g := range w.groups {
		id := w.groups[g].ID
		cached, ok := cache[id]
		fresh := ok && in.Now.Sub(cached.Since) <= o.NodeInfoCacheExpireTime
		switch {
		case good[g] >= 0:
			t := w.templateOf(good[g], o, in)
			found[id], source[id] = t, FromNode
			kept[id] = CachedTemplate{Template: *t, Since: in.Now}
			continue
		case fresh:
			t := cached.Template
			found[id], source[id] = &t, FromCache
		case w.groups[g].Template != nil:
			found[id], source[id] = fromCloud(&w.groups[g], o, in), FromCloud
		case bad[g] >= 0:
			found[id], source[id] = w.templateOf(bad[g], o, in), FromBadNode
		}
		if fresh {
			kept[id] = cached
		}
	}
	return found, source, kept
}

// isExample tells whether a node is one to take others for: ready for a while, not cordoned, and not on its way.
func isExample(node *corev1.Node, now time.Time) bool {
	ready, since := readiness(node)
	if !ready || node.Spec.Unschedulable || !since.Add(goodFor).Before(now) {
		return false
	}
	_, going := deletionTaint(node)
	return !going
}

// templateOf makes a template of a node that runs (R21).
func (w *world) templateOf(i int, o *Options, in *Input) *Template {
	n := &w.nodes[i]
	name := "template-node-for-" + w.groups[w.groupOf[i]].ID
	t := &Template{Node: renamed(n.object, name, o)}
	for _, p := range n.pods {
		if p.DeletionTimestamp == nil && (isMirrorPod(p) || isDaemonSetPod(p)) {
			t.Pods = append(t.Pods, p)
		}
	}
	t.addDaemonSets(in.Cluster.DaemonSets, func(p *corev1.Pod) bool { return o.ForceDaemonSets || critical(p) })
	if cloud := w.groups[w.groupOf[i]].Template; cloud != nil && o.Similar.Provider == AWS {
		fillResources(t.Node, cloud.Node)
	}
	return t
}

// critical tells whether a DaemonSet's pod will find its place on any node: by preempting others.
func critical(p *corev1.Pod) bool {
	policy := p.Spec.PreemptionPolicy
	return p.Spec.PriorityClassName == "system-node-critical" && (policy == nil || *policy == corev1.PreemptLowerPriority)
}

// fromCloud makes a template of what the cloud says (R22).
func fromCloud(g *NodeGroup, o *Options, in *Input) *Template {
	t := &Template{Node: renamed(g.Template.Node, "template-node-for-"+g.ID, o), Pods: slices.Clone(g.Template.Pods)}
	for stable, beta := range map[string]string{
		corev1.LabelInstanceTypeStable: corev1.LabelInstanceType,
		corev1.LabelTopologyZone:       corev1.LabelFailureDomainBetaZone,
		corev1.LabelTopologyRegion:     corev1.LabelFailureDomainBetaRegion,
	} {
		if v, ok := t.Node.Labels[stable]; ok {
			t.Node.Labels[beta] = v
		}
	}
	t.addDaemonSets(in.Cluster.DaemonSets, func(*corev1.Pod) bool { return true })
	return t
}

// renamed is a copy of a node under another name, without the taints that do not last.
func renamed(node *corev1.Node, name string, o *Options) *corev1.Node {
	n := node.DeepCopy()
	n.Name, n.UID = name, ""
	if n.Labels == nil {
		n.Labels = map[string]string{}
	}
	n.Labels[corev1.LabelHostname], n.Labels[LabelTemplateNode] = name, "true"
	n.Spec.Taints = lasting(n.Spec.Taints, o)
	return n
}

// addDaemonSets adds the pods of DaemonSets that belong on such a node and are not there.
func (t *Template) addDaemonSets(sets []*corev1.Pod, wanted func(*corev1.Pod) bool) {
	there := map[string]bool{}
	for _, p := range t.Pods {
		if owner := controllerOf(p); owner != nil {
			there[p.Namespace+"/"+owner.Name] = true
		}
	}
	for _, p := range sets {
		owner := controllerOf(p)
		if !wanted(p) || owner != nil && there[p.Namespace+"/"+owner.Name] {
			continue
		}
		selector := kube.NewNodeSelector(&p.Spec)
		if selector.Matches(t.Node.Name, t.Node.Labels) && kube.Untolerated(t.Node.Spec.Taints, p.Spec.Tolerations) == nil {
			t.Pods = append(t.Pods, p)
		}
	}
}

// fillResources takes from the cloud's template what a node does not report yet (R24).
func fillResources(node, cloud *corev1.Node) {
	fill := func(into *corev1.ResourceList, from corev1.ResourceList) {
		for name, q := range from {
			if _, ok := (*into)[name]; !ok {
				if *into == nil {
					*into = corev1.ResourceList{}
				}
				(*into)[name] = q
			}
		}
	}
	fill(&node.Status.Capacity, cloud.Status.Capacity)
	fill(&node.Status.Allocatable, cloud.Status.Allocatable)
}

// passing are taints of conditions that come and go (R23).
var passing = []string{
	TaintToBeDeleted, TaintDeletionCandidate,
	corev1.TaintNodeNotReady, corev1.TaintNodeUnreachable, corev1.TaintNodeUnschedulable, corev1.TaintNodeMemoryPressure,
	corev1.TaintNodeDiskPressure, corev1.TaintNodePIDPressure, corev1.TaintNodeNetworkUnavailable,
	"node.cloudprovider.kubernetes.io/uninitialized", "node.cloudprovider.kubernetes.io/shutdown",
	"cloud.google.com/impending-node-termination", "NodeWithImpairedVolumes",
}

// passingPrefixes mark startup and status taints by their names.
var passingPrefixes = []string{
	"ignore-taint.cluster-autoscaler.kubernetes.io/", "startup-taint.cluster-autoscaler.kubernetes.io/", "status-taint.cluster-autoscaler.kubernetes.io/",
}

// lasting are the taints that a new node will keep (R23).
func lasting(taints []corev1.Taint, o *Options) []corev1.Taint {
	return slices.DeleteFunc(slices.Clone(taints), func(t corev1.Taint) bool {
		return slices.Contains(passing, t.Key) || isStartupTaint(t.Key, o) || slices.Contains(o.StatusTaints, t.Key) || hasAnyPrefix(t.Key, passingPrefixes[2:])
	})
}

func isStartupTaint(key string, o *Options) bool {
	return slices.Contains(o.StartupTaints, key) || hasAnyPrefix(key, passingPrefixes[:2]) || hasAnyPrefix(key, o.StartupTaintPrefixes)
}

func hasAnyPrefix(s string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s, p) })
}
