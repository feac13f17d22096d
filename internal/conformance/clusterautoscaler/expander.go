package clusterautoscaler

import (
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	ca "github.com/scalemath/scalemath/clusterautoscaler"
	"github.com/scalemath/scalemath/internal/conformance"
)

var expander = conformance.Kind{Name: "expander", Answer: answerExpander, Compare: conformance.Comparison{
	Fields: []string{"kind", "id", "survivors.*"},
}}

type option struct {
	ID        string        `json:"id"`
	NodeCount int           `json:"nodeCount"`
	Template  *corev1.Node  `json:"template"`
	Pods      []*corev1.Pod `json:"pods"`
	NodePrice float64       `json:"nodePrice"`
	Exists    bool          `json:"exists"`
}

// prices are those of the recording: nodes as the question has them, pods by their first container.
type prices map[string]float64

// gpuLabel is the label of nodes with GPUs in the recording's cloud.
const gpuLabel = "TestGPULabel/accelerator"

func (p prices) NodePrice(o *ca.Option) (float64, bool) {
	price, ok := p[o.ID]
	return price, ok && price >= 0
}

func (p prices) PodPrice(pod *corev1.Pod) (float64, bool) {
	if len(pod.Spec.Containers) == 0 {
		return 0, true
	}
	requests := pod.Spec.Containers[0].Resources.Requests
	cpu, memory := requests[corev1.ResourceCPU], requests[corev1.ResourceMemory]
	return float64(cpu.MilliValue())/1000*0.03 + float64(memory.Value())/(1<<30)*0.004, true
}

func answerExpander(line []byte) (conformance.Answer, error) {
	var q struct {
		head
		Options     []option `json:"options"`
		ClusterSize int      `json:"clusterSize"`
		Priorities  string   `json:"priorities"`
	}
	if err := json.Unmarshal(line, &q); err != nil {
		return conformance.Answer{}, err
	}
	if err := q.is("expander"); err != nil {
		return conformance.Answer{}, err
	}
	price := prices{}
	options := make([]ca.Option, len(q.Options))
	for i, o := range q.Options {
		if err := present(fmt.Sprintf("options[%d].pods", i), o.Pods); err != nil {
			return conformance.Answer{}, err
		}
		options[i] = ca.Option{ID: o.ID, Nodes: o.NodeCount, Missing: !o.Exists}
		if o.Template != nil {
			options[i].Template = &ca.Template{Node: o.Template}
		}
		for _, p := range o.Pods {
			options[i].Placed = append(options[i].Placed, ca.PlacedGroup{Group: &ca.PodGroup{Pods: []*corev1.Pod{p}}, Count: 1})
		}
		price[o.ID] = o.NodePrice
	}
	// Priorities that do not parse are none.
	priorities, err := ca.ParsePriorities(q.Priorities)
	if err != nil {
		priorities = nil
	}
	byName := map[string]ca.Expander{
		"most-pods": ca.MostPods(), "least-nodes": ca.LeastNodes(), "least-waste": ca.LeastWaste(),
		"priority": ca.Priority(priorities, ca.V1_37()), "price": ca.Price(price, q.ClusterSize, gpuLabel),
	}
	survivors := map[string][]string{}
	for name, e := range byName {
		_, choice := e.Choose(options, 0)
		survivors[name] = choice.Survivors
	}
	for _, chain := range [][2]string{{"priority", "least-waste"}, {"least-waste", "most-pods"}, {"most-pods", "least-waste"}, {"least-nodes", "price"}} {
		_, choice := ca.Chain(byName[chain[0]], byName[chain[1]]).Choose(options, 0)
		survivors[chain[0]+","+chain[1]] = choice.Survivors
	}
	return conformance.Answer{Line: struct {
		head
		Survivors map[string][]string `json:"survivors"`
	}{q.head, survivors}}, nil
}
