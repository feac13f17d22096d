package clusterautoscaler

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// GroupHealth counts the machines of a group by what they are (R74 to R78).
type GroupHealth struct {
	ID string `json:"id"` // of the group
	// Ready, Unready, NotStarted and Suspended are its nodes by R76.
	Ready            int      `json:"ready"`
	Unready          int      `json:"unready,omitempty"`          // see Ready
	NotStarted       int      `json:"notStarted,omitempty"`       // see Ready
	Suspended        int      `json:"suspended,omitempty"`        // see Ready
	Unregistered     int      `json:"unregistered,omitempty"`     // machines without a node (R77)
	LongUnregistered int      `json:"longUnregistered,omitempty"` // those that have been so for too long
	Failed           int      `json:"failed,omitempty"`           // machines that the cloud reports an error for
	Upcoming         int      `json:"upcoming,omitempty"`         // nodes that are awaited (R75)
	Healthy          bool     `json:"healthy"`                    // it may grow (R74)
	Why              string   `json:"why,omitempty"`              // why it may not grow, in upstream's words (R16)
	Delete           []string `json:"delete,omitempty"`           // machines to delete: failed, or never registered (R77, R78)
	// Lower tells to set the target size to To: what was asked for did not come (R73, R79).
	Lower bool `json:"lower,omitempty"`
	To    int  `json:"to,omitempty"` // see Lower
}

// Health is the state of a cluster and of its groups.
type Health struct {
	Groups  []GroupHealth `json:"groups"`         // by ID
	Ready   int           `json:"ready"`          // nodes that are ready, of groups or not
	Unready int           `json:"unready"`        // nodes that are not
	Halt    string        `json:"halt,omitempty"` // why the loop ends here, and every timer with it (R81, R82)
}

// health is R67 and R72 to R82: it brings requests and backoffs up to date.
func (w *world) health(o *Options, in *Input, st *State) Health {
	var h Health
	nodeOf := map[string]bool{}
	byGroup := make([][]int, len(w.groups))
	for i := range w.nodes {
		id := w.nodes[i].object.Spec.ProviderID
		if id == "" {
			id = w.nodes[i].object.Name
		}
		nodeOf[id] = true
		if g := w.groupOf[i]; g >= 0 {
			byGroup[g] = append(byGroup[g], i)
		}
		if isReady(w.nodes[i].object) {
			h.Ready++
		} else {
			h.Unready++
		}
	}
	for g := range w.groups {
		c := groupCheck{o: o, now: in.Now, st: st, group: &w.groups[g], out: GroupHealth{ID: w.groups[g].ID}}
		for _, i := range byGroup[g] {
			c.node(w.nodes[i].object)
		}
		c.machines(nodeOf)
		c.settle()
		c.judge()
		if c.repair(len(byGroup[g])) {
			h.Halt = fmt.Sprintf("group %s: the target size of %d is corrected to %d, which is as many nodes as there are", c.group.ID, c.group.Target, c.out.To)
		}
		if c.out.Lower {
			w.groups[g].Target = c.out.To
		}
		h.Groups = append(h.Groups, c.out)
	}
	for id, b := range st.Backoffs {
		if b.Stale(in.Now, o.Backoff) {
			delete(st.Backoffs, id)
		}
	}
	switch {
	case h.Halt != "":
	case tooMany(h.Unready, len(w.nodes), o):
		h.Halt = fmt.Sprintf("the cluster is unhealthy: %d of %d nodes are not ready", h.Unready, len(w.nodes))
	case !o.ScaleUpFromZero && h.Ready == 0:
		h.Halt = "no node is ready, and scale-up-from-zero is off"
	}
	return h
}

// tooMany is where a part of nodes is too large: more than a count and more than a share.
func tooMany(part, all int, o *Options) bool {
	return part > o.OKTotalUnreadyCount && float64(part) > o.MaxTotalUnreadyPercentage/100*float64(all)
}

// groupCheck looks at one group.
type groupCheck struct {
	o     *Options
	now   time.Time
	st    *State
	group *NodeGroup
	out   GroupHealth
}

// node is R76.
func (c *groupCheck) node(n *corev1.Node) {
	startup := c.o.MaxNodeStartupTime
	if t := c.group.Options.MaxNodeStartupTime; t != nil {
		startup = *t
	}
	switch {
	case suspended(n):
		c.out.Suspended++
	case isReady(n):
		c.out.Ready++
	case n.CreationTimestamp.Add(startup).After(c.now):
		c.out.NotStarted++
	default:
		c.out.Unready++
	}
}

func suspended(n *corev1.Node) bool {
	for i := range n.Status.Conditions {
		if c := &n.Status.Conditions[i]; c.Type == "Suspended" && c.Status == corev1.ConditionTrue {
			return true
		}
	}
	return false
}

func (c *groupCheck) provisionTime() time.Duration {
	if t := c.group.Options.MaxNodeProvisionTime; t != nil {
		return *t
	}
	return c.o.MaxNodeProvisionTime
}

