package hpa

import (
	"math"
	"slices"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Preflight lists what the API server would refuse about an object and what will surprise its owner, before anything is
// scaled. Of the input it reads the object and, as far as they are given, the scale, the pods and the observations.
func Preflight(cfg Config, in Input) []Finding {
	f := findings(Validate(cfg, in.HPA))
	if in.HPA == nil {
		return f
	}
	f.behavior(&cfg, in.HPA)
	f.requests(cfg, &in)
	f.foreignPods(&in)
	f.zero(&cfg, &in)
	f.negativeSeries(&in)
	f.future(&in)
	return f
}

// behavior warns of rules that act otherwise than they read.
func (f *findings) behavior(cfg *Config, hpa *autoscalingv2.HorizontalPodAutoscaler) {
	b := hpa.Spec.Behavior
	if b == nil {
		f.warn("spec.behavior", "is absent, which is not the same as {}: a recommendation of the last %v also scales up again after a manual scale-down, and a scale-up stops at the larger of %v times the size and %v",
			cfg.DownscaleStabilization, cfg.ScaleUpFactor, cfg.ScaleUpMinimum)
		return
	}
	up, down := upRules(b), downRules(b, cfg.DownscaleStabilization)
	f.policies("spec.behavior.scaleUp", &up, hpa.Spec.MaxReplicas)
	f.policies("spec.behavior.scaleDown", &down, hpa.Spec.MaxReplicas)
	if down.window > cfg.DownscaleStabilization {
		f.warn("spec.behavior.scaleDown.stabilizationWindowSeconds", "%v is longer than the controller's flag, %v", down.window, cfg.DownscaleStabilization)
	}
	if up.window > cfg.DownscaleStabilization {
		f.warn("spec.behavior.scaleUp.stabilizationWindowSeconds", "%v is longer than the controller's flag, %v", up.window, cfg.DownscaleStabilization)
	}
	onlyPercent := !slices.ContainsFunc(up.policies, func(p autoscalingv2.HPAScalingPolicy) bool { return p.Type == autoscalingv2.PodsScalingPolicy })
	if minReplicas(hpa) == 0 && onlyPercent {
		f.warn("spec.behavior.scaleUp.policies", "a percentage of 0 replicas is 0: with Percent policies alone the target never leaves zero")
	}
}

// policies warns of values that overflow: they block what they are meant to allow (B11).
func (f *findings) policies(path string, r *rules, most int32) {
	for i, p := range r.policies {
		at := path + ".policies[" + itoa(i) + "].value"
		switch {
		case p.Type == autoscalingv2.PodsScalingPolicy && p.Value > math.MaxInt32-most:
			f.warn(at, "%d pods added to a size of up to %d wrap below zero and block this direction; use a smaller value", p.Value, most)
		case p.Type == autoscalingv2.PercentScalingPolicy && float64(most)*(1+float64(p.Value)/100) > math.MaxInt32:
			f.warn(at, "%d %% of a size of up to %d exceed int32 and block this direction; use a smaller value", p.Value, most)
		}
	}
}

// requests lists every pod whose missing request will fail a metric, where the controller names one.
func (f *findings) requests(cfg Config, in *Input) {
	for i, spec := range MetricsOf(in.HPA) {
		if validateSource(&spec) != nil {
			continue
		}
		var missing []MissingRequest
		switch {
		case spec.Type == autoscalingv2.ResourceMetricSourceType && spec.Resource.Target.AverageValue == nil:
			missing = RequestsMissing(cfg, in.pods(), spec.Resource.Name, "")
		case spec.Type == autoscalingv2.ContainerResourceMetricSourceType && spec.ContainerResource.Target.AverageValue == nil:
			missing = RequestsMissing(cfg, in.pods(), spec.ContainerResource.Name, spec.ContainerResource.Container)
		}
		for _, m := range missing {
			f.warn("spec.metrics["+itoa(i)+"]", "%v: the metric fails as long as a selected pod lacks it", m)
		}
	}
}

// pods are the input's pods, compiled or not, without those that are nil.
func (in *Input) pods() []*corev1.Pod {
	pods := in.Pods
	if in.Compiled != nil {
		pods = in.Compiled.specs
	}
	return slices.DeleteFunc(slices.Clone(pods), func(p *corev1.Pod) bool { return p == nil })
}

// foreignPods warns of pods that match the selector but do not belong to the target: their readings count all the same.
func (f *findings) foreignPods(in *Input) {
	ref := in.HPA.Spec.ScaleTargetRef
	for _, pod := range in.pods() {
		owner := metav1.GetControllerOf(pod)
		switch {
		case owner == nil:
			f.warn("scale.status.selector", "matches pod %s, which no controller owns", pod.Name)
		case ref.Kind == "Deployment" && owner.Kind == "ReplicaSet" && strings.HasPrefix(owner.Name, ref.Name+"-"):
		case owner.Kind == ref.Kind && owner.Name == ref.Name:
		default:
			f.warn("scale.status.selector", "matches pod %s of %s %s, which is not of the target %s %s", pod.Name, owner.Kind, owner.Name, ref.Kind, ref.Name)
		}
	}
}

// zero warns of a target that will stay at zero (Z2, Z3).
func (f *findings) zero(cfg *Config, in *Input) {
	if in.Scale == nil || in.Scale.Spec.Replicas != 0 {
		return
	}
	d := Decider{cfg: *cfg}
	switch {
	case !d.scaledToZero(in.HPA):
		f.warn("scale.spec.replicas", "0 without the condition ScaledToZero: the object rests until somebody gives the target a replica")
	case !hasWholeMetric(in.HPA):
		f.warn("spec.metrics", "none of them can be read without pods, so the target stays at 0")
	}
}

// negativeSeries warns of external readings that ask for every replica there may be (P4).
func (f *findings) negativeSeries(in *Input) {
	specs := MetricsOf(in.HPA)
	for i := range in.Metrics {
		if i >= len(specs) || specs[i].External == nil || specs[i].External.Target.AverageValue == nil {
			continue
		}
		var sum int64
		for _, v := range in.Metrics[i].Values {
			if sum += v; sum < 0 {
				f.warn("spec.metrics["+itoa(i)+"].external", "its series sum up to less than zero on the way, which the controller takes for an overflow: it asks for spec.maxReplicas")
				break
			}
		}
	}
}

// future warns of readings from after the decision: a clock is wrong.
func (f *findings) future(in *Input) {
	for i := range in.Metrics {
		for _, s := range in.Metrics[i].Pods {
			if s.Time.After(in.Now.Add(time.Minute)) {
				f.warn("metrics["+itoa(i)+"]", "the reading of pod %s is from %s, after the decision's %s", s.Pod, clock(s.Time), clock(in.Now))
				break
			}
		}
	}
}
