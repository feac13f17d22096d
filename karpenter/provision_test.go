package karpenter_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/binpack/kube"
	"github.com/scalemath/scalemath/cloudprovider"
	"github.com/scalemath/scalemath/karpenter"
)

func provision(t *testing.T, s *karpenter.Snapshot, o karpenter.Options) karpenter.Plan {
	t.Helper()
	plan, err := karpenter.Provision(s, o)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// groups says which pods share a place: names joined by commas, in order.
func groups(plan karpenter.Plan) string {
	var out []string
	at := map[string][]string{}
	for i := range plan.Placements {
		p := &plan.Placements[i]
		key := "nowhere"
		if p.Failure == nil {
			key = fmt.Sprint(p.Node, p.Claim)
		}
		at[key] = append(at[key], p.Pod.Name)
	}
	for key, names := range at {
		text := strings.Join(names, ",")
		if key == "nowhere" {
			text = "!" + text
		}
		out = append(out, text)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func app(name string) *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchLabels: map[string]string{"app": name}}
}

func term(key string) corev1.PodAffinityTerm {
	return corev1.PodAffinityTerm{TopologyKey: key, LabelSelector: app("web")}
}

func requiring(key string, op corev1.NodeSelectorOperator, values ...string) *corev1.Affinity {
	return &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{
		NodeSelectorTerms: []corev1.NodeSelectorTerm{{MatchExpressions: []corev1.NodeSelectorRequirement{{Key: key, Operator: op, Values: values}}}},
	}}}
}

