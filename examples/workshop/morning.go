package main

import (
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/clusterautoscaler"
	"github.com/scalemath/scalemath/hpa"
	"github.com/scalemath/scalemath/internal/sim"
	"github.com/scalemath/scalemath/karpenter"
	"github.com/scalemath/scalemath/keda"
	"github.com/scalemath/scalemath/proportional"
	"github.com/scalemath/scalemath/vpa"
)

// morningPlay is the cluster of the last chapter.
type morningPlay struct {
	c       *sim.Cluster
	courses courses
	byClock int // decisions
}

// batchOnly keeps Karpenter's machines for those who tolerate it.
var batchOnly = corev1.Taint{Key: "workshop/batch", Effect: corev1.TaintEffectNoSchedule}

func newMorning(seed uint64) (*morningPlay, error) {
	pool, _, types, err := spotMachines()
	if err != nil {
		return nil, err
	}
	pool.Spec.Template.Spec.Taints = []corev1.Taint{batchOnly}
	cloud, err := groupCloud()
	if err != nil {
		return nil, err
	}
	for _, one := range types {
		if one.Name != cloud.Types[0].Name {
			cloud.Types = append(cloud.Types, one)
		}
	}
	object, err := decode[autoscalingv2.HorizontalPodAutoscaler]("php-apache.yaml", "HorizontalPodAutoscaler")
	if err != nil {
		return nil, err
	}
	all, err := morningWorkloads()
	if err != nil {
		return nil, err
	}
	autoscalers, err := autoscalers(pool)
	if err != nil {
		return nil, err
	}
	c, err := sim.New(sim.Config{
		Start: nine, Seed: seed, Cloud: cloud, Workloads: all,
		HPAs: []*autoscalingv2.HorizontalPodAutoscaler{object}, Autoscalers: autoscalers,
	})
	return &morningPlay{c: c}, err
}

// morningWorkloads are those of the other chapters, and two more.
func morningWorkloads() ([]sim.Workload, error) {
	var all []sim.Workload
	for _, name := range []string{"kube-system", "php-apache", "hamster", "inflate", "morning"} {
		some, err := workloads(name + ".yaml")
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	for i := range all {
		switch w := &all[i]; w.Name {
		case "php-apache":
			w.Load = sim.Requests{Rate: load, Cost: 4, Memory: 20 << 20}
		case "hamster":
			w.Load = burning
		case "inflate":
			w.Template.Spec.Tolerations = []corev1.Toleration{{Key: batchOnly.Key, Operator: corev1.TolerationOpExists}}
			w.Template.Spec.NodeSelector = map[string]string{karpenter.LabelNodePool: "default"}
		}
	}
	return all, nil
}

// autoscalers are all of them, and the person who starts the batch and ends it.
func autoscalers(pool *karpenter.NodePool) ([]sim.Autoscaler, error) {
	horizontal, err := sim.NewHPA(hpa.Defaults())
	if err != nil {
		return nil, err
	}
	object, err := decode[vpa.VerticalPodAutoscaler]("hamster.yaml", "VerticalPodAutoscaler")
	if err != nil {
		return nil, err
	}
	vertical, err := sim.NewVPA(sim.VPADefaults(), object)
	if err != nil {
		return nil, err
	}
	scaled, err := decode[keda.ScaledObject]("cron.yaml", "ScaledObject")
	if err != nil {
		return nil, err
	}
	scaled.Name, scaled.Spec.ScaleTargetRef.Name = "report", "report"
	operator, err := sim.NewKEDA(keda.Defaults(), nil, scaled)
	if err != nil {
		return nil, err
	}
	byNodes, err := ladderAutoscaler()
	if err != nil {
		return nil, err
	}
	machines, err := sim.NewKarpenter(karpenter.Options{}, pool)
	if err != nil {
		return nil, err
	}
	by := &person{todo: []task{{at: batchFrom, do: scaleTo(inflate, 5)}, {at: batchTo, do: scaleTo(inflate, 0)}}}
	groups := sim.NewClusterAutoscaler(clusterautoscaler.DefaultOptions(), "ng1")
	return []sim.Autoscaler{by, operator, horizontal, vertical, byNodes, groups, machines}, nil
}

// ladderAutoscaler is the proportional autoscaler with the chart's values.
func ladderAutoscaler() (*sim.Proportional, error) {
	values, data, err := ladderValues()
	if err != nil {
		return nil, err
	}
	return sim.NewProportional(proportional.Config{}, values.Options, &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "cpa"}, Data: data,
	})
}

// burning is what a hamster uses.
var burning = sim.Busy{MinCPU: 446, MaxCPU: 476, Memory: 1 << 20}
