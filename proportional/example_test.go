package proportional_test

import (
	"encoding/json"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/proportional"
)

func ExampleParseConfig() {
	policy, err := proportional.ParseConfig(map[string]string{
		"linear": `{"coresPerReplica": 256, "nodesPerReplica": 16, "min": 1, "max": 100, "preventSinglePointFailure": true}`,
	}, proportional.Upstream())
	if err != nil {
		panic(err)
	}
	outcome, err := policy.Replicas(proportional.ClusterSize{SchedulableNodes: 400, Nodes: 402, SchedulableCores: 3200, Cores: 3216})
	fmt.Println(outcome, err)

	_, err = proportional.ParseConfig(map[string]string{"linear": `{"nodesPerReplica": 16, "min": 5, "max": 4}`}, proportional.Upstream())
	fmt.Println(err)
	// Output:
	// 25 replicas (linear): 400 nodes / 16 per replica = 25, rounded up to 25 <nil>
	// invalid config: linear.max: 4 is less than min 5
}

func ExamplePolicy_Replicas() {
	policy, err := proportional.NewLadder(proportional.Ladder{
		CoresToReplicas: []proportional.Step{{1, 1}, {64, 3}, {512, 5}},
		NodesToReplicas: []proportional.Step{{1, 1}, {2, 2}},
	}, proportional.Upstream())
	if err != nil {
		panic(err)
	}
	size := proportional.ClusterSize{SchedulableNodes: 20, Nodes: 20, SchedulableCores: 160, Cores: 160}
	outcome, err := policy.Replicas(size)
	if err != nil {
		panic(err)
	}
	outcome.Explain(os.Stdout)
	policy.Changes(size).Explain(os.Stdout)
	// Output:
	// 3 replicas, decided by cores (ladder mode; schedulable ones count)
	//   20 nodes, at or above step [2, 2], ask for 2
	//   160 cores, at or above step [64, 3], ask for 3
	//   next: 5 replicas at cores >= 512, with the nodes as they are
	//   next: 2 replicas at cores <= 63, with the nodes as they are
}

// A config that does not parse stops upstream from scaling. The last good one may also stay in force.
func ExampleDecide() {
	good := configMap("1", "linear", `{"nodesPerReplica": 4}`)
	bad := configMap("2", "linear", `{"nodesPerReplica": -4}`)
	for _, profile := range []proportional.Profile{proportional.Upstream(), {KeepLastGood: true}} {
		cfg := proportional.Config{Profile: profile}
		var st proportional.State
		for _, version := range []*corev1.ConfigMap{good, bad} {
			in := proportional.Input{
				Size: proportional.ClusterSize{SchedulableNodes: 10, Nodes: 10}, ConfigMap: version,
				Targets: []proportional.TargetReplicas{{Target: proportional.Target{Kind: "deployment", Name: "dns"}, Replicas: 2}},
			}
			var d proportional.Decision
			var err error
			if d, st, err = proportional.Decide(cfg, in, st); err != nil {
				panic(err)
			}
			fmt.Println(d.Source, d.Writes, d)
		}
	}
	// Output:
	// read [deployment/dns] 3 replicas (linear): 10 nodes / 4 per replica = 2.5, rounded up to 3
	// dropped [] nothing is scaled: no config is in force until a good one appears (invalid config: linear.nodesPerReplica: -4 is negative)
	// read [deployment/dns] 3 replicas (linear): 10 nodes / 4 per replica = 2.5, rounded up to 3
	// kept [deployment/dns] 3 replicas (linear): 10 nodes / 4 per replica = 2.5, rounded up to 3
}

func ExampleSizeOf() {
	cordoned := node("b", "3920m", true)
	cordoned.Spec.Unschedulable = true
	fmt.Println(proportional.SizeOf([]*corev1.Node{node("a", "3920m", true), cordoned, node("c", "500m", false)}))
	// Output: 1 of 3 nodes schedulable, 4 of 9 cores
}

