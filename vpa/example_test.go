package vpa_test

import (
	"fmt"
	"os"
	"strings"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/scalemath/scalemath/vpa"
)

// history is an hour of one container: 250 millicores and 300 MiB, with one kill.
func history() []vpa.Event {
	events := []vpa.Event{{At: start, Kind: vpa.PodSet, Pod: vpa.Pod{
		Name: "web-0", Labels: map[string]string{"app": "web"}, Containers: []vpa.PodContainer{{Name: "app", MemoryRequest: 300 << 20}},
	}}}
	for m := range 60 {
		at := start.Add(time.Duration(m) * time.Minute)
		events = append(events,
			vpa.Event{At: at, Kind: vpa.CPUSample, Pod: vpa.Pod{Name: "web-0"}, Container: "app", Value: 250},
			vpa.Event{At: at, Kind: vpa.MemorySample, Pod: vpa.Pod{Name: "web-0"}, Container: "app", Value: 300 << 20})
	}
	return append(events, vpa.Event{At: start.Add(time.Hour), Kind: vpa.OOMKill, Pod: vpa.Pod{Name: "web-0"}, Container: "app", Value: 300 << 20})
}

func ExampleRecommend() {
	d, _, err := vpa.Recommend(vpa.Defaults(), vpa.RecommendInput{Now: start.Add(time.Hour), Events: history()}, vpa.State{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(&d)
	fmt.Println(d.Conditions[0].Type, d.Conditions[0].Status)
	if err := d.Explain(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// app: cpu 296m, memory 511772986
	// RecommendationProvided True
	// Container app:
	//   60 samples of CPU over 59m0s, from 1 aggregate
	//   cpu, confidence 0.04097, minimum 25m (the pod's, divided by 1):
	//     target     296m: percentile 0.9 ends bucket 16 at 258m, 296m with a margin of 15 %
	//     lowerBound 282m: percentile 0.5 ends bucket 16 at 258m, 296m with a margin of 15 %, times 0.9529 for confidence
	//     upperBound 7520m: percentile 0.95 ends bucket 16 at 258m, 296m with a margin of 15 %, times 25.41 for confidence
	//   memory, confidence 0.04097, minimum 262144000 bytes (250.0 MiB) (the pod's, divided by 1):
	//     target     511772986: percentile 0.9 ends bucket 23 at 445019988 bytes (424.4 MiB), 511772986 bytes (488.1 MiB) with a margin of 15 %
	//     lowerBound 487677220: percentile 0.5 ends bucket 23 at 445019988 bytes (424.4 MiB), 511772986 bytes (488.1 MiB) with a margin of 15 %, times 0.9529 for confidence
	//     upperBound 13002503491: percentile 0.95 ends bucket 23 at 445019988 bytes (424.4 MiB), 511772986 bytes (488.1 MiB) with a margin of 15 %, times 25.41 for confidence
}

// State is what a restart must not lose; checkpoints are what upstream keeps of it.
func ExampleRecommend_state() {
	events := history()
	_, st, err := vpa.Recommend(vpa.Defaults(), vpa.RecommendInput{Events: events[:60]}, vpa.State{})
	if err != nil {
		fmt.Println(err)
		return
	}
	d, _, err := vpa.Recommend(vpa.Defaults(), vpa.RecommendInput{Now: start.Add(time.Hour), Events: events[60:], Save: true}, st)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(&d)
	saved := d.Checkpoints[0]
	fmt.Println(vpa.CheckpointName("web", saved.Container), saved.Status.Version, saved.Status.CPUHistogram.BucketWeights, saved.Status.TotalSamplesCount)
	// Output:
	// app: cpu 296m, memory 511772986
	// web-app v3 map[16:10000] 60
}

func ExampleUpdate() {
	object := &vpa.VerticalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "hamster-vpa"}}
	object.Status.Recommendation = &vpa.RecommendedPodResources{ContainerRecommendations: []vpa.RecommendedContainerResources{{
		ContainerName: "hamster", Target: quantities(548, 250<<20), LowerBound: quantities(500, 250<<20), UpperBound: quantities(900, 500<<20),
	}}}
	d, _, err := vpa.Update(vpa.UpdateDefaults(), vpa.UpdateInput{
		Now: start.Add(time.Hour), Object: object, Pods: []*corev1.Pod{hamster("hamster-0"), hamster("hamster-1")},
		Owners: []vpa.Owner{{Kind: "ReplicaSet", Name: "hamster", Replicas: 2}},
	}, vpa.UpdateState{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := d.Explain(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// mode Recreate: 1 evicted and 0 resized of 2 pods
	// ReplicaSet hamster: 2 of 2 configured pods run, 1 may be missing, 1 evicted and 0 resized now
	//   pod hamster-0 is evicted (EvictedByVPA), number 1 in order: a request is missing or outside the recommended range; difference 8.48, something wants to grow
	//     container hamster gets cpu 548m, memory 250Mi
	//   pod hamster-1 is left alone: no more pods of its group may be disrupted now; difference 8.48, something wants to grow
}

func ExampleAdmit() {
	object := &vpa.VerticalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Name: "hamster-vpa"}}
	object.Status.Recommendation = &vpa.RecommendedPodResources{ContainerRecommendations: []vpa.RecommendedContainerResources{{
		ContainerName: "hamster", Target: quantities(548, 250<<20),
	}}}
	pod := hamster("hamster-2")
	pod.Spec.Containers[0].Resources.Limits = quantities(200, 100<<20)
	d, err := vpa.Admit(vpa.AdmitDefaults(), vpa.AdmitInput{Object: object, Pod: pod})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, op := range d.Operations() {
		fmt.Println(op)
	}
	if err := d.Explain(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"op":"add","path":"/metadata/annotations","value":{}}
	// {"op":"add","path":"/spec/containers/0/resources/requests/cpu","value":"548m"}
	// {"op":"add","path":"/spec/containers/0/resources/requests/memory","value":"250Mi"}
	// {"op":"add","path":"/spec/containers/0/resources/limits/cpu","value":"1096m"}
	// {"op":"add","path":"/spec/containers/0/resources/limits/memory","value":"500Mi"}
	// {"op":"add","path":"/metadata/annotations/vpaUpdates","value":"Pod resources updated by hamster-vpa: container 0: cpu request, memory request, cpu limit, memory limit"}
	// {"op":"add","path":"/metadata/annotations/vpaObservedContainers","value":"hamster"}
	// 1 of 1 container set by 6 operations
	//   container hamster: requests cpu 548m, memory 250Mi (had cpu 100m, memory 50Mi), limits cpu 1096m, memory 500Mi (had cpu 200m, memory 100Mi)
}

// Limits may follow a rule of their own instead of the pod's proportion. Upstream has no such rule.
func ExampleAdmit_headroom() {
	object := &vpa.VerticalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Name: "hamster-vpa"}}
	object.Status.Recommendation = &vpa.RecommendedPodResources{ContainerRecommendations: []vpa.RecommendedContainerResources{{
		ContainerName: "hamster", Target: quantities(548, 250<<20),
	}}}
	margin := resource.MustParse("64Mi")
	resources, err := vpa.Resources(vpa.AdmitConfig{Limits: []vpa.LimitRule{
		{Container: vpa.EveryContainer, Resource: corev1.ResourceCPU, Ratio: 2},
		{Container: "hamster", Resource: corev1.ResourceMemory, Ratio: 1.2, Add: &margin},
	}}, vpa.AdmitInput{Object: object, Pod: hamster("hamster-2")})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(resources[0].Limits.Cpu(), resources[0].Limits.Memory())
	// Output:
	// 1096m 314Mi
}

