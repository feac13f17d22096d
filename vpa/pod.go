package vpa

import (
	"sort"
	"strings"
)

// Pod is what the recommender wants to know of a running pod.
type Pod struct {
	// Name is the pod's name, unique among the pods of a VerticalPodAutoscaler.
	Name string `json:"name"`
	// Labels are the pod's labels; all of them are the key of what is aggregated (A1).
	Labels map[string]string `json:"labels,omitempty"`
	// Containers are the pod's containers, without init containers (S5).
	Containers []PodContainer `json:"containers"`
}

// PodContainer is a container of a [Pod].
type PodContainer struct {
	// Name is the container's name.
	Name string `json:"name"`
	// MemoryRequest is what it requests, in bytes.
	MemoryRequest Amount `json:"memoryRequest,omitempty"`
}

// LabelKey writes labels as the key of an aggregate: sorted, joined by commas (A1).
func LabelKey(labels map[string]string) string {
	keys := make([]string, 0, len(labels))
	size := 0
	for k, v := range labels {
		keys = append(keys, k)
		size += len(k) + len(v) + 2
	}
	sort.Strings(keys)
	var key strings.Builder
	key.Grow(size)
	for i, k := range keys {
		if i > 0 {
			key.WriteByte(',')
		}
		key.WriteString(k)
		key.WriteByte('=')
		key.WriteString(labels[k])
	}
	return key.String()
}
