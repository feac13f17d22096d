package karpenter

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// pool is a NodePool made ready: what a claim of it starts from.
type pool struct {
	object *NodePool
	number int32
	cat    *catalog
	own    kube.Requirements  // of the spec and the labels, without what Karpenter adds
	shape  shapeID            // the requirements that a claim starts with (rule 11)
	slots  bitset             // of the catalogue that the pool's own requirements leave
	limits []limit            // in the order of the resources' numbers
	room   [][]int64          // by slot: what is left beside the daemons
	byRoom [][]int32          // by resource: slots in the order of what is left
	groups []daemonGroup      // slots that attract the same daemons
	group  []int32            // by slot
	ports  bool               // some daemon takes a port of the node
	prefer bool               // has a PreferNoSchedule taint
	short  []kube.Requirement // minValues that its types cannot meet

	skipped PoolState

	fresh claim // what a new claim starts with under the limits that remain
}

// PoolState is why a NodePool is left out; empty where it is not.
type PoolState string

// Why NodePools are left out (rule 29).
const (
	PoolStatic        PoolState = "Static"          // holds a fixed number of nodes (spec.replicas)
	PoolNotReady      PoolState = "NotReady"        // its condition Ready is not True
	PoolDeleting      PoolState = "Deleting"        // it has a deletion timestamp
	PoolWithoutTypes  PoolState = "NoInstanceTypes" // nothing is known that it could launch
	PoolContradictory PoolState = "NoTypeSuits"     // its own requirements leave no type
)

// daemonGroup are the slots that attract one set of daemons.
type daemonGroup struct {
	slots    bitset
	overhead []int64             // of all its daemons
	total    corev1.ResourceList // the same
	daemons  int
	ports    []kube.HostPort
}

// orderPools sorts by weight, heavier first; equal weights by name, later first (rule 28).
func orderPools(pools []*pool) {
	slices.SortStableFunc(pools, func(a, b *pool) int {
		if c := cmp.Compare(weight(b.object), weight(a.object)); c != 0 {
			return c
		}
		return strings.Compare(b.object.Name, a.object.Name)
	})
}

func weight(p *NodePool) int32 {
	if p.Spec.Weight == nil {
		return 0
	}
	return *p.Spec.Weight
}

// outOfService is why a NodePool is left out by what its object says.
func outOfService(p *NodePool) PoolState {
	switch {
	case p.Spec.Replicas != nil:
		return PoolStatic
	case p.DeletionTimestamp != nil:
		return PoolDeleting
	}
	for i := range p.Status.Conditions {
		if c := &p.Status.Conditions[i]; c.Type == "Ready" && c.Status != metav1.ConditionTrue {
			return PoolNotReady
		}
	}
	return ""
}

// poolRequirements are what the spec and the labels of the template require.
func poolRequirements(p *NodePool) (kube.Requirements, error) {
	var list []kube.Requirement
	for i, r := range p.Spec.Template.Spec.Requirements {
		q, err := kube.NewRequirement(kube.NormalizeKey(r.Key), r.Operator, r.Values...)
		if err != nil {
			return kube.Requirements{}, fmt.Errorf("%w: NodePool %s: spec.template.spec.requirements[%d]: %w", ErrInvalid, p.Name, i, err)
		}
		if r.MinValues != nil {
			q = q.WithMinValues(*r.MinValues)
		}
		list = append(list, q)
	}
	out := kube.NewRequirements(list...)
	for k, v := range p.Spec.Template.Metadata.Labels {
		out = out.With(kube.LabelRequirement(kube.NormalizeKey(k), v))
	}
	return out, nil
}

// newPool makes a NodePool ready, daemons aside.
func (c *Cluster) newPool(object *NodePool) (*pool, error) {
	own, err := poolRequirements(object)
	if err != nil {
		return nil, err
	}
	p := &pool{object: object, own: own, skipped: outOfService(object)}
	for i := range object.Spec.Template.Spec.Taints {
		p.prefer = p.prefer || object.Spec.Template.Spec.Taints[i].Effect == corev1.TaintEffectPreferNoSchedule
	}
	all := own.With(kube.LabelRequirement(LabelNodePool, object.Name),
		kube.LabelRequirement(LabelRegistered, "true"), kube.LabelRequirement(LabelInitialized, "true"))
	if ref := object.Spec.Template.Spec.NodeClassRef; ref.Kind != "" {
		all = all.With(kube.LabelRequirement(strings.TrimPrefix(ref.Group+"/", "/")+strings.ToLower(ref.Kind), ref.Name))
	}
	p.shape = c.x.shapeOf(all)
	p.cat = c.catalogOf(object.Name)
	c.addLimits(p)
	switch {
	case p.skipped != "":
	case p.cat == nil || len(p.cat.types) == 0:
		p.skipped = PoolWithoutTypes
	default:
		p.slots = slices.Clone(p.cat.survivors(p.shape))
		if ok, short := c.minValues(p.cat, p.slots, p.shape); !ok && !c.options.MinValuesBestEffort {
			p.slots, p.short = newBitset(len(p.cat.typ)), short
		}
		if !p.slots.any() {
			p.skipped = PoolContradictory
		}
	}
	return p, nil
}

