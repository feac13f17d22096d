package legacy_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/scalemath/scalemath/karpenter"
	"github.com/scalemath/scalemath/karpenter/legacy"
)

const spot = `apiVersion: karpenter.sh/v1alpha5
kind: Provisioner
metadata: {name: default}
spec:
  requirements:
  - {key: karpenter.sh/capacity-type, operator: In, values: [spot]}
  limits: {resources: {cpu: 1000}}
  providerRef: {name: default}
  ttlSecondsAfterEmpty: 30
`

func Example() {
	old, err := legacy.Decode([]byte(spot))
	if err != nil {
		fmt.Println(err)
		return
	}
	now, err := legacy.Convert(old)
	if err != nil {
		fmt.Println(err)
		return
	}
	text, _ := yaml.Marshal(now.NodePools[0].Spec)
	fmt.Print(string(text))
	if err := now.Explain(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// disruption:
	//   budgets:
	//   - nodes: 100%
	//   consolidateAfter: 30s
	//   consolidationPolicy: WhenEmpty
	// limits:
	//   cpu: 1k
	// template:
	//   metadata: {}
	//   spec:
	//     expireAfter: Never
	//     nodeClassRef:
	//       group: karpenter.k8s.aws
	//       kind: EC2NodeClass
	//       name: default
	//     requirements:
	//     - key: karpenter.sh/capacity-type
	//       operator: In
	//       values:
	//       - spot
	//     - key: kubernetes.io/os
	//       operator: In
	//       values:
	//       - linux
	//     - key: kubernetes.io/arch
	//       operator: In
	//       values:
	//       - amd64
	//     - key: karpenter.k8s.aws/instance-category
	//       operator: In
	//       values:
	//       - c
	//       - m
	//       - r
	//     - key: karpenter.k8s.aws/instance-generation
	//       operator: Gt
	//       values:
	//       - "2"
	// changed Provisioner default: kind: Provisioner, karpenter.sh/v1alpha5 -> kind: NodePool, karpenter.sh/v1
	// kept    Provisioner default: spec.requirements -> spec.template.spec.requirements
	// added   Provisioner default: spec.template.spec.requirements: kubernetes.io/os In linux (was filled in by the webhook; without it every kind would do now)
	// added   Provisioner default: spec.template.spec.requirements: kubernetes.io/arch In amd64 (was filled in by the webhook; without it every kind would do now)
	// added   Provisioner default: spec.template.spec.requirements: karpenter.k8s.aws/instance-category In c,m,r (was filled in by the webhook; without it every kind would do now)
	// added   Provisioner default: spec.template.spec.requirements: karpenter.k8s.aws/instance-generation Gt 2 (was filled in by the webhook; without it every kind would do now)
	// changed Provisioner default: spec.providerRef.name: default -> spec.template.spec.nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default} (the AWSNodeTemplate is an EC2NodeClass now)
	// kept    Provisioner default: spec.limits.resources -> spec.limits (one level less)
	// changed Provisioner default: spec.ttlSecondsAfterEmpty: 30 -> spec.disruption: {consolidationPolicy: WhenEmpty, consolidateAfter: 30s} (empty nodes go, others stay)
	// added   Provisioner default: spec.template.spec.expireAfter: Never (nodes did not expire; the default would be 720h now)
	// added   Provisioner default: spec.disruption.budgets: [{nodes: 100%}] (nothing limited how many nodes go at a time; the default would be 10% now)
}

func convert(t *testing.T, manifest string) legacy.Converted {
	t.Helper()
	old, err := legacy.Decode([]byte(manifest))
	if err != nil {
		t.Fatal(err)
	}
	now, err := legacy.Convert(old)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range now.NodePools {
		if err := p.Validate(); err != nil {
			t.Error(err)
		}
	}
	return now
}

func provisioner(spec string) string {
	return "apiVersion: karpenter.sh/v1alpha5\nkind: Provisioner\nmetadata: {name: x}\nspec: {" + spec + "}\n---\n"
}

func template(spec string) string {
	return "apiVersion: karpenter.k8s.aws/v1alpha1\nkind: AWSNodeTemplate\nmetadata: {name: t}\nspec: {" + spec + "}\n---\n"
}

// What the old webhook filled in has to be said now, each only where nothing else was said of it.
func TestWebhookDefaults(t *testing.T) {
	for requirements, want := range map[string]string{
		"": "kubernetes.io/os kubernetes.io/arch karpenter.sh/capacity-type karpenter.k8s.aws/instance-category karpenter.k8s.aws/instance-generation",
		"{key: kubernetes.io/arch, operator: In, values: [arm64]}":                    "kubernetes.io/os karpenter.sh/capacity-type karpenter.k8s.aws/instance-category karpenter.k8s.aws/instance-generation",
		"{key: beta.kubernetes.io/arch, operator: In, values: [arm64]}":               "kubernetes.io/os karpenter.sh/capacity-type karpenter.k8s.aws/instance-category karpenter.k8s.aws/instance-generation",
		"{key: node.kubernetes.io/instance-type, operator: In, values: [t3.large]}":   "kubernetes.io/os kubernetes.io/arch karpenter.sh/capacity-type",
		"{key: karpenter.k8s.aws/instance-generation, operator: Gt, values: [\"4\"]}": "kubernetes.io/os kubernetes.io/arch karpenter.sh/capacity-type",
		"{key: kubernetes.io/os, operator: Exists}":                                   "kubernetes.io/arch karpenter.sh/capacity-type karpenter.k8s.aws/instance-category karpenter.k8s.aws/instance-generation",
	} {
		now := convert(t, provisioner("requirements: ["+requirements+"]"))
		said := strings.Count(requirements, "key:")
		var got []string
		for _, r := range now.NodePools[0].Spec.Template.Spec.Requirements[said:] {
			got = append(got, r.Key)
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("%s: %s; want %s", requirements, text, want)
		}
	}
}

func TestDisruption(t *testing.T) {
	for spec, want := range map[string]string{
		"":                                "WhenEmpty Never Never",
		"ttlSecondsAfterEmpty: 0":         "WhenEmpty 0s Never",
		"ttlSecondsAfterEmpty: 30":        "WhenEmpty 30s Never",
		"consolidation: {enabled: true}":  "WhenEmptyOrUnderutilized 0s Never",
		"consolidation: {enabled: false}": "WhenEmpty Never Never",
		"ttlSecondsUntilExpired: 86400":   "WhenEmpty Never 24h0m0s",
	} {
		p := convert(t, provisioner(spec)).NodePools[0]
		d := p.Spec.Disruption
		if got := fmt.Sprintf("%s %s %s", d.ConsolidationPolicy, d.ConsolidateAfter, p.Spec.Template.Spec.ExpireAfter); got != want || d.Budgets[0].Nodes != "100%" {
			t.Errorf("%s: %s; want %s", spec, got, want)
		}
	}
}

func TestTemplate(t *testing.T) {
	now := convert(t, template(`subnetSelector: {karpenter.sh/discovery: "one, two", tier: ""}, securityGroupSelector: {aws-ids: "sg-1,sg-2"}, amiFamily: Bottlerocket,
  instanceProfile: profile, launchTemplate: mine, tags: {a: b}, blockDeviceMappings: [{deviceName: /dev/xvdb, ebs: {volumeSize: 80Gi}}]`)+
		provisioner("providerRef: {name: t}, kubeletConfiguration: {maxPods: 20, systemReserved: {cpu: 100m}, containerRuntime: containerd}"))
	if len(now.NodeClasses) != 2 {
		t.Fatalf("%d classes", len(now.NodeClasses))
	}
	class, own := now.NodeClasses[0], now.NodeClasses[1]
	text, _ := yaml.Marshal(class.Spec)
	const want = `amiSelectorTerms:
- alias: bottlerocket@latest
blockDeviceMappings:
- deviceName: /dev/xvdb
  ebs:
    volumeSize: 80Gi
instanceProfile: profile
metadataOptions:
  httpPutResponseHopLimit: 2
securityGroupSelectorTerms:
- id: sg-1
- id: sg-2
subnetSelectorTerms:
- tags:
    karpenter.sh/discovery: one
    tier: '*'
- tags:
    karpenter.sh/discovery: two
    tier: '*'
tags:
  a: b
`
	if string(text) != want {
		t.Errorf("%s\nwant %s", text, want)
	}
	if own.Name != "x" || *own.Spec.Kubelet.MaxPods != 20 || own.Spec.Kubelet.SystemReserved["cpu"] != "100m" || class.Spec.Kubelet != nil ||
		now.NodePools[0].Spec.Template.Spec.NodeClassRef.Name != "x" || len(own.Spec.SubnetSelectorTerms) != 2 {
		t.Errorf("%+v", own)
	}
	var report strings.Builder
	if err := now.Explain(&report); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"dropped AWSNodeTemplate t: spec.launchTemplate: mine (launch templates of one's own are gone: say here what it said)",
		"dropped Provisioner x: spec.kubeletConfiguration.containerRuntime: containerd (containerd is the only one left)",
		"kept    Provisioner x: spec.kubeletConfiguration -> EC2NodeClass x spec.kubelet (the kubelet is configured by the node class)",
	} {
		if !strings.Contains(report.String(), line) {
			t.Errorf("no line %q in\n%s", line, report.String())
		}
	}
}

