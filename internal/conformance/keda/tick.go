package keda

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/keda"
	"github.com/scalemath/scalemath/keda/formula"
)

type tickIn struct {
	Now          time.Time         `json:"now"`
	ScaledObject keda.ScaledObject `json:"scaledObject"`
	Readings     []struct {
		Name   string                     `json:"name"`
		Value  resource.Quantity          `json:"value"`
		Active bool                       `json:"active"`
		Error  bool                       `json:"error"`
		Target autoscalingv2.MetricTarget `json:"target"`
		CPU    bool                       `json:"cpu"`
	} `json:"readings"`
	Replicas  int32 `json:"replicas"`
	ReadyPods int32 `json:"readyPods"`
}

type tickOut struct {
	CompileError     string                                `json:"compileError,omitempty"`
	ScaledTo         *int32                                `json:"scaledTo,omitempty"`
	Events           []string                              `json:"events,omitempty"`
	Conditions       []condition                           `json:"conditions,omitempty"`
	TriggersActivity map[string]keda.TriggerActivityStatus `json:"triggersActivity,omitempty"`
	Health           map[string]keda.HealthStatus          `json:"health,omitempty"`
	LastActiveTime   *metav1.Time                          `json:"lastActiveTime,omitempty"`
	Now              *time.Time                            `json:"now,omitempty"`
}

func tick(in tickIn) (any, func(io.Writer) error, error) {
	so, cfg := &in.ScaledObject, keda.Defaults()
	f, err := keda.CompileFormula(cfg, so, formula.Compile)
	if err != nil {
		return tickOut{CompileError: sentence(err)}, nil, nil
	}
	input := keda.TickInput{
		Now: in.Now, Object: so, Formula: f,
		Workload: keda.Workload{Replicas: in.Replicas, ReadyPods: in.ReadyPods},
	}
	for i, r := range in.Readings {
		if r.CPU {
			continue
		}
		name := fmt.Sprintf("s%d-fake", i)
		input.Readings = append(input.Readings, keda.Reading{
			Trigger: i, Metric: name, Target: r.Target, Values: []keda.MetricValue{{Name: name, Value: r.Value}},
			Active: r.Active, Err: boomIf(r.Error),
		})
	}
	d, st, err := keda.Tick(cfg, input, keda.StateOf(&so.Status))
	if err != nil {
		return nil, nil, err
	}
	out := tickOut{Now: &in.Now, Events: events(d.Events())}
	for i, e := range out.Events {
		if head, names, ok := strings.Cut(e, "triggered by "); ok {
			list := strings.Split(names, ";")
			slices.Sort(list)
			out.Events[i] = head + "triggered by " + strings.Join(list, ";")
		}
	}
	slices.Sort(out.Events)
	if d.Scale != nil && d.Scale.Scale {
		out.ScaledTo = &d.Scale.To
	}
	if status, ok := lastPatch(&so.Status, &d, st); ok {
		out.Conditions, out.TriggersActivity = conditions(status.Conditions), status.TriggersActivity
		out.Health, out.LastActiveTime = status.Health, status.LastActiveTime
	}
	return out, d.Explain, nil
}

// lastPatch is the status in the last patch of a tick, as the recording cluster saw it: each patch starts from the
// question's object, so that what fallback wrote is gone once the executor has written.
func lastPatch(before *keda.ScaledObjectStatus, d *keda.TickDecision, st keda.State) (keda.ScaledObjectStatus, bool) {
	if d.Scale != nil {
		after := *before
		after.Conditions = before.Conditions.Merge(d.Scale.Conditions())
		after.TriggersActivity = d.Scale.TriggersActivity()
		if !d.Scale.LastActive.IsZero() {
			after.LastActiveTime = seconds(d.Scale.LastActive)
		}
		if len(after.TriggersActivity) == 0 && len(before.TriggersActivity) == 0 {
			after.TriggersActivity = before.TriggersActivity
		}
		if !reflect.DeepEqual(after, *before) {
			return after, true
		}
	}
	after := *before
	for i := range d.Readings {
		if d.Readings[i].Counted {
			after.Health, after.Conditions = st.Health, counted(before.Conditions, st)
		}
	}
	return after, !reflect.DeepEqual(after, *before)
}
