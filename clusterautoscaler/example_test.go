package clusterautoscaler_test

import (
	"fmt"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
	ca "github.com/scalemath/scalemath/clusterautoscaler"
)

// Fifteen pods of 500m on three nodes of 1930m: nine fit, and six need two nodes more. A pod with a demand that no group
// meets says why.
func ExamplePlan() {
	in := study(15)
	train := pod("train", "cpu", "1")
	train.Spec.NodeSelector = map[string]string{"pool": "gpu"}
	in.Cluster.Pods = append(in.Cluster.Pods, train)

	o := ca.DefaultOptions()
	o.ScaleDown.Disabled = true
	loop, state, err := ca.Plan(o, in, ca.State{})
	if err != nil {
		panic(err)
	}
	loop.Explain(os.Stdout)
	fmt.Println("awaited until", state.Requests["workers"].Deadline.Format(time.TimeOnly))
	// Output:
	// 9 pending pods have a place on nodes that are there or awaited
	// scale up workers 3 -> 5 for 6 pods
	//   option workers: 2 nodes for 6 pods
	//   least-waste keeps workers (workers 0.851137)
	//   default/app-9 and 5 like it: the scale-up is for them
	//   default/train: pod didn't trigger scale-up
	//     workers: node(s) didn't match Pod's node affinity/selector (wants pool=gpu)
	// scale-down is off
	// awaited until 12:15:00
}

func ExampleEstimate() {
	web, db := pod("web", "cpu", "250m", "memory", "256Mi"), pod("db", "cpu", "1500m", "memory", "3Gi")
	snapshot, err := kube.NewSnapshot(kube.Options{}, web, db)
	if err != nil {
		panic(err)
	}
	estimate, err := ca.Estimate(ca.EstimateInput{
		Snapshot: snapshot,
		Template: &ca.Template{Node: readyNode("template", "cpu", "4", "memory", "8Gi", "pods", "110")},
		Groups:   []ca.PodGroup{alike(web, 40), alike(db, 3)},
		Limits:   ca.Limits{MaxNodesPerScaleUp: 3, GroupRoom: 10},
	})
	fmt.Println(estimate.Nodes, "nodes, placed", estimate.Placed, "ended by", estimate.Limit, err)
	// Output: 3 nodes, placed [30 3] ended by MaxNodesPerScaleUp <nil>
}

func ExampleGroupPods() {
	pods := append(replicas("web", 3, "cpu", "1"), pod("alone", "cpu", "1"))
	pods = append(pods, replicas("api", 2, "cpu", "1")...)
	pods[1].Spec.Containers[0].Env = []corev1.EnvVar{{Name: "SHARD", Value: "2"}} // the environment does not count
	for _, g := range ca.GroupPods(pods) {
		fmt.Println(names(g.Pods))
	}
	// Output:
	// [web-0 web-1 web-2]
	// [alone]
	// [api-0 api-1]
}

func ExampleSelectPods() {
	o := ca.DefaultOptions()
	low := int32(-20)
	spare := pod("spare", "cpu", "1")
	spare.Spec.Priority = &low
	s := ca.SelectPods([]*corev1.Pod{on("node-0", pod("web")), pod("waits"), spare}, &o)
	fmt.Println(names(s.Occupying), names(s.Pending))
	// Output: [web] [waits]
}

// options are two ways to make room for four pods of 1 CPU and 1Gi each.
func options() []ca.Option {
	four := alike(pod("p", "cpu", "1", "memory", "1Gi"), 4)
	placed := []ca.PlacedGroup{{Group: &four, Count: 4}}
	return []ca.Option{
		{ID: "large", Nodes: 1, Placed: placed, Template: &ca.Template{Node: readyNode("l", "cpu", "8", "memory", "32Gi", "pods", "110")}},
		{ID: "small-spot", Nodes: 2, Placed: placed, Template: &ca.Template{Node: readyNode("s", "cpu", "2", "memory", "4Gi", "pods", "110")}},
	}
}

func ExampleChain() {
	priorities, err := ca.ParsePriorities("10: [large]\n50: [-spot$]\n")
	if err != nil {
		panic(err)
	}
	all := options()
	for _, e := range []ca.Expander{ca.LeastNodes(), ca.LeastWaste(), ca.Chain(ca.MostPods(), ca.Priority(priorities, ca.V1_37()))} {
		best, choice := e.Choose(all, 0)
		fmt.Println(e.Name, "takes", all[best].ID, "after", len(choice.Steps), "steps")
	}
	// Output:
	// least-nodes takes large after 1 steps
	// least-waste takes small-spot after 1 steps
	// most-pods,priority takes small-spot after 2 steps
}

// An expander of your own: cheapest first, by whatever you know. It also shows how an answer by ID is read.
func ExampleExternal() {
	e := ca.External("mine", func(options []ca.Option) ([]string, error) { return []string{"large", "unheard of"}, nil })
	all := options()
	best, _ := e.Choose(all, 0)
	fmt.Println(all[best].ID)

	e = ca.External("mine", func([]ca.Option) ([]string, error) { return nil, fmt.Errorf("no answer in 5s") })
	_, choice := e.Choose(all, 0)
	fmt.Println(choice.Survivors, choice.Steps[0].Note)
	// Output:
	// large
	// [large small-spot] the call failed, so all stay: no answer in 5s
}

func ExampleSimilar() {
	a, b := readyNode("a"), readyNode("b")
	a.Labels[corev1.LabelTopologyZone], b.Labels[corev1.LabelTopologyZone] = "eu-1a", "eu-1b" // zones do not count
	fmt.Println(ca.Similar(&ca.Template{Node: a}, &ca.Template{Node: b}, ca.DefaultSimilarOptions()))
	b.Labels["team"] = "blue"
	fmt.Println(ca.Similar(&ca.Template{Node: a}, &ca.Template{Node: b}, ca.DefaultSimilarOptions()))
	// Output:
	// true similar
	// false label team differs: none and blue
}

func ExampleBalance() {
	fmt.Println(ca.Balance([]ca.GroupSize{{ID: "a", Size: 5, Max: 10}, {ID: "b", Size: 1, Max: 10}, {ID: "c", Size: 2, Max: 3}}, 6))
	// Output: [{c 2 3} {b 1 6}]
}

func ExampleBackoff() {
	o := ca.DefaultBackoffOptions()
	b := ca.Backoff{}.Fail(now, "InsufficientInstanceCapacity", o)
	fmt.Println(b.Duration, b.Active(now.Add(5*time.Minute)), b.Active(now.Add(5*time.Minute+1)))
	b = b.Fail(now.Add(time.Minute), "again", o) // while it rests: no longer, but anew
	fmt.Println(b.Duration, b.Until.Sub(now))
	b = b.Fail(now.Add(10*time.Minute), "again", o)
	fmt.Println(b.Duration, b.Stale(now.Add(4*time.Hour), o))
	// Output:
	// 5m0s true false
	// 5m0s 6m0s
	// 10m0s true
}

func ExampleValidate() {
	in := study(0)
	in.Groups[0].Max = 2
	fmt.Println(ca.Validate(ca.DefaultOptions(), in))
	in = study(0)
	in.Cluster.Pods[0].Spec.NodeName = "node-9"
	fmt.Println(ca.Validate(ca.DefaultOptions(), in))
	// Output:
	// invalid input: group workers: max: 2 is below min 3
	// invalid input: pod default/aws-node-0: spec.nodeName: there is no node "node-9"
}
