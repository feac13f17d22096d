package clusterautoscaler

import (
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
	ca "github.com/scalemath/scalemath/clusterautoscaler"
	"github.com/scalemath/scalemath/internal/conformance"
)

var estimate = conformance.Kind{Name: "estimate", Answer: answerEstimate, Compare: conformance.Comparison{
	Fields: []string{"kind", "id", "groups.schedulable", "nodes", "scheduled"},
}}

// mostPods bounds how many pods a line may ask for.
const mostPods = 1_000_000

type podGroup struct {
	Pod   *corev1.Pod `json:"pod"`
	Count int         `json:"count"`
}

type estimateQuestion struct {
	head
	Existing        []*corev1.Node `json:"existing"`
	Template        *corev1.Node   `json:"template"`
	DaemonPods      []*corev1.Pod  `json:"daemonPods"`
	Groups          []podGroup     `json:"groups"`
	Order           []int          `json:"order"`
	MaxNodes        int            `json:"maxNodes"`
	ClusterMaxNodes int            `json:"clusterMaxNodes"`
	CurrentNodes    int            `json:"currentNodes"`
	GroupMax        int            `json:"groupMax"`
	GroupTarget     int            `json:"groupTarget"`
	FastPath        bool           `json:"fastpath"`
}

func (q *estimateQuestion) validate() error {
	if q.Template == nil {
		return fmt.Errorf("template: is missing")
	}
	total := 0
	for i, g := range q.Groups {
		switch {
		case g.Pod == nil:
			return fmt.Errorf("groups[%d].pod: is missing", i)
		case g.Count < 0 || g.Count > mostPods-total:
			return fmt.Errorf("groups[%d].count: %d is not within 0 and %d", i, g.Count, mostPods-total)
		}
		total += g.Count
	}
	for i, g := range q.Order {
		if g < 0 || g >= len(q.Groups) {
			return fmt.Errorf("order[%d]: there is no group %d", i, g)
		}
	}
	if err := present("existing", q.Existing); err != nil {
		return err
	}
	return present("daemonPods", q.DaemonPods)
}

func answerEstimate(line []byte) (conformance.Answer, error) {
	var q estimateQuestion
	if err := json.Unmarshal(line, &q); err != nil {
		return conformance.Answer{}, err
	}
	if err := q.is("estimate"); err != nil {
		return conformance.Answer{}, err
	}
	if err := q.validate(); err != nil {
		return conformance.Answer{}, err
	}
	pods := append([]*corev1.Pod{}, q.DaemonPods...)
	samples := make([]ca.PodGroup, len(q.Groups))
	for i, g := range q.Groups {
		pods = append(pods, g.Pod)
		samples[i].Pods = []*corev1.Pod{g.Pod}
	}
	snapshot, err := snapshotOf(q.Existing, pods)
	if err != nil {
		return conformance.Answer{}, err
	}
	template := &ca.Template{Node: q.Template, Pods: q.DaemonPods}
	whys, err := ca.Schedulable(snapshot, template, samples)
	if err != nil {
		return conformance.Answer{}, err
	}
	type verdict struct {
		Schedulable bool `json:"schedulable"`
	}
	verdicts := make([]verdict, len(whys))
	for i, why := range whys {
		verdicts[i].Schedulable = why == nil
	}
	var groups []ca.PodGroup
	var names []string
	for _, i := range q.Order {
		if n := q.Groups[i].Count; n > 0 {
			groups = append(groups, repeated(q.Groups[i].Pod, n))
			names = append(names, q.Groups[i].Pod.Name)
		}
	}
	e, err := ca.Estimate(ca.EstimateInput{
		Snapshot: snapshot, Template: template, Groups: groups, FastPath: q.FastPath,
		Limits: ca.Limits{
			MaxNodesPerScaleUp: max(q.MaxNodes, 0), GroupRoom: max(q.GroupMax-q.GroupTarget, 0),
			MaxNodesTotal: max(q.ClusterMaxNodes, 0), CurrentNodes: max(q.CurrentNodes, 0),
		},
	})
	if err != nil {
		return conformance.Answer{}, err
	}
	scheduled := map[string]int{}
	for i, n := range e.Placed {
		if n > 0 {
			scheduled[names[i]] += n
		}
	}
	return conformance.Answer{Line: struct {
		head
		Groups    []verdict      `json:"groups"`
		Nodes     int            `json:"nodes"`
		Scheduled map[string]int `json:"scheduled"`
	}{q.head, verdicts, e.Nodes, scheduled}}, nil
}

// repeated is a group of so many equal pods; only the first is ever looked at.
func repeated(pod *corev1.Pod, count int) ca.PodGroup {
	pods := make([]*corev1.Pod, count)
	for i := range pods {
		pods[i] = pod
	}
	return ca.PodGroup{Pods: pods}
}

// snapshotOf is a cluster of nodes that knows the pods that will be asked about.
func snapshotOf(nodes []*corev1.Node, pods []*corev1.Pod) (*kube.Snapshot, error) {
	s, err := kube.NewSnapshot(kube.Options{}, pods...)
	if err != nil {
		return nil, err
	}
	for i, n := range nodes {
		if _, err := s.AddNode(n); err != nil {
			return nil, fmt.Errorf("nodes[%d]: %w", i, err)
		}
	}
	return s, nil
}
