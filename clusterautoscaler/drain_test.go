package clusterautoscaler_test

import (
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ca "github.com/scalemath/scalemath/clusterautoscaler"
)

// with changes a pod.
func with(p *corev1.Pod, changes ...func(*corev1.Pod)) *corev1.Pod {
	for _, c := range changes {
		c(p)
	}
	return p
}

func annotated(key, value string) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		if p.Annotations == nil {
			p.Annotations = map[string]string{}
		}
		p.Annotations[key] = value
	}
}

func in(namespace string) func(*corev1.Pod) { return func(p *corev1.Pod) { p.Namespace = namespace } }

func aged(age time.Duration) func(*corev1.Pod) {
	return func(p *corev1.Pod) { p.CreationTimestamp = metav1.NewTime(now.Add(-age)) }
}

func deletedAgo(age time.Duration) func(*corev1.Pod) {
	return func(p *corev1.Pod) { at := metav1.NewTime(now.Add(-age)); p.DeletionTimestamp = &at }
}

func withVolume(v corev1.VolumeSource) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		p.Spec.Volumes = append(p.Spec.Volumes, corev1.Volume{Name: "data", VolumeSource: v})
	}
}

func ended(phase corev1.PodPhase, restart corev1.RestartPolicy) func(*corev1.Pod) {
	return func(p *corev1.Pod) { p.Status.Phase, p.Spec.RestartPolicy = phase, restart }
}

// budget is a disruption budget of all pods of a namespace.
func budget(namespace string, left int32) *policyv1.PodDisruptionBudget {
	return &policyv1.PodDisruptionBudget{
		ObjectMeta: metav1.ObjectMeta{Name: "budget", Namespace: namespace},
		Spec:       policyv1.PodDisruptionBudgetSpec{Selector: &metav1.LabelSelector{}},
		Status:     policyv1.PodDisruptionBudgetStatus{DisruptionsAllowed: left},
	}
}

// TestD15ToD24DrainVerdicts has every rule, and the pairs in which the order of the rules shows.
func TestD15ToD24DrainVerdicts(t *testing.T) {
	web := func(changes ...func(*corev1.Pod)) *corev1.Pod {
		return with(ownedBy("ReplicaSet", "web", on("n", pod("p"))), changes...)
	}
	emptyDir := corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}
	memory := corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{Medium: corev1.StorageMediumMemory}}
	safe, unsafe := annotated(ca.AnnotationSafeToEvict, "true"), annotated(ca.AnnotationSafeToEvict, "false")
	later := annotated(ca.AnnotationSafeToEvict, "on-completion")
	mirror := annotated(corev1.MirrorPodAnnotationKey, "x")
	bare := func(changes ...func(*corev1.Pod)) *corev1.Pod { return with(on("n", pod("p")), changes...) }
	type c struct {
		name    string
		pod     *corev1.Pod
		outcome ca.DrainOutcome
		rule    string
		reason  ca.BlockReason
	}
	for _, c := range []c{
		{"an ordinary pod", web(), ca.DrainUndefined, "", ""},
		{"D16.1 mirror before a missing controller", with(ownedBy("ReplicaSet", "gone", bare()), mirror), ca.DrainSkip, "mirror", ""},
		{"D16.2 long terminating", web(deletedAgo(61*time.Second), unsafe), ca.DrainSkip, "long-terminating", ""},
		{"D13 exactly at the end of its grace", web(deletedAgo(60*time.Second), unsafe), ca.DrainBlock, "safe-to-evict", ca.NotSafeToEvict},
		{"D18 ReplicaSet is gone", with(ownedBy("ReplicaSet", "gone", bare()), safe), ca.DrainBlock, "replica-count", ca.ControllerNotFound},
		{"D18 too few replicas", ownedBy("ReplicaSet", "small", bare()), ca.DrainBlock, "replica-count", ca.MinReplicasReached},
		{"D18 Job is gone", ownedBy("Job", "gone", bare()), ca.DrainBlock, "replica-count", ca.ControllerNotFound},
		{"D18 StatefulSets have no minimum", ownedBy("StatefulSet", "one", bare()), ca.DrainUndefined, "", ""},
		{"D16.4 daemon-set", ownedBy("DaemonSet", "agent", bare(unsafe)), ca.DrainOK, "daemon-set", ""},
		{"D17 safe-to-evict beats local storage", web(safe, withVolume(emptyDir)), ca.DrainOK, "safe-to-evict", ""},
		{"D17 safe-to-evict beats no controller", bare(safe), ca.DrainOK, "safe-to-evict", ""},
		{"D21 True is nothing", bare(annotated(ca.AnnotationSafeToEvict, "True")), ca.DrainBlock, "replicated", ca.NotReplicated},
		{"D24 failed", bare(ended(corev1.PodFailed, corev1.RestartPolicyAlways)), ca.DrainOK, "terminal", ""},
		{"D24 succeeded, restart always", bare(ended(corev1.PodSucceeded, corev1.RestartPolicyAlways)), ca.DrainBlock, "replicated", ca.NotReplicated},
		{"D24 succeeded, restart never", bare(ended(corev1.PodSucceeded, corev1.RestartPolicyNever)), ca.DrainOK, "terminal", ""},
		{"D16.6 terminal before on-completion", bare(ended(corev1.PodFailed, corev1.RestartPolicyNever), later), ca.DrainOK, "terminal", ""},
		{"D16.7 on-completion before replicated", bare(later), ca.DrainWait, "safe-to-evict", ""},
		{"D19 no controller", bare(), ca.DrainBlock, "replicated", ca.NotReplicated},
		{"D19 a controller of an unknown kind", ownedBy("GameServerSet", "g", bare()), ca.DrainBlock, "replicated", ca.NotReplicated},
		{"D20 a young system pod", with(ownedBy("ReplicaSet", "dns", bare()), in("kube-system"), aged(time.Hour)), ca.DrainBlock, "system", ca.UnmovableKubeSystemPod},
		{"D17 an old one is ok whatever else", with(ownedBy("ReplicaSet", "dns", bare()), in("kube-system"), aged(time.Hour+time.Second), unsafe, withVolume(emptyDir)), ca.DrainOK, "system", ""},
		{"D16.10 not safe to evict", web(unsafe), ca.DrainBlock, "safe-to-evict", ca.NotSafeToEvict},
		{"D22 emptyDir", web(withVolume(emptyDir)), ca.DrainBlock, "local-storage", ca.LocalStorageRequested},
		{"D22 in memory", web(withVolume(memory)), ca.DrainUndefined, "", ""},
		{"D22 hostPath", web(withVolume(corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{}})), ca.DrainBlock, "local-storage", ca.LocalStorageRequested},
		{"D22 declared safe", web(withVolume(emptyDir), annotated(ca.AnnotationSafeToEvictLocalVolumes, "logs,data")), ca.DrainUndefined, "", ""},
		{"D22 no trimming", web(withVolume(emptyDir), annotated(ca.AnnotationSafeToEvictLocalVolumes, "logs, data")), ca.DrainBlock, "local-storage", ca.LocalStorageRequested},
		{"D23 exhausted budget", with(ownedBy("ReplicaSet", "web", bare()), in("tight")), ca.DrainBlock, "pdb", ca.NotEnoughPDB},
		{"D23 a budget with room", with(ownedBy("ReplicaSet", "web", bare()), in("roomy")), ca.DrainUndefined, "", ""},
	} {
		cluster := &ca.Cluster{PDBs: []*policyv1.PodDisruptionBudget{budget("tight", 0), budget("roomy", 1)}, Controllers: map[ca.Controller]int32{
			{Kind: "StatefulSet", Namespace: "default", Name: "one"}: 1, {Kind: "DaemonSet", Namespace: "default", Name: "agent"}: 1,
			{Kind: "ReplicaSet", Namespace: "default", Name: "small"}: 1,
		}}
		for _, namespace := range []string{"default", "kube-system", "tight", "roomy"} {
			cluster.Controllers[ca.Controller{Kind: "ReplicaSet", Namespace: namespace, Name: "web"}] = 3
			cluster.Controllers[ca.Controller{Kind: "ReplicaSet", Namespace: namespace, Name: "dns"}] = 3
		}
		o := ca.DefaultDrainOptions()
		o.MinReplicaCount = 2
		d, err := ca.NewDrainer(cluster, now, o)
		if err != nil {
			t.Fatal(err)
		}
		v := d.Judge(c.pod)
		if v.Outcome != c.outcome || v.Rule != c.rule || v.Reason != c.reason || (v.Detail != "") != (c.reason != "") {
			t.Errorf("%s: %+v", c.name, v)
		}
	}
}

