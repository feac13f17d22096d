package sim

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/proportional"
)

// Proportional runs one cluster-proportional-autoscaler with the decisions of package proportional.
type Proportional struct {
	cfg       proportional.Config
	options   proportional.Options
	configMap *corev1.ConfigMap
	state     proportional.State
	nodesAt   uint64 // View.NodeChanges when the size was counted
	size      proportional.ClusterSize
	told      string
	decision  proportional.Decision
}

// NewProportional makes the autoscaler: its flags, the chart's options with the target, and its ConfigMap.
func NewProportional(cfg proportional.Config, options proportional.Options, configMap *corev1.ConfigMap) (*Proportional, error) {
	if _, err := options.Selector(); err != nil {
		return nil, err
	}
	if options.PollPeriodSeconds < 0 {
		return nil, invalid("pollPeriodSeconds", "%d is negative", options.PollPeriodSeconds)
	}
	if _, _, ok := strings.Cut(options.Target, "/"); !ok {
		return nil, invalid("target", "%q is not kind/name", options.Target)
	}
	return &Proportional{cfg: cfg, options: options, configMap: configMap}, nil
}

// Name implements [Autoscaler].
func (p *Proportional) Name() string { return "proportional" }

// Period implements [Autoscaler].
func (p *Proportional) Period() time.Duration {
	if p.options.PollPeriodSeconds == 0 {
		return 10 * time.Second
	}
	return time.Duration(p.options.PollPeriodSeconds) * time.Second
}

// Decision is the latest decision.
func (p *Proportional) Decision() *proportional.Decision { return &p.decision }

// Step implements [Autoscaler].
func (p *Proportional) Step(_ time.Time, v *View) []Action {
	if changes := v.NodeChanges(); changes != p.nodesAt {
		p.nodesAt = changes
		p.count(v)
	}
	kind, name, _ := strings.Cut(p.options.Target, "/")
	key := (&Workload{Namespace: p.options.Namespace, Name: name}).Key()
	w, ok := v.Workload(key)
	if !ok {
		return nil
	}
	d, next, err := proportional.Decide(p.cfg, proportional.Input{
		Size: p.size, ConfigMap: p.configMap,
		Targets: []proportional.TargetReplicas{{Target: proportional.Target{Kind: kind, Name: name}, Replicas: w.Replicas}},
	}, p.state)
	if err == nil {
		p.state, p.decision, err = next, d, d.Err
	}
	if err != nil {
		if p.told == err.Error() {
			return nil
		}
		p.told = err.Error()
		return []Action{Say{Object: key, Why: p.told}}
	}
	p.told = ""
	if len(d.Writes) == 0 {
		return nil
	}
	return []Action{Scale{Workload: key, Replicas: d.Outcome.Replicas, Why: fmt.Sprintf("%s %s", d.Outcome.Mode, p.size)}}
}

// count counts the nodes that the options select.
func (p *Proportional) count(v *View) {
	selector, _ := p.options.Selector() // NewProportional found nothing wrong with it
	nodes := make([]*corev1.Node, 0, v.NodeCount())
	for _, n := range v.Nodes() {
		nodes = append(nodes, n.Object)
	}
	p.size = proportional.SizeOfSelected(nodes, selector)
}
