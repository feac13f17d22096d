package main

import (
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"

	"github.com/scalemath/scalemath/binpack/kube"
	"github.com/scalemath/scalemath/internal/manifest"
	"github.com/scalemath/scalemath/karpenter"
	"github.com/scalemath/scalemath/karpenter/aws"
	"github.com/scalemath/scalemath/karpenter/legacy"
)

// mostPods bounds what the replicas of manifests add up to.
const mostPods = 200_000

// reader gathers a snapshot from objects in any order.
type reader struct {
	snapshot *karpenter.Snapshot
	overlays []*karpenter.NodeOverlay
	classes  []*aws.EC2NodeClass
	old      legacy.Manifests
	pods     []*corev1.Pod
	owners   []owner
	volumes  kube.Volumes
	notes    []string
}

// owner is something that makes pods.
type owner struct {
	kind, name, namespace string
	replicas              int32
	selector              *metav1.LabelSelector
	template              *corev1.PodTemplateSpec
}

func (r *reader) note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

func (r *reader) read(objects []manifest.Object) error {
	for _, o := range objects {
		if err := r.add(o); err != nil {
			return err
		}
	}
	if err := r.convert(); err != nil {
		return err
	}
	for i, p := range r.snapshot.NodePools {
		p = p.Defaulted()
		if err := p.Validate(); err != nil {
			return err
		}
		r.snapshot.NodePools[i] = p
	}
	if err := r.expand(); err != nil {
		return err
	}
	r.place()
	if v := &r.volumes; len(v.Claims)+len(v.Volumes)+len(v.Classes)+len(v.Nodes) > 0 {
		r.snapshot.Volumes = v
	}
	return nil
}

// into decodes an object and appends it to a list.
func into[T any](o manifest.Object, list *[]*T) error {
	v := new(T)
	if err := o.Loosely(v); err != nil {
		return err
	}
	*list = append(*list, v)
	return nil
}

func (r *reader) add(o manifest.Object) error {
	s := r.snapshot
	switch o.Kind {
	case "NodePool", "NodeOverlay":
		m, err := karpenter.Decode(o.JSON)
		s.NodePools, r.overlays = append(s.NodePools, m.NodePools...), append(r.overlays, m.NodeOverlays...)
		return in(o, err)
	case "Provisioner", "AWSNodeTemplate":
		m, err := legacy.Decode(o.JSON)
		r.old.Provisioners, r.old.NodeTemplates = append(r.old.Provisioners, m.Provisioners...), append(r.old.NodeTemplates, m.NodeTemplates...)
		return in(o, err)
	case "EC2NodeClass":
		classes, err := aws.DecodeNodeClasses(o.JSON)
		r.classes = append(r.classes, classes...)
		return in(o, err)
	case "Pod":
		return into(o, &r.pods)
	case "Node":
		var nodes []*corev1.Node
		if err := into(o, &nodes); err != nil {
			return err
		}
		s.Nodes = append(s.Nodes, node(legacy.ConvertNode(nodes[0])))
		return nil
	case "Namespace":
		return into(o, &s.Namespaces)
	case "PodDisruptionBudget":
		return into(o, &s.PDBs)
	case "PersistentVolumeClaim":
		return into(o, &r.volumes.Claims)
	case "PersistentVolume":
		return into(o, &r.volumes.Volumes)
	case "StorageClass":
		return into(o, &r.volumes.Classes)
	case "CSINode":
		return into(o, &r.volumes.Nodes)
	}
	return r.addOwner(o)
}

func in(o manifest.Object, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", o.Source, err)
}

// addOwner takes in what makes pods; what another object of the files makes is left to that.
func (r *reader) addOwner(o manifest.Object) error {
	var w struct {
		metav1.ObjectMeta `json:"metadata"`
		Spec              struct {
			Replicas    *int32                 `json:"replicas"`
			Parallelism *int32                 `json:"parallelism"`
			Selector    *metav1.LabelSelector  `json:"selector"`
			Template    corev1.PodTemplateSpec `json:"template"`
		} `json:"spec"`
	}
	switch o.Kind {
	case "Deployment", "StatefulSet", "ReplicaSet", "Job", "DaemonSet":
	default:
		r.note("%s: %s is passed over", o.Source, o.Kind)
		return nil
	}
	if err := o.Loosely(&w); err != nil {
		return err
	}
	if metav1.GetControllerOf(&w) != nil {
		return nil
	}
	if w.Namespace == "" {
		w.Namespace = metav1.NamespaceDefault
	}
	it := owner{kind: o.Kind, name: w.Name, namespace: w.Namespace, replicas: 1, selector: w.Spec.Selector, template: &w.Spec.Template}
	for _, n := range []*int32{w.Spec.Replicas, w.Spec.Parallelism} {
		if n != nil {
			it.replicas = *n
		}
	}
	if o.Kind == "DaemonSet" {
		pod := it.pod(0)
		r.snapshot.DaemonSets = append(r.snapshot.DaemonSets, legacy.ConvertPod(pod))
		return nil
	}
	r.owners = append(r.owners, it)
	return nil
}