// TestD20SystemPodWithBudget: a matching budget lets a young pod of kube-system pass.
func TestD20SystemPodWithBudget(t *testing.T) {
	p := with(ownedBy("ReplicaSet", "dns", on("n", pod("dns"))), in("kube-system"))
	for left, want := range map[int32]ca.BlockReason{1: "", 0: ca.NotEnoughPDB} {
		d, err := ca.NewDrainer(&ca.Cluster{PDBs: []*policyv1.PodDisruptionBudget{budget("kube-system", left)}}, now, ca.DefaultDrainOptions())
		if err != nil {
			t.Fatal(err)
		}
		if v := d.Judge(p); v.Reason != want {
			t.Errorf("%d disruptions left: %+v", left, v)
		}
	}
}

func ExampleDrainer_Plan() {
	drainer, err := ca.NewDrainer(&ca.Cluster{}, now, ca.DefaultDrainOptions())
	if err != nil {
		fmt.Println(err)
		return
	}
	plan := drainer.Plan([]*corev1.Pod{
		ownedBy("ReplicaSet", "web", on("n", pod("web-1"))),
		ownedBy("DaemonSet", "agent", on("n", pod("agent-1"))),
		on("n", pod("lonely")),
	})
	fmt.Println(len(plan.Move), len(plan.DaemonSet), plan.Blocking.Name, plan.Verdict.Rule)
	fmt.Println(plan.Verdict.Detail)
	// Output:
	// 1 1 lonely replicated
	// default/lonely: made by nothing, which would not make it anew elsewhere
}

func ExampleUtilization() {
	usage, err := ca.Utilization(readyNode("n"), []*corev1.Pod{
		pod("web", "cpu", "1", "memory", "1Gi"),
		ownedBy("DaemonSet", "agent", pod("agent", "cpu", "1", "memory", "1Gi")),
	}, now, ca.UtilizationOptions{SkipDaemonSets: true})
	fmt.Printf("%.3f of %s, %v\n", usage.Share, usage.Resource, err)
	// Output:
	// 0.333 of cpu, <nil>
}
