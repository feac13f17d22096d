package kube

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// Volumes is what a cluster knows of storage. Without it, claims are not looked at.
type Volumes struct {
	Claims  []*corev1.PersistentVolumeClaim // those that pods name
	Volumes []*corev1.PersistentVolume      // bound or available
	Classes []*storagev1.StorageClass       // that claims name
	Nodes   []*storagev1.CSINode            // how many volumes each driver may attach to a node
}

// volumeIndex finds storage objects by name.
type volumeIndex struct {
	claims  map[string]*corev1.PersistentVolumeClaim
	volumes map[string]*corev1.PersistentVolume
	classes map[string]*storagev1.StorageClass
	nodes   map[string]*storagev1.CSINode
	free    []*corev1.PersistentVolume // unbound, by name
}

func newVolumeIndex(v *Volumes) *volumeIndex {
	if v == nil {
		return nil
	}
	x := &volumeIndex{
		claims: map[string]*corev1.PersistentVolumeClaim{}, volumes: map[string]*corev1.PersistentVolume{},
		classes: map[string]*storagev1.StorageClass{}, nodes: map[string]*storagev1.CSINode{},
	}
	for _, c := range v.Claims {
		if c != nil {
			x.claims[c.Namespace+"/"+c.Name] = c
		}
	}
	for _, c := range v.Classes {
		if c != nil {
			x.classes[c.Name] = c
		}
	}
	for _, n := range v.Nodes {
		if n != nil {
			x.nodes[n.Name] = n
		}
	}
	for _, p := range v.Volumes {
		if p == nil {
			continue
		}
		x.volumes[p.Name] = p
		if p.Spec.ClaimRef == nil {
			x.free = append(x.free, p)
		}
	}
	slices.SortFunc(x.free, func(a, b *corev1.PersistentVolume) int { return strings.Compare(a.Name, b.Name) })
	return x
}

// VolumeNeeds is what the volumes of a pod demand of a node.
type VolumeNeeds struct {
	Problem string           // why no node will do, such as a claim that does not exist; empty where there is none
	Places  []VolumePlace    // all of them must hold
	Attach  []VolumeToAttach // what the node attaches
	Single  []string         // claims (namespace/name) with access mode ReadWriteOncePod: one pod at a time in the cluster
	disks   []disk
}

// VolumePlace says where one claim can be used: on nodes that one of the alternatives selects.
type VolumePlace struct {
	Claim        string         // namespace/name
	Alternatives []NodeSelector // one of which must hold
	Bound        bool           // the claim has its volume; else one is found or made once the node is known
	zones        []zoneLabel    // the volume's zone and region labels
	onNode       string         // the node that the provisioner was told; empty: none yet
}

type zoneLabel struct {
	key    string
	values []string
}

// VolumeToAttach is a volume that counts against the limit of its driver, once per node however many pods use it.
type VolumeToAttach struct {
	Driver string // the CSI driver
	Handle string // what the driver knows the volume by
}

// disk is a volume written in the pod itself that two pods may not share.
type disk struct {
	kind, id string
	monitors []string
	readOnly bool // two readers are fine
}

func (d *disk) conflicts(o *disk) bool {
	if d.kind != o.kind || d.id != o.id || d.readOnly && o.readOnly {
		return false
	}
	return d.monitors == nil || slices.ContainsFunc(d.monitors, func(m string) bool { return slices.Contains(o.monitors, m) })
}

// NeedsOf resolves the volumes of a pod. Claims of generic ephemeral volumes are those named after the pod.
func (v *Volumes) NeedsOf(pod *corev1.Pod) VolumeNeeds { return newVolumeIndex(v).needs(pod) }

// needs resolves a pod's volumes; without an index only what is written in the pod itself.
func (x *volumeIndex) needs(pod *corev1.Pod) VolumeNeeds {
	var out VolumeNeeds
	for i := range pod.Spec.Volumes {
		v := &pod.Spec.Volumes[i]
		if d, ok := inlineDisk(v); ok {
			out.disks = append(out.disks, d)
		}
		name, ephemeral := claimName(pod, v)
		if name == "" || x == nil || out.Problem != "" {
			continue
		}
		x.claim(&out, pod.Namespace+"/"+name, name, ephemeral)
	}
	return out
}

