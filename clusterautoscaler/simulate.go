package clusterautoscaler

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Simulation is whether a cluster could do without a node.
type Simulation struct {
	NodeStatus         // what holds it; no reason where nothing does
	Removal    Removal `json:"removal,omitzero"` // where its pods can go, where it could
}

// Removable tells that the cluster could do without the node.
func (s *Simulation) Removable() bool { return s.Reason == NodeRemovable }

// SimulateRemoval tells whether a cluster could do without one node: whether its pods may be moved and where they would go
// (D15 to D26). Utilization is told but decides nothing; neither do timers, cooldowns and sizes of groups. The error wraps
// [ErrInvalid].
func SimulateRemoval(o Options, in Input, node string) (Simulation, error) {
	if err := Validate(o, in); err != nil {
		return Simulation{}, err
	}
	w, err := newWorld(&in.Cluster, in.Groups)
	if err != nil {
		return Simulation{}, err
	}
	i, ok := w.byName[node]
	if !ok {
		return Simulation{}, fmt.Errorf("%w: node: there is no node %q", ErrInvalid, node)
	}
	d, err := w.newDescent(&o, &in, ScaleDownState{})
	if err != nil {
		return Simulation{}, err
	}
	d.begin()
	group := &NodeGroup{}
	if w.groupOf[i] >= 0 {
		group = d.group(i)
	}
	if usage, err := d.utilization(i, group); err == nil {
		d.status[i].Usage = &usage
	}
	d.status[i].Reason = NodeRemovable
	d.remove(i)
	return Simulation{d.status[i], d.removals[i]}, nil
}

// newDescent prepares a run of scale-down.
func (w *world) newDescent(o *Options, in *Input, st ScaleDownState) (*descent, error) {
	drainer, err := NewDrainer(&in.Cluster, in.Now, o.ScaleDown.Drain)
	if err != nil {
		return nil, err
	}
	d := &descent{w: w, o: o, s: &o.ScaleDown, in: in, now: in.Now, old: st, drainer: drainer}
	d.status, d.gone = make([]NodeStatus, len(w.nodes)-w.upcoming), make([]bool, len(w.nodes))
	leaving := w.leaving()
	for i := range d.status {
		d.status[i].Name = w.nodes[i].object.Name
		if g := w.groupOf[i]; g >= 0 {
			d.status[i].Group = w.groups[g].ID
		}
		switch {
		case w.absent[i]:
			d.gone[i], d.status[i].Reason = true, StartingUp
		case leaving[i]: // D7
			d.gone[i], d.status[i].Reason = true, CurrentlyBeingDeleted
		}
	}
	return d, nil
}

// leaving are the nodes whose machines are being deleted.
func (w *world) leaving() []bool {
	deleted := map[string]bool{}
	for g := range w.groups {
		for i := range w.groups[g].Instances {
			if m := &w.groups[g].Instances[i]; m.State == InstanceDeleting {
				deleted[m.ID] = true
			}
		}
	}
	out := make([]bool, len(w.nodes))
	for i := range w.nodes {
		out[i] = len(deleted) > 0 && deleted[machineID(w.nodes[i].object)]
	}
	return out
}

// machineID is what a node's machine is known by: its provider ID, or its name where it has none.
func machineID(n *corev1.Node) string {
	if n.Spec.ProviderID != "" {
		return n.Spec.ProviderID
	}
	return n.Name
}

// restore takes timers from the taints of nodes where nothing is remembered of them, as after a restart (D31).
func (d *descent) restore() {
	if d.s.CandidateTTL <= 0 || !d.old.LastLoop.IsZero() || len(d.old.UnneededSince) > 0 {
		return
	}
	d.old.UnneededSince = map[string]time.Time{}
	for i := range d.status {
		if since, ok := taintTime(d.w.nodes[i].object, TaintDeletionCandidate); ok && !since.Add(d.s.CandidateTTL).Before(d.now) && !since.After(d.now) {
			d.old.UnneededSince[d.status[i].Name] = since
		}
	}
}