// machines is R77, R78 and R80.
func (c *groupCheck) machines(nodeOf map[string]bool) {
	newFailures, code, resources := 0, "", false
	var failed []string
	for i := range c.group.Instances {
		m := &c.group.Instances[i]
		switch {
		case m.State == InstanceDeleting:
		case m.ErrorCode != "":
			c.out.Failed++
			c.out.Delete = append(c.out.Delete, m.ID)
			failed = append(failed, m.ID)
			if !slices.Contains(c.st.Failed[c.group.ID], m.ID) {
				newFailures, code, resources = newFailures+1, m.ErrorCode, resources || m.OutOfResources
			}
		case !nodeOf[m.ID]:
			if m.Since.IsZero() || !m.Since.Add(c.provisionTime()).Before(c.now) {
				c.out.Unregistered++
				continue
			}
			c.out.LongUnregistered++
			if c.o.ForceDeleteUnregistered || c.group.Target-len(c.out.Delete) > c.group.Min {
				c.out.Delete = append(c.out.Delete, m.ID)
			}
		}
	}
	c.remember(failed)
	if c.group.Options.ZeroOrMax && c.out.Failed > 0 {
		c.out.Delete = c.out.Delete[:0]
		for i := range c.group.Instances {
			c.out.Delete = append(c.out.Delete, c.group.Instances[i].ID)
		}
	}
	if request, scaling := c.st.Requests[c.group.ID]; scaling && newFailures > 0 {
		c.fail(code, resources)
		c.shrink(request, newFailures)
	}
}

// fail notes that the group could not grow (R67).
func (c *groupCheck) fail(code string, resources bool) {
	if c.st.Backoffs == nil {
		c.st.Backoffs = map[string]Backoff{}
	}
	b := c.st.Backoffs[c.group.ID].Fail(c.now, code, c.o.Backoff)
	b.OutOfResources = resources
	c.st.Backoffs[c.group.ID] = b
}

func (c *groupCheck) shrink(r ScaleUpRequest, by int) {
	if r.Increase -= by; r.Increase <= 0 {
		delete(c.st.Requests, c.group.ID)
		return
	}
	c.st.Requests[c.group.ID] = r
}

// remember notes which machines have failed, so that none counts twice.
func (c *groupCheck) remember(failed []string) {
	if len(failed) == 0 {
		delete(c.st.Failed, c.group.ID)
		return
	}
	if c.st.Failed == nil {
		c.st.Failed = map[string][]string{}
	}
	c.st.Failed[c.group.ID] = failed
}

// awaited is how many nodes are still to come.
func (c *groupCheck) awaited() int {
	return c.group.Target - (c.out.Ready + c.out.Unready + c.out.Suspended + c.out.LongUnregistered)
}

// settle ends a request whose nodes are there (R72), and one whose time is over: growth that did not come has failed (R73).
func (c *groupCheck) settle() {
	r, ok := c.st.Requests[c.group.ID]
	if !ok {
		return
	}
	if c.awaited() <= 0 {
		delete(c.st.Requests, c.group.ID)
		return
	}
	if !r.Deadline.Before(c.now) {
		return
	}
	c.fail("timeout", false)
	c.out.Lower, c.out.To = true, max(0, c.group.Target-r.Increase)
	delete(c.st.Requests, c.group.ID)
}

// judge is R74, R75 and R16.
func (c *groupCheck) judge() {
	o, target := &c.out, c.group.Target
	request, scaling := c.st.Requests[c.group.ID]
	resting := c.st.Backoffs[c.group.ID].Active(c.now)
	if awaited := c.awaited(); awaited > 0 && scaling && !resting {
		o.Upcoming = awaited
	}
	acceptable := target - o.LongUnregistered - request.Increase
	all := o.Ready + o.Unready + o.NotStarted + o.Suspended
	switch {
	case all == 0 && target == 0, acceptable <= 0 && target > 0:
		o.Healthy = true
	default:
		o.Healthy = !tooMany(max(0, acceptable-o.Ready-o.Suspended), all, c.o)
	}
	switch {
	case !o.Healthy:
		o.Why = notReady
	case resting:
		o.Why = inBackoff
	}
}

// repair is R79: a target that has been wrong for as long as a node may take to come is set to what is there.
func (c *groupCheck) repair(registered int) bool {
	target := c.group.Target
	if registered <= target && registered >= target-c.out.Unregistered-c.out.LongUnregistered {
		delete(c.st.WrongSizes, c.group.ID)
		return false
	}
	seen, ok := c.st.WrongSizes[c.group.ID]
	if !ok || seen.Nodes != registered || seen.Target != target {
		seen = WrongSize{Nodes: registered, Target: target, Since: c.now}
		if c.st.WrongSizes == nil {
			c.st.WrongSizes = map[string]WrongSize{}
		}
		c.st.WrongSizes[c.group.ID] = seen
	}
	if registered >= target || !seen.Since.Add(c.provisionTime()).Before(c.now) {
		return false
	}
	delete(c.st.WrongSizes, c.group.ID)
	c.out.Lower, c.out.To = true, registered
	return true
}

// requested notes that a group grows, so that the next loops await its nodes (R72).
func (s *State) requested(g *NodeGroup, by int, now time.Time, provision time.Duration) {
	if s.Requests == nil {
		s.Requests = map[string]ScaleUpRequest{}
	}
	r := s.Requests[g.ID]
	r.Increase += by
	r.Time, r.Deadline = now, now.Add(provision)
	s.Requests[g.ID] = r
}
