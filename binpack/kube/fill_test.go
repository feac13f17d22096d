package kube_test

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/binpack/kube"
)

// firstFit is what FirstFitIn stands for: every node is asked.
func firstFit(s *kube.Snapshot, c kube.Class, from, first, end kube.NodeID) kube.NodeID {
	if from < first || from >= end {
		from = first
	}
	for i := range max(0, end-first) {
		n := from + i
		if n >= end {
			n -= end - first
		}
		if s.Fits(c, n) {
			return n
		}
	}
	return -1
}

// Searching remembers nodes that are full, and filling places many at once; neither may ever be seen in an answer.
func TestSearchAndFillAgreeWithOneNodeAtATime(t *testing.T) { rapid.Check(t, searchAndFillAgree) }

func FuzzSearchAndFill(f *testing.F) { f.Fuzz(rapid.MakeFuzz(searchAndFillAgree)) }

func searchAndFillAgree(t *rapid.T) {
	var pods []*corev1.Pod
	for i := range rapid.IntRange(1, 6).Draw(t, "pods") {
		p := drawPod(t, i)
		p.Spec.Volumes = drawVolumes(t)
		pods = append(pods, p)
	}
	spaces := []*corev1.Namespace{{ObjectMeta: metav1.ObjectMeta{Name: "other", Labels: map[string]string{"team": "a"}}}}
	volumes := someVolumes()
	s, err := kube.NewSnapshot(kube.Options{Namespaces: spaces, Volumes: volumes}, pods...)
	if err != nil {
		t.Fatal(err)
	}
	var marks []kube.Mark
	var sizes []int // number of nodes at each mark
	for step := range rapid.IntRange(1, 40).Draw(t, "steps") {
		class, err := s.Class(rapid.SampledFrom(pods).Draw(t, "pod"))
		if err != nil {
			t.Fatal(err)
		}
		total := kube.NodeID(s.Len())
		draw := func(name string) kube.NodeID { return kube.NodeID(rapid.IntRange(-1, int(total)).Draw(t, name)) }
		at := draw("at")
		switch op := rapid.IntRange(0, 11).Draw(t, "step"); {
		case op <= 2 || total == 0:
			if _, err := s.AddNode(drawNode(t, step)); err != nil {
				t.Fatal(err)
			}
		case op == 3 && s.Node(at) != nil:
			if err := s.RemoveNode(at); err != nil {
				t.Fatal(err)
			}
		case op == 4:
			marks, sizes = append(marks, s.Mark()), append(sizes, s.Len())
		case op == 5 && len(marks) > 0:
			s.Undo(marks[len(marks)-1])
			if s.Len() != sizes[len(marks)-1] {
				t.Fatalf("%d nodes after undo, %d at the mark", s.Len(), sizes[len(marks)-1])
			}
			marks, sizes = marks[:len(marks)-1], sizes[:len(marks)-1]
		case op == 6 && len(s.Pods(at)) > 0:
			if err := s.Remove(s.Pods(at)[0], at); err != nil {
				t.Fatal(err)
			}
		case op <= 8:
			most := rapid.IntRange(-1, 9).Draw(t, "most")
			m, want := s.Mark(), 0
			for ; want < most && s.Fits(class, at); want++ {
				if err := s.Place(class, at); err != nil {
					t.Fatal(err)
				}
			}
			s.Undo(m)
			before := len(s.Pods(at))
			if got := s.Fill(class, at, most); got != want || len(s.Pods(at)) != before+want {
				t.Fatalf("filled with %d (%d pods before, %d now), one at a time: %d", got, before, len(s.Pods(at)), want)
			}
		default:
			from, most := draw("from"), rapid.IntRange(0, 9).Draw(t, "most")
			m, want, last := s.Mark(), 0, kube.NodeID(-1)
			for next := from; want < most; want++ {
				if next = firstFit(s, class, next, 0, total); next < 0 {
					break
				}
				last = next
				if err := s.Place(class, next); err != nil {
					t.Fatal(err)
				}
			}
			s.Undo(m)
			if got, on := s.FillFirst(class, from, most); got != want || on != last {
				t.Fatalf("filled with %d, the last on %d; one at a time: %d, %d", got, on, want, last)
			}
		}
		for _, p := range pods {
			c, _ := s.Class(p)
			total = kube.NodeID(s.Len())
			first, end, from := draw("first"), draw("end"), draw("from")
			if got, want := s.FirstFitIn(c, from, first, end), firstFit(s, c, from, max(0, first), end); got != want {
				t.Fatalf("%s: first fit in [%d, %d) from %d: %d, not %d", p.Name, first, end, from, got, want)
			}
		}
	}
}

