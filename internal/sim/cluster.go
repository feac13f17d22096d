package sim

import (
	"fmt"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
	"github.com/scalemath/scalemath/cloudprovider"
)

// Autoscaler is anything that looks at a cluster every so often and acts.
type Autoscaler interface {
	// Name is what the history calls it by.
	Name() string
	// Period is the time between two steps; the first is one period after the start.
	Period() time.Duration
	// Step looks and decides. The view is good until it returns.
	Step(now time.Time, v *View) []Action
}

// Admitter is an autoscaler that changes pods before they are made.
type Admitter interface {
	// Admits tells whether it looks at the pods of a workload.
	Admits(workload string) bool
	// Admit changes the resources of a pod's containers.
	Admit(now time.Time, v *View, workload string, pod *corev1.Pod) error
}

// Cluster is a cluster in virtual time. It is for one goroutine at a time.
type Cluster struct {
	cfg     Config
	now     time.Duration
	timers  timers
	cloud   *cloudprovider.Memory
	history History
	view    View

	snapshot  *kube.Snapshot
	nodes     []*node // in the order in which they joined
	byID      []*node // by number in the snapshot
	byName    map[string]*node
	workloads []*workload
	byKey     map[string]*workload
	hpas      []*autoscalingv2.HorizontalPodAutoscaler
	admitters []Admitter
	servers   []ExternalServer
	budgets   []budget
	least     map[string]int // the minimum of each node group
	serial    uint64         // of pods

	shapes  []*shape // in the order in which they are scheduled, once sorted
	sorted  int
	mending []*workload
	waiting bool    // pods were made that wait for a node
	freed   []*node // nodes with room that was not there before

	nodeGeneration uint64
	measurements   uint64
	err            error
}

// New makes a cluster as a scenario begins.
func New(cfg Config) (*Cluster, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if cfg.MetricsResolution == 0 {
		cfg.MetricsResolution = 15 * time.Second
	}
	snapshot, err := kube.NewSnapshot(kube.Options{AllLabels: true})
	if err != nil {
		return nil, err
	}
	c := &Cluster{cfg: cfg, snapshot: snapshot, byName: map[string]*node{}, byKey: map[string]*workload{}, least: map[string]int{}}
	for _, g := range cfg.Cloud.Groups {
		c.least[g.ID] = g.Min
	}
	c.view.c = c
	cfg.Cloud.Start = cfg.Start
	if c.cloud, err = cloudprovider.NewMemory(cfg.Cloud); err != nil {
		return nil, err
	}
	if c.budgets, err = budgets(cfg.PDBs); err != nil {
		return nil, err
	}
	for i, a := range cfg.Autoscalers {
		if admitter, ok := a.(Admitter); ok {
			c.admitters = append(c.admitters, admitter)
		}
		if server, ok := a.(ExternalServer); ok {
			c.servers = append(c.servers, server)
		}
		c.timers.add(timer{at: a.Period(), rank: forStep, index: i})
	}
	for _, n := range cfg.Nodes {
		if err := c.addNode(n, "", ""); err != nil {
			return nil, err
		}
	}
	if err := c.joinFirst(); err != nil {
		return nil, err
	}
	for i, w := range cfg.Workloads {
		one := newWorkload(w)
		c.workloads = append(c.workloads, one)
		c.byKey[one.key] = one
		c.timers.add(timer{at: w.From, rank: forWorkload, index: i})
	}
	for _, h := range cfg.HPAs {
		c.applyHPA(h)
	}
	c.timers.add(timer{at: cfg.MetricsResolution, rank: forMeasure})
	return c, nil
}

// Now is the present instant.
func (c *Cluster) Now() time.Time { return c.cfg.Start.Add(c.now) }

// View looks at the cluster as it is now.
func (c *Cluster) View() *View { return &c.view }

// History is what has happened so far. It must not be changed.
func (c *Cluster) History() History { return c.history }

// Run lets time pass until so long after the start. The error is for an autoscaler that acts on what cannot be.
func (c *Cluster) Run(until time.Duration) error {
	for c.err == nil {
		at, ok := c.next()
		if !ok || at > until {
			break
		}
		c.now = max(c.now, at)
		c.advanceCloud()
		c.settle()
		if len(c.timers.list) > 0 && c.timers.list[0].at <= c.now {
			c.fire(c.timers.take())
			c.settle()
		}
	}
	if c.err == nil && until > c.now {
		c.now = until
		c.advanceCloud()
		c.settle()
	}
	return c.err
}

// next is when something happens next.
func (c *Cluster) next() (time.Duration, bool) {
	at, ok := c.cloud.Next()
	cloud := at.Sub(c.cfg.Start)
	if len(c.timers.list) == 0 || ok && cloud < c.timers.list[0].at {
		return cloud, ok
	}
	return c.timers.list[0].at, true
}

// settle brings workloads and scheduling up to date.
func (c *Cluster) settle() {
	for len(c.mending) > 0 {
		w := c.mending[0]
		c.mending = append(c.mending[:0], c.mending[1:]...)
		c.reconcile(w)
	}
	c.schedule()
}

func (c *Cluster) fire(t timer) {
	switch t.rank {
	case forWorkload:
		c.create(c.workloads[t.index])
	case forPod:
		c.proceed(t.pod, stage(t.index))
	case forMeasure:
		c.measure()
		c.timers.add(timer{at: c.now + c.cfg.MetricsResolution, rank: forMeasure})
	case forPublish:
		c.publish()
	case forStep:
		c.step(t.index)
	}
}

// step runs an autoscaler and does what it decides.
func (c *Cluster) step(index int) {
	a := c.cfg.Autoscalers[index]
	for i, action := range a.Step(c.Now(), &c.view) {
		if action == nil {
			c.err = fmt.Errorf("%w: %s: action %d is nil", ErrInvalid, a.Name(), i)
			return
		}
		if err := action.apply(c, a.Name()); err != nil {
			c.note(Record{By: a.Name(), What: Refused, Why: err.Error()})
		}
	}
	c.timers.add(timer{at: c.now + a.Period(), rank: forStep, index: index})
}

// must ends the run where the snapshot does not agree with the cluster, which would be a defect of this package.
func (c *Cluster) must(err error) {
	if err != nil && c.err == nil {
		c.err = fmt.Errorf("cluster and snapshot differ: %w", err)
	}
}

// note adds to the history.
func (c *Cluster) note(r Record) {
	if c.cfg.QuietPods && r.What == PodCreated {
		return
	}
	if r.By == "" {
		r.By = "cluster"
	}
	r.At = c.Now()
	c.history = append(c.history, r)
}

// notePod adds what happened to a pod.
func (c *Cluster) notePod(what What, p *pod, by, why string) {
	if c.cfg.QuietPods && what != PodEvicted && what != PodResized {
		return
	}
	node := ""
	if p.on != nil {
		node = p.on.object.Name
	}
	c.note(Record{By: by, What: what, Object: p.object.Name, Node: node, Why: why})
}