// TestConstraints asks what each kind of constraint in a pod's manifest makes of four pods.
func TestConstraints(t *testing.T) {
	const zone, host = corev1.LabelTopologyZone, corev1.LabelHostname
	for _, c := range []struct {
		name string
		with func(i int, p *corev1.Pod)
		want string
		zone string // of every claim; empty: any
	}{
		{"resource requests share a node", func(int, *corev1.Pod) {}, "p0,p1,p2,p3", ""},
		{"resource requests too large for one node", func(_ int, p *corev1.Pod) {
			p.Spec.Containers[0].Resources.Requests = quantities("cpu", "6")
		}, "p0,p1 p2,p3", ""},
		{"resource requests too large for any node", func(i int, p *corev1.Pod) {
			if i == 0 {
				p.Spec.Containers[0].Resources.Requests = quantities("cpu", "16")
			}
		}, "!p0 p1,p2,p3", ""},
		{"nodeSelector", func(_ int, p *corev1.Pod) { p.Spec.NodeSelector = map[string]string{zone: "ap-northeast-2a"} }, "p0,p1,p2,p3", "ap-northeast-2a"},
		{"nodeSelector of a label that nothing defines", func(i int, p *corev1.Pod) {
			if i < 2 {
				p.Spec.NodeSelector = map[string]string{"team": "x"}
			}
		}, "!p0,p1 p2,p3", ""},
		{"nodeSelector of a made-up host", func(i int, p *corev1.Pod) {
			if i == 1 {
				p.Spec.NodeSelector = map[string]string{host: "x"}
			}
		}, "!p1 p0,p2,p3", ""},
		{"node affinity In", func(_ int, p *corev1.Pod) { p.Spec.Affinity = requiring(zone, "In", "ap-northeast-2c", "x") }, "p0,p1,p2,p3", "ap-northeast-2c"},
		{"node affinity NotIn", func(_ int, p *corev1.Pod) { p.Spec.Affinity = requiring(zone, "NotIn", "ap-northeast-2c") }, "p0,p1,p2,p3", "ap-northeast-2a"},
		{"node affinity DoesNotExist of a label that nothing defines", func(_ int, p *corev1.Pod) { p.Spec.Affinity = requiring("team", "DoesNotExist") }, "p0,p1,p2,p3", ""},
		{"node affinity Exists of a label that nothing defines", func(i int, p *corev1.Pod) {
			if i > 2 {
				p.Spec.Affinity = requiring("team", "Exists")
			}
		}, "!p3 p0,p1,p2", ""},
		{"preferred node affinity that nothing meets", func(_ int, p *corev1.Pod) {
			p.Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{PreferredDuringSchedulingIgnoredDuringExecution: []corev1.PreferredSchedulingTerm{
				{Weight: 1, Preference: requiring(zone, "In", "ap-northeast-2a").NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms[0]},
				{Weight: 2, Preference: requiring(zone, "In", "x").NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms[0]},
			}}}
		}, "p0,p1,p2,p3", "ap-northeast-2a"},
		{"pod affinity to a pod that is not there", func(i int, p *corev1.Pod) {
			if i == 2 {
				p.Spec.Affinity = &corev1.Affinity{PodAffinity: &corev1.PodAffinity{RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{{TopologyKey: zone, LabelSelector: app("db")}}}}
			}
		}, "!p2 p0,p1,p3", ""},
		{"pod affinity to itself over hosts", func(_ int, p *corev1.Pod) {
			p.Spec.Affinity = &corev1.Affinity{PodAffinity: &corev1.PodAffinity{RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{term(host)}}}
			p.Spec.Containers[0].Resources.Requests = quantities("cpu", "6")
		}, "!p2,p3 p0,p1", ""},
		{"pod anti-affinity over hosts", func(_ int, p *corev1.Pod) {
			p.Spec.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{term(host)}}}
		}, "p0 p1 p2 p3", ""},
		{"pod anti-affinity over zones: the first claim could be in any (rule 56)", func(_ int, p *corev1.Pod) {
			p.Spec.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{term(zone)}}}
		}, "!p1,p2,p3 p0", ""},
		{"pod anti-affinity of one keeps the others away (rule 57)", func(i int, p *corev1.Pod) {
			if i == 0 {
				p.Spec.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{term(host)}}}
			}
		}, "p0 p1,p2,p3", ""},
		{"topology spread over zones", func(_ int, p *corev1.Pod) {
			p.Spec.TopologySpreadConstraints = []corev1.TopologySpreadConstraint{{MaxSkew: 1, TopologyKey: zone, WhenUnsatisfiable: corev1.DoNotSchedule, LabelSelector: app("web")}}
		}, "p0,p2 p1,p3", ""},
		{"topology spread over more domains than there are (rule 53)", func(_ int, p *corev1.Pod) {
			three := int32(3)
			p.Spec.TopologySpreadConstraints = []corev1.TopologySpreadConstraint{{MaxSkew: 1, TopologyKey: zone, MinDomains: &three, WhenUnsatisfiable: corev1.DoNotSchedule, LabelSelector: app("web")}}
		}, "!p2,p3 p0 p1", ""},
		{"topology spread over hosts", func(_ int, p *corev1.Pod) {
			p.Spec.TopologySpreadConstraints = []corev1.TopologySpreadConstraint{{MaxSkew: 2, TopologyKey: host, WhenUnsatisfiable: corev1.DoNotSchedule, LabelSelector: app("web")}}
		}, "p0,p1 p2,p3", ""},
		{"host ports", func(_ int, p *corev1.Pod) {
			p.Spec.Containers[0].Ports = []corev1.ContainerPort{{HostPort: 80}}
		}, "p0 p1 p2 p3", ""},
		{"cyclic affinity: neither can be first", func(i int, p *corev1.Pod) {
			other := []string{"b", "a"}[i%2]
			p.Labels = map[string]string{"app": []string{"a", "b"}[i%2]}
			p.Spec.Affinity = &corev1.Affinity{PodAffinity: &corev1.PodAffinity{RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{{TopologyKey: host, LabelSelector: app(other)}}}}
		}, "!p0,p1,p2,p3", ""},
		{"an operator that does not exist", func(i int, p *corev1.Pod) {
			if i == 0 {
				p.Spec.Affinity = requiring(zone, "Sometimes", "x")
			}
		}, "!p0 p1,p2,p3", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &karpenter.Snapshot{NodePools: []*karpenter.NodePool{spotPool()}, InstanceTypes: catalogue()}
			for i := range 4 {
				p := pod(fmt.Sprintf("p%d", i), "1", "512Mi")
				c.with(i, p)
				s.Pending = append(s.Pending, p)
			}
			plan := provision(t, s, karpenter.Options{})
			if got := groups(plan); got != c.want {
				t.Errorf("placed %s, want %s", got, c.want)
			}
			for _, claim := range plan.Claims {
				if c.zone != "" && claim.Cheapest.Zone != c.zone {
					t.Errorf("a claim is in %s, want %s", claim.Cheapest.Zone, c.zone)
				}
			}
			for i := range plan.Placements {
				if p := &plan.Placements[i]; p.Failure != nil && len(p.Failure.Tried) == 0 && p.Failure.Detail == "" {
					t.Errorf("%s: not explained", p)
				}
			}
		})
	}
}