// Once the memory has grown, trying things out takes no more of it.
func TestTryingAllocatesNothing(t *testing.T) {
	for _, kind := range kinds {
		pods := workload(40, 4, kind.change)
		s, _ := cluster(t, farm(200), pods...)
		template := newNode("trial", "zone", "a", "kubernetes.io/arch", "amd64")
		try := func() {
			m := s.Mark()
			for _, p := range pods {
				class, err := s.Class(p)
				if err != nil {
					t.Fatal(err)
				}
				if n := s.FirstFit(class, 0); n >= 0 {
					if err := s.Place(class, n); err != nil {
						t.Fatal(err)
					}
				}
				s.FillFirst(class, 7, 30)
			}
			n, err := s.AddNode(template)
			if err != nil {
				t.Fatal(err)
			}
			s.Fill(0, n, 5)
			if err := s.RemoveNode(3); err != nil {
				t.Fatal(err)
			}
			s.Undo(m)
		}
		for range 5 {
			try()
		}
		if n := testing.AllocsPerRun(20, try); n != 0 {
			t.Errorf("%s: %v allocations", kind.name, n)
		}
	}
}

// drawVolumes gives a pod a claim that one pod may use at a time, one of a driver with a limit, or a disk.
func drawVolumes(t *rapid.T) []corev1.Volume {
	claim := func(name string) []corev1.Volume {
		return []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: name}}}}
	}
	switch rapid.IntRange(0, 7).Draw(t, "volume") {
	case 0:
		return claim("once")
	case 1:
		return claim(rapid.SampledFrom([]string{"many-1", "many-2"}).Draw(t, "claim"))
	case 2:
		return []corev1.Volume{{Name: "d", VolumeSource: corev1.VolumeSource{AWSElasticBlockStore: &corev1.AWSElasticBlockStoreVolumeSource{VolumeID: "vol-1"}}}}
	}
	return nil
}

// someVolumes are the claims of drawVolumes, bound, with one attachment a node.
func someVolumes() *kube.Volumes {
	out := &kube.Volumes{}
	for _, namespace := range []string{"default", "other"} {
		for _, name := range []string{"once", "many-1", "many-2"} {
			mode := corev1.ReadWriteMany
			if name == "once" {
				mode = corev1.ReadWriteOncePod
			}
			volume := namespace + "-" + name
			out.Claims = append(out.Claims, &corev1.PersistentVolumeClaim{
				ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace},
				Spec:       corev1.PersistentVolumeClaimSpec{AccessModes: []corev1.PersistentVolumeAccessMode{mode}, VolumeName: volume},
			})
			out.Volumes = append(out.Volumes, &corev1.PersistentVolume{
				ObjectMeta: metav1.ObjectMeta{Name: volume},
				Spec: corev1.PersistentVolumeSpec{PersistentVolumeSource: corev1.PersistentVolumeSource{
					CSI: &corev1.CSIPersistentVolumeSource{Driver: "csi.example.com", VolumeHandle: volume},
				}},
			})
		}
	}
	one := int32(1)
	for i := range 50 {
		out.Nodes = append(out.Nodes, csiNode(fmt.Sprint("n", i), "csi.example.com", one))
	}
	return out
}
