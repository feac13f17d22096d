package guard

import (
	"strings"
	"testing"
)

// harmless are packages below a forbidden one that only take text apart.
var harmless = []string{"net/url", "net/netip"}

// forbidden are the imports that a pure package must not have, directly or through a package of the module.
var forbidden = []string{"net", "os", "log", "math/rand", "k8s.io/client-go", "github.com/aws", "k8s.io/klog"}

// heavy are the imports that no decision package may drag in, however deep.
var heavy = []string{"k8s.io/client-go", "github.com/aws", "k8s.io/apiserver", "k8s.io/kubernetes"}

func TestPurePackagesImportNothingThatReachesOut(t *testing.T) {
	packages := own(t)
	for name, p := range packages {
		if !in(pure, name) {
			continue
		}
		for _, imported := range append([]string{p.ImportPath}, p.Deps...) {
			q, ours := packages[strings.TrimPrefix(strings.TrimPrefix(imported, module), "/")]
			if !ours || !below(imported, module) {
				continue
			}
			for _, i := range q.Imports {
				for _, f := range forbidden {
					if below(i, f) && !in(harmless, i) {
						t.Errorf("%s is pure, but %s imports %s", name, q.name(), i)
					}
				}
			}
		}
	}
}

func TestDecisionPackagesAreLight(t *testing.T) {
	for name, p := range own(t) {
		if !in(pure, name) {
			continue
		}
		for _, dep := range p.Deps {
			for _, h := range heavy {
				if below(dep, h) {
					t.Errorf("%s must stay light, but depends on %s", name, dep)
				}
			}
		}
	}
}

func TestDecisionPackagesDoNotKnowEachOther(t *testing.T) {
	for name, p := range own(t) {
		if !in(decision, name) {
			continue
		}
		for _, dep := range p.Deps {
			if other := strings.TrimPrefix(dep, module+"/"); other != dep && other != name && in(decision, other) {
				t.Errorf("%s imports the decision package %s", name, other)
			}
		}
	}
}

func TestStandardLibraryOnly(t *testing.T) {
	all, err := list()
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range own(t) {
		if !in(standardOnly, name) {
			continue
		}
		for _, dep := range p.Deps {
			if !all[dep].Standard {
				t.Errorf("%s is for the standard library alone, but depends on %s", name, dep)
			}
		}
	}
}

func TestArrowsGoOneWay(t *testing.T) {
	for name, p := range own(t) {
		for _, i := range p.Imports {
			target := strings.TrimPrefix(i, module+"/")
			if target == i {
				continue
			}
			if below(target, "examples") {
				t.Errorf("%s imports the example %s", name, target)
			}
			if strings.HasSuffix(target, "/runner") && !below(name, "examples") && !below(name, "internal") {
				t.Errorf("%s imports the runner %s", name, target)
			}
			if below(target, "internal/conformance") && !below(name, "internal") && !below(name, "examples") {
				t.Errorf("%s imports %s, which is for tests and examples", name, target)
			}
		}
	}
}