// TestReserved is rules 45 to 47: what is left of a reservation goes to as many claims, and the others wait.
func TestReserved(t *testing.T) {
	types := catalogue()
	for _, it := range types[""] {
		it.Offerings = append(it.Offerings, cloudprovider.Offering{Zone: "ap-northeast-2a", CapacityType: cloudprovider.Reserved, ReservationID: "cr-1", ReservationCapacity: 2, Price: 0.0001})
	}
	pool := spotPool()
	pool.Spec.Template.Spec.Requirements[0].Values = []string{"spot", "reserved"}
	s := &karpenter.Snapshot{NodePools: []*karpenter.NodePool{pool}, InstanceTypes: types}
	for i := range 3 {
		p := pod(fmt.Sprintf("p%d", i), "1", "1Gi")
		p.Spec.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{term(corev1.LabelHostname)}}}
		s.Pending = append(s.Pending, p)
	}
	plan := provision(t, s, karpenter.Options{})
	if got, want := groups(plan), "!p2 p0 p1"; got != want {
		t.Fatalf("strict: placed %s, want %s", got, want)
	}
	if f := plan.Placements[2].Failure; f.Rule != karpenter.WaitsReserved {
		t.Errorf("p2: %s, want %s", f, karpenter.WaitsReserved)
	}
	if c := plan.Claims[0].Cheapest; c.CapacityType != cloudprovider.Reserved {
		t.Errorf("the first claim is %s, want reserved", c)
	}
	plan = provision(t, s, karpenter.Options{ReservedFallback: true})
	if got, want := groups(plan), "p0 p1 p2"; got != want {
		t.Fatalf("fallback: placed %s, want %s", got, want)
	}
	for i, want := range []string{"[reserved]", "[reserved]", "[reserved spot]"} {
		if r, _ := plan.Claims[i].Requirements.Get(karpenter.LabelCapacityType); fmt.Sprint(r.Values()) != want {
			t.Errorf("claim %d is pinned to %v, want %s", i, r.Values(), want)
		}
	}
}

