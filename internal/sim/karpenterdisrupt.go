package sim

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/cloudprovider"
	"github.com/scalemath/scalemath/karpenter"
)

// labelCommand marks machines that replace the nodes of a command.
const labelCommand = "scalemath.io/command"

// commandLife is how long a command waits for its replacements until it is given up.
const commandLife = 10 * time.Minute

// command is a command of disruption under way: its nodes go when their replacements have joined.
type command struct {
	serial  int
	began   time.Time
	why     string
	nodes   []string
	awaited int // replacements
}

// disrupting tells whether a node is to go.
func (k *Karpenter) disrupting(node string) bool {
	for _, c := range k.commands {
		for _, n := range c.nodes {
			if n == node {
				return true
			}
		}
	}
	return false
}

// Round is the latest round of disruption.
func (k *Karpenter) Round() *karpenter.Round { return &k.round }

// disrupt looks for nodes that can go, one round at a time, and begins the commands that it finds.
func (k *Karpenter) disrupt(now time.Time, s *karpenter.Snapshot) ([]Action, error) {
	mine := func(n *karpenter.Node) bool { return n.NodePool != "" }
	if len(k.commands) > 0 || !slices.ContainsFunc(s.Nodes, mine) {
		return nil, nil
	}
	round, err := karpenter.Disrupt(s, k.options)
	if err != nil {
		return nil, err
	}
	k.round = round
	var actions []Action
	for i := range round.Commands {
		found := &round.Commands[i]
		k.serial++
		c := &command{serial: k.serial, began: now, why: found.String(), awaited: len(found.Replacements)}
		for _, candidate := range found.Candidates {
			c.nodes = append(c.nodes, candidate.Node)
			actions = append(actions, TaintNode{Node: candidate.Node, Taints: disrupted(s, candidate.Node), Why: c.why})
		}
		k.commands = append(k.commands, c)
		for r := range found.Replacements {
			launch, err := k.launch(&found.Replacements[r], "replaces "+fmt.Sprint(c.nodes))
			if err != nil {
				return actions, err
			}
			launch.Request.Labels[labelCommand] = strconv.Itoa(c.serial)
			actions = append(actions, launch)
		}
	}
	return actions, nil
}

// disrupted are the taints of a node that is being taken away.
func disrupted(s *karpenter.Snapshot, name string) []corev1.Taint {
	taint := corev1.Taint{Key: karpenter.TaintDisrupted, Effect: corev1.TaintEffectNoSchedule}
	for _, n := range s.Nodes {
		if n.Object.Name == name {
			return append(append([]corev1.Taint(nil), n.Object.Spec.Taints...), taint)
		}
	}
	return []corev1.Taint{taint}
}

// proceed removes the nodes of commands whose replacements have joined. A node that a budget keeps is tried again.
func (k *Karpenter) proceed(now time.Time, v *View, instances []cloudprovider.Instance) []Action {
	here := map[string]bool{}
	for _, n := range v.Nodes() {
		here[n.Object.Name] = true
	}
	joined := map[string]int{}
	for i := range instances {
		if instances[i].State == cloudprovider.Joined {
			joined[instances[i].Labels[labelCommand]]++
		}
	}
	var actions []Action
	var left []*command
	for _, c := range k.commands {
		remain := false
		for _, n := range c.nodes {
			remain = remain || here[n]
		}
		switch {
		case !remain:
			continue
		case joined[strconv.Itoa(c.serial)] >= c.awaited:
			for _, n := range c.nodes {
				if here[n] {
					actions = append(actions, RemoveNode{Node: n, Why: c.why})
				}
			}
		case now.Sub(c.began) > commandLife:
			for _, n := range c.nodes {
				if here[n] {
					actions = append(actions, TaintNode{Node: n, Taints: k.undisrupted(v, n), Why: "gave up: " + c.why})
				}
			}
			continue
		}
		left = append(left, c)
	}
	k.commands = left
	return actions
}

// undisrupted are the taints of a node without that of disruption.
func (k *Karpenter) undisrupted(v *View, name string) []corev1.Taint {
	var taints []corev1.Taint
	for _, n := range v.Nodes() {
		if n.Object.Name != name {
			continue
		}
		for _, t := range n.Object.Spec.Taints {
			if t.Key != karpenter.TaintDisrupted {
				taints = append(taints, t)
			}
		}
	}
	return taints
}
