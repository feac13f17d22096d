package karpenter

import (
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// validate looks for what makes no sense: entries that are missing, names that are empty, types that contradict
// themselves.
func (s *Snapshot) validate() error {
	for i, p := range s.NodePools {
		switch {
		case p == nil:
			return fmt.Errorf("%w: nodePools[%d]: is null", ErrInvalid, i)
		case p.Name == "":
			return fmt.Errorf("%w: nodePools[%d].metadata.name: is empty", ErrInvalid, i)
		}
	}
	for _, pool := range slices.Sorted(maps.Keys(s.InstanceTypes)) {
		for i, t := range s.InstanceTypes[pool] {
			if t == nil {
				return fmt.Errorf("%w: instanceTypes[%q][%d]: is null", ErrInvalid, pool, i)
			}
			if err := t.Validate(); err != nil {
				return fmt.Errorf("%w: instanceTypes[%q][%d]: %w", ErrInvalid, pool, i, err)
			}
		}
	}
	for i, n := range s.Nodes {
		switch {
		case n == nil:
			return fmt.Errorf("%w: nodes[%d]: is null", ErrInvalid, i)
		case n.Object == nil:
			return fmt.Errorf("%w: nodes[%d].object: is null", ErrInvalid, i)
		case n.Object.Name == "":
			return fmt.Errorf("%w: nodes[%d].object.metadata.name: is empty", ErrInvalid, i)
		}
		if j := slices.Index(n.Pods, nil); j >= 0 {
			return fmt.Errorf("%w: node %s: pods[%d]: is null", ErrInvalid, n.Object.Name, j)
		}
	}
	if i := slices.Index(s.Pending, nil); i >= 0 {
		return fmt.Errorf("%w: pending[%d]: is null", ErrInvalid, i)
	}
	if i := slices.Index(s.DaemonSets, nil); i >= 0 {
		return fmt.Errorf("%w: daemonSets[%d]: is null", ErrInvalid, i)
	}
	if i := slices.Index(s.Namespaces, nil); i >= 0 {
		return fmt.Errorf("%w: namespaces[%d]: is null", ErrInvalid, i)
	}
	return nil
}

// moves tells whether a pod is placed elsewhere when its node goes: it can be, and nothing that lasts holds it (rule 70).
func (c *Cluster) moves(pod *corev1.Pod) bool {
	return Reschedulable(pod) && !DoNotDisrupt(pod, c.snapshot.Now).Active && c.pdbs.blocking(pod, c.snapshot.Now, true) == nil
}

// notProvisionable is why a pending pod is none that waits for a node; nil where it is one.
func notProvisionable(pod *corev1.Pod) *Failure {
	detail := ""
	switch {
	case pod.Spec.NodeName != "":
		detail = "it is bound to node " + pod.Spec.NodeName
	case isDaemon(pod):
		detail = "a DaemonSet makes it, one for each node"
	case isMirror(pod):
		detail = "it is a static pod of a node"
	case pod.Status.NominatedNodeName != "":
		detail = "it preempts others on node " + pod.Status.NominatedNodeName
	case podTerminal(pod):
		detail = "it has ended"
	case len(pod.Spec.SchedulingGates) > 0:
		detail = fmt.Sprintf("it is held back by scheduling gate %q", pod.Spec.SchedulingGates[0].Name)
	}
	for i := range pod.Status.Conditions {
		if cond := &pod.Status.Conditions[i]; detail == "" && cond.Type == corev1.PodScheduled && cond.Reason != corev1.PodReasonUnschedulable {
			detail = fmt.Sprintf("the scheduler has not found it unschedulable (PodScheduled: %s)", cond.Reason)
		}
	}
	if detail == "" {
		return nil
	}
	return &Failure{Rule: NotWaiting, Detail: detail}
}

// refusal is why no place is looked for at all for pods of a class (the second intake row of Karpenter's rules).
func (c *Cluster) refusal(pod *corev1.Pod, k *class) *Failure {
	for r, v := range k.request {
		if v < 0 {
			return &Failure{Rule: Malformed, Detail: fmt.Sprintf("request of %s is negative", c.res.names[r])}
		}
	}
	if len(pod.Spec.ResourceClaims) > 0 {
		return &Failure{Rule: NotSupported, Detail: "resource claims (dynamic resource allocation) are not looked at"}
	}
	if k.volumes.problem != "" {
		return &Failure{Rule: VolumeProblem, Detail: k.volumes.problem}
	}
	if a := pod.Spec.Affinity; a != nil && a.NodeAffinity != nil && a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution != nil {
		for i, t := range a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms {
			if _, err := kube.TermRequirements(t); err != nil {
				return &Failure{Rule: Malformed, Detail: fmt.Sprintf("nodeSelectorTerms[%d]: %v", i, err)}
			}
		}
	}
	all, _, err := podRequirements(pod, c.options.IgnorePreferences)
	if err != nil {
		return &Failure{Rule: Malformed, Detail: err.Error()}
	}
	if r, ok := all.Get(LabelNodePool); ok && r.Operator() == kube.DoesNotExist {
		return &Failure{Rule: OptedOut, Detail: LabelNodePool + " must not exist"}
	}
	return nil
}
