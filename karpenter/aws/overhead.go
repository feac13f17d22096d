package aws

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// coreShares are the thousandths of thousandths of cores reserved for Kubernetes: of the first core, the second, the third
// and fourth, and of all beyond (R90).
var coreShares = []struct{ upto, share int64 }{{1, 600}, {2, 100}, {4, 50}, {math.MaxInt64, 25}}

// KubeReservedCPU is what Kubernetes keeps of a number of cores, in thousandths of a core; each part is rounded down.
func KubeReservedCPU(cores int64) int64 {
	var milli, from int64
	for _, s := range coreShares {
		if cores <= from {
			break
		}
		milli += (min(cores, s.upto) - from) * s.share / 10
		from = s.upto
	}
	return milli
}

// KubeReservedMemory is what Kubernetes keeps of memory for a number of pods, in MiB (R91).
func KubeReservedMemory(pods int64) int64 { return 11*pods + 255 }

func (r *resolver) overhead(capacity corev1.ResourceList) (corev1.ResourceList, error) {
	podsForMemory := r.pods()
	if r.family.memoryByENI() {
		podsForMemory = r.eniPods(0) // R91: reserved interfaces are in it, whatever maxPods says
	}
	kube := corev1.ResourceList{
		corev1.ResourceCPU:              *resource.NewMilliQuantity(KubeReservedCPU(r.info.VCpuInfo.DefaultVCpus), resource.DecimalSI),
		corev1.ResourceMemory:           *resource.NewQuantity(KubeReservedMemory(podsForMemory)*mib, resource.BinarySI),
		corev1.ResourceEphemeralStorage: resource.MustParse("1Gi"),
	}
	if err := override(kube, "kubeReserved", r.kubelet.KubeReserved); err != nil {
		return nil, err
	}
	system := corev1.ResourceList{}
	if err := override(system, "systemReserved", r.kubelet.SystemReserved); err != nil {
		return nil, err
	}
	eviction, err := r.eviction(capacity)
	if err != nil {
		return nil, err
	}
	for _, more := range []corev1.ResourceList{system, eviction} {
		for name, q := range more {
			sum := kube[name]
			sum.Add(q)
			kube[name] = sum
		}
	}
	return kube, nil
}

func override(list corev1.ResourceList, field string, by map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(by)) {
		q, err := resource.ParseQuantity(by[name])
		if err != nil || q.Sign() < 0 {
			return fmt.Errorf("%w: kubelet: %s.%s: %q is no quantity", ErrInvalid, field, name, by[name])
		}
		list[corev1.ResourceName(name)] = q
	}
	return nil
}

// eviction is what the kubelet evicts pods to keep free (R92).
func (r *resolver) eviction(capacity corev1.ResourceList) (corev1.ResourceList, error) {
	storage := capacity[corev1.ResourceEphemeralStorage]
	list := corev1.ResourceList{
		corev1.ResourceMemory:           resource.MustParse("100Mi"),
		corev1.ResourceEphemeralStorage: *resource.NewQuantity(int64(math.Ceil(float64(storage.Value())/100*10)), resource.BinarySI),
	}
	for _, signal := range []struct {
		name     string
		resource corev1.ResourceName
	}{{"memory.available", corev1.ResourceMemory}, {"nodefs.available", corev1.ResourceEphemeralStorage}} {
		text, ok := r.kubelet.EvictionHard[signal.name]
		if !ok {
			continue
		}
		q, err := threshold(capacity[signal.resource], text)
		if err != nil {
			return nil, fmt.Errorf("%w: kubelet: evictionHard.%s: %q is neither a quantity nor a share such as 5%%", ErrInvalid, signal.name, text)
		}
		list[signal.resource] = q
	}
	return list, nil
}

// threshold is a quantity, or a share of the capacity rounded up; 100% switches the signal off.
func threshold(capacity resource.Quantity, text string) (resource.Quantity, error) {
	share, ok := strings.CutSuffix(text, "%")
	if !ok {
		q, err := resource.ParseQuantity(text)
		if err == nil && q.Sign() < 0 {
			err = resource.ErrFormatWrong
		}
		return q, err
	}
	percent, err := strconv.ParseFloat(share, 64)
	if err == nil && !(percent >= 0 && percent <= 100) {
		err = strconv.ErrRange
	}
	if err != nil {
		return resource.Quantity{}, err
	}
	if percent == 100 {
		percent = 0
	}
	return *resource.NewQuantity(int64(math.Ceil(float64(capacity.Value())/100*percent)), resource.BinarySI), nil
}
