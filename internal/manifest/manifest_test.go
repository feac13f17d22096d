package manifest_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/internal/manifest"
)

func TestReadsWhatKubectlPrints(t *testing.T) {
	objects, err := manifest.Read(strings.NewReader(`# a comment of its own
---
apiVersion: v1
kind: Pod
metadata: {name: alone}
---
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Pod, metadata: {name: listed}}
- {apiVersion: apps/v1, kind: DeploymentList, items: [{metadata: {name: nested}}]}
---
{"apiVersion": "metrics.k8s.io/v1beta1", "kind": "PodMetricsList", "items": [{"metadata": {"name": "typed"}}]}
`), "dump.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range objects {
		var named struct {
			Metadata struct{ Name string } `json:"metadata"`
		}
		if err := o.Loosely(&named); err != nil {
			t.Fatal(err)
		}
		got = append(got, o.APIVersion+" "+o.Kind+" "+named.Metadata.Name)
	}
	want := "v1 Pod alone, v1 Pod listed, apps/v1 Deployment nested, metrics.k8s.io/v1beta1 PodMetrics typed"
	if text := strings.Join(got, ", "); text != want {
		t.Errorf("%s\nwant %s", text, want)
	}
	if group := objects[2].Group() + "|" + objects[0].Group(); group != "apps|" {
		t.Errorf("groups %q", group)
	}
}

func TestDecodingIsStrict(t *testing.T) {
	objects, err := manifest.Read(strings.NewReader("apiVersion: v1\nkind: Pod\nspec: {containerz: []}\n"), "pod.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const want = `pod.yaml: document 1: Pod: unknown field "spec.containerz"`
	if err := objects[0].Into(&corev1.Pod{}); err == nil || err.Error() != want {
		t.Errorf("%v; want %s", err, want)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("apiVersion: v1\nkind: Pod\n---\nkind: List\nitems: [{kind: Pod}]\n")
	f.Add(`{"kind":"PodList","items":[null]}`)
	f.Add("kind: List\nitems: 3\n")
	f.Fuzz(func(t *testing.T, text string) {
		objects, err := manifest.Read(strings.NewReader(text), "fuzz")
		if err != nil {
			return
		}
		for _, o := range objects {
			if o.Kind == "" {
				t.Errorf("an object without a kind: %s", o.JSON)
			}
		}
	})
}
