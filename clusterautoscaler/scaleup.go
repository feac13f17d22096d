package clusterautoscaler

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// ScaleUpResult is how a scale-up ended.
type ScaleUpResult string

// The results.
const (
	ScaleUpNotNeeded  ScaleUpResult = "NotNeeded"          // there was nothing to do
	ScaleUpSuccessful ScaleUpResult = "Successful"         // groups grow
	ScaleUpNoOptions  ScaleUpResult = "NoOptionsAvailable" // no group can help
	ScaleUpLimited    ScaleUpResult = "Limited"            // a limit of the cluster forbids it
	ScaleUpInCooldown ScaleUpResult = "InCooldown"         // a pod is so young that the scheduler may not have looked (R12)
)

// ScaleUp is what is added, for which pods, and why.
type ScaleUp struct {
	Result    ScaleUpResult  `json:"result"`              // how it ended
	Increases []Increase     `json:"increases,omitempty"` // target sizes to set
	Options   []Option       `json:"options,omitempty"`   // what could be done, by the ID of its group
	Chosen    string         `json:"chosen,omitempty"`    // the group of the option that was taken
	Choice    Choice         `json:"choice"`              // how it was chosen
	Cut       []string       `json:"cut,omitempty"`       // the limits that made it smaller than the option, in words
	Skipped   []Skip         `json:"skipped,omitempty"`   // groups that were not looked at
	Groups    []PendingGroup `json:"groups,omitempty"`    // the pods, equal ones together
	Error     string         `json:"error,omitempty"`     // why the option that was taken cannot be carried out
}

// Skip is why a node group was not looked at.
type Skip struct {
	ID      string   `json:"id"`      // of the group
	Reasons []string `json:"reasons"` // in upstream's words
}

// PendingGroup are equal pods that wait for a node.
type PendingGroup struct {
	PodGroup `json:"-"`
	// Schedulable tells that some group of nodes could hold them.
	Schedulable bool `json:"schedulable"`
	Triggered   int  `json:"triggered"` // how many of them, from the first on, the scale-up is for
	// Rejections is why nodes of a group cannot hold them, by the group's ID.
	Rejections map[string]Rejection `json:"rejections,omitempty"`
}

// Rejection is why nodes of a group cannot hold a pod.
type Rejection struct {
	Why  kube.Why `json:"why,omitempty"`  // the rules that fail, with their numbers
	Text string   `json:"text,omitempty"` // another reason, such as all-or-nothing
}

// Reasons is what the scheduler's filter that fails first would say.
func (r Rejection) Reasons() []string {
	if r.Text != "" {
		return []string{r.Text}
	}
	var out []string
	for i := range r.Why {
		if r.Why[i].Rule == r.Why[0].Rule {
			out = append(out, r.Why[i].Event())
		}
	}
	return out
}

// The words of upstream for groups that are skipped.
const (
	notReady      = "not ready for scale-up"
	inBackoff     = "in backoff after failed scale-up"
	atMaximum     = "max node group size reached"
	atomicTooMany = "max cluster limit nodes reached"
	allOrNothing  = "not all pods would fit and scale-up is using all-or-nothing strategy"
)

// ScaleUpInput is what a scale-up depends on.
type ScaleUpInput struct {
	Snapshot  *kube.Snapshot       // nodes with their pods, upcoming nodes included; as it was when the scale-up is done
	Nodes     []*corev1.Node       // the same nodes, as quotas count them
	Pending   []*corev1.Pod        // pods that fit nowhere
	Groups    []NodeGroup          // sorted by ID
	Templates map[string]*Template // of each group that has one, by its ID
	Unusable  map[string]string    // why a group cannot grow for its health, by ID: see R16
	GroupOf   map[string]string    // the group of a node, by the node's name
}

// DecideScaleUp says which groups grow for pods that fit nowhere. The error wraps [ErrInvalid].
func DecideScaleUp(o Options, in ScaleUpInput) (ScaleUp, error) {
	u := &scaleUp{o: o, in: in, out: ScaleUp{Result: ScaleUpNoOptions}}
	for _, g := range GroupPods(in.Pending) {
		u.out.Groups = append(u.out.Groups, PendingGroup{PodGroup: g})
	}
	if len(in.Pending) == 0 {
		u.out.Result = ScaleUpNotNeeded
		return u.out, nil
	}
	u.measure()
	u.filter()
	if err := u.askTemplates(); err != nil {
		return ScaleUp{}, err
	}
	if err := u.estimate(); err != nil {
		return ScaleUp{}, err
	}
	u.choose()
	return u.out, nil
}

// scaleUp is one run.
type scaleUp struct {
	o       Options
	in      ScaleUpInput
	out     ScaleUp
	amounts map[string]map[string]int64 // by group: what one node counts for
	quotas  quotas
	usable  []*candidate
	cursor  int
}

// candidate is a group that may grow.
type candidate struct {
	group    *NodeGroup
	template *Template
	holds    []int // the pod groups that its nodes can hold
	similar  []*candidate
}

