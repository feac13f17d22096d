package karpenter

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"

	"github.com/scalemath/scalemath/binpack/kube"
)

// podVolumes are what the volumes of a pod demand.
type podVolumes struct {
	problem      string    // why the pod is not looked at: a claim that is missing, lost or cannot be bound
	alternatives []shapeID // one of which must hold; nil: nothing is demanded
	attach       map[string][]string
}

// volumeUse are the volumes attached to a node, by driver, and how many it may attach.
type volumeUse struct {
	limits map[string]int32
	used   map[string]map[string]struct{}
	shared bool // used belongs to someone else as well
}

// storage finds storage objects by name; claims by namespace and name.
type storage struct {
	claims  map[string]*corev1.PersistentVolumeClaim
	volumes map[string]*corev1.PersistentVolume
	classes map[string]*storagev1.StorageClass
	nodes   map[string]*storagev1.CSINode
}

func newStorage(v *kube.Volumes) *storage {
	if v == nil {
		return nil
	}
	s := &storage{
		map[string]*corev1.PersistentVolumeClaim{}, map[string]*corev1.PersistentVolume{},
		map[string]*storagev1.StorageClass{}, map[string]*storagev1.CSINode{},
	}
	for _, o := range v.Claims {
		if o != nil {
			s.claims[o.Namespace+"/"+o.Name] = o
		}
	}
	for _, o := range v.Volumes {
		if o != nil {
			s.volumes[o.Name] = o
		}
	}
	for _, o := range v.Classes {
		if o != nil {
			s.classes[o.Name] = o
		}
	}
	for _, o := range v.Nodes {
		if o != nil {
			s.nodes[o.Name] = o
		}
	}
	return s
}

// volumesOf resolves the volumes of a pod.
func (c *Cluster) volumesOf(pod *corev1.Pod) podVolumes {
	var out podVolumes
	if c.storage == nil {
		return out
	}
	alternatives := []kube.Requirements{{}}
	any := false
	for i := range pod.Spec.Volumes {
		v := &pod.Spec.Volumes[i]
		name := ""
		switch {
		case v.PersistentVolumeClaim != nil:
			name = v.PersistentVolumeClaim.ClaimName
		case v.Ephemeral != nil:
			name = pod.Name + "-" + v.Name
		default:
			continue
		}
		name = pod.Namespace + "/" + name
		claim := c.storage.claims[name]
		if claim == nil {
			out.problem = "persistentvolumeclaim " + name + " is not found"
			continue
		}
		terms, driver, problem := c.storage.resolve(claim)
		if problem != "" {
			out.problem = "persistentvolumeclaim " + name + ": " + problem
		}
		if driver != "" {
			if out.attach == nil {
				out.attach = map[string][]string{}
			}
			out.attach[driver] = append(out.attach[driver], name)
		}
		if len(terms) > 0 {
			any = true
			alternatives = combine(alternatives, terms)
		}
	}
	if any {
		for _, a := range alternatives {
			out.alternatives = append(out.alternatives, c.x.shapeOf(a))
		}
	}
	return out
}

// maxAlternatives bounds how many combinations of volumes' places are tried for a pod.
const maxAlternatives = 1024

// combine joins each place known so far with each of a further volume: those that go together, or all where none do.
func combine(a, b []kube.Requirements) []kube.Requirements {
	var good, all []kube.Requirements
	for _, x := range a {
		for _, y := range b {
			if len(all) == maxAlternatives {
				break
			}
			both := x.With(y.All()...)
			all = append(all, both)
			if x.Intersects(y).OK() {
				good = append(good, both)
			}
		}
	}
	if len(good) > 0 {
		return good
	}
	return all
}

// resolve says where a claim's volume can be used, by which driver, and what stands in the way.
func (s *storage) resolve(claim *corev1.PersistentVolumeClaim) (terms []kube.Requirements, driver, problem string) {
	switch {
	case claim.DeletionTimestamp != nil:
		problem = "is being deleted"
	case claim.Status.Phase == corev1.ClaimLost:
		problem = "has lost its volume " + claim.Spec.VolumeName
	}
	if claim.Spec.VolumeName != "" {
		v := s.volumes[claim.Spec.VolumeName]
		switch {
		case v == nil:
			return nil, "", "volume " + claim.Spec.VolumeName + " is not found"
		case v.DeletionTimestamp != nil:
			problem = "volume " + v.Name + " is being deleted"
		}
		terms, err := volumeTerms(v)
		if err != nil {
			problem = err.Error()
		}
		return terms, volumeDriver(v), problem
	}
	name := ""
	if claim.Spec.StorageClassName != nil {
		name = *claim.Spec.StorageClassName
	}
	class := s.classes[name]
	switch {
	case name == "":
		return nil, "", "has neither a volume nor a storage class"
	case class == nil:
		return nil, "", "storage class " + name + " is not found"
	case class.VolumeBindingMode == nil || *class.VolumeBindingMode == storagev1.VolumeBindingImmediate:
		if class.VolumeBindingMode != nil {
			problem = "storage class " + name + " binds at once, but it is not bound"
		}
	}
	return classTerms(class), inTree(class.Provisioner), problem
}

