package kube_test

import (
	"encoding/json"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/binpack/kube"
)

// scene is a small cluster: pods with a node's name run there.
type scene struct {
	Nodes []*corev1.Node `json:"nodes"`
	Pods  []*corev1.Pod  `json:"pods"`
}

var scenes = []string{
	`{"nodes":[{"metadata":{"name":"a","labels":{"zone":"x","n":"5"}},"spec":{"taints":[{"key":"t","effect":"NoSchedule"}]},"status":{"allocatable":{"cpu":"4","memory":"8Gi","pods":"3"}}},
	  {"metadata":{"name":"b","labels":{"zone":"y"}},"status":{"allocatable":{"cpu":"2","pods":"2"}}}],
	 "pods":[{"metadata":{"name":"p","labels":{"app":"web"}},"spec":{"nodeName":"a","containers":[{"name":"c","resources":{"requests":{"cpu":"1500m"}},"ports":[{"hostPort":80}]}],"tolerations":[{"operator":"Exists"}]}},
	  {"metadata":{"name":"q","labels":{"app":"web"}},"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"1","memory":"1Gi"}}}],"affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"zone","labelSelector":{"matchLabels":{"app":"web"}}}]}}}},
	  {"metadata":{"name":"r","labels":{"app":"web"}},"spec":{"nodeSelector":{"zone":"y"},"containers":[{"name":"c"}],"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchExpressions":[{"key":"app","operator":"In","values":["web"]}]}}]}}]}`,
	`{"nodes":[{"metadata":{"name":"a","labels":{"h":"a","n":"7"}},"spec":{"unschedulable":true},"status":{"allocatable":{"cpu":"-1","pods":"10"}}}],
	 "pods":[{"spec":{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"n","operator":"Gt","values":["6"]}],"matchFields":[{"key":"metadata.name","operator":"In","values":["a"]}]},{}]}},"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"h","labelSelector":{}}]}},"initContainers":[{"name":"i","restartPolicy":"Always","ports":[{"hostPort":1,"hostIP":"::"}]}]}},
	  {"spec":{"volumes":[{"name":"v","iscsi":{"iqn":"q"}},{"name":"w","persistentVolumeClaim":{"claimName":"c"}}],"overhead":{"cpu":"9E"}}}, null]}`,
}

// within tells whether the naive rules speak of everything that a pod says, and all of it makes sense.
func within(p *corev1.Pod) bool {
	selector := kube.NewNodeSelector(&p.Spec)
	_, affinityErr := kube.NewPodAffinity(p)
	spread, err := kube.SpreadConstraints(p)
	ok := selector.Err() == nil && affinityErr == nil && err == nil && len(p.Spec.Volumes) == 0
	for _, s := range spread {
		ok = ok && s.MinDomains > 0 && s.MaxSkew > 0
	}
	for _, c := range p.Spec.TopologySpreadConstraints {
		for _, policy := range []*corev1.NodeInclusionPolicy{c.NodeAffinityPolicy, c.NodeTaintsPolicy} {
			ok = ok && policy == nil
		}
	}
	names := map[string]bool{}
	for _, c := range append(p.Spec.Containers[:len(p.Spec.Containers):len(p.Spec.Containers)], p.Spec.InitContainers...) {
		ok = ok && !names[c.Name]
		names[c.Name] = true
	}
	return ok && whole(kube.Requests(p))
}

// whole tells whether amounts are what they are in the scheduler's units.
func whole(l corev1.ResourceList) bool {
	for name, q := range l {
		if name == "pods" || q.Sign() < 0 || q.Value() > 1<<40 || q.Cmp(kube.SchedulerUnits.Quantity(name, kube.SchedulerUnits.Request(name, &q))) != 0 {
			return false
		}
	}
	return true
}

func readScene(data []byte) (scene, bool) {
	var s scene
	if json.Unmarshal(data, &s) != nil || len(s.Nodes) > 5 || len(s.Pods) > 8 {
		return s, false
	}
	for _, n := range s.Nodes {
		if n == nil {
			return s, false
		}
	}
	return s, true
}

func drawScene(t *rapid.T) scene {
	var s scene
	for i := range rapid.IntRange(1, 3).Draw(t, "nodes") {
		s.Nodes = append(s.Nodes, drawNode(t, i))
	}
	for i := range rapid.IntRange(1, 5).Draw(t, "pods") {
		p := drawPod(t, i)
		p.Spec.NodeName = rapid.SampledFrom([]string{"", "n0", "n1"}).Draw(t, "on")
		s.Pods = append(s.Pods, p)
	}
	return s
}

func FuzzFits(f *testing.F) {
	for _, text := range scenes {
		f.Add([]byte(text))
	}
	for seed := range 20 {
		text, err := json.Marshal(rapid.Custom(drawScene).Example(seed))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		in, ok := readScene(data)
		if !ok {
			return
		}
		for _, p := range in.Pods {
			kube.Fits(p, nil)
			for _, n := range in.Nodes {
				kube.Fits(p, n, in.Pods...)
			}
		}
		for _, allLabels := range []bool{false, true} {
			compareScene(t, in, allLabels)
		}
	})
}

