package karpenter_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/scalemath/scalemath/karpenter"
)

const spotManifest = `apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: default}
spec:
  template:
    metadata: {labels: {team: a}}
    spec:
      requirements:
      - {key: karpenter.sh/capacity-type, operator: In, values: [spot]}
      - {key: karpenter.k8s.aws/instance-generation, operator: Gt, values: ["2"]}
      - {key: node.kubernetes.io/instance-type, operator: Exists, minValues: 3}
      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
      expireAfter: Never
  limits: {cpu: 1000, memory: 10Ti}
  disruption:
    consolidationPolicy: WhenEmpty
    consolidateAfter: 30s
    budgets:
    - nodes: 20%
      reasons: [Empty]
    - {nodes: "0", schedule: "0 9 * * mon-fri", duration: 8h}
status:
  resources: {cpu: "4"}
  conditions: [{type: Ready, status: "True", reason: Ready, message: "", lastTransitionTime: "2026-01-01T00:00:00Z"}]
`

func TestDecodeNodePool(t *testing.T) {
	pool, err := karpenter.DecodeNodePool([]byte(spotManifest))
	if err != nil {
		t.Fatal(err)
	}
	if err := pool.Validate(); err != nil {
		t.Error(err)
	}
	limit := pool.Spec.Limits["cpu"]
	if limit.Value() != 1000 || !pool.Spec.Template.Spec.ExpireAfter.Never || pool.Spec.Disruption.ConsolidateAfter.Duration != 30*time.Second ||
		len(pool.Status.Conditions) != 1 || *pool.Spec.Template.Spec.Requirements[2].MinValues != 3 {
		t.Errorf("%+v", pool)
	}
	// What a user of the plain YAML library reads is the same.
	plain := &karpenter.NodePool{}
	if err := yaml.Unmarshal([]byte(spotManifest), plain); err != nil {
		t.Fatal(err)
	}
	a, _ := yaml.Marshal(pool)
	b, _ := yaml.Marshal(plain)
	if string(a) != string(b) {
		t.Errorf("%s\nwant %s", b, a)
	}
}

func TestDecodeManyAndLists(t *testing.T) {
	all, err := karpenter.Decode([]byte(spotManifest + `---
apiVersion: v1
kind: List
items:
- {apiVersion: karpenter.sh/v1alpha1, kind: NodeOverlay, metadata: {name: cheap}, spec: {requirements: [], priceAdjustment: "-10%"}}
- {apiVersion: v1, kind: Pod}
---
apiVersion: karpenter.sh/v1
kind: NodePoolList
items:
- {metadata: {name: typed}, spec: {template: {spec: {}}}}
---
`))
	if err != nil {
		t.Fatal(err)
	}
	if len(all.NodePools) != 2 || all.NodePools[1].Name != "typed" || len(all.NodeOverlays) != 1 {
		t.Errorf("%+v", all)
	}
}

