package clusterautoscaler_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/binpack/kube"
	ca "github.com/scalemath/scalemath/clusterautoscaler"
)

func planned(n int, cpu string) []*corev1.Pod {
	pods := make([]*corev1.Pod, n)
	for i := range pods {
		pods[i] = &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("planned-", i), Namespace: "default"},
			Spec: corev1.PodSpec{Containers: []corev1.Container{{
				Name: "c", Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{"cpu": resource.MustParse(cpu)}},
			}}},
		}
	}
	return pods
}

func oneNode(t testing.TB, pods []*corev1.Pod) *kube.Snapshot {
	s, err := kube.NewSnapshot(kube.Options{}, pods...)
	if err != nil {
		t.Fatal(err)
	}
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "node-0"}, Status: corev1.NodeStatus{Allocatable: corev1.ResourceList{
		"cpu": resource.MustParse("2"), "memory": resource.MustParse("4Gi"), "pods": resource.MustParse("110"),
	}}}
	if _, err := s.AddNode(node); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestR84CheckCapacity(t *testing.T) {
	pods := planned(5, "500m")
	s := oneNode(t, pods)
	for _, c := range []struct {
		pods int
		fits bool
	}{{4, true}, {5, false}, {4, true}} { // the last one: nothing is left behind
		got, err := ca.CheckCapacity(s, pods[:c.pods])
		if err != nil || got.Fits != c.fits {
			t.Errorf("%d pods: %v, %v", c.pods, &got, err)
		}
		if want := "capacity is not available: 0/1 nodes are available: 1 Insufficient cpu."; !c.fits && got.String() != want {
			t.Errorf("%s, want %s", &got, want)
		}
	}
	if _, err := ca.CheckCapacity(s, []*corev1.Pod{nil}); !errors.Is(err, ca.ErrInvalid) {
		t.Error(err)
	}
}

func TestR84Retry(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var r ca.Retry
	for _, want := range []time.Duration{1, 2, 4, 8, 10, 10} {
		if r = r.Fail(now, nil, ca.DefaultRetryOptions()); r.Wait != want*time.Minute || !r.At.Equal(now.Add(r.Wait)) {
			t.Errorf("%+v, want to wait %d minutes", r, want)
		}
	}
	if r = r.Fail(now, map[string]string{ca.ParameterNoRetry: "true"}, ca.DefaultRetryOptions()); !r.Failed {
		t.Errorf("%+v, want it to fail", r)
	}
}

// Four replicas more are wanted than there are pods, and three nodes have room for one each: the group grows before they are
// made.
func TestR85InjectedPodsMakeRoom(t *testing.T) {
	in := study(0)
	template := planned(1, "1500m")[0]
	pods, err := ca.InjectPods([]ca.Wanted{{Name: "web", Template: template, Desired: 6, Existing: 2}}, ca.DefaultInjectionLimit)
	if err != nil || len(pods) != 4 {
		t.Fatal(pods, err)
	}
	in.Cluster.Pods = append(in.Cluster.Pods, pods...)
	loop, _, err := ca.Plan(ca.DefaultOptions(), in, ca.State{})
	if err != nil || len(loop.ScaleUps) != 1 || loop.ScaleUps[0].Result != ca.ScaleUpSuccessful {
		t.Errorf("%v, %v", &loop, err)
	}
	if few, err := ca.InjectPods([]ca.Wanted{{Name: "web", Template: template, Desired: 1 << 40}}, 7); err != nil || len(few) != 7 {
		t.Errorf("%d pods, %v; want the limit of 7", len(few), err)
	}
	if _, err := ca.InjectPods([]ca.Wanted{{Name: "web"}}, 7); !errors.Is(err, ca.ErrInvalid) {
		t.Error(err)
	}
}

func ExampleCheckCapacity() {
	pods := planned(5, "500m")
	check, err := ca.CheckCapacity(oneNode(nil, pods), pods)
	fmt.Println(&check, err)
	// Output: capacity is not available: 0/1 nodes are available: 1 Insufficient cpu. <nil>
}

func ExampleInjectPods() {
	pods, err := ca.InjectPods([]ca.Wanted{{Name: "web", Template: planned(1, "1")[0], Desired: 4, Existing: 2}}, ca.DefaultInjectionLimit)
	for _, p := range pods {
		fmt.Println(p.Name)
	}
	fmt.Println(err)
	// Output:
	// web-injected-2
	// web-injected-3
	// <nil>
}
