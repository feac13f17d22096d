package sim

import (
	"fmt"
	"maps"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/vpa"
)

// VPAConfig is what the three parts of the vertical autoscaler are started with. [VPADefaults] gives upstream's flags.
type VPAConfig struct {
	Recommender vpa.Config       // the recommender's flags
	Updater     vpa.UpdateConfig // the updater's flags
	Admission   vpa.AdmitConfig  // the webhook's flags
	// Every is the time between two steps, each of which recommends and then updates; default 1 minute.
	Every time.Duration
}

// VPADefaults are upstream's flags.
func VPADefaults() VPAConfig {
	return VPAConfig{Recommender: vpa.Defaults(), Updater: vpa.UpdateDefaults(), Admission: vpa.AdmitDefaults()}
}

// VPA runs VerticalPodAutoscalers with the decisions of package vpa: it samples usage, recommends, evicts or resizes pods
// as the object's mode says, and gives new pods what was recommended.
type VPA struct {
	cfg     VPAConfig
	objects []*vpaObject
}

// vpaObject is one object and what is kept for it.
type vpaObject struct {
	object      *vpa.VerticalPodAutoscaler
	target      string
	recommender *vpa.Recommender
	known       map[string]bool // running pods
	changes     uint64          // of the pods when they were looked at last
	sampled     time.Time
	decision    vpa.Recommendation
	state       vpa.UpdateState
	updated     vpa.UpdateDecision
	told        string
	cpu, memory Samples
}

// NewVPA makes the autoscaler with its objects, which are copied.
func NewVPA(cfg VPAConfig, objects ...*vpa.VerticalPodAutoscaler) (*VPA, error) {
	settings, err := cfg.Recommender.Compile()
	if err != nil {
		return nil, err
	}
	out := &VPA{cfg: cfg}
	for i, object := range objects {
		if object == nil || object.Spec.TargetRef == nil {
			return nil, invalid("vpas", "[%d] is nil or has no spec.targetRef", i)
		}
		one := *object
		recommender, err := vpa.NewRecommender(settings, &one)
		if err != nil {
			return nil, err
		}
		target := Workload{Namespace: one.Namespace, Name: one.Spec.TargetRef.Name}
		out.objects = append(out.objects, &vpaObject{object: &one, target: target.Key(), recommender: recommender, known: map[string]bool{}})
	}
	return out, nil
}

// Name implements [Autoscaler].
func (a *VPA) Name() string { return "vpa" }

// Period implements [Autoscaler].
func (a *VPA) Period() time.Duration {
	if a.cfg.Every == 0 {
		return time.Minute
	}
	return a.cfg.Every
}

// Recommendation is the latest recommendation for a workload (namespace/name); nil before the first one. It is good until
// the next step.
func (a *VPA) Recommendation(workload string) *vpa.Recommendation {
	for _, o := range a.objects {
		if o.target == workload && len(o.decision.Containers) > 0 {
			return &o.decision
		}
	}
	return nil
}

// Update is the latest decision about the pods of a workload (namespace/name); nil where no object is for it.
func (a *VPA) Update(workload string) *vpa.UpdateDecision {
	if o := a.object(workload); o != nil {
		return &o.updated
	}
	return nil
}

// Step implements [Autoscaler].
func (a *VPA) Step(now time.Time, v *View) []Action {
	var actions []Action
	for _, o := range a.objects {
		w, ok := v.Workload(o.target)
		if !ok {
			continue
		}
		o.follow(now, v, &w)
		o.sample(v, &w)
		actions = append(actions, o.recommend()...)
		actions = append(actions, o.update(now, v, &w, a.cfg.Updater)...)
	}
	return actions
}

// follow tells the recommender which pods run.
func (o *vpaObject) follow(now time.Time, v *View, w *WorkloadStatus) {
	if o.changes == w.Changes {
		return
	}
	o.changes = w.Changes
	gone := maps.Clone(o.known)
	for _, p := range v.Pods(w.Key) {
		delete(gone, p.Name)
		if o.known[p.Name] || p.Status.Phase != corev1.PodRunning {
			continue
		}
		o.known[p.Name] = true
		one := vpa.Pod{Name: p.Name, Labels: p.Labels}
		for i := range p.Spec.Containers {
			c := &p.Spec.Containers[i]
			one.Containers = append(one.Containers, vpa.PodContainer{Name: c.Name, MemoryRequest: vpa.MemoryAmount(*c.Resources.Requests.Memory())})
		}
		o.recommender.SetPod(now, one)
	}
	for name := range gone { // in any order: each is forgotten by itself
		delete(o.known, name)
		o.recommender.DeletePod(name)
	}
}

