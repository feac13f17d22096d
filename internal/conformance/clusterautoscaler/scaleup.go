package clusterautoscaler

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/binpack/kube"
	ca "github.com/scalemath/scalemath/clusterautoscaler"
	"github.com/scalemath/scalemath/internal/conformance"
)

var scaleUp = conformance.Kind{Name: "scaleup", Answer: answerScaleUp, Compare: conformance.Comparison{
	Fields: []string{"kind", "id", "options", "survivors", "result", "plan", "podsTriggered", "rejected", "error"},
	Adjust: sortQuotaResources,
}}

type scaleUpQuestion struct {
	head
	Groups []struct {
		ID       string       `json:"id"`
		Min      int          `json:"min"`
		Max      int          `json:"max"`
		Size     int          `json:"size"`
		Template *corev1.Node `json:"template"`
	} `json:"groups"`
	Nodes         []*corev1.Node `json:"nodes"`
	Scheduled     []*corev1.Pod  `json:"scheduled"`
	Pending       []*corev1.Pod  `json:"pending"`
	MaxNodesTotal int            `json:"maxNodesTotal"`
	MaxCores      int64          `json:"maxCores"`
	MaxMemory     int64          `json:"maxMemory"`
	Balance       bool           `json:"balance"`
	AllOrNothing  bool           `json:"allOrNothing"`
	Expander      string         `json:"expander"`
}

func (q *scaleUpQuestion) input() (ca.ScaleUpInput, error) {
	in := ca.ScaleUpInput{Nodes: q.Nodes, Pending: q.Pending, Templates: map[string]*ca.Template{}, GroupOf: map[string]string{}}
	for field, pods := range map[string][]*corev1.Pod{"scheduled": q.Scheduled, "pending": q.Pending} {
		if err := present(field, pods); err != nil {
			return in, err
		}
	}
	if err := present("nodes", q.Nodes); err != nil {
		return in, err
	}
	for i, g := range q.Groups {
		if g.Template == nil {
			return in, fmt.Errorf("groups[%d].template: is missing", i)
		}
		in.Groups = append(in.Groups, ca.NodeGroup{ID: g.ID, Min: g.Min, Max: g.Max, Target: g.Size})
		in.Templates[g.ID] = &ca.Template{Node: g.Template}
	}
	slices.SortFunc(in.Groups, func(a, b ca.NodeGroup) int { return strings.Compare(a.ID, b.ID) })
	snapshot, err := snapshotOf(q.Nodes, append(slices.Clone(q.Scheduled), q.Pending...))
	if err != nil {
		return in, err
	}
	in.Snapshot = snapshot
	for i, n := range q.Nodes {
		if at := strings.LastIndex(n.Name, "-n"); at > 0 {
			in.GroupOf[n.Name] = n.Name[:at]
		}
		for j, p := range q.Scheduled {
			if p.Spec.NodeName != n.Name {
				continue
			}
			c, err := snapshot.Class(p)
			if err != nil {
				return in, fmt.Errorf("scheduled[%d]: %w", j, err)
			}
			if err := snapshot.Place(c, kube.NodeID(i)); err != nil {
				return in, fmt.Errorf("scheduled[%d]: %w", j, err)
			}
		}
	}
	return in, nil
}

type optionAnswer struct {
	ID    string `json:"id"`
	Nodes int    `json:"nodes"`
	Pods  int    `json:"pods"`
}

type scaleUpAnswer struct {
	head
	Options       []optionAnswer                 `json:"options"`
	Survivors     []string                       `json:"survivors"`
	Result        ca.ScaleUpResult               `json:"result"`
	Plan          []ca.Increase                  `json:"plan"`
	PodsTriggered map[string]int                 `json:"podsTriggered"`
	Rejected      map[string]map[string][]string `json:"rejected"`
	Error         string                         `json:"error,omitempty"`
}

func answerScaleUp(line []byte) (conformance.Answer, error) {
	var q scaleUpQuestion
	if err := json.Unmarshal(line, &q); err != nil {
		return conformance.Answer{}, err
	}
	if err := q.is("scaleup"); err != nil {
		return conformance.Answer{}, err
	}
	in, err := q.input()
	if err != nil {
		return conformance.Answer{}, err
	}
	o := ca.DefaultOptions()
	o.MaxNodesTotal, o.BalanceSimilar, o.AllOrNothing = max(q.MaxNodesTotal, 0), q.Balance, q.AllOrNothing
	o.Quotas = []ca.Quota{ca.ClusterWide(q.MaxCores, q.MaxMemory)}
	if o.Expander, err = ca.ByName(q.Expander, 0); err != nil {
		return conformance.Answer{}, err
	}
	u, err := ca.DecideScaleUp(o, in)
	if err != nil {
		return conformance.Answer{}, err
	}
	out := scaleUpAnswer{head: q.head, Survivors: u.Choice.Survivors, Result: u.Result, PodsTriggered: map[string]int{}, Rejected: map[string]map[string][]string{}, Error: u.Error}
	for i := range u.Options {
		out.Options = append(out.Options, optionAnswer{u.Options[i].ID, u.Options[i].Nodes, u.Options[i].Pods()})
	}
	out.Plan = slices.Clone(u.Increases)
	slices.SortFunc(out.Plan, func(a, b ca.Increase) int { return strings.Compare(a.ID, b.ID) })
	for i := range u.Groups {
		describe(&out, &u, &u.Groups[i])
	}
	return conformance.Answer{Line: out, Explain: u.Explain}, nil
}

// describe adds what became of some equal pods, by the name of their controller.
func describe(out *scaleUpAnswer, u *ca.ScaleUp, g *ca.PendingGroup) {
	name := g.Pods[0].Name
	if owner := metav1.GetControllerOf(g.Pods[0]); owner != nil {
		name = owner.Name
	}
	if g.Triggered > 0 {
		out.PodsTriggered[name] += g.Triggered
	}
	if g.Schedulable || out.Rejected[name] != nil {
		return
	}
	reasons := map[string][]string{}
	for id, r := range g.Rejections {
		reasons[id] = r.Reasons()
	}
	for _, s := range u.Skipped {
		reasons["skipped:"+s.ID] = s.Reasons
	}
	out.Rejected[name] = reasons
}

// sortQuotaResources puts the names in quota reasons in order: upstream leaves it to chance.
func sortQuotaResources(_, want, got map[string]any) {
	for _, answer := range []map[string]any{want, got} {
		rejected, _ := answer["rejected"].(map[string]any)
		for _, groups := range rejected {
			groups, _ := groups.(map[string]any)
			for _, reasons := range groups {
				reasons, _ := reasons.([]any)
				for i := range reasons {
					if text, ok := reasons[i].(string); ok {
						reasons[i] = sorted(text)
					}
				}
			}
		}
	}
}

func sorted(reason string) string {
	before, names, ok := strings.Cut(reason, "resources: ")
	if !ok {
		return reason
	}
	list := strings.Split(names, ", ")
	slices.Sort(list)
	return before + "resources: " + strings.Join(list, ", ")
}
