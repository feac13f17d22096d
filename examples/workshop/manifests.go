package main

import (
	"bytes"
	"embed"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/scalemath/scalemath/internal/manifest"
	"github.com/scalemath/scalemath/internal/sim"
)

// manifests are the objects of the workshop.
//
//go:embed manifests
var manifests embed.FS

// text reads one of them.
func text(name string) ([]byte, error) { return manifests.ReadFile("manifests/" + name) }

// read reads the objects of one of them.
func read(name string) ([]manifest.Object, error) {
	all, err := text(name)
	if err != nil {
		return nil, err
	}
	return manifest.Read(bytes.NewReader(all), name)
}

// decode reads the first object of a kind from a manifest, as strictly as the API server does.
func decode[T any](name, kind string) (*T, error) {
	objects, err := read(name)
	if err != nil {
		return nil, err
	}
	for _, o := range objects {
		if o.Kind == kind {
			var out T
			return &out, o.Into(&out)
		}
	}
	return nil, fmt.Errorf("%s: no object of kind %s", name, kind)
}

// workloads reads the Deployments and DaemonSets of a manifest for the simulation. Their pods start in two seconds, are
// ready a second later and use next to nothing.
func workloads(name string) ([]sim.Workload, error) {
	objects, err := read(name)
	if err != nil {
		return nil, err
	}
	var out []sim.Workload
	for _, o := range objects {
		if kind := sim.Kind(o.Kind); kind == sim.Deployment || kind == sim.DaemonSet {
			var d appsv1.Deployment // a DaemonSet has no replicas
			if err := o.Into(&d); err != nil {
				return nil, err
			}
			w := sim.Workload{Kind: kind, Namespace: d.Namespace, Name: d.Name, Replicas: 1, Template: d.Spec.Template,
				StartDelay: 2 * time.Second, ReadyDelay: time.Second, Load: sim.Busy{MinCPU: 1, MaxCPU: 5, Memory: 10 << 20}}
			if d.Spec.Replicas != nil {
				w.Replicas = *d.Spec.Replicas
			}
			out = append(out, w)
		}
	}
	return out, nil
}

// deployment reads the one Deployment of a manifest for the simulation.
func deployment(name string) (sim.Workload, error) {
	all, err := workloads(name)
	if err == nil && len(all) != 1 {
		err = fmt.Errorf("%s: %d workloads, not one", name, len(all))
	}
	if err != nil {
		return sim.Workload{}, err
	}
	return all[0], nil
}