// claimName is the claim behind a volume, if there is one.
func claimName(pod *corev1.Pod, v *corev1.Volume) (name string, ephemeral bool) {
	switch {
	case v.PersistentVolumeClaim != nil:
		return v.PersistentVolumeClaim.ClaimName, false
	case v.Ephemeral != nil:
		return pod.Name + "-" + v.Name, true
	}
	return "", false
}

func inlineDisk(v *corev1.Volume) (disk, bool) {
	switch {
	case v.GCEPersistentDisk != nil:
		return disk{kind: "gce", id: v.GCEPersistentDisk.PDName, readOnly: v.GCEPersistentDisk.ReadOnly}, true
	case v.AWSElasticBlockStore != nil:
		return disk{kind: "ebs", id: v.AWSElasticBlockStore.VolumeID}, true
	case v.ISCSI != nil:
		return disk{kind: "iscsi", id: v.ISCSI.IQN, readOnly: v.ISCSI.ReadOnly}, true
	case v.RBD != nil:
		return disk{kind: "rbd", id: v.RBD.RBDPool + "/" + v.RBD.RBDImage, monitors: v.RBD.CephMonitors, readOnly: v.RBD.ReadOnly}, true
	}
	return disk{}, false
}

// claim adds what one claim demands.
func (x *volumeIndex) claim(out *VolumeNeeds, key, name string, ephemeral bool) {
	c := x.claims[key]
	switch {
	case c == nil && ephemeral:
		out.Problem = fmt.Sprintf("waiting for ephemeral volume controller to create the persistentvolumeclaim %q", name)
		return
	case c == nil:
		out.Problem = fmt.Sprintf("persistentvolumeclaim %q not found", name)
		return
	case c.DeletionTimestamp != nil:
		out.Problem = fmt.Sprintf("persistentvolumeclaim %q is being deleted", name)
		return
	case c.Status.Phase == corev1.ClaimLost:
		out.Problem = fmt.Sprintf("persistentvolumeclaim %q bound to non-existent persistentvolume %q", name, c.Spec.VolumeName)
		return
	}
	if slices.Contains(c.Spec.AccessModes, corev1.ReadWriteOncePod) {
		out.Single = append(out.Single, key)
	}
	if c.Spec.VolumeName != "" {
		x.bound(out, key, c.Spec.VolumeName)
		return
	}
	class := x.classes[className(c)]
	if class == nil || class.VolumeBindingMode == nil || *class.VolumeBindingMode != storagev1.VolumeBindingWaitForFirstConsumer {
		out.Problem = "pod has unbound immediate PersistentVolumeClaims"
		return
	}
	place := VolumePlace{Claim: key, onNode: c.Annotations["volume.kubernetes.io/selected-node"]}
	if place.onNode == "" {
		for _, p := range x.free {
			if suits(p, c) {
				place.Alternatives = append(place.Alternatives, volumeSelector(p))
			}
		}
	}
	if class.Provisioner != "" && class.Provisioner != "kubernetes.io/no-provisioner" {
		place.Alternatives = append(place.Alternatives, topologies(class)...)
		out.Attach = append(out.Attach, VolumeToAttach{class.Provisioner, key})
	}
	out.Places = append(out.Places, place)
}

func className(c *corev1.PersistentVolumeClaim) string {
	if name, ok := c.Annotations[corev1.BetaStorageClassAnnotation]; ok {
		return name
	}
	if c.Spec.StorageClassName == nil {
		return ""
	}
	return *c.Spec.StorageClassName
}

func (x *volumeIndex) bound(out *VolumeNeeds, key, volume string) {
	p := x.volumes[volume]
	if p == nil {
		out.Problem = fmt.Sprintf("persistentvolume %q not found", volume)
		return
	}
	place := VolumePlace{Claim: key, Bound: true, Alternatives: []NodeSelector{volumeSelector(p)}}
	for _, k := range zoneKeys {
		if v, ok := p.Labels[k]; ok {
			place.zones = append(place.zones, zoneLabel{k, strings.Split(v, "__")})
		}
	}
	out.Places = append(out.Places, place)
	if driver, handle := attachment(p); driver != "" {
		out.Attach = append(out.Attach, VolumeToAttach{driver, handle})
	}
}

var zoneKeys = []string{
	corev1.LabelFailureDomainBetaZone, corev1.LabelFailureDomainBetaRegion, corev1.LabelTopologyZone, corev1.LabelTopologyRegion,
}

