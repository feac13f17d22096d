package karpenter

import (
	"fmt"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/cloudprovider"
)

// Rule 86: who goes first, one after the other.
func TestRule86StaticScaleDown(t *testing.T) {
	s := &Snapshot{Now: noon, NodePools: []*NodePool{anyPool("p")}, InstanceTypes: map[string][]*cloudprovider.InstanceType{"": shop(1)}}
	replicas := int64(0)
	s.NodePools[0].Spec.Replicas = &replicas
	add := func(name string, pods ...*corev1.Pod) *Node {
		n := machine(name, "p", s.InstanceTypes[""][0], pods...)
		s.Nodes = append(s.Nodes, n)
		return n
	}
	guarded := func(p *corev1.Pod) *corev1.Pod {
		p.Annotations = map[string]string{AnnotationDoNotDisrupt: "true"}
		return p
	}
	add("two", pod("a", 1, 1), pod("b", 1, 1))
	add("guarded", guarded(pod("c", 1, 1)))
	add("one", pod("d", 1, 1))
	add("daemons", daemonPod("e", 1, 1))
	add("guarded-daemon", guarded(daemonPod("f", 1, 1)))
	add("bare")
	add("leaving").Deleting = true
	want := []string{"claim", "daemons", "bare", "one", "two", "guarded", "guarded-daemon"}
	for ; replicas <= int64(len(want)); replicas++ {
		out, err := ScaleStatic(s, "p", []string{"claim"}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, d := range out.Delete {
			names = append(names, d.Name)
		}
		if !slices.Equal(names, want[:len(want)-int(replicas)]) || out.Create != 0 {
			t.Errorf("%d replicas: %v %v", replicas, names, out)
		}
	}
	// More are made only when those leaving do not make up the number, and up to the limit on nodes.
	for _, c := range []struct {
		replicas int64
		limit    string
		create   int
		limited  bool
	}{{8, "", 0, false}, {9, "", 2, false}, {12, "", 5, false}, {12, "10", 2, true}, {12, "5", 0, true}} {
		replicas = c.replicas
		s.NodePools[0].Spec.Limits = nil
		if c.limit != "" {
			s.NodePools[0].Spec.Limits = corev1.ResourceList{"nodes": resource.MustParse(c.limit)}
		}
		if out, err := ScaleStatic(s, "p", []string{"claim"}, Options{}); err != nil || out.Create != c.create || out.Limited != c.limited || len(out.Delete) != 0 {
			t.Errorf("%+v: %v %v", c, out, err)
		}
	}
	if _, err := ScaleStatic(s, "q", nil, Options{}); err == nil {
		t.Error("a pool that is not there is no error")
	}
}

func ExampleScaleStatic() {
	s := fleet(3, 1, 500)
	replicas := int64(2)
	s.NodePools[0].Spec.Replicas = &replicas
	s.Nodes[2].Pods = nil
	fmt.Println(ScaleStatic(s, "default", nil, Options{}))
	// Output: default: 3 of 2 nodes, delete 1, first n-0002 (Empty) <nil>
}
