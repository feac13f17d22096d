package legacy

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/binpack/kube"
	"github.com/scalemath/scalemath/karpenter"
	"github.com/scalemath/scalemath/karpenter/aws"
)

// The node class of today.
const (
	classGroup = "karpenter.k8s.aws"
	classKind  = "EC2NodeClass"
)

// Converted is what old objects become.
type Converted struct {
	NodePools   []*karpenter.NodePool `json:"nodePools,omitempty"`   // one for each Provisioner, with its name
	NodeClasses []*aws.EC2NodeClass   `json:"nodeClasses,omitempty"` // see Convert
	Report      Report                `json:"report,omitempty"`      // what became of each field
}

// Convert turns Provisioners and AWSNodeTemplates into NodePools and EC2NodeClasses. Each template becomes a class of its
// name. A Provisioner with a kubelet configuration of its own, or with a provider written in place, gets a class of its own,
// since both belong to the class now. Nothing given is modified.
func Convert(m Manifests) (Converted, error) {
	var out Converted
	classes := map[string]*aws.EC2NodeClass{}
	for _, t := range m.NodeTemplates {
		class := convertTemplate(t, &out.Report)
		classes[t.Name] = class
		out.NodeClasses = append(out.NodeClasses, class)
	}
	for _, p := range m.Provisioners {
		pool, report, err := ConvertProvisioner(p)
		if err != nil {
			return Converted{}, err
		}
		out.Report = append(out.Report, report...)
		if own := ownClass(p, classes, &out.Report); own != nil {
			pool.Spec.Template.Spec.NodeClassRef = karpenter.NodeClassRef{Group: classGroup, Kind: classKind, Name: own.Name}
			out.NodeClasses = append(out.NodeClasses, own)
		}
		out.NodePools = append(out.NodePools, pool)
	}
	return out, nil
}

// Explain writes what became of each field.
func (c Converted) Explain(w io.Writer) error { return c.Report.Explain(w) }

// String says how many objects there are now.
func (c Converted) String() string {
	return fmt.Sprintf("%d NodePools, %d EC2NodeClasses, %d changes", len(c.NodePools), len(c.NodeClasses), len(c.Report))
}

// ownClass makes the class that a Provisioner needs beside those of the templates; nil where it needs none.
func ownClass(p *Provisioner, classes map[string]*aws.EC2NodeClass, report *Report) *aws.EC2NodeClass {
	who := "Provisioner " + p.Name
	var class *aws.EC2NodeClass
	switch {
	case p.Spec.Provider != nil:
		template := &AWSNodeTemplate{ObjectMeta: metav1.ObjectMeta{Name: p.Name}, Spec: AWSNodeTemplateSpec{AWS: *p.Spec.Provider}}
		report.add(Changed, who, "spec.provider", "EC2NodeClass "+p.Name, "what stood in place is an object of its own")
		class = convertTemplate(template, report)
	case p.Spec.KubeletConfiguration == nil:
		return nil
	default:
		class = &aws.EC2NodeClass{TypeMeta: metav1.TypeMeta{APIVersion: classGroup + "/v1", Kind: classKind}}
		if ref := p.Spec.ProviderRef; ref != nil && classes[ref.Name] != nil {
			*class = *classes[ref.Name]
			class.ObjectMeta = *class.ObjectMeta.DeepCopy()
		} else {
			report.add(Needed, who, "", "EC2NodeClass "+p.Name, "the node template is not among the objects; only its kubelet section is filled in")
		}
		class.Name = p.Name
	}
	if k := p.Spec.KubeletConfiguration; k != nil {
		class.Spec.Kubelet = kubelet(k)
		report.add(Kept, who, "spec.kubeletConfiguration", "EC2NodeClass "+p.Name+" spec.kubelet", "the kubelet is configured by the node class")
		if k.ContainerRuntime != nil {
			report.add(Dropped, who, "spec.kubeletConfiguration.containerRuntime: "+*k.ContainerRuntime, "", "containerd is the only one left")
		}
	}
	return class
}