func ExampleResize() {
	object := &vpa.VerticalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Name: "hamster-vpa"}}
	object.Status.Recommendation = &vpa.RecommendedPodResources{ContainerRecommendations: []vpa.RecommendedContainerResources{{
		ContainerName: "hamster", Target: quantities(548, 250<<20),
	}}}
	d, err := vpa.Resize(vpa.AdmitDefaults(), vpa.ResizeInput{Now: start, Object: object, Pod: hamster("hamster-0")})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, op := range append(d.Resources, d.Annotations...) {
		fmt.Println(op)
	}
	// Output:
	// {"op":"add","path":"/spec/containers/0/resources/requests/cpu","value":"548m"}
	// {"op":"add","path":"/spec/containers/0/resources/requests/memory","value":"250Mi"}
	// {"op":"add","path":"/metadata/annotations","value":{}}
	// {"op":"add","path":"/metadata/annotations/vpaInPlaceUpdated","value":"true"}
}

func ExampleCapForPod() {
	rec := &vpa.RecommendedPodResources{ContainerRecommendations: []vpa.RecommendedContainerResources{{
		ContainerName: "hamster", Target: quantities(548, 250<<20),
	}}}
	policy := &vpa.ResourcePolicy{ContainerPolicies: []vpa.ContainerPolicy{{
		ContainerName: vpa.EveryContainer, MaxAllowed: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("0.5")},
	}}}
	capped, notes, err := vpa.CapForPod(rec, policy, hamster("hamster-0"), nil, vpa.Profile{})
	if err != nil {
		fmt.Println(err)
		return
	}
	target := capped.ContainerRecommendations[0].Target
	fmt.Println(target.Cpu(), target.Memory(), notes)
	// Output:
	// 500m 250Mi map[hamster:[cpu capped to maxAllowed]]
}