// TestLimits is rules 39 and 40: each claim counts as the largest type that it could be, and nodes are not counted.
func TestLimits(t *testing.T) {
	pool := spotPool()
	anti := func(n int) (out []*corev1.Pod) {
		for i := range n {
			p := pod(fmt.Sprintf("p%d", i), "1", "1Gi")
			p.Spec.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{term(corev1.LabelHostname)}}}
			out = append(out, p)
		}
		return out
	}
	pool.Spec.Limits = quantities("cpu", "20")
	plan := provision(t, &karpenter.Snapshot{NodePools: []*karpenter.NodePool{pool}, InstanceTypes: catalogue(), Pending: anti(4)}, karpenter.Options{})
	// 20 - 16 leaves 4, which only the smallest type obeys; 4 - 2 and 2 - 2 go on with it, and then nothing is left.
	if got, want := groups(plan), "!p3 p0 p1 p2"; got != want {
		t.Errorf("cpu: placed %s, want %s", got, want)
	}
	pool.Spec.Limits = quantities("nodes", "2")
	plan = provision(t, &karpenter.Snapshot{NodePools: []*karpenter.NodePool{pool}, InstanceTypes: catalogue(), Pending: anti(4)}, karpenter.Options{})
	if got, want := groups(plan), "p0 p1 p2 p3"; got != want {
		t.Errorf("nodes 2: placed %s, want %s", got, want)
	}
	plan = provision(t, &karpenter.Snapshot{NodePools: []*karpenter.NodePool{pool}, InstanceTypes: catalogue(), Pending: anti(4)}, karpenter.Options{Profile: karpenter.Fixed()})
	if got, want := groups(plan), "!p2,p3 p0 p1"; got != want {
		t.Errorf("nodes 2, fixed: placed %s, want %s", got, want)
	}
	pool.Spec.Limits = quantities("nodes", "0")
	plan = provision(t, &karpenter.Snapshot{NodePools: []*karpenter.NodePool{pool}, InstanceTypes: catalogue(), Pending: anti(1)}, karpenter.Options{})
	if got, want := groups(plan), "!p0"; got != want {
		t.Errorf("nodes 0: placed %s, want %s", got, want)
	}
}

// TestVolumes narrows claims to where volumes are, and refuses claims that nothing can bind.
func TestVolumes(t *testing.T) {
	claim := func(name, volume string) *corev1.PersistentVolumeClaim {
		return &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}, Spec: corev1.PersistentVolumeClaimSpec{VolumeName: volume}}
	}
	mounting := func(name, claim string) *corev1.Pod {
		p := pod(name, "1", "1Gi")
		p.Spec.Volumes = []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claim}}}}
		return p
	}
	s := &karpenter.Snapshot{
		NodePools: []*karpenter.NodePool{spotPool()}, InstanceTypes: catalogue(),
		Pending: []*corev1.Pod{mounting("bound", "data"), mounting("lost", "none"), mounting("loose", "unbound")},
		Volumes: &kube.Volumes{
			Claims: []*corev1.PersistentVolumeClaim{claim("data", "pv"), claim("unbound", "")},
			Volumes: []*corev1.PersistentVolume{{ObjectMeta: metav1.ObjectMeta{Name: "pv"}, Spec: corev1.PersistentVolumeSpec{
				NodeAffinity: &corev1.VolumeNodeAffinity{Required: requiring(corev1.LabelTopologyZone, "In", "ap-northeast-2a").NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution},
			}}},
		},
	}
	plan := provision(t, s, karpenter.Options{})
	if got, want := groups(plan), "!lost,loose bound"; got != want {
		t.Fatalf("placed %s, want %s", got, want)
	}
	if z := plan.Claims[0].Cheapest.Zone; z != "ap-northeast-2a" {
		t.Errorf("the claim is in %s, not where the volume is", z)
	}
	for _, p := range plan.Placements[1:] {
		if p.Failure.Rule != karpenter.VolumeProblem {
			t.Errorf("%s", &p)
		}
	}
}