func kubelet(k *KubeletConfiguration) *aws.Kubelet {
	return &aws.Kubelet{
		ClusterDNS: slices.Clone(k.ClusterDNS), MaxPods: k.MaxPods, PodsPerCore: k.PodsPerCore,
		SystemReserved: texts(k.SystemReserved), KubeReserved: texts(k.KubeReserved),
		EvictionHard: k.EvictionHard, EvictionSoft: k.EvictionSoft, EvictionSoftGracePeriod: k.EvictionSoftGracePeriod,
		EvictionMaxPodGracePeriod:   k.EvictionMaxPodGracePeriod,
		ImageGCHighThresholdPercent: k.ImageGCHighThresholdPercent, ImageGCLowThresholdPercent: k.ImageGCLowThresholdPercent,
		CPUCFSQuota: k.CPUCFSQuota,
	}
}

// ConvertProvisioner turns one Provisioner into a NodePool, and says what became of its fields but those that belong to the
// node class now.
func ConvertProvisioner(p *Provisioner) (*karpenter.NodePool, Report, error) {
	if err := p.Validate(); err != nil {
		return nil, nil, err
	}
	c := conversion{old: p, who: "Provisioner " + p.Name, pool: &karpenter.NodePool{
		TypeMeta:   metav1.TypeMeta{APIVersion: "karpenter.sh/v1", Kind: "NodePool"},
		ObjectMeta: metav1.ObjectMeta{Name: p.Name, Labels: p.Labels, Annotations: p.Annotations},
	}}
	c.report.add(Changed, c.who, "kind: Provisioner, karpenter.sh/v1alpha5", "kind: NodePool, karpenter.sh/v1", "")
	c.template()
	c.requirements()
	c.class()
	c.limits()
	c.disruption()
	return c.pool, c.report, nil
}

// conversion is one Provisioner on its way.
type conversion struct {
	old    *Provisioner
	pool   *karpenter.NodePool
	who    string
	report Report
}

func (c *conversion) kept(from, to, why string) { c.report.add(Kept, c.who, from, to, why) }

func (c *conversion) template() {
	t, s := &c.pool.Spec.Template, &c.old.Spec
	if t.Metadata.Labels = s.Labels; len(s.Labels) > 0 {
		c.kept("spec.labels", "spec.template.metadata.labels", "")
	}
	if len(s.Annotations) > 0 {
		t.Metadata.Annotations = renamed(s.Annotations, nodeAnnotations)
		c.kept("spec.annotations", "spec.template.metadata.annotations", "")
	}
	if t.Spec.Taints = s.Taints; len(s.Taints) > 0 {
		c.kept("spec.taints", "spec.template.spec.taints", "")
	}
	if t.Spec.StartupTaints = s.StartupTaints; len(s.StartupTaints) > 0 {
		c.kept("spec.startupTaints", "spec.template.spec.startupTaints", "")
	}
	if c.pool.Spec.Weight = s.Weight; s.Weight != nil {
		c.kept(fmt.Sprintf("spec.weight: %d", *s.Weight), "spec.weight", "of equal weights, the name later in the alphabet is tried first now")
	}
}

// requirements takes them over and spells out what the webhook filled in: an empty list means every type now.
func (c *conversion) requirements() {
	into := &c.pool.Spec.Template.Spec.Requirements
	constrained := map[string]bool{}
	for _, r := range c.old.Spec.Requirements {
		constrained[kube.NormalizeKey(r.Key)] = true
		*into = append(*into, r)
	}
	if len(*into) > 0 {
		c.kept("spec.requirements", "spec.template.spec.requirements", "")
	}
	add := func(key string, op kube.Operator, values ...string) {
		*into = append(*into, karpenter.RequirementSpec{Key: key, Operator: op, Values: values})
		c.report.add(Added, c.who, "", fmt.Sprintf("spec.template.spec.requirements: %s %s %s", key, op, strings.Join(values, ",")),
			"was filled in by the webhook; without it every kind would do now")
	}
	if !constrained[corev1.LabelOSStable] {
		add(corev1.LabelOSStable, kube.In, "linux")
	}
	if !constrained[corev1.LabelArchStable] {
		add(corev1.LabelArchStable, kube.In, "amd64")
	}
	if !constrained[karpenter.LabelCapacityType] {
		add(karpenter.LabelCapacityType, kube.In, "on-demand")
	}
	const prefix = "karpenter.k8s.aws/instance-"
	if !constrained[corev1.LabelInstanceTypeStable] && !constrained[prefix+"family"] && !constrained[prefix+"category"] && !constrained[prefix+"generation"] {
		add(prefix+"category", kube.In, "c", "m", "r")
		add(prefix+"generation", kube.Gt, "2")
	}
}

