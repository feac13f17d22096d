package vpa

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/internal/conformance"
	"github.com/scalemath/scalemath/vpa"
	"github.com/scalemath/scalemath/vpa/histogram"
)

type recommendQuestion struct {
	head
	Config         recommendConfig     `json:"config"`
	ResourcePolicy *vpa.ResourcePolicy `json:"resourcePolicy"`
	Annotations    map[string]string   `json:"annotations"`
	Pods           []recommendPod      `json:"pods"`
	Events         []recommendEvent    `json:"events"`
	Now            int64               `json:"now"`
}

type recommendConfig struct {
	MarginFraction                 float64            `json:"marginFraction"`
	PodMinCPUMillicores            float64            `json:"podMinCPUMillicores"`
	PodMinMemoryMb                 float64            `json:"podMinMemoryMb"`
	TargetCPUPercentile            float64            `json:"targetCPUPercentile"`
	LowerCPUPercentile             float64            `json:"lowerCPUPercentile"`
	UpperCPUPercentile             float64            `json:"upperCPUPercentile"`
	TargetMemoryPercentile         float64            `json:"targetMemoryPercentile"`
	LowerMemoryPercentile          float64            `json:"lowerMemoryPercentile"`
	UpperMemoryPercentile          float64            `json:"upperMemoryPercentile"`
	ConfidenceIntervalCPU          int64              `json:"confidenceIntervalCPUSeconds"`
	ConfidenceIntervalMemory       int64              `json:"confidenceIntervalMemorySeconds"`
	CPUHalfLife                    int64              `json:"cpuHalfLifeSeconds"`
	MemoryHalfLife                 int64              `json:"memoryHalfLifeSeconds"`
	MemoryAggregationInterval      int64              `json:"memoryAggregationIntervalSeconds"`
	MemoryAggregationIntervalCount int64              `json:"memoryAggregationIntervalCount"`
	OOMBumpUpRatio                 float64            `json:"oomBumpUpRatio"`
	OOMMinBumpUpBytes              float64            `json:"oomMinBumpUpBytes"`
	RoundCPUMillicores             int64              `json:"roundCPUMillicores"`
	RoundMemoryBytes               int64              `json:"roundMemoryBytes"`
	HumanizeMemory                 bool               `json:"humanizeMemory"`
	CPUIntegerPostProcessor        bool               `json:"cpuIntegerPostProcessor"`
	PerVPAConfigGate               bool               `json:"perVPAConfigGate"`
	GlobalMaxAllowedCPU            *resource.Quantity `json:"globalMaxAllowedCPU"`
	GlobalMaxAllowedMemory         *resource.Quantity `json:"globalMaxAllowedMemory"`
}

func (c *recommendConfig) flags() vpa.Config {
	seconds := func(n int64) time.Duration { return time.Duration(n) * time.Second }
	return vpa.Config{
		SafetyMarginFraction: c.MarginFraction,
		PodMinCPUMillicores:  c.PodMinCPUMillicores,
		PodMinMemoryMb:       c.PodMinMemoryMb,
		Percentiles: vpa.Percentiles{
			TargetCPU: c.TargetCPUPercentile, LowerBoundCPU: c.LowerCPUPercentile, UpperBoundCPU: c.UpperCPUPercentile,
			TargetMemory: c.TargetMemoryPercentile, LowerBoundMemory: c.LowerMemoryPercentile, UpperBoundMemory: c.UpperMemoryPercentile,
		},
		ConfidenceIntervalCPU:          seconds(c.ConfidenceIntervalCPU),
		ConfidenceIntervalMemory:       seconds(c.ConfidenceIntervalMemory),
		CPUHistogramHalfLife:           seconds(c.CPUHalfLife),
		MemoryHistogramHalfLife:        seconds(c.MemoryHalfLife),
		MemoryAggregationInterval:      seconds(c.MemoryAggregationInterval),
		MemoryAggregationIntervalCount: c.MemoryAggregationIntervalCount,
		OOMBumpUpRatio:                 c.OOMBumpUpRatio,
		OOMMinBumpUpBytes:              c.OOMMinBumpUpBytes,
		RoundCPUMillicores:             c.RoundCPUMillicores,
		RoundMemoryBytes:               c.RoundMemoryBytes,
		HumanizeMemory:                 c.HumanizeMemory,
		CPUIntegerPostProcessor:        c.CPUIntegerPostProcessor,
		MaxAllowedCPU:                  c.GlobalMaxAllowedCPU,
		MaxAllowedMemory:               c.GlobalMaxAllowedMemory,
		PerVPAConfig:                   c.PerVPAConfigGate,
	}
}