func ExampleCensus() {
	var census proportional.Census
	census.Set(node("a", "3920m", true))
	census.Set(node("b", "3920m", true))
	fmt.Println(census.Size())
	census.Set(node("b", "3920m", false))
	fmt.Println(census.Size())
	census.Remove("a")
	fmt.Println(census.Size())
	// Output:
	// 2 of 2 nodes schedulable, 8 of 8 cores
	// 1 of 2 nodes schedulable, 4 of 8 cores
	// 0 of 1 nodes schedulable, 0 of 4 cores
}

func ExampleTable() {
	policy, err := proportional.NewLinear(proportional.Linear{NodesPerReplica: 8, CoresPerReplica: 48, Max: 3}, proportional.Upstream())
	if err != nil {
		panic(err)
	}
	rows, err := proportional.Table(policy, 7910, 100)
	for _, row := range rows {
		fmt.Printf("%2d nodes, %3d cores: %d\n", row.Size.Nodes, row.Size.Cores, row.Replicas)
	}
	fmt.Println(err)
	// Output:
	//  0 nodes,   0 cores: 1
	//  7 nodes,  56 cores: 2
	// 13 nodes, 103 cores: 3
	// <nil>
}

func ExampleParseValues() {
	text, err := os.ReadFile("testdata/values.yaml")
	if err != nil {
		panic(err)
	}
	values, err := proportional.ParseValues(text)
	if err != nil {
		panic(err)
	}
	data, err := values.Data()
	fmt.Println(data, err)
	targets, err := proportional.Upstream().ParseTargets(values.Options.Target)
	fmt.Println(values.Options.Namespace, targets, err)
	// Output:
	// map[ladder:{"nodesToReplicas":[[1,1],[2,2],[3,3],[4,3],[5,5]]}] <nil>
	// default [deployment/nginx-deployment] <nil>
}

func ExampleScale_Compile() {
	var scale proportional.Scale
	if err := json.Unmarshal([]byte(`{"base": "100m", "step": "10m", "coresPerStep": 4, "nodesPerStep": 2, "max": "500m"}`), &scale); err != nil {
		panic(err)
	}
	policy, err := scale.Compile(proportional.UpstreamVertical())
	if err != nil {
		panic(err)
	}
	outcome, err := policy.Milli(proportional.VerticalSize{Nodes: 9, Cores: 34})
	if err != nil {
		panic(err)
	}
	outcome.Explain(os.Stdout)
	// Output:
	// 190m, by 9 steps of cores
	//   nodes: 5 steps of nodes gives 150m
	//   cores: 9 steps of cores gives 190m
}

func ExampleDecideVertical() {
	containers, err := proportional.ParseContainers([]byte(`{"fluentd": {
		"requests": {"cpu": {"base": "100m", "step": "10m", "nodesPerStep": 1}},
		"limits": {"memory": {"base": "64Mi", "step": "1Mi", "coresPerStep": 2, "max": "72Mi"}}}}`))
	if err != nil {
		panic(err)
	}
	cfg := proportional.VerticalConfig{Default: containers}
	in := proportional.VerticalInput{Size: proportional.VerticalSize{Nodes: 6, Cores: 24}}
	d, st, err := proportional.DecideVertical(cfg, in, proportional.VerticalState{})
	if err != nil {
		panic(err)
	}
	d.Explain(os.Stdout)

	st.Applied = d.Resources // the patch went through
	d, _, err = proportional.DecideVertical(cfg, in, st)
	fmt.Println(d, err)
	// Output:
	// 6 nodes, 24 cores: to be written
	//   fluentd requests.cpu 160m: 160m, by 6 steps of nodes
	//   fluentd limits.memory 75497472: 75497472, by 12 steps of cores, cut to max
	// nothing to write: fluentd requests.cpu 160m, fluentd limits.memory 75497472 <nil>
}

func ExampleVerticalSizeOf() {
	nodes := []*corev1.Node{node("a", "4", true), node("b", "3500m", false), node("c", "500m", true)}
	_, err := proportional.VerticalSizeOf(nodes, proportional.UpstreamVertical())
	fmt.Println(err)
	size, err := proportional.VerticalSizeOf(nodes, proportional.FixedVertical())
	fmt.Println(size, err)
	// Output:
	// invalid size: the sum of cores, 8, is not a plain integer: node "b" has status.capacity.cpu 3500m
	// {3 8} <nil>
}
