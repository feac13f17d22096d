package kube_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/binpack/kube"
)

// question is a recorded run of the Cluster Autoscaler's estimator over the scheduler's own filters, with its answer.
type question struct {
	ID         int            `json:"id"`
	Existing   []*corev1.Node `json:"existing"`
	Template   *corev1.Node   `json:"template"`
	DaemonPods []*corev1.Pod  `json:"daemonPods"`
	Groups     []struct {
		Pod         *corev1.Pod `json:"pod"`
		Count       int         `json:"count"`
		Schedulable bool        `json:"schedulable"`
	} `json:"groups"`
	Order           []int          `json:"order"`
	MaxNodes        int            `json:"maxNodes"`
	ClusterMaxNodes int            `json:"clusterMaxNodes"`
	CurrentNodes    int            `json:"currentNodes"`
	GroupMax        int            `json:"groupMax"`
	GroupTarget     int            `json:"groupTarget"`
	FastPath        bool           `json:"fastpath"`
	Nodes           int            `json:"nodes"`
	Scheduled       map[string]int `json:"scheduled"`
}

// estimator is that estimator in a hundred lines, without its fast path: a use of the snapshot that stresses every filter.
type estimator struct {
	t         *testing.T
	q         *question
	s         *kube.Snapshot
	first     kube.NodeID // the first new node
	last      int         // where the last search ended
	daemons   []kube.Class
	granted   int
	refused   bool
	used      map[kube.NodeID]bool
	scheduled map[string]int
}

