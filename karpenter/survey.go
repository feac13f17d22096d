package karpenter

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/cloudprovider"
)

// survey is what a snapshot says about disrupting its nodes before anything is simulated.
type survey struct {
	snapshot *Snapshot
	options  Options
	pools    map[string]*poolFacts
	order    []*poolFacts // in the order of the snapshot
	nodes    []nodeFacts  // in the order of the snapshot
	pdbs     pdbs
}

// poolFacts is a NodePool with what its nodes come to.
type poolFacts struct {
	object      *NodePool
	budgets     []budget
	types       map[string]*cloudprovider.InstanceType
	nodes       int     // that budgets count
	unavailable int     // of these
	present     int     // all that it has, for static pools, those marked for deletion aside
	leaving     int     // those marked for deletion
	cost        float64 // of all its nodes
	disruption  float64 // reschedule cost of all its nodes
}

func newSurvey(s *Snapshot, o Options) (*survey, error) {
	if s == nil {
		return nil, fmt.Errorf("%w: snapshot: is nil", ErrInvalid)
	}
	d := &survey{snapshot: s, options: o, pools: make(map[string]*poolFacts, len(s.NodePools))}
	var err error
	if d.pdbs, err = newPDBs(s.PDBs); err != nil {
		return nil, err
	}
	shared := map[string]map[string]*cloudprovider.InstanceType{}
	for i, p := range s.NodePools {
		if p == nil {
			return nil, fmt.Errorf("%w: nodePools[%d]: is null", ErrInvalid, i)
		}
		if _, twice := d.pools[p.Name]; twice || p.Name == "" {
			return nil, fmt.Errorf("%w: nodePools[%d].metadata.name: %q is empty or there twice", ErrInvalid, i, p.Name)
		}
		f := &poolFacts{object: p, budgets: compileBudgets(p), types: typesOf(s, p.Name, shared)}
		d.pools[p.Name], d.order = f, append(d.order, f)
	}
	d.nodes = make([]nodeFacts, len(s.Nodes))
	names := make(map[string]bool, len(s.Nodes))
	for i, n := range s.Nodes {
		if n == nil || n.Object == nil {
			return nil, fmt.Errorf("%w: nodes[%d]: has no object", ErrInvalid, i)
		}
		if names[n.Object.Name] || n.Object.Name == "" {
			return nil, fmt.Errorf("%w: nodes[%d].metadata.name: %q is empty or there twice", ErrInvalid, i, n.Object.Name)
		}
		names[n.Object.Name] = true
		if err := d.look(&d.nodes[i], n); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// typesOf are a pool's instance types by name; the last of a name counts.
func typesOf(s *Snapshot, pool string, shared map[string]map[string]*cloudprovider.InstanceType) map[string]*cloudprovider.InstanceType {
	if _, own := s.InstanceTypes[pool]; !own {
		pool = ""
	}
	if m, ok := shared[pool]; ok {
		return m
	}
	m := make(map[string]*cloudprovider.InstanceType, len(s.InstanceTypes[pool]))
	for _, it := range s.InstanceTypes[pool] {
		if it != nil {
			m[it.Name] = it
		}
	}
	shared[pool] = m
	return m
}

// look fills in what is known of one node.
func (d *survey) look(f *nodeFacts, n *Node) error {
	labels := n.Object.Labels
	f.Candidate = Candidate{
		Node: n.Object.Name, NodePool: n.NodePool, InstanceType: labels[corev1.LabelInstanceTypeStable],
		Zone: labels[corev1.LabelTopologyZone], CapacityType: labels[LabelCapacityType],
		node: n, pool: d.pools[n.NodePool], drifted: n.Drifted,
	}
	if f.pool != nil {
		f.instanceType = f.pool.types[f.InstanceType]
	}
	price := NodePrice
	if d.options.Profile.V1_13.CheapestPrice && f.instanceType != nil {
		price = cheapestOf
	}
	f.Price, _ = price(n.Object, f.instanceType)
	evict := 0.0
	f.RescheduleCost = nodeCost
	for i, p := range n.Pods {
		if p == nil {
			return fmt.Errorf("%w: node %s: pods[%d]: is null", ErrInvalid, f.Node, i)
		}
		cost := EvictionCost(p)
		evict += cost
		if Reschedulable(p) {
			f.RescheduleCost += max(0, cost)
			f.Pods = append(f.Pods, p)
		}
	}
	f.DisruptionCost = evict * LifetimeRemaining(n, d.snapshot.Now)
	if f.pool != nil {
		d.count(f)
	}
	d.blockNode(f)
	if n.NodePool != "" {
		d.blockPods(f)
	}
	return nil
}

// count adds a node to what its pool comes to.
func (d *survey) count(f *nodeFacts) {
	n, p := f.Candidate.node, f.pool
	p.cost += f.Price
	p.disruption += f.RescheduleCost
	if n.Deleting {
		p.leaving++
	} else {
		p.present++
	}
	if n.Uninitialized || n.InstanceTerminating {
		return
	}
	p.nodes++
	if n.Deleting || !nodeReady(n.Object) {
		p.unavailable++
	}
}

// blockNode is rule 60.
func (d *survey) blockNode(f *nodeFacts) {
	n := f.Candidate.node
	add := func(o Obstacle) { f.node = append(f.node, o) }
	if n.Disrupting {
		add(Obstacle{Kind: AlreadyDisrupting})
	}
	if n.NodePool == "" {
		add(Obstacle{Kind: Unmanaged})
		return
	}
	if n.Uninitialized {
		add(Obstacle{Kind: NotInitialized})
	}
	if n.Deleting {
		add(Obstacle{Kind: MarkedForDeletion})
	}
	if d.snapshot.Now.Before(n.NominatedUntil) {
		add(Obstacle{Kind: Nominated, Until: n.NominatedUntil})
	}
	if n.Object.Annotations[AnnotationDoNotDisrupt] == "true" {
		add(Obstacle{Kind: NodeDoNotDisrupt})
	}
	switch {
	case f.pool == nil:
		add(Obstacle{Kind: NodePoolNotFound, Detail: fmt.Sprintf("NodePool %q", n.NodePool)})
	case len(f.pool.types) == 0:
		add(Obstacle{Kind: NodePoolNotFound, Detail: fmt.Sprintf("NodePool %q has no instance types", n.NodePool)})
	}
}

// blockPods is rule 61. Daemons and mirror pods block with their annotation too.
func (d *survey) blockPods(f *nodeFacts) {
	now := d.snapshot.Now
	for _, p := range f.Candidate.node.Pods {
		if guard := DoNotDisrupt(p, now); guard.Active {
			f.pods = append(f.pods, Obstacle{Kind: PodDoNotDisrupt, Pod: podName(p.Namespace, p.Name), Until: guard.Until})
		}
		if names := d.pdbs.blocking(p, now, false); names != nil {
			kind := PDBExhausted
			if len(names) > 1 {
				kind = PDBsOverlap
			}
			f.pods = append(f.pods, Obstacle{Kind: kind, Pod: podName(p.Namespace, p.Name), PDBs: names})
		}
	}
}

// allowance is how many nodes of a pool may go for a method's reason.
func (d *survey) allowance(p *poolFacts, reason Reason) Allowance {
	return allowance(p.object, p.budgets, reason, p.nodes, p.unavailable, d.snapshot.Now, d.options.Profile)
}

// room is allowance without explanation, by pool.
func (d *survey) room(reason Reason) map[*poolFacts]int {
	out := make(map[*poolFacts]int, len(d.order))
	for _, p := range d.order {
		out[p] = p.room(reason, d)
	}
	return out
}

func (p *poolFacts) room(reason Reason, d *survey) int {
	limit, _, _ := limitAt(p.budgets, reason, p.nodes, d.snapshot.Now, d.options.Profile)
	return max(0, limit-p.unavailable)
}
