package vpa

import (
	"encoding/json"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// updatesAnnotation tells what the webhook did to a pod.
const updatesAnnotation = "vpaUpdates"

// PatchOp is one operation of a JSON patch.
type PatchOp struct {
	// Op is "add" or "remove".
	Op string `json:"op"`
	// Path is the JSON pointer.
	Path string `json:"path"`
	// Value is what is added; nothing for "remove".
	Value any `json:"value,omitempty"`
}

// String is the operation as JSON.
func (o PatchOp) String() string {
	text, err := json.Marshal(o)
	if err != nil {
		return o.Op + " " + o.Path // values are strings and empty objects
	}
	return string(text)
}

func add(path string, value any) PatchOp { return PatchOp{"add", path, value} }

func addAnnotation(name, value string) PatchOp {
	return add("/metadata/annotations/"+pointer(name), value)
}

// pointer escapes a name as part of a JSON pointer.
func pointer(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

// Operations is the whole patch: with the operation that creates the pod's annotations where it has none.
func (d *Admission) Operations() []PatchOp {
	if !d.NeedsAnnotations || len(d.Patch) == 0 {
		return d.Patch
	}
	return append([]PatchOp{add("/metadata/annotations", map[string]string{})}, d.Patch...)
}

// patch makes the operations on all containers, and the annotations (W2, W3). Where upstream follows the order of a map,
// resources are in order of their names.
func (a *admitter) patch(containers []ContainerAdmission) ([]PatchOp, error) {
	var ops []PatchOp
	var updates []string
	for i := range containers {
		c := &containers[i]
		give, notes := c.Resources, c.Notes
		if a.object.Mode() == UpdateModeOff {
			c.Reason = AdmitModeOff
			give, notes = ContainerResources{}, nil
		}
		if a.cfg.Gates.CPUStartupBoost {
			if a.object.Spec.ResourcePolicy.PolicyFor(c.Name).off() {
				c.Reason = AdmitContainerOff
				continue
			}
			boosted, err := a.boost(i, give)
			if err != nil {
				return nil, err
			}
			if boosted != nil {
				original, err := originalResources(&a.pod.Spec.Containers[i])
				if err != nil {
					return nil, err
				}
				c.Boosted, give = boosted, *boosted
				ops = append(ops, addAnnotation(boostAnnotation+c.Name, original))
			}
		}
		if a.profile.EmptyPatch && len(give.Requests) == 0 && len(give.Limits) == 0 {
			continue
		}
		own, names := resourceOps(i, c.was, give)
		if memory := give.Requests[corev1.ResourceMemory]; memory.Sign() < 0 {
			c.Defect = "a pod LimitRange scaled nothing to -1 byte"
		} else if len(own) > 0 && len(names) == 0 {
			c.Defect = "an empty resources object is made although there is nothing to set"
		}
		if len(own) > 0 {
			ops = append(ops, own...)
			all := append(append([]string{}, notes...), names...)
			updates = append(updates, fmt.Sprintf("container %d: %s", i, strings.Join(all, ", ")))
		}
	}
	if len(updates) > 0 {
		ops = append(ops, addAnnotation(updatesAnnotation,
			fmt.Sprintf("Pod resources updated by %s: %s", a.object.Name, strings.Join(updates, "; "))))
	}
	return append(ops, addAnnotation(observedContainersAnnotation, observedValue(a.pod))), nil
}

// resourceOps are the operations on one container's resources, and what they set in words.
func resourceOps(i int, was, give ContainerResources) (ops []PatchOp, names []string) {
	base := fmt.Sprintf("/spec/containers/%d/resources", i)
	if was.Requests == nil && was.Limits == nil {
		ops = append(ops, add(base, struct{}{})) // W2: even when there is nothing to set
	}
	for _, part := range [...]struct {
		field, word string
		was, give   corev1.ResourceList
	}{{"requests", "request", was.Requests, give.Requests}, {"limits", "limit", was.Limits, give.Limits}} {
		if part.was == nil && len(part.give) > 0 {
			ops = append(ops, add(base+"/"+part.field, struct{}{}))
		}
		for _, name := range resourceNames(part.give) {
			q := part.give[name]
			ops = append(ops, add(base+"/"+part.field+"/"+pointer(string(name)), q.String()))
			names = append(names, string(name)+" "+part.word)
		}
	}
	return ops, names
}

func observedValue(pod *corev1.Pod) string {
	names := make([]string, len(pod.Spec.Containers))
	for i := range names {
		names[i] = pod.Spec.Containers[i].Name
	}
	return strings.Join(names, observedSeparator)
}
