package sim

import (
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Kind is what sort of workload it is.
type Kind string

// The kinds of workloads.
const (
	Deployment Kind = "Deployment" // keeps a number of pods
	Job        Kind = "Job"        // starts a number of pods at once, which end
	DaemonSet  Kind = "DaemonSet"  // has a pod on every node that takes it
)

// Workload is something that has pods. Its pods are equal but for what admission does to them.
type Workload struct {
	Kind      Kind   // default Deployment
	Namespace string // default "default"
	Name      string // with the namespace, its own among all kinds
	Replicas  int32  // of a Deployment or a Job; 0 is 0
	// Template is what its pods are made from. A pod without labels gets app=NAME.
	Template corev1.PodTemplateSpec
	// StartDelay is how long a pod takes to run once it has a node, and ReadyDelay from there to be ready. Default 0.
	StartDelay time.Duration
	ReadyDelay time.Duration // see StartDelay
	// RunFor is how long a pod of a Job runs until it has succeeded.
	RunFor time.Duration
	// From is when the workload is created, since the start; default at the start.
	From time.Duration
	// Load is what its pods use; nil uses nothing.
	Load Load
}

// Key is namespace/name.
func (w *Workload) Key() string {
	if w.Namespace == "" {
		return "default/" + w.Name
	}
	return w.Namespace + "/" + w.Name
}

func (w *Workload) validate() error {
	field := func(name string) string { return "workload " + w.Key() + ": " + name }
	switch {
	case w.Name == "":
		return invalid("workload: name", "is empty")
	case w.Kind != "" && w.Kind != Deployment && w.Kind != Job && w.Kind != DaemonSet:
		return invalid(field("kind"), "%q is none of Deployment, Job and DaemonSet", w.Kind)
	case w.Replicas < 0:
		return invalid(field("replicas"), "%d is negative", w.Replicas)
	case len(w.Template.Spec.Containers) == 0:
		return invalid(field("template.spec.containers"), "is empty")
	case w.StartDelay < 0 || w.ReadyDelay < 0 || w.RunFor < 0 || w.From < 0:
		return invalid(field("startDelay, readyDelay, runFor, from"), "%s, %s, %s, %s: none may be negative", w.StartDelay, w.ReadyDelay, w.RunFor, w.From)
	}
	return nil
}

// Load says what the pods of a workload use.
type Load interface {
	// Usage is what a pod uses on average around a time since the scenario's start. It is asked once for all pods that are
	// alike; the first container of the pod uses it.
	Usage(since time.Duration, s Serving) Usage
}

// Serving is what the usage of a pod depends on.
type Serving struct {
	ReadyPods int   // of the workload
	Ready     bool  // the pod in question is one of them
	CPULimit  int64 // of the pod in question, in millicores; 0 without a limit
}

// Usage is what a pod uses.
type Usage struct {
	CPU    int64 // millicores
	Memory int64 // bytes
}

// Varied is a load whose pods are not alike.
type Varied interface {
	Load
	// Vary is what one pod uses, by a number from 0 to below 1 that is drawn for each pod and measurement.
	Vary(u Usage, chance float64) Usage
}

// Requests is a service: requests come in and are spread over the ready pods, and each costs the same.
type Requests struct {
	Rate   Curve // requests per second, of all clients together
	Cost   int64 // millicore-seconds of one request
	Idle   int64 // millicores of a pod without requests
	Memory int64 // bytes of a pod
}

// Usage is the pod's share, or its limit where that is less: what is beyond it waits.
func (r Requests) Usage(since time.Duration, s Serving) Usage {
	u := Usage{CPU: r.Idle, Memory: r.Memory}
	if s.Ready && s.ReadyPods > 0 && r.Rate != nil {
		u.CPU += int64(r.Rate(since) * float64(r.Cost) / float64(s.ReadyPods))
	}
	return u.capped(s.CPULimit)
}

// Busy uses something between two amounts of CPU in every measurement, whatever happens.
type Busy struct {
	MinCPU, MaxCPU int64 // millicores
	Memory         int64 // bytes
}

// Usage is the least.
func (b Busy) Usage(_ time.Duration, s Serving) Usage {
	return Usage{CPU: b.MinCPU, Memory: b.Memory}.capped(s.CPULimit)
}

// Vary draws.
func (b Busy) Vary(u Usage, chance float64) Usage {
	u.CPU += int64(chance * float64(b.MaxCPU-b.MinCPU+1))
	return u
}

func (u Usage) capped(limit int64) Usage {
	if limit > 0 {
		u.CPU = min(u.CPU, limit)
	}
	return u
}