type recommendPod struct {
	Name       string            `json:"name"`
	Labels     map[string]string `json:"labels"`
	Containers []struct {
		Name        string `json:"name"`
		CPUMilli    int64  `json:"cpuMilli"`
		MemoryBytes int64  `json:"memoryBytes"`
	} `json:"containers"`
}

type recommendEvent struct {
	T int64  `json:"t"`
	P int    `json:"p"`
	C int    `json:"c"`
	K string `json:"k"`
	V int64  `json:"v"`
}

type recommendAnswer struct {
	Type            string                          `json:"type"`
	Seed            int64                           `json:"seed"`
	Dropped         int64                           `json:"dropped"`
	Raw             map[string]rawEstimate          `json:"raw"`
	Recommendation  *vpa.RecommendedPodResources    `json:"recommendation"`
	Checkpoints     map[string]vpa.CheckpointStatus `json:"checkpoints"`
	TotalWeightBits map[string][2]string            `json:"checkpointTotalWeightBits"`
	CPUHistogram    map[string]percentiles          `json:"cpuHistogram"`
	MemoryHistogram map[string]percentiles          `json:"memoryHistogram"`
	Aggregations    int                             `json:"aggregations"`
}

type rawEstimate struct {
	Target rawAmounts `json:"target"`
	Lower  rawAmounts `json:"lower"`
	Upper  rawAmounts `json:"upper"`
}

type rawAmounts struct {
	CPU    *vpa.Amount `json:"cpu,omitempty"`
	Memory *vpa.Amount `json:"memory,omitempty"`
}

type percentiles struct {
	Bits [21]string `json:"percentileBits"`
}

// feed is the recommender in the middle of a question.
type feed struct {
	settings *vpa.Settings
	object   *vpa.VerticalPodAutoscaler
	pods     []recommendPod
	labels   []map[string]string // of each pod now
	alive    []bool
	running  [][]*vpa.Container
	*vpa.Recommender
	dropped int64 // by recommenders before a restart, and of containers that are not there
}

func answerRecommend(line []byte) (conformance.Answer, error) {
	var q recommendQuestion
	if err := decode(line, "recommend", &q.head, &q); err != nil {
		return conformance.Answer{}, err
	}
	settings, err := q.Config.flags().Compile()
	if err != nil {
		return conformance.Answer{}, fmt.Errorf("config: %w", err)
	}
	f := &feed{settings: settings, pods: q.Pods, alive: make([]bool, len(q.Pods)), object: &vpa.VerticalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "vpa", Annotations: q.Annotations},
		Spec:       vpa.Spec{ResourcePolicy: q.ResourcePolicy},
	}}
	for _, p := range q.Pods {
		f.labels = append(f.labels, p.Labels)
		f.running = append(f.running, make([]*vpa.Container, len(p.Containers)))
	}
	if f.Recommender, err = vpa.NewRecommender(settings, f.object); err != nil {
		return conformance.Answer{}, err
	}
	for i, e := range q.Events {
		if err := f.take(e); err != nil {
			return conformance.Answer{}, fmt.Errorf("events[%d]: %w", i, err)
		}
	}
	var d vpa.Recommendation
	f.Recommend(&d)
	return conformance.Answer{
		Line:    f.answer(&q, &d),
		Explain: func(w io.Writer) error { return d.Explain(w) },
	}, nil
}

// take feeds one event.
func (f *feed) take(e recommendEvent) error {
	at := time.Unix(0, e.T).UTC()
	if e.K == "restart" {
		return f.restart(at)
	}
	if e.P < 0 || e.P >= len(f.pods) {
		return fmt.Errorf("p: there is no pod %d", e.P)
	}
	switch e.K {
	case "addPod":
		f.alive[e.P] = true
		f.set(e.P, at)
		return nil
	case "delPod":
		f.alive[e.P] = false
		clear(f.running[e.P])
		f.DeletePod(f.pods[e.P].Name)
		return nil
	case "relabel":
		labels := map[string]string{}
		for k, v := range f.pods[e.P].Labels {
			labels[k] = v
		}
		labels["rev"] = strconv.FormatInt(e.V, 10)
		f.labels[e.P] = labels
		if f.alive[e.P] {
			f.set(e.P, at)
		}
		return nil
	case "cpu", "mem", "oom":
	default:
		return fmt.Errorf("k: %q is not known", e.K)
	}
	if e.C < 0 || e.C >= len(f.running[e.P]) {
		return fmt.Errorf("c: pod %d has no container %d", e.P, e.C)
	}
	// The recommender counts what it drops of containers that it knows.
	switch c := f.running[e.P][e.C]; {
	case c == nil:
		f.dropped++
	case e.K == "cpu":
		c.AddCPU(at, vpa.Amount(e.V))
	case e.K == "mem":
		c.AddMemory(at, vpa.Amount(e.V))
	default:
		c.RecordOOM(at, vpa.Amount(e.V))
	}
	return nil
}

