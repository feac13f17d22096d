package clusterautoscaler

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/scalemath/scalemath/binpack/kube"
)

// lookup is a kind of pod that fits nowhere: pods of a class and a controller.
type lookup struct {
	class kube.Class
	owner types.UID
}

// packer is one run of pack.
type packer struct {
	w       *world
	old     map[string]string // hints of the last loop
	hints   map[string]string // hints for the next
	nowhere map[lookup]bool
	kinds   map[types.UID]int // how many kinds of a controller's pods are in nowhere
	cursor  int
}

// pack places pending pods where there is room, important ones first, and returns those without a place (R7 to R9). What
// it places stays placed: later decisions count it. Hints say where pods were found a place before, and will be next time.
func (w *world) pack(pending []*corev1.Pod, hints map[string]string) ([]*corev1.Pod, map[string]string, error) {
	order := slices.Clone(pending)
	slices.SortStableFunc(order, func(a, b *corev1.Pod) int { return cmp.Compare(priority(b), priority(a)) })
	p := packer{w: w, old: hints, hints: map[string]string{}, nowhere: map[lookup]bool{}, kinds: map[types.UID]int{}}
	var left []*corev1.Pod
	for len(order) > 0 {
		n := 1
		for n < len(order) && priority(order[n]) == priority(order[0]) {
			n++
		}
		without, err := p.equals(order[:n])
		if err != nil {
			return nil, nil, err
		}
		left, order = append(left, without...), order[n:]
	}
	return left, p.hints, nil
}

// equals places pods of one priority: first where they were found a place before, then anywhere.
func (p *packer) equals(pods []*corev1.Pod) (left []*corev1.Pod, err error) {
	placed := map[*corev1.Pod]bool{}
	for _, pod := range pods {
		if len(p.old) == 0 {
			break
		}
		n, ok := p.w.byName[p.old[nameOf(pod)]]
		if !ok || p.w.absent[n] {
			continue
		}
		c, err := p.class(pod)
		if err != nil {
			return nil, err
		}
		if p.w.snapshot.Fits(c, kube.NodeID(n)) && p.put(pod, c, kube.NodeID(n)) {
			placed[pod] = true
		}
	}
	for _, pod := range pods {
		if placed[pod] {
			continue
		}
		found, err := p.anywhere(pod)
		if err != nil {
			return nil, err
		}
		if !found {
			left = append(left, pod)
		}
	}
	return left, nil
}

func (p *packer) class(pod *corev1.Pod) (kube.Class, error) {
	c, err := p.w.snapshot.Class(pod)
	if err != nil {
		return 0, fmt.Errorf("%w: pod %s: %v", ErrInvalid, nameOf(pod), err)
	}
	return c, nil
}

// anywhere is R8 and R9.
func (p *packer) anywhere(pod *corev1.Pod) (bool, error) {
	c, err := p.class(pod)
	if err != nil {
		return false, err
	}
	var key lookup
	owner := controllerOf(pod)
	if owner != nil {
		if key = (lookup{c, owner.UID}); p.nowhere[key] {
			return false, nil
		}
	}
	n := kube.NodeID(-1)
	if count := p.w.snapshot.Len(); count > 0 {
		n = p.w.snapshot.FirstFit(c, kube.NodeID((p.cursor+1)%count))
	}
	if n >= 0 && p.put(pod, c, n) {
		p.cursor = int(n)
		return true, nil
	}
	if owner != nil && !isDaemonSetPod(pod) && p.kinds[owner.UID] < maxGroupsPerController {
		p.kinds[owner.UID]++
		p.nowhere[key] = true
	}
	return false, nil
}

// put places a pod on a node and remembers where.
func (p *packer) put(pod *corev1.Pod, c kube.Class, n kube.NodeID) bool {
	if p.w.snapshot.Place(c, n) != nil {
		return false
	}
	info := &p.w.nodes[n]
	info.pods, info.classes = append(info.pods, pod), append(info.classes, c)
	p.hints[nameOf(pod)] = info.object.Name
	return true
}

func nameOf(pod *corev1.Pod) string { return pod.Namespace + "/" + pod.Name }

// await puts nodes that are awaited into the cluster, as their templates have them, in the place of those of the same group
// that have not started (R75).
func (w *world) await(h *Health, templates map[string]*Template, notStarted func(i int) bool) error {
	for i := range w.nodes {
		if g := w.groupOf[i]; g >= 0 && h.Groups[g].Upcoming > 0 && notStarted(i) {
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
	w.byName[node.Name] = len(w.nodes)
	w.nodes, w.groupOf, w.absent = append(w.nodes, info), append(w.groupOf, group), append(w.absent, false)
	w.upcoming++
	return nil
}