func TestDecodeV1beta1(t *testing.T) {
	pool, err := karpenter.DecodeNodePool([]byte(`apiVersion: karpenter.sh/v1beta1
kind: NodePool
metadata: {name: old}
spec:
  template:
    spec:
      requirements: [{key: kubernetes.io/arch, operator: In, values: [amd64]}]
      nodeClassRef: {apiVersion: karpenter.k8s.aws/v1beta1, kind: EC2NodeClass, name: default}
  disruption: {consolidationPolicy: WhenUnderutilized, expireAfter: 24h}
  limits: {cpu: 10}
  weight: 5
`))
	if err != nil {
		t.Fatal(err)
	}
	if pool.APIVersion != "karpenter.sh/v1" || pool.Spec.Disruption.ConsolidationPolicy != karpenter.WhenEmptyOrUnderutilized ||
		pool.Spec.Template.Spec.ExpireAfter.Duration != 24*time.Hour || pool.Spec.Template.Spec.NodeClassRef.Group != "karpenter.k8s.aws" || *pool.Spec.Weight != 5 {
		t.Errorf("%+v", pool)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for manifest, want := range map[string]string{
		`{apiVersion: karpenter.sh/v1, kind: NodePool, spec: {tempalte: {}}}`:                                                  `unknown field "spec.tempalte"`,
		`{apiVersion: karpenter.sh/v1, kind: NodePool, spec: {disruption: {budgets: [{nodes: 10}]}}}`:                          `cannot unmarshal number`,
		`{apiVersion: karpenter.sh/v1, kind: NodePool, spec: {disruption: {consolidateAfter: soon}}}`:                          `"soon" is neither a duration nor Never`,
		`{apiVersion: karpenter.sh/v2, kind: NodePool}`:                                                                        `want a NodePool of karpenter.sh/v1 or karpenter.sh/v1beta1`,
		`{apiVersion: karpenter.sh/v1, kind: NodePool, spec: {weight: 1, weight: 2}}`:                                          `already set`,
		`{apiVersion: karpenter.sh/v1beta1, kind: NodePool, spec: {template: {spec: {kubelet: {maxPods: 5}}}}}`:                `belongs to the node class`,
		`{apiVersion: karpenter.sh/v1alpha1, kind: NodeOverlay, spec: {requirements: [{key: a, operator: In, minValues: 2}]}}`: `unknown field "spec.requirements[0].minValues"`,
	} {
		if _, err := karpenter.Decode([]byte(manifest)); err == nil || !errors.Is(err, karpenter.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %s", manifest, err, want)
		}
	}
}

func TestDefaulted(t *testing.T) {
	empty := &karpenter.NodePool{}
	got := empty.Defaulted()
	d := got.Spec.Disruption
	if !d.ConsolidateAfter.Set || d.ConsolidateAfter.Duration != 0 || d.ConsolidationPolicy != karpenter.WhenEmptyOrUnderutilized ||
		len(d.Budgets) != 1 || d.Budgets[0].Nodes != "10%" || got.Spec.Template.Spec.ExpireAfter.Duration != 720*time.Hour {
		t.Errorf("%+v", got.Spec)
	}
	if empty.Spec.Disruption.Budgets != nil || empty.Spec.Template.Spec.ExpireAfter.Set {
		t.Error("the receiver was changed")
	}
	kept := &karpenter.NodePool{}
	kept.Spec.Disruption = karpenter.Disruption{ConsolidateAfter: karpenter.Never(), ConsolidationPolicy: karpenter.WhenEmpty, Budgets: []karpenter.Budget{}}
	kept.Spec.Template.Spec.ExpireAfter = karpenter.Never()
	if got := kept.Defaulted().Spec; !got.Disruption.ConsolidateAfter.Never || got.Disruption.ConsolidationPolicy != karpenter.WhenEmpty ||
		len(got.Disruption.Budgets) != 0 || !got.Template.Spec.ExpireAfter.Never {
		t.Errorf("%+v", got)
	}
	if kept.Spec.Disruption.Budgets = []karpenter.Budget{{}}; kept.Defaulted().Spec.Disruption.Budgets[0].Nodes != "10%" || kept.Spec.Disruption.Budgets[0].Nodes != "" {
		t.Error("a budget without nodes is one of 10%")
	}
}

func TestValidate(t *testing.T) {
	requirement := func(text string) string { return "template: {spec: {requirements: [" + text + "]}}" }
	budget := func(text string) string { return "template: {spec: {}}\n  disruption: {budgets: [" + text + "]}" }
	for spec, want := range map[string]string{
		requirement(`{key: a, operator: Within, values: [x]}`):                                                      `requirements[0].operator: "Within" is none of In`,
		requirement(`{key: a, operator: In}`):                                                                       `requirements[0].values: In needs a value`,
		requirement(`{key: a, operator: Exists, values: [x]}`):                                                      `Exists takes no values`,
		requirement(`{key: a, operator: Gt, values: ["1.5"]}`):                                                      `Gt takes an integer of 0 or more, not "1.5"`,
		requirement(`{key: a, operator: Lte, values: ["-1"]}`):                                                      `Lte takes an integer of 0 or more, not "-1"`,
		requirement(`{key: a, operator: Gte, values: ["1", "2"]}`):                                                  `Gte takes one integer, not 2 values`,
		requirement(`{key: a, operator: In, values: ["no spaces"]}`):                                                `requirements[0].values: "no spaces": a valid label`,
		requirement(`{key: kubernetes.io/hostname, operator: In, values: [x]}`):                                     `not known before a node is there`,
		requirement(`{key: karpenter.sh/nodepool, operator: In, values: [x]}`):                                      `is set by Karpenter`,
		requirement(`{key: karpenter.sh/typo, operator: Exists}`):                                                   `none of its labels`,
		requirement(`{key: karpenter.k8s.aws/instance-familly, operator: Exists}`):                                  `none of its labels`,
		requirement(`{key: karpenter.sh/capacity-type, operator: In, values: [spott]}`):                             `none is a capacity type`,
		requirement(`{key: a, operator: In, values: [x]}, {key: a, operator: In, values: [z]}`):                     `no value of "a" meets all of: In x; In z`,
		requirement(`{key: a, operator: Gt, values: ["5"]}, {key: a, operator: Lt, values: ["6"]}`):                 `no value of "a" meets all of: Gt 5; Lt 6`,
		requirement(`{key: a, operator: In, values: [x], minValues: 2}`):                                            `minValues: 2 is more than the 1 values`,
		requirement(`{key: a, operator: Exists, minValues: 51}`):                                                    `minValues: 51 is not within 1 to 50`,
		requirement(`{key: a, operator: Exists, minValues: 0}`):                                                     `minValues: 0 is not within`,
		budget(`{nodes: "101%"}`):                                                                                   `budgets[0].nodes: "101%" is neither`,
		budget(`{nodes: "-1"}`):                                                                                     `budgets[0].nodes: "-1" is neither`,
		budget(`{nodes: "99999999999999999999"}`):                                                                   `is too large`,
		budget(`{nodes: "1", schedule: "@daily"}`):                                                                  `budgets[0].duration: is missing`,
		budget(`{nodes: "1", duration: 1h}`):                                                                        `budgets[0].schedule: is missing`,
		budget(`{nodes: "1", schedule: "61 * * * *", duration: 1h}`):                                                `budgets[0].schedule: "61 * * * *"`,
		budget(`{nodes: "1", schedule: "TZ=0 * * * *", duration: 1h}`):                                              `neither five cron fields`,
		budget(`{nodes: "1", schedule: "@daily", duration: 90s}`):                                                   `is not in whole hours and minutes`,
		budget(`{nodes: "1", reasons: [Bored]}`):                                                                    `"Bored" is none of`,
		"template: {spec: {}}\n  limits: {cpu: \"-1\"}":                                                             `spec.limits.cpu: -1 is negative`,
		"template: {spec: {}}\n  weight: 101":                                                                       `spec.weight: 101 is not within 1 to 100`,
		"template: {spec: {}}\n  weight: 0":                                                                         `spec.weight: 0 is not within`,
		"template: {spec: {}}\n  replicas: 2\n  limits: {cpu: 1}":                                                   `only nodes can be limited`,
		"template: {spec: {taints: [{key: a, effect: NoSchedule}], startupTaints: [{key: a, effect: NoSchedule}]}}": `startupTaints[0]: a:NoSchedule is there already: spec.template.spec.taints[0]`,
		"template: {spec: {taints: [{key: a, effect: Never}]}}":                                                     `taints[0].effect: "Never" is none of`,
		"template: {spec: {taints: [{effect: NoSchedule}]}}":                                                        `taints[0].key: ""`,
		"template: {spec: {nodeClassRef: {name: x}}}":                                                               `needs group, kind and name`,
		"template: {spec: {}, metadata: {labels: {kubernetes.io/hostname: x}}}":                                     `labels[kubernetes.io/hostname]`,
		"template: {spec: {}}\n  disruption: {consolidationPolicy: Sometimes}":                                      `"Sometimes" is none of`,
	} {
		pool, err := karpenter.DecodeNodePool([]byte("apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: x}\nspec:\n  " + spec))
		if err != nil {
			t.Errorf("%s: %v", spec, err)
			continue
		}
		if err := pool.Validate(); err == nil || !errors.Is(err, karpenter.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %s", spec, err, want)
		}
	}
}

// What looks odd but is allowed.
func TestValidateAllows(t *testing.T) {
	for _, requirements := range []string{
		`{key: a, operator: NotIn, values: [x]}, {key: a, operator: DoesNotExist}`,
		`{key: failure-domain.beta.kubernetes.io/zone, operator: In, values: [a]}, {key: topology.kubernetes.io/zone, operator: NotIn, values: [b]}`,
		`{key: karpenter.sh/capacity-type, operator: In, values: [spot, other]}`,
		`{key: karpenter.k8s.aws/capacity-reservation-type, operator: In, values: [default]}`,
		`{key: a, operator: Gt, values: ["5"]}, {key: a, operator: Lte, values: ["6"]}`,
	} {
		pool, err := karpenter.DecodeNodePool([]byte("apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: x}\nspec: {template: {spec: {requirements: [" + requirements + "]}}}"))
		if err == nil {
			err = pool.Validate()
		}
		if err != nil {
			t.Errorf("%s: %v", requirements, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(spotManifest)
	f.Add(`{"kind":"NodePoolList","apiVersion":"karpenter.sh/v1","items":[null,{"spec":{"disruption":{"budgets":[{"nodes":"5%","schedule":"TZ= ","duration":"1h"}]}}}]}`)
	f.Add("apiVersion: karpenter.sh/v1alpha1\nkind: NodeOverlay\nspec: {price: \"1e309\", requirements: [{key: a, operator: Gt, values: [x]}]}\n")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := karpenter.Decode([]byte(text))
		if err != nil {
			if !errors.Is(err, karpenter.ErrInvalid) {
				t.Errorf("%v is not an ErrInvalid", err)
			}
			return
		}
		for _, p := range all.NodePools {
			if err := p.Validate(); err == nil {
				if err := p.Defaulted().Validate(); err != nil {
					t.Errorf("defaults are refused: %v", err)
				}
			}
		}
		overlaid := karpenter.ApplyOverlays(all.NodePools, sampleTypes(), all.NodeOverlays)
		for _, list := range overlaid.InstanceTypes {
			for _, it := range list {
				if err := it.Validate(); err != nil {
					t.Error(err)
				}
			}
		}
	})
}
