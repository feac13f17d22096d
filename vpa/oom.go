package vpa

import (
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// OOMEvent is an out-of-memory kill that was seen in the status of a pod or in an event.
type OOMEvent struct {
	// Pod is the pod's name.
	Pod string `json:"pod"`
	// Container is the container that was killed.
	Container string `json:"container"`
	// At is when.
	At time.Time `json:"at"`
	// Request is the memory it requested then, in bytes; of an eviction, what it used.
	Request Amount `json:"request"`
}

const oomKilled = "OOMKilled"

// DetectOOMs finds the out-of-memory kills between two versions of a pod (O6, O7).
func DetectOOMs(old, now *corev1.Pod) []OOMEvent {
	if old == nil || now == nil {
		return nil
	}
	var found []OOMEvent
	for i := range now.Status.ContainerStatuses {
		s := &now.Status.ContainerStatuses[i]
		was := statusOf(old, s.Name)
		if was == nil {
			continue
		}
		restarted := s.RestartCount > was.RestartCount
		end, requests := s.State.Terminated, now
		switch {
		case end != nil && end.Reason == oomKilled && (was.State.Terminated == nil || restarted):
		case s.State.Running != nil && was.State.Running != nil && restarted && s.LastTerminationState.Terminated != nil &&
			s.LastTerminationState.Terminated.Reason == oomKilled:
			end, requests = s.LastTerminationState.Terminated, old
		default:
			continue
		}
		list, _ := inEffect(requests, s.Name)
		found = append(found, OOMEvent{Pod: now.Name, Container: s.Name, At: end.FinishedAt.Time, Request: MemoryAmount(list[corev1.ResourceMemory])})
	}
	return found
}

func statusOf(pod *corev1.Pod, container string) *corev1.ContainerStatus {
	for i := range pod.Status.ContainerStatuses {
		if pod.Status.ContainerStatuses[i].Name == container {
			return &pod.Status.ContainerStatuses[i]
		}
	}
	return nil
}

// The annotations of a kubelet's eviction event: lists of equal length, joined by commas.
const (
	offendingContainers = "offending_containers"
	offendingUsage      = "offending_containers_usage"
	starvedResource     = "starved_resource"
)

// EvictionOOMs reads the containers that a kubelet evicted a pod for because memory ran short (O8). Entries that do not
// parse are left out.
func EvictionOOMs(event *corev1.Event) []OOMEvent {
	if event == nil || event.Reason != "Evicted" || event.InvolvedObject.Kind != "Pod" {
		return nil
	}
	split := func(name string) []string {
		if text, ok := event.Annotations[name]; ok {
			return strings.Split(text, ",")
		}
		return nil
	}
	containers, usage, starved := split(offendingContainers), split(offendingUsage), split(starvedResource)
	if len(containers) != len(usage) || len(usage) != len(starved) {
		return nil
	}
	var found []OOMEvent
	for i := range containers {
		if starved[i] != string(corev1.ResourceMemory) {
			continue
		}
		q, err := resource.ParseQuantity(usage[i])
		if err != nil {
			continue
		}
		found = append(found, OOMEvent{Pod: event.InvolvedObject.Name, Container: containers[i], At: event.CreationTimestamp.Time, Request: MemoryAmount(q)})
	}
	return found
}