// TestRelaxation is rule 32: preferences go one by one, in order, and are told.
func TestRelaxation(t *testing.T) {
	p := pod("p", "1", "1Gi")
	p.Spec.Affinity = requiring(corev1.LabelTopologyZone, "In", "nowhere")
	terms := &p.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms
	*terms = append(*terms, requiring(corev1.LabelTopologyZone, "In", "ap-northeast-2a").NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms...)
	p.Spec.Affinity.PodAffinity = &corev1.PodAffinity{PreferredDuringSchedulingIgnoredDuringExecution: []corev1.WeightedPodAffinityTerm{
		{Weight: 3, PodAffinityTerm: corev1.PodAffinityTerm{TopologyKey: corev1.LabelTopologyZone, LabelSelector: app("db")}},
	}}
	pool := spotPool()
	pool.Spec.Template.Spec.Taints = []corev1.Taint{{Key: "soft", Effect: corev1.TaintEffectPreferNoSchedule}}
	plan := provision(t, &karpenter.Snapshot{NodePools: []*karpenter.NodePool{pool}, InstanceTypes: catalogue(), Pending: []*corev1.Pod{p}}, karpenter.Options{})
	var steps []karpenter.RelaxationStep
	for _, r := range plan.Placements[0].Relaxed {
		steps = append(steps, r.Step)
	}
	want := []karpenter.RelaxationStep{karpenter.DropRequiredTerm, karpenter.DropPodAffinity, karpenter.ToleratePreferNoSchedule}
	if !slices.Equal(steps, want) {
		t.Errorf("gave up %v, want %v: %s", steps, want, &plan.Placements[0])
	}
}

