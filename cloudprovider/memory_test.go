package cloudprovider_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/cloudprovider"
)

var (
	_ cloudprovider.InstanceTypes = (*cloudprovider.Memory)(nil)
	_ cloudprovider.Launcher      = (*cloudprovider.Memory)(nil)
	_ cloudprovider.NodeGroups    = (*cloudprovider.Memory)(nil)
)

func group(min, max, target int, zones ...string) cloudprovider.NodeGroup {
	return cloudprovider.NodeGroup{ID: "g", Min: min, Max: max, Target: target, InstanceType: "m5.large", Zones: zones}
}

func cloud(t *testing.T, change func(*cloudprovider.MemoryConfig)) *cloudprovider.Memory {
	t.Helper()
	cfg := cloudprovider.MemoryConfig{Start: start, Types: []*cloudprovider.InstanceType{large()}}
	change(&cfg)
	m, err := cloudprovider.NewMemory(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func describe(t *testing.T, m *cloudprovider.Memory) cloudprovider.NodeGroup {
	t.Helper()
	g, err := m.NodeGroup(context.Background(), "g")
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestAGroupOutOfCapacityKeepsItsTargetAndTriesAgain(t *testing.T) {
	a := cloudprovider.OfferingRef{InstanceType: "m5.large", Zone: "a", CapacityType: cloudprovider.OnDemand}
	m := cloud(t, func(c *cloudprovider.MemoryConfig) {
		c.Groups = []cloudprovider.NodeGroup{group(0, 5, 0, "a")}
		c.Capacity = []cloudprovider.CapacityLimit{{OfferingRef: a, Count: 1}}
	})
	if err := m.SetTarget(context.Background(), "g", 3); err != nil {
		t.Fatal(err)
	}
	g := describe(t, m)
	if target, launched, err := m.Size("g"); err != nil || target != 3 || launched != 1 {
		t.Fatalf("%d wanted, %d there, %v", target, launched, err)
	}
	if g.Target != 3 || len(g.Instances) != 1 || g.Failure == nil || g.Failure.Offerings[0] != a {
		t.Fatalf("got %+v", g)
	}
	m.SetCapacity(a, 2)
	m.Advance(start.Add(time.Minute))
	if g = describe(t, m); len(g.Instances) != 2 || g.Failure == nil {
		t.Fatalf("after capacity for one more: %+v", g)
	}
	m.SetCapacity(a, -1)
	m.Advance(start.Add(2 * time.Minute))
	if g = describe(t, m); len(g.Instances) != 3 || g.Failure != nil {
		t.Fatalf("without a limit: %+v", g)
	}
}

func TestAGroupLaunchesWhereItHasFewest(t *testing.T) {
	m := cloud(t, func(c *cloudprovider.MemoryConfig) { c.Groups = []cloudprovider.NodeGroup{group(0, 5, 5, "a", "b")} })
	zones := ""
	for _, i := range describe(t, m).Instances {
		zones += i.Offering.Zone
	}
	if zones != "ababa" {
		t.Fatalf("zones %s", zones)
	}
}

func TestShrinkingTakesWhatHasNotJoinedFirstAndThenTheNewest(t *testing.T) {
	m := cloud(t, func(c *cloudprovider.MemoryConfig) {
		c.Groups, c.StartDelay = []cloudprovider.NodeGroup{group(0, 5, 2, "a")}, time.Minute
	})
	for _, target := range []int{3, 2, 1} {
		if err := m.SetTarget(context.Background(), "g", target); err != nil {
			t.Fatal(err)
		}
	}
	g := describe(t, m)
	if len(g.Instances) != 1 || g.Instances[0].ID != "i-000001" {
		t.Fatalf("left: %+v", g.Instances)
	}
}

func TestTerminateInShrinksAndTerminateDoesNot(t *testing.T) {
	ctx := context.Background()
	m := cloud(t, func(c *cloudprovider.MemoryConfig) { c.Groups = []cloudprovider.NodeGroup{group(1, 5, 2, "a")} })
	if err := m.Terminate(ctx, "i-000001"); err != nil {
		t.Fatal(err)
	}
	if g := describe(t, m); g.Target != 2 || len(g.Instances) != 2 || g.Instances[1].ID != "i-000003" {
		t.Fatalf("after Terminate: %+v", g)
	}
	if err := m.TerminateIn(ctx, "g", "i-000002"); err != nil {
		t.Fatal(err)
	}
	if g := describe(t, m); g.Target != 1 || len(g.Instances) != 1 {
		t.Fatalf("after TerminateIn: %+v", g)
	}
	if err := m.TerminateIn(ctx, "g", "i-000003"); !errors.Is(err, cloudprovider.ErrOutOfBounds) {
		t.Fatalf("below the minimum: %v", err)
	}
}

func TestWhatDoesNotExistIsNotFound(t *testing.T) {
	ctx := context.Background()
	m := cloud(t, func(*cloudprovider.MemoryConfig) {})
	_, describing := m.NodeGroup(ctx, "x")
	_, launching := m.Launch(ctx, cloudprovider.LaunchRequest{Offerings: []cloudprovider.OfferingRef{{InstanceType: "x"}}})
	_, noZone := m.Launch(ctx, cloudprovider.LaunchRequest{Offerings: []cloudprovider.OfferingRef{{InstanceType: "m5.large", Zone: "x"}}})
	_, instance := m.Instance("x")
	_, node := m.NodeOf("x")
	_, _, size := m.Size("x")
	for i, err := range []error{describing, launching, noZone, instance, node, size, m.Terminate(ctx, "x"), m.SetTarget(ctx, "x", 1), m.TerminateIn(ctx, "x", "y")} {
		if !errors.Is(err, cloudprovider.ErrNotFound) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if _, err := m.Launch(ctx, cloudprovider.LaunchRequest{}); !errors.Is(err, cloudprovider.ErrInvalid) {
		t.Errorf("no offerings: %v", err)
	}
}

func TestSpotLivesAreDrawnFromTheSeedAlone(t *testing.T) {
	lives := func(seed uint64, stops ...time.Duration) string {
		m := cloud(t, func(c *cloudprovider.MemoryConfig) {
			g := group(0, 9, 9, "a")
			g.CapacityType = cloudprovider.Spot
			c.Groups, c.MeanSpotLife, c.Seed = []cloudprovider.NodeGroup{g}, time.Hour, seed
		})
		var all []string
		for _, s := range stops {
			for _, e := range m.Advance(start.Add(s)) {
				all = append(all, e.String())
			}
		}
		return strings.Join(all, "\n")
	}
	one := lives(1, 4*time.Hour)
	if steps := lives(1, time.Minute, time.Hour, time.Hour, 4*time.Hour); steps != one {
		t.Errorf("small steps differ from one large step")
	}
	if lives(2, 4*time.Hour) == one {
		t.Errorf("another seed draws the same")
	}
	// 9 machines of a mean life of an hour are taken back about 36 times in 4 hours.
	if n := strings.Count(one, "Interrupted"); n < 18 || n > 60 {
		t.Errorf("%d interruptions", n)
	}
}

func TestNodesCarryTheirTypeGroupAndTemplate(t *testing.T) {
	m := cloud(t, func(c *cloudprovider.MemoryConfig) {
		g := group(0, 1, 1, "a")
		g.Template = &corev1.Node{}
		g.Template.Labels = map[string]string{"team": "x"}
		c.Groups = []cloudprovider.NodeGroup{g}
	})
	n, err := m.NodeOf("i-000001")
	if err != nil {
		t.Fatal(err)
	}
	for label, want := range map[string]string{
		"team": "x", corev1.LabelTopologyZone: "a", corev1.LabelHostname: "ip-i-000001", corev1.LabelInstanceTypeStable: "m5.large",
		cloudprovider.LabelNodeGroup: "g", cloudprovider.LabelCapacityType: "on-demand",
	} {
		if n.Labels[label] != want {
			t.Errorf("%s: %q", label, n.Labels[label])
		}
	}
	i, err := m.Launch(context.Background(), cloudprovider.LaunchRequest{Offerings: cloudprovider.Cheapest([]*cloudprovider.InstanceType{large()}, nil), Labels: map[string]string{"pool": "p"}})
	if err != nil {
		t.Fatal(err)
	}
	if n, err = m.NodeOf(i.ID); err != nil || n.Labels["pool"] != "p" || n.Status.Capacity.Cpu().Value() != 2 || n.Labels[corev1.LabelArchStable] != "amd64" {
		t.Fatalf("%v %+v", err, n)
	}
}

func TestConfigErrorsNameTheField(t *testing.T) {
	for want, change := range map[string]func(*cloudprovider.MemoryConfig){
		"notice: -1s":                func(c *cloudprovider.MemoryConfig) { c.Notice = -time.Second },
		"types: [1].name":            func(c *cloudprovider.MemoryConfig) { c.Types = append(c.Types, large()) },
		"types: [1] is nil":          func(c *cloudprovider.MemoryConfig) { c.Types = append(c.Types, nil) },
		"group g: target: 6 is more": func(c *cloudprovider.MemoryConfig) { c.Groups = []cloudprovider.NodeGroup{group(0, 5, 6, "a")} },
		"group g: max: 1 is less":    func(c *cloudprovider.MemoryConfig) { c.Groups = []cloudprovider.NodeGroup{group(2, 1, 1, "a")} },
		"group g: zones: is empty":   func(c *cloudprovider.MemoryConfig) { c.Groups = []cloudprovider.NodeGroup{group(0, 1, 1)} },
		"no offering m5.large/c":     func(c *cloudprovider.MemoryConfig) { c.Groups = []cloudprovider.NodeGroup{group(0, 1, 1, "c")} },
		"capacity: [0].count: -1":    func(c *cloudprovider.MemoryConfig) { c.Capacity = []cloudprovider.CapacityLimit{{Count: -1}} },
		"groups: [1].id: \"g\" is there": func(c *cloudprovider.MemoryConfig) {
			c.Groups = []cloudprovider.NodeGroup{group(0, 1, 1, "a"), group(0, 1, 1, "a")}
		},
	} {
		cfg := cloudprovider.MemoryConfig{Types: []*cloudprovider.InstanceType{large()}}
		change(&cfg)
		if _, err := cloudprovider.NewMemory(cfg); !errors.Is(err, cloudprovider.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", want, err)
		}
	}
}

// FuzzMemory plays any sequence of calls and holds the state against what must always be so.
func FuzzMemory(f *testing.F) {
	f.Add([]byte{0, 3, 1, 9, 2, 0, 3, 1, 4, 2})
	f.Fuzz(func(t *testing.T, script []byte) {
		spot := cloudprovider.NodeGroup{ID: "s", Max: 4, Target: 2, InstanceType: "m5.large", Zones: []string{"a"}, CapacityType: cloudprovider.Spot}
		play := func() (string, *cloudprovider.Memory) {
			m := cloud(t, func(c *cloudprovider.MemoryConfig) {
				c.Groups = []cloudprovider.NodeGroup{group(1, 4, 2, "a", "b"), spot}
				c.StartDelay, c.JoinDelay, c.MeanSpotLife = 40*time.Second, 20*time.Second, time.Hour
				c.Capacity = []cloudprovider.CapacityLimit{{OfferingRef: cloudprovider.OfferingRef{InstanceType: "m5.large", Zone: "a", CapacityType: "on-demand"}, Count: 3}}
			})
			ctx, last := context.Background(), start
			for i := 0; i+1 < len(script); i += 2 {
				n := int(script[i+1])
				all, _ := m.Instances(ctx)
				id := "none"
				if len(all) > 0 {
					id = all[n%len(all)].ID
				}
				switch script[i] % 5 {
				case 0:
					_ = m.SetTarget(ctx, "g", n%6)
				case 1:
					_ = m.TerminateIn(ctx, "g", id)
				case 2:
					_ = m.Terminate(ctx, id)
				case 3:
					_, _ = m.Launch(ctx, cloudprovider.LaunchRequest{Offerings: cloudprovider.Cheapest([]*cloudprovider.InstanceType{large()}, nil)})
				default:
					for _, e := range m.Advance(m.Now().Add(time.Duration(n) * 10 * time.Second)) {
						if e.At.Before(last) {
							t.Fatalf("%s is before %s", e, last)
						}
						last = e.At
					}
				}
			}
			text, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			return string(text), m
		}
		first, m := play()
		if second, _ := play(); second != first {
			t.Fatalf("the same calls ended in\n%s\nand\n%s", first, second)
		}
		s := m.State()
		total := len(s.Instances)
		for _, g := range s.Groups {
			total += len(g.Instances)
			if g.Target < g.Min || g.Target > g.Max || len(g.Instances) > g.Target || len(g.Instances) < g.Target && g.Failure == nil {
				t.Fatalf("group %+v", g)
			}
		}
		used := 0
		for _, u := range s.InUse {
			used += u.Used
			if u.Used < 0 || u.Limit != nil && u.Used > *u.Limit {
				t.Fatalf("%+v", u)
			}
		}
		if used != total || s.Cost < 0 {
			t.Fatalf("%d used of %d, cost %v", used, total, s.Cost)
		}
	})
}

func TestChangesMoveWhenSomethingHappensAndOnlyThen(t *testing.T) {
	m := cloud(t, func(c *cloudprovider.MemoryConfig) {
		c.Groups, c.StartDelay = []cloudprovider.NodeGroup{group(0, 5, 1, "a")}, time.Minute
	})
	last := m.Changes()
	for i, step := range []struct {
		do    func()
		moves bool
	}{
		{func() { m.Advance(start.Add(30 * time.Second)) }, false},
		{func() { _ = m.SetTarget(context.Background(), "g", 2) }, true},
		{func() { _ = m.SetTarget(context.Background(), "g", 9) }, false},
		{func() { m.Advance(start.Add(time.Minute)) }, false},
		{func() { m.Advance(start.Add(2 * time.Minute)) }, true},
		{func() { _ = m.TerminateIn(context.Background(), "g", "i-000001") }, true},
	} {
		step.do()
		if now := m.Changes(); (now != last) != step.moves {
			t.Errorf("step %d: from %d to %d", i, last, now)
		}
		last = m.Changes()
	}
}
