package karpenter

import (
	"fmt"
	"slices"
	"sort"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// class is what pods that are alike share.
type class struct {
	number  int32
	sample  *corev1.Pod
	request []int64
	amounts corev1.ResourceList // the same, for its formats
	fit     *fitClass           // shared by all classes that ask for the same
	ports   []kube.HostPort
	volumes podVolumes
	refusal *Failure  // why no place is looked for at all; nil where one is
	steps   []*demand // with ever fewer preferences
	last    bool      // there are no further steps

	judged   int      // groups of the cluster that selection has been asked about
	selected []*group // those that count pods of the class
	repelled []*group // inverse ones among them
	running  []spot   // where pods of the class run
	why      *Failure // why one found no place
	whyPass  int32    // the pass that why is of
	failed   int      // Cluster.version when one found no place
}

// fitClass is what classes that ask for the same amounts share.
type fitClass struct {
	full    bitset // claims of this pass that can never hold it
	pass    int32  // the pass that full is of
	nodes   bitset // nodes that hold it when nothing is placed
	nodesOK bool   // nodes has been worked out
}

// demand is what a class demands after some of its preferences have been given up.
type demand struct {
	class       *class
	step        int
	pod         *corev1.Pod // with what is left of its preferences
	gave        Relaxation  // what the step before had and this one has not
	shape       shapeID     // requirements, the heaviest preference included (rule 33)
	strict      shapeID     // without preferences: the domains that topology counts with
	pin         *pinned     // a label of one's own that it demands one value of; nil: none
	pinID       reqID       // that value
	anyHost     bool        // the requirements let a node have any name that is made up
	tolerations []corev1.Toleration
	rules       []*group // topology rules of its own
	self        []bool   // whether the rule selects the pod itself
	inverse     []*group // its required anti-affinity as others see it
	pools       bitset   // pools whose taints are tolerated; their ports of daemons are another matter
	portOK      []bitset

	pass      int32  // the pass that the following are of
	updated   int32  // the pass in which its rules were taken up
	rejected  bitset // claims that can never hold it
	candidate bitset // nodes that may hold it
	nodes     bitset // nodes that suit it when nothing is placed
	nodesOK   bool
}

// newClass makes a class ready. What in the pod makes no sense becomes its refusal.
func (c *Cluster) newClass(number int32, pod *corev1.Pod) *class {
	k := &class{number: number, sample: pod, amounts: kube.Requests(pod), ports: hostPorts(pod)}
	k.request = c.res.demand(k.amounts)
	k.request[pods] += 1000
	k.fit = c.fitClass(k.request)
	k.volumes = c.volumesOf(pod)
	k.refusal = c.refusal(pod, k)
	return k
}

// hostPorts are the ports of the node that a pod takes. Karpenter overlooks those of sidecars.
func hostPorts(pod *corev1.Pod) []kube.HostPort {
	return kube.HostPorts(&corev1.Pod{Spec: corev1.PodSpec{Containers: pod.Spec.Containers}})
}

func (c *Cluster) fitClass(request []int64) *fitClass {
	b := c.x.buf[:0]
	for _, v := range request {
		for i := 0; i < 64; i += 8 {
			b = append(b, byte(v>>i))
		}
	}
	c.x.buf = b
	f, ok := c.fitClasses[string(b)]
	if !ok {
		f = &fitClass{}
		c.fitClasses[string(b)] = f
	}
	return f
}

// demandOf is what a class demands at a step; nil where there are no more preferences to give up.
func (c *Cluster) demandOf(k *class, step int) *demand {
	if step < len(k.steps) {
		return k.steps[step]
	}
	if k.last {
		return nil
	}
	if step == 0 {
		d, err := c.newDemand(k, k.sample, 0)
		if err != nil {
			k.refusal = &Failure{Rule: Malformed, Detail: err.Error()}
			k.last = true
			return nil
		}
		k.steps = append(k.steps, d)
		return d
	}
	// A step that changes nothing would be tried in vain, as where preferences do not count anyway.
	before := k.steps[step-1]
	pod := before.pod.DeepCopy()
	for {
		gave, ok := c.relax(pod)
		if !ok {
			k.last = true
			return nil
		}
		d, err := c.newDemand(k, pod, step)
		if err != nil {
			k.last = true
			return nil
		}
		d.gave = gave
		if !d.same(before) {
			k.steps = append(k.steps, d)
			return d
		}
		pod = pod.DeepCopy()
	}
}

// same tells whether two steps demand the same.
func (d *demand) same(o *demand) bool {
	return d.shape == o.shape && d.strict == o.strict && slices.Equal(d.rules, o.rules) && len(d.tolerations) == len(o.tolerations)
}

func (c *Cluster) newDemand(k *class, pod *corev1.Pod, step int) (*demand, error) {
	d := &demand{class: k, step: step, pod: pod, tolerations: pod.Spec.Tolerations}
	all, strict, err := podRequirements(pod, c.options.IgnorePreferences)
	if err != nil {
		return nil, err
	}
	d.shape, d.strict = c.x.shapeOf(all), c.x.shapeOf(strict)
	c.loosen(d.shape)
	d.pin, d.pinID = c.pinOf(d.shape)
	host, named := all.Get(corev1.LabelHostname)
	_, _, bounded := host.Bounds()
	d.anyHost = !named || host.Complement() && !bounded
	if d.rules, d.inverse, err = c.rulesOf(pod, d); err != nil {
		return nil, err
	}
	for _, g := range d.rules {
		d.self = append(d.self, c.selects(g, k))
	}
	d.pools = newBitset(len(c.pools))
	d.portOK = make([]bitset, len(c.pools))
	for i, p := range c.pools {
		if untolerated(p.object.Spec.Template.Spec.Taints, d.tolerations, false) == nil {
			d.pools.set(i)
		}
		if p.ports && len(k.ports) > 0 {
			d.portOK[i] = newBitset(len(p.cat.typ))
			for g := range p.groups {
				if !conflict(p.groups[g].ports, k.ports) {
					for s := range p.groups[g].slots.all {
						d.portOK[i].set(s)
					}
				}
			}
		}
	}
	return d, nil
}

// loosen notes that some pod demands the absence of a label, which defines it for the claim that takes the pod.
func (c *Cluster) loosen(s shapeID) {
	if c.loose || !slices.ContainsFunc(c.x.shapes[s], func(e entry) bool { return !c.x.wellKnown[e.key] && c.x.reqs[e.id].AllowsAbsent() }) {
		return
	}
	c.loose = true
	for _, d := range c.entered {
		clear(d.rejected)
	}
}

func conflict(a, b []kube.HostPort) bool {
	for i := range a {
		for j := range b {
			if a[i].Conflicts(b[j]) {
				return true
			}
		}
	}
	return false
}

// podRequirements is rule 33: nodeSelector, the heaviest preferred term unless preferences do not count, and the first
// required term; and the same without the preferred one.
func podRequirements(pod *corev1.Pod, ignore bool) (all, strict kube.Requirements, err error) {
	var list []kube.Requirement
	for key, v := range pod.Spec.NodeSelector {
		list = append(list, kube.LabelRequirement(kube.NormalizeKey(key), v))
	}
	strict = kube.NewRequirements(list...)
	if pod.Spec.Affinity == nil || pod.Spec.Affinity.NodeAffinity == nil {
		return strict, strict, nil
	}
	a := pod.Spec.Affinity.NodeAffinity
	if r := a.RequiredDuringSchedulingIgnoredDuringExecution; r != nil && len(r.NodeSelectorTerms) > 0 {
		term, err := kube.TermRequirements(r.NodeSelectorTerms[0])
		if err != nil {
			return all, strict, fmt.Errorf("spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]: %w", err)
		}
		strict = strict.With(term.All()...)
	}
	preferred := a.PreferredDuringSchedulingIgnoredDuringExecution
	if ignore || len(preferred) == 0 {
		return strict, strict, nil
	}
	term, err := kube.TermRequirements(preferred[heaviest(preferred)].Preference)
	if err != nil {
		return all, strict, fmt.Errorf("spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution: %w", err)
	}
	return strict.With(term.All()...), strict, nil
}

// heaviest is the term of the largest weight; among equals the one that an unstable sort of the list puts first (rule 34).
func heaviest(terms []corev1.PreferredSchedulingTerm) int {
	order := make([]int, len(terms))
	for i := range order {
		order[i] = i
	}
	sort.Slice(order, func(i, j int) bool { return terms[order[i]].Weight > terms[order[j]].Weight })
	return order[0]
}