func (f *feed) set(i int, at time.Time) {
	p := vpa.Pod{Name: f.pods[i].Name, Labels: f.labels[i]}
	for _, c := range f.pods[i].Containers {
		p.Containers = append(p.Containers, vpa.PodContainer{Name: c.Name, MemoryRequest: vpa.Amount(c.MemoryBytes)})
	}
	f.SetPod(at, p)
	for j, c := range p.Containers {
		f.running[i][j] = f.Container(p.Name, c.Name)
	}
}

// restart saves checkpoints, passes them through JSON, and begins anew with them.
func (f *feed) restart(at time.Time) error {
	text, err := json.Marshal(f.Checkpoints(at))
	if err != nil {
		return err
	}
	var saved []vpa.ContainerCheckpoint
	if err := json.Unmarshal(text, &saved); err != nil {
		return err
	}
	f.dropped += f.Dropped().Total()
	if f.Recommender, err = vpa.NewRecommender(f.settings, f.object); err != nil {
		return err
	}
	for _, c := range saved {
		err = errors.Join(err, f.LoadCheckpoint(c.Container, c.Status))
	}
	for i := range f.pods {
		clear(f.running[i])
		if f.alive[i] {
			f.set(i, at)
		}
	}
	return err
}

func (f *feed) answer(q *recommendQuestion, d *vpa.Recommendation) recommendAnswer {
	a := recommendAnswer{
		Type: q.Type, Seed: q.Seed, Dropped: f.dropped + d.Dropped.Total(), Recommendation: d.Status(), Aggregations: f.Aggregates(),
		Raw: map[string]rawEstimate{}, Checkpoints: map[string]vpa.CheckpointStatus{}, TotalWeightBits: map[string][2]string{},
		CPUHistogram: map[string]percentiles{}, MemoryHistogram: map[string]percentiles{},
	}
	for i := range d.Containers {
		c := &d.Containers[i]
		amounts := func(from vpa.Amounts) (out rawAmounts) {
			if c.Target.HasCPU {
				out.CPU = &from.CPU
			}
			if c.Target.HasMemory {
				out.Memory = &from.Memory
			}
			return out
		}
		a.Raw[c.Name] = rawEstimate{amounts(c.Estimate.Target), amounts(c.Estimate.Lower), amounts(c.Estimate.Upper)}
		usage := f.Usage(c.Name)
		a.CPUHistogram[c.Name], a.MemoryHistogram[c.Name] = bitsOf(usage.CPU()), bitsOf(usage.Memory())
	}
	for _, c := range f.Checkpoints(time.Unix(0, q.Now)) {
		a.Checkpoints[c.Container] = c.Status
		a.TotalWeightBits[c.Container] = [2]string{bits(c.Status.CPUHistogram.TotalWeight), bits(c.Status.MemoryHistogram.TotalWeight)}
	}
	return a
}

func bitsOf(h *histogram.Histogram) (p percentiles) {
	for i := range p.Bits {
		p.Bits[i] = bits(h.Percentile(0.01 * float64(i*5)))
	}
	return p
}

func bits(v float64) string { return fmt.Sprintf("%016x", math.Float64bits(v)) }

// adjustRecommend accepts any answer that upstream gave, and blanks what differs from run to run or is only a print.
func adjustRecommend(_, want, got map[string]any) {
	if alternatives, ok := want["alternatives"].([]any); ok {
		for _, a := range alternatives {
			if reflect.DeepEqual(a, got["raw"]) {
				blank(want, "raw", "recommendation")
				blank(got, "raw", "recommendation")
				break
			}
		}
	}
	if unstable, _ := want["unstable"].(bool); unstable {
		blank(want, "checkpointTotalWeightBits")
		blank(got, "checkpointTotalWeightBits")
	}
	blank(want, "alternatives", "unstable")
	for _, name := range []string{"cpuHistogram", "memoryHistogram"} {
		containers, _ := want[name].(map[string]any)
		for _, c := range containers {
			if m, ok := c.(map[string]any); ok {
				blank(m, "text")
			}
		}
	}
}
