package sim

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// workload is a workload and its pods.
type workload struct {
	Workload
	key      string
	selector string // of its pods
	owner    []metav1.OwnerReference
	created  bool
	replicas int32
	done     int32  // pods of a Job that succeeded
	pods     []*pod // oldest first
	ready    int
	shapes   []*shape
	shapeOf  map[string]*shape
	mending  bool // is on the list of those to look at

	generation uint64 // counts changes of pods
	objects    []*corev1.Pod
	objectsAt  uint64 // the generation that objects are of

	measured measurement // the latest that can be read
	coming   []measurement
}

func newWorkload(w Workload) *workload {
	if w.Kind == "" {
		w.Kind = Deployment
	}
	if w.Namespace == "" {
		w.Namespace = "default"
	}
	if len(w.Template.Labels) == 0 {
		w.Template.Labels = map[string]string{"app": w.Name}
	}
	kind, name, yes := string(w.Kind), w.Name, true
	if w.Kind == Deployment {
		kind, name = "ReplicaSet", w.Name+"-1"
	}
	return &workload{
		Workload: w, key: w.Key(), replicas: w.Replicas, shapeOf: map[string]*shape{}, generation: 1,
		selector: labels.Set(w.Template.Labels).String(),
		owner:    []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: kind, Name: name, Controller: &yes}},
	}
}

// create makes the first pods.
func (c *Cluster) create(w *workload) {
	w.created = true
	c.mend(w)
}

// mend has a workload looked at before anything else happens.
func (c *Cluster) mend(w *workload) {
	if !w.mending {
		w.mending = true
		c.mending = append(c.mending, w)
	}
}

// reconcile gives a workload the pods that it should have.
func (c *Cluster) reconcile(w *workload) {
	w.mending = false
	w.drop()
	if !w.created {
		return
	}
	if w.Kind == DaemonSet {
		c.daemons(w)
		return
	}
	want := int(w.replicas - w.done)
	if extra := len(w.pods) - want; extra > 0 {
		c.shrink(w, extra)
	}
	for len(w.pods) < want {
		s, err := c.admit(w)
		if err != nil {
			c.note(Record{What: Refused, Object: w.key, Why: err.Error()})
			return
		}
		s.queue = append(s.queue, c.newPod(w, s))
		c.waiting = true
	}
}

// shrink deletes pods: first those without a node, then those that are not ready, then the newest.
func (c *Cluster) shrink(w *workload, extra int) {
	for _, worth := range []stage{waiting, running, ready} {
		for _, p := range slices.Backward(w.pods) {
			if extra > 0 && p.stage <= worth && p.stage != over {
				c.notePod(PodDeleted, p, "cluster", "")
				c.discard(p)
				extra--
			}
		}
	}
	w.drop()
	w.mending = false
	c.mending = slices.DeleteFunc(c.mending, func(o *workload) bool { return o == w })
}

// drop forgets pods that are over.
func (w *workload) drop() {
	w.pods = slices.DeleteFunc(w.pods, func(p *pod) bool { return p.stage == over })
}

// admit is the shape of the next pod: the template, changed by autoscalers that admit pods.
func (c *Cluster) admit(w *workload) (*shape, error) {
	patched := slices.ContainsFunc(c.admitters, func(a Admitter) bool { return a.Admits(w.key) })
	if s := w.shapeOf[""]; s != nil && !patched {
		return s, nil
	}
	sample := corev1.Pod{}
	sample.Namespace, sample.Name = w.Namespace, w.Name
	sample.Labels, sample.Annotations = w.Template.Labels, w.Template.Annotations
	sample.OwnerReferences, sample.Spec = w.owner, w.Template.Spec
	if patched {
		sample = *sample.DeepCopy()
	}
	for _, a := range c.admitters {
		if a.Admits(w.key) {
			if err := a.Admit(c.Now(), &c.view, w.key, &sample); err != nil {
				return nil, fmt.Errorf("admission: %w", err)
			}
		}
	}
	return c.shapeOf(w, &sample, patched)
}

// shapeOf finds or makes the shape of a pod; a pod that nobody changed has the template's.
func (c *Cluster) shapeOf(w *workload, sample *corev1.Pod, patched bool) (*shape, error) {
	key := ""
	if patched {
		for i := range sample.Spec.Containers {
			r := &sample.Spec.Containers[i].Resources
			key += fmt.Sprint(r.Requests.Cpu(), r.Requests.Memory(), r.Limits.Cpu(), r.Limits.Memory(), "|")
		}
	}
	if s := w.shapeOf[key]; s != nil {
		return s, nil
	}
	return c.newShape(w, key, sample)
}

// list are the pods as objects.
func (w *workload) list() []*corev1.Pod {
	if w.objectsAt != w.generation {
		w.objects = w.objects[:0]
		for _, p := range w.pods {
			if p.stage != over {
				w.objects = append(w.objects, &p.object)
			}
		}
		w.objectsAt = w.generation
	}
	return w.objects
}