// attachment is the driver and handle of a volume; volumes of the old built-in kinds belong to the drivers that took over.
func attachment(p *corev1.PersistentVolume) (driver, handle string) {
	switch s := &p.Spec.PersistentVolumeSource; {
	case s.CSI != nil:
		return s.CSI.Driver, s.CSI.VolumeHandle
	case s.AWSElasticBlockStore != nil:
		id := s.AWSElasticBlockStore.VolumeID
		return "ebs.csi.aws.com", id[strings.LastIndexByte(id, '/')+1:]
	case s.GCEPersistentDisk != nil:
		return "pd.csi.storage.gke.io", s.GCEPersistentDisk.PDName
	case s.AzureDisk != nil:
		return "disk.csi.azure.com", s.AzureDisk.DataDiskURI
	case s.Cinder != nil:
		return "cinder.csi.openstack.org", s.Cinder.VolumeID
	}
	return "", ""
}

func volumeSelector(p *corev1.PersistentVolume) NodeSelector {
	var s NodeSelector
	if p.Spec.NodeAffinity != nil {
		s.addTerms(p.Spec.NodeAffinity.Required)
	}
	return s
}

// topologies are where a class provisions: one selector per topology term, or everywhere.
func topologies(class *storagev1.StorageClass) []NodeSelector {
	if len(class.AllowedTopologies) == 0 {
		return []NodeSelector{{}}
	}
	var out []NodeSelector
	for _, t := range class.AllowedTopologies {
		var term corev1.NodeSelectorTerm
		for _, e := range t.MatchLabelExpressions {
			term.MatchExpressions = append(term.MatchExpressions, corev1.NodeSelectorRequirement{Key: e.Key, Operator: In, Values: e.Values})
		}
		var s NodeSelector
		if len(term.MatchExpressions) > 0 {
			s.addTerms(&corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{term}})
		}
		out = append(out, s)
	}
	return out
}

// suits tells whether an available volume can serve a claim.
func suits(p *corev1.PersistentVolume, c *corev1.PersistentVolumeClaim) bool {
	if p.Spec.StorageClassName != className(c) || p.DeletionTimestamp != nil || mode(p.Spec.VolumeMode) != mode(c.Spec.VolumeMode) {
		return false
	}
	for _, m := range c.Spec.AccessModes {
		if !slices.Contains(p.Spec.AccessModes, m) {
			return false
		}
	}
	want, have := c.Spec.Resources.Requests[corev1.ResourceStorage], p.Spec.Capacity[corev1.ResourceStorage]
	if have.Cmp(want) < 0 {
		return false
	}
	if c.Spec.Selector == nil {
		return true
	}
	s, err := newPodSelector(nil, c.Spec.Selector, nil, nil)
	return err == nil && s.labels.Matches(labels.Set(p.Labels))
}

func mode(m *corev1.PersistentVolumeMode) corev1.PersistentVolumeMode {
	if m == nil {
		return corev1.PersistentVolumeFilesystem
	}
	return *m
}

// keys calls f for every node label that the place depends on.
func (p *VolumePlace) keys(f func(string)) {
	for i := range p.Alternatives {
		p.Alternatives[i].keys(f)
	}
	if len(p.zones) > 0 {
		for _, k := range zoneKeys {
			f(k)
		}
	}
}

// admits tells whether the claim can be used on a node; the rule that forbids it where not.
func (p *VolumePlace) admits(name string, node map[string]string) (bool, Rule) {
	if p.onNode != "" && p.onNode != name {
		return false, VolumeBinding
	}
	if !slices.ContainsFunc(p.Alternatives, func(s NodeSelector) bool { return s.Matches(name, node) }) {
		if p.Bound {
			return false, VolumeNode
		}
		return false, VolumeBinding
	}
	if len(p.zones) > 0 && slices.ContainsFunc(zoneKeys, func(k string) bool { _, ok := node[k]; return ok }) {
		for _, z := range p.zones {
			v, ok := node[z.key]
			if !ok {
				v, ok = node[NormalizeKey(z.key)]
			}
			if !ok || !slices.Contains(z.values, v) {
				return false, VolumeZone
			}
		}
	}
	return true, 0
}

func (p *VolumePlace) byName() bool {
	return p.onNode != "" || slices.ContainsFunc(p.Alternatives, func(s NodeSelector) bool { return s.byName() })
}
