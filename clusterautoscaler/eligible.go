package clusterautoscaler

import (
	"fmt"
	"math"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// AnnotationScaleDownDisabled holds a node that bears it with the value true.
const AnnotationScaleDownDisabled = "cluster-autoscaler.kubernetes.io/scale-down-disabled"

// The taints that the Cluster Autoscaler sets.
const (
	TaintToBeDeleted       = "ToBeDeletedByClusterAutoscaler"       // on a node that goes; its value is the time in seconds
	TaintDeletionCandidate = "DeletionCandidateOfClusterAutoscaler" // a preference only, on a node that could go
)

// deletionTaintLasts is how long the taint of a node that goes is believed (D10).
const deletionTaintLasts = 5 * time.Minute

// eligible asks what needs no simulation, in upstream's order (D10), and notes the reason.
func (d *descent) eligible(i int) bool {
	node, st := d.w.nodes[i].object, &d.status[i]
	if until, ok := d.state.UnremovableUntil[st.Name]; ok {
		st.Reason, st.FreeAt, st.Detail = RecentlyUnremovable, until, d.state.Unremovable[st.Name]
		return false
	}
	if at, ok := deletionTaint(node); ok && d.now.Sub(at) <= deletionTaintLasts {
		st.Reason = CurrentlyBeingDeleted
		return false
	}
	if node.Annotations[AnnotationScaleDownDisabled] == "true" {
		st.Reason = ScaleDownDisabledOnNode
		return false
	}
	g := d.group(i)
	usage, err := d.utilization(i, g)
	if err != nil {
		st.Reason, st.Detail = UnexpectedNodeError, err.Error()
		return false
	}
	if d.s.KeepUnready && !isReady(node) {
		st.Reason = ScaleDownUnreadyDisabled
		return false
	}
	st.Usage = &usage
	st.Threshold = d.s.UtilizationThreshold
	if g.Options.UtilizationThreshold != nil {
		st.Threshold = *g.Options.UtilizationThreshold
	}
	if hasGPU(node, d.o.GPULabel) {
		st.Threshold = d.s.GPUUtilizationThreshold
		if g.Options.GPUUtilizationThreshold != nil {
			st.Threshold = *g.Options.GPUUtilizationThreshold
		}
	}
	if usage.Share > st.Threshold { // one that is no number is not above it
		st.Reason = NotUnderutilized
		st.Detail = fmt.Sprintf("%s of its %s is requested, the threshold is %s", percent(usage.Share), usage.Resource, percent(st.Threshold))
		return false
	}
	return true
}

func percent(share float64) string {
	if math.IsNaN(share) || math.IsInf(share, 0) {
		return fmt.Sprint(share)
	}
	return strconv.FormatFloat(math.Round(share*1000)/10, 'f', -1, 64) + "%"
}

// classUsage remembers what pods of each class request, in exact units.
type classUsage struct {
	known   []bool
	amounts [][3]int64
	gpu     corev1.ResourceName
}

func (c *classUsage) of(class kube.Class, pod *corev1.Pod, gpu corev1.ResourceName) [3]int64 {
	if c.gpu != gpu {
		*c = classUsage{gpu: gpu}
	}
	for int(class) >= len(c.known) {
		c.known, c.amounts = append(c.known, false), append(c.amounts, [3]int64{})
	}
	if !c.known[class] {
		c.known[class], c.amounts[class] = true, amounts(kube.Requests(pod), gpu)
	}
	return c.amounts[class]
}

// utilization is Utilization with what is known of classes.
func (d *descent) utilization(i int, g *NodeGroup) (Usage, error) {
	n := &d.w.nodes[i]
	skip := d.s.IgnoreDaemonSets
	if g.Options.IgnoreDaemonSets != nil {
		skip = *g.Options.IgnoreDaemonSets
	}
	u := usageSum{node: n.object, options: UtilizationOptions{SkipDaemonSets: skip, SkipMirrorPods: d.s.IgnoreMirrorPods, GPULabel: d.o.GPULabel}}
	u.begin()
	for j, p := range n.pods {
		u.addAmounts(p, d.now, d.usage.of(n.classes[j], p, u.gpu))
	}
	return u.result()
}