// compareScene asks a snapshot of the scene about each pod on each node, and compares with the naive rules where those
// speak of all that is in the scene; and each node alone with Fits.
func compareScene(t *testing.T, in scene, allLabels bool) {
	s, err := kube.NewSnapshot(kube.Options{AllLabels: allLabels}, in.Pods...)
	if err != nil {
		return
	}
	plain := true
	second := naive{}
	on := map[string]int{}
	for i, n := range in.Nodes {
		if _, err := s.AddNode(n); err != nil {
			t.Fatal(err)
		}
		on[n.Name] = i
		second.nodes = append(second.nodes, &naiveNode{node: n})
		for name, q := range n.Status.Allocatable {
			plain = plain && (name == "pods" || whole(corev1.ResourceList{name: q}))
		}
	}
	for _, p := range in.Pods {
		plain = plain && within(p)
		i, placed := on[p.Spec.NodeName]
		class, err := s.Class(p)
		if err != nil {
			t.Fatal(err)
		}
		if placed {
			if err := s.Place(class, kube.NodeID(i)); err != nil {
				return
			}
			second.nodes[i].pods = append(second.nodes[i].pods, p)
		}
	}
	for _, p := range in.Pods {
		class, _ := s.Class(p)
		s.Survey(class)
		for i, n := range second.nodes {
			got, why := s.Fits(class, kube.NodeID(i)), s.Why(class, kube.NodeID(i))
			if got != (len(why) == 0) || plain && got != second.fits(p, n) {
				t.Fatalf("%s on %s: snapshot %v, naive %v (compared: %v), why %v", p.Name, n.node.Name, got, second.fits(p, n), plain, why)
			}
			alone := naive{nodes: []*naiveNode{n}}
			others := 0
			for _, o := range n.pods {
				if o == p || kube.Finished(o) {
					others++
				}
			}
			if fits, _ := kube.Fits(p, n.node, n.pods...); plain && others == 0 && (p.Spec.NodeName == "" || p.Spec.NodeName == n.node.Name) && fits != alone.fits(p, n) {
				t.Fatalf("%s on %s alone: fits %v, naive says otherwise", p.Name, n.node.Name, fits)
			}
		}
	}
}

func FuzzRequirement(f *testing.F) {
	f.Add("zone", "In", "a,b", "NotIn", "b", "b")
	f.Add("cpu", "Gt", "4", "Lte", "9223372036854775807", "08")
	f.Add("", "Gte", "-9223372036854775808", "DoesNotExist", "", "")
	f.Fuzz(func(t *testing.T, key, op, values, otherOp, others, probe string) {
		parse := func(op, values string) (kube.Requirement, error) {
			if values == "" {
				return kube.NewRequirement(key, kube.Operator(op))
			}
			return kube.NewRequirement(key, kube.Operator(op), strings.Split(values, ",")...)
		}
		a, err := parse(op, values)
		b, also := parse(otherOp, others)
		if err != nil || also != nil {
			return
		}
		both := a.Intersect(b)
		if both.Has(probe) != (a.Has(probe) && b.Has(probe)) {
			t.Fatalf("%v and %v give %v, which has %q: %v", a, b, both, probe, both.Has(probe))
		}
		if !both.Equal(b.Intersect(a)) || a.Intersects(b) != (both.Len() > 0) || a.Intersects(b) != b.Intersects(a) {
			t.Fatalf("%v and %v give %v; intersects %v", a, b, both, a.Intersects(b))
		}
		node := kube.NewRequirements(a)
		if node.Compatible(kube.NewRequirements(b), nil).String() != "" && a.Intersects(b) {
			t.Fatalf("%v and %v meet but are not compatible", a, b)
		}
		var u kube.Universe
		number, x := u.Set(a)
		_, y := u.Set(b)
		if u.SetsIntersect(number, &x, &y) != a.Intersects(b) {
			t.Fatalf("%v and %v intersect: %v, not so as sets", a, b, a.Intersects(b))
		}
		u.IntersectInto(number, &x, &y)
		if got := u.Requirement(number, &x); !got.Equal(both) {
			t.Fatalf("%v and %v give %v, as sets %v", a, b, both, got)
		}
	})
}

func FuzzNodeSelector(f *testing.F) {
	f.Add([]byte(`{"nodeSelector":{"a":"b"},"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"n","operator":"Lt","values":["6"]}]}]}}}}`), "node", "n", "5")
	f.Add([]byte(`{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{}},"podAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1}]}},"topologySpreadConstraints":[{"labelSelector":{"matchExpressions":[{"operator":"?"}]}}]}`), "", "", "")
	f.Fuzz(func(t *testing.T, data []byte, name, key, value string) {
		var pod corev1.Pod
		if json.Unmarshal(data, &pod.Spec) != nil {
			return
		}
		pod.Labels = map[string]string{key: value}
		s := kube.NewNodeSelector(&pod.Spec)
		node := corev1.Node{}
		node.Name, node.Labels = name, pod.Labels
		if got, want := s.Matches(name, node.Labels), selectedOrMalformed(&pod, &node, s.Err()); s.Err() == nil && name != "" && got != want {
			t.Fatalf("%s matches %s {%s=%s}: %v, naive %v", s.String(), name, key, value, got, want)
		}
		other := kube.NewNodeSelector(pod.Spec.DeepCopy())
		if s.String() != other.String() {
			t.Fatalf("reads %q, then %q", s.String(), other.String())
		}
		kube.NewPodAffinity(&pod)
		kube.SpreadConstraints(&pod)
		q := resource.MustParse("1")
		kube.ExactUnits.Request(corev1.ResourceName(key), &q)
	})
}

func selectedOrMalformed(pod *corev1.Pod, node *corev1.Node, err error) bool {
	return err == nil && selected(pod, node)
}