func (c *conversion) class() {
	ref := c.old.Spec.ProviderRef
	if ref == nil {
		if c.old.Spec.Provider == nil {
			c.report.add(Needed, c.who, "", "spec.template.spec.nodeClassRef", "every NodePool names a node class now")
		}
		return
	}
	c.pool.Spec.Template.Spec.NodeClassRef = karpenter.NodeClassRef{Group: classGroup, Kind: classKind, Name: ref.Name}
	c.report.add(Changed, c.who, "spec.providerRef.name: "+ref.Name,
		fmt.Sprintf("spec.template.spec.nodeClassRef: {group: %s, kind: %s, name: %s}", classGroup, classKind, ref.Name), "the AWSNodeTemplate is an EC2NodeClass now")
}

func (c *conversion) limits() {
	if l := c.old.Spec.Limits; l != nil && len(l.Resources) > 0 {
		c.pool.Spec.Limits = l.Resources.DeepCopy()
		c.kept("spec.limits.resources", "spec.limits", "one level less")
	}
}

func (c *conversion) disruption() {
	d, s := &c.pool.Spec.Disruption, &c.old.Spec
	switch {
	case c.old.consolidates():
		d.ConsolidationPolicy, d.ConsolidateAfter = karpenter.WhenEmptyOrUnderutilized, karpenter.After(0)
		c.report.add(Changed, c.who, "spec.consolidation.enabled: true", "spec.disruption: {consolidationPolicy: WhenEmptyOrUnderutilized, consolidateAfter: 0s}", "")
	case s.TTLSecondsAfterEmpty != nil:
		d.ConsolidationPolicy, d.ConsolidateAfter = karpenter.WhenEmpty, karpenter.After(seconds(*s.TTLSecondsAfterEmpty))
		c.report.add(Changed, c.who, fmt.Sprintf("spec.ttlSecondsAfterEmpty: %d", *s.TTLSecondsAfterEmpty),
			fmt.Sprintf("spec.disruption: {consolidationPolicy: WhenEmpty, consolidateAfter: %s}", d.ConsolidateAfter), "empty nodes go, others stay")
	default:
		d.ConsolidationPolicy, d.ConsolidateAfter = karpenter.WhenEmpty, karpenter.Never()
		c.report.add(Added, c.who, "", "spec.disruption: {consolidationPolicy: WhenEmpty, consolidateAfter: Never}",
			"without ttlSecondsAfterEmpty and consolidation even empty nodes stayed")
	}
	expire := &c.pool.Spec.Template.Spec.ExpireAfter
	if s.TTLSecondsUntilExpired != nil {
		*expire = karpenter.After(seconds(*s.TTLSecondsUntilExpired))
		c.report.add(Changed, c.who, fmt.Sprintf("spec.ttlSecondsUntilExpired: %d", *s.TTLSecondsUntilExpired),
			fmt.Sprintf("spec.template.spec.expireAfter: %s", *expire), "expired nodes do not wait for a replacement any more")
	} else {
		*expire = karpenter.Never()
		c.report.add(Added, c.who, "", "spec.template.spec.expireAfter: Never", "nodes did not expire; the default would be 720h now")
	}
	d.Budgets = []karpenter.Budget{{Nodes: "100%"}}
	c.report.add(Added, c.who, "", "spec.disruption.budgets: [{nodes: 100%}]", "nothing limited how many nodes go at a time; the default would be 10% now")
}

func seconds(n int64) time.Duration { return time.Duration(n) * time.Second }
