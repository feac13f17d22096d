package main

import (
	"bytes"
	"embed"
	"fmt"

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

// decode reads the first object of a kind from a manifest, as strictly as the API server does.
func decode[T any](name, kind string) (*T, error) {
	all, err := text(name)
	if err != nil {
		return nil, err
	}
	objects, err := manifest.Read(bytes.NewReader(all), name)
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

// deployment reads the Deployment of a manifest as a workload of the simulation.
func deployment(name string) (sim.Workload, error) {
	d, err := decode[appsv1.Deployment](name, "Deployment")
	if err != nil {
		return sim.Workload{}, err
	}
	w := sim.Workload{Namespace: d.Namespace, Name: d.Name, Replicas: 1, Template: d.Spec.Template}
	if d.Spec.Replicas != nil {
		w.Replicas = *d.Spec.Replicas
	}
	return w, nil
}