func TestImages(t *testing.T) {
	for spec, want := range map[string]string{
		`amiFamily: AL2`:    "[{alias: al2@latest}] ",
		`amiFamily: Ubuntu`: "[] Custom",
		`amiSelector: {aws::ids: "ami-1,ami-2"}, amiFamily: Custom`:   "[{id: ami-1} {id: ami-2}] Custom",
		`amiSelector: {aws::name: "a,b", aws::owners: self, team: z}`: "[{name: a owner: self tags: map[team:z]} {name: b owner: self tags: map[team:z]}] AL2",
	} {
		s := convert(t, template(spec)).NodeClasses[0].Spec
		var got []string
		for _, a := range s.AMISelectorTerms {
			var parts []string
			for _, f := range []struct{ name, value string }{{"alias", a.Alias}, {"id", a.ID}, {"name", a.Name}, {"owner", a.Owner}} {
				if f.value != "" {
					parts = append(parts, f.name+": "+f.value)
				}
			}
			if a.Tags != nil {
				parts = append(parts, fmt.Sprintf("tags: %v", a.Tags))
			}
			got = append(got, "{"+strings.Join(parts, " ")+"}")
		}
		family := ""
		if s.AMIFamily != nil {
			family = *s.AMIFamily
		}
		if text := fmt.Sprintf("%v %s", got, family); text != want {
			t.Errorf("%s: %s; want %s", spec, text, want)
		}
	}
}