// TestBadSnapshots are errors that name what makes no sense.
func TestBadSnapshots(t *testing.T) {
	broken := spotPool()
	broken.Spec.Template.Spec.Requirements[0].Operator = "Perhaps"
	negative := machine("m", "2", "4Gi", 1)
	negative.Capacity["cpu"] = resource.MustParse("-1")
	for _, c := range []struct {
		s    *karpenter.Snapshot
		want string
	}{
		{nil, "snapshot: is nil"},
		{&karpenter.Snapshot{NodePools: []*karpenter.NodePool{nil}}, "nodePools[0]: is null"},
		{&karpenter.Snapshot{NodePools: []*karpenter.NodePool{{}}}, "nodePools[0].metadata.name: is empty"},
		{&karpenter.Snapshot{NodePools: []*karpenter.NodePool{spotPool(), spotPool()}}, "NodePool default: there are two of the name"},
		{&karpenter.Snapshot{NodePools: []*karpenter.NodePool{broken}}, `NodePool default: spec.template.spec.requirements[0]`},
		{&karpenter.Snapshot{Pending: []*corev1.Pod{nil}}, "pending[0]: is null"},
		{&karpenter.Snapshot{Nodes: []*karpenter.Node{nil}}, "nodes[0]: is null"},
		{&karpenter.Snapshot{Nodes: []*karpenter.Node{{}}}, "nodes[0].object: is null"},
		{&karpenter.Snapshot{DaemonSets: []*corev1.Pod{nil}}, "daemonSets[0]: is null"},
		{&karpenter.Snapshot{Namespaces: []*corev1.Namespace{nil}}, "namespaces[0]: is null"},
		{&karpenter.Snapshot{InstanceTypes: map[string][]*cloudprovider.InstanceType{"": {nil}}}, `instanceTypes[""][0]: is null`},
		{&karpenter.Snapshot{InstanceTypes: map[string][]*cloudprovider.InstanceType{"": {negative}}}, "capacity.cpu: -1 is negative"},
	} {
		_, err := karpenter.Compile(c.s, karpenter.Options{})
		if err == nil || !errors.Is(err, karpenter.ErrInvalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v does not say %q", err, c.want)
		}
	}
	c, err := karpenter.Compile(&karpenter.Snapshot{}, karpenter.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Simulate("x"); !errors.Is(err, karpenter.ErrInvalid) {
		t.Errorf("removing a node that is not there: %v", err)
	}
}

// TestPoolsLeftOut tells of each NodePool that makes nothing why (rule 29).
func TestPoolsLeftOut(t *testing.T) {
	named := func(name string, with func(*karpenter.NodePool)) *karpenter.NodePool {
		p := spotPool()
		p.Name = name
		with(p)
		return p
	}
	one := int64(1)
	now := metav1.Now()
	s := &karpenter.Snapshot{InstanceTypes: catalogue(), Pending: []*corev1.Pod{pod("p", "1", "1Gi")}, NodePools: []*karpenter.NodePool{
		named("static", func(p *karpenter.NodePool) { p.Spec.Replicas = &one }),
		named("deleted", func(p *karpenter.NodePool) { p.DeletionTimestamp = &now }),
		named("unready", func(p *karpenter.NodePool) {
			p.Status.Conditions = []metav1.Condition{{Type: "Ready", Status: metav1.ConditionFalse}}
		}),
		named("contradictory", func(p *karpenter.NodePool) {
			p.Spec.Template.Spec.Requirements = append(p.Spec.Template.Spec.Requirements, karpenter.RequirementSpec{Key: karpenter.LabelCapacityType, Operator: "In", Values: []string{"on-demand"}})
		}),
		named("empty", func(*karpenter.NodePool) {}),
	}}
	s.InstanceTypes["empty"] = nil
	f := provision(t, s, karpenter.Options{}).Placements[0].Failure
	if f == nil || f.Rule != karpenter.NoPools || len(f.Tried) != len(s.NodePools) {
		t.Fatalf("failure %v", f)
	}
	for _, a := range f.Tried {
		if a.Rule != karpenter.TriedSkipped || a.Detail == "" {
			t.Errorf("%s", a)
		}
	}
}

// TestGroupsThatLookAlike is the defect of rule 48: of two spread constraints that differ in minDomains only, the first
// decides for both.
func TestGroupsThatLookAlike(t *testing.T) {
	spread := func(name string, least int32) *corev1.Pod {
		p := pod(name, "1", "1Gi")
		p.Spec.TopologySpreadConstraints = []corev1.TopologySpreadConstraint{{
			MaxSkew: 1, TopologyKey: corev1.LabelTopologyZone, MinDomains: &least, WhenUnsatisfiable: corev1.DoNotSchedule, LabelSelector: app("web"),
		}}
		return p
	}
	s := &karpenter.Snapshot{NodePools: []*karpenter.NodePool{spotPool()}, InstanceTypes: catalogue(), Pending: []*corev1.Pod{spread("a", 1), spread("b", 3), spread("c", 3), spread("d", 3)}}
	if got, want := groups(provision(t, s, karpenter.Options{})), "a,c b,d"; got != want {
		t.Errorf("upstream: placed %s, want %s", got, want)
	}
	if got, want := groups(provision(t, s, karpenter.Options{Profile: karpenter.Fixed()})), "!c,d a b"; got != want {
		t.Errorf("fixed: placed %s, want %s", got, want)
	}
}

// TestDaemons makes room for the daemons that a type attracts (rules 31 and 38); up to 1.13, for all of the NodePool's.
func TestDaemons(t *testing.T) {
	everywhere, large := pod("everywhere", "500m", "256Mi"), pod("large", "6", "256Mi")
	large.Spec.NodeSelector = map[string]string{corev1.LabelInstanceTypeStable: "c5.4xlarge"}
	s := &karpenter.Snapshot{
		NodePools: []*karpenter.NodePool{spotPool()}, InstanceTypes: catalogue(), Pending: []*corev1.Pod{pod("p", "1", "1Gi")}, DaemonSets: []*corev1.Pod{everywhere, large},
	}
	for _, c := range []struct {
		profile karpenter.Profile
		cpu     string
		types   int
	}{{karpenter.V1_14(), "1500m", 3}, {karpenter.Profile{V1_13: karpenter.V1_13{DaemonsByPool: true}}, "7500m", 2}} {
		plan := provision(t, s, karpenter.Options{Profile: c.profile})
		if got := plan.Claims[0].Requests[corev1.ResourceCPU]; got.String() != c.cpu || len(plan.Claims[0].Types) != c.types {
			t.Errorf("%d types with %s cpu, want %d with %s", len(plan.Claims[0].Types), got.String(), c.types, c.cpu)
		}
	}
}
