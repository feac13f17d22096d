package kube_test

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

func ExampleFits() {
	node := newNode("node-1", "topology.kubernetes.io/zone", "a")
	node.Spec.Taints = []corev1.Taint{{Key: "dedicated", Value: "gpu", Effect: corev1.TaintEffectNoSchedule}}
	running := newPod("running", "cpu", "3500m", "memory", "1Gi")

	pod := newPod("pending", "cpu", "2", "memory", "512Mi")
	pod.Spec.NodeSelector = map[string]string{"topology.kubernetes.io/zone": "b"}

	ok, why := kube.Fits(pod, node, running)
	fmt.Println(ok)
	for _, reason := range why {
		fmt.Println("-", reason)
	}
	fmt.Println("event:", why.Event())

	pod.Spec.NodeSelector = nil
	pod.Spec.Tolerations = []corev1.Toleration{{Key: "dedicated", Operator: corev1.TolerationOpExists}}
	fmt.Println(kube.Fits(pod, node))
	// Output:
	// false
	// - node(s) had untolerated taint(s) (dedicated=gpu:NoSchedule)
	// - node(s) didn't match Pod's node affinity/selector (wants topology.kubernetes.io/zone=b)
	// - Insufficient cpu (requests 2, 500m of 4 is free)
	// event: node(s) had untolerated taint(s)
	// true fits
}

func ExampleSnapshot() {
	web := newPod("web-1", "cpu", "1500m")
	web.Labels["app"] = "web"
	web.Spec.TopologySpreadConstraints = []corev1.TopologySpreadConstraint{{
		MaxSkew: 1, TopologyKey: "topology.kubernetes.io/zone", WhenUnsatisfiable: corev1.DoNotSchedule, LabelSelector: app("web"),
	}}
	cluster, _ := kube.NewSnapshot(kube.Options{}, web)
	a, _ := cluster.AddNode(newNode("a", "topology.kubernetes.io/zone", "a"))
	cluster.AddNode(newNode("b", "topology.kubernetes.io/zone", "b"))

	class, _ := cluster.Class(web)
	mark := cluster.Mark()
	for n := cluster.FirstFit(class, 0); n >= 0; n = cluster.FirstFit(class, 0) {
		cluster.Place(class, n)
		fmt.Println("placed on", cluster.Node(n).Name)
	}
	fmt.Println(cluster.Survey(class))
	cluster.Undo(mark)

	cluster.Place(class, a)
	fmt.Println("zone a again:", cluster.Why(class, a))
	// Output:
	// placed on a
	// placed on b
	// placed on a
	// placed on b
	// 0/2 nodes are available: 2 Insufficient cpu.
	// zone a again: node(s) didn't match pod topology spread constraints (topology.kubernetes.io/zone a would have 2, the emptiest domain 0, maxSkew 1)
}

func ExampleRequirement() {
	pool, _ := kube.NewRequirement("instance-cpu", kube.Gt, "4")
	pod, _ := kube.NewRequirement("instance-cpu", kube.In, "2", "8", "16")
	fmt.Println(pool.Intersect(pod))
	fmt.Println(pool.Has("4"), pool.Has("8"), pool.Has("metal"))
	// Output:
	// instance-cpu In [16 8]
	// false true false
}

func ExampleRequirements_Compatible() {
	arch, _ := kube.NewRequirement("kubernetes.io/arch", kube.In, "amd64")
	arm, _ := kube.NewRequirement("kubernetes.io/arch", kube.In, "arm64")
	team, _ := kube.NewRequirement("team", kube.Exists)
	node := kube.NewRequirements(arch)
	fmt.Println(node.Compatible(kube.NewRequirements(arm), nil))
	fmt.Println(node.Compatible(kube.NewRequirements(team), nil))
	// Output:
	// kubernetes.io/arch In [arm64] demanded, kubernetes.io/arch In [amd64] offered
	// team Exists demanded, but the label is undefined
}

func ExampleRequests() {
	always := corev1.ContainerRestartPolicyAlways
	pod := newPod("pod", "cpu", "500m")
	pod.Spec.InitContainers = []corev1.Container{
		{Name: "mesh", RestartPolicy: &always, Resources: corev1.ResourceRequirements{Requests: list("cpu", "100m")}},
		{Name: "migrate", Resources: corev1.ResourceRequirements{Requests: list("cpu", "1")}},
	}
	pod.Spec.Overhead = list("cpu", "50m")
	cpu := kube.Requests(pod)[corev1.ResourceCPU]
	fmt.Println(cpu.String()) // the init container beside the sidecar, and the overhead
	// Output: 1150m
}

func ExampleSnapshot_Fill() {
	pod := newPod("web", "cpu", "900m")
	cluster, _ := kube.NewSnapshot(kube.Options{}, pod)
	a, _ := cluster.AddNode(newNode("a"))
	cluster.AddNode(newNode("b"))
	class, _ := cluster.Class(pod)

	fmt.Println(cluster.Fill(class, a, 3), "on a")
	placed, last := cluster.FillFirst(class, 0, 100)
	fmt.Println(placed, "more, the last on", cluster.Node(last).Name)
	fmt.Println("a next one goes to", cluster.FirstFit(class, 0))
	// Output:
	// 3 on a
	// 5 more, the last on b
	// a next one goes to -1
}