// pod is one that the owner makes.
func (w *owner) pod(i int) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: *w.template.ObjectMeta.DeepCopy(), Spec: *w.template.Spec.DeepCopy()}
	p.Namespace, p.Name = w.namespace, fmt.Sprintf("%s-%d", w.name, i)
	p.UID = types.UID(w.kind + "/" + p.Namespace + "/" + p.Name)
	controls := true
	p.OwnerReferences = []metav1.OwnerReference{{APIVersion: appsv1.SchemeGroupVersion.String(), Kind: w.kind, Name: w.name, Controller: &controls}}
	if w.kind == "Job" {
		p.OwnerReferences[0].APIVersion = batchv1.SchemeGroupVersion.String()
	}
	return p
}

// expand makes the pods that owners still lack.
func (r *reader) expand() error {
	made := 0
	for i := range r.owners {
		w := &r.owners[i]
		there := 0
		if w.selector != nil {
			selector, err := metav1.LabelSelectorAsSelector(w.selector)
			if err != nil {
				return fmt.Errorf("%s %s/%s: spec.selector: %w", w.kind, w.namespace, w.name, err)
			}
			there = count(r.pods, w.namespace, selector)
		}
		if made += max(int(w.replicas)-there, 0); made > mostPods {
			return fmt.Errorf("%s %s/%s: spec.replicas: more than %d pods in all", w.kind, w.namespace, w.name, mostPods)
		}
		for j := there; j < int(w.replicas); j++ {
			r.pods = append(r.pods, w.pod(j))
		}
	}
	return nil
}

func count(pods []*corev1.Pod, namespace string, selector labels.Selector) int {
	n := 0
	for _, p := range pods {
		if (p.Namespace == namespace || p.Namespace == "" && namespace == metav1.NamespaceDefault) && selector.Matches(labels.Set(p.Labels)) && !kube.Finished(p) {
			n++
		}
	}
	return n
}

// place gives each pod to its node; the others are pending.
func (r *reader) place() {
	byName := map[string]*karpenter.Node{}
	for _, n := range r.snapshot.Nodes {
		byName[n.Object.Name] = n
	}
	for _, p := range r.pods {
		p = legacy.ConvertPod(p)
		if p.Namespace == "" {
			p.Namespace = metav1.NamespaceDefault
		}
		if p.UID == "" {
			p.UID = types.UID("Pod/" + p.Namespace + "/" + p.Name)
		}
		switch n := byName[p.Spec.NodeName]; {
		case kube.Finished(p):
		case p.Spec.NodeName == "":
			r.snapshot.Pending = append(r.snapshot.Pending, p)
		case n == nil:
			r.note("pod %s/%s runs on node %s, which is not in the files", p.Namespace, p.Name, p.Spec.NodeName)
		default:
			n.Pods = append(n.Pods, p)
		}
	}
}

// node is what can be known of a node without its NodeClaim.
func node(n *corev1.Node) *karpenter.Node {
	out := &karpenter.Node{Object: n, NodePool: n.Labels[karpenter.LabelNodePool], Initialized: n.CreationTimestamp.Time}
	out.Uninitialized = out.NodePool != "" && n.Labels[karpenter.LabelInitialized] != "true"
	out.Deleting = n.DeletionTimestamp != nil || slices.ContainsFunc(n.Spec.Taints, func(t corev1.Taint) bool { return t.Key == karpenter.TaintDisrupted })
	return out
}

// convert turns Provisioners into NodePools and says what became of them.
func (r *reader) convert() error {
	if len(r.old.Provisioners)+len(r.old.NodeTemplates) == 0 {
		return nil
	}
	now, err := legacy.Convert(r.old)
	if err != nil {
		return err
	}
	r.snapshot.NodePools = append(r.snapshot.NodePools, now.NodePools...)
	r.classes = append(r.classes, now.NodeClasses...)
	for _, c := range now.Report {
		r.note("%s", c)
	}
	return nil
}
