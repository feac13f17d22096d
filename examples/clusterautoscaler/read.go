package main

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/binpack/kube"
	"github.com/scalemath/scalemath/clusterautoscaler"
	"github.com/scalemath/scalemath/internal/manifest"
)

// controller is what matters of an object that makes pods.
type controller struct {
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Replicas *int32                  `json:"replicas"`
		Template *corev1.PodTemplateSpec `json:"template"`
	} `json:"spec"`
}

// read makes a loop's input of manifests. Objects that do not matter are passed over.
func read(objects []manifest.Object, now time.Time, unschedulable bool) (clusterautoscaler.Input, error) {
	in := clusterautoscaler.Input{Now: now}
	var groups []nodeGroup
	for _, o := range objects {
		var err error
		switch o.Kind {
		case "Node":
			err = add(o, &in.Cluster.Nodes)
		case "Pod":
			err = add(o, &in.Cluster.Pods)
		case "Namespace":
			err = add(o, &in.Cluster.Namespaces)
		case "PodDisruptionBudget":
			err = add(o, &in.Cluster.PDBs)
		case "PersistentVolumeClaim", "PersistentVolume", "StorageClass", "CSINode":
			err = addStorage(o, &in.Cluster)
		case "ReplicaSet", "ReplicationController", "StatefulSet", "Job", "DaemonSet":
			err = addController(o, &in.Cluster)
		case "NodeGroup":
			var g nodeGroup
			err = o.Into(&g)
			groups = append(groups, g)
		}
		if err != nil {
			return in, err
		}
	}
	for i := range groups {
		g, err := groups[i].group(in.Cluster.Nodes)
		if err != nil {
			return in, err
		}
		in.Groups = append(in.Groups, g)
	}
	if unschedulable {
		for _, p := range in.Cluster.Pods {
			if p.Spec.NodeName == "" {
				p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable}}
			}
		}
	}
	return in, nil
}

func add[T any](o manifest.Object, list *[]*T) error {
	v := new(T)
	*list = append(*list, v)
	return o.Into(v)
}

// addStorage notes what claims need; without any of it claims are not looked at.
func addStorage(o manifest.Object, c *clusterautoscaler.Cluster) error {
	if c.Volumes == nil {
		c.Volumes = &kube.Volumes{}
	}
	switch o.Kind {
	case "PersistentVolumeClaim":
		return add(o, &c.Volumes.Claims)
	case "PersistentVolume":
		return add(o, &c.Volumes.Volumes)
	case "StorageClass":
		return add(o, &c.Volumes.Classes)
	}
	return add(o, &c.Volumes.Nodes)
}

// addController notes a controller with its replicas, and of a DaemonSet the pod that it makes.
func addController(o manifest.Object, c *clusterautoscaler.Cluster) error {
	var made controller
	if err := o.Loosely(&made); err != nil {
		return err
	}
	if c.Controllers == nil {
		c.Controllers = map[clusterautoscaler.Controller]int32{}
	}
	replicas := int32(1)
	if made.Spec.Replicas != nil {
		replicas = *made.Spec.Replicas
	}
	c.Controllers[clusterautoscaler.Controller{Kind: o.Kind, Namespace: made.Namespace, Name: made.Name}] = replicas
	if o.Kind == "DaemonSet" && made.Spec.Template != nil {
		is := true
		pod := &corev1.Pod{ObjectMeta: made.Spec.Template.ObjectMeta, Spec: made.Spec.Template.Spec}
		pod.Name, pod.Namespace = made.Name, made.Namespace
		pod.OwnerReferences = []metav1.OwnerReference{{APIVersion: o.APIVersion, Kind: o.Kind, Name: made.Name, UID: made.UID, Controller: &is}}
		c.DaemonSets = append(c.DaemonSets, pod)
	}
	return nil
}