// measure prepares the quotas (R59, R60).
func (u *scaleUp) measure() {
	u.amounts = map[string]map[string]int64{}
	byNode := make([]map[string]int64, len(u.in.Nodes))
	for i, n := range u.in.Nodes {
		id, grouped := u.in.GroupOf[n.Name]
		if known, ok := u.amounts[id]; grouped && ok {
			byNode[i] = known
			continue
		}
		byNode[i] = amountsOf(n, u.o.GPULabel)
		if grouped {
			u.amounts[id] = byNode[i]
		}
	}
	u.quotas = newQuotas(u.o.Quotas, u.o.GPULabel, u.in.Nodes, byNode)
	for id, t := range u.in.Templates {
		if _, ok := u.amounts[id]; !ok && t != nil {
			u.amounts[id] = amountsOf(t.Node, u.o.GPULabel)
		}
	}
}

// filter is R16 to R18.
func (u *scaleUp) filter() {
	for i := range u.in.Groups {
		g := &u.in.Groups[i]
		if reasons := u.skips(g); reasons != nil {
			u.out.Skipped = append(u.out.Skipped, Skip{g.ID, reasons})
			continue
		}
		u.usable = append(u.usable, &candidate{group: g, template: u.in.Templates[g.ID]})
	}
}

func (u *scaleUp) skips(g *NodeGroup) []string {
	t, step := u.in.Templates[g.ID], 1
	if why := u.in.Unusable[g.ID]; why != "" && !g.Missing {
		return []string{why}
	}
	if g.Target >= g.Max {
		return []string{atMaximum}
	}
	if g.Options.ZeroOrMax {
		if step = g.Max - g.Target; u.o.MaxNodesTotal > 0 && len(u.in.Nodes)+step > u.o.MaxNodesTotal {
			return []string{atomicTooMany}
		}
	}
	if t == nil || t.Node == nil {
		return []string{notReady}
	}
	if fits, exceeded := u.quotas.allowed(t.Node, u.amounts[g.ID], step); fits < step {
		var reasons []string
		for _, e := range exceeded {
			reasons = append(reasons, e.String())
		}
		return reasons
	}
	return nil
}

// askTemplates is R27: which pods the nodes of each group can hold.
func (u *scaleUp) askTemplates() error {
	groups := u.podGroups()
	for _, c := range u.usable {
		whys, err := Schedulable(u.in.Snapshot, c.template, groups)
		if err != nil {
			return fmt.Errorf("group %s: %w", c.group.ID, err)
		}
		for i, why := range whys {
			if why == nil {
				c.holds = append(c.holds, i)
				u.out.Groups[i].Schedulable = true
			} else {
				u.reject(i, c.group.ID, Rejection{Why: why})
			}
		}
	}
	return nil
}

func (u *scaleUp) reject(pods int, group string, r Rejection) {
	g := &u.out.Groups[pods]
	if g.Rejections == nil {
		g.Rejections = map[string]Rejection{}
	}
	g.Rejections[group] = r
}

func (u *scaleUp) podGroups() []PodGroup {
	out := make([]PodGroup, len(u.out.Groups))
	for i := range out {
		out[i] = u.out.Groups[i].PodGroup
	}
	return out
}

// findSimilar is R52.
func (u *scaleUp) findSimilar(c *candidate) {
	if !u.o.BalanceSimilar || c.group.Options.ZeroOrMax || len(c.holds) == 0 {
		return
	}
	for _, other := range u.usable {
		if other == c || !holdsAll(other.holds, c.holds) {
			continue
		}
		if ok, _ := Similar(c.template, other.template, u.o.Similar); ok {
			c.similar = append(c.similar, other)
		}
	}
}

func holdsAll(have, want []int) bool {
	for _, w := range want {
		if _, ok := slices.BinarySearch(have, w); !ok {
			return false
		}
	}
	return true
}

// estimate makes an option of every group that helps (R33 to R36, R41).
func (u *scaleUp) estimate() error {
	groups, asked := u.podGroups(), 0
	for _, c := range u.usable {
		if len(c.holds) == 0 {
			continue
		}
		if asked++; u.o.MaxEstimates > 0 && asked > u.o.MaxEstimates {
			u.out.Skipped = append(u.out.Skipped, Skip{c.group.ID, []string{"not reached: as many groups as are allowed were looked at"}})
			continue
		}
		u.findSimilar(c)
		option, err := u.option(c, groups)
		if err != nil {
			return fmt.Errorf("group %s: %w", c.group.ID, err)
		}
		if option.Nodes == 0 || option.Pods() == 0 {
			continue
		}
		if u.o.AllOrNothing && option.Pods() < len(u.in.Pending) {
			continue
		}
		u.out.Options = append(u.out.Options, option)
	}
	return nil
}

