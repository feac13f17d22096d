package clusterautoscaler

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"

	ca "github.com/scalemath/scalemath/clusterautoscaler"
	"github.com/scalemath/scalemath/internal/conformance"
)

var drain = conformance.Kind{Name: "drain", Answer: answerDrain, Compare: conformance.Comparison{
	Fields:  []string{"kind", "id", "pods.outcome", "pods.reason", "pods.error", "move", "daemonSetPods", "onCompletionPods", "blockingPod", "blockingReason"},
	Present: []string{"pods.error"},
	// Where too few replicas are left upstream's text holds a pointer, and the record has none.
	Adjust: func(_, want, got map[string]any) {
		for _, answer := range []map[string]any{want, got} {
			pods, _ := answer["pods"].([]any)
			for _, p := range pods {
				if p, ok := p.(map[string]any); ok && p["reason"] == string(ca.MinReplicasReached) {
					delete(p, "error")
				}
			}
		}
	},
}}

type drainPod struct {
	Pod     *corev1.Pod     `json:"pod,omitempty"`
	Outcome ca.DrainOutcome `json:"outcome,omitempty"`
	Reason  ca.BlockReason  `json:"reason,omitempty"`
	Error   string          `json:"error,omitempty"`
}

func answerDrain(line []byte) (conformance.Answer, error) {
	var q struct {
		head
		Options struct {
			SkipNodesWithSystemPods, SkipNodesWithLocalStorage, SkipNodesWithCustomControllerPods bool
			MinReplicaCount                                                                       int
			BspDisruptionTimeout                                                                  time.Duration
		} `json:"options"`
		Now         time.Time                       `json:"now"`
		WithListers bool                            `json:"withListers"`
		Owners      map[string]int32                `json:"owners"`
		PDBs        []*policyv1.PodDisruptionBudget `json:"pdbs"`
		Pods        []drainPod                      `json:"pods"`
	}
	if err := json.Unmarshal(line, &q); err != nil {
		return conformance.Answer{}, err
	}
	if err := q.is("drain"); err != nil {
		return conformance.Answer{}, err
	}
	cluster := ca.Cluster{PDBs: q.PDBs}
	if q.WithListers {
		cluster.Controllers = map[ca.Controller]int32{}
		for name, replicas := range q.Owners {
			parts := strings.SplitN(name, "/", 3)
			if len(parts) != 3 {
				return conformance.Answer{}, fmt.Errorf("owners: %q is not Kind/namespace/name", name)
			}
			cluster.Controllers[ca.Controller{Kind: parts[0], Namespace: parts[1], Name: parts[2]}] = replicas
		}
	}
	drainer, err := ca.NewDrainer(&cluster, q.Now, ca.DrainOptions{
		SkipSystemPods: q.Options.SkipNodesWithSystemPods, SystemPodTimeout: q.Options.BspDisruptionTimeout,
		SkipLocalStorage: q.Options.SkipNodesWithLocalStorage, SkipCustomControllerPods: q.Options.SkipNodesWithCustomControllerPods,
		MinReplicaCount: q.Options.MinReplicaCount,
	})
	if err != nil {
		return conformance.Answer{}, err
	}
	verdicts := make([]drainPod, len(q.Pods))
	pods := make([]*corev1.Pod, len(q.Pods))
	for i, p := range q.Pods {
		if p.Pod == nil {
			return conformance.Answer{}, fmt.Errorf("pods[%d].pod: is missing", i)
		}
		pods[i] = p.Pod
		v := drainer.Judge(p.Pod)
		verdicts[i] = drainPod{Outcome: v.Outcome, Reason: v.Reason, Error: v.Detail}
	}
	plan := drainer.Plan(pods)
	out := struct {
		head
		Pods             []drainPod     `json:"pods"`
		Move             []string       `json:"move"`
		DaemonSetPods    []string       `json:"daemonSetPods"`
		OnCompletionPods []string       `json:"onCompletionPods"`
		BlockingPod      string         `json:"blockingPod,omitempty"`
		BlockingReason   ca.BlockReason `json:"blockingReason,omitempty"`
	}{head: q.head, Pods: verdicts, Move: podNames(plan.Move), DaemonSetPods: podNames(plan.DaemonSet), OnCompletionPods: podNames(plan.OnCompletion)}
	if plan.Blocking != nil {
		out.BlockingPod, out.BlockingReason = plan.Blocking.Name, plan.Verdict.Reason
	}
	return conformance.Answer{Line: out}, nil
}

func podNames(pods []*corev1.Pod) []string {
	var names []string
	for _, p := range pods {
		names = append(names, p.Name)
	}
	return names
}
