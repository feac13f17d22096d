package karpenter

import (
	"fmt"
	"math/rand"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/scalemath/scalemath/cloudprovider"
)

// fakeTypes are like those of upstream's benchmark: type i has i+1 cores, twice as many GiB and ten times as many pods.
func fakeTypes(n int) []*cloudprovider.InstanceType {
	var out []*cloudprovider.InstanceType
	for i := range n {
		price := 0.025*float64(i+1) + 0.001*float64(2*(i+1))*1.073741824
		t := &cloudprovider.InstanceType{
			Name: fmt.Sprintf("fake-it-%d", i),
			Capacity: corev1.ResourceList{
				"cpu": resource.MustParse(fmt.Sprint(i + 1)), "memory": resource.MustParse(fmt.Sprintf("%dGi", 2*(i+1))),
				"pods": resource.MustParse(fmt.Sprint(10 * (i + 1))), "ephemeral-storage": resource.MustParse("20Gi"),
			},
			Overhead: corev1.ResourceList{"cpu": resource.MustParse("100m"), "memory": resource.MustParse("10Mi")},
		}
		for _, o := range []struct{ capacity, zone string }{{"spot", "test-zone-1"}, {"spot", "test-zone-2"}, {"on-demand", "test-zone-1"}, {"on-demand", "test-zone-2"}, {"on-demand", "test-zone-3"}} {
			t.Offerings = append(t.Offerings, cloudprovider.Offering{Zone: o.zone, CapacityType: o.capacity, Price: price})
		}
		out = append(out, t)
	}
	return out
}

func onePool(name string) *NodePool {
	p := &NodePool{ObjectMeta: metav1.ObjectMeta{Name: name}}
	p.Spec.Limits = corev1.ResourceList{"cpu": resource.MustParse("10000000"), "memory": resource.MustParse("10000000Gi")}
	return p
}

// mix makes pods for benchmarks from a fixed seed.
type mix struct {
	rand *rand.Rand
	n    int
}

func newMix() *mix { return &mix{rand: rand.New(rand.NewSource(42))} }

func (m *mix) pod(labels map[string]string) *corev1.Pod {
	cpu := []string{"100m", "250m", "500m", "1", "1500m"}[m.rand.Intn(5)]
	memory := []string{"100Mi", "256Mi", "512Mi", "1Gi", "2Gi", "4Gi"}[m.rand.Intn(6)]
	return m.sized(labels, cpu, memory)
}

func (m *mix) sized(labels map[string]string, cpu, memory string) *corev1.Pod {
	m.n++
	name := fmt.Sprintf("p%06d", m.n)
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default", UID: types.UID(name), Labels: labels},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{
			"cpu": resource.MustParse(cpu), "memory": resource.MustParse(memory),
		}}}}},
	}
}

func (m *mix) label(key string) map[string]string {
	return map[string]string{key: string("abcdefg"[m.rand.Intn(7)])}
}

func selecting(labels map[string]string) *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchLabels: labels}
}

func (m *mix) generic(n int) (out []*corev1.Pod) {
	for range n {
		out = append(out, m.pod(m.label("my-label")))
	}
	return out
}

func (m *mix) spread(n int, key string, skew int32) (out []*corev1.Pod) {
	for range n {
		p := m.pod(m.label("my-label"))
		p.Spec.TopologySpreadConstraints = []corev1.TopologySpreadConstraint{{
			MaxSkew: skew, TopologyKey: key, WhenUnsatisfiable: corev1.DoNotSchedule, LabelSelector: selecting(m.label("my-label")),
		}}
		out = append(out, p)
	}
	return out
}

func (m *mix) affinity(n int, key string) (out []*corev1.Pod) {
	for range n {
		labels := m.label("my-affininity")
		p := m.pod(labels)
		p.Spec.Affinity = &corev1.Affinity{PodAffinity: &corev1.PodAffinity{
			RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{{LabelSelector: selecting(labels), TopologyKey: key}},
		}}
		out = append(out, p)
	}
	return out
}

