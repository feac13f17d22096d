package sim_test

import (
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/cloudprovider"
	"github.com/scalemath/scalemath/clusterautoscaler"
	"github.com/scalemath/scalemath/internal/sim"
)

// groups grows a node group by what waits, at so many pods a node, and takes nodes away on which nothing runs.
type groups struct{ perNode, least, most int }

func (groups) Name() string          { return "groups" }
func (groups) Period() time.Duration { return 10 * time.Second }

func (g groups) Step(_ time.Time, v *sim.View) []sim.Action {
	waiting, empty := v.Pending(), []string(nil)
	for _, n := range v.EmptyNodes() {
		if n.Group == "workers" {
			empty = append(empty, n.Object.Name)
		}
	}
	if len(waiting) == 0 && len(empty) == 0 {
		return nil
	}
	target, launched, err := v.Cloud().Size("workers")
	if err != nil {
		return []sim.Action{sim.Say{Object: "workers", Why: err.Error()}}
	}
	coming := launched - v.NodeCount()
	if want := (len(waiting)+g.perNode-1)/g.perNode - coming; want > 0 {
		return []sim.Action{sim.ResizeGroup{Group: "workers", Size: min(g.most, target+want), Why: "pods wait"}}
	}
	var actions []sim.Action
	for _, name := range empty {
		if target-len(actions) > g.least {
			actions = append(actions, sim.RemoveNode{Node: name, Why: "empty"})
		}
	}
	return actions
}

func workers(min, max, target int) cloudprovider.MemoryConfig {
	t := &cloudprovider.InstanceType{Name: "m5.2xlarge", Capacity: corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("8"), corev1.ResourceMemory: resource.MustParse("32Gi"), corev1.ResourcePods: resource.MustParse("58"),
	}, Offerings: []cloudprovider.Offering{{Zone: "a", CapacityType: cloudprovider.OnDemand, Price: 0.472}}}
	return cloudprovider.MemoryConfig{
		Types: []*cloudprovider.InstanceType{t}, StartDelay: 40 * time.Second, JoinDelay: 20 * time.Second,
		Groups: []cloudprovider.NodeGroup{{ID: "workers", Min: min, Max: max, Target: target, InstanceType: t.Name, Zones: []string{"a"}}},
	}
}

// day is a cluster of so many nodes with 20 pods each at the height of the day, under horizontal autoscaling and with
// nodes that come and go.
func day(b testing.TB, nodes int, scaler func(perNode int) sim.Autoscaler) *sim.Cluster {
	const perNode = 20
	cfg := sim.Config{Seed: 1, Cloud: workers(nodes/4, nodes, nodes/2), Pack: true, QuietPods: true,
		Autoscalers: []sim.Autoscaler{newHPA(b), scaler(perNode)}}
	services := max(1, nodes/10)
	most := float64(nodes * perNode / services)
	for i := range services {
		name := fmt.Sprintf("service-%03d", i)
		cfg.Workloads = append(cfg.Workloads, sim.Workload{
			Name: name, Replicas: int32(most / 2), Template: template("400m", "256Mi", ""), StartDelay: 5 * time.Second, ReadyDelay: 10 * time.Second,
			// At the height of the day most pods use 200m and more each, half of their requests.
			Load: sim.Requests{Rate: wavy(sim.Daily(most*68/2, most*68), time.Duration(i)*time.Minute), Cost: 4},
		})
		cfg.HPAs = append(cfg.HPAs, object(name, 1, int32(most), 50))
	}
	return cluster(b, cfg)
}

// wavy is a quarter more or less every 40 minutes.
func wavy(c sim.Curve, shift time.Duration) sim.Curve {
	const half = 20 * time.Minute
	return func(since time.Duration) float64 {
		if (since+shift)/half%2 == 0 {
			return c(since) * 0.75
		}
		return c(since) * 1.25
	}
}

func BenchmarkDay(b *testing.B) {
	for _, nodes := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("nodes=%d", nodes), func(b *testing.B) {
			for range b.N {
				c := day(b, nodes, func(perNode int) sim.Autoscaler { return groups{perNode, nodes / 4, nodes} })
				most, pods := 0, 0
				for at := time.Hour; at <= 24*time.Hour; at += time.Hour {
					run(b, c, at)
					n := 0
					for _, key := range c.View().Workloads() {
						w, _ := c.View().Workload(key)
						n += w.Ready
					}
					most, pods = max(most, c.View().NodeCount()), max(pods, n)
				}
				b.ReportMetric(float64(most), "nodes")
				b.ReportMetric(float64(pods), "pods")
				b.ReportMetric(float64(len(c.History().Of(sim.Scaled))), "scalings")
			}
		})
	}
}

// BenchmarkDayClusterAutoscaler is the same day with the loops of the Cluster Autoscaler instead of the simple scaling of
// BenchmarkDay, idle ones left out.
func BenchmarkDayClusterAutoscaler(b *testing.B) {
	for _, nodes := range []int{10, 100} {
		b.Run(fmt.Sprintf("nodes=%d", nodes), func(b *testing.B) {
			for range b.N {
				c := day(b, nodes, func(int) sim.Autoscaler {
					a := sim.NewClusterAutoscaler(clusterautoscaler.DefaultOptions())
					a.SkipIdle = true
					return a
				})
				run(b, c, 24*time.Hour)
				b.ReportMetric(float64(len(c.History().Of(sim.NodeJoined))), "joined")
				b.ReportMetric(float64(len(c.History().Of(sim.NodeLeft))), "left")
			}
		})
	}
}
