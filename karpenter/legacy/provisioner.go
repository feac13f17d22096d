package legacy

import (
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/karpenter"
	"github.com/scalemath/scalemath/karpenter/aws"
	"github.com/scalemath/scalemath/karpenter/internal/document"
)

// ErrInvalid is what every error of this package wraps: the input makes no sense, and the text names object, field and
// value.
var ErrInvalid = errors.New("invalid input")

// Provisioner is the object of karpenter.sh/v1alpha5.
type Provisioner struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              ProvisionerSpec `json:"spec,omitempty"` // what is wanted
}

// ProvisionerSpec is what a Provisioner wants.
type ProvisionerSpec struct {
	Annotations            map[string]string           `json:"annotations,omitempty"`            // of its nodes
	Labels                 map[string]string           `json:"labels,omitempty"`                 // of its nodes
	Taints                 []corev1.Taint              `json:"taints,omitempty"`                 // of its nodes
	StartupTaints          []corev1.Taint              `json:"startupTaints,omitempty"`          // of its nodes, for a while
	Requirements           []karpenter.RequirementSpec `json:"requirements,omitempty"`           // all must hold
	KubeletConfiguration   *KubeletConfiguration       `json:"kubeletConfiguration,omitempty"`   // now the node class's
	Provider               *AWS                        `json:"provider,omitempty"`               // a node template written in place
	ProviderRef            *ProviderRef                `json:"providerRef,omitempty"`            // the node template
	TTLSecondsAfterEmpty   *int64                      `json:"ttlSecondsAfterEmpty,omitempty"`   // seconds; none: empty nodes stay
	TTLSecondsUntilExpired *int64                      `json:"ttlSecondsUntilExpired,omitempty"` // seconds; none: nodes do not expire
	Limits                 *Limits                     `json:"limits,omitempty"`                 // of all its nodes together
	Weight                 *int32                      `json:"weight,omitempty"`                 // 1 to 100, higher is tried first
	Consolidation          *Consolidation              `json:"consolidation,omitempty"`          // not beside TTLSecondsAfterEmpty
}

// ProviderRef names a node template.
type ProviderRef struct {
	APIVersion string `json:"apiVersion,omitempty"` // default karpenter.k8s.aws/v1alpha1
	Kind       string `json:"kind,omitempty"`       // default AWSNodeTemplate
	Name       string `json:"name,omitempty"`       // of the template
}

// Limits are of the capacity of all nodes together.
type Limits struct {
	Resources corev1.ResourceList `json:"resources,omitempty"` // by resource
}

// Consolidation is whether nodes are replaced by cheaper ones.
type Consolidation struct {
	Enabled *bool `json:"enabled,omitempty"` // default false
}

// KubeletConfiguration is what a Provisioner may set of the kubelet's configuration.
type KubeletConfiguration struct {
	ClusterDNS                  []string                   `json:"clusterDNS,omitempty"`                  // addresses of name servers
	ContainerRuntime            *string                    `json:"containerRuntime,omitempty"`            // gone: containerd is the only one
	MaxPods                     *int32                     `json:"maxPods,omitempty"`                     // default: what the network allows
	PodsPerCore                 *int32                     `json:"podsPerCore,omitempty"`                 // caps MaxPods
	SystemReserved              corev1.ResourceList        `json:"systemReserved,omitempty"`              // for the operating system
	KubeReserved                corev1.ResourceList        `json:"kubeReserved,omitempty"`                // for Kubernetes itself
	EvictionHard                map[string]string          `json:"evictionHard,omitempty"`                // by signal
	EvictionSoft                map[string]string          `json:"evictionSoft,omitempty"`                // by signal
	EvictionSoftGracePeriod     map[string]metav1.Duration `json:"evictionSoftGracePeriod,omitempty"`     // by signal
	EvictionMaxPodGracePeriod   *int32                     `json:"evictionMaxPodGracePeriod,omitempty"`   // seconds
	ImageGCHighThresholdPercent *int32                     `json:"imageGCHighThresholdPercent,omitempty"` // of the disk
	ImageGCLowThresholdPercent  *int32                     `json:"imageGCLowThresholdPercent,omitempty"`  // of the disk
	CPUCFSQuota                 *bool                      `json:"cpuCFSQuota,omitempty"`                 // enforce cpu limits
}

// AWSNodeTemplate is the object of karpenter.k8s.aws/v1alpha1.
type AWSNodeTemplate struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              AWSNodeTemplateSpec `json:"spec,omitempty"` // what is wanted
}