// sample feeds what was measured since the last step. Only the first container of a pod uses anything.
func (o *vpaObject) sample(v *View, w *WorkloadStatus) {
	if w.Measured.IsZero() || w.Measured.Equal(o.sampled) {
		return
	}
	o.sampled = w.Measured
	name := w.Template.Spec.Containers[0].Name
	for _, s := range v.Samples(w.Key, corev1.ResourceCPU, name, &o.cpu) {
		if c := o.recommender.Container(s.Pod, name); c != nil {
			c.AddCPU(s.Time, vpa.Amount(s.Value))
		}
	}
	for _, s := range v.Samples(w.Key, corev1.ResourceMemory, name, &o.memory) {
		if c := o.recommender.Container(s.Pod, name); c != nil {
			c.AddMemory(s.Time, vpa.Amount(s.Value/1000))
		}
	}
}

// recommend writes the object's status, and tells when the target is another one.
func (o *vpaObject) recommend() []Action {
	o.recommender.Recommend(&o.decision)
	o.object.Status.Recommendation = o.decision.Status()
	if o.object.Status.Recommendation == nil {
		return nil
	}
	var parts []string
	for _, c := range o.object.Status.Recommendation.ContainerRecommendations {
		parts = append(parts, fmt.Sprintf("%s: cpu %s, memory %s", c.ContainerName, c.Target.Cpu(), c.Target.Memory()))
	}
	text := strings.Join(parts, "; ")
	if text == o.told {
		return nil
	}
	o.told = text
	return []Action{Say{Object: o.target, Why: "recommends " + text}}
}

// update evicts and resizes.
func (o *vpaObject) update(now time.Time, v *View, w *WorkloadStatus, cfg vpa.UpdateConfig) []Action {
	pods := v.Pods(w.Key)
	in := vpa.UpdateInput{Now: now, Object: o.object, Pods: pods}
	if len(pods) > 0 && len(pods[0].OwnerReferences) > 0 {
		owner := &pods[0].OwnerReferences[0]
		in.Owners = []vpa.Owner{{Namespace: w.Namespace, Kind: owner.Kind, Name: owner.Name, Replicas: w.Replicas}}
	}
	decision, state, err := vpa.Update(cfg, in, o.state)
	if err != nil {
		return []Action{Say{Object: w.Key, Why: err.Error()}}
	}
	o.state, o.updated = state, decision
	var actions []Action
	for _, i := range decision.Resize {
		d := &decision.Pods[i]
		containers := map[string]corev1.ResourceRequirements{}
		for _, c := range d.Recommendation.ContainerRecommendations {
			containers[c.ContainerName] = corev1.ResourceRequirements{Requests: c.Target}
		}
		actions = append(actions, Resize{Namespace: w.Namespace, Pod: d.Name, Containers: containers, Why: string(d.Reason)})
	}
	for _, i := range decision.Evict {
		d := &decision.Pods[i]
		actions = append(actions, Evict{Namespace: w.Namespace, Pod: d.Name, Why: string(d.Reason)})
	}
	return actions
}

// Admits implements [Admitter].
func (a *VPA) Admits(workload string) bool { return a.object(workload) != nil }

func (a *VPA) object(workload string) *vpaObject {
	for _, o := range a.objects {
		if o.target == workload {
			return o
		}
	}
	return nil
}

// Admit implements [Admitter].
func (a *VPA) Admit(_ time.Time, _ *View, workload string, pod *corev1.Pod) error {
	o := a.object(workload)
	d, err := vpa.Admit(a.cfg.Admission, vpa.AdmitInput{Object: o.object, Pod: pod})
	if err != nil || d.Error != "" {
		return err // a pod that the webhook fails on is made as it is
	}
	for i := range d.Containers {
		if d.Containers[i].Reason != "" && d.Containers[i].Boosted == nil {
			continue
		}
		given := d.Containers[i].Resources
		if d.Containers[i].Boosted != nil {
			given = *d.Containers[i].Boosted
		}
		into := &pod.Spec.Containers[i].Resources
		setAll(&into.Requests, given.Requests)
		setAll(&into.Limits, given.Limits)
	}
	for _, op := range d.Patch {
		name, ok := strings.CutPrefix(op.Path, "/metadata/annotations/")
		if value, text := op.Value.(string); ok && text {
			if pod.Annotations == nil {
				pod.Annotations = map[string]string{}
			}
			pod.Annotations[strings.NewReplacer("~1", "/", "~0", "~").Replace(name)] = value
		}
	}
	return nil
}