func ExampleEstimateContainer() {
	a, err := vpa.NewAggregate(vpa.Defaults())
	if err != nil {
		fmt.Println(err)
		return
	}
	var w vpa.Window
	for m := range 8*24*60 + 1 {
		at := start.Add(time.Duration(m) * time.Minute)
		w.AddCPU(a, at, 100)
		w.AddMemory(a, at, 500<<20, 24*time.Hour, vpa.Profile{})
	}
	e, err := vpa.EstimateContainer(vpa.Defaults(), 1, a)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Target, e.Lower, e.Upper)
	// Output:
	// {126 628694953} {125 628537808} {141 707281822}
}

func ExampleDetectOOMs() {
	old, now := hamster("hamster-0"), hamster("hamster-0")
	old.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "hamster", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}}
	now.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "hamster", State: corev1.ContainerState{
		Terminated: &corev1.ContainerStateTerminated{Reason: "OOMKilled", FinishedAt: metav1.NewTime(start)},
	}}}
	for _, kill := range vpa.DetectOOMs(old, now) {
		fmt.Println(kill.Container, kill.At.Format(time.RFC3339), kill.Request)
	}
	// Output:
	// hamster 2026-03-01T12:00:00Z 52428800
}

func ExampleValidate() {
	mode := vpa.UpdateModeInPlace
	object := &vpa.VerticalPodAutoscaler{}
	object.Spec.UpdatePolicy = &vpa.UpdatePolicy{UpdateMode: &mode}
	fmt.Println(vpa.Validate(object, object, vpa.Gates{}))
	fmt.Println(vpa.Validate(object, nil, vpa.Gates{InPlace: true}))
	// Output:
	// <nil>
	// invalid: spec.targetRef: nil must be given
}

