package vpa_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/scalemath/scalemath/vpa"
)

// V1.
func TestValidate(t *testing.T) {
	mode, unknown, inPlace := vpa.UpdateModeRecreate, vpa.UpdateMode("x"), vpa.UpdateModeInPlace
	zero, one := int32(0), int32(1)
	nothing := int64(0)
	off, both := vpa.ScalingModeOff, vpa.RequestsAndLimits
	gpu := []corev1.ResourceName{"gpu"}
	half := resource.MustParse("0.5")
	whole := func(spec vpa.Spec) *vpa.VerticalPodAutoscaler {
		spec.TargetRef = &autoscalingv1.CrossVersionObjectReference{Kind: "Deployment", Name: "x"}
		return &vpa.VerticalPodAutoscaler{Spec: spec}
	}
	update := func(p vpa.UpdatePolicy) *vpa.VerticalPodAutoscaler { return whole(vpa.Spec{UpdatePolicy: &p}) }
	container := func(p vpa.ContainerPolicy) *vpa.VerticalPodAutoscaler {
		return whole(vpa.Spec{ResourcePolicy: &vpa.ResourcePolicy{ContainerPolicies: []vpa.ContainerPolicy{p}}})
	}
	cpu := func(text string) corev1.ResourceList { return corev1.ResourceList{"cpu": resource.MustParse(text)} }
	for name, test := range map[string]struct {
		object *vpa.VerticalPodAutoscaler
		want   string // of the error; empty for none
	}{
		"fine":             {update(vpa.UpdatePolicy{UpdateMode: &mode, MinReplicas: &one}), ""},
		"nil":              {nil, "object"},
		"no mode":          {update(vpa.UpdatePolicy{}), "updateMode"},
		"unknown mode":     {update(vpa.UpdatePolicy{UpdateMode: &unknown}), `updateMode: "x"`},
		"gated mode":       {update(vpa.UpdatePolicy{UpdateMode: &inPlace}), "gate InPlace"},
		"min replicas":     {update(vpa.UpdatePolicy{UpdateMode: &mode, MinReplicas: &zero}), "minReplicas: 0"},
		"oom seconds":      {update(vpa.UpdatePolicy{UpdateMode: &mode, EvictAfterOOMSeconds: &zero}), "evictAfterOOMSeconds: 0"},
		"gated seconds":    {update(vpa.UpdatePolicy{UpdateMode: &mode, EvictAfterOOMSeconds: &one}), "gate PerVPAConfig"},
		"no name":          {container(vpa.ContainerPolicy{}), "containerName"},
		"max below min":    {container(vpa.ContainerPolicy{ContainerName: "a", MinAllowed: cpu("2"), MaxAllowed: cpu("1")}), "maxAllowed.cpu: 1"},
		"micro cores":      {container(vpa.ContainerPolicy{ContainerName: "a", MinAllowed: cpu("100u")}), "finer than the unit"},
		"milli cores":      {container(vpa.ContainerPolicy{ContainerName: "a", MinAllowed: cpu("100m")}), ""},
		"milli bytes":      {container(vpa.ContainerPolicy{ContainerName: "a", MaxAllowed: corev1.ResourceList{"memory": resource.MustParse("100m")}}), "finer than the unit"},
		"off with limits":  {container(vpa.ContainerPolicy{ContainerName: "a", Mode: &off, ControlledValues: &both}), "cannot be with mode Off"},
		"gpu":              {container(vpa.ContainerPolicy{ContainerName: "a", ControlledResources: &gpu}), "neither cpu nor memory"},
		"ratio":            {container(vpa.ContainerPolicy{ContainerName: "a", OOMBumpUpRatio: &half}), "oomBumpUpRatio: 500m"},
		"interval":         {container(vpa.ContainerPolicy{ContainerName: "a", MemoryAggregationIntervalSeconds: &nothing}), "memoryAggregationIntervalSeconds: 0"},
		"two recommenders": {whole(vpa.Spec{Recommenders: []vpa.RecommenderSelector{{}, {}}}), "recommenders: 2"},
		"gated boost":      {whole(vpa.Spec{StartupBoost: &vpa.StartupBoost{}}), "gate CPUStartupBoost"},
		"boost factor":     {whole(vpa.Spec{StartupBoost: &vpa.StartupBoost{CPU: &vpa.Boost{Factor: &zero}}}), "factor: 0"},
	} {
		err := vpa.Validate(test.object, nil, vpa.Gates{})
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case test.want != "" && (!errors.Is(err, vpa.ErrInvalid) || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: %v, want ErrInvalid about %s", name, err, test.want)
		}
	}
	// What was there already may stay.
	was := update(vpa.UpdatePolicy{UpdateMode: &inPlace, EvictAfterOOMSeconds: &one})
	if err := vpa.Validate(was, was, vpa.Gates{}); err != nil {
		t.Errorf("unchanged: %v", err)
	}
}