func (m *mix) antiAffinity(n int, key string) (out []*corev1.Pod) {
	labels := map[string]string{"app": "nginx"}
	for range n {
		p := m.pod(labels)
		p.Spec.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{
			RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{{LabelSelector: selecting(labels), TopologyKey: key}},
		}}
		out = append(out, p)
	}
	return out
}

// diverse is upstream's own mix: one fifth each plain, zone spread, host spread, zone self-affinity, host anti-affinity.
func (m *mix) diverse(n int) []*corev1.Pod {
	k := n / 5
	out := m.generic(k)
	out = append(out, m.spread(k, corev1.LabelTopologyZone, 1)...)
	out = append(out, m.spread(k, corev1.LabelHostname, 1)...)
	out = append(out, m.affinity(k, corev1.LabelTopologyZone)...)
	out = append(out, m.antiAffinity(k, corev1.LabelHostname)...)
	return append(out, m.generic(n-len(out))...)
}

// preferences are upstream's: one preference that can be met, and two, of which one can.
func (m *mix) preferences(n int) (out []*corev1.Pod) {
	labels := map[string]string{"app": "nginx"}
	cpu, memory := "500m", "512Mi"
	for range n {
		p := m.sized(labels, cpu, memory)
		p.Spec.Affinity = &corev1.Affinity{
			NodeAffinity: &corev1.NodeAffinity{PreferredDuringSchedulingIgnoredDuringExecution: []corev1.PreferredSchedulingTerm{{
				Weight: 1, Preference: corev1.NodeSelectorTerm{MatchExpressions: []corev1.NodeSelectorRequirement{
					{Key: corev1.LabelTopologyZone, Operator: corev1.NodeSelectorOpIn, Values: []string{"test-zone-1"}},
				}},
			}}},
			PodAntiAffinity: &corev1.PodAntiAffinity{PreferredDuringSchedulingIgnoredDuringExecution: []corev1.WeightedPodAffinityTerm{
				{Weight: 10, PodAffinityTerm: corev1.PodAffinityTerm{LabelSelector: selecting(labels), TopologyKey: corev1.LabelTopologyZone}},
				{Weight: 1, PodAffinityTerm: corev1.PodAffinityTerm{LabelSelector: selecting(labels), TopologyKey: corev1.LabelHostname}},
			}},
		}
		out = append(out, p)
	}
	return out
}

// homogeneous are pods of half a core and one GiB.
func (m *mix) homogeneous(n int) (out []*corev1.Pod) {
	for range n {
		out = append(out, m.sized(map[string]string{"app": "one"}, "500m", "1Gi"))
	}
	return out
}

// heterogeneous are pods of 40 deployments, 50m to 8 cores with half a GiB to 12 GiB each core.
func (m *mix) heterogeneous(n int) (out []*corev1.Pod) {
	type deployment struct{ app, cpu, memory string }
	var all []deployment
	for i := range 40 {
		milli := 50 * (1 + m.rand.Intn(160))
		mib := int(float64(milli) / 1000 * (512 + float64(m.rand.Intn(11776))))
		all = append(all, deployment{fmt.Sprintf("app-%d", i), fmt.Sprintf("%dm", milli), fmt.Sprintf("%dMi", max(1, mib))})
	}
	for i := range n {
		d := all[i%len(all)]
		out = append(out, m.sized(map[string]string{"app": d.app}, d.cpu, d.memory))
	}
	return out
}

// spreading adds to each pod a zone spread over its own app.
func spreading(list []*corev1.Pod, key string, skew int32) []*corev1.Pod {
	for _, p := range list {
		p.Spec.TopologySpreadConstraints = []corev1.TopologySpreadConstraint{{
			MaxSkew: skew, TopologyKey: key, WhenUnsatisfiable: corev1.DoNotSchedule, LabelSelector: selecting(p.Labels),
		}}
	}
	return list
}

// avoiding adds to every n-th pod host anti-affinity to its own app.
func avoiding(list []*corev1.Pod, n int) []*corev1.Pod {
	for i, p := range list {
		if i/40%n == 0 {
			p.Spec.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{
				RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{{LabelSelector: selecting(p.Labels), TopologyKey: corev1.LabelHostname}},
			}}
		}
	}
	return list
}
