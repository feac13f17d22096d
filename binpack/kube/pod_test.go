package kube_test

import (
	"errors"
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/yaml"

	"github.com/scalemath/scalemath/binpack/kube"
)

func pod(text string) *corev1.Pod {
	var p corev1.Pod
	if err := yaml.UnmarshalStrict([]byte(text), &p); err != nil {
		panic(err)
	}
	return &p
}

func ExampleNewNodeSelector() {
	selector := kube.NewNodeSelector(&pod(`
spec:
  containers: []
  nodeSelector: {disk: ssd}
  affinity:
    nodeAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
        nodeSelectorTerms:
        - matchExpressions: [{key: zone, operator: In, values: [a, b]}]
        - matchFields: [{key: metadata.name, operator: In, values: [node-7]}]
`).Spec)
	fmt.Println(&selector)
	fmt.Println(selector.Matches("node-1", map[string]string{"disk": "ssd", "zone": "b"}))
	fmt.Println(selector.Matches("node-7", map[string]string{"disk": "ssd"}))
	fmt.Println(selector.Matches("node-7", map[string]string{"zone": "a"}))
	// Output:
	// disk=ssd and (zone in (a,b)) or (metadata.name=node-7)
	// true
	// true
	// false
}

func TestNodeSelectorTerms(t *testing.T) {
	for name, c := range map[string]struct {
		terms string
		want  bool
		odd   bool
	}{
		"no term at all chooses nothing":        {`[]`, false, false},
		"a term without expressions is no term": {`[{}]`, false, false},
		"an empty term beside one that holds":   {`[{}, {matchExpressions: [{key: zone, operator: Exists}]}]`, true, false},
		"an unknown operator never holds":       {`[{matchExpressions: [{key: zone, operator: Near, values: [a]}]}]`, false, true},
		"Gt compares integers":                  {`[{matchExpressions: [{key: cpus, operator: Gt, values: ["7"]}]}]`, true, false},
		"Gt of a text never holds":              {`[{matchExpressions: [{key: zone, operator: Gt, values: ["7"]}]}]`, false, false},
		"NotIn holds for an absent label":       {`[{matchExpressions: [{key: gone, operator: NotIn, values: [a]}]}]`, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := kube.NewNodeSelector(&pod(`{spec: {containers: [], affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: ` + c.terms + `}}}}}`).Spec)
			if got := s.Matches("n", map[string]string{"zone": "a", "cpus": "8"}); got != c.want {
				t.Errorf("%s: %v", &s, got)
			}
			if err := s.Err(); (err != nil) != c.odd || err != nil && !errors.Is(err, kube.ErrInvalid) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestTolerates(t *testing.T) {
	taint := &corev1.Taint{Key: "dedicated", Value: "gpu", Effect: corev1.TaintEffectNoSchedule}
	for name, c := range map[string]struct {
		toleration corev1.Toleration
		want       bool
	}{
		"the same":          {corev1.Toleration{Key: "dedicated", Value: "gpu", Effect: corev1.TaintEffectNoSchedule}, true},
		"any effect":        {corev1.Toleration{Key: "dedicated", Value: "gpu"}, true},
		"any value":         {corev1.Toleration{Key: "dedicated", Operator: corev1.TolerationOpExists}, true},
		"everything":        {corev1.Toleration{Operator: corev1.TolerationOpExists}, true},
		"another value":     {corev1.Toleration{Key: "dedicated", Value: "db"}, false},
		"another effect":    {corev1.Toleration{Key: "dedicated", Value: "gpu", Effect: corev1.TaintEffectNoExecute}, false},
		"an unknown choice": {corev1.Toleration{Key: "dedicated", Operator: "Odd"}, false},
	} {
		if got := kube.Tolerates([]corev1.Toleration{c.toleration}, taint); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	soft := corev1.Taint{Key: "soft", Effect: corev1.TaintEffectPreferNoSchedule}
	if got := kube.Untolerated([]corev1.Taint{soft, *taint}, nil); got == nil || got.Key != "dedicated" {
		t.Errorf("untolerated %v", got)
	}
	if got := kube.Untolerated([]corev1.Taint{soft, *taint}, nil, corev1.TaintEffectPreferNoSchedule); got == nil || got.Key != "soft" {
		t.Errorf("untolerated %v", got)
	}
}

func TestHostPorts(t *testing.T) {
	p := pod(`
spec:
  containers: [{name: a, ports: [{containerPort: 1}, {containerPort: 80, hostPort: 8080}]}]
  initContainers:
  - {name: gone, ports: [{containerPort: 1, hostPort: 1}]}
  - {name: stays, restartPolicy: Always, ports: [{containerPort: 53, hostPort: 53, protocol: UDP, hostIP: 10.0.0.1}]}
`)
	if got := fmt.Sprint(kube.HostPorts(p)); got != "[10.0.0.1:53/UDP 8080/TCP]" {
		t.Errorf("ports %s", got)
	}
	port := func(ip string, protocol corev1.Protocol, n int32) kube.HostPort {
		return kube.HostPort{IP: ip, Protocol: protocol, Port: n}
	}
	everywhere := port("0.0.0.0", "TCP", 80)
	for o, want := range map[kube.HostPort]bool{
		everywhere: true, port("10.0.0.1", "TCP", 80): true, port("10.0.0.1", "UDP", 80): false, port("10.0.0.1", "TCP", 81): false,
	} {
		if everywhere.Conflicts(o) != want || o.Conflicts(everywhere) != want {
			t.Errorf("%v and %v: want %v", everywhere, o, want)
		}
	}
	if port("10.0.0.1", "TCP", 80).Conflicts(port("10.0.0.2", "TCP", 80)) {
		t.Error("two addresses conflict")
	}
}

func TestRequestsOfPodsAsAWholeAndResized(t *testing.T) {
	for name, c := range map[string]struct{ pod, cpu string }{
		"the pod's own request":         {`{spec: {resources: {requests: {cpu: "3"}}, containers: [{name: a, resources: {requests: {cpu: "1"}}}]}}`, "3"},
		"what is allocated is more":     {`{spec: {containers: [{name: a, resources: {requests: {cpu: "1"}}}]}, status: {containerStatuses: [{name: a, allocatedResources: {cpu: "2"}, image: i, imageID: i, lastState: {}, ready: true, restartCount: 0}]}}`, "2"},
		"what is wanted but infeasible": {`{spec: {containers: [{name: a, resources: {requests: {cpu: "9"}}}]}, status: {conditions: [{type: PodResizePending, status: "True", reason: Infeasible}], containerStatuses: [{name: a, allocatedResources: {cpu: "2"}, image: i, imageID: i, lastState: {}, ready: true, restartCount: 0}]}}`, "2"},
		"an init container is the peak": {`{spec: {containers: [{name: a, resources: {requests: {cpu: "1"}}}], initContainers: [{name: i, resources: {requests: {cpu: "4"}}}]}}`, "4"},
		"nothing asked":                 {`{spec: {containers: [{name: a}]}}`, "0"},
	} {
		q := kube.Requests(pod(c.pod))[corev1.ResourceCPU]
		if q.String() != c.cpu {
			t.Errorf("%s: %s, want %s", name, &q, c.cpu)
		}
	}
}

func TestUnits(t *testing.T) {
	for _, c := range []struct {
		units             kube.Units
		name              corev1.ResourceName
		text              string
		request, capacity int64
	}{
		{kube.SchedulerUnits, "cpu", "1500m", 1500, 1500},
		{kube.SchedulerUnits, "cpu", "1n", 1, 1},
		{kube.SchedulerUnits, "memory", "1Ki", 1024, 1024},
		{kube.ExactUnits, "cpu", "1n", 1, 1},
		{kube.ExactUnits, "memory", "1500m", 1500, 1500},
		{kube.SchedulerUnits, "memory", "9E", 1<<60 + 1, 1 << 60},
	} {
		q := resource.MustParse(c.text)
		if got := c.units.Request(c.name, &q); got != c.request {
			t.Errorf("%s %s asked for: %d, want %d", c.name, c.text, got, c.request)
		}
		if got := c.units.Capacity(c.name, &q); got != c.capacity {
			t.Errorf("%s %s offered: %d, want %d", c.name, c.text, got, c.capacity)
		}
	}
}