func newEstimator(t *testing.T, q *question) *estimator {
	var pods []*corev1.Pod
	for i := range q.Groups {
		pods = append(pods, q.Groups[i].Pod)
	}
	s, err := kube.NewSnapshot(kube.Options{}, append(pods, q.DaemonPods...)...)
	if err != nil {
		t.Fatal(err)
	}
	e := &estimator{t: t, q: q, s: s, used: map[kube.NodeID]bool{}, scheduled: map[string]int{}, first: kube.NodeID(len(q.Existing))}
	for _, n := range q.Existing {
		if _, err := s.AddNode(n); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range q.DaemonPods {
		e.daemons = append(e.daemons, e.class(p))
	}
	return e
}

func (e *estimator) class(p *corev1.Pod) kube.Class {
	c, err := e.s.Class(p)
	if err != nil {
		e.t.Fatal(err)
	}
	return c
}

func (e *estimator) add(name string) kube.NodeID {
	n := e.q.Template.DeepCopy()
	n.Name, n.Labels[corev1.LabelHostname] = name, name
	id, err := e.s.AddNode(n)
	if err != nil {
		e.t.Fatal(err)
	}
	for _, c := range e.daemons {
		if err := e.s.Place(c, id); err != nil {
			e.t.Fatal(err)
		}
	}
	return id
}

func (e *estimator) place(c kube.Class, n kube.NodeID, group string) bool {
	if n < 0 || !e.s.Fits(c, n) {
		return false
	}
	if err := e.s.Place(c, n); err != nil {
		e.t.Fatal(err)
	}
	e.used[n] = true
	e.scheduled[group]++
	return true
}

// search places a pod on a node that the condition admits, going around from behind the last match.
func (e *estimator) search(c kube.Class, group string, admits func(kube.NodeID) bool) bool {
	for k := range e.s.Len() {
		i := (k + 1 + e.last) % e.s.Len()
		if n := kube.NodeID(i); admits(n) && e.place(c, n, group) {
			e.last = i
			return true
		}
	}
	return false
}

func (e *estimator) grant() bool {
	limit := 0
	for _, l := range []struct {
		value int
		set   bool
	}{{e.q.MaxNodes, e.q.MaxNodes > 0}, {e.q.GroupMax - e.q.GroupTarget, true}, {e.q.ClusterMaxNodes - e.q.CurrentNodes, e.q.ClusterMaxNodes > 0}} {
		if l.set && l.value <= 0 {
			e.refused = true
		}
		if l.set && (limit == 0 || l.value < limit) {
			limit = l.value
		}
	}
	e.refused = e.refused || limit > 0 && e.granted >= limit
	e.granted++
	return !e.refused
}

func (e *estimator) group(pod *corev1.Pod, count int) {
	c := e.class(pod)
	i := 0
	for ; i < count && e.search(c, pod.Name, func(n kube.NodeID) bool { return n >= e.first }); i++ {
	}
	hostSpread := slices.ContainsFunc(pod.Spec.TopologySpreadConstraints, func(c corev1.TopologySpreadConstraint) bool { return c.TopologyKey == corev1.LabelHostname })
	for ; i < count && !e.refused; i++ {
		last := kube.NodeID(-1)
		if e.s.Len() > int(e.first) {
			last = kube.NodeID(e.s.Len() - 1)
		}
		if e.place(c, last, pod.Name) {
			continue
		}
		if last >= 0 && hostSpread {
			if rule := e.s.Why(c, last)[0].Rule; rule == kube.TopologySkew || rule == kube.TopologyLabel {
				if e.search(c, pod.Name, func(n kube.NodeID) bool { return n != last }) {
					continue
				}
			}
		}
		if last >= 0 && !e.used[last] || !e.grant() {
			return
		}
		if !e.place(c, e.add("e-"+pod.Name+string(rune('a'+e.granted%26))+string(rune('a'+e.granted/26))), pod.Name) {
			return
		}
	}
}

// score orders groups: shares of the template's cpu and memory together.
func (e *estimator) score(pod *corev1.Pod) float64 {
	requests, sum := kube.Requests(pod), 0.0
	for _, name := range []corev1.ResourceName{"cpu", "memory"} {
		value := func(q resource.Quantity) float64 {
			if name == "cpu" {
				return float64(q.MilliValue())
			}
			return float64(q.Value())
		}
		if have := value(e.q.Template.Status.Allocatable[name]); have > 0 {
			sum += value(requests[name]) / have
		}
	}
	return sum
}

func (e *estimator) run() {
	order := slices.Clone(e.q.Order)
	if len(order) <= 12 {
		sort.SliceStable(order, func(i, j int) bool { return e.score(e.q.Groups[order[i]].Pod) > e.score(e.q.Groups[order[j]].Pod) })
	} else {
		sort.Slice(order, func(i, j int) bool { return e.score(e.q.Groups[order[i]].Pod) > e.score(e.q.Groups[order[j]].Pod) })
	}
	for _, i := range order {
		e.group(e.q.Groups[i].Pod, e.q.Groups[i].Count)
	}
}

// The recorded answers are those of the real scheduler's filters, driven by the real estimator.
func TestEstimatesOfTheRealScheduler(t *testing.T) {
	file := "../../../shared/conformance/clusterautoscaler/estimate.jsonl.gz"
	if _, err := os.Stat(file); err != nil {
		t.Logf("%s is absent: testing the subset in testdata", file)
		file = filepath.Join("testdata", "estimate.jsonl.gz")
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var asked, filtered, estimated, equal int
	for lines := bufio.NewReader(z); ; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			break
		}
		var q question
		if err := json.Unmarshal(line, &q); err != nil {
			t.Fatal(err)
		}
		asked++
		e := newEstimator(t, &q)
		for i := range q.Groups {
			mark := e.s.Mark()
			n := e.add("template")
			class := e.class(q.Groups[i].Pod)
			if got := e.s.Fits(class, n); got != q.Groups[i].Schedulable {
				t.Errorf("question %d: group %d fits on the template: %v, upstream says %v; %s", q.ID, i, got, q.Groups[i].Schedulable, e.s.Why(class, n))
			}
			e.s.Undo(mark)
			filtered++
		}
		if q.FastPath {
			continue
		}
		e.run()
		estimated++
		if len(e.used) == q.Nodes && sameCounts(e.scheduled, q.Scheduled) {
			equal++
		} else {
			t.Errorf("question %d: %d nodes for %v, upstream: %d nodes for %v", q.ID, len(e.used), e.scheduled, q.Nodes, q.Scheduled)
		}
	}
	if asked == 0 || estimated == 0 {
		t.Fatal("no questions")
	}
	t.Logf("%s: %d questions, %d groups on templates equal, %d of %d estimates without fast path equal", filepath.Base(file), asked, filtered, equal, estimated)
}

func sameCounts(a, b map[string]int) bool {
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return len(a) == len(b)
}
