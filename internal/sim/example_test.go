package sim_test

import (
	"fmt"
	"os"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/hpa"
	"github.com/scalemath/scalemath/internal/sim"
	"github.com/scalemath/scalemath/metrics/kubelet"
)

func Example() {
	autoscaler, err := sim.NewHPA(hpa.Defaults())
	if err != nil {
		fmt.Println(err)
		return
	}
	cluster, err := sim.New(sim.Config{
		Start: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
		Nodes: []*corev1.Node{machine("a", "4")},
		Workloads: []sim.Workload{{
			Name: "php-apache", Replicas: 1, Template: template("200m", "", "500m"), ReadyDelay: 5 * time.Second,
			Load: sim.Requests{Rate: sim.Steps(sim.Step{From: time.Minute, Value: 150}), Cost: 4}, // 600 millicores in all
		}},
		HPAs:        []*autoscalingv2.HorizontalPodAutoscaler{object("php-apache", 1, 10, 50)},
		Autoscalers: []sim.Autoscaler{autoscaler},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := cluster.Run(10 * time.Minute); err != nil {
		fmt.Println(err)
		return
	}
	if err := cluster.History().Of(sim.Scaled).Write(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 2026-03-02 09:01:15 hpa          Scaled           default/php-apache 1 -> 4: cpu resource utilization (percentage of request) above target
	// 2026-03-02 09:01:30 hpa          Scaled           default/php-apache 4 -> 5
	// 2026-03-02 09:02:00 hpa          Scaled           default/php-apache 5 -> 6: cpu resource utilization (percentage of request) above target
}

// What kubectl top would show.
func ExampleView_NodeMetrics() {
	cluster, err := sim.New(sim.Config{
		Nodes: []*corev1.Node{machine("a", "4"), machine("b", "4")},
		Workloads: []sim.Workload{{
			Name: "web", Replicas: 3, Template: template("200m", "", ""),
			Load: sim.Requests{Rate: sim.Constant(60), Cost: 5, Memory: 100 << 20}, // 300 millicores in all
		}},
	})
	if err == nil {
		err = cluster.Run(time.Minute)
	}
	if err == nil {
		err = kubelet.TopNodes(os.Stdout, cluster.View().NodeMetrics(), cluster.View().Allocatable())
	}
	if err == nil {
		err = kubelet.TopPods(os.Stdout, cluster.View().PodMetrics(""), kubelet.TopPodsOptions{})
	}
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// NAME   CPU(cores)   CPU(%)   MEMORY(bytes)   MEMORY(%)
	// a      200m         5%       200Mi           0%
	// b      100m         2%       100Mi           0%
	// NAME           CPU(cores)   MEMORY(bytes)
	// web-00000001   100m         100Mi
	// web-00000002   100m         100Mi
	// web-00000003   100m         100Mi
}
