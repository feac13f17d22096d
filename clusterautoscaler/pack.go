package clusterautoscaler

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/scalemath/scalemath/binpack/kube"
)

// lookup is a kind of pod that was looked up before: pods of a class and a controller.
type lookup struct {
	class kube.Class
	owner types.UID
}

// pack places pending pods where there is room, important ones first, and returns those without a place (R7 to R9). What
// it places stays placed: later decisions count it.
func (w *world) pack(pending []*corev1.Pod) ([]*corev1.Pod, error) {
	order := slices.Clone(pending)
	slices.SortStableFunc(order, func(a, b *corev1.Pod) int { return cmp.Compare(priority(b), priority(a)) })
	nowhere := map[lookup]bool{}
	left, cursor := order[:0], 0
	for _, p := range order {
		c, err := w.snapshot.Class(p)
		if err != nil {
			return nil, fmt.Errorf("%w: pod %s/%s: %v", ErrInvalid, p.Namespace, p.Name, err)
		}
		key := lookup{class: c}
		owner := controllerOf(p)
		if owner != nil {
			key.owner = owner.UID
		}
		if owner != nil && nowhere[key] { // R9
			left = append(left, p)
			continue
		}
		n := kube.NodeID(-1)
		if count := w.snapshot.Len(); count > 0 {
			n = w.snapshot.FirstFit(c, kube.NodeID((cursor+1)%count))
		}
		if n < 0 || w.snapshot.Place(c, n) != nil {
			nowhere[key] = true
			left = append(left, p)
			continue
		}
		cursor = int(n)
		w.nodes[n].pods, w.nodes[n].classes = append(w.nodes[n].pods, p), append(w.nodes[n].classes, c)
	}
	return left, nil
}

// await takes nodes that have not started out of the cluster and puts those that are awaited in, as their templates have
// them (R75).
func (w *world) await(h *Health, templates map[string]*Template, notStarted func(i int) bool) error {
	for i := range w.nodes {
		if w.groupOf[i] >= 0 && notStarted(i) {
			if err := w.snapshot.RemoveNode(kube.NodeID(i)); err != nil {
				return fmt.Errorf("%w: node %s: %v", ErrInvalid, w.nodes[i].object.Name, err)
			}
			w.absent[i] = true
		}
	}
	for g := range h.Groups {
		t := templates[h.Groups[g].ID]
		if t == nil {
			continue
		}
		for k := range h.Groups[g].Upcoming {
			if err := w.addUpcoming(g, k, t); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *world) addUpcoming(group, k int, t *Template) error {
	node := t.Node.DeepCopy()
	node.Name = fmt.Sprintf("%s-upcoming-%d", t.Node.Name, k)
	node.Labels[corev1.LabelHostname] = node.Name
	id, err := w.snapshot.AddNode(node)
	if err != nil {
		return fmt.Errorf("%w: group %s: template: %v", ErrInvalid, w.groups[group].ID, err)
	}
	info := nodeInfo{object: node}
	for _, p := range t.Pods {
		c, err := w.snapshot.Class(p)
		if err == nil {
			err = w.snapshot.Place(c, id)
		}
		if err != nil {
			return fmt.Errorf("%w: group %s: template: pod %s/%s: %v", ErrInvalid, w.groups[group].ID, p.Namespace, p.Name, err)
		}
		info.pods, info.classes = append(info.pods, p), append(info.classes, c)
	}
	w.nodes, w.groupOf, w.absent = append(w.nodes, info), append(w.groupOf, group), append(w.absent, false)
	w.upcoming++
	return nil
}