func ExampleReadHistory() {
	series, err := vpa.ReadHistory(strings.NewReader(`time,pod,container,cpu,memory
2026-03-01T12:00:00Z,web-0,app,250m,300Mi
2026-03-01T12:01:00Z,web-0,app,0.31,310Mi
`), "")
	if err != nil {
		fmt.Println(err)
		return
	}
	settings, err := vpa.Defaults().Compile()
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := vpa.NewRecommender(settings, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	r.Replay(series)
	var d vpa.Recommendation
	r.Recommend(&d)
	fmt.Println(&d)
	// Output:
	// app: cpu 379m, memory 380258472
}

// The prepared form feeds samples without allocations and decides as often as wanted.
func ExampleRecommender() {
	settings, err := vpa.Defaults().Compile()
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := vpa.NewRecommender(settings, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	r.SetPod(start, vpa.Pod{Name: "web-0", Labels: map[string]string{"app": "web"}, Containers: []vpa.PodContainer{{Name: "app"}}})
	app := r.Container("web-0", "app")
	fmt.Println(app.AddCPU(start, 250), app.AddCPU(start, 260), app.AddMemory(start, 300<<20), app.RecordOOM(start, 300<<20))
	var d vpa.Recommendation
	r.Recommend(&d)
	fmt.Println(&d)
	fmt.Println(r)
	// Output:
	// Accepted OutOfOrder Accepted Accepted
	// app: cpu 296m, memory 511772986
	// 1 aggregate of 1 container, 1 pod, 1 sample dropped
}

// The prepared form of an update answers one question about one pod each.
func ExampleUpdater() {
	in := scene(vpa.UpdateModeRecreate, 3)
	request(in.Pods[1], 900, 900<<20)
	u, err := vpa.NewUpdater(vpa.UpdateDefaults(), in, vpa.UpdateState{})
	if err != nil {
		fmt.Println(err)
		return
	}
	order, err := u.Order([]int{0, 1, 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, i := range order {
		p, err := u.Priority(i)
		if err != nil {
			fmt.Println(err)
			return
		}
		can, why := u.CanEvict(i)
		fmt.Printf("%s scale up %v, difference %.2f, can evict %v %q\n", in.Pods[i].Name, p.ScaleUp, p.ResourceDiff, can, why)
		if can {
			u.Evict(i)
		}
	}
	// Output:
	// hamster-0 scale up true, difference 8.48, can evict true ""
	// hamster-2 scale up true, difference 8.48, can evict false "DisruptionBudget"
	// hamster-1 scale up false, difference 1.11, can evict false "DisruptionBudget"
}

func ExampleControlling() {
	older := &vpa.VerticalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "older", CreationTimestamp: metav1.NewTime(start)}}
	older.Spec.TargetRef = &autoscalingv1.CrossVersionObjectReference{Kind: "Deployment", Name: "hamster"}
	younger := &vpa.VerticalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "a-younger", CreationTimestamp: metav1.NewTime(start.Add(time.Hour))}, Spec: older.Spec}
	selector := labels.SelectorFromSet(labels.Set{"app": "hamster"})
	chosen := vpa.Controlling(hamster("hamster-0"), "Deployment", "hamster", []vpa.Candidate{{Object: younger, Selector: selector}, {Object: older, Selector: selector}})
	fmt.Println(chosen.Name)
	// Output:
	// older
}

func ExampleEvictionOOMs() {
	event := &corev1.Event{
		ObjectMeta: metav1.ObjectMeta{CreationTimestamp: metav1.NewTime(start), Annotations: map[string]string{
			"offending_containers": "app,sidecar", "offending_containers_usage": "1Gi,10Mi", "starved_resource": "memory,memory",
		}},
		Reason: "Evicted", InvolvedObject: corev1.ObjectReference{Kind: "Pod", Name: "web-0"},
	}
	for _, kill := range vpa.EvictionOOMs(event) {
		fmt.Println(kill.Pod, kill.Container, kill.Request)
	}
	// Output:
	// web-0 app 1073741824
	// web-0 sidecar 10485760
}

func ExamplePodPriority() {
	rec := scene(vpa.UpdateModeRecreate, 0).Object.Status.Recommendation
	p := vpa.PodPriority(hamster("hamster-0"), rec)
	fmt.Printf("outside %v, scale up %v, difference %.2f\n", p.OutsideRange, p.ScaleUp, p.ResourceDiff)
	// Output:
	// outside true, scale up true, difference 8.48
}