func TestRefuses(t *testing.T) {
	for manifest, want := range map[string]string{
		provisioner("ttlSecondsAfterEmpty: 5, consolidation: {enabled: true}"): "cannot stand beside spec.consolidation.enabled",
		provisioner("ttlSecondsUntilExpired: -1"):                              "-1 is out of range",
		provisioner("ttlSecondsUntilExpired: 9223372036854775807"):             "is out of range",
		provisioner("provider: {}, providerRef: {name: t}"):                    "cannot stand beside spec.providerRef",
		provisioner("limit: {}"):                                               `unknown field "spec.limit"`,
		"{apiVersion: karpenter.sh/v1alpha4, kind: Provisioner}":               "want a Provisioner of karpenter.sh/v1alpha5",
	} {
		old, err := legacy.Decode([]byte(manifest))
		if err == nil {
			_, err = legacy.Convert(old)
		}
		if err == nil || !errors.Is(err, legacy.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %s", manifest, err, want)
		}
	}
}

func TestPodsAndNodes(t *testing.T) {
	pod := &corev1.Pod{}
	if legacy.ConvertPod(pod) != pod {
		t.Error("a pod without old names is copied")
	}
	pod.Annotations = map[string]string{"karpenter.sh/do-not-evict": "true"}
	pod.Spec.NodeSelector = map[string]string{"karpenter.sh/provisioner-name": "default"}
	got := legacy.ConvertPod(pod)
	if got.Annotations[karpenter.AnnotationDoNotDisrupt] != "true" || got.Spec.NodeSelector[karpenter.LabelNodePool] != "default" || len(got.Spec.NodeSelector) != 1 ||
		pod.Spec.NodeSelector["karpenter.sh/provisioner-name"] != "default" {
		t.Errorf("%+v", got)
	}
	node := &corev1.Node{}
	node.Labels = map[string]string{"karpenter.sh/provisioner-name": "default"}
	node.Annotations = map[string]string{"karpenter.sh/do-not-consolidate": "true"}
	if n := legacy.ConvertNode(node); n.Labels[karpenter.LabelNodePool] != "default" || n.Annotations[karpenter.AnnotationDoNotDisrupt] != "true" {
		t.Errorf("%+v", n)
	}
}

func FuzzConvert(f *testing.F) {
	f.Add(spot)
	f.Add(template(`subnetSelector: {a: ",,,", b: "1,2,3"}, amiSelector: {"aws::name": ",", c: ""}`))
	f.Add(provisioner("provider: {subnetSelector: {a: b}}, kubeletConfiguration: {}"))
	f.Fuzz(func(t *testing.T, text string) {
		old, err := legacy.Decode([]byte(text))
		if err != nil {
			return
		}
		now, err := legacy.Convert(old)
		if err != nil {
			return
		}
		if len(now.NodePools) != len(old.Provisioners) || len(now.NodeClasses) < len(old.NodeTemplates) {
			t.Error("something was lost")
		}
	})
}
