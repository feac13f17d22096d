package vpa

import (
	"encoding/json"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// The annotation that asks for whole cores of a container is the prefix, the container's name and the suffix (P4).
const (
	wholeCPUPrefix = "vpa-post-processor.kubernetes.io/"
	wholeCPUSuffix = "_integerCPU"
)

// Values are quantities of the resources that are recommended.
type Values struct {
	// CPU is meant where HasCPU is set.
	CPU resource.Quantity
	// Memory is meant where HasMemory is set.
	Memory resource.Quantity
	// HasCPU tells that CPU is recommended.
	HasCPU bool
	// HasMemory tells that memory is recommended.
	HasMemory bool
}

// List is the same as a resource list.
func (v *Values) List() corev1.ResourceList {
	list := make(corev1.ResourceList, 2)
	if v.HasCPU {
		list[corev1.ResourceCPU] = v.CPU
	}
	if v.HasMemory {
		list[corev1.ResourceMemory] = v.Memory
	}
	return list
}

// MarshalJSON writes the values as a resource list.
func (v Values) MarshalJSON() ([]byte, error) { return json.Marshal(v.List()) }

// UnmarshalJSON reads a resource list; resources other than CPU and memory are left out.
func (v *Values) UnmarshalJSON(text []byte) error {
	var list corev1.ResourceList
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}
	*v = Values{}
	v.CPU, v.HasCPU = list[corev1.ResourceCPU]
	v.Memory, v.HasMemory = list[corev1.ResourceMemory]
	return nil
}

// Cap says which bound replaced a recommended value.
type Cap string

// The bounds of the recommender.
const (
	// NotCapped means that no bound replaced the value.
	NotCapped Cap = ""
	// CappedToMin means that the policy's minimum did.
	CappedToMin Cap = "minAllowed"
	// CappedToMax means that the policy's or the global maximum did.
	CappedToMax Cap = "maxAllowed"
)

// Caps say which bound replaced each value of a list.
type Caps struct {
	// CPU is the bound that replaced CPU.
	CPU Cap `json:"cpu,omitempty"`
	// Memory is the bound that replaced memory.
	Memory Cap `json:"memory,omitempty"`
}

// values rounds amounts and makes quantities of them (F1, F2, P4).
func (s *Settings) values(a Amounts, p *policy, wholeCPU bool, into *Values) {
	*into = Values{HasCPU: p.cpu, HasMemory: p.memory}
	if p.cpu {
		into.CPU = roundUp(a.CPU, s.cfg.RoundCPUMillicores).CPU()
		if wholeCPU {
			into.CPU = *resource.NewQuantity(into.CPU.Value(), into.CPU.Format)
		}
	}
	if p.memory {
		memory := roundUp(a.Memory, s.cfg.RoundMemoryBytes)
		if s.cfg.HumanizeMemory {
			into.Memory = humanize(memory)
		} else {
			into.Memory = memory.Memory()
		}
	}
}

// clamp brings values within a policy's bounds; a value that is out of bounds becomes the bound, format included (P5).
func (p *policy) clamp(v *Values) (caps Caps) {
	if v.HasCPU {
		caps.CPU = p.bound[0].clamp(&v.CPU)
	}
	if v.HasMemory {
		caps.Memory = p.bound[1].clamp(&v.Memory)
	}
	return caps
}

func (b *bounds) clamp(q *resource.Quantity) Cap {
	result := NotCapped
	if !b.min.IsZero() && q.Cmp(b.min) < 0 {
		*q, result = b.min, CappedToMin
	}
	if !b.max.IsZero() && q.Cmp(b.max) > 0 {
		*q, result = b.max, CappedToMax
	}
	return result
}