// AWSNodeTemplateSpec is what an AWSNodeTemplate wants.
type AWSNodeTemplateSpec struct {
	AWS                `json:",inline"`
	UserData           *string           `json:"userData,omitempty"`           // for the image's start
	AMISelector        map[string]string `json:"amiSelector,omitempty"`        // tags, aws::ids, aws::name and aws::owners
	DetailedMonitoring *bool             `json:"detailedMonitoring,omitempty"` // metrics each minute
}

// AWS is what a Provisioner may also have in place.
type AWS struct {
	metav1.TypeMeta       `json:",inline"`
	AMIFamily             *string                  `json:"amiFamily,omitempty"`             // default AL2
	Context               *string                  `json:"context,omitempty"`               // passed to EC2 as it is
	InstanceProfile       *string                  `json:"instanceProfile,omitempty"`       // default: that of the settings
	SubnetSelector        map[string]string        `json:"subnetSelector,omitempty"`        // tags and aws-ids
	SecurityGroupSelector map[string]string        `json:"securityGroupSelector,omitempty"` // tags and aws-ids
	Tags                  map[string]string        `json:"tags,omitempty"`                  // of what is created
	LaunchTemplate        *string                  `json:"launchTemplate,omitempty"`        // gone
	MetadataOptions       *aws.MetadataOptions     `json:"metadataOptions,omitempty"`       // access to instance metadata
	BlockDeviceMappings   []aws.BlockDeviceMapping `json:"blockDeviceMappings,omitempty"`   // volumes
}

// Manifests are the objects of a manifest that this package knows.
type Manifests struct {
	Provisioners  []*Provisioner     `json:"provisioners,omitempty"`  // in the manifest's order
	NodeTemplates []*AWSNodeTemplate `json:"nodeTemplates,omitempty"` // in the manifest's order
}

// Decode reads all Provisioners and AWSNodeTemplates from YAML or JSON as kubectl prints it, strictly: an unknown field, or a
// value of the wrong type, is an error that names it. Objects of other kinds are passed over.
func Decode(manifests []byte) (Manifests, error) {
	objects, err := document.Split(manifests)
	if err != nil {
		return Manifests{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	var all Manifests
	for _, o := range objects {
		switch o.Kind {
		case "Provisioner":
			p := &Provisioner{}
			if err = into(o, p, "karpenter.sh/v1alpha5"); err == nil {
				p.TypeMeta = o.TypeMeta
				all.Provisioners = append(all.Provisioners, p)
			}
		case "AWSNodeTemplate":
			t := &AWSNodeTemplate{}
			if err = into(o, t, "karpenter.k8s.aws/v1alpha1"); err == nil {
				t.TypeMeta = o.TypeMeta
				all.NodeTemplates = append(all.NodeTemplates, t)
			}
		}
		if err != nil {
			return Manifests{}, fmt.Errorf("%w: %w", ErrInvalid, err)
		}
	}
	return all, nil
}

func into(o document.Object, v any, version string) error {
	if o.APIVersion != version {
		return fmt.Errorf("%s: want a %s of %s, not of %q", o.Where, o.Kind, version, o.APIVersion)
	}
	return o.Into(v)
}

// Validate tells what the old webhook would have refused of the fields that stand against each other; what the new API
// refuses as well is left to [karpenter.NodePool.Validate].
func (p *Provisioner) Validate() error {
	var errs []error
	bad := func(field, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%w: Provisioner %q: %s: %s", ErrInvalid, p.Name, field, fmt.Sprintf(format, args...)))
	}
	// The largest number of seconds that a duration holds.
	const longest = 1<<63/1_000_000_000 - 1
	for _, ttl := range []struct {
		field   string
		seconds *int64
	}{{"spec.ttlSecondsAfterEmpty", p.Spec.TTLSecondsAfterEmpty}, {"spec.ttlSecondsUntilExpired", p.Spec.TTLSecondsUntilExpired}} {
		if s := ttl.seconds; s != nil && (*s < 0 || *s > longest) {
			bad(ttl.field, "%d is out of range", *s)
		}
	}
	if p.consolidates() && p.Spec.TTLSecondsAfterEmpty != nil {
		bad("spec.ttlSecondsAfterEmpty", "cannot stand beside spec.consolidation.enabled")
	}
	if p.Spec.Provider != nil && p.Spec.ProviderRef != nil {
		bad("spec.provider", "cannot stand beside spec.providerRef")
	}
	return errors.Join(errs...)
}

func (p *Provisioner) consolidates() bool {
	c := p.Spec.Consolidation
	return c != nil && c.Enabled != nil && *c.Enabled
}

func texts(list corev1.ResourceList) map[string]string {
	if list == nil {
		return nil
	}
	out := make(map[string]string, len(list))
	for name, q := range list {
		out[string(name)] = quantity(q)
	}
	return out
}

func quantity(q resource.Quantity) string { return q.String() }
