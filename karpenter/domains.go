package karpenter

import (
	"encoding/binary"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// domains are the values of a label that topology rules count pods by, numbered.
type domains struct {
	x     *interner
	key   int32
	label string
	host  bool // the host's name: claims have made-up ones besides
	nums  map[string]int32
	names []string
	one   []reqID // In of just that value; 0 until asked for
	many  map[string]reqID
	lists map[reqID]*domainList
	pools map[*pool][]int32
}

// domainList are the domains that a requirement admits.
type domainList struct {
	nums []int32 // in ascending order
	size int     // how many domains there were when it was made
}

func (c *Cluster) domainsOf(label string) *domains {
	label = topologyLabel(label)
	if k, ok := c.domainKeys[label]; ok {
		return k
	}
	k := &domains{
		x: c.x, key: c.x.key(label), label: label, host: label == corev1.LabelHostname,
		nums: map[string]int32{}, many: map[string]reqID{}, lists: map[reqID]*domainList{}, pools: map[*pool][]int32{},
	}
	c.domainKeys[label] = k
	c.seed(k)
	return k
}

// seed numbers the domains in the order in which NodePools and types list them. Where upstream draws among domains that
// are as good as each other, the one that comes first is by far the most likely, and is what is taken here.
func (c *Cluster) seed(k *domains) {
	if k.host {
		return
	}
	for _, p := range c.domainPools {
		for _, r := range p.object.Spec.Template.Spec.Requirements {
			if r.Key == k.label && r.Operator == kube.In {
				for _, v := range r.Values {
					k.number(v)
				}
			}
		}
		if v, ok := p.object.Spec.Template.Metadata.Labels[k.label]; ok {
			k.number(v)
		}
	}
	for _, p := range c.domainPools {
		for i := range p.cat.kinds {
			switch o := &p.cat.kinds[i]; k.label {
			case corev1.LabelTopologyZone:
				k.number(c.x.reqs[o.zone].Values()[0])
			case LabelCapacityType:
				k.number(c.x.reqs[o.capacity].Values()[0])
			}
		}
	}
}

// topologyLabel is the key that a rule counts by: as it is written, since Karpenter does not map legacy labels here.
func topologyLabel(label string) string { return label }

func (k *domains) number(name string) int32 {
	if d, ok := k.nums[name]; ok {
		return d
	}
	d := int32(len(k.names))
	k.nums[name] = d
	k.names = append(k.names, name)
	k.one = append(k.one, 0)
	return d
}

// single is the requirement that admits one domain.
func (k *domains) single(d int32) reqID {
	if k.one[d] == 0 {
		k.one[d] = k.x.id(kube.LabelRequirement(k.label, k.names[d]))
	}
	return k.one[d]
}

// either is the requirement that admits some domains.
func (k *domains) either(list []int32) reqID {
	if len(list) == 1 {
		return k.single(list[0])
	}
	b := k.x.buf[:0]
	for _, d := range list {
		b = binary.AppendVarint(b, int64(d))
	}
	k.x.buf = b
	if id, ok := k.many[string(b)]; ok {
		return id
	}
	text := string(b)
	values := make([]string, len(list))
	for i, d := range list {
		values[i] = k.names[d]
	}
	r, _ := kube.NewRequirement(k.label, kube.In, values...)
	id := k.x.id(r)
	k.many[text] = id
	return id
}

// admitted are the domains that a requirement admits, in the order of their numbers; all for none.
func (k *domains) admitted(id reqID) []int32 {
	l, ok := k.lists[id]
	if ok && l.size == len(k.names) {
		return l.nums
	}
	l = &domainList{size: len(k.names)}
	if id != 0 && !k.x.reqs[id].Complement() {
		for _, v := range k.x.reqs[id].Values() {
			if d, ok := k.nums[v]; ok {
				l.nums = append(l.nums, d)
			}
		}
		slices.Sort(l.nums)
	} else {
		for d := range k.names {
			if id == 0 || k.x.reqs[id].Has(k.names[d]) {
				l.nums = append(l.nums, int32(d))
			}
		}
	}
	k.lists[id] = l
	return l.nums
}

// has tells whether a requirement admits a domain; none admits all.
func (k *domains) has(id reqID, d int32) bool { return id == 0 || k.x.reqs[id].Has(k.names[d]) }

// ofPool are the domains that a pool's nodes may lie in: the values that its types have within the pool's own
// requirements, and those that the pool lists (rule 49).
func (k *domains) ofPool(c *Cluster, p *pool) []int32 {
	if list, ok := k.pools[p]; ok {
		return list
	}
	var list []int32
	add := func(values []string) {
		for _, v := range values {
			list = append(list, k.number(v))
		}
	}
	own, defined := p.own.Get(k.label)
	seen := map[reqID]bool{}
	for t := range p.cat.types {
		id := p.cat.get(t, k.key)
		if seen[id] {
			continue
		}
		seen[id] = true
		switch {
		case id != 0 && defined:
			add(own.Intersect(c.x.reqs[id]).Values())
		case id != 0:
			add(c.x.reqs[id].Values())
		case defined:
			add(own.Values())
		}
	}
	if defined && own.Operator() == kube.In {
		add(own.Values())
	}
	slices.Sort(list)
	list = slices.Compact(list)
	k.pools[p] = list
	return list
}

// ofNode is the domain that a node lies in. For pods that run, a node without the host's label counts by its name.
func (k *domains) ofNode(n *node, byName bool) (int32, bool) {
	v, ok := n.src.Object.Labels[k.label]
	if !ok && byName && k.host {
		v, ok = n.src.Object.Name, true
	}
	if !ok {
		return 0, false
	}
	return k.number(v), true
}