// O6 to O9.
func TestKillsAreFound(t *testing.T) {
	running := corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}
	dead := corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "OOMKilled", FinishedAt: metav1.NewTime(start)}}
	status := func(now, last corev1.ContainerState, restarts int32) corev1.ContainerStatus {
		return corev1.ContainerStatus{Name: "hamster", State: now, LastTerminationState: last, RestartCount: restarts}
	}
	none := corev1.ContainerState{}
	for _, test := range []struct {
		name     string
		old, now corev1.ContainerStatus
		want     vpa.Amount // 0 for no kill
	}{
		{"O6: killed", status(running, none, 0), status(dead, none, 0), 60 << 20},
		{"O6: killed before", status(dead, none, 0), status(dead, none, 0), 0},
		{"O6: killed again", status(dead, none, 0), status(dead, dead, 1), 60 << 20},
		{"O7: missed", status(running, none, 0), status(running, dead, 1), 50 << 20},
		{"O7: seen before", status(running, dead, 1), status(running, dead, 1), 0},
	} {
		old, now := hamster("a"), hamster("a")
		request(now, 100, 60<<20)
		old.Status.ContainerStatuses, now.Status.ContainerStatuses = []corev1.ContainerStatus{test.old}, []corev1.ContainerStatus{test.now}
		got := vpa.DetectOOMs(old, now)
		if test.want == 0 && len(got) != 0 || test.want != 0 && (len(got) != 1 || got[0].Request != test.want || !got[0].At.Equal(start)) {
			t.Errorf("%s: %v, want %d", test.name, got, test.want)
		}
	}
	event := &corev1.Event{Reason: "Evicted", InvolvedObject: corev1.ObjectReference{Kind: "Pod", Name: "a"}}
	event.CreationTimestamp = metav1.NewTime(start)
	event.Annotations = map[string]string{"offending_containers": "x,y,z", "offending_containers_usage": "1Gi,2Gi,?", "starved_resource": "memory,cpu,memory"}
	if got := vpa.EvictionOOMs(event); len(got) != 1 || got[0] != (vpa.OOMEvent{Pod: "a", Container: "x", At: start, Request: 1 << 30}) {
		t.Errorf("O8: %v", got)
	}
	event.Annotations["starved_resource"] = "memory"
	if got := vpa.EvictionOOMs(event); got != nil {
		t.Errorf("O8, lists of unequal length: %v", got)
	}
}

// T3, T4.
func TestControlling(t *testing.T) {
	make := func(name string, age time.Duration, kind string) vpa.Candidate {
		o := &vpa.VerticalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, CreationTimestamp: metav1.NewTime(start.Add(-age))}}
		o.Spec.TargetRef = &autoscalingv1.CrossVersionObjectReference{Kind: kind, Name: "web"}
		return vpa.Candidate{Object: o, Selector: labels.SelectorFromSet(labels.Set{"app": "hamster"})}
	}
	pod := hamster("a")
	all := []vpa.Candidate{make("young", 0, "Deployment"), make("z-old", time.Hour, "Deployment"), make("a-old", time.Hour, "Deployment"),
		make("other", 2*time.Hour, "StatefulSet"), {}}
	if got := vpa.Controlling(pod, "Deployment", "web", all); got == nil || got.Name != "a-old" {
		t.Errorf("%v, want the oldest whose name comes first", got)
	}
	if got := vpa.Controlling(pod, "Job", "web", all); got != nil {
		t.Errorf("%v, want none", got.Name)
	}
}

func TestHistories(t *testing.T) {
	const matrix = `{"status":"success","data":{"resultType":"matrix","result":[
		{"metric":{"__name__":"container_memory_working_set_bytes","namespace":"ns","pod":"web-0","container":"app","label_app":"web"},"values":[[1772366460.5,"3e8"],[1772366400,"2e8"],[1772366520,"NaN"]]},
		{"metric":{"__name__":"container_memory_working_set_bytes","pod":"web-0"},"values":[[1772366400,"9e9"]]}]}}`
	series, err := vpa.ReadHistory(strings.NewReader(matrix), "")
	if err != nil {
		t.Fatal(err)
	}
	if len(series) != 1 || series[0].Container != "app" || series[0].Labels["app"] != "web" || len(series[0].Points) != 2 || series[0].Points[0].Value != 2e8 {
		t.Errorf("%v, want one series of two points, sorted by time", series)
	}
	for name, text := range map[string]string{
		"empty":              "",
		"vector":             `{"status":"success","data":{"resultType":"vector"}}`,
		"failed":             `{"status":"error","error":"no"}`,
		"not JSON":           `{"status"`,
		"which resource":     `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"container":"a"}}]}}`,
		"time":               `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"cpu","container":"a"},"values":[["x","1"]]}]}}`,
		"value":              `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"cpu","container":"a"},"values":[[1,"x"]]}]}}`,
		"far future":         `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"cpu","container":"a"},"values":[[1e300,"1"]]}]}}`,
		"no container":       "time,cpu\n1,1\n",
		"no usage":           "time,container\n1,a\n",
		"time of a row":      "time,container,cpu\nyesterday,a,1\n",
		"usage of a row":     "time,container,cpu\n1,a,much\n",
		"container of a row": "time,container,cpu\n1,,1\n",
		"fields of a row":    "time,container,cpu\n1,a\n",
		"labels of a row":    "time,container,cpu,labels\n1,a,1,x\n",
	} {
		if _, err := vpa.ReadHistory(strings.NewReader(text), ""); !errors.Is(err, vpa.ErrHistory) {
			t.Errorf("%s: %v, want ErrHistory", name, err)
		}
	}
}