func (u *scaleUp) option(c *candidate, groups []PodGroup) (Option, error) {
	held := make([]PodGroup, len(c.holds))
	for i, g := range c.holds {
		held[i] = groups[g]
	}
	room := max(0, c.group.Max-c.group.Target)
	option := Option{ID: c.group.ID, Template: c.template, Missing: c.group.Missing}
	for _, s := range c.similar {
		room += max(0, s.group.Max-s.group.Target)
		option.Similar = append(option.Similar, s.group.ID)
	}
	estimate, err := Estimate(EstimateInput{
		Snapshot: u.in.Snapshot, Template: c.template, Groups: held, FastPath: u.o.FastPath, Profile: u.o.Profile, From: u.cursor,
		Limits: Limits{MaxNodesPerScaleUp: u.o.MaxNodesPerScaleUp, GroupRoom: room, MaxNodesTotal: u.o.MaxNodesTotal, CurrentNodes: len(u.in.Nodes)},
	})
	if err != nil {
		return Option{}, err
	}
	option.Nodes, option.Estimate = estimate.Nodes, estimate
	if c.group.Options.ZeroOrMax { // R36
		switch {
		case u.o.AllOrNothing && estimate.Nodes > c.group.Max:
			option.Nodes = 0
		case estimate.Nodes > 0:
			option.Nodes = c.group.Max
		}
	}
	for i, g := range c.holds {
		if estimate.Placed[i] > 0 {
			option.Placed = append(option.Placed, PlacedGroup{&u.out.Groups[g].PodGroup, estimate.Placed[i]})
		}
	}
	return option, nil
}

// choose takes one option and turns it into new target sizes (R42, R50, R51, R58).
func (u *scaleUp) choose() {
	best, choice := u.o.Expander.Choose(u.out.Options, u.o.Seed)
	u.out.Choice = choice
	if best < 0 {
		return
	}
	option := &u.out.Options[best]
	u.out.Chosen = option.ID
	nodes := option.Nodes
	if u.o.MaxNodesTotal > 0 && len(u.in.Nodes)+nodes > u.o.MaxNodesTotal {
		if nodes = u.o.MaxNodesTotal - len(u.in.Nodes); nodes < 1 {
			u.out.Error = fmt.Sprintf("max-nodes-total of %d is reached", u.o.MaxNodesTotal)
			return
		}
		u.out.Cut = append(u.out.Cut, fmt.Sprintf("max-nodes-total %d leaves room for %d of %d nodes", u.o.MaxNodesTotal, nodes, option.Nodes))
	}
	if u.o.AllOrNothing && nodes < option.Nodes {
		u.refuseAll()
		return
	}
	increases := u.spread(u.candidate(option.ID), nodes)
	total := 0
	for _, i := range increases {
		total += i.To - i.From
	}
	if total == 0 || u.o.AllOrNothing && total < nodes {
		u.refuseAll()
		return
	}
	u.out.Result, u.out.Increases = ScaleUpSuccessful, increases
	at := 0
	for _, p := range option.Placed { // both are in the same order
		for &u.out.Groups[at].PodGroup != p.Group {
			at++
		}
		u.out.Groups[at].Triggered = p.Count
	}
}

// refuseAll marks every pod: all or nothing was asked for, and it cannot be all (R51).
func (u *scaleUp) refuseAll() {
	if !u.o.AllOrNothing {
		return
	}
	for i := range u.out.Groups {
		u.out.Groups[i].Schedulable = false
		for _, c := range u.usable {
			if _, rejected := u.out.Groups[i].Rejections[c.group.ID]; !rejected {
				u.reject(i, c.group.ID, Rejection{Text: allOrNothing})
			}
		}
	}
}

func (u *scaleUp) candidate(id string) *candidate {
	for _, c := range u.usable {
		if c.group.ID == id {
			return c
		}
	}
	return nil
}

// spread is R58 with its quotas.
func (u *scaleUp) spread(main *candidate, nodes int) []Increase {
	var sizes []GroupSize
	for _, c := range append([]*candidate{main}, main.similar...) {
		if fits, _ := u.quotas.allowed(c.template.Node, u.amounts[c.group.ID], 1); fits < 1 {
			continue
		}
		sizes = append(sizes, GroupSize{c.group.ID, c.group.Target, c.group.Max})
	}
	var out []Increase
	for _, i := range Balance(sizes, nodes) {
		c := u.candidate(i.ID)
		want := i.To - i.From
		fits, exceeded := u.quotas.allowed(c.template.Node, u.amounts[i.ID], want)
		if fits < want {
			var words []string
			for _, e := range exceeded {
				words = append(words, e.String())
			}
			u.out.Cut = append(u.out.Cut, fmt.Sprintf("group %s grows by %d instead of %d: %s", i.ID, fits, want, strings.Join(words, "; ")))
			i.To = i.From + fits
		}
		u.quotas.consume(c.template.Node, u.amounts[i.ID], i.To-i.From)
		if i.To > i.From {
			out = append(out, i)
		}
	}
	return out
}