// catalogOf is the catalogue of a NodePool: its own, or the one for all.
func (c *Cluster) catalogOf(name string) *catalog {
	if _, ok := c.snapshot.InstanceTypes[name]; !ok {
		name = ""
	}
	return c.catalogs[name]
}

// daemon is a DaemonSet's pod. Required terms that did not suit some pool's type are struck off for all that come later,
// as Karpenter does, which works on the one copy that it has.
type daemon struct {
	pod     *corev1.Pod
	request []int64
	amounts corev1.ResourceList // the same
	ports   []kube.HostPort
	terms   []shapeID // required alternatives, in order; at least one
	prefers bool      // the toleration of PreferNoSchedule has been added
}

// addDaemons finds which daemons each slot of a pool attracts (rule 38), and what they leave.
func (c *Cluster) addDaemons(p *pool) {
	n := len(p.cat.typ)
	p.room, p.group = make([][]int64, n), make([]int32, n)
	known := map[string]int32{}
	key := make([]byte, len(c.daemons))
	p.cat.eachType(p.slots, func(t int32) {
		for i, d := range c.daemons {
			key[i] = 0
			if c.attracts(p, t, d) {
				key[i] = 1
			}
		}
		g, ok := known[string(key)]
		if !ok {
			g = int32(len(p.groups))
			known[string(key)] = g
			p.groups = append(p.groups, c.newDaemonGroup(p, key))
		}
		for s := p.cat.first[t]; s < p.cat.first[t+1]; s++ {
			p.group[s] = g
			p.groups[g].slots.set(int(s))
		}
	})
	for s := range p.slots.all {
		g := &p.groups[p.group[s]]
		p.room[s] = p.cat.alloc[s]
		if g.daemons > 0 {
			p.room[s] = slices.Clone(p.cat.alloc[s])
			subtractFrom(p.room[s], g.overhead)
		}
	}
}

func (c *Cluster) newDaemonGroup(p *pool, members []byte) daemonGroup {
	g := daemonGroup{slots: newBitset(len(p.cat.typ)), overhead: make([]int64, len(c.res.names))}
	for i, d := range c.daemons {
		if members[i] == 1 {
			addTo(g.overhead, d.request)
			g.total = plus(g.total, d.amounts)
			g.daemons++
			g.ports = append(g.ports, d.ports...)
			p.ports = p.ports || len(d.ports) > 0
		}
	}
	return g
}

// attracts is rule 38 for one daemon and one type of a pool.
func (c *Cluster) attracts(p *pool, t int32, d *daemon) bool {
	d.prefers = true
	if untolerated(p.object.Spec.Template.Spec.Taints, d.pod.Spec.Tolerations, true) != nil {
		return false
	}
	for {
		if _, ok := c.x.merge(p.shape, d.terms[0], false); ok && (c.options.Profile.V1_13.DaemonsByPool || c.typeMeets(p.cat, t, d.terms[0])) {
			return true
		}
		if len(d.terms) == 1 {
			return false
		}
		d.terms = d.terms[1:]
	}
}

// typeMeets tells whether a type goes with a set of requirements; what it does not define is fine.
func (c *Cluster) typeMeets(cat *catalog, t int32, s shapeID) bool {
	for _, e := range c.x.shapes[s] {
		if have := cat.get(int(t), e.key); have != 0 && !c.x.meets(have, e.id) {
			return false
		}
	}
	return true
}

// untolerated is the first taint that is not tolerated. Every effect counts, PreferNoSchedule too unless it is waived.
func untolerated(taints []corev1.Taint, tolerations []corev1.Toleration, waivePrefer bool) *corev1.Taint {
	for i := range taints {
		t := &taints[i]
		if waivePrefer && t.Effect == corev1.TaintEffectPreferNoSchedule {
			continue
		}
		if !kube.Tolerates(tolerations, t) {
			return t
		}
	}
	return nil
}

// plus adds amounts; a sum takes the format of its first part that is not zero.
func plus(a, b corev1.ResourceList) corev1.ResourceList {
	out := make(corev1.ResourceList, len(a)+len(b))
	for name, q := range a {
		out[name] = q.DeepCopy()
	}
	for name, q := range b {
		sum := out[name]
		sum.Add(q)
		out[name] = sum
	}
	return out
}
