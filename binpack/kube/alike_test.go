package kube

import (
	"fmt"
	"reflect"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// filled makes a value in which every field is set and every list and map has one element.
func filled(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		filled(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			filled(v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		filled(v.Index(0))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		filled(key)
		filled(elem)
		v.SetMapIndex(key, elem)
	default:
		bump(v, 1)
	}
}

// bump sets a plain value.
func bump(v reflect.Value, n int) {
	if v.Kind() == reflect.String {
		v.SetString(fmt.Sprint("value-", n))
	} else {
		v.SetInt(int64(n))
	}
}

// leaves calls f with every place of a value changed, one at a time: another plain value, nothing where a pointer was, one
// element more or less.
func leaves(v reflect.Value, path string, f func(path string)) {
	try := func(name string, to reflect.Value) {
		old := reflect.New(v.Type()).Elem()
		old.Set(v)
		v.Set(to)
		f(path + name)
		v.Set(old)
	}
	switch v.Kind() {
	case reflect.Pointer:
		try(" = nil", reflect.Zero(v.Type()))
		leaves(v.Elem(), path, f)
	case reflect.Struct:
		for i := range v.NumField() {
			leaves(v.Field(i), path+"."+v.Type().Field(i).Name, f)
		}
	case reflect.Slice:
		try(" = nil", reflect.Zero(v.Type()))
		try(" twice", reflect.AppendSlice(reflect.AppendSlice(reflect.Zero(v.Type()), v), v))
		leaves(v.Index(0), path+"[0]", f)
	case reflect.Map:
		try(" = nil", reflect.Zero(v.Type()))
		other := reflect.MakeMap(v.Type())
		key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		filled(key)
		bump(elem, 2)
		other.SetMapIndex(key, elem)
		try(" another value", other)
	default:
		other := reflect.New(v.Type()).Elem()
		bump(other, 2)
		try(" another value", other)
	}
}

// Every field that the API has in rules about others, and every one it may gain, must count.
func TestAlikeSeesEveryField(t *testing.T) {
	check := func(a, b any, same func() bool) {
		filled(reflect.ValueOf(a).Elem())
		filled(reflect.ValueOf(b).Elem())
		if !same() {
			t.Errorf("%T: equal values are not alike", a)
		}
		count := 0
		leaves(reflect.ValueOf(b).Elem(), fmt.Sprintf("%T", b), func(path string) {
			count++
			if same() {
				t.Errorf("%s makes no difference", path)
			}
		})
		t.Logf("%T: %d changes seen", a, count)
	}
	var a, b corev1.Affinity
	check(&a, &b, func() bool { return sameAffinity(&a, &b) })
	var s, u corev1.TopologySpreadConstraint
	check(&s, &u, func() bool { return sameSpread(&s, &u) })
}

// What tells pods apart in the canonical form must tell them apart at first sight too.
func TestAlikeSeesThePod(t *testing.T) {
	always, never := corev1.ContainerRestartPolicyAlways, corev1.ContainerRestartPolicyOnFailure
	one := corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1")}
	changes := map[string]func(p *corev1.Pod){
		"namespace":      func(p *corev1.Pod) { p.Namespace = "other" },
		"read label":     func(p *corev1.Pod) { p.Labels["read"] = "2" },
		"node selector":  func(p *corev1.Pod) { p.Spec.NodeSelector = map[string]string{"a": "b"} },
		"cpu":            func(p *corev1.Pod) { p.Spec.Containers[0].Resources.Requests = one },
		"two containers": func(p *corev1.Pod) { p.Spec.Containers = append(p.Spec.Containers, corev1.Container{}) },
		"init container": func(p *corev1.Pod) { p.Spec.InitContainers = []corev1.Container{{RestartPolicy: &never}} },
		"sidecar":        func(p *corev1.Pod) { p.Spec.InitContainers = []corev1.Container{{RestartPolicy: &always}} },
		"overhead":       func(p *corev1.Pod) { p.Spec.Overhead = one },
		"pod level":      func(p *corev1.Pod) { p.Spec.Resources = &corev1.ResourceRequirements{Requests: one} },
		"host port":      func(p *corev1.Pod) { p.Spec.Containers[0].Ports = []corev1.ContainerPort{{HostPort: 80}} },
		"host port, udp": func(p *corev1.Pod) {
			p.Spec.Containers[0].Ports = []corev1.ContainerPort{{HostPort: 80, Protocol: corev1.ProtocolUDP}}
		},
		"toleration": func(p *corev1.Pod) { p.Spec.Tolerations = []corev1.Toleration{{Key: "a"}} },
		"claim": func(p *corev1.Pod) {
			p.Spec.Volumes = []corev1.Volume{{VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "c"}}}}
		},
		"disk": func(p *corev1.Pod) {
			p.Spec.Volumes = []corev1.Volume{{VolumeSource: corev1.VolumeSource{ISCSI: &corev1.ISCSIVolumeSource{IQN: "i"}}}}
		},
		"other disk": func(p *corev1.Pod) {
			p.Spec.Volumes = []corev1.Volume{{VolumeSource: corev1.VolumeSource{ISCSI: &corev1.ISCSIVolumeSource{IQN: "j"}}}}
		},
		"ephemeral": func(p *corev1.Pod) {
			p.Spec.Volumes = []corev1.Volume{{VolumeSource: corev1.VolumeSource{Ephemeral: &corev1.EphemeralVolumeSource{}}}}
		},
		"ephemeral of another": func(p *corev1.Pod) {
			p.Name = "other"
			p.Spec.Volumes = []corev1.Volume{{VolumeSource: corev1.VolumeSource{Ephemeral: &corev1.EphemeralVolumeSource{}}}}
		},
		"in effect": func(p *corev1.Pod) {
			p.Spec.Containers[0].Name = "c"
			p.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "c", AllocatedResources: one}}
		},
		"in effect, larger": func(p *corev1.Pod) {
			p.Spec.Containers[0].Name = "c"
			p.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "c", AllocatedResources: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("2")}}}
		},
	}
	base := func() *corev1.Pod {
		return &corev1.Pod{Spec: corev1.PodSpec{Containers: make([]corev1.Container, 1)}}
	}
	var c, long Classifier
	class := func(name string, p *corev1.Pod) {
		want, _ := long.WrittenOut(p)
		for range 2 {
			if got, err := c.Class(p.DeepCopy()); err != nil || got != want {
				t.Errorf("%s is of class %d (%v), not %d", name, got, err, want)
			}
		}
	}
	reader := base()
	reader.Labels = map[string]string{"read": "1"}
	reader.Spec.TopologySpreadConstraints = []corev1.TopologySpreadConstraint{{MatchLabelKeys: []string{"read"}}}
	class("reader", reader)
	class("nothing", base())
	for name, change := range changes {
		p := base()
		p.Labels = map[string]string{"not read": name}
		change(p)
		class(name, p)
	}
	if c.Len() < 15 {
		t.Errorf("%d classes only", c.Len())
	}
	shortcut := len(c.forms)
	for _, p := range []*corev1.Pod{base(), reader.DeepCopy()} {
		if _, err := c.Class(p); err != nil || len(c.forms) != shortcut {
			t.Errorf("a pod written like an earlier one took the long way (%v)", err)
		}
	}
}
