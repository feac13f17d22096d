package clusterautoscaler

import (
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// DrainOptions say which pods hold a node.
type DrainOptions struct {
	SkipSystemPods           bool          // skip-nodes-with-system-pods: those in kube-system hold; default true
	SystemPodTimeout         time.Duration // blocking-system-pod-distruption-timeout: until they are this old; default 1 h
	SkipLocalStorage         bool          // skip-nodes-with-local-storage: those with data on the node hold; default true
	SkipCustomControllerPods bool          // skip-nodes-with-custom-controller-pods: those of unknown controllers hold; default true
	MinReplicaCount          int           // min-replica-count: those of smaller controllers hold; default 0
}

// DefaultDrainOptions are upstream's defaults.
func DefaultDrainOptions() DrainOptions {
	return DrainOptions{SkipSystemPods: true, SystemPodTimeout: time.Hour, SkipLocalStorage: true, SkipCustomControllerPods: true}
}

// DrainOutcome is what becomes of a pod when its node goes.
type DrainOutcome string

// The outcomes.
const (
	DrainUndefined DrainOutcome = "Undefined"         // no rule decided: it is evicted
	DrainOK        DrainOutcome = "DrainOk"           // it is evicted
	DrainSkip      DrainOutcome = "SkipDrain"         // it stays and does not count
	DrainWait      DrainOutcome = "WaitForCompletion" // the node waits for its end
	DrainBlock     DrainOutcome = "BlockDrain"        // it holds the node
)

// BlockReason is why a pod holds its node.
type BlockReason string

// The reasons.
const (
	ControllerNotFound     BlockReason = "ControllerNotFound"       // what made it is gone, so nothing would make it anew
	MinReplicasReached     BlockReason = "MinReplicasReached"       // its controller has fewer replicas than min-replica-count
	NotReplicated          BlockReason = "NotReplicated"            // nothing would make it anew
	UnmovableKubeSystemPod BlockReason = "UnmovableKubeSystemPod"   // it is in kube-system, young, and has no budget
	NotSafeToEvict         BlockReason = "NotSafeToEvictAnnotation" // its annotation says so
	LocalStorageRequested  BlockReason = "LocalStorageRequested"    // it has data on the node
	NotEnoughPDB           BlockReason = "NotEnoughPdb"             // a budget allows no disruption
)

// The annotations that pods speak by (D16, D22).
const (
	AnnotationSafeToEvict             = "cluster-autoscaler.kubernetes.io/safe-to-evict"               // true, false or on-completion
	AnnotationSafeToEvictLocalVolumes = "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes" // names with commas between
)

// PodVerdict is what becomes of one pod, and by which rule.
type PodVerdict struct {
	Outcome DrainOutcome `json:"outcome"`          // what becomes of it
	Rule    string       `json:"rule,omitempty"`   // which rule decided, such as mirror or local-storage
	Reason  BlockReason  `json:"reason,omitempty"` // why it holds the node
	Detail  string       `json:"error,omitempty"`  // the same in words
}

// DrainPlan is what becomes of the pods of a node.
type DrainPlan struct {
	Move         []*corev1.Pod // to be evicted and placed elsewhere
	DaemonSet    []*corev1.Pod // to be evicted, and gone with the node
	OnCompletion []*corev1.Pod // to be waited for
	Blocking     *corev1.Pod   // the first that holds the node; the lists end there
	Verdict      PodVerdict    // on the one that holds the node
	moveAt       []int32       // where the pods of Move were among those asked about
}

// Drainer judges pods. Make one with [NewDrainer] for each state of budgets and controllers.
type Drainer struct {
	options     DrainOptions
	controllers map[Controller]int32
	pdbs        *budgets
	now         time.Time
}

// NewDrainer compiles what pods are judged by: of a cluster, its budgets and controllers.
func NewDrainer(c *Cluster, now time.Time, o DrainOptions) (*Drainer, error) {
	pdbs, err := newBudgets(c.PDBs)
	if err != nil {
		return nil, err
	}
	return &Drainer{options: o, controllers: c.Controllers, pdbs: pdbs, now: now}, nil
}

// Plan says what becomes of the pods of a node, up to the first that holds it (D15 to D24).
func (d *Drainer) Plan(pods []*corev1.Pod) DrainPlan {
	var p DrainPlan
	d.planInto(&p, pods)
	return p
}

func (d *Drainer) planInto(p *DrainPlan, pods []*corev1.Pod) {
	*p = DrainPlan{Move: p.Move[:0], DaemonSet: p.DaemonSet[:0], OnCompletion: p.OnCompletion[:0], moveAt: p.moveAt[:0]}
	for i, pod := range pods {
		switch outcome, rule, reason := d.judge(pod); outcome {
		case DrainBlock:
			p.Blocking, p.Verdict = pod, PodVerdict{outcome, rule, reason, d.detail(pod, reason)}
			return
		case DrainSkip:
		case DrainWait:
			p.OnCompletion = append(p.OnCompletion, pod)
		default:
			if isDaemonSetPod(pod) {
				p.DaemonSet = append(p.DaemonSet, pod)
			} else {
				p.Move, p.moveAt = append(p.Move, pod), append(p.moveAt, int32(i))
			}
		}
	}
}

// empty tells whether none of the pods would have to move, and whether some have to be waited for.
func (d *Drainer) empty(pods []*corev1.Pod) (empty, waits bool) {
	for _, pod := range pods {
		switch outcome, _, _ := d.judge(pod); {
		case outcome == DrainWait:
			waits = true
		case outcome == DrainBlock, outcome != DrainSkip && !isDaemonSetPod(pod):
			return false, false
		}
	}
	return true, waits
}

// Judge says what becomes of one pod.
func (d *Drainer) Judge(pod *corev1.Pod) PodVerdict {
	outcome, rule, reason := d.judge(pod)
	v := PodVerdict{Outcome: outcome, Rule: rule, Reason: reason}
	if outcome == DrainBlock {
		v.Detail = d.detail(pod, reason)
	}
	return v
}

// judge asks the rules in upstream's order (D16); the first that decides wins.
func (d *Drainer) judge(pod *corev1.Pod) (DrainOutcome, string, BlockReason) {
	o, evict := &d.options, pod.Annotations[AnnotationSafeToEvict]
	if isMirrorPod(pod) {
		return DrainSkip, "mirror", ""
	}
	if longTerminating(pod, d.now) {
		return DrainSkip, "long-terminating", ""
	}
	if o.SkipCustomControllerPods {
		if reason := d.controllerMissing(pod); reason != "" {
			return DrainBlock, "replica-count", reason
		}
	}
	switch {
	case isDaemonSetPod(pod):
		return DrainOK, "daemon-set", ""
	case evict == "true":
		return DrainOK, "safe-to-evict", ""
	case terminal(pod):
		return DrainOK, "terminal", ""
	case evict == "on-completion":
		return DrainWait, "safe-to-evict", ""
	case !replicated(pod, o.SkipCustomControllerPods):
		return DrainBlock, "replicated", NotReplicated
	}
	if o.SkipSystemPods && pod.Namespace == "kube-system" && !d.pdbs.match(pod) {
		if created := pod.CreationTimestamp; !created.IsZero() && d.now.After(created.Add(o.SystemPodTimeout)) {
			return DrainOK, "system", ""
		}
		return DrainBlock, "system", UnmovableKubeSystemPod
	}
	switch {
	case evict == "false":
		return DrainBlock, "safe-to-evict", NotSafeToEvict
	case o.SkipLocalStorage && localVolume(pod) != "":
		return DrainBlock, "local-storage", LocalStorageRequested
	case d.pdbs.exhausted(pod) != nil:
		return DrainBlock, "pdb", NotEnoughPDB
	}
	return DrainUndefined, "", ""
}

// controllerMissing is D18.
func (d *Drainer) controllerMissing(pod *corev1.Pod) BlockReason {
	owner := controllerOf(pod)
	if owner == nil || d.controllers == nil {
		return ""
	}
	group, _, grouped := strings.Cut(owner.APIVersion, "/")
	if !grouped {
		group = ""
	}
	counts := false
	if isDaemonSetPod(pod) && owner.Kind != "DaemonSet" && owner.Kind != "ReplicationController" {
		return "" // by its annotation alone: other makers are not looked up
	}
	switch owner.Kind {
	case "ReplicationController", "ReplicaSet":
		counts = true
	case "Job":
	case "DaemonSet", "StatefulSet":
		if group != "apps" {
			return ""
		}
	default:
		return ""
	}
	replicas, ok := d.controllers[Controller{owner.Kind, pod.Namespace, owner.Name}]
	if !ok {
		return ControllerNotFound
	}
	if counts && int(replicas) < d.options.MinReplicaCount {
		return MinReplicasReached
	}
	return ""
}

// terminal is D24.
func terminal(pod *corev1.Pod) bool {
	switch pod.Status.Phase {
	case corev1.PodFailed:
		return true
	case corev1.PodSucceeded:
		return pod.Spec.RestartPolicy == corev1.RestartPolicyNever || pod.Spec.RestartPolicy == corev1.RestartPolicyOnFailure
	}
	return false
}

// replicated is D19.
func replicated(pod *corev1.Pod, knownKindsOnly bool) bool {
	owner := controllerOf(pod)
	if owner == nil {
		return false
	}
	return !knownKindsOnly || slices.Contains([]string{"ReplicationController", "Job", "ReplicaSet", "StatefulSet"}, owner.Kind)
}

// localVolume is the first volume with data on the node that the pod does not declare safe (D22).
func localVolume(pod *corev1.Pod) string {
	for i := range pod.Spec.Volumes {
		v := &pod.Spec.Volumes[i]
		if v.HostPath == nil && (v.EmptyDir == nil || v.EmptyDir.Medium == corev1.StorageMediumMemory) {
			continue
		}
		if !slices.Contains(strings.Split(pod.Annotations[AnnotationSafeToEvictLocalVolumes], ","), v.Name) {
			return v.Name
		}
	}
	return ""
}

func (d *Drainer) detail(pod *corev1.Pod, reason BlockReason) string {
	owner := "nothing"
	if o := controllerOf(pod); o != nil {
		owner = o.Kind + " " + o.Name
	}
	name := pod.Namespace + "/" + pod.Name
	switch reason {
	case ControllerNotFound:
		return fmt.Sprintf("%s: its controller %s is not there", name, owner)
	case MinReplicasReached:
		return fmt.Sprintf("%s: its controller %s has fewer than %d replicas", name, owner, d.options.MinReplicaCount)
	case NotReplicated:
		return fmt.Sprintf("%s: made by %s, which would not make it anew elsewhere", name, owner)
	case UnmovableKubeSystemPod:
		return fmt.Sprintf("%s: in kube-system without a disruption budget, and not older than %v", name, d.options.SystemPodTimeout)
	case NotSafeToEvict:
		return fmt.Sprintf("%s: annotation %s is false", name, AnnotationSafeToEvict)
	case LocalStorageRequested:
		return fmt.Sprintf("%s: volume %s has data on the node", name, localVolume(pod))
	case NotEnoughPDB:
		if b := d.pdbs.exhausted(pod); b != nil {
			return fmt.Sprintf("%s: disruption budget %s allows no disruption", name, b.Name)
		}
	}
	return name
}