// volumeTerms are the alternatives of a volume's node affinity. Host names do not count for local volumes, whose node may
// be gone.
func volumeTerms(v *corev1.PersistentVolume) ([]kube.Requirements, error) {
	if v.Spec.NodeAffinity == nil || v.Spec.NodeAffinity.Required == nil {
		return nil, nil
	}
	local := v.Spec.Local != nil || v.Spec.HostPath != nil
	var out []kube.Requirements
	for _, t := range v.Spec.NodeAffinity.Required.NodeSelectorTerms {
		kept := t
		kept.MatchFields = nil
		if local {
			kept.MatchExpressions = slices.DeleteFunc(slices.Clone(t.MatchExpressions), func(e corev1.NodeSelectorRequirement) bool {
				return e.Key == corev1.LabelHostname
			})
		}
		if len(t.MatchExpressions) == 0 {
			continue
		}
		r, err := kube.TermRequirements(kept)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

func classTerms(class *storagev1.StorageClass) []kube.Requirements {
	var out []kube.Requirements
	for _, t := range class.AllowedTopologies {
		var list []kube.Requirement
		for _, e := range t.MatchLabelExpressions {
			r, _ := kube.NewRequirement(kube.NormalizeKey(e.Key), kube.In, e.Values...)
			list = append(list, r)
		}
		if len(list) > 0 {
			out = append(out, kube.NewRequirements(list...))
		}
	}
	return out
}

// volumeDriver is the CSI driver that attaches a volume; empty where none is known.
func volumeDriver(v *corev1.PersistentVolume) string {
	switch {
	case v.Spec.CSI != nil:
		return v.Spec.CSI.Driver
	case v.Spec.AWSElasticBlockStore != nil:
		return "ebs.csi.aws.com"
	}
	return ""
}

// inTree maps the provisioners that were once built into Kubernetes to their CSI drivers.
func inTree(provisioner string) string {
	switch provisioner {
	case "kubernetes.io/aws-ebs":
		return "ebs.csi.aws.com"
	case "kubernetes.io/gce-pd":
		return "pd.csi.storage.gke.io"
	case "kubernetes.io/azure-disk":
		return "disk.csi.azure.com"
	case "kubernetes.io/azure-file":
		return "file.csi.azure.com"
	case "kubernetes.io/cinder":
		return "cinder.csi.openstack.org"
	case "kubernetes.io/vsphere-volume":
		return "csi.vsphere.vmware.com"
	case "kubernetes.io/portworx-volume":
		return "pxd.portworx.com"
	}
	return provisioner
}

// volumeLimits are how many volumes a node may attach: what the node says, else its CSINode.
func (c *Cluster) volumeLimits(n *Node) volumeUse {
	u := volumeUse{limits: n.VolumeLimits}
	if u.limits == nil && c.storage != nil && c.storage.nodes[n.Object.Name] != nil {
		u.limits = map[string]int32{}
		for _, d := range c.storage.nodes[n.Object.Name].Spec.Drivers {
			if d.Allocatable != nil && d.Allocatable.Count != nil {
				u.limits[d.Name] = *d.Allocatable.Count
			}
		}
	}
	return u
}

// takes tells whether a pod's volumes can be attached too. A driver that is over its limit already keeps every pod away.
func (u *volumeUse) takes(v *podVolumes) bool {
	for driver, limit := range u.limits {
		n := len(u.used[driver])
		for i, name := range v.attach[driver] {
			if _, ok := u.used[driver][name]; !ok && !slices.Contains(v.attach[driver][:i], name) {
				n++
			}
		}
		if n > int(limit) {
			return false
		}
	}
	return true
}

// add attaches a pod's volumes.
func (u *volumeUse) add(v *podVolumes) {
	if len(v.attach) == 0 {
		return
	}
	if u.shared || u.used == nil {
		used := make(map[string]map[string]struct{}, len(u.used)+1)
		for driver, names := range u.used {
			used[driver] = maps.Clone(names)
		}
		u.used, u.shared = used, false
	}
	for driver, names := range v.attach {
		if u.used[driver] == nil {
			u.used[driver] = map[string]struct{}{}
		}
		for _, name := range names {
			u.used[driver][name] = struct{}{}
		}
	}
}

// clone returns a copy that leaves the original alone when volumes are added.
func (u volumeUse) clone() volumeUse {
	u.shared = true
	return u
}
